/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "report/widgets/numbers.h"
#include "sections.h"

static const char caption[] = "Table III.";
static const char sentence[] =
    "Mean requests per second with 95\xC2\xA0% half widths, with and without instrumentation; the loss is (without "
    "\xE2\x88\x92 with) / without.";

/* The contrasts over instrumentation, by the scenario that is instrumented and testbed. */
static size_t *find_contrasts(const struct tb_view *view)
{
    size_t *found = malloc((view->scenarios * view->testbeds + 1) * sizeof *found);
    for (size_t i = 0; found != NULL && i < view->scenarios * view->testbeds; i++)
        found[i] = TB_ABSENT;
    for (size_t c = 0; found != NULL && c < view->contrasts; c++) {
        if (view->contrast_kind[c] != TB_CONTRAST_FACTOR || view->contrast_factor[c] < 0 ||
            (size_t)view->contrast_factor[c] != view->instrumented_factor)
            continue;
        size_t cell = (size_t)view->contrast_cell[c];
        found[(size_t)view->cell_scenario[cell] * view->testbeds + (size_t)view->cell_testbed[cell]] = c;
    }
    return found;
}

static void write_mean(struct tb_html *html, const struct tb_view *view, size_t cell, size_t metric)
{
    size_t at = cell * view->metrics + metric;
    tb_html_markup(html, "<td>");
    if (view->n[at] == 0)
        tb_html_markup(html, "\xE2\x80\x93");
    else
        tb_html_format(html, "%s<small>%s</small>",
                       tb_number_interval(view->mean[at], (view->normal_high[at] - view->normal_low[at]) / 2).text,
                       tb_values_of_runs(view, cell, metric).text);
    tb_html_markup(html, "</td>");
}

static void write_testbed(struct tb_html *html, const struct tb_view *view, size_t contrast, size_t metric)
{
    if (contrast == TB_ABSENT) {
        tb_html_markup(html, "<td class=\"empty\">\xE2\x80\x93</td><td class=\"empty\">\xE2\x80\x93</td>"
                             "<td class=\"empty\">\xE2\x80\x93</td>");
        return;
    }
    size_t with = (size_t)view->contrast_cell[contrast];
    size_t without = (size_t)view->contrast_reference[contrast];
    double loss = view->relative_loss[contrast * view->metrics + metric];
    if (!tb_view_instrumented(view, (size_t)view->cell_scenario[with])) {
        /* The manifest made the instrumented level the reference. */
        size_t swap = with;
        with = without;
        without = swap;
        loss = 1 - view->mean[with * view->metrics + metric] / view->mean[without * view->metrics + metric];
    }
    write_mean(html, view, with, metric);
    write_mean(html, view, without, metric);
    tb_html_format(html, "<td>%s</td>", tb_number_percent(loss).text);
}

static void write_table(struct tb_html *html, const struct tb_view *view, const size_t *contrasts, size_t metric)
{
    tb_table_open(html, caption, sentence);
    tb_html_markup(html, "<thead><tr>");
    tb_scenario_heads(html, view, view->instrumented_factor, 2);
    for (size_t t = 0; t < view->testbeds; t++)
        tb_html_element(html, "th scope=\"colgroup\" colspan=\"3\"", view->testbed_name[t]);
    tb_html_markup(html, "</tr>\n<tr>");
    for (size_t t = 0; t < view->testbeds; t++)
        tb_html_markup(html, "<th scope=\"col\">with</th><th scope=\"col\">without</th><th scope=\"col\">loss</th>");
    tb_html_markup(html, "</tr></thead>\n<tbody>\n");
    for (size_t s = 0; s < view->scenarios; s++) {
        bool any = false;
        for (size_t t = 0; t < view->testbeds; t++)
            any = any || contrasts[s * view->testbeds + t] != TB_ABSENT;
        if (!any)
            continue;
        tb_html_markup(html, "<tr>");
        tb_scenario_row(html, view, s, view->instrumented_factor);
        for (size_t t = 0; t < view->testbeds; t++)
            write_testbed(html, view, contrasts[s * view->testbeds + t], metric);
        tb_html_markup(html, "</tr>\n");
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

static void write_reason(struct tb_html *html, const char *reason)
{
    tb_table_open(html, caption, sentence);
    tb_html_format(html,
                   "<tbody><tr><th scope=\"row\" class=\"group\"><span class=\"reason\">no value: %s</span></th></tr>"
                   "</tbody>\n",
                   reason);
    tb_table_close(html);
}

static bool has_contrast(const struct tb_view *view, const size_t *contrasts)
{
    for (size_t i = 0; i < view->scenarios * view->testbeds; i++)
        if (contrasts[i] != TB_ABSENT)
            return true;
    return false;
}

void tb_section_overhead(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h3>Overhead of instrumentation</h3>\n");
    size_t metric = tb_view_metric(view, "requests_per_second");
    if (view->instrumented_factor == TB_ABSENT) {
        write_reason(html, "this campaign has no factor <code>instrumented</code>");
        return;
    }
    size_t *contrasts = find_contrasts(view);
    if (metric == TB_ABSENT || contrasts == NULL || !has_contrast(view, contrasts))
        write_reason(html, "no scenario was run with and without instrumentation");
    else
        write_table(html, view, contrasts, metric);
    free(contrasts);
}
