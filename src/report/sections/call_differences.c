/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a difference comes from: the calls that make most of it, for each testbed
 * beside the baseline. Once for calls per request, and once for walks. */
#include "sections.h"

enum { CALLS_SHOWN = 5, GROUPS_SHOWN = 8, GROUPS_WRITTEN = 108 };

/* Factors have contrasts of their own; something must differ. */
static bool shows_call(const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    return view->contrast_kind[view->call_contrast[cell->row]] == TB_CONTRAST_TESTBED &&
           view->call_share[cell->row] > 0 && view->call_rank[cell->row] <= CALLS_SHOWN;
}

static size_t contrast_and_role(const struct tb_cell *cell)
{
    const size_t roles = 1 + TB_VIEW_SERVER;
    return (size_t)cell->view->call_contrast[cell->row] * roles + (size_t)cell->view->call_role[cell->row];
}

static void name_contrast(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    tb_html_text(html, view->contrast_name[view->call_contrast[cell->row]]);
    tb_html_format(html, ", %s", tb_view_flag(TB_FIELD_CALL_DIFFERENCE_ROLE, view->call_role[cell->row]).text);
}

static void write_side(struct tb_html *html, double per_request, int64_t count)
{
    tb_html_format(html, "<td>%s<small>%s calls</small></td>", tb_number_significant(per_request, 4).text,
                   tb_number_count(count).text);
}

static void write_testbed(struct tb_html *html, const struct tb_cell *cell)
{
    write_side(html, cell->view->call_per_request[cell->row], cell->view->call_count[cell->row]);
}

static void write_baseline(struct tb_html *html, const struct tb_cell *cell)
{
    write_side(html, cell->view->call_reference_per_request[cell->row], cell->view->call_reference_count[cell->row]);
}

static const struct tb_column call_columns[] = {
    {"call", TB_CELL_HEADING, .field = TB_FIELD_CALL_DIFFERENCE_CALL, .style = TB_STYLE_CODE},
    {"share", .field = TB_FIELD_CALL_DIFFERENCE_SHARE, .style = TB_STYLE_PERCENT},
    {"difference", .field = TB_FIELD_CALL_DIFFERENCE_DIFFERENCE, .style = TB_STYLE_SIGNED, .digits = 3},
    {"testbed", .write = write_testbed},
    {"baseline", .write = write_baseline},
};

static const struct tb_table call_table = {
    .caption = "Where the difference comes from.",
    .sentence = "The calls with the largest differences of calls per request between a testbed and the baseline: "
                "share in the sum of all calls\xE2\x80\x99 differences, sign left out; the difference; calls per "
                "request and calls in all runs on both sides.",
    TB_COLUMNS(call_columns),
    .shows = shows_call,
    .group = contrast_and_role,
    .heading = name_contrast,
    .shown = GROUPS_SHOWN,
    .limit = GROUPS_WRITTEN,
    .more = "testbeds, scenarios and roles",
    .where = "/os/call_difference_*",
    .note = "All calls, and contrasts of factors: load <code>/os/call_difference_*</code>.",
    .nothing = "<p class=\"reason\">No calls differ, or there are none to compare.</p>\n",
};

void tb_section_call_differences(struct tb_html *html, const struct tb_view *view)
{
    tb_html_heading(html, 3, "Calls behind the differences", "calls-behind-differences");
    tb_table_write(html, view, &call_table, view->call_differences, NULL);
}

/* Calls are ranked: when the first has no share, nothing differs. */
static bool shows_walk(const struct tb_cell *cell)
{
    return cell->view->behind_share[cell->row] > 0 && cell->view->behind_rank[cell->row] <= CALLS_SHOWN;
}

static size_t comparison_of(const struct tb_cell *cell)
{
    return (size_t)cell->view->behind_comparison[cell->row];
}

static void name_comparison(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t comparison = comparison_of(cell);
    tb_html_text(html, view->testbed_name[view->comparison_testbed[comparison]]);
    tb_html_markup(html, ", ");
    tb_html_text(html, view->scenario_label[view->comparison_scenario[comparison]]);
    tb_html_format(html, ", %s", tb_view_flag(TB_FIELD_CHAIN_COMPARISON_ROLE, view->comparison_role[comparison]).text);
}

static const struct tb_column walk_columns[] = {
    {"call", TB_CELL_HEADING, .field = TB_FIELD_WALK_DIFFERENCE_CALL, .style = TB_STYLE_CODE},
    {"share", .field = TB_FIELD_WALK_DIFFERENCE_SHARE, .style = TB_STYLE_PERCENT},
    {"bits", .field = TB_FIELD_WALK_DIFFERENCE_BITS, .style = TB_STYLE_SIGNED, .digits = 3},
    {"testbed", .field = TB_FIELD_WALK_DIFFERENCE_COUNT},
    {"baseline", .field = TB_FIELD_WALK_DIFFERENCE_BASELINE_COUNT},
};

static const struct tb_table walk_table = {
    .caption = "Where the difference of walks comes from.",
    .sentence = "The calls with the largest parts in the bits per transition that the testbed\xE2\x80\x99s "
                "sequences cost on the baseline\xE2\x80\x99s chain above the baseline\xE2\x80\x99s own: share in "
                "the sum of all calls\xE2\x80\x99 parts, sign left out; the part in bits per transition (above "
                "zero: less probable on the baseline); transitions that enter the call in all runs on both sides.",
    TB_COLUMNS(walk_columns),
    .shows = shows_walk,
    .group = comparison_of,
    .heading = name_comparison,
    .shown = GROUPS_SHOWN,
    .limit = GROUPS_WRITTEN,
    .more = "testbeds, scenarios and roles",
    .where = "/os/walk_difference_*",
    .note = "All calls: load <code>/os/walk_difference_*</code>.",
    .nothing = "<p class=\"reason\">No walks differ, or there are none to compare.</p>\n",
};

void tb_section_walk_differences(struct tb_html *html, const struct tb_view *view)
{
    tb_html_heading(html, 3, "Calls behind the walks", "calls-behind-walks");
    tb_table_write(html, view, &walk_table, view->walk_differences, NULL);
}
