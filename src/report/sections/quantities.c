/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "quantities.h"

static bool is_of(const struct tb_plot *plot, const char *level)
{
    if (plot->kind == TB_PLOT_QUANTITY)
        return strcmp(plot->quantity.quantity->level, level) == 0;
    return plot->kind == TB_PLOT_REQUEST_TIMES && strcmp(level, "application") == 0;
}

/* What all of them show, said once. */
static void explain(struct tb_html *html, const struct tb_plots *plots, const char *level)
{
    tb_html_markup(html,
                   "<p class=\"note\">Grey points are single runs; beside them the mean of each testbed with its "
                   "95\xC2\xA0% confidence interval (normal quantile, as published; <code>/comparison/mean</code>).");
    if (strcmp(level, "application") == 0)
        tb_html_markup(html, " Times of requests: the median of runs, in a band from the least to the greatest run.");
    if (strcmp(level, "application") == 0 && plots->left_out[TB_PLOT_REQUEST_TIMES] > 0)
        tb_html_format(html, " %zu more scenarios have times of requests in the results file.",
                       plots->left_out[TB_PLOT_REQUEST_TIMES]);
    tb_html_markup(html, "</p>\n");
}

void tb_section_quantities(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                           const char *level)
{
    size_t written = 0;
    for (size_t i = 0; i < plots->count; i++) {
        if (!is_of(&plots->items[i], level) || plots->reason[0] != '\0')
            continue;
        if (written++ == 0) {
            tb_html_markup(html, "<div class=\"quantities\">\n");
            explain(html, plots, level);
            tb_html_markup(html, "<div class=\"figures\">\n");
        }
        tb_plot_write(html, view, plots, i, "Times of requests: share that took at most so long");
    }
    tb_html_markup(html, written == 0 ? "" : "</div>\n</div>\n");
}
