/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "overview.h"
#include "reads.h"
#include "report/pictures/plot_names.h"
#include "report/widgets/gnuplot.h"
#include "walk_profiles.h"

enum { PAYLOAD_PLOTS = 6, READS_PLOTS = 4, READS_TRIED = 64, RUN_DOTS = 200, TERMS_DRAWN = 60, PROFILE_PLOTS = 8 };

/* Readable on light and on dark ground; told apart by point types as well. */
static const char *const colours[] = {"#4482c3", "#d97f2e", "#3c9f68", "#a06cc8",
                                      "#c9505a", "#2f9ea5", "#8c8c3c", "#7d7d7d"};
enum { COLOURS = sizeof colours / sizeof colours[0] };
const char *tb_plot_colour(size_t testbed)
{
    return colours[testbed % COLOURS];
}

static const int points[COLOURS] = {7, 5, 9, 11, 13, 6, 4, 8};

static size_t value_at(const struct tb_view *view, size_t scenario, size_t testbed, size_t metric)
{
    size_t cell = tb_view_cell(view, scenario, testbed);
    if (metric == TB_ABSENT || cell == TB_ABSENT || view->n[cell * view->metrics + metric] == 0)
        return TB_ABSENT;
    return cell * view->metrics + metric;
}

static bool any_value(const struct tb_view *view, size_t scenario, size_t metric)
{
    for (size_t t = 0; t < view->testbeds; t++)
        if (value_at(view, scenario, t, metric) != TB_ABSENT)
            return true;
    return false;
}

/* Whether two scenarios differ in nothing but the size factor. */
static bool same_but_size(const struct tb_view *view, size_t a, size_t b)
{
    for (size_t f = 0; f < view->factors; f++)
        if (f != view->size_factor && strcmp(tb_view_level(view, a, f), tb_view_level(view, b, f)) != 0)
            return false;
    return true;
}

static void run_dots(FILE *script, const struct tb_view *view, size_t scenario, size_t metric)
{
    fputs("$runs << EOD\nNaN NaN\n", script);
    for (size_t t = 0; t < view->testbeds; t++) {
        size_t cell = tb_view_cell(view, scenario, t);
        if (cell == TB_ABSENT)
            continue;
        size_t first = view->cell_first_run[cell];
        size_t count = view->cell_first_run[cell + 1] - first;
        if (count > RUN_DOTS)
            count = RUN_DOTS;
        for (size_t i = 0; i < count; i++) {
            double value = view->run_value[view->runs_by_cell[first + i] * view->metrics + metric];
            if (isfinite(value))
                fprintf(script, "%g %.17g\n", (double)t + 0.12 + 0.24 * (double)i / (double)count, value);
        }
    }
    fputs("EOD\n", script);
}

static double highest(const struct tb_view *view, size_t scenario, size_t metric)
{
    double high = 0;
    for (size_t t = 0; t < view->testbeds; t++) {
        size_t cell = tb_view_cell(view, scenario, t);
        if (value_at(view, scenario, t, metric) == TB_ABSENT)
            continue;
        high = fmax(high, view->normal_high[cell * view->metrics + metric]);
        for (size_t i = view->cell_first_run[cell]; i < view->cell_first_run[cell + 1]; i++)
            high = fmax(high, view->run_value[view->runs_by_cell[i] * view->metrics + metric]);
    }
    return high > 0 ? high : 1;
}

/* A unit in which numbers up to high are short. */
struct unit {
    double size;
    const char *name;
};

/* units: from the largest to one of size 1. */
static struct unit unit_for(double high, const struct unit *units)
{
    while (units->size > 1 && high < 2 * units->size)
        units++;
    return *units;
}

static const struct unit byte_units[] = {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "bytes"}};
static const struct unit call_units[] = {{1e6, "million calls"}, {1e3, "thousand calls"}, {1, "calls"}};

