/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quantity_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_names.h"
#include "plot_style.h"

enum { RUNS_DRAWN = 600, LEVELS_NAMED = 8, LINES_DRAWN = 4, TRIED = 64 };

/* Axes are logarithmic where values differ by more than these factors. */
static const double wide_values = 20, wide_levels = 8;

const struct tb_quantity tb_quantities[TB_QUANTITIES] = {
    {"requests_per_second", "Requests per second", "requests / s", "application", 1},
    {"request_time_p99", "99 % of requests take at most", "ms", "application", 1},
    {"client_reads_per_request", "Reads per request, client", "read calls", "operating system", 1},
    {"server_reads_per_request", "Reads per request, server", "read calls", "operating system", 1},
    {"client_context_switches_per_request", "Context switches per request, client", "switches", "operating system", 1},
    {"server_context_switches_per_request", "Context switches per request, server", "switches", "operating system", 1},
    {"server_payload_per_request", "Bytes per request, sent by the server", "bytes", "network", 1},
    {"packets_per_request", "Packets per request, both directions", "packets", "network", 1},
    {"server_segment_mean", "Mean size of the server's segments", "bytes", "network", 1},
    {"rtt_median", "Median round-trip time", "ms", "network", 1},
    {"jitter", "Jitter: P95 - P50 of the one-way delay", "ms", "network", 1},
    {"server_retransmission_rate", "Server's packets that repeat others", "%", "network", 100},
};

/* --- what is drawn --- */

static size_t value_at(const struct tb_view *view, size_t scenario, size_t testbed, size_t metric)
{
    const size_t cell = tb_view_cell(view, scenario, testbed);
    if (cell == TB_ABSENT || view->n[cell * view->metrics + metric] == 0)
        return TB_ABSENT;
    return cell * view->metrics + metric;
}

static bool has_value(const struct tb_view *view, size_t scenario, size_t metric)
{
    for (size_t t = 0; t < view->testbeds; t++)
        if (value_at(view, scenario, t, metric) != TB_ABSENT)
            return true;
    return false;
}

/* Whether two scenarios differ in nothing but a factor. */
static bool same_but(const struct tb_view *view, size_t factor, size_t a, size_t b)
{
    for (size_t f = 0; f < view->factors; f++)
        if (f != factor && strcmp(tb_view_level(view, a, f), tb_view_level(view, b, f)) != 0)
            return false;
    return true;
}

static bool is_first_of_group(const struct tb_view *view, size_t factor, size_t scenario)
{
    for (size_t s = 0; s < scenario; s++)
        if (same_but(view, factor, s, scenario))
            return false;
    return true;
}

/* Some scenario has two others that differ from it in this factor alone. */
static bool is_axis(const struct tb_view *view, size_t factor)
{
    if (view->factor_unit[factor][0] == '\0' || !view->factor_varies[factor])
        return false;
    for (size_t first = 0; first < view->scenarios && first < TRIED; first++) {
        size_t levels = 0;
        for (size_t s = 0; s < view->scenarios; s++)
            levels += same_but(view, factor, first, s) && isfinite(tb_view_level_number(view, s, factor));
        if (levels >= 3)
            return true;
    }
    return false;
}

size_t tb_quantity_axis(const struct tb_view *view)
{
    if (view->size_factor != TB_ABSENT && is_axis(view, view->size_factor))
        return view->size_factor;
    for (size_t f = 0; f < view->factors; f++)
        if (f != view->instrumented_factor && is_axis(view, f))
            return f;
    return TB_ABSENT;
}

/* How far the testbeds of a scenario are from the baseline, as a power; 0 where nothing is known. */
static double spread(const struct tb_view *view, size_t scenario, size_t metric)
{
    double most = 0;
    for (size_t t = 1; t < view->testbeds; t++) {
        const size_t cell = tb_view_cell(view, scenario, t);
        const size_t contrast = cell == TB_ABSENT ? TB_ABSENT : view->contrast_of_cell[cell];
        const double ratio = contrast == TB_ABSENT ? NAN : view->ratio[contrast * view->metrics + metric];
        if (ratio > 0 && isfinite(ratio))
            most = fmax(most, fabs(log(ratio)));
    }
    return most;
}

