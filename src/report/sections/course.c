/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where along a sequence a testbed departs. */
#include "course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/numbers.h"
#include "sections.h"

static size_t scenario_of(const struct tb_view *view, size_t row)
{
    return (size_t)view->run_scenario[view->course_run[row]];
}

struct tb_course tb_course_from(const struct tb_view *view, size_t first)
{
    struct tb_course course = {.first = first,
                               .end = first,
                               .scenario = scenario_of(view, first),
                               .role = view->course_role[first],
                               .order = view->course_order[first],
                               .length = 1};
    for (; course.end < view->course_rows && scenario_of(view, course.end) == course.scenario &&
           view->course_role[course.end] == course.role;
         course.end++) {
        const size_t row = course.end;
        if (view->course_order[row] < course.order)
            course.order = view->course_order[row];
        if (view->course_begin[row] == 0 && view->course_calls[row] > course.length)
            course.length = view->course_calls[row];
    }
    return course;
}

static void add_run(struct tb_course_point *point, double bits, double invalid)
{
    if (isnan(bits) || isnan(invalid))
        return;
    point->low = point->runs == 0 ? bits : fmin(point->low, bits);
    point->high = point->runs == 0 ? bits : fmax(point->high, bits);
    point->bits += bits;
    point->invalid += invalid;
    point->runs++;
}

void tb_course_line(const struct tb_view *view, const struct tb_course *course, size_t testbed,
                    struct tb_course_line *line)
{
    memset(line, 0, sizeof *line);
    for (size_t row = course->first; row < course->end; row++) {
        const int64_t stretch = view->course_begin[row] / course->length;
        if ((size_t)view->run_testbed[view->course_run[row]] != testbed || view->course_order[row] != course->order ||
            stretch < 0 || stretch >= TB_COURSE_STRETCHES)
            continue;
        add_run(&line->points[stretch], view->course_bits[row], view->course_invalid[row]);
        line->count = line->count > (size_t)stretch + 1 ? line->count : (size_t)stretch + 1;
    }
    for (size_t i = 0; i < line->count; i++) {
        line->points[i].bits /= (double)line->points[i].runs;
        line->points[i].invalid /= (double)line->points[i].runs;
    }
}

/* The stretch in which the line is the most above the baseline's; count when it nowhere is. */
static size_t find_departure(const struct tb_course_line *line, const struct tb_course_line *baseline)
{
    const size_t count = line->count < baseline->count ? line->count : baseline->count;
    size_t found = count;
    double greatest = 0;
    for (size_t i = 0; i < count; i++) {
        const double excess = line->points[i].bits - baseline->points[i].bits;
        if (excess > greatest) {
            greatest = excess;
            found = i;
        }
    }
    return found;
}

static void write_departure(struct tb_html *html, const struct tb_course *course, const struct tb_course_line *line,
                            const struct tb_course_line *baseline)
{
    const size_t count = line->count < baseline->count ? line->count : baseline->count;
    const size_t at = find_departure(line, baseline);
    if (at == count) {
        tb_html_markup(html, "<td class=\"text\">nowhere</td><td class=\"empty\">\xE2\x80\x93</td><td "
                             "class=\"empty\">\xE2\x80\x93</td><td class=\"empty\">\xE2\x80\x93</td>");
        return;
    }
    tb_html_format(html, "<td class=\"text\">calls %s to %s</td><td>%s</td><td>+%s</td><td>%s</td>",
                   tb_number_count(course->length * (int64_t)at).text,
                   tb_number_count(course->length * (int64_t)(at + 1) - 1).text,
                   tb_number_significant(line->points[at].bits, 3).text,
                   tb_number_significant(line->points[at].bits - baseline->points[at].bits, 3).text,
                   tb_number_significant(line->points[at].invalid, 3).text);
}

static void write_rows(struct tb_html *html, const struct tb_view *view, const struct tb_course *course,
                       struct tb_course_line *lines)
{
    char *label = tb_view_scenario_label(view, course->scenario, TB_ABSENT);
    tb_course_line(view, course, 0, &lines[0]);
    for (size_t t = 1; t < view->testbeds; t++) {
        tb_course_line(view, course, t, &lines[1]);
        if (lines[1].count == 0)
            continue;
        tb_html_markup(html, "<tr><th scope=\"row\">");
        tb_html_text(html, label == NULL ? "" : label);
        tb_html_format(html, ", %s</th>", tb_view_flag(TB_FIELD_COURSE_ROLE, course->role).text);
        tb_html_element(html, "td class=\"text\"", view->testbed_name[t]);
        write_departure(html, course, &lines[1], &lines[0]);
        tb_html_markup(html, "</tr>\n");
    }
    free(label);
}

static void write_table(struct tb_html *html, const struct tb_view *view, struct tb_course_line *lines)
{
    enum { COURSES_WRITTEN = 100 };
    size_t written = 0;
    tb_table_open(html, "Where each testbed departs most.",
                  "The stretch in which its sequences need the most bits above those of the baseline, on the chains of "
                  "the baseline\xE2\x80\x99s other runs; bits are smoothed, so that invalid transitions cost many.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">scenario, role</th><th scope=\"col\" "
                         "class=\"text\">testbed</th><th scope=\"col\" class=\"text\">stretch</th><th "
                         "scope=\"col\">bits / transition</th><th scope=\"col\">above the baseline</th><th "
                         "scope=\"col\">invalid transitions</th></tr></thead>\n<tbody>\n");
    for (size_t first = 0; first < view->course_rows && written < COURSES_WRITTEN; written++) {
        const struct tb_course course = tb_course_from(view, first);
        write_rows(html, view, &course, lines);
        first = course.end;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

enum tb_status tb_section_course(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                                 struct tb_error *error)
{
    if (view->course_rows == 0)
        return TB_OK;
    struct tb_course_line *lines = calloc(2, sizeof *lines);
    if (lines == NULL)
        return tb_error_memory(error, "the report's courses");
    tb_html_markup(html, "<h3>The course of walks</h3>\n<p>Bits per transition along the sequences, on the chains of "
                         "the baseline\xE2\x80\x99s other runs: the mean over runs, and between the least and the "
                         "greatest of them. Where a testbed\xE2\x80\x99s line leaves the baseline\xE2\x80\x99s, its "
                         "calls begin to differ.</p>\n<div class=\"figures\">\n");
    for (size_t i = 0; i < plots->count; i++)
        if (plots->items[i].kind == TB_PLOT_COURSE)
            tb_plot_write(html, view, plots, i, "Bits per transition along the sequences of each testbed");
    tb_html_markup(html, "</div>\n");
    write_table(html, view, lines);
    tb_html_markup(html, "<p class=\"note\">Every stretch of every run and order is in the results file: load "
                         "<code>/os/course_*</code>.</p>\n");
    free(lines);
    return TB_OK;
}
