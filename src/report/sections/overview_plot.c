/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "overview.h"
#include "plots.h"
#include "report/pictures/plot_names.h"
#include "report/widgets/judgement.h"

/* Two powers of ten either way are enough to see; what is beyond stands at the edge, its number in the table. */
static const double widest = 2, narrowest = 0.1;

/* The left part of the picture has the metrics' names. */
static const double names_width = 0.235;

enum { NAMED_SCENARIOS = 30 };

/* Panels stand side by side on one axis: panel p is centred at p * step, in powers of ten. */
struct panels {
    double half, step;
};

/* --- few contrasts: points with intervals --- */

static struct panels panels_of(const struct tb_view *view, const struct tb_overview *overview)
{
    double half = narrowest;
    for (size_t i = 0; i < overview->contrast_count; i++)
        for (size_t m = 0; m < overview->metric_count; m++) {
            const double ratio = tb_overview_ratio(view, overview->contrasts[i], overview->metrics[m]);
            half = isnan(ratio) ? half : fmax(half, fabs(log10(ratio)));
        }
    half = 1.1 * fmin(half, widest);
    return (struct panels){half, 2.25 * half};
}

static double within(double power, double half)
{
    return power < -half ? -half : power > half ? half : power;
}

/* An end of an interval; the ratio itself where the interval has none. */
static double end_of(double end, double otherwise, double half)
{
    return isfinite(end) && end > 0 ? within(log10(end), half) : isinf(end) && end > 0 ? half : otherwise;
}

static void write_point(FILE *script, const struct tb_view *view, const struct panels *panels, size_t contrast,
                        size_t metric, double centre, size_t row)
{
    const size_t at = contrast * view->metrics + metric;
    const double power = within(log10(tb_overview_ratio(view, contrast, metric)), panels->half);
    const double low = view->fieller_low[at] <= 0 ? -panels->half : end_of(view->fieller_low[at], power, panels->half);
    const double high = end_of(view->fieller_high[at], power, panels->half);
    fprintf(script, "%.6g %.6g %.6g -%zu %d\n", centre + power, centre + fmin(low, power), centre + fmax(high, power),
            row, (int)tb_verdict_shown(view, contrast, metric));
}

static void write_points(FILE *script, const struct tb_view *view, const struct tb_overview *overview,
                         const struct panels *panels)
{
    fputs("$points << EOD\nNaN NaN NaN NaN 0\n", script);
    for (size_t p = 0; p < overview->contrast_count; p++)
        for (size_t m = 0; m < overview->metric_count; m++)
            if (!isnan(tb_overview_ratio(view, overview->contrasts[p], overview->metrics[m])))
                write_point(script, view, panels, overview->contrasts[p], overview->metrics[m],
                            (double)p * panels->step, m);
    fputs("EOD\n", script);
}

/* How many runs have a value, where not all of the cell have. */
static int few_values(const struct tb_view *view, size_t contrast, size_t metric)
{
    const size_t cells[] = {(size_t)view->contrast_cell[contrast], (size_t)view->contrast_reference[contrast]};
    int fewest = -1;
    for (size_t i = 0; i < 2; i++) {
        const int n = view->n[cells[i] * view->metrics + metric];
        if (n < view->cell_runs[cells[i]] && (fewest < 0 || n < fewest))
            fewest = n;
    }
    return fewest;
}

/* Gives how many there are: gnuplot 5.4 ends with a fault where it has no label to write. */
static size_t write_counts(FILE *script, const struct tb_view *view, const struct tb_overview *overview,
                           const struct panels *panels)
{
    size_t count = 0;
    fputs("$counts << EOD\nNaN NaN x\n", script);
    for (size_t p = 0; p < overview->contrast_count; p++)
        for (size_t m = 0; m < overview->metric_count; m++) {
            const int few = few_values(view, overview->contrasts[p], overview->metrics[m]);
            if (few < 0 || isnan(tb_overview_ratio(view, overview->contrasts[p], overview->metrics[m])))
                continue;
            fprintf(script, "%.6g -%zu n=%d\n", (double)p * panels->step + panels->half, m, few);
            count++;
        }
    fputs("EOD\n", script);
    return count;
}

/* Ratios that have a mark, as far as they fit. */
static void write_marks(FILE *script, const struct tb_overview *overview, const struct panels *panels)
{
    enum { SETS = 4, MARKS = 5 };
    static const double sets[SETS][MARKS] = {
        {0.01, 0.1, 1, 10, 100}, {0.2, 0.5, 1, 2, 5}, {0.7, 0.85, 1, 1.2, 1.4}, {0.8, 0.9, 1, 1.1, 1.25}};
    const char *separator = "";
    size_t set = 0; /* the widest of which one mark at least fits on either side of 1 */
    while (set + 1 < SETS && fabs(log10(sets[set][1])) > panels->half)
        set++;
    const double *const marks = sets[set];
    fputs("set xtics nomirror scale 0.5 (", script);
    for (size_t p = 0; p < overview->contrast_count; p++)
        for (size_t i = 0; i < MARKS; i++) {
            if (fabs(log10(marks[i])) > panels->half)
                continue;
            fprintf(script, "%s'%g' %.6g", separator, marks[i], (double)p * panels->step + log10(marks[i]));
            separator = ", ";
        }
    fputs(")\n", script);
}

