/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the difference comes from: the calls that make most of it, for each
 * testbed beside the baseline. */
#include <math.h>
#include <stdlib.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { CALLS_SHOWN = 5, GROUPS_SHOWN = 8, GROUPS_WRITTEN = 100, COLUMNS = 5 };

static bool same_group(const struct tb_view *view, size_t a, size_t b)
{
    return view->call_contrast[a] == view->call_contrast[b] && view->call_role[a] == view->call_role[b];
}

/* Factors have contrasts of their own; something must differ. */
static bool is_shown(const struct tb_view *view, size_t first)
{
    return view->contrast_kind[view->call_contrast[first]] == TB_CONTRAST_TESTBED && view->call_share[first] > 0;
}

static void write_row(struct tb_html *html, const struct tb_view *view, size_t i)
{
    tb_html_markup(html, "<tr><th scope=\"row\"><code>");
    tb_html_text(html, view->call_name[view->call_call[i]]);
    tb_html_format(html, "</code></th><td>%s</td>", tb_number_percent(view->call_share[i]).text);
    tb_html_format(html, "<td>%s%s</td>", view->call_difference[i] > 0 ? "+" : "",
                   tb_number_significant(view->call_difference[i], 3).text);
    tb_html_format(html, "<td>%s<small>%s calls</small></td>", tb_number_significant(view->call_per_request[i], 4).text,
                   tb_number_count(view->call_count[i]).text);
    tb_html_format(html, "<td>%s<small>%s calls</small></td></tr>\n",
                   tb_number_significant(view->call_reference_per_request[i], 4).text,
                   tb_number_count(view->call_reference_count[i]).text);
}

/* Gives the row after the group. */
static size_t write_group(struct tb_html *html, const struct tb_view *view, size_t first)
{
    size_t end = first;
    tb_html_format(html, "<tbody><tr><th scope=\"rowgroup\" class=\"group\" colspan=\"%d\">", COLUMNS);
    tb_html_text(html, view->contrast_name[view->call_contrast[first]]);
    tb_html_format(html, ", %s</th></tr>\n", tb_view_flag(TB_FIELD_CALL_DIFFERENCE_ROLE, view->call_role[first]).text);
    for (; end < view->call_differences && same_group(view, first, end); end++)
        if (end - first < CALLS_SHOWN && view->call_share[end] > 0)
            write_row(html, view, end);
    tb_html_markup(html, "</tbody>\n");
    return end;
}

static size_t next_group(const struct tb_view *view, size_t first)
{
    size_t end = first;
    while (end < view->call_differences && same_group(view, first, end))
        end++;
    return end;
}

/* Writes up to limit groups from a row on; gives the row after them, and how many were written. */
static size_t write_groups(struct tb_html *html, const struct tb_view *view, size_t first, size_t limit,
                           size_t *written)
{
    tb_table_open(html, "Where the difference comes from.",
                  "The calls with the largest differences of calls per request between a testbed and the baseline: "
                  "share in the sum of all calls\xE2\x80\x99 differences, sign left out; the difference; calls per "
                  "request and calls in all runs on both sides.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">call</th><th scope=\"col\">share</th><th "
                         "scope=\"col\">difference</th><th scope=\"col\">testbed</th><th "
                         "scope=\"col\">baseline</th></tr></thead>\n");
    *written = 0;
    while (first < view->call_differences && *written < limit) {
        const bool shown = is_shown(view, first);
        first = shown ? write_group(html, view, first) : next_group(view, first);
        *written += shown;
    }
    tb_table_close(html);
    return first;
}

static size_t count_groups(const struct tb_view *view)
{
    size_t groups = 0;
    for (size_t first = 0; first < view->call_differences; first = next_group(view, first))
        groups += is_shown(view, first);
    return groups;
}

void tb_section_call_differences(struct tb_html *html, const struct tb_view *view)
{
    const size_t groups = count_groups(view);
    size_t written;
    tb_html_markup(html, "<h3>Calls behind the differences</h3>\n");
    if (groups == 0) {
        tb_html_markup(html, "<p class=\"reason\">No calls differ, or there are none to compare.</p>\n");
        return;
    }
    size_t next = write_groups(html, view, 0, GROUPS_SHOWN, &written);
    if (written < groups) {
        tb_html_format(html, "<details><summary>%zu more testbeds, scenarios and roles</summary>\n", groups - written);
        write_groups(html, view, next, GROUPS_WRITTEN, &written);
        tb_html_markup(html, "</details>\n");
    }
    tb_html_markup(html, "<p class=\"note\">All calls, and contrasts of factors: load "
                         "<code>/os/call_difference_*</code>.</p>\n");
}