static double group_spread(const struct tb_view *view, const struct tb_quantity_plot *plot, size_t first)
{
    double most = spread(view, first, plot->metric);
    for (size_t s = first + 1; plot->factor != TB_ABSENT && s < view->scenarios; s++)
        if (same_but(view, plot->factor, first, s))
            most = fmax(most, spread(view, s, plot->metric));
    return most;
}

static bool is_place(const struct tb_view *view, const struct tb_quantity_plot *plot, size_t scenario)
{
    if (!tb_view_instrumented(view, scenario))
        return false;
    if (plot->factor == TB_ABSENT)
        return has_value(view, scenario, plot->metric);
    if (!is_first_of_group(view, plot->factor, scenario))
        return false;
    for (size_t s = scenario; s < view->scenarios; s++)
        if (same_but(view, plot->factor, scenario, s) && has_value(view, s, plot->metric))
            return true;
    return false;
}

static bool is_drawn(const struct tb_view *view, const struct tb_quantity_plot *plot, size_t place, size_t scenario)
{
    return plot->factor == TB_ABSENT ? scenario == plot->places.items[place]
                                     : same_but(view, plot->factor, plot->places.items[place], scenario);
}

static size_t count_runs(const struct tb_view *view, const struct tb_quantity_plot *plot)
{
    size_t runs = 0;
    for (size_t place = 0; place < plot->places.count; place++)
        for (size_t s = 0; s < view->scenarios; s++)
            for (size_t t = 0; is_drawn(view, plot, place, s) && t < view->testbeds; t++) {
                const size_t cell = tb_view_cell(view, s, t);
                runs += cell == TB_ABSENT ? 0 : view->cell_first_run[cell + 1] - view->cell_first_run[cell];
            }
    return runs;
}

bool tb_quantity_plot_make(const struct tb_view *view, const struct tb_quantity *quantity, size_t axis,
                           struct tb_quantity_plot *plot)
{
    *plot = (struct tb_quantity_plot){
        .quantity = quantity, .metric = tb_view_metric(view, quantity->metric), .factor = axis};
    if (plot->metric == TB_ABSENT)
        return false;
    for (size_t s = 0; s < view->scenarios; s++)
        if (is_place(view, plot, s))
            tb_chosen_offer(&plot->places, axis == TB_ABSENT ? TB_CHOSEN_MOST : LINES_DRAWN, s,
                            group_spread(view, plot, s));
    plot->has_runs = count_runs(view, plot) <= RUNS_DRAWN;
    return plot->places.count > 0;
}

/* --- how --- */

/* The place of a scenario on the axis. */
static double position(const struct tb_view *view, const struct tb_quantity_plot *plot, size_t place, size_t scenario)
{
    return plot->factor == TB_ABSENT ? (double)place : tb_view_level_number(view, scenario, plot->factor);
}

struct range {
    double low, high, least_above_zero;
};

static void widen(struct range *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
    range->least_above_zero = value > 0 ? fmin(range->least_above_zero, value) : range->least_above_zero;
}

static bool is_wide(const struct range *range, double factor)
{
    return range->low > 0 && range->high > factor * range->low;
}

/* Of the means, and of the places that have one. */
static void find_ranges(const struct tb_view *view, const struct tb_quantity_plot *plot, struct range *values,
                        struct range *places)
{
    *values = *places = (struct range){INFINITY, -INFINITY, INFINITY};
    for (size_t place = 0; place < plot->places.count; place++)
        for (size_t s = 0; s < view->scenarios; s++)
            for (size_t t = 0; is_drawn(view, plot, place, s) && t < view->testbeds; t++) {
                const size_t at = value_at(view, s, t, plot->metric);
                if (at == TB_ABSENT)
                    continue;
                widen(values, view->mean[at] * plot->quantity->scale);
                widen(places, position(view, plot, place, s));
            }
}

