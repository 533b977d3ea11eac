/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "metric_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judgement.h"

enum { SCENARIOS_SHOWN = 20 }; /* further ones are folded away */

/* The part of a table with the scenarios from .. to - 1. Row m * stride + s is metric m in scenario s. */
struct part {
    const struct tb_metric_table *table;
    const char *link;
    size_t metrics[TB_TABLE_METRICS]; /* TB_ABSENT: the results have none of this name */
    bool has_values[TB_TABLE_METRICS];
    size_t stride;
    size_t from, to;
};

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

static bool has_scenario(const struct tb_view *view, const char *link, size_t scenario)
{
    return tb_view_instrumented(view, scenario) &&
           (link == NULL || strcmp(tb_view_level(view, scenario, view->link_factor), link) == 0);
}

static bool has_values(const struct tb_view *view, const char *link, size_t metric)
{
    for (size_t c = 0; metric != TB_ABSENT && c < view->cells; c++)
        if (view->n[c * view->metrics + metric] > 0 && has_scenario(view, link, (size_t)view->cell_scenario[c]))
            return true;
    return false;
}

static bool is_row(const struct tb_cell *cell)
{
    const struct part *part = cell->context;
    const size_t scenario = cell->row % part->stride;
    return part->has_values[cell->row / part->stride] && scenario >= part->from && scenario < part->to &&
           has_scenario(cell->view, part->link, scenario);
}

static size_t metric_of(const struct tb_cell *cell)
{
    const struct part *part = cell->context;
    return cell->row / part->stride;
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
        tb_html_format(html, "<small>t %s</small>", tb_number_half_width(student).text);
}

/* The column's index is the testbed. */
static void write_value(struct tb_html *html, const struct tb_cell *place)
{
    const struct tb_view *view = place->view;
    const struct part *part = place->context;
    const size_t metric = part->metrics[metric_of(place)];
    const size_t cell = tb_view_cell(view, place->row % part->stride, place->index);
    const size_t at = cell == TB_ABSENT ? 0 : cell * view->metrics + metric;
    if (cell == TB_ABSENT || view->n[at] == 0) {
        tb_html_format(html, "<td class=\"empty\">\xE2\x80\x93<small>%s</small></td>",
                       cell == TB_ABSENT ? "no runs" : "no value");
        return;
    }
    tb_html_markup(html, "<td>");
    write_spread(html, view, at, part->table->spread);
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

static void write_heading(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const struct part *part = cell->context;
    const size_t at = metric_of(cell);
    const size_t metric = part->metrics[at];
    tb_html_format(html, "<code>%s</code>", part->table->metrics[at]);
    if (metric == TB_ABSENT) {
        tb_html_markup(html, " <span class=\"reason\">no value: the results hold no metric of this name</span>");
        return;
    }
    tb_html_markup(html, " <span class=\"unit\">");
    tb_html_text(html, strcmp(view->metric_unit[metric], "1") == 0 ? "" : view->metric_unit[metric]);
    tb_html_markup(html, "</span> <span class=\"sentence\">");
    tb_html_text(html, view->metric_description[metric]);
    tb_html_markup(html, "</span>");
    if (!part->has_values[at]) {
        tb_html_markup(html, " <span class=\"reason\">no value: ");
        tb_missing_reason(html, view, part->table->artifact);
        tb_html_markup(html, "</span>");
    }
}

/* What stands behind the mean. */
static void explain(struct tb_html *html, const struct tb_cell *cell)
{
    const struct part *part = cell->context;
    tb_html_markup(html, part->table->spread == TB_SPREAD_DEVIATION
                             ? " \xC2\xB1 is the standard deviation over runs."
                             : " \xC2\xB1 is half the 95\xC2\xA0% confidence interval of the mean: by the normal "
                               "quantile, as published, and, after t, by Student\xE2\x80\x99s.");
}

static void write_part(struct tb_html *html, const struct tb_view *view, const struct part *part, size_t metrics,
                       const char *sentence)
{
    struct tb_column_list columns = {0};
    tb_columns_add_scenario(html, &columns, view, view->link_factor);
    tb_columns_add_testbeds(html, &columns, view, &(const struct tb_column){.write = write_value}, 1);
    const struct tb_table table = {
        .caption = part->table->caption,
        .sentence = sentence,
        .explain = part->from == 0 ? explain : NULL,
        .columns = columns.items,
        .column_count = columns.count,
        .shows = is_row,
        .group = metric_of,
        .heading = write_heading,
        .bare_groups = true,
    };
    tb_table_write(html, view, &table, metrics * part->stride, part);
    free(columns.items);
}

/* Where the shown scenarios end; more: how many follow. */
static size_t end_of_shown(const struct tb_view *view, const char *link, size_t *more)
{
    size_t end = view->scenarios, count = 0;
    for (size_t s = 0; s < view->scenarios; s++)
        if (has_scenario(view, link, s) && count++ == SCENARIOS_SHOWN)
            end = s;
    *more = count > SCENARIOS_SHOWN ? count - SCENARIOS_SHOWN : 0;
    return end;
}

void tb_metric_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                           const char *link)
{
    struct part part = {.table = table, .link = link, .stride = view->scenarios == 0 ? 1 : view->scenarios};
    size_t metrics = 0, more;
    for (; metrics < TB_TABLE_METRICS && table->metrics[metrics] != NULL; metrics++) {
        part.metrics[metrics] = tb_view_metric(view, table->metrics[metrics]);
        part.has_values[metrics] = has_values(view, link, part.metrics[metrics]);
    }
    part.to = end_of_shown(view, link, &more);
    write_part(html, view, &part, metrics, table->sentence);
    if (more == 0)
        return;
    part.from = part.to;
    part.to = view->scenarios;
    tb_fold_open(html, false, "%s: %zu more scenarios", table->caption, more);
    write_part(html, view, &part, metrics, "(continued)");
    tb_fold_close(html);
}
