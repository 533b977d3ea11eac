/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances between runs: the test of each testbed, and a picture in which runs
 * with like sequences stand close together. */
#include <math.h>

#include "sections.h"

enum { PICTURES = 8, WIDTH = 400, HEIGHT = 300, MARGIN = 16, MARKS = 4 };

/* Runs of one role and order in one scenario: rows first .. end - 1 of the places. */
struct picture {
    size_t first, end;
    double middle_x, middle_y;
    double scale; /* pixels for one unit, the same on both axes */
};

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
    {"within baseline", .field = TB_FIELD_RUN_TEST_BASELINE_WITHIN, .digits = 3},
    {"within testbed", .field = TB_FIELD_RUN_TEST_WITHIN, .digits = 3},
    {"between", .field = TB_FIELD_RUN_TEST_BETWEEN, .digits = 3},
    {"times normal", .field = TB_FIELD_RUN_TEST_TIMES_NORMAL, .digits = 3},
    {"p", .write = write_p},
};

static bool same_picture(const struct tb_view *view, size_t a, size_t b)
{
    return view->place_role[a] == view->place_role[b] && view->place_order[a] == view->place_order[b] &&
           view->run_scenario[view->place_run[a]] == view->run_scenario[view->place_run[b]];
}

static struct picture picture_from(const struct tb_view *view, size_t first)
{
    struct picture picture = {.first = first, .end = first};
    double low_x = INFINITY, high_x = -INFINITY, low_y = INFINITY, high_y = -INFINITY;
    for (; picture.end < view->run_places && same_picture(view, first, picture.end); picture.end++) {
        low_x = fmin(low_x, view->place_x[picture.end]);
        high_x = fmax(high_x, view->place_x[picture.end]);
        low_y = fmin(low_y, view->place_y[picture.end]);
        high_y = fmax(high_y, view->place_y[picture.end]);
    }
    const double units = fmax((high_x - low_x) / (WIDTH - 2 * MARGIN), (high_y - low_y) / (HEIGHT - 2 * MARGIN));
    picture.middle_x = (low_x + high_x) / 2;
    picture.middle_y = (low_y + high_y) / 2;
    picture.scale = units > 0 ? 1 / units : 0;
    return picture;
}

/* Marks differ in shape as well as in colour. */
static void write_mark(struct tb_html *html, size_t testbed, double x, double y)
{
    static const char *const shapes[MARKS] = {"a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", "l4,-4l4,4l-4,4z", "l4,-6l4,6z",
                                              "v-4h7v7h-7z"};
    tb_html_format(html, "<path d=\"M%.1f,%.1f%s\" fill=\"%s\" fill-opacity=\"0.75\"/>", x - 4, y,
                   shapes[testbed % MARKS], tb_plot_colour(testbed));
}

static void write_marks(struct tb_html *html, const struct tb_view *view, const struct picture *picture)
{
    for (size_t i = picture->first; i < picture->end; i++) {
        const int32_t run = view->place_run[i];
        const double x = WIDTH / 2.0 + (view->place_x[i] - picture->middle_x) * picture->scale;
        const double y = HEIGHT / 2.0 - (view->place_y[i] - picture->middle_y) * picture->scale;
        if (isfinite(x) && isfinite(y))
            write_mark(html, (size_t)view->run_testbed[run], x, y);
    }
}

static void write_caption(struct tb_html *html, const struct tb_view *view, const struct picture *picture)
{
    const size_t first = picture->first;
    tb_html_markup(html, "<figcaption><b>");
    tb_html_text(html, view->scenario_label[view->run_scenario[view->place_run[first]]]);
    tb_html_format(html, ", %s</b>, order %d: ", tb_view_flag(TB_FIELD_RUN_PLACE_ROLE, view->place_role[first]).text,
                   (int)view->place_order[first]);
    if (isnan(view->place_x_share[first]))
        tb_html_format(html, "all %zu runs have the same sequence, or differ too little to show", picture->end - first);
    else
        tb_html_format(html, "%zu runs; the axes show %s of their variation", picture->end - first,
                       tb_number_percent(view->place_x_share[first] + view->place_y_share[first]).text);
    tb_html_markup(html, "</figcaption>");
}

static void write_picture(struct tb_html *html, const struct tb_view *view, const struct picture *picture)
{
    tb_html_format(html,
                   "<figure class=\"plot\"><svg role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"Runs placed so that "
                   "like sequences stand close together; mean distances are in the table above\">\n<rect x=\"1\" "
                   "y=\"1\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999999\" stroke-width=\"0.5\"/>\n",
                   WIDTH, HEIGHT, WIDTH - 2, HEIGHT - 2);
    write_marks(html, view, picture);
    tb_html_markup(html, "</svg>");
    write_caption(html, view, picture);
    tb_html_markup(html, "</figure>\n");
}

static void write_legend(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<ul class=\"legend\">");
    for (size_t t = 0; t < view->testbeds; t++) {
        tb_html_markup(html, "<li><svg role=\"img\" aria-label=\"mark\" viewBox=\"0 0 14 14\" width=\"14\" "
                             "height=\"14\">");
        write_mark(html, t, 7, 7);
        tb_html_markup(html, "</svg> ");
        tb_html_text(html, view->testbed_name[t]);
        tb_html_markup(html, "</li>");
    }
    tb_html_markup(html, "</ul>\n");
}

/* The lowest order of each scenario and role. */
static void write_pictures(struct tb_html *html, const struct tb_view *view)
{
    size_t drawn = 0, left_out = 0;
    int32_t lowest = INT32_MAX;
    for (size_t i = 0; i < view->run_places; i++)
        lowest = view->place_order[i] < lowest ? view->place_order[i] : lowest;
    write_legend(html, view);
    tb_html_markup(html, "<div class=\"figures\">\n");
    for (size_t first = 0; first < view->run_places;) {
        const struct picture picture = picture_from(view, first);
        if (view->place_order[first] == lowest && drawn < PICTURES) {
            write_picture(html, view, &picture);
            drawn++;
        } else {
            left_out++;
        }
        first = picture.end;
    }
    tb_html_markup(html, "</div>\n");
    if (left_out > 0)
        tb_html_format(html,
                       "<p class=\"note\">%zu more pictures, of other orders or scenarios, are in the results file: "
                       "load <code>/os/run_place_*</code>; the whole matrix is in "
                       "<code>/os/run_distance_*</code>.</p>\n",
                       left_out);
}

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

void tb_section_run_distances(struct tb_html *html, const struct tb_view *view)
{
    tb_html_heading(html, 3, "Runs beside runs", "runs-beside-runs");
    tb_table_write(html, view, &table, view->run_tests, NULL);
    if (view->run_tests > 0)
        write_pictures(html, view);
}