/* Figure 2a, one scenario: mean with its interval, and a dot a run. */
static void payload_script(FILE *script, const struct tb_view *view, size_t scenario)
{
    size_t metric = tb_view_metric(view, "server_payload_per_request");
    double high = highest(view, scenario, metric);
    const struct unit unit = unit_for(high, byte_units);
    run_dots(script, view, scenario, metric);
    fputs("$means << EOD\n", script);
    for (size_t t = 0; t < view->testbeds; t++) {
        size_t at = value_at(view, scenario, t, metric);
        if (at != TB_ABSENT)
            fprintf(script, "%zu %.17g %.17g %.17g\n", t, view->mean[at], view->normal_low[at], view->normal_high[at]);
        else
            fprintf(script, "%zu NaN NaN NaN\n", t);
    }
    fprintf(script,
            "EOD\nu = %g\nset terminal svg size 400,300 dynamic noenhanced font 'sans-serif,13'\nunset key\n"
            "set border 3\nset tics nomirror\nset grid y lc rgb '#999999' lw 0.4 dt 3\n"
            "set format y '%%g'\nset ylabel '%s per request'\n"
            "set xrange [-0.5:%g]\nset yrange [0:%.17g]\nset xtics (",
            unit.size, unit.name, (double)view->testbeds - 0.5, 1.12 * high / unit.size);
    for (size_t t = 0; t < view->testbeds; t++) {
        fputs(t == 0 ? "" : ", ", script);
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
        fprintf(script, " %zu", t);
    }
    fputs(")\nplot $runs using 1:($2/u) with points pt 7 ps 0.28 lc rgb '#999999'", script);
    for (size_t t = 0; t < view->testbeds; t++)
        fprintf(
            script,
            ", $means every ::%zu::%zu using 1:($2/u):($3/u):($4/u) with yerrorbars pt %d ps 0.9 lw 1.6 lc rgb '%s'", t,
            t, points[t % COLOURS], colours[t % COLOURS]);
    fputs("\nreset\n", script);
}

/* A point of figure 2b; both ends are the value itself where there is no interval. */
struct reads_point {
    double value, low, high; /* NaN where there is none */
};

static struct reads_point reads_point(const struct tb_view *view, size_t scenario, size_t testbed,
                                      enum tb_plot_kind kind)
{
    const size_t at = value_at(view, scenario, testbed, tb_view_metric(view, "client_reads_per_request"));
    if (at == TB_ABSENT)
        return (struct reads_point){NAN, NAN, NAN};
    if (kind == TB_PLOT_READS)
        return (struct reads_point){view->mean[at], view->normal_low[at], view->normal_high[at]};
    const double value = tb_reads_over_rate(view, tb_view_cell(view, scenario, testbed));
    return (struct reads_point){value, value, value};
}

static void reads_data(FILE *script, const struct tb_view *view, size_t first, size_t testbed, enum tb_plot_kind kind)
{
    fprintf(script, "$reads%zu << EOD\nNaN NaN NaN NaN\n", testbed);
    for (size_t s = first; s < view->scenarios; s++) {
        if (!same_but_size(view, first, s))
            continue;
        const struct reads_point point = reads_point(view, s, testbed, kind);
        if (!(point.value > 0))
            continue;
        /* An interval that reaches zero has no end on a logarithmic axis. */
        fprintf(script, "%.17g %.17g %.17g %.17g\n", tb_view_level_number(view, s, view->size_factor), point.value,
                fmax(point.low, point.value / 100), point.high);
    }
    fputs("EOD\n", script);
}

/* Figure 2b: reads over the size, a line a testbed. */
static void reads_script(FILE *script, const struct tb_view *view, size_t first, enum tb_plot_kind kind)
{
    size_t metric = tb_view_metric(view, "client_reads_per_request");
    for (size_t t = 0; t < view->testbeds; t++)
        reads_data(script, view, first, t, kind);
    fputs("set terminal svg size 640,380 dynamic noenhanced font 'sans-serif,13'\nset key left top reverse Left\n"
          "set border 3\nset tics nomirror\nset grid lc rgb '#999999' lw 0.4 dt 3\nset logscale xy\n"
          "set offsets graph 0.06, graph 0.06, 0, 0\nset ylabel '",
          script);
    fputs(kind == TB_PLOT_READS ? "reads per request" : "reads / (requests per second)", script);
    fputs("'\nset xlabel 'response size'\nset xtics (", script);
    bool any = false;
    for (size_t s = first; s < view->scenarios; s++) {
        if (!same_but_size(view, first, s) || !any_value(view, s, metric))
            continue;
        fputs(any ? ", " : "", script);
        tb_plot_name(script, 'L', s, tb_view_level(view, s, view->size_factor));
        fprintf(script, " %.17g", tb_view_level_number(view, s, view->size_factor));
        any = true;
    }
    fputs(")\nplot ", script);
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, "%s$reads%zu using 1:2:3:4 with yerrorlines pt %d ps 0.8 lw 1.6 lc rgb '%s' title ",
                t == 0 ? "" : ", ", t, points[t % COLOURS], colours[t % COLOURS]);
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
}

