/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stalls_plot.h"

#include <math.h>
#include <string.h>

#include "plot_names.h"
#include "plot_style.h"
#include "report/widgets/numbers.h"

enum { STEPS = 400 };

/* Many rows, so they are read when they are drawn. */
struct rows {
    const int32_t *artifact;
    const double *offset, *duration; /* s */
    size_t count;                    /* 0 when the file lacks them */
};

static struct rows read_rows(const struct tb_view *view)
{
    struct rows rows = {
        .artifact = tb_results_int32(view->results, TB_FIELD_STALL_ARTIFACT, NULL),
        .offset = tb_results_float64(view->results, TB_FIELD_STALL_OFFSET, NULL),
        .duration = tb_results_float64(view->results, TB_FIELD_STALL_DURATION, NULL),
    };
    if (rows.artifact != NULL && rows.offset != NULL && rows.duration != NULL)
        rows.count = (size_t)tb_results_size(view->results, TB_DIMENSION_STALL);
    return rows;
}

/* --- which runs --- */

/* One flow is seen at each point of capture. */
static bool is_of(const struct tb_view *view, const struct tb_run_stalls *of, size_t artifact)
{
    return (size_t)view->artifact_run[artifact] == of->run &&
           strcmp(view->artifact_point[artifact], view->artifact_point[of->artifact]) == 0;
}

/* The run whose first stall is at row, which goes on to end. */
static struct tb_run_stalls find_run(const struct tb_view *view, const struct rows *rows, size_t row)
{
    struct tb_run_stalls found = {.artifact = (size_t)rows->artifact[row], .first = row, .end = row};
    found.run = (size_t)view->artifact_run[found.artifact];
    for (; found.end < rows->count && (size_t)view->artifact_run[rows->artifact[found.end]] == found.run; found.end++)
        if (is_of(view, &found, (size_t)rows->artifact[found.end])) {
            found.stalls++;
            found.longest = fmax(found.longest, rows->duration[found.end]);
        }
    return found;
}

bool tb_stalls_plot_make(const struct tb_view *view, struct tb_stalls_plot *plot)
{
    const struct rows rows = read_rows(view);
    struct tb_chosen chosen = {.count = 0};
    *plot = (struct tb_stalls_plot){.count = 0};
    for (size_t row = 0; row < rows.count;) {
        const struct tb_run_stalls run = find_run(view, &rows, row);
        if (isfinite(rows.offset[row]))
            tb_chosen_offer(&chosen, TB_CHOSEN_MOST, row, run.longest);
        row = run.end;
    }
    for (; plot->count < chosen.count; plot->count++)
        plot->runs[plot->count] = find_run(view, &rows, chosen.items[plot->count]);
    plot->left_out = chosen.left_out;
    return plot->count > 0;
}

/* --- how --- */

/* Of the capture in which a run's flows stood still; 0 when it is not known. */
static double capture_duration(const struct tb_view *view, const struct tb_run_stalls *run)
{
    const int32_t *artifacts = tb_results_int32(view->results, TB_FIELD_CAPTURE_ARTIFACT, NULL);
    const double *durations = tb_results_float64(view->results, TB_FIELD_CAPTURE_DURATION, NULL);
    const size_t captures = (size_t)tb_results_size(view->results, TB_DIMENSION_CAPTURE);
    for (size_t i = 0; artifacts != NULL && durations != NULL && i < captures; i++)
        if ((size_t)artifacts[i] == run->artifact)
            return isfinite(durations[i]) ? fmax(durations[i], 0) : 0;
    return 0;
}

static size_t step_at(double at, double length)
{
    const double step = at / length * STEPS;
    return step > 0 ? step < STEPS ? (size_t)step : STEPS - 1 : 0;
}

/* How many flows of a run stand still in each step; the most. */
static size_t count_flows(const struct tb_view *view, const struct rows *rows, const struct tb_run_stalls *run,
                          double length, size_t flows[STEPS])
{
    size_t most = 0;
    memset(flows, 0, STEPS * sizeof *flows);
    for (size_t row = run->first; row < run->end; row++) {
        if (!is_of(view, run, (size_t)rows->artifact[row]))
            continue;
        const size_t end = step_at(rows->offset[row] + rows->duration[row], length);
        for (size_t i = step_at(rows->offset[row], length); i <= end; i++)
            most = ++flows[i] > most ? flows[i] : most;
    }
    return most;
}

