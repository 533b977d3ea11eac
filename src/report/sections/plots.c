/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "overview.h"
#include "reads.h"
#include "report/pictures/plot_names.h"
#include "report/pictures/plot_style.h"
#include "report/pictures/run_places_plot.h"
#include "report/widgets/figure.h"
#include "report/widgets/numbers.h"
#include "report/widgets/program.h"
#include "walk_profiles.h"

enum {
    READS_PLOTS = 4,
    READS_TRIED = 64,
    TERMS_DRAWN = 60,
    PROFILE_PLOTS = 8,
    MAP_PLOTS = 4,
    PLACES_PLOTS = 8,
    TRAIL_PLOTS = 4
};

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
                t == 0 ? "" : ", ", t, tb_plot_point(t), tb_plot_colour(t));
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
    fprintf(script, ")\nplot $shares using ($2/2):1:($2/2):(0.34) with boxxyerror lc rgb '%s'\nreset\n",
            tb_plot_colour(0));
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
    const struct tb_plot_unit unit = tb_plot_calls(last_call(view, &profile));
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
                tb_plot_colour(t));
    for (size_t t = 0; t < view->testbeds; t++) {
        fprintf(script, ", $profile%zu using 1:2 with linespoints pt %d ps 0.4 lw 1.6 lc rgb '%s' title ", t,
                tb_plot_point(t), tb_plot_colour(t));
        tb_plot_name(script, 'N', t, view->testbed_name[t]);
    }
    fputs("\nreset\n", script);
    return TB_OK;
}

static struct tb_plot *add(struct tb_plots *plots, enum tb_plot_kind kind, size_t scenario)
{
    struct tb_plot *plot = &plots->items[plots->count++];
    *plot = (struct tb_plot){.kind = kind, .scenario = scenario, .number = 1};
    for (size_t i = 0; i + 1 < plots->count; i++)
        plot->number += plots->items[i].kind == kind;
    return plot;
}

/* The headline quantities that have values. */
static void choose_quantities(struct tb_plots *plots, const struct tb_view *view)
{
    const size_t axis = tb_quantity_axis(view);
    for (size_t i = 0; i < TB_QUANTITIES; i++) {
        struct tb_quantity_plot quantity;
        if (tb_quantity_plot_make(view, &tb_quantities[i], axis, &quantity))
            add(plots, TB_PLOT_QUANTITY, TB_ABSENT)->quantity = quantity;
    }
}

/* The number of a figure is among those of its distribution. */
static enum tb_status choose_distributions(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error)
{
    for (size_t d = 0; d < TB_DISTRIBUTIONS; d++) {
        const enum tb_status status = tb_curves_load(&plots->curves[d], view, &tb_distributions[d], error);
        if (status != TB_OK)
            return status;
        const struct tb_chosen chosen = tb_curves_choose(&plots->curves[d], view);
        for (size_t i = 0; i < chosen.count; i++) {
            struct tb_plot *plot = add(plots, TB_PLOT_DISTRIBUTION, chosen.items[i]);
            plot->distribution = d;
            plot->number = i + 1;
        }
        plots->curves_left_out[d] = chosen.left_out;
    }
    return TB_OK;
}

static void choose_stalls(struct tb_plots *plots, const struct tb_view *view)
{
    if (tb_stalls_plot_make(view, &plots->stalls))
        add(plots, TB_PLOT_STALLS, TB_ABSENT);
}

/* Those whose flows stood still longest. */
static void choose_trails(struct tb_plots *plots, const struct tb_view *view)
{
    struct tb_trail_plot trail;
    struct tb_chosen chosen = {.count = 0};
    for (size_t i = 0; i < tb_trails_of(view); i++)
        if (tb_trail_plot_make(view, i, &trail))
            tb_chosen_offer(&chosen, TRAIL_PLOTS, i, trail.duration);
    for (size_t i = 0; i < chosen.count; i++)
        if (tb_trail_plot_make(view, chosen.items[i], &trail)) {
            struct tb_plot *const plot = add(plots, TB_PLOT_TRAIL, (size_t)view->run_scenario[trail.run]);
            plot->trail = trail;
            plot->number = i + 1;
        }
    plots->left_out[TB_PLOT_TRAIL] = chosen.left_out;
}