/* A bar a term, the greatest mean share on top. */
static void sensitivity_script(FILE *script, const struct tb_view *view)
{
    size_t count = 0;
    fputs("$shares << EOD\n", script);
    for (size_t t = 0; t < view->terms; t++) {
        if (view->term_rank[t] <= 0)
            continue;
        fprintf(script, "%d %.17g\n", -(int)view->term_rank[t], 100 * view->term_mean_share[t]);
        count++;
    }
    fprintf(script,
            "EOD\nset terminal svg size 640,%zu dynamic noenhanced font 'sans-serif,13'\nunset key\nset border 3\n"
            "set tics nomirror\nset grid x lc rgb '#999999' lw 0.4 dt 3\nset xlabel 'mean share of variance, %%'\n"
            "set xrange [0:*]\nset yrange [%g:-0.4]\nset style fill solid noborder\nset ytics scale 0 (",
            80 + 26 * count, -(double)count - 0.6);
    bool any = false;
    for (size_t t = 0; t < view->terms; t++) {
        if (view->term_rank[t] <= 0)
            continue;
        fputs(any ? ", " : "", script);
        tb_plot_name(script, 'S', t, view->term_name[t]);
        fprintf(script, " %d", -(int)view->term_rank[t]);
        any = true;
    }
    fprintf(script, ")\nplot $shares using ($2/2):1:($2/2):(0.34) with boxxyerror lc rgb '%s'\nreset\n", colours[0]);
}

static void profile_data(FILE *script, double length, const struct tb_walk_profile_line *line, size_t testbed)
{
    fprintf(script, "$profile%zu << EOD\nNaN NaN NaN NaN\n", testbed);
    for (size_t i = 0; i < line->count; i++)
        if (line->points[i].runs > 0)
            fprintf(script, "%.17g %.17g %.17g %.17g\n", length * ((double)i + 0.5), line->points[i].bits,
                    line->points[i].low, line->points[i].high);
    fputs("EOD\n", script);
}

static double last_call(const struct tb_view *view, const struct tb_walk_profile *profile)
{
    int64_t last = 0;
    for (size_t row = profile->first; row < profile->end; row++)
        last = view->profile_begin[row] > last ? view->profile_begin[row] : last;
    return (double)last + (double)profile->length;
}

/* Bits per transition along the sequences: a line a testbed, in a band from the least to the greatest run. */
static enum tb_status profile_script(FILE *script, const struct tb_view *view, size_t row, struct tb_error *error)
{
    const struct tb_walk_profile profile = tb_walk_profile_from(view, row);
    const struct unit unit = unit_for(last_call(view, &profile), call_units);
    struct tb_walk_profile_line *line = calloc(1, sizeof *line);
    if (line == NULL)
        return tb_error_memory(error, "the report's plots");
    for (size_t t = 0; t < view->testbeds; t++) {
        tb_walk_profile_line(view, &profile, t, line);
        profile_data(script, (double)profile.length / unit.size, line, t);
    }
    free(line);
    fprintf(script,
            "set terminal svg size 400,300 dynamic noenhanced font 'sans-serif,13'\nset key outside top center "
            "horizontal\nset border 3\nset tics nomirror\nset grid lc rgb '#999999' lw 0.4 dt 3\n"
            "set xrange [0:%.17g]\nset yrange [0:*]\nset xlabel '%s'\nset ylabel 'bits / transition'\n"
            "set style fill transparent solid 0.18 noborder\nplot ",
            last_call(view, &profile) / unit.size, unit.name);
    for (size_t t = 0; t < view->testbeds; t++)
        fprintf(script, "%s$profile%zu using 1:3:4 with filledcurves lc rgb '%s' notitle", t == 0 ? "" : ", ", t,
                colours[t % COLOURS]);
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, ", $profile%zu using 1:2 with linespoints pt %d ps 0.4 lw 1.6 lc rgb '%s' title ", t,
                points[t % COLOURS], colours[t % COLOURS]);
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
    return TB_OK;
}

static void add(struct tb_plots *plots, enum tb_plot_kind kind, size_t scenario)
{
    plots->items[plots->count++] = (struct tb_plot){.kind = kind, .scenario = scenario};
}

