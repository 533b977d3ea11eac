/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Combined chains beside the baseline's: which edges exist where, and how far
 * the chains are apart. */
#include <math.h>

#include "sections.h"

static void write_edges(struct tb_html *html, double share, int32_t common, int32_t only, int32_t baseline_only)
{
    if (isnan(share))
        tb_cell_missing(html);
    else
        tb_html_format(html, "<td>%s<small>%d + %d of %d</small></td>", tb_number_percent(share).text, (int)only,
                       (int)baseline_only, (int)(common + only + baseline_only));
}

static void write_all_edges(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t i = cell->row;
    write_edges(html, view->edge_disagreement[i], view->common_edges[i], view->only_edges[i],
                view->baseline_only_edges[i]);
}

static void write_pruned_edges(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t i = cell->row;
    write_edges(html, view->pruned_edge_disagreement[i], view->pruned_common_edges[i], view->pruned_only_edges[i],
                view->pruned_baseline_only_edges[i]);
}

static const struct tb_column columns[] = {
    {"scenario, role", .field = TB_FIELD_CHAIN_COMPARISON_SCENARIO, .style = TB_STYLE_ROLE,
     .role = TB_FIELD_CHAIN_COMPARISON_ROLE},
    {"order", .field = TB_FIELD_CHAIN_COMPARISON_ORDER},
    {"testbed", TB_CELL_TEXT, .field = TB_FIELD_CHAIN_COMPARISON_TESTBED},
    {"edges in one only", .write = write_all_edges},
    {"after pruning", .write = write_pruned_edges},
    {"weights", .field = TB_FIELD_CHAIN_COMPARISON_MEAN_WEIGHT_DIFFERENCE, .digits = 2},
    {"divergence", .field = TB_FIELD_CHAIN_COMPARISON_DIVERGENCE, .digits = 3},
    {"states", .field = TB_FIELD_CHAIN_COMPARISON_STATE_DISTANCE, .digits = 3},
    {"extra bits", .field = TB_FIELD_CHAIN_COMPARISON_SMOOTHED_DIVERGENCE_RATE, .digits = 3},
    {"unseen", .field = TB_FIELD_CHAIN_COMPARISON_UNSEEN_SHARE, .digits = 2},
    {"effect", .field = TB_FIELD_CHAIN_COMPARISON_EFFECT, .digits = 2},
};

static const struct tb_table table = {
    .caption = "Chains beside the baseline\xE2\x80\x99s.",
    .sentence =
        "Edges in one chain only, of those in either (testbed + baseline of all), before and after pruning; mean "
        "difference of weights on common edges; Jensen\xE2\x80\x93Shannon divergence of transitions in bits; total "
        "variation of states; bits per transition that the testbed\xE2\x80\x99s sequences cost on the "
        "baseline\xE2\x80\x99s smoothed chain above their own; share of the testbed\xE2\x80\x99s windows of order "
        "+ 1 calls that the baseline never shows; effect size of G.",
    TB_COLUMNS(columns),
    .shown = 12,
    .limit = 400,
    .more = "chains",
    .where = "/os/chain_comparison_*",
    .note = "Every edge with both weights is in the results file: load <code>/os/edge_difference_*</code>; which order "
            "fits is in <code>/os/order_score_*</code>.",
    .nothing = "<p class=\"reason\">No chains to compare: ",
    .needs = "trace",
};

void tb_section_chain_comparisons(struct tb_html *html, const struct tb_view *view)
{
    tb_html_heading(html, 3, "Chains compared", "chains-compared");
    tb_table_write(html, view, &table, view->chain_comparisons, NULL);
}
