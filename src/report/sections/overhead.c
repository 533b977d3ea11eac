/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "sections.h"

/* What the cells are made of. */
struct overhead {
    size_t *contrasts; /* [scenario * testbeds + testbed], of the instrumented scenario; TB_ABSENT when there is none */
    size_t metric;
};

/* The contrasts over instrumentation, by the scenario that is instrumented and testbed. */
static void find_contrasts(const struct tb_view *view, size_t *found)
{
    for (size_t i = 0; i < view->scenarios * view->testbeds; i++)
        found[i] = TB_ABSENT;
    for (size_t c = 0; c < view->contrasts; c++) {
        if (view->contrast_kind[c] != TB_CONTRAST_FACTOR || view->contrast_factor[c] < 0 ||
            (size_t)view->contrast_factor[c] != view->instrumented_factor)
            continue;
        size_t cell = (size_t)view->contrast_cell[c];
        found[(size_t)view->cell_scenario[cell] * view->testbeds + (size_t)view->cell_testbed[cell]] = c;
    }
}

static bool has_contrast(const struct tb_cell *cell)
{
    const struct overhead *overhead = cell->context;
    for (size_t t = 0; t < cell->view->testbeds; t++)
        if (overhead->contrasts[cell->row * cell->view->testbeds + t] != TB_ABSENT)
            return true;
    return false;
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

/* With, without and loss of one testbed, the column's index. */
static void write_testbed(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_view *view = cell->view;
    const struct overhead *overhead = cell->context;
    const size_t contrast = overhead->contrasts[cell->row * view->testbeds + cell->index];
    const size_t metric = overhead->metric;
    if (contrast == TB_ABSENT) {
        for (int i = 0; i < 3; i++)
            tb_cell_missing(html);
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
    tb_cell_number(html, loss, tb_number_percent(loss));
}

static const struct tb_column testbed_columns[] = {
    {.head = "with", .write = write_testbed}, {.head = "without", .joined = true}, {.head = "loss", .joined = true}};

static void write_table(struct tb_html *html, const struct tb_view *view, const struct overhead *overhead)
{
    struct tb_column_list columns = {0};
    tb_columns_add_scenario(html, &columns, view, view->instrumented_factor);
    tb_columns_add_testbeds(html, &columns, view, testbed_columns, 3);
    const struct tb_table table = {
        .caption = "Table III.",
        .sentence =
            "Mean requests per second with and without instrumentation, \xC2\xB1 half the 95\xC2\xA0% confidence "
            "interval by the normal quantile; the loss is (without \xE2\x88\x92 with) / without.",
        .columns = columns.items,
        .column_count = columns.count,
        .shows = has_contrast,
        .nothing = view->instrumented_factor == TB_ABSENT ? "this campaign has no factor <code>instrumented</code>"
                                                          : "no scenario was run with and without instrumentation",
        .inside = true,
    };
    const bool any = overhead->contrasts != NULL && overhead->metric != TB_ABSENT;
    tb_table_write(html, view, &table, any ? view->scenarios : 0, overhead);
    free(columns.items);
}

void tb_section_overhead(struct tb_html *html, const struct tb_view *view)
{
    const struct overhead overhead = {
        .contrasts = tb_html_allocate(html, view->scenarios * view->testbeds, sizeof *overhead.contrasts),
        .metric = tb_view_metric(view, "requests_per_second"),
    };
    if (overhead.contrasts != NULL)
        find_contrasts(view, overhead.contrasts);
    tb_html_heading(html, 3, "Overhead of instrumentation", "overhead");
    write_table(html, view, &overhead);
    free(overhead.contrasts);
}
