/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Combined chains beside the baseline's: which edges exist where, and how far
 * the chains are apart. */
#include <math.h>
#include <stdlib.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { ROWS_SHOWN = 12, ROWS_WRITTEN = 400 };

static void write_edges(struct tb_html *html, double share, int32_t common, int32_t only, int32_t baseline_only)
{
    if (isnan(share)) {
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
        return;
    }
    tb_html_format(html, "<td>%s<small>%d + %d of %d</small></td>", tb_number_percent(share).text, (int)only,
                   (int)baseline_only, (int)(common + only + baseline_only));
}

static void write_number(struct tb_html *html, double value, int digits)
{
    if (isnan(value))
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
    else
        tb_html_format(html, "<td>%s</td>", tb_number_significant(value, digits).text);
}

static void write_row(struct tb_html *html, const struct tb_view *view, size_t i)
{
    char *label = tb_view_scenario_label(view, (size_t)view->comparison_scenario[i], TB_ABSENT);
    tb_html_markup(html, "<tr><th scope=\"row\">");
    tb_html_text(html, label == NULL ? "" : label);
    free(label);
    tb_html_format(html, ", %s</th><td>%d</td>",
                   tb_view_flag(TB_FIELD_CHAIN_COMPARISON_ROLE, view->comparison_role[i]).text,
                   (int)view->comparison_order[i]);
    tb_html_element(html, "td class=\"text\"", view->testbed_name[view->comparison_testbed[i]]);
    write_edges(html, view->edge_disagreement[i], view->common_edges[i], view->only_edges[i],
                view->baseline_only_edges[i]);
    write_edges(html, view->pruned_edge_disagreement[i], view->pruned_common_edges[i], view->pruned_only_edges[i],
                view->pruned_baseline_only_edges[i]);
    write_number(html, view->mean_weight_difference[i], 2);
    write_number(html, view->divergence[i], 3);
    write_number(html, view->state_distance[i], 3);
    write_number(html, view->smoothed_divergence_rate[i], 3);
    write_number(html, view->unseen_share[i], 2);
    write_number(html, view->effect[i], 2);
    tb_html_markup(html, "</tr>\n");
}

static void write_table(struct tb_html *html, const struct tb_view *view, size_t from, size_t to)
{
    tb_table_open(html, "Chains beside the baseline\xE2\x80\x99s.",
                  "Edges in one chain only, of those in either (testbed + baseline of all), before and after pruning; "
                  "mean difference of weights on common edges; Jensen\xE2\x80\x93Shannon divergence of transitions in "
                  "bits; total variation of states; bits per transition that the testbed\xE2\x80\x99s sequences cost "
                  "on the baseline\xE2\x80\x99s smoothed chain above their own; share of the testbed\xE2\x80\x99s "
                  "windows of order + 1 calls that the baseline never shows; effect size of G.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">scenario, role</th><th scope=\"col\">order</th><th "
                         "scope=\"col\" class=\"text\">testbed</th><th scope=\"col\">edges in one only</th><th "
                         "scope=\"col\">after pruning</th><th scope=\"col\">weights</th><th "
                         "scope=\"col\">divergence</th><th scope=\"col\">states</th><th scope=\"col\">extra "
                         "bits</th><th scope=\"col\">unseen</th><th scope=\"col\">effect</th></tr></thead>\n<tbody>\n");
    for (size_t i = from; i < to; i++)
        write_row(html, view, i);
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

void tb_section_chain_comparisons(struct tb_html *html, const struct tb_view *view)
{
    const size_t count = view->chain_comparisons < ROWS_WRITTEN ? view->chain_comparisons : ROWS_WRITTEN;
    const size_t shown = count < ROWS_SHOWN ? count : ROWS_SHOWN;
    tb_html_markup(html, "<h3>Chains compared</h3>\n");
    if (count == 0) {
        tb_html_markup(html, "<p class=\"reason\">No chains to compare: ");
        tb_missing_reason(html, view, "trace");
        tb_html_markup(html, ".</p>\n");
        return;
    }
    write_table(html, view, 0, shown);
    if (shown < count) {
        tb_html_format(html, "<details><summary>%zu more chains</summary>\n", count - shown);
        write_table(html, view, shown, count);
        tb_html_markup(html, "</details>\n");
    }
    tb_html_markup(html, "<p class=\"note\">Every edge with both weights is in the results file: load "
                         "<code>/os/edge_difference_*</code>; which order fits is in "
                         "<code>/os/order_score_*</code>.</p>\n");
}
