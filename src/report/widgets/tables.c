/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables.h"

#include <math.h>
#include <string.h>

#include "judgement.h"
#include "numbers.h"

enum { ROWS_SHOWN = 20 }; /* further scenarios are folded away */

struct tb_number tb_values_of_runs(const struct tb_view *view, size_t cell, size_t metric)
{
    const int n = (int)view->n[cell * view->metrics + metric];
    const int runs = (int)view->cell_runs[cell];
    struct tb_number text;
    if (n < runs)
        snprintf(text.text, sizeof text.text, "n\xC2\xA0=\xC2\xA0%d of %d", n, runs);
    else
        snprintf(text.text, sizeof text.text, "n\xC2\xA0=\xC2\xA0%d", n);
    return text;
}

void tb_table_open(struct tb_html *html, const char *caption, const char *sentence)
{
    tb_html_format(html,
                   "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>\n"
                   "<caption><span><b>%s</b> %s</span></caption>\n",
                   caption, caption, sentence);
}

void tb_table_close(struct tb_html *html)
{
    tb_html_markup(html, "</table></div>\n");
}

/* Tables hold instrumented runs or both kinds side by side, so instrumentation never needs a column. */
static bool shows(const struct tb_view *view, size_t factor, size_t left_out)
{
    return view->factor_varies[factor] && factor != left_out && factor != view->instrumented_factor;
}

size_t tb_scenario_columns(const struct tb_view *view, size_t left_out)
{
    size_t columns = 0;
    for (size_t f = 0; f < view->factors; f++)
        columns += shows(view, f, left_out);
    return columns == 0 ? 1 : columns;
}

void tb_scenario_heads(struct tb_html *html, const struct tb_view *view, size_t left_out, unsigned rows)
{
    bool any = false;
    for (size_t f = 0; f < view->factors; f++) {
        if (!shows(view, f, left_out))
            continue;
        tb_html_format(html, "<th scope=\"col\" rowspan=\"%u\">", rows);
        tb_html_text(html, view->factor_name[f]);
        tb_html_markup(html, "</th>");
        any = true;
    }
    if (!any)
        tb_html_format(html, "<th scope=\"col\" rowspan=\"%u\">scenario</th>", rows);
}

void tb_scenario_row(struct tb_html *html, const struct tb_view *view, size_t scenario, size_t left_out)
{
    bool any = false;
    for (size_t f = 0; f < view->factors; f++) {
        if (!shows(view, f, left_out))
            continue;
        const char *level = tb_view_level(view, scenario, f);
        tb_html_element(html, "th scope=\"row\"", level[0] == '\0' ? "\xE2\x80\x93" : level);
        any = true;
    }
    if (!any)
        tb_html_element(html, "th scope=\"row\"", view->scenario_name[scenario]);
}

void tb_missing_reason(struct tb_html *html, const struct tb_view *view, const char *artifact)
{
    size_t present = 0;
    size_t used = 0;
    for (size_t i = 0; i < view->artifacts; i++) {
        if (strcmp(view->artifact_kind[i], artifact) != 0)
            continue;
        present += tb_view_present(view, i);
        used += view->artifact_state[i] == TB_ARTIFACT_USED;
    }
    if (present == 0)
        tb_html_format(html, "this campaign has no artifact of kind %s", artifact);
    else if (used == 0)
        tb_html_format(html, "none of the %zu artifacts of kind %s could be used (see Runs)", present, artifact);
    else
        tb_html_format(html, "the %zu usable artifacts of kind %s give no value for it", used, artifact);
}

static bool has_values(const struct tb_view *view, const struct tb_scenarios *scenarios, size_t metric)
{
    for (size_t i = 0; i < scenarios->count; i++)
        for (size_t t = 0; t < view->testbeds; t++) {
            size_t cell = tb_view_cell(view, scenarios->items[i], t);
            if (cell != TB_ABSENT && view->n[cell * view->metrics + metric] > 0)
                return true;
        }
    return false;
}

static void write_spread(struct tb_html *html, const struct tb_view *view, size_t at, enum tb_spread spread)
{
    if (spread == TB_SPREAD_DEVIATION) {
        tb_html_markup(html, tb_number_interval(view->mean[at], view->deviation[at]).text);
        return;
    }
    double normal = (view->normal_high[at] - view->normal_low[at]) / 2;
    double student = (view->t_high[at] - view->t_low[at]) / 2;
    tb_html_markup(html, tb_number_interval(view->mean[at], normal).text);
    if (!isnan(student) && student > 1e-12 * fabs(view->mean[at]))
        tb_html_format(html, "<small><abbr title=\"half width with Student\xE2\x80\x99s t\">t</abbr> %s</small>",
                       tb_number_half_width(student).text);
}

