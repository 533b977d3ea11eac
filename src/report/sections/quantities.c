/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "quantities.h"

static bool is_of(const struct tb_plot *plot, enum tb_plot_kind kind, const char *level)
{
    return plot->kind == kind &&
           strcmp(level, kind == TB_PLOT_QUANTITY ? plot->quantity.quantity->level
                                                  : tb_distributions[plot->distribution].level) == 0;
}

/* What all of a kind show, said once. */
static const char *explanation(enum tb_plot_kind kind)
{
    return kind == TB_PLOT_QUANTITY
               ? "Grey points are single runs; beside them the mean of each testbed with its 95\xC2\xA0% confidence "
                 "interval (normal quantile, as published; <code>/comparison/mean</code>)."
               : "Distributions: what so many percent do not exceed, as the median of runs, in a band from the least "
                 "to "
                 "the greatest run.";
}

static void write_kind(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                       enum tb_plot_kind kind, const char *level)
{
    size_t written = 0;
    for (size_t i = 0; i < plots->count; i++) {
        if (!is_of(&plots->items[i], kind, level) || plots->reason[0] != '\0')
            continue;
        if (written++ == 0)
            tb_html_format(html, "<div class=\"%s\">\n<p class=\"note\">%s</p>\n<div class=\"figures\">\n",
                           kind == TB_PLOT_QUANTITY ? "quantities" : "distributions", explanation(kind));
        tb_plot_write(html, view, plots, i, NULL);
    }
    tb_html_markup(html, written == 0 ? "" : "</div>\n</div>\n");
}

void tb_section_quantities(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                           const char *level)
{
    write_kind(html, view, plots, TB_PLOT_QUANTITY, level);
}

void tb_section_distributions(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                              const char *level)
{
    write_kind(html, view, plots, TB_PLOT_DISTRIBUTION, level);
}
