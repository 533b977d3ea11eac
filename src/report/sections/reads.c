/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reads.h"

#include <math.h>

#include "report/widgets/numbers.h"
#include "report/widgets/tables.h"

double tb_reads_over_rate(const struct tb_view *view, size_t cell)
{
    const size_t reads = tb_view_metric(view, "client_reads");
    const size_t rate = tb_view_metric(view, "requests_per_second");
    if (reads == TB_ABSENT || rate == TB_ABSENT)
        return NAN;
    const double divisor = view->mean[cell * view->metrics + rate];
    return divisor > 0 ? view->mean[cell * view->metrics + reads] / divisor : NAN;
}

static double value_of(const struct tb_view *view, size_t scenario, size_t testbed)
{
    const size_t cell = tb_view_cell(view, scenario, testbed);
    return cell == TB_ABSENT ? NAN : tb_reads_over_rate(view, cell);
}

static bool has_value(const struct tb_view *view, size_t scenario)
{
    for (size_t t = 0; t < view->testbeds; t++)
        if (isfinite(value_of(view, scenario, t)))
            return true;
    return false;
}

static void write_row(struct tb_html *html, const struct tb_view *view, size_t scenario)
{
    tb_html_markup(html, "<tr>");
    tb_scenario_row(html, view, scenario, TB_ABSENT);
    for (size_t t = 0; t < view->testbeds; t++)
        tb_html_format(html, "<td>%s</td>", tb_number_significant(value_of(view, scenario, t), 4).text);
    tb_html_markup(html, "</tr>\n");
}

void tb_section_reads_over_rate(struct tb_html *html, const struct tb_view *view)
{
    size_t first = 0;
    while (first < view->scenarios && !has_value(view, first))
        first++;
    if (first == view->scenarios)
        return;
    tb_table_open(html, "Figure 2b as its text says.",
                  "Mean number of read calls in a run over mean requests per second, in calls \xC3\x97 s per request.");
    tb_html_markup(html, "<thead><tr>");
    tb_scenario_heads(html, view, TB_ABSENT, 1);
    for (size_t t = 0; t < view->testbeds; t++)
        tb_html_element(html, "th scope=\"col\"", view->testbed_name[t]);
    tb_html_markup(html, "</tr></thead>\n<tbody>\n");
    for (size_t s = first; s < view->scenarios; s++)
        if (has_value(view, s))
            write_row(html, view, s);
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}
