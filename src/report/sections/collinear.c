/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says which factors always change together, since no term then has what they do. */
#include <stdlib.h>
#include <string.h>

#include "sections.h"

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

void tb_section_collinear(struct tb_html *html, const struct tb_view *view)
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
