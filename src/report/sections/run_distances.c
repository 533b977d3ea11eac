/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances between runs: the test of each testbed, and a picture in which runs
 * with like sequences stand close together. */
#include <math.h>

#include "sections.h"

static void write_runs(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%d + %d</td>", (int)cell->view->test_runs[cell->row],
                   (int)cell->view->test_baseline_runs[cell->row]);
}

static void write_p(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    if (isnan(view->test_p[cell->row]))
        tb_cell_missing(html);
    else
        tb_html_format(html, "<td>%s<small>%s%s</small></td>", tb_number_p(view->test_p[cell->row]).text,
                       view->test_exact[cell->row] ? "all " : "",
                       tb_number_count(view->test_labelings[cell->row]).text);
}

static const struct tb_column columns[] = {
    {"scenario, role", .field = TB_FIELD_RUN_TEST_SCENARIO, .style = TB_STYLE_ROLE, .role = TB_FIELD_RUN_TEST_ROLE},
    {"order", .field = TB_FIELD_RUN_TEST_ORDER},
    {"testbed", TB_CELL_TEXT, .field = TB_FIELD_RUN_TEST_TESTBED},
    {"runs", .write = write_runs},
    {"within baseline, bit", .field = TB_FIELD_RUN_TEST_BASELINE_WITHIN, .digits = 3},
    {"within testbed, bit", .field = TB_FIELD_RUN_TEST_WITHIN, .digits = 3},
    {"between, bit", .field = TB_FIELD_RUN_TEST_BETWEEN, .digits = 3},
    {"times normal", .field = TB_FIELD_RUN_TEST_TIMES_NORMAL, .digits = 3},
    {"p", .write = write_p},
};

static const struct tb_table table = {
    .caption = "Distances between runs.",
    .sentence = "Jensen\xE2\x80\x93Shannon divergence in bits between the sequences of two runs: mean within the "
                "baseline (normal variation), within the testbed, between the two; how many times normal variation "
                "that is; and the share of labelings of the runs that separate them as well (permutation test, "
                "with the number of labelings).",
    TB_COLUMNS(columns),
    .shown = 12,
    .limit = 400,
    .more = "tests",
    .where = "/os/run_test_*",
    .nothing = "<p class=\"reason\">No distances: ",
    .needs = "trace",
};

void tb_section_run_distances(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_heading(html, 3, "Runs beside runs", "runs-beside-runs");
    tb_table_write(html, view, &table, view->run_tests, NULL);
    tb_plots_write(html, view, plots, TB_PLOT_RUN_PLACES, "Runs with like sequences stand close together");
    if (plots->left_out[TB_PLOT_RUN_PLACES] > 0)
        tb_html_format(html,
                       "<p class=\"note\">%zu more maps, of other orders or scenarios, are in the results file: "
                       "load <code>/os/run_place_*</code>; the whole matrix is in "
                       "<code>/os/run_distance_*</code>.</p>\n",
                       plots->left_out[TB_PLOT_RUN_PLACES]);
}
