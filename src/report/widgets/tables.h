/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_TABLES_H
#define TWINBED_REPORT_TABLES_H

/* Tables of metrics: a row a scenario, a column a testbed, a group of rows a metric. */

#include "html.h"
#include "numbers.h"
#include "report/view.h"

enum tb_spread {
    TB_SPREAD_INTERVALS, /* half widths of the normal and of the t interval */
    TB_SPREAD_DEVIATION  /* standard deviation */
};

struct tb_metric_table {
    const char *caption;        /* markup of ours */
    const char *sentence;       /* markup of ours; after the caption */
    const char *const *metrics; /* names, ended by NULL */
    enum tb_spread spread;
    const char *artifact; /* kind of artifact that the metrics need */
};

/* Which scenarios a table shows; owned by the caller. */
struct tb_scenarios {
    size_t *items;
    size_t count;
    size_t left_out; /* factor that all of them share and that the rows do not repeat; TB_ABSENT for none */
};

void tb_metric_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                           const struct tb_scenarios *scenarios);

/* Column heads and row heads of the varying factors. Columns is at least 1. */
size_t tb_scenario_columns(const struct tb_view *view, size_t left_out);
void tb_scenario_heads(struct tb_html *html, const struct tb_view *view, size_t left_out, unsigned rows);
void tb_scenario_row(struct tb_html *html, const struct tb_view *view, size_t scenario, size_t left_out);

/* Why no run has a value: no artifact of that kind, or none that could be used. */
void tb_missing_reason(struct tb_html *html, const struct tb_view *view, const char *artifact);

/* What stands under a mean: "n = 10", or "n = 7 of 10" when some runs of the cell have no value. */
struct tb_number tb_values_of_runs(const struct tb_view *view, size_t cell, size_t metric);

/* A table in a box that scrolls sideways on narrow screens. The caption is plain text of ours, the sentence markup of
 * ours. */
void tb_table_open(struct tb_html *html, const char *caption, const char *sentence);
void tb_table_close(struct tb_html *html);

#endif