/* A step that is as high as the one before it is not said again. */
static void write_strip(FILE *script, size_t strip, const size_t flows[STEPS], double length, size_t most)
{
    fprintf(script, "$strip%zu << EOD\n0 -%zu -%zu\n", strip, strip, strip);
    for (size_t i = 0; i < STEPS; i++) {
        const double height = 0.75 * (double)flows[i] / (double)most - (double)strip;
        const bool begins = i == 0 || flows[i] != flows[i - 1], ends = i + 1 == STEPS || flows[i] != flows[i + 1];
        if (begins)
            fprintf(script, "%.6g -%zu %.6g\n", length * (double)i / STEPS, strip, height);
        if (ends)
            fprintf(script, "%.6g -%zu %.6g\n", length * (double)(i + 1) / STEPS, strip, height);
    }
    fputs("EOD\n", script);
}

static double longest_capture(const struct tb_view *view, const struct tb_stalls_plot *plot)
{
    double longest = 0;
    for (size_t i = 0; i < plot->count; i++)
        longest = fmax(longest, capture_duration(view, &plot->runs[i]));
    return longest > 0 ? longest : 1;
}

/* Names on the left, what stood still on the right, and a line as long as the capture. */
static void write_names(FILE *script, const struct tb_view *view, const struct tb_stalls_plot *plot)
{
    fputs("set ytics nomirror scale 0 (", script);
    for (size_t i = 0; i < plot->count; i++) {
        fputs(i == 0 ? "" : ", ", script);
        tb_plot_name(script, 'R', plot->runs[i].run, view->run_name[plot->runs[i].run]);
        fprintf(script, " -%zu", i);
    }
    fputs(")\nset y2tics nomirror scale 0 (", script);
    for (size_t i = 0; i < plot->count; i++)
        fprintf(script, "%s'%zu flow%s, %s s' -%zu", i == 0 ? "" : ", ", plot->runs[i].stalls,
                plot->runs[i].stalls == 1 ? "" : "s", tb_number_significant(plot->runs[i].longest, 3).text, i);
    fputs(")\n", script);
    for (size_t i = 0; i < plot->count; i++)
        fprintf(script, "set arrow from 0,-%zu to %.6g,-%zu nohead lc rgb '#999999' lw 0.6\n", i,
                capture_duration(view, &plot->runs[i]), i);
}

static bool is_first_of_testbed(const struct tb_view *view, const struct tb_stalls_plot *plot, size_t strip)
{
    for (size_t i = 0; i < strip; i++)
        if (view->run_testbed[plot->runs[i].run] == view->run_testbed[plot->runs[strip].run])
            return false;
    return true;
}

void tb_stalls_script(FILE *script, const struct tb_view *view, const struct tb_stalls_plot *plot)
{
    const struct rows rows = read_rows(view);
    const double length = longest_capture(view, plot);
    size_t flows[STEPS];
    size_t most = 1;
    for (size_t i = 0; i < plot->count; i++)
        most = (size_t)fmax((double)most, (double)count_flows(view, &rows, &plot->runs[i], length, flows));
    for (size_t i = 0; i < plot->count; i++) {
        count_flows(view, &rows, &plot->runs[i], length, flows);
        write_strip(script, i, flows, length, most);
    }
    tb_plot_begin(script, 640, (unsigned)(90 + 24 * plot->count));
    write_names(script, view, plot);
    fprintf(script,
            "unset rmargin\nset grid noy x lc rgb '#999999' lw 0.4 dt 3\nset border 1\nset key outside top center "
            "horizontal samplen 1\nset xlabel 's since the first packet of the capture'\nset xrange [0:%.6g]\n"
            "set yrange [%.6g:1]\nset y2range [%.6g:1]\nset style fill solid noborder\n",
            length, 0.7 - (double)plot->count, 0.7 - (double)plot->count);
    for (size_t i = 0; i < plot->count; i++) {
        const size_t testbed = (size_t)view->run_testbed[plot->runs[i].run];
        fprintf(script, "%s$strip%zu using 1:2:3 with filledcurves lc rgb '%s' %s", i == 0 ? "plot " : ", ", i,
                tb_plot_colour(testbed), is_first_of_testbed(view, plot, i) ? "title " : "notitle");
        if (is_first_of_testbed(view, plot, i))
            tb_plot_name(script, 'N', testbed, view->testbed_name[testbed]);
    }
    fputs("\nreset\n", script);
}