static void choose_maps(struct tb_plots *plots, const struct tb_view *view)
{
    struct tb_walk_map map;
    for (size_t s = 0, chosen = 0; s < view->scenarios && chosen < MAP_PLOTS; s++)
        if (tb_walk_map_find(view, s, &map)) {
            add(plots, TB_PLOT_WALK_MAP, s)->map = map;
            chosen++;
        }
}

/* The lowest order of each scenario and role. */
static void choose_places(struct tb_plots *plots, const struct tb_view *view)
{
    int32_t lowest = INT32_MAX;
    for (size_t i = 0; i < view->run_places; i++)
        lowest = view->place_order[i] < lowest ? view->place_order[i] : lowest;
    for (size_t first = 0, chosen = 0; first < view->run_places; first = tb_run_places_end(view, first)) {
        if (view->place_order[first] == lowest && chosen++ < PLACES_PLOTS)
            add(plots, TB_PLOT_RUN_PLACES, (size_t)view->run_scenario[view->place_run[first]])->row = first;
        else
            plots->left_out[TB_PLOT_RUN_PLACES]++;
    }
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
        add(plots, TB_PLOT_WALK_PROFILE, profile.scenario)->row = row;
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

/* Finds the drawings; gives how many there are. */
static size_t split(struct tb_plots *plots, size_t size)
{
    const char *at = plots->output;
    const char *end = at + size;
    for (size_t i = 0; i < plots->count; i++) {
        const char *open = memmem(at, (size_t)(end - at), "<svg", 4);
        const char *close = open == NULL ? NULL : memmem(open, (size_t)(end - open), "</svg>", 6);
        if (close == NULL)
            return i;
        plots->items[i].svg = open;
        plots->items[i].size = (size_t)(close + 6 - open);
        at = close + 6;
    }
    return plots->count;
}

static enum tb_status write_script(FILE *script, const struct tb_view *view, const struct tb_plots *plots,
                                   const struct tb_plot *plot, struct tb_error *error)
{
    switch (plot->kind) {
    case TB_PLOT_OVERVIEW:
        tb_overview_script(script, view, &plots->overview);
        break;
    case TB_PLOT_QUANTITY:
        tb_quantity_plot_script(script, view, &plot->quantity);
        break;
    case TB_PLOT_DISTRIBUTION:
        tb_distribution_script(script, view, &plots->curves[plot->distribution], plot->scenario);
        break;
    case TB_PLOT_STALLS:
        tb_stalls_script(script, view, &plots->stalls);
        break;
    case TB_PLOT_TRAIL:
        tb_trail_script(script, view, &plot->trail);
        break;
    case TB_PLOT_WALK_MAP:
        tb_walk_map_script(script, view, &plot->map);
        break;
    case TB_PLOT_RUN_PLACES:
        tb_run_places_script(script, view, plot->row);
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
    case TB_PLOT_KINDS:
        break;
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
    static const char *const defaults[] = {"--default-settings", NULL};
    const char *program = view->options->gnuplot == NULL ? "gnuplot" : view->options->gnuplot;
    enum tb_status status =
        tb_program_run(program, defaults, script, &raw, &raw_size, plots->reason, sizeof plots->reason, error);
    if (status != TB_OK || raw == NULL)
        return status;
    size_t size = 0;
    status = name_everything(plots, view, raw, raw_size, &size, error);
    /* What was drawn before gnuplot failed is shown. */
    if (status == TB_OK && split(plots, size) > 0)
        plots->reason[0] = '\0';
    free(raw);
    return status;
}

enum tb_status tb_plots_draw(struct tb_plots *plots, const struct tb_view *view, struct tb_error *error)
{
    memset(plots, 0, sizeof *plots);
    plots->items = calloc(1 + TB_QUANTITIES + TB_DISTRIBUTIONS * TB_CHOSEN_MOST + 2 * READS_PLOTS + 1 + PROFILE_PLOTS +
                              MAP_PLOTS + PLACES_PLOTS + TRAIL_PLOTS + 1,
                          sizeof *plots->items);
    if (plots->items == NULL)
        return tb_error_memory(error, "the report's plots");
    enum tb_status status = choose_overview(plots, view, error);
    if (status != TB_OK)
        return status;
    choose_quantities(plots, view);
    status = choose_distributions(plots, view, error);
    if (status == TB_OK)
        status = choose_reads(plots, view, error);
    if (status != TB_OK)
        return status;
    choose_sensitivity(plots, view);
    choose_profiles(plots, view);
    choose_maps(plots, view);
    choose_places(plots, view);
    choose_stalls(plots, view);
    choose_trails(plots, view);
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
    for (size_t d = 0; d < TB_DISTRIBUTIONS; d++)
        tb_curves_free(&plots->curves[d]);
    free(plots->items);
    free(plots->output);
    memset(plots, 0, sizeof *plots);
}

/* What a figure of a kind is called, looks like and stands on. */
struct kind {
    const char *name;
    const char *class;
    const char *data; /* NULL: of the quantity */
    bool scrolls;
};

static const struct kind kinds[TB_PLOT_KINDS] = {
    [TB_PLOT_OVERVIEW] = {"overview", "plot overview",
                          "<code>/comparison/ratio</code>, <code>fieller_low</code>, <code>fieller_high</code>, "
                          "<code>verdict</code>",
                          false},
    [TB_PLOT_QUANTITY] = {NULL, "plot", NULL, false},
    [TB_PLOT_DISTRIBUTION] = {NULL, "plot", NULL, false},
    [TB_PLOT_READS] = {"reads", "plot",
                       "<code>/comparison/mean</code>, <code>normal_low</code>, "
                       "<code>normal_high</code>",
                       false},
    [TB_PLOT_READS_OVER_RATE] = {"reads-over-rate", "plot", "<code>/comparison/mean</code>", false},
    [TB_PLOT_SENSITIVITY] = {"sensitivity", "plot", "<code>/sensitivity/term_mean_share</code>", false},
    [TB_PLOT_WALK_PROFILE] = {"walk-profile", "plot", "<code>/os/walk_profile_*</code>", false},
    [TB_PLOT_WALK_MAP] = {"walk-map", "plot map", "<code>/os/walk_*</code>", false},
    [TB_PLOT_RUN_PLACES] = {"run-places", "plot", "<code>/os/run_place_*</code>", false},
    [TB_PLOT_STALLS] = {"stalls", "plot map", "<code>/net/stall_*</code>", false},
    [TB_PLOT_TRAIL] = {"trail", "plot", "<code>/net/trail_*</code>", false},
};

struct captioned {
    const struct tb_view *view;
    const struct tb_plots *plots;
    const struct tb_plot *plot;
    const char *label;
};

static void write_quantity_caption(struct tb_html *html, const struct tb_view *view,
                                   const struct tb_quantity_plot *plot)
{
    tb_html_format(html, "<b>%s</b>", plot->quantity->title);
    tb_html_markup(html, "; ");
    tb_html_format(html, "%s", plot->quantity->unit);
    if (plot->factor != TB_ABSENT && plot->places.count > 1) {
        tb_html_markup(html, "; lines, the unbroken one first: ");
        for (size_t i = 0; i < plot->places.count; i++) {
            char *label = tb_view_scenario_label(view, plot->places.items[i], plot->factor);
            tb_html_markup(html, i == 0 ? "" : " / ");
            tb_html_text(html, label == NULL ? "" : label);
            html->failed = html->failed || label == NULL;
            free(label);
        }
    }
    if (plot->places.left_out > 0)
        tb_html_format(html, "; the %zu %s in which testbeds differ most, of %zu", plot->places.count,
                       plot->factor == TB_ABSENT ? "scenarios" : "combinations",
                       plot->places.count + plot->places.left_out);
    tb_html_markup(html, plot->has_runs ? "." : "; the runs are too many to be drawn one by one.");
}

static void write_places_caption(struct tb_html *html, const struct tb_view *view, size_t first)
{
    const size_t runs = tb_run_places_end(view, first) - first;
    tb_html_format(html, ", %s, order %d: ", tb_view_flag(TB_FIELD_RUN_PLACE_ROLE, view->place_role[first]).text,
                   (int)view->place_order[first]);
    if (isnan(view->place_x_share[first]))
        tb_html_format(html, "all %zu runs have the same sequence, or differ too little to show.", runs);
    else
        tb_html_format(html, "%zu runs; the axes show %s of their variation.", runs,
                       tb_number_percent(view->place_x_share[first] + view->place_y_share[first]).text);
}

static void write_stalls_caption(struct tb_html *html, const struct tb_stalls_plot *plot)
{
    tb_html_markup(html,
                   "; a strip for each run, as high as flows stand still at the same time, and a line as long as "
                   "its capture; on the right all flows that stood still for 1\xC2\xA0s and more, and the longest "
                   "time");
    if (plot->left_out > 0)
        tb_html_format(html, "; the %zu runs with the longest, of %zu", plot->count, plot->count + plot->left_out);
    tb_html_markup(html, ".");
}

static void write_trail_caption(struct tb_html *html, const struct tb_view *view, const struct tb_trail_plot *plot)
{
    tb_html_markup(html, "; run ");
    tb_html_text(html, view->run_name[plot->run]);
    tb_html_markup(html, ", ");
    tb_html_text(html, plot->client);
    tb_html_markup(html, " to ");
    tb_html_text(html, plot->server);
    tb_html_format(html,
                   ", which stood still for %s\xC2\xA0s (shaded); each packet of the %s from its first byte to its "
                   "last, and what the other side had acknowledged%s.",
                   tb_number_significant(plot->duration, 3).text, plot->from_server ? "server" : "client",
                   plot->left_out ? "; the flow has more packets" : "");
}

static void write_plot_caption(struct tb_html *html, const void *context)
{
    const struct captioned *captioned = context;
    const struct tb_view *view = captioned->view;
    const struct tb_plot *plot = captioned->plot;
    if (plot->kind == TB_PLOT_OVERVIEW) /* explained above it */
        return;
    if (plot->kind == TB_PLOT_QUANTITY) {
        write_quantity_caption(html, view, &plot->quantity);
        return;
    }
    const bool of_reads = plot->kind == TB_PLOT_READS || plot->kind == TB_PLOT_READS_OVER_RATE;
    char *scenario = plot->scenario == TB_ABSENT
                         ? NULL
                         : tb_view_scenario_label(view, plot->scenario, of_reads ? view->size_factor : TB_ABSENT);
    tb_html_element(html, "b", captioned->label);
    tb_html_markup(html, scenario == NULL || scenario[0] == '\0' ? "" : "; ");
    tb_html_text(html, scenario == NULL ? "" : scenario);
    if (plot->kind == TB_PLOT_WALK_PROFILE)
        tb_html_format(html, ", %s, order %d",
                       tb_view_flag(TB_FIELD_WALK_PROFILE_ROLE, view->profile_role[plot->row]).text,
                       (int)tb_walk_profile_from(view, plot->row).order);
    if (plot->kind == TB_PLOT_DISTRIBUTION && captioned->plots->curves_left_out[plot->distribution] > 0)
        tb_html_format(html, "; of %zu scenarios one of those in which testbeds differ most",
                       tb_distributions[plot->distribution].scenarios +
                           captioned->plots->curves_left_out[plot->distribution]);
    if (plot->kind == TB_PLOT_RUN_PLACES)
        write_places_caption(html, view, plot->row);
    else if (plot->kind == TB_PLOT_STALLS)
        write_stalls_caption(html, &captioned->plots->stalls);
    else if (plot->kind == TB_PLOT_TRAIL)
        write_trail_caption(html, view, &plot->trail);
    else
        tb_html_markup(html, ".");
    free(scenario);
}

/* Some kinds of figures are of many things. */
static const char *label_of(const struct tb_plot *plot, const char *label)
{
    return plot->kind == TB_PLOT_QUANTITY       ? plot->quantity.quantity->title
           : plot->kind == TB_PLOT_DISTRIBUTION ? tb_distributions[plot->distribution].title
                                                : label;
}

static const char *data_of(const struct tb_plot *plot)
{
    return plot->kind == TB_PLOT_QUANTITY       ? "<code>/metrics/run_value</code>"
           : plot->kind == TB_PLOT_DISTRIBUTION ? tb_distributions[plot->distribution].data
                                                : kinds[plot->kind].data;
}

static void name_plot(const struct tb_plot *plot, char name[96])
{
    if (plot->kind == TB_PLOT_QUANTITY)
        snprintf(name, 96, "%s", plot->quantity.quantity->metric);
    else if (plot->kind == TB_PLOT_DISTRIBUTION)
        snprintf(name, 96, "%s-%zu", tb_distributions[plot->distribution].name, plot->number);
    else if (plot->scenario == TB_ABSENT)
        snprintf(name, 96, "%s", kinds[plot->kind].name);
    else
        snprintf(name, 96, "%s-%zu", kinds[plot->kind].name, plot->number);
    for (char *at = name; (at = strchr(at, '_')) != NULL;)
        *at = '-';
}

/* What the page says once, beside its figures. */
static const char *alone(enum tb_plot_kind kind)
{
    if (kind == TB_PLOT_OVERVIEW)
        return "Ratio of each testbed to the baseline, on a logarithmic axis with its 90\xC2\xA0% interval where there "
               "are "
               "few, the worst metric on top. Green: similar, red: different (on a map blue where lower), yellow: "
               "undecided, by the test of equivalence.";
    if (kind == TB_PLOT_QUANTITY)
        return "Grey points are single runs; beside them the mean of each testbed with its 95\xC2\xA0% confidence "
               "interval (normal quantile).";
    if (kind == TB_PLOT_DISTRIBUTION)
        return "The median of runs for each percent, in a band from the least to the greatest run.";
    return NULL;
}

void tb_plot_write(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots, size_t plot,
                   const char *label)
{
    const struct tb_plot *item = &plots->items[plot];
    if (plots->reason[0] != '\0') /* said once, at the top */
        return;
    const struct captioned captioned = {view, plots, item, label_of(item, label)};
    char name[96];
    name_plot(item, name);
    const struct tb_figure figure = {
        .name = name,
        .class = kinds[item->kind].class,
        .svg = item->svg,
        .size = item->size,
        .absent = "No plot: gnuplot gave no drawing",
        .label = captioned.label,
        .data = data_of(item),
        .alone = alone(item->kind),
    };
    tb_figure_write(html, &figure, write_plot_caption, &captioned);
}

size_t tb_plots_write(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                      enum tb_plot_kind kind, const char *label)
{
    size_t written = 0;
    for (size_t i = 0; i < plots->count; i++) {
        if (plots->items[i].kind != kind || plots->reason[0] != '\0')
            continue;
        tb_html_markup(html, written++ == 0 ? "<div class=\"figures\">\n" : "");
        tb_plot_write(html, view, plots, i, label);
    }
    tb_html_markup(html, written == 0 ? "" : "</div>\n");
    return written;
}
