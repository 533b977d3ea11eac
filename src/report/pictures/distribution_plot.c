/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "distribution_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_names.h"
#include "plot_style.h"

enum { PERCENTS = 101 };

const struct tb_distribution tb_distributions[TB_DISTRIBUTIONS] = {
    {"request-times", "Times of requests", "time of a request, ms", "% of requests", "application",
     "<code>/app/request_time_*</code>", TB_FIELD_REQUEST_TIME_MILLISECONDS, 1, 1, 4},
    {"server-segments", "Sizes of the server's segments", "payload, bytes", "% of segments", "network",
     "<code>/net/capture_server_segment</code>", TB_FIELD_CAPTURE_SERVER_SEGMENT, 1, 20, 2},
    {"server-rtt", "Round-trip times of the server's segments", "from a segment to its acknowledgement, ms",
     "% of segments", "network", "<code>/net/capture_server_rtt</code>", TB_FIELD_CAPTURE_SERVER_RTT, 1000, 1, 1},
    {"server-gaps", "Gaps between packets that the server sent on a flow", "from a packet to the next, ms", "% of gaps",
     "network", "<code>/net/capture_server_gap</code>", TB_FIELD_CAPTURE_SERVER_GAP, 1000, 1, 1},
};

/* --- the curves of a file --- */

/* Tables of -g, with whole milliseconds, are not needed where some are of -e. */
static size_t rank_of_table(const struct tb_view *view, size_t artifact)
{
    return strcmp(view->artifact_kind[artifact], "ab csv") != 0;
}

static size_t rank_of_capture(const struct tb_view *view, size_t artifact)
{
    static const char *const points[] = {"client", "server", "link"};
    size_t rank = 0;
    while (rank < sizeof points / sizeof points[0] && strcmp(view->artifact_point[artifact], points[rank]) != 0)
        rank++;
    return rank;
}

/* Files that were withdrawn are in no metric either. */
static void add(struct tb_curves *curves, const struct tb_view *view, int32_t artifact, size_t rank,
                const double *values)
{
    if (view->artifact_state[artifact] == TB_ARTIFACT_USED)
        curves->items[curves->count++] = (struct tb_curve){
            .cell = (size_t)view->run_cell[view->artifact_run[artifact]], .rank = rank, .values = values};
}

/* Percents of one table stand one behind the other. */
static bool is_whole(const int32_t *artifacts, const int32_t *percents)
{
    for (int32_t p = 0; p < PERCENTS; p++)
        if (percents[p] != p || artifacts[p] != artifacts[0])
            return false;
    return true;
}

static void read_tables(struct tb_curves *curves, const struct tb_view *view, const double *values, size_t count)
{
    const int32_t *artifacts = tb_results_int32(view->results, TB_FIELD_REQUEST_TIME_ARTIFACT, NULL);
    const int32_t *percents = tb_results_int32(view->results, TB_FIELD_REQUEST_TIME_PERCENT, NULL);
    for (size_t i = 0; artifacts != NULL && percents != NULL && i < count * PERCENTS; i += PERCENTS)
        if (is_whole(artifacts + i, percents + i))
            add(curves, view, artifacts[i], rank_of_table(view, (size_t)artifacts[i]), values + i);
}

static void read_captures(struct tb_curves *curves, const struct tb_view *view, const double *values, size_t count)
{
    const int32_t *artifacts = tb_results_int32(view->results, TB_FIELD_CAPTURE_ARTIFACT, NULL);
    for (size_t i = 0; artifacts != NULL && i < count; i++)
        add(curves, view, artifacts[i], rank_of_capture(view, (size_t)artifacts[i]), values + i * PERCENTS);
}

