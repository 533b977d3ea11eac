/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where along a sequence a testbed departs. */
#include "walk_profiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sections.h"

static size_t scenario_of(const struct tb_view *view, size_t row)
{
    return (size_t)view->run_scenario[view->profile_run[row]];
}

struct tb_walk_profile tb_walk_profile_from(const struct tb_view *view, size_t first)
{
    struct tb_walk_profile profile = {.first = first,
                                      .end = first,
                                      .scenario = scenario_of(view, first),
                                      .role = view->profile_role[first],
                                      .order = view->profile_order[first],
                                      .length = 1};
    for (; profile.end < view->profile_rows && scenario_of(view, profile.end) == profile.scenario &&
           view->profile_role[profile.end] == profile.role;
         profile.end++) {
        const size_t row = profile.end;
        if (view->profile_order[row] < profile.order)
            profile.order = view->profile_order[row];
        if (view->profile_begin[row] == 0 && view->profile_calls[row] > profile.length)
            profile.length = view->profile_calls[row];
    }
    return profile;
}

static void add_run(struct tb_walk_profile_point *point, double bits, double invalid)
{
    if (isnan(bits) || isnan(invalid))
        return;
    point->low = point->runs == 0 ? bits : fmin(point->low, bits);
    point->high = point->runs == 0 ? bits : fmax(point->high, bits);
    point->bits += bits;
    point->invalid += invalid;
    point->runs++;
}

void tb_walk_profile_line(const struct tb_view *view, const struct tb_walk_profile *profile, size_t testbed,
                          struct tb_walk_profile_line *line)
{
    memset(line, 0, sizeof *line);
    for (size_t row = profile->first; row < profile->end; row++) {
        const int64_t interval = view->profile_begin[row] / profile->length;
        if ((size_t)view->run_testbed[view->profile_run[row]] != testbed ||
            view->profile_order[row] != profile->order || interval < 0 || interval >= TB_WALK_PROFILE_INTERVALS)
            continue;
        add_run(&line->points[interval], view->profile_bits[row], view->profile_invalid[row]);
        line->count = line->count > (size_t)interval + 1 ? line->count : (size_t)interval + 1;
    }
    for (size_t i = 0; i < line->count; i++) {
        line->points[i].bits /= (double)line->points[i].runs;
        line->points[i].invalid /= (double)line->points[i].runs;
    }
}

/* A testbed beside the baseline in one scenario and role. */
struct departure {
    struct tb_walk_profile profile;
    size_t testbed;
    size_t interval;                    /* in which its line is the most above the baseline's; TB_ABSENT when nowhere */
    struct tb_walk_profile_point point; /* of it */
    double excess;                      /* bits per transition above the baseline's */
};

static struct departure find_departure(const struct tb_walk_profile_line *line,
                                       const struct tb_walk_profile_line *baseline)
{
    const size_t count = line->count < baseline->count ? line->count : baseline->count;
    struct departure found = {.interval = TB_ABSENT};
    for (size_t i = 0; i < count; i++) {
        const double excess = line->points[i].bits - baseline->points[i].bits;
        if (excess > found.excess)
            found = (struct departure){.interval = i, .point = line->points[i], .excess = excess};
    }
    return found;
}

/* Of every profile and testbed that has one; gives how many. */
static size_t find_departures(const struct tb_view *view, struct tb_walk_profile_line *lines,
                              struct departure *departures)
{
    size_t count = 0;
    for (size_t first = 0; first < view->profile_rows;) {
        const struct tb_walk_profile profile = tb_walk_profile_from(view, first);
        tb_walk_profile_line(view, &profile, 0, &lines[0]);
        for (size_t t = 1; t < view->testbeds; t++) {
            tb_walk_profile_line(view, &profile, t, &lines[1]);
            if (lines[1].count == 0)
                continue;
            departures[count] = find_departure(&lines[1], &lines[0]);
            departures[count].profile = profile;
            departures[count++].testbed = t;
        }
        first = profile.end;
    }
    return count;
}

static void write_departure(struct tb_html *html, const struct tb_cell *cell)
{
    const struct departure *departure = (const struct departure *)cell->context + cell->row;
    const struct tb_walk_profile *profile = &departure->profile;
    const int64_t begin = profile->length * (int64_t)departure->interval;
    tb_cell_scenario(html, cell->view, (int32_t)profile->scenario, TB_FIELD_WALK_PROFILE_ROLE, profile->role);
    tb_html_element(html, "td class=\"text\"", cell->view->testbed_name[departure->testbed]);
    if (departure->interval == TB_ABSENT) {
        tb_html_markup(html, "<td class=\"text\">nowhere</td>");
        for (int i = 0; i < 3; i++)
            tb_cell_missing(html);
        return;
    }
    tb_html_format(
        html, "<td class=\"text\">calls %s to %s</td><td>%s</td><td>+%s</td><td>%s</td>", tb_number_count(begin).text,
        tb_number_count(begin + profile->length - 1).text, tb_number_significant(departure->point.bits, 3).text,
        tb_number_significant(departure->excess, 3).text, tb_number_significant(departure->point.invalid, 3).text);
}

static const struct tb_column columns[] = {{.head = "scenario, role"},
                                           {.head = "testbed", .kind = TB_CELL_TEXT},
                                           {.head = "interval", .kind = TB_CELL_TEXT},
                                           {.head = "bits / transition"},
                                           {.head = "above the baseline"},
                                           {.head = "invalid transitions"}};

static const struct tb_table departures_table = {
    .caption = "Where each testbed departs most.",
    .sentence = "The interval in which its sequences need the most bits above those of the baseline, on the chains of "
                "the baseline\xE2\x80\x99s other runs; bits are smoothed, so that invalid transitions cost many.",
    TB_COLUMNS(columns),
    .write = write_departure,
    .limit = 200,
    .where = "/os/walk_profile_*",
    .note = "Every interval of every run and order is in the results file: load <code>/os/walk_profile_*</code>.",
};

static void write_table(struct tb_html *html, const struct tb_view *view)
{
    struct tb_walk_profile_line *lines = tb_html_allocate(html, 2, sizeof *lines);
    /* Each of these has a row of the profile at least. */
    struct departure *departures = tb_html_allocate(html, view->profile_rows, sizeof *departures);
    const size_t count = lines == NULL || departures == NULL ? 0 : find_departures(view, lines, departures);
    tb_table_write(html, view, &departures_table, count, departures);
    free(departures);
    free(lines);
}

void tb_section_walk_profiles(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    if (view->profile_rows == 0)
        return;
    tb_html_heading(html, 3, "Walk profiles", "walk-profiles");
    tb_html_markup(html, "<p>Bits per transition along the sequences, on the chains of "
                         "the baseline\xE2\x80\x99s other runs: the mean over runs, and between the least and the "
                         "greatest of them. Where a testbed\xE2\x80\x99s line leaves the baseline\xE2\x80\x99s, its "
                         "calls begin to differ.</p>\n");
    tb_plots_write(html, view, plots, TB_PLOT_WALK_PROFILE, "Bits per transition along the sequences");
    write_table(html, view);
}