static void write_panels(FILE *script, const struct tb_view *view, const struct tb_overview *overview,
                         const struct panels *panels)
{
    const double closeness = tb_overview_closeness(view), bottom = -(double)overview->metric_count + 0.4;
    for (size_t p = 0; p < overview->contrast_count; p++) {
        const size_t cell = (size_t)view->contrast_cell[overview->contrasts[p]];
        const double centre = (double)p * panels->step;
        fprintf(script,
                "set object rectangle from %.6g,%.6g to %.6g,0.6 behind fc rgb '#3c9f68' fs transparent solid 0.15 "
                "noborder\nset arrow from %.6g,%.6g to %.6g,0.6 nohead back lc rgb '#999999' lw 0.6\nset label ",
                centre + log10(1 - closeness), bottom, centre + log10(1 + closeness), centre, bottom, centre);
        tb_plot_name(script, 'N', (size_t)view->cell_testbed[cell], view->testbed_name[view->cell_testbed[cell]]);
        fprintf(script, " at %.6g,2.1 center font ',14'\nset label ", centre);
        tb_plot_name(script, 'G', (size_t)view->cell_scenario[cell], view->scenario_label[view->cell_scenario[cell]]);
        fprintf(script, " at %.6g,1.15 center font ',11'\n", centre);
    }
}

/* --- many contrasts: a map --- */

/* What a place of the map shows. */
enum shade { SHADE_NONE, SHADE_SIMILAR, SHADE_UNDECIDED, SHADE_HIGHER, SHADE_LOWER, SHADES };

static const char *const shade_colours[SHADES] = {"", "#3c9f68", "#e0b34a", "#c9505a", "#4482c3"};

static enum shade shade_of(const struct tb_view *view, size_t contrast, size_t metric)
{
    const double ratio = tb_overview_ratio(view, contrast, metric);
    if (isnan(ratio))
        return SHADE_NONE;
    switch (tb_verdict_shown(view, contrast, metric)) {
    case TB_SHOWN_SIMILAR:
        return SHADE_SIMILAR;
    case TB_SHOWN_DIFFERENT:
        return ratio > 1 ? SHADE_HIGHER : SHADE_LOWER;
    default:
        return SHADE_UNDECIDED;
    }
}

/* Neighbours of one shade are one rectangle, so that the drawing stays small. */
static void write_map_row(FILE *script, const struct tb_view *view, const struct tb_overview *overview, size_t row)
{
    size_t first = 0;
    for (size_t i = 1; i <= overview->contrast_count; i++) {
        const enum shade shade = shade_of(view, overview->contrasts[first], overview->metrics[row]);
        if (i < overview->contrast_count && shade_of(view, overview->contrasts[i], overview->metrics[row]) == shade)
            continue;
        if (shade != SHADE_NONE)
            fprintf(script, "%.6g -%zu %zu %zu %d\n", ((double)first + (double)i) / 2, row, first, i, (int)shade);
        first = i;
    }
}

static void write_map(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    fputs("$map << EOD\nNaN NaN NaN NaN 0\n", script);
    for (size_t row = 0; row < overview->metric_count; row++)
        write_map_row(script, view, overview, row);
    fputs("EOD\n", script);
}

/* The testbeds' names over their contrasts, and lines between them. */
static void write_map_testbeds(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    size_t first = 0;
    for (size_t i = 1; i <= overview->contrast_count; i++) {
        const size_t testbed = (size_t)view->cell_testbed[view->contrast_cell[overview->contrasts[first]]];
        if (i < overview->contrast_count &&
            (size_t)view->cell_testbed[view->contrast_cell[overview->contrasts[i]]] == testbed)
            continue;
        fputs("set label ", script);
        tb_plot_name(script, 'N', testbed, view->testbed_name[testbed]);
        fprintf(
            script,
            " at %.6g,1.3 center font ',14'\nset arrow from %zu,%.6g to %zu,0.5 nohead front lc rgb '#999999' lw 1\n",
            ((double)first + (double)i) / 2, i, -(double)overview->metric_count + 0.5, i);
        first = i;
    }
}

/* Few scenarios have their names below; of many only the order is said. */
static void write_map_scenarios(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    if (overview->contrast_count > NAMED_SCENARIOS) {
        fputs("set xtics scale 0 format ''\nset xlabel 'scenarios, in the order of the results file'\n", script);
        return;
    }
    fputs("set xtics nomirror scale 0 rotate by 30 right font ',11' (", script);
    for (size_t i = 0; i < overview->contrast_count; i++) {
        const size_t scenario = (size_t)view->cell_scenario[view->contrast_cell[overview->contrasts[i]]];
        fputs(i == 0 ? "" : ", ", script);
        tb_plot_name(script, 'G', scenario, view->scenario_label[scenario]);
        fprintf(script, " %.6g", (double)i + 0.5);
    }
    fputs(")\n", script);
}