static int by_cell(const void *left, const void *right)
{
    const struct tb_curve *a = left, *b = right;
    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Metrics of a cell are measured at one point, and so is what is drawn of it. */
static void keep_lowest_ranks(struct tb_curves *curves)
{
    size_t kept = 0;
    qsort(curves->items, curves->count, sizeof *curves->items, by_cell);
    for (size_t i = 0; i < curves->count; i++)
        if (kept == 0 || curves->items[kept - 1].cell != curves->items[i].cell ||
            curves->items[kept - 1].rank == curves->items[i].rank)
            curves->items[kept++] = curves->items[i];
    curves->count = kept;
}

static size_t count_curves(const struct tb_view *view, const struct tb_distribution *distribution)
{
    if (distribution->field == TB_FIELD_REQUEST_TIME_MILLISECONDS)
        return (size_t)tb_results_size(view->results, TB_DIMENSION_REQUEST_TIME) / PERCENTS;
    return tb_results_size(view->results, TB_DIMENSION_PERCENT) == PERCENTS
               ? (size_t)tb_results_size(view->results, TB_DIMENSION_CAPTURE)
               : 0;
}

enum tb_status tb_curves_load(struct tb_curves *curves, const struct tb_view *view,
                              const struct tb_distribution *distribution, struct tb_error *error)
{
    const size_t count = count_curves(view, distribution);
    const double *values = tb_results_float64(view->results, distribution->field, NULL);
    *curves = (struct tb_curves){.distribution = distribution,
                                 .items = calloc(count + 1, sizeof *curves->items),
                                 .row = calloc(count + 1, sizeof *curves->row)};
    if (curves->items == NULL || curves->row == NULL)
        return tb_error_memory(error, "the report's plots");
    if (values != NULL && distribution->field == TB_FIELD_REQUEST_TIME_MILLISECONDS)
        read_tables(curves, view, values, count);
    else if (values != NULL)
        read_captures(curves, view, values, count);
    keep_lowest_ranks(curves);
    return TB_OK;
}

void tb_curves_free(struct tb_curves *curves)
{
    free(curves->items);
    free(curves->row);
}

/* --- a percent of a cell --- */

static int compare_values(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The first curve of a cell; count when there is none. */
static size_t first_curve(const struct tb_curves *curves, size_t cell)
{
    size_t low = 0, high = curves->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (curves->items[middle].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NaN without any; least above 0, as times may stand on a logarithmic axis. */
struct over_runs {
    double least, median, greatest;
};

static struct over_runs of_sorted(const double *values, size_t n)
{
    if (n == 0)
        return (struct over_runs){NAN, NAN, NAN};
    const double median = n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    return (struct over_runs){values[0], median, values[n - 1]};
}

/* All percents of a cell, which may be absent. */
static void look_at_cell(const struct tb_curves *curves, size_t cell, struct over_runs runs[PERCENTS])
{
    const size_t first = first_curve(curves, cell);
    for (size_t percent = 0; percent < PERCENTS; percent++) {
        size_t n = 0;
        for (size_t i = first; i < curves->count && curves->items[i].cell == cell; i++)
            if (curves->items[i].values[percent] > 0)
                curves->row[n++] = curves->items[i].values[percent] * curves->distribution->scale;
        if (n > 1)
            qsort(curves->row, n, sizeof *curves->row, compare_values);
        runs[percent] = of_sorted(curves->row, n);
    }
}

static bool has_curves(const struct tb_curves *curves, size_t cell)
{
    const size_t first = first_curve(curves, cell);
    return first < curves->count && curves->items[first].cell == cell;
}

/* --- the scenarios in which testbeds differ most --- */

/* How far a cell is from the baseline's: the mean over all percents, as a power. */
static double distance(const struct tb_curves *curves, size_t cell, const struct over_runs baseline[PERCENTS])
{
    struct over_runs runs[PERCENTS];
    double sum = 0;
    size_t n = 0;
    look_at_cell(curves, cell, runs);
    for (size_t percent = 0; percent < PERCENTS; percent++) {
        const double power = log(runs[percent].median / baseline[percent].median);
        if (!isfinite(power))
            continue;
        sum += fabs(power);
        n++;
    }
    return n == 0 ? 0 : sum / (double)n;
}

/* Below 0 when the scenario has no curves; 0 when it has, but none of the baseline. */
static double spread(const struct tb_curves *curves, const struct tb_view *view, size_t scenario)
{
    const size_t first = tb_view_cell(view, scenario, 0);
    struct over_runs baseline[PERCENTS];
    double most = -1;
    look_at_cell(curves, first, baseline);
    for (size_t t = 0; t < view->testbeds; t++) {
        const size_t cell = tb_view_cell(view, scenario, t);
        if (cell != TB_ABSENT && has_curves(curves, cell))
            most = fmax(most, t == 0 || first == TB_ABSENT ? 0 : distance(curves, cell, baseline));
    }
    return most;
}

struct tb_chosen tb_curves_choose(const struct tb_curves *curves, const struct tb_view *view)
{
    struct tb_chosen chosen = {.count = 0};
    for (size_t s = 0; s < view->scenarios; s++) {
        const double far = tb_view_instrumented(view, s) ? spread(curves, view, s) : -1;
        if (far >= 0)
            tb_chosen_offer(&chosen, curves->distribution->scenarios, s, far);
    }
    return chosen;
}

/* --- the drawing --- */

/* The band is one outline: up along the least runs, down along the greatest. */
static void write_blocks(FILE *script, const struct over_runs runs[PERCENTS], size_t testbed)
{
    fprintf(script, "$band%zu << EOD\n", testbed);
    for (size_t p = 0; p < PERCENTS; p++)
        if (isfinite(runs[p].least))
            fprintf(script, "%.6g %zu\n", runs[p].least, p);
    for (size_t p = PERCENTS; p-- > 0;)
        if (isfinite(runs[p].greatest))
            fprintf(script, "%.6g %zu\n", runs[p].greatest, p);
    fprintf(script, "NaN NaN\nEOD\n$median%zu << EOD\nNaN NaN\n", testbed);
    for (size_t p = 0; p < PERCENTS; p++)
        if (isfinite(runs[p].median))
            fprintf(script, "%.6g %zu\n", runs[p].median, p);
    fputs("EOD\n", script);
}

void tb_distribution_script(FILE *script, const struct tb_view *view, const struct tb_curves *curves, size_t scenario)
{
    double low = INFINITY, high = 0;
    for (size_t t = 0; t < view->testbeds; t++) {
        struct over_runs runs[PERCENTS];
        look_at_cell(curves, tb_view_cell(view, scenario, t), runs);
        write_blocks(script, runs, t);
        for (size_t p = 0; p < PERCENTS; p++) {
            low = fmin(low, runs[p].least);
            high = fmax(high, runs[p].greatest);
        }
    }
    tb_plot_begin(script, 330, 225);
    fprintf(script, "set format x '%%g'\nset xlabel '%s'\nset ylabel '%s'\n%s", curves->distribution->axis,
            curves->distribution->share,
            high > curves->distribution->wide * low ? "set logscale x\n"
                                                    : "set xrange [0:*]\nset offsets 0, graph 0.05, 0, 0\n");
    fputs("set yrange [0:100]\nset key outside top center horizontal samplen 1\n"
          "set style fill transparent solid 0.18 noborder\nplot ",
          script);
    for (size_t t = 0; t < view->testbeds; t++)
        fprintf(script, "%s$band%zu using 1:2 with filledcurves closed lc rgb '%s' notitle", t == 0 ? "" : ", ", t,
                tb_plot_colour(t));
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, ", $median%zu using 1:2 with lines lw 1.8 dt %zu lc rgb '%s' title ", t, 1 + t % 4,
                tb_plot_colour(t));
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
}