/* Testbeds stand a little beside each other, so that their points are seen. */
struct frame {
    double unit; /* values are divided by it */
    double step; /* from testbed to testbed: added on a plain axis, a factor's logarithm on a logarithmic one */
    bool log_values, log_places;
    double floor; /* of intervals on a logarithmic axis */
};

static double beside(const struct tb_view *view, const struct frame *frame, double at, double offset)
{
    const double shift = frame->step * (offset - ((double)view->testbeds - 1) / 2);
    return frame->log_places ? at * exp(shift) : at + shift;
}

static void write_runs(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot,
                       const struct frame *frame, double at, size_t scenario, size_t testbed)
{
    const size_t cell = tb_view_cell(view, scenario, testbed);
    if (cell == TB_ABSENT)
        return;
    const size_t first = view->cell_first_run[cell], count = view->cell_first_run[cell + 1] - first;
    for (size_t i = 0; i < count; i++) {
        const double value = view->run_value[view->runs_by_cell[first + i] * view->metrics + plot->metric];
        if (!isfinite(value) || (frame->log_values && value <= 0))
            continue;
        const double offset = (double)testbed + 0.15 + 0.3 * (double)i / (double)count;
        fprintf(script, "%.6g %.6g\n", beside(view, frame, at, offset), value * plot->quantity->scale / frame->unit);
    }
}

static void write_mean(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot,
                       const struct frame *frame, double at, size_t scenario, size_t testbed)
{
    const size_t value = value_at(view, scenario, testbed, plot->metric);
    if (value == TB_ABSENT || (frame->log_values && view->mean[value] <= 0))
        return;
    const double scale = plot->quantity->scale / frame->unit, mean = view->mean[value] * scale;
    const double low = isfinite(view->normal_low[value]) ? view->normal_low[value] * scale : mean;
    const double high = isfinite(view->normal_high[value]) ? view->normal_high[value] * scale : mean;
    fprintf(script, "%.6g %.6g %.6g %.6g\n", beside(view, frame, at, (double)testbed), mean,
            frame->log_values ? fmax(low, frame->floor) : low, high);
}

typedef void write_points(FILE *, const struct tb_view *, const struct tb_quantity_plot *, const struct frame *, double,
                          size_t, size_t);

/* A block of data for a testbed and place, with the scenarios in the order of the axis. */
static void write_block(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot,
                        const struct frame *frame, const char *name, size_t place, size_t testbed, write_points *write)
{
    double before = -INFINITY;
    fprintf(script, "$%s%zu_%zu << EOD\nNaN NaN NaN NaN\n", name, place, testbed);
    for (;;) {
        size_t next = TB_ABSENT;
        double at = INFINITY;
        for (size_t s = 0; s < view->scenarios; s++) {
            const double here = position(view, plot, place, s);
            if (is_drawn(view, plot, place, s) && here > before && here < at) {
                next = s;
                at = here;
            }
        }
        if (next == TB_ABSENT)
            break;
        write(script, view, plot, frame, at, next, testbed);
        before = at;
    }
    fputs("EOD\n", script);
}

/* Levels, or scenarios, have their names while they are few. */
static void write_ticks(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot)
{
    const char *separator = "";
    size_t named = 0;
    if (plot->factor == TB_ABSENT) {
        fprintf(script, "set xtics scale 0 %s(", plot->places.count > 2 ? "rotate by 25 right " : "");
        for (size_t place = 0; place < plot->places.count; place++, separator = ", ") {
            fputs(separator, script);
            tb_plot_name(script, 'G', plot->places.items[place], view->scenario_label[plot->places.items[place]]);
            fprintf(script, " %zu", place);
        }
        fputs(")\n", script);
        return;
    }
    fputs("set xlabel ", script);
    tb_plot_name(script, 'F', plot->factor, view->factor_name[plot->factor]);
    fputs("\n", script);
    for (size_t s = 0; s < view->scenarios; s++)
        named += is_drawn(view, plot, 0, s);
    if (named > LEVELS_NAMED)
        return;
    fputs("set xtics (", script);
    for (size_t s = 0; s < view->scenarios; s++) {
        if (!is_drawn(view, plot, 0, s))
            continue;
        fputs(separator, script);
        tb_plot_name(script, 'V', s * view->factors + plot->factor, tb_view_level(view, s, plot->factor));
        fprintf(script, " %.17g", tb_view_level_number(view, s, plot->factor));
        separator = ", ";
    }
    fputs(")\n", script);
}

