/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "request_times_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_names.h"
#include "plot_style.h"

enum { PERCENTS = 101 };

/* The tables of all runs; rows 0 without any. */
struct tables {
    const int32_t *run, *artifact, *percent;
    const double *milliseconds;
    size_t rows;
    bool exact; /* some table is of -e: those of -g, with whole milliseconds, are not needed */
};

static bool is_exact(const struct tb_view *view, size_t artifact)
{
    return strcmp(view->artifact_kind[artifact], "ab csv") == 0;
}

static bool is_usable(const struct tb_view *view, const struct tables *tables, size_t row)
{
    return tables->run[row] >= 0 && (size_t)tables->run[row] < view->runs && tables->artifact[row] >= 0 &&
           (size_t)tables->artifact[row] < view->artifacts && tables->percent[row] >= 0 &&
           tables->percent[row] < PERCENTS && tables->milliseconds[row] > 0;
}

/* Many rows, so they are read when they are drawn. A file without them has no tables. */
static struct tables read_tables(const struct tb_view *view)
{
    struct tables tables = {
        .run = tb_results_int32(view->results, TB_FIELD_REQUEST_TIME_RUN, NULL),
        .artifact = tb_results_int32(view->results, TB_FIELD_REQUEST_TIME_ARTIFACT, NULL),
        .percent = tb_results_int32(view->results, TB_FIELD_REQUEST_TIME_PERCENT, NULL),
        .milliseconds = tb_results_float64(view->results, TB_FIELD_REQUEST_TIME_MILLISECONDS, NULL),
    };
    if (tables.run != NULL && tables.artifact != NULL && tables.percent != NULL && tables.milliseconds != NULL)
        tables.rows = (size_t)tb_results_size(view->results, TB_DIMENSION_REQUEST_TIME);
    for (size_t row = 0; row < tables.rows && !tables.exact; row++)
        tables.exact = is_usable(view, &tables, row) && is_exact(view, (size_t)tables.artifact[row]);
    return tables;
}

static bool is_of(const struct tb_view *view, const struct tables *tables, size_t row, size_t scenario)
{
    if (!is_usable(view, tables, row) || (size_t)view->run_scenario[tables->run[row]] != scenario)
        return false;
    return is_exact(view, (size_t)tables->artifact[row]) == tables->exact;
}

void tb_request_times_find(const struct tb_view *view, bool *has)
{
    const struct tables tables = read_tables(view);
    for (size_t row = 0; row < tables.rows; row++)
        if (is_usable(view, &tables, row))
            has[view->run_scenario[tables.run[row]]] |= is_exact(view, (size_t)tables.artifact[row]) == tables.exact;
}

static int compare_times(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The times of a testbed by percent, ascending. */
struct times {
    double *values; /* owned; [PERCENTS * most] */
    size_t count[PERCENTS];
    size_t most;
};

static void count_times(const struct tb_view *view, const struct tables *tables, size_t scenario, size_t testbed,
                        struct times *times)
{
    *times = (struct times){0};
    for (size_t row = 0; row < tables->rows; row++)
        if (is_of(view, tables, row, scenario) && (size_t)view->run_testbed[tables->run[row]] == testbed)
            times->count[tables->percent[row]]++;
    for (size_t p = 0; p < PERCENTS; p++) {
        times->most = times->count[p] > times->most ? times->count[p] : times->most;
        times->count[p] = 0;
    }
}

static enum tb_status collect(const struct tb_view *view, const struct tables *tables, size_t scenario, size_t testbed,
                              struct times *times, struct tb_error *error)
{
    count_times(view, tables, scenario, testbed, times);
    times->values = calloc(PERCENTS * times->most + 1, sizeof *times->values);
    if (times->values == NULL)
        return tb_error_memory(error, "the report's plots");
    for (size_t row = 0; row < tables->rows; row++) {
        const size_t percent = (size_t)tables->percent[row];
        if (is_of(view, tables, row, scenario) && (size_t)view->run_testbed[tables->run[row]] == testbed)
            times->values[percent * times->most + times->count[percent]++] = tables->milliseconds[row];
    }
    for (size_t p = 0; p < PERCENTS; p++)
        if (times->count[p] > 0)
            qsort(times->values + p * times->most, times->count[p], sizeof *times->values, compare_times);
    return TB_OK;
}

static double median(const struct times *times, size_t percent)
{
    const double *values = times->values + percent * times->most;
    const size_t n = times->count[percent];
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The band is one outline: up along the least runs, down along the greatest. */
static void write_blocks(FILE *script, const struct times *times, size_t testbed)
{
    fprintf(script, "$band%zu << EOD\n", testbed);
    for (size_t p = 0; p < PERCENTS; p++)
        if (times->count[p] > 0)
            fprintf(script, "%.6g %zu\n", times->values[p * times->most], p);
    for (size_t p = PERCENTS; p-- > 0;)
        if (times->count[p] > 0)
            fprintf(script, "%.6g %zu\n", times->values[p * times->most + times->count[p] - 1], p);
    fprintf(script, "NaN NaN\nEOD\n$times%zu << EOD\nNaN NaN\n", testbed);
    for (size_t p = 0; p < PERCENTS; p++)
        if (times->count[p] > 0)
            fprintf(script, "%.6g %zu\n", median(times, p), p);
    fputs("EOD\n", script);
}

enum tb_status tb_request_times_script(FILE *script, const struct tb_view *view, size_t scenario,
                                       struct tb_error *error)
{
    const struct tables tables = read_tables(view);
    for (size_t t = 0; t < view->testbeds; t++) {
        struct times times;
        const enum tb_status status = collect(view, &tables, scenario, t, &times, error);
        if (status != TB_OK)
            return status;
        write_blocks(script, &times, t);
        free(times.values);
    }
    tb_plot_begin(script, 330, 225);
    fputs("set logscale x\nset format x '%g'\nset xlabel 'time of a request, ms'\nset ylabel '% of requests'\n"
          "set yrange [0:100]\nset key outside top center horizontal samplen 1\n"
          "set style fill transparent solid 0.18 noborder\nplot ",
          script);
    for (size_t t = 0; t < view->testbeds; t++)
        fprintf(script, "%s$band%zu using 1:2 with filledcurves closed lc rgb '%s' notitle", t == 0 ? "" : ", ", t,
                tb_plot_colour(t));
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, ", $times%zu using 1:2 with lines lw 1.8 dt %zu lc rgb '%s' title ", t, 1 + t % 4,
                tb_plot_colour(t));
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
    return TB_OK;
}