static void choose_payload(struct tb_plots *plots, const struct tb_view *view)
{
    size_t metric = tb_view_metric(view, "server_payload_per_request");
    size_t chosen = 0;
    for (size_t s = 0; s < view->scenarios; s++) {
        if (!tb_view_instrumented(view, s) || !any_value(view, s, metric))
            continue;
        if (chosen++ < PAYLOAD_PLOTS)
            add(plots, TB_PLOT_PAYLOAD, s);
    }
    plots->left_out = chosen > PAYLOAD_PLOTS ? chosen - PAYLOAD_PLOTS : 0;
}

/* The number of sizes with values among the scenarios that differ from first in nothing else, which are marked. */
static size_t sizes_of(const struct tb_view *view, size_t first, size_t metric, bool *seen)
{
    size_t sizes = 0;
    for (size_t s = first; s < view->scenarios; s++) {
        if (seen[s] || !same_but_size(view, first, s))
            continue;
        seen[s] = true;
        sizes += any_value(view, s, metric) && tb_view_level_number(view, s, view->size_factor) > 0;
    }
    return sizes;
}

static enum tb_status choose_reads(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error)
{
    size_t metric = tb_view_metric(view, "client_reads_per_request");
    if (view->size_factor == TB_ABSENT || metric == TB_ABSENT)
        return TB_OK;
    bool *seen = calloc(view->scenarios + 1, sizeof *seen);
    if (seen == NULL)
        return tb_error_memory(error, "the report's plots");
    size_t chosen = 0;
    for (size_t s = 0, tried = 0; s < view->scenarios && chosen < READS_PLOTS && tried < READS_TRIED; s++) {
        if (seen[s])
            continue;
        tried++;
        if (sizes_of(view, s, metric, seen) < 2)
            continue;
        add(plots, TB_PLOT_READS, s);
        add(plots, TB_PLOT_READS_OVER_RATE, s);
        chosen++;
    }
    free(seen);
    return TB_OK;
}

/* First, as it is seen first; not where nothing has a ratio. */
static enum tb_status choose_overview(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error)
{
    if (!tb_overview_make(view, &plots->overview))
        return tb_error_memory(error, "the report's plots");
    if (plots->overview.metric_count > 0)
        add(plots, TB_PLOT_OVERVIEW, TB_ABSENT);
    return TB_OK;
}

static void choose_sensitivity(struct tb_plots *plots, const struct tb_view *view)
{
    size_t ranked = 0;
    for (size_t t = 0; t < view->terms; t++)
        ranked += view->term_rank[t] > 0;
    if (ranked > 0 && ranked <= TERMS_DRAWN)
        add(plots, TB_PLOT_SENSITIVITY, TB_ABSENT);
}

static void choose_profiles(struct tb_plots *plots, const struct tb_view *view)
{
    size_t chosen = 0;
    for (size_t row = 0; row < view->profile_rows && chosen < PROFILE_PLOTS; chosen++) {
        const struct tb_walk_profile profile = tb_walk_profile_from(view, row);
        add(plots, TB_PLOT_WALK_PROFILE, profile.scenario);
        plots->items[plots->count - 1].row = row;
        row = profile.end;
    }
}

static enum tb_status name_everything(struct tb_plots *plots, const struct tb_view *view, char *raw, size_t raw_size,
                                      size_t *size, struct tb_error *error)
{
    FILE *out = open_memstream(&plots->output, size);
    if (out == NULL)
        return tb_error_memory(error, "the report's plots");
    struct tb_html html = {.out = out};
    tb_plot_names_restore(&html, view, raw, raw_size);
    return fclose(out) == 0 ? TB_OK : tb_error_memory(error, "the report's plots");
}

static void split(struct tb_plots *plots, size_t size)
{
    const char *at = plots->output;
    const char *end = at + size;
    for (size_t i = 0; i < plots->count; i++) {
        const char *open = memmem(at, (size_t)(end - at), "<svg", 4);
        const char *close = open == NULL ? NULL : memmem(open, (size_t)(end - open), "</svg>", 6);
        if (close == NULL)
            return;
        plots->items[i].svg = open;
        plots->items[i].size = (size_t)(close + 6 - open);
        at = close + 6;
    }
}

