/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { PLACES = 4, METRICS_LISTED = 400 };

static size_t term_at(const int32_t *ranks, size_t terms, int32_t rank)
{
    for (size_t t = 0; t < terms; t++)
        if (ranks[t] == rank)
            return t;
    return TB_ABSENT;
}

static void write_campaign(struct tb_html *html, const struct tb_view *view)
{
    tb_table_open(html, "What moves the metrics.",
                  "Shares of a metric\xE2\x80\x99s variance over all runs, averaged over the metrics that have one. "
                  "\xE2\x80\x9CRemaining\xE2\x80\x9D is what differs between cells beyond the terms above, "
                  "\xE2\x80\x9Crepetition\xE2\x80\x9D what differs within cells.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\" class=\"text\">term</th><th scope=\"col\">mean share</th><th "
                         "scope=\"col\">metrics</th><th scope=\"col\">first in</th></tr></thead>\n<tbody>\n");
    for (size_t place = 1; place <= view->terms; place++) {
        const size_t t = term_at(view->term_rank, view->terms, (int32_t)place);
        if (t == TB_ABSENT)
            continue;
        tb_html_markup(html, "<tr>");
        tb_html_element(html, "th scope=\"row\"", view->term_name[t]);
        tb_html_format(html, "<td>%s</td><td>%d</td><td>%d</td></tr>\n",
                       tb_number_percent(view->term_mean_share[t]).text, (int)view->term_metrics[t],
                       (int)view->term_first[t]);
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

static void write_place(struct tb_html *html, const struct tb_view *view, size_t metric, int32_t place)
{
    const size_t first = metric * view->terms;
    const size_t t = term_at(view->sensitivity_rank + first, view->terms, place);
    if (t == TB_ABSENT) {
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td>");
        return;
    }
    tb_html_markup(html, "<td class=\"text\">");
    tb_html_text(html, view->term_name[t]);
    tb_html_format(html, " %s", tb_number_percent(view->sensitivity_share[first + t]).text);
    if (!isnan(view->sensitivity_p[first + t]))
        tb_html_format(html, "<small>p\xC2\xA0%s</small>",
                       tb_number_significant(view->sensitivity_p[first + t], 2).text);
    tb_html_markup(html, "</td>");
}

static bool has_shares(const struct tb_view *view, size_t metric)
{
    return term_at(view->sensitivity_rank + metric * view->terms, view->terms, 1) != TB_ABSENT;
}

static void write_metrics(struct tb_html *html, const struct tb_view *view)
{
    size_t shown = 0;
    tb_html_markup(html, "<details><summary>The same for each metric</summary>\n");
    tb_table_open(html, "Shares of variance by metric.",
                  "The terms with the greatest shares (eta squared), and p of their F test against repetition. Sums of "
                  "squares are of Type II; where cells are not balanced, the shares of a metric need not add up "
                  "to 100\xC2\xA0%.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\" class=\"text\">metric</th><th scope=\"col\" class=\"text\">first"
                         "</th><th scope=\"col\" class=\"text\">second</th><th scope=\"col\" class=\"text\">third</th>"
                         "<th scope=\"col\" class=\"text\">fourth</th></tr></thead>\n<tbody>\n");
    for (size_t m = 0; m < view->metrics && shown < METRICS_LISTED; m++) {
        if (!has_shares(view, m))
            continue;
        tb_html_markup(html, "<tr>");
        tb_html_element(html, "th scope=\"row\"", view->metric_name[m]);
        for (int32_t place = 1; place <= PLACES; place++)
            write_place(html, view, m, place);
        tb_html_markup(html, "</tr>\n");
        shown++;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    tb_html_markup(html, "</details>\n");
}

void tb_section_sensitivity(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_markup(html, "<h2 id=\"sensitivity\">Which factor matters</h2>\n");
    if (term_at(view->term_rank, view->terms, 1) == TB_ABSENT) {
        tb_html_markup(html, "<p class=\"reason\">No shares of variance: no metric has values that differ.</p>\n");
        return;
    }
    write_campaign(html, view);
    tb_section_collinear(html, view);
    for (size_t i = 0; i < plots->count; i++)
        if (plots->items[i].kind == TB_PLOT_SENSITIVITY)
            tb_plot_write(html, view, plots, i, "Mean share of variance of each term");
    write_metrics(html, view);
}
