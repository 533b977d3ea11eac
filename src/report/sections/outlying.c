/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "sections.h"

enum { NAMED = 3 };

static size_t count_outlying(const struct tb_view *view, size_t run)
{
    size_t count = 0;
    for (size_t m = 0; m < view->metrics; m++)
        count += view->outlying[run * view->metrics + m] == 1;
    return count;
}

/* Whether a lies further out than b; earlier metrics first among equals. */
static bool is_further(const double *scores, size_t a, size_t b)
{
    const double left = fabs(scores[a]), right = fabs(scores[b]);
    return left > right || (left == right && a < b);
}

/* The outlying metric that lies furthest out of those less far than last. */
static size_t next_furthest(const struct tb_view *view, size_t run, size_t last)
{
    const double *scores = view->outlier_score + run * view->metrics;
    size_t best = TB_ABSENT;
    for (size_t m = 0; m < view->metrics; m++)
        if (view->outlying[run * view->metrics + m] == 1 && (last == TB_ABSENT || is_further(scores, last, m)) &&
            (best == TB_ABSENT || is_further(scores, m, best)))
            best = m;
    return best;
}

static void write_metric(struct tb_html *html, const struct tb_view *view, size_t run, size_t metric)
{
    const size_t at = run * view->metrics + metric;
    const size_t cell = (size_t)view->run_cell[run];
    tb_html_text(html, view->metric_name[metric]);
    tb_html_format(html, " %s (median %s, score %s)", tb_number_significant(view->run_value[at], 4).text,
                   tb_number_significant(view->median[cell * view->metrics + metric], 4).text,
                   tb_number_significant(view->outlier_score[at], 2).text);
}

static bool is_outlying(const struct tb_cell *cell)
{
    return count_outlying(cell->view, cell->row) > 0;
}

static void write_count(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%zu</td>", count_outlying(cell->view, cell->row));
}

static void write_furthest(struct tb_html *html, const struct tb_cell *cell)
{
    size_t metric = TB_ABSENT;
    tb_html_markup(html, "<td class=\"text\">");
    for (size_t i = 0; i < NAMED; i++) {
        metric = next_furthest(cell->view, cell->row, metric);
        if (metric == TB_ABSENT)
            break;
        tb_html_markup(html, i == 0 ? "" : "; ");
        write_metric(html, cell->view, cell->row, metric);
    }
    tb_html_markup(html, "</td>");
}

static const struct tb_column columns[] = {
    {"run", TB_CELL_PATH, .field = TB_FIELD_RUN_NAME},
    {"metrics", .write = write_count},
    {"furthest out", TB_CELL_TEXT, .write = write_furthest},
};

static const struct tb_table table = {
    .caption = "Runs with outlying values.",
    .sentence = "The three values that lie furthest out.",
    TB_COLUMNS(columns),
    .shows = is_outlying,
    .limit = 200,
    .where = "/comparison/outlying",
    .fold = "runs have outlying values",
    .nothing = "<p>No value is outlying.</p>\n",
};

void tb_section_outlying(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h2 id=\"outlying\">Outlying runs</h2>\n<p>A value is outlying when its modified z-score, "
                         "0.6745 (value \xE2\x88\x92 median) / median absolute deviation, is beyond \xC2\xB1"
                         "3.5 among at least five runs of its cell. Outlying values are used like all others.</p>\n");
    tb_table_write(html, view, &table, view->runs, NULL);
}
