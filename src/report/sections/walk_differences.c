/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the difference of walks comes from: the calls whose transitions make
 * most of it, for each testbed beside the baseline. */
#include <stdlib.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { CALLS_SHOWN = 5, GROUPS_SHOWN = 8, GROUPS_WRITTEN = 100, COLUMNS = 5 };

static size_t next_group(const struct tb_view *view, size_t first)
{
    size_t end = first;
    while (end < view->walk_differences && view->behind_comparison[end] == view->behind_comparison[first])
        end++;
    return end;
}

/* Calls are ranked: when the first has no share, nothing differs. */
static bool is_shown(const struct tb_view *view, size_t first)
{
    return view->behind_share[first] > 0;
}

static void write_heading(struct tb_html *html, const struct tb_view *view, size_t comparison)
{
    char *label = tb_view_scenario_label(view, (size_t)view->comparison_scenario[comparison], TB_ABSENT);
    tb_html_format(html, "<tr><th scope=\"rowgroup\" class=\"group\" colspan=\"%d\">", COLUMNS);
    tb_html_text(html, view->testbed_name[view->comparison_testbed[comparison]]);
    tb_html_markup(html, ", ");
    tb_html_text(html, label == NULL ? "" : label);
    tb_html_format(html, ", %s</th></tr>\n",
                   tb_view_flag(TB_FIELD_CHAIN_COMPARISON_ROLE, view->comparison_role[comparison]).text);
    free(label);
}

static void write_row(struct tb_html *html, const struct tb_view *view, size_t i)
{
    tb_html_markup(html, "<tr><th scope=\"row\"><code>");
    tb_html_text(html, view->call_name[view->behind_call[i]]);
    tb_html_format(html, "</code></th><td>%s</td>", tb_number_percent(view->behind_share[i]).text);
    tb_html_format(html, "<td>%s%s</td>", view->behind_bits[i] > 0 ? "+" : "",
                   tb_number_significant(view->behind_bits[i], 3).text);
    tb_html_format(html, "<td>%s</td>", tb_number_count(view->behind_count[i]).text);
    tb_html_format(html, "<td>%s</td></tr>\n", tb_number_count(view->behind_baseline_count[i]).text);
}

/* Gives the row after the group. */
static size_t write_group(struct tb_html *html, const struct tb_view *view, size_t first)
{
    const size_t end = next_group(view, first);
    tb_html_markup(html, "<tbody>");
    write_heading(html, view, (size_t)view->behind_comparison[first]);
    for (size_t i = first; i < end && i - first < CALLS_SHOWN; i++)
        if (view->behind_share[i] > 0)
            write_row(html, view, i);
    tb_html_markup(html, "</tbody>\n");
    return end;
}

/* Writes up to limit groups from a row on; gives the row after them, and how many were written. */
static size_t write_groups(struct tb_html *html, const struct tb_view *view, size_t first, size_t limit,
                           size_t *written)
{
    tb_table_open(
        html, "Where the difference of walks comes from.",
        "The calls with the largest parts in the bits per transition that the testbed\xE2\x80\x99s sequences "
        "cost on the baseline\xE2\x80\x99s chain above the baseline\xE2\x80\x99s own: share in the sum of all "
        "calls\xE2\x80\x99 parts, sign left out; the part in bits per transition (above zero: less probable "
        "on the baseline); transitions that enter the call in all runs on both sides.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">call</th><th scope=\"col\">share</th><th "
                         "scope=\"col\">bits</th><th scope=\"col\">testbed</th><th "
                         "scope=\"col\">baseline</th></tr></thead>\n");
    *written = 0;
    while (first < view->walk_differences && *written < limit) {
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
    for (size_t first = 0; first < view->walk_differences; first = next_group(view, first))
        groups += is_shown(view, first);
    return groups;
}

void tb_section_walk_differences(struct tb_html *html, const struct tb_view *view)
{
    const size_t groups = count_groups(view);
    size_t written;
    tb_html_markup(html, "<h3>Calls behind the walks</h3>\n");
    if (groups == 0) {
        tb_html_markup(html, "<p class=\"reason\">No walks differ, or there are none to compare.</p>\n");
        return;
    }
    const size_t next = write_groups(html, view, 0, GROUPS_SHOWN, &written);
    if (written < groups) {
        tb_html_format(html, "<details><summary>%zu more testbeds, scenarios and roles</summary>\n", groups - written);
        write_groups(html, view, next, GROUPS_WRITTEN, &written);
        tb_html_markup(html, "</details>\n");
    }
    tb_html_markup(html, "<p class=\"note\">All calls: load <code>/os/walk_difference_*</code>.</p>\n");
}