static enum tb_status write_script(FILE *script, const struct tb_view *view, const struct tb_plots *plots,
                                   const struct tb_plot *plot, struct tb_error *error)
{
    switch (plot->kind) {
    case TB_PLOT_OVERVIEW:
        tb_overview_script(script, view, &plots->overview);
        break;
    case TB_PLOT_PAYLOAD:
        payload_script(script, view, plot->scenario);
        break;
    case TB_PLOT_READS:
    case TB_PLOT_READS_OVER_RATE:
        reads_script(script, view, plot->scenario, plot->kind);
        break;
    case TB_PLOT_SENSITIVITY:
        sensitivity_script(script, view);
        break;
    case TB_PLOT_WALK_PROFILE:
        return profile_script(script, view, plot->row, error);
    }
    return TB_OK;
}

static enum tb_status draw(struct tb_plots *plots, const struct tb_view *view, FILE *script, struct tb_error *error)
{
    for (size_t i = 0; i < plots->count; i++) {
        const enum tb_status written = write_script(script, view, plots, &plots->items[i], error);
        if (written != TB_OK)
            return written;
    }
    char *raw = NULL;
    size_t raw_size = 0;
    const char *program = view->options->gnuplot == NULL ? "gnuplot" : view->options->gnuplot;
    enum tb_status status =
        tb_gnuplot_run(program, script, &raw, &raw_size, plots->reason, sizeof plots->reason, error);
    if (status != TB_OK || raw == NULL)
        return status;
    size_t size = 0;
    status = name_everything(plots, view, raw, raw_size, &size, error);
    if (status == TB_OK)
        split(plots, size);
    free(raw);
    return status;
}

enum tb_status tb_plots_draw(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error)
{
    memset(plots, 0, sizeof *plots);
    plots->items = calloc(1 + PAYLOAD_PLOTS + 2 * READS_PLOTS + 1 + PROFILE_PLOTS, sizeof *plots->items);
    if (plots->items == NULL)
        return tb_error_memory(error, "the report's plots");
    enum tb_status status = choose_overview(plots, view, error);
    if (status != TB_OK)
        return status;
    choose_payload(plots, view);
    status = choose_reads(plots, view, error);
    if (status != TB_OK)
        return status;
    choose_sensitivity(plots, view);
    choose_profiles(plots, view);
    if (view->options->without_plots) {
        snprintf(plots->reason, sizeof plots->reason, "plots were not asked for");
        return TB_OK;
    }
    if (plots->count == 0)
        return TB_OK;
    FILE *script = tmpfile();
    if (script == NULL)
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot make a temporary file for gnuplot's script");
    status = draw(plots, view, script, error);
    fclose(script);
    return status;
}

void tb_plots_free(struct tb_plots *plots)
{
    tb_overview_free(&plots->overview);
    free(plots->items);
    free(plots->output);
    memset(plots, 0, sizeof *plots);
}

static bool is_of_reads(enum tb_plot_kind kind)
{
    return kind == TB_PLOT_READS || kind == TB_PLOT_READS_OVER_RATE;
}

void tb_plot_write(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots, size_t plot,
                   const char *label)
{
    const struct tb_plot *item = &plots->items[plot];
    char *scenario =
        item->scenario == TB_ABSENT
            ? NULL
            : tb_view_scenario_label(view, item->scenario, is_of_reads(item->kind) ? view->size_factor : TB_ABSENT);
    tb_html_format(html, "<figure class=\"plot%s\">\n",
                   item->kind == TB_PLOT_PAYLOAD    ? " payload"
                   : item->kind == TB_PLOT_OVERVIEW ? " overview"
                                                    : "");
    if (item->svg != NULL)
        tb_html_svg(html, item->svg, item->size, label);
    else
        tb_html_format(html, "<p class=\"reason\">No plot: %s.</p>\n",
                       plots->reason[0] == '\0' ? "gnuplot gave no drawing" : plots->reason);
    tb_html_markup(html, "<figcaption>");
    tb_html_text(html, item->scenario == TB_ABSENT ? label : scenario == NULL ? "" : scenario);
    if (item->kind == TB_PLOT_WALK_PROFILE)
        tb_html_format(html, ", %s, order %d",
                       tb_view_flag(TB_FIELD_WALK_PROFILE_ROLE, view->profile_role[item->row]).text,
                       (int)tb_walk_profile_from(view, item->row).order);
    tb_html_markup(html, "</figcaption></figure>\n");
    free(scenario);
}
