/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sections.h"

static size_t term_at(const int32_t *ranks, size_t terms, int32_t rank)
{
    for (size_t t = 0; t < terms; t++)
        if (ranks[t] == rank)
            return t;
    return TB_ABSENT;
}

/* Row r of the campaign's table is the term of rank r + 1. */
static size_t term_of(const struct tb_cell *cell)
{
    return term_at(cell->view->term_rank, cell->view->terms, (int32_t)cell->row + 1);
}

static bool is_term(const struct tb_cell *cell)
{
    return term_of(cell) != TB_ABSENT;
}

static const struct tb_column term_columns[] = {
    {"term", TB_CELL_HEADING, .field = TB_FIELD_SENSITIVITY_TERM_NAME},
    {"mean share", .field = TB_FIELD_SENSITIVITY_TERM_MEAN_SHARE, .style = TB_STYLE_PERCENT},
    {"metrics", .field = TB_FIELD_SENSITIVITY_TERM_METRICS},
    {"first in", .field = TB_FIELD_SENSITIVITY_TERM_FIRST},
};

static const struct tb_table term_table = {
    .caption = "What moves the metrics.",
    .sentence = "Shares of a metric\xE2\x80\x99s variance over all runs, averaged over the metrics that have one. "
                "\xE2\x80\x9CRemaining\xE2\x80\x9D is what differs between cells beyond the terms above, "
                "\xE2\x80\x9Crepetition\xE2\x80\x9D what differs within cells.",
    TB_COLUMNS(term_columns),
    .at = term_of,
    .shows = is_term,
};

static bool has_shares(const struct tb_cell *cell)
{
    return term_at(cell->view->sensitivity_rank + cell->row * cell->view->terms, cell->view->terms, 1) != TB_ABSENT;
}

/* The column's index is the rank of the term. */
static void write_place(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const size_t first = cell->row * view->terms;
    const size_t t = term_at(view->sensitivity_rank + first, view->terms, (int32_t)cell->index);
    if (t == TB_ABSENT) {
        tb_cell_missing(html);
        return;
    }
    tb_html_markup(html, "<td class=\"text\">");
    tb_html_text(html, view->term_name[t]);
    tb_html_format(html, " %s", tb_number_percent(view->sensitivity_share[first + t]).text);
    if (!isnan(view->sensitivity_p[first + t]))
        tb_html_format(html, "<small>p\xC2\xA0%s</small>", tb_number_p(view->sensitivity_p[first + t]).text);
    tb_html_markup(html, "</td>");
}

static const struct tb_column metric_columns[] = {
    {"metric", TB_CELL_HEADING, .field = TB_FIELD_METRICS_METRIC_NAME},
    {"first", TB_CELL_TEXT, .write = write_place, .index = 1},
    {"second", TB_CELL_TEXT, .write = write_place, .index = 2},
    {"third", TB_CELL_TEXT, .write = write_place, .index = 3},
    {"fourth", TB_CELL_TEXT, .write = write_place, .index = 4},
};

static const struct tb_table metric_table = {
    .caption = "Shares of variance by metric.",
    .sentence = "The terms with the greatest shares (eta squared), and p of their F test against repetition. Sums of "
                "squares are of Type II; where cells are not balanced, the shares of a metric need not add up to "
                "100\xC2\xA0%.",
    TB_COLUMNS(metric_columns),
    .shows = has_shares,
    .limit = 400,
    .where = "/sensitivity/share",
};

/* The testbed is category 0, as in the analysis, and factor f is category 1 + f. */
static const char *category_name(const struct tb_view *view, size_t category)
{
    return category == 0 ? "testbed" : view->factor_name[category - 1];
}

static bool same_level(const struct tb_view *view, size_t category, size_t a, size_t b)
{
    if (category == 0)
        return view->cell_testbed[a] == view->cell_testbed[b];
    return strcmp(tb_view_level(view, (size_t)view->cell_scenario[a], category - 1),
                  tb_view_level(view, (size_t)view->cell_scenario[b], category - 1)) == 0;
}

/* For each cell, the first cell with the same level: two categories change together when these lists are the same. */
static bool find_firsts(const struct tb_view *view, size_t category, size_t *firsts)
{
    bool varies = false;
    for (size_t cell = 0; cell < view->cells; cell++) {
        size_t first = 0;
        while (!same_level(view, category, first, cell))
            first++;
        firsts[cell] = first;
        varies = varies || first != 0;
    }
    return varies;
}

static bool together(const struct tb_view *view, const size_t *firsts, size_t a, size_t b)
{
    return memcmp(firsts + a * view->cells, firsts + b * view->cells, view->cells * sizeof *firsts) == 0;
}

/* Names the categories that change with the given one, and takes them out of those left to name. */
static void write_group(struct tb_html *html, const struct tb_view *view, const size_t *firsts, bool *left, size_t with)
{
    size_t members = 0, written = 0;
    for (size_t c = with; c <= view->factors; c++)
        members += left[c] && together(view, firsts, with, c);
    if (members < 2)
        return;
    tb_html_markup(html, "<p>In this campaign ");
    for (size_t c = with; c <= view->factors; c++) {
        if (!left[c] || !together(view, firsts, with, c))
            continue;
        left[c] = false;
        tb_html_markup(html, written == 0 ? "" : written + 1 == members ? " and " : ", ");
        tb_html_text(html, category_name(view, c));
        written++;
    }
    tb_html_format(html,
                   " always change together, so %s has a share of its own: what they do cannot be told apart, and "
                   "belongs to no term.</p>\n",
                   members == 2 ? "neither" : "none of them");
}

/* A sentence for each set of factors that have no share since they always change together. */
static void write_collinear(struct tb_html *html, const struct tb_view *view)
{
    const size_t categories = 1 + view->factors;
    size_t *firsts = calloc(categories * view->cells + 1, sizeof *firsts);
    bool *left = calloc(categories, sizeof *left);
    if (firsts != NULL && left != NULL) {
        for (size_t c = 0; c < categories; c++)
            left[c] = find_firsts(view, c, firsts + c * view->cells);
        for (size_t c = 0; c < categories; c++)
            if (left[c])
                write_group(html, view, firsts, left, c);
    }
    free(firsts);
    free(left);
}

void tb_section_sensitivity(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_markup(html, "<h2 id=\"sensitivity\">Which factor matters</h2>\n");
    if (term_at(view->term_rank, view->terms, 1) == TB_ABSENT) {
        tb_html_markup(html, "<p class=\"reason\">No shares of variance: no metric has values that differ.</p>\n");
        return;
    }
    tb_html_markup(html, "<div class=\"levels\">\n<div>\n");
    tb_table_write(html, view, &term_table, view->terms, NULL);
    write_collinear(html, view);
    tb_html_markup(html, "</div>\n<div>\n");
    for (size_t i = 0; i < plots->count; i++)
        if (plots->items[i].kind == TB_PLOT_SENSITIVITY)
            tb_plot_write(html, view, plots, i, "Mean share of variance of each term");
    tb_html_markup(html, "</div>\n</div>\n");
    tb_fold_open(html, false, "The same for each metric");
    tb_table_write(html, view, &metric_table, view->metrics, NULL);
    tb_fold_close(html);
}
