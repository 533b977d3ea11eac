/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_METRIC_TABLE_H
#define TWINBED_REPORT_METRIC_TABLE_H

/* Tables of metrics: a row a scenario, a column a testbed, a group of rows a metric. */

#include "table.h"

enum tb_spread {
    TB_SPREAD_INTERVALS, /* half widths of the normal and of the t interval */
    TB_SPREAD_DEVIATION  /* standard deviation */
};

enum { TB_TABLE_METRICS = 8 };

struct tb_metric_table {
    const char *caption;                   /* text of ours */
    const char *sentence;                  /* markup of ours; after the caption */
    const char *metrics[TB_TABLE_METRICS]; /* names; NULL after the last */
    enum tb_spread spread;
    const char *artifact; /* kind of artifact that the metrics need */
};

/* link: the table is of the scenarios with this level of the link factor, or, with NULL, of all. Only instrumented
 * scenarios have rows. */
void tb_metric_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_metric_table *table,
                           const char *link);

/* What stands under a mean: "n = 10", or "n = 7 of 10" when some runs of the cell have no value. */
struct tb_number tb_values_of_runs(const struct tb_view *view, size_t cell, size_t metric);

#endif
