/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reads.h"

#include <math.h>
#include <stdlib.h>

#include "report/widgets/table.h"

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

static bool has_value(const struct tb_cell *cell)
{
    for (size_t t = 0; t < cell->view->testbeds; t++)
        if (isfinite(value_of(cell->view, cell->row, t)))
            return true;
    return false;
}

static void write_value(struct tb_html *html, const struct tb_cell *cell)
{
    const double value = value_of(cell->view, cell->row, cell->index);
    tb_cell_number(html, value, tb_number_significant(value, 4));
}

void tb_section_reads_over_rate(struct tb_html *html, const struct tb_view *view)
{
    struct tb_column_list columns = {0};
    tb_columns_add_scenario(html, &columns, view, TB_ABSENT);
    tb_columns_add_testbeds(html, &columns, view, &(const struct tb_column){.write = write_value}, 1);
    const struct tb_table table = {
        .caption = "Figure 2b as its text says.",
        .sentence = "Mean number of read calls in a run over mean requests per second, in calls \xC3\x97 s per "
                    "request.",
        .columns = columns.items,
        .column_count = columns.count,
        .shows = has_value,
        .nothing = "",
    };
    tb_table_write(html, view, &table, view->scenarios, NULL);
    free(columns.items);
}
