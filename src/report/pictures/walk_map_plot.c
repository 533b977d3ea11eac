/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "walk_map_plot.h"

#include <math.h>

#include "plot_names.h"
#include "plot_style.h"

/* Above these a map has no place on a page. */
enum { WALKS_READ = 4000000, RUNS_DRAWN = 40 };

/* Columns of the walks; rows 0 without any. */
struct walks {
    const int32_t *window, *order, *basis, *chain_run, *sequence_run, *valid;
    const double *bits;
    size_t rows;
};

/* Many rows, so they are read when they are drawn. */
static struct walks read_walks(const struct tb_view *view)
{
    struct walks walks = {0};
    const uint64_t rows = tb_results_size(view->results, TB_DIMENSION_WALK);
    if (rows == 0 || rows > WALKS_READ)
        return walks;
    walks.window = tb_results_int32(view->results, TB_FIELD_WALK_WINDOW, NULL);
    walks.order = tb_results_int32(view->results, TB_FIELD_WALK_ORDER, NULL);
    walks.basis = tb_results_int32(view->results, TB_FIELD_WALK_BASIS, NULL);
    walks.chain_run = tb_results_int32(view->results, TB_FIELD_WALK_CHAIN_RUN, NULL);
    walks.sequence_run = tb_results_int32(view->results, TB_FIELD_WALK_SEQUENCE_RUN, NULL);
    walks.valid = tb_results_int32(view->results, TB_FIELD_WALK_VALID, NULL);
    walks.bits = tb_results_float64(view->results, TB_FIELD_WALK_SMOOTHED_BITS_PER_TRANSITION, NULL);
    if (walks.window != NULL && walks.order != NULL && walks.basis != NULL && walks.chain_run != NULL &&
        walks.sequence_run != NULL && walks.valid != NULL && walks.bits != NULL)
        walks.rows = (size_t)rows;
    return walks;
}

static bool is_run_of(const struct tb_view *view, int32_t run, size_t scenario)
{
    return run >= 0 && (size_t)run < view->runs && (size_t)view->run_scenario[run] == scenario;
}

/* Where a run stands in its cell; TB_ABSENT when it would be too far. */
static size_t place_of(const struct tb_view *view, int32_t run)
{
    const size_t cell = (size_t)view->run_cell[run];
    for (size_t i = view->cell_first_run[cell]; i < view->cell_first_run[cell + 1]; i++)
        if (view->runs_by_cell[i] == (size_t)run)
            return i - view->cell_first_run[cell] < RUNS_DRAWN ? i - view->cell_first_run[cell] : TB_ABSENT;
    return TB_ABSENT;
}

static bool is_of(const struct tb_view *view, const struct walks *walks, const struct tb_walk_map *map, size_t row)
{
    return walks->window[row] == map->window && walks->order[row] == map->order && walks->basis[row] == 0 &&
           is_run_of(view, walks->chain_run[row], map->scenario) &&
           is_run_of(view, walks->sequence_run[row], map->scenario) && view->run_testbed[walks->chain_run[row]] == 0 &&
           isfinite(walks->bits[row]);
}

bool tb_walk_map_find(const struct tb_view *view, size_t scenario, struct tb_walk_map *map)
{
    const struct walks walks = read_walks(view);
    *map = (struct tb_walk_map){.scenario = scenario, .window = -1, .order = INT32_MAX};
    for (size_t w = 0; w < view->windows && map->window < 0; w++)
        if ((size_t)view->window_scenario[w] == scenario && view->window_role[w] == TB_VIEW_CLIENT &&
            view->window_setting[w] == 0)
            map->window = (int32_t)w;
    for (size_t row = 0; row < walks.rows; row++)
        if (walks.window[row] == map->window && walks.order[row] < map->order)
            map->order = walks.order[row];
    for (size_t row = 0; row < walks.rows; row++)
        if (is_of(view, &walks, map, row))
            return true;
    return false;
}

/* The runs of a testbed that are drawn. */
static size_t runs_of(const struct tb_view *view, size_t scenario, size_t testbed)
{
    const size_t cell = tb_view_cell(view, scenario, testbed);
    const size_t runs = cell == TB_ABSENT ? 0 : view->cell_first_run[cell + 1] - view->cell_first_run[cell];
    return runs < RUNS_DRAWN ? runs : RUNS_DRAWN;
}

/* Where the panel of a testbed begins; of the one behind the last, where all end. */
static size_t begin_of(const struct tb_view *view, size_t scenario, size_t testbed)
{
    size_t begin = 0;
    for (size_t t = 0; t < testbed; t++)
        begin += runs_of(view, scenario, t) + 1;
    return begin;
}

static void write_walks(FILE *script, const struct tb_view *view, const struct tb_walk_map *map)
{
    const struct walks walks = read_walks(view);
    fputs("$walks << EOD\nNaN NaN NaN 0\n", script);
    for (size_t row = 0; row < walks.rows; row++) {
        if (!is_of(view, &walks, map, row))
            continue;
        const size_t chain = place_of(view, walks.chain_run[row]), sequence = place_of(view, walks.sequence_run[row]);
        if (chain == TB_ABSENT || sequence == TB_ABSENT)
            continue;
        fprintf(script, "%zu %zu %.6g %d\n",
                begin_of(view, map->scenario, (size_t)view->run_testbed[walks.sequence_run[row]]) + sequence + 1,
                chain + 1, walks.bits[row], walks.valid[row] == 1);
    }
    fputs("EOD\n", script);
}

void tb_walk_map_script(FILE *script, const struct tb_view *view, const struct tb_walk_map *map)
{
    const size_t height = runs_of(view, map->scenario, 0), width = begin_of(view, map->scenario, view->testbeds);
    write_walks(script, view, map);
    tb_plot_begin(script, 640, 300);
    fprintf(script,
            "unset key\nunset grid\nset tmargin 2\nset border 0\nset tics scale 0\nset palette defined (0 '#dbe7f5', "
            "0.5 '#5b93d2', 1 "
            "'#12355f')\nset cblabel 'bits / transition'\nset format cb '%%g'\nset style fill solid noborder\n"
            "set xlabel 'runs whose sequence is walked'\nset xrange [0.4:%zu.6]\n"
            "set yrange [%zu.6:0.4]\nset ytics 1,%d\nset format x ''\n",
            width - 1, height,
            height > 20   ? 10
            : height > 10 ? 5
                          : 1);
    fputs("set ylabel \"chains of the baseline's runs\"\n", script);
    for (size_t t = 0; t < view->testbeds; t++) {
        fputs("set label ", script);
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
        fprintf(script, " at first %.6g, graph 1.05 center\n",
                (double)begin_of(view, map->scenario, t) + 0.5 + (double)runs_of(view, map->scenario, t) / 2);
    }
    fputs("plot $walks using 1:2:($1-0.46):($1+0.46):($2-0.46):($2+0.46):3 with boxxyerror lc palette, $walks using "
          "($4==0?$1:NaN):2 with points pt 2 ps 0.8 lw 2.2 lc rgb '#ff7a1a'\nreset\n",
          script);
}