/* --- both --- */

/* Of a metric, as far as it fits beside the picture. */
static void write_row_name(FILE *script, const char *name)
{
    enum { MOST = 40 };
    const bool whole = strlen(name) <= MOST;
    for (const char *at = name; *at != '\0' && at < name + MOST; at++)
        fputc(*at == '_' ? ' ' : *at == '\'' ? ' ' : *at, script);
    fputs(whole ? "" : "...", script);
}

static void write_rows(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    fputs("set ytics nomirror scale 0 (", script);
    for (size_t m = 0; m < overview->metric_count; m++) {
        fputs(m == 0 ? "'" : ", '", script);
        write_row_name(script, view->metric_name[overview->metrics[m]]);
        fprintf(script, "' -%zu", m);
    }
    fputs(")\n", script);
}

static void draw_points(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    static const struct {
        enum tb_shown_verdict verdict;
        int point;
        const char *colour;
    } looks[] = {
        {TB_SHOWN_SIMILAR, 7, "#3c9f68"}, {TB_SHOWN_UNDECIDED, 6, "#b98a1d"}, {TB_SHOWN_DIFFERENT, 5, "#c9505a"}};
    const struct panels panels = panels_of(view, overview);
    write_points(script, view, overview, &panels);
    const size_t counts = write_counts(script, view, overview, &panels);
    write_panels(script, view, overview, &panels);
    write_marks(script, overview, &panels);
    fprintf(script, "set xrange [%.6g:%.6g]\nset yrange [%.6g:2.8]\nplot ", -panels.half * 1.05,
            (double)(overview->contrast_count - 1) * panels.step + panels.half * 1.15,
            -(double)overview->metric_count + 0.3);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        fprintf(script, "%s$points using ($5==%d?$1:NaN):4:2:3 with xerrorbars pt %d ps 0.7 lw 1.4 lc rgb '%s' notitle",
                i == 0 ? "" : ", ", (int)looks[i].verdict, looks[i].point, looks[i].colour);
    fputs(counts > 0 ? ", $counts using 1:2:3 with labels right font ',9' notitle\n" : "\n", script);
}

static void draw_map(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    write_map(script, view, overview);
    write_map_testbeds(script, view, overview);
    write_map_scenarios(script, view, overview);
    fprintf(script, "set style fill solid noborder\nset xrange [0:%zu]\nset yrange [%.6g:2]\nplot ",
            overview->contrast_count, -(double)overview->metric_count + 0.4);
    for (int shade = SHADE_NONE + 1; shade < SHADES; shade++)
        fprintf(script, "%s$map using ($5==%d?$1:NaN):2:3:4:($2-0.42):($2+0.42) with boxxyerror lc rgb '%s' notitle",
                shade == SHADE_NONE + 1 ? "" : ", ", shade, shade_colours[shade]);
    fputs("\n", script);
}

/* What names of scenarios below a map take, in pixels: gnuplot itself leaves more than twice as much. */
static size_t names_height(const struct tb_view *view, const struct tb_overview *overview)
{
    enum { BASE = 26, SENTENCE = 40, MOST = 40 };
    static const double per_letter = 3.2; /* 6.4 wide, and rising by a half */
    size_t longest = 0;
    if (overview->contrast_count > NAMED_SCENARIOS)
        return SENTENCE;
    for (size_t i = 0; i < overview->contrast_count; i++) {
        const size_t length =
            strlen(view->scenario_label[view->cell_scenario[view->contrast_cell[overview->contrasts[i]]]]);
        longest = length > longest ? length : longest;
    }
    return BASE + (size_t)(per_letter * (double)(longest < MOST ? longest : MOST));
}

void tb_overview_script(FILE *script, const struct tb_view *view, const struct tb_overview *overview)
{
    const size_t names = overview->is_map ? names_height(view, overview) : 0;
    const size_t height = (overview->is_map ? 40 + names : 90) + (overview->is_map ? 15 : 18) * overview->metric_count;
    fprintf(script,
            "set terminal svg size 1120,%zu dynamic noenhanced font 'sans-serif,13'\nunset key\nset border 0\n"
            "set lmargin at screen %g\nset rmargin at screen 0.995\nset tmargin 0.5\n",
            height, names_width);
    if (overview->is_map)
        fprintf(script, "set bmargin at screen %.4f\n", (double)names / (double)height);
    write_rows(script, view, overview);
    if (overview->is_map)
        draw_map(script, view, overview);
    else
        draw_points(script, view, overview);
    fputs("reset\n", script);
}