/* A label of ours. */
static void write_label(FILE *script, const struct tb_view *view, const char *text)
{
    struct tb_buffer worded = {0};
    bool inside = false;
    tb_work_unit_words(text, view->work_unit, &inside, &worded);
    fprintf(script, "set ylabel '%.*s'\n", (int)worded.size, worded.size == 0 ? "" : (const char *)worded.data);
    tb_buffer_free(&worded);
}

static struct frame write_axes(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot)
{
    struct range values, places;
    find_ranges(view, plot, &values, &places);
    const bool bytes = strcmp(plot->quantity->unit, "bytes") == 0;
    const struct tb_plot_unit unit =
        bytes ? tb_plot_bytes(values.high) : (struct tb_plot_unit){1, plot->quantity->unit};
    struct frame frame = {.unit = unit.size,
                          .log_values = is_wide(&values, wide_values),
                          .log_places = plot->factor != TB_ABSENT && is_wide(&places, wide_levels),
                          .floor = values.least_above_zero / unit.size / 3};
    const double width = frame.log_places ? log(places.high / places.low) : places.high - places.low;
    frame.step = plot->factor == TB_ABSENT ? fmin(0.22, 0.7 / (double)view->testbeds) : 0.02 * width;
    write_label(script, view, unit.name);
    fputs("set format y '%g'\nset key outside top center horizontal samplen 1\n", script);
    if (frame.log_places)
        fputs("set logscale x\n", script);
    if (frame.log_values)
        fputs("set logscale y\nset offsets graph 0.08, graph 0.08, 0, 0\n", script);
    else
        fprintf(script, "set yrange [0:%s]\nset offsets graph 0.08, graph 0.08, graph 0.08, 0\n",
                values.high > 0 ? "*" : "1");
    if (plot->factor == TB_ABSENT)
        fprintf(script, "set xrange [-0.5:%.6g]\n", (double)plot->places.count - 0.5);
    write_ticks(script, view, plot);
    return frame;
}

static void write_curves(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot)
{
    const char *separator = "plot ";
    for (size_t place = 0; plot->has_runs && place < plot->places.count; place++)
        for (size_t t = 0; t < view->testbeds; t++, separator = ", ")
            fprintf(script, "%s$runs%zu_%zu using 1:2 with points pt 7 ps 0.25 lc rgb '#999999' notitle", separator,
                    place, t);
    for (size_t place = 0; place < plot->places.count; place++)
        for (size_t t = 0; t < view->testbeds; t++, separator = ", ") {
            fprintf(script, "%s$means%zu_%zu using 1:2:3:4 with %s pt %d ps 0.8 lw 1.6 dt %zu lc rgb '%s' ", separator,
                    place, t, plot->factor == TB_ABSENT ? "yerrorbars" : "yerrorlines", tb_plot_point(t),
                    plot->factor == TB_ABSENT ? (size_t)1 : place + 1, tb_plot_colour(t));
            if (place == 0) {
                fputs("title ", script);
                tb_plot_name(script, 'N', t, view->testbed_name[t]);
            } else {
                fputs("notitle", script);
            }
        }
    fputs("\nreset\n", script);
}

void tb_quantity_plot_script(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot)
{
    tb_plot_begin(script, 330, 225);
    const struct frame frame = write_axes(script, view, plot);
    for (size_t place = 0; place < plot->places.count; place++)
        for (size_t t = 0; t < view->testbeds; t++) {
            if (plot->has_runs)
                write_block(script, view, plot, &frame, "runs", place, t, write_runs);
            write_block(script, view, plot, &frame, "means", place, t, write_mean);
        }
    write_curves(script, view, plot);
}