static void write_cell(struct tb_html *html, const struct tb_view *view, size_t cell, size_t metric,
                       enum tb_spread spread)
{
    size_t at = cell == TB_ABSENT ? 0 : cell * view->metrics + metric;
    if (cell == TB_ABSENT || view->n[at] == 0) {
        tb_html_format(html, "<td class=\"empty\" title=\"%s\">\xE2\x80\x93</td>",
                       cell == TB_ABSENT ? "no runs" : "no run has a value");
        return;
    }
    tb_html_markup(html, "<td>");
    write_spread(html, view, at, spread);
    tb_html_format(html, "<small>%s", tb_values_of_runs(view, cell, metric).text);
    size_t contrast = view->contrast_of_cell[cell];
    if (contrast != TB_ABSENT) {
        tb_html_markup(html, " ");
        tb_judgement_write(html, view, contrast, metric);
    }
    tb_html_markup(html, "</small>");
    if (contrast != TB_ABSENT)
        tb_judgement_write_signs(html, view, contrast, metric);
    tb_html_markup(html, "</td>");
}

static void write_rows(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                       const struct tb_scenarios *scenarios, size_t metric)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        tb_html_markup(html, "<tr>");
        tb_scenario_row(html, view, scenarios->items[i], scenarios->left_out);
        for (size_t t = 0; t < view->testbeds; t++)
            write_cell(html, view, tb_view_cell(view, scenarios->items[i], t), metric, table->spread);
        tb_html_markup(html, "</tr>\n");
    }
}

static void write_group(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                        const struct tb_scenarios *scenarios, const char *name, size_t columns)
{
    size_t metric = tb_view_metric(view, name);
    tb_html_format(html, "<tbody><tr><th scope=\"rowgroup\" colspan=\"%zu\" class=\"group\"><code>%s</code>", columns,
                   name);
    if (metric == TB_ABSENT) {
        tb_html_markup(html, " <span class=\"reason\">no value: the results hold no metric of this name</span>");
    } else {
        tb_html_markup(html, " <span class=\"unit\">");
        tb_html_text(html, strcmp(view->metric_unit[metric], "1") == 0 ? "" : view->metric_unit[metric]);
        tb_html_markup(html, "</span> <span class=\"sentence\">");
        tb_html_text(html, view->metric_description[metric]);
        tb_html_markup(html, "</span>");
    }
    bool values = metric != TB_ABSENT && has_values(view, scenarios, metric);
    if (metric != TB_ABSENT && !values) {
        tb_html_markup(html, " <span class=\"reason\">no value: ");
        tb_missing_reason(html, view, table->artifact);
        tb_html_markup(html, "</span>");
    }
    tb_html_markup(html, "</th></tr>\n");
    if (values)
        write_rows(html, view, table, scenarios, metric);
    tb_html_markup(html, "</tbody>\n");
}

static void write_part(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                       const struct tb_scenarios *scenarios, const char *sentence)
{
    tb_table_open(html, table->caption, sentence);
    tb_html_markup(html, "<thead><tr>");
    tb_scenario_heads(html, view, scenarios->left_out, 1);
    for (size_t t = 0; t < view->testbeds; t++)
        tb_html_element(html, "th scope=\"col\"", view->testbed_name[t]);
    tb_html_markup(html, "</tr></thead>\n");
    size_t columns = tb_scenario_columns(view, scenarios->left_out) + view->testbeds;
    for (const char *const *name = table->metrics; *name != NULL; name++)
        write_group(html, view, table, scenarios, *name, columns);
    tb_table_close(html);
}

void tb_metric_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                           const struct tb_scenarios *scenarios)
{
    struct tb_scenarios first = *scenarios;
    if (first.count > ROWS_SHOWN)
        first.count = ROWS_SHOWN;
    write_part(html, view, table, &first, table->sentence);
    if (first.count == scenarios->count)
        return;
    struct tb_scenarios rest = {scenarios->items + first.count, scenarios->count - first.count, scenarios->left_out};
    tb_html_format(html, "<details><summary>%s: %zu more scenarios</summary>\n", table->caption, rest.count);
    write_part(html, view, table, &rest, "(continued)");
    tb_html_markup(html, "</details>\n");
}
