/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_QUANTITY_PLOT_H
#define TWINBED_REPORT_QUANTITY_PLOT_H

/* One picture for each headline quantity: all runs as points, means with their intervals, by testbed and scenario. The
 * quantities are a table; a new one is a row. Where a factor is numeric and has three levels or more, it is the axis and
 * testbeds are lines; else scenarios stand side by side. */

#include <stdio.h>

#include "chosen.h"
#include "report/view/view.h"

struct tb_quantity {
    const char *metric; /* name in the results */
    const char *title;  /* "Requests per second" */
    const char *unit;   /* of the axis; "bytes" becomes kB or MB */
    const char *level;  /* the section it belongs to: the metric's level */
    double scale;       /* what a value is multiplied with, 100 for percent */
};

enum { TB_QUANTITIES = 12 };
extern const struct tb_quantity tb_quantities[TB_QUANTITIES];

/* What is drawn of one. */
struct tb_quantity_plot {
    const struct tb_quantity *quantity;
    size_t metric;
    size_t factor; /* the axis; TB_ABSENT: scenarios side by side */
    /* With an axis, the first of each group of scenarios that differ in that factor alone. */
    struct tb_chosen places;
    bool has_runs; /* single runs are drawn; they are not where they are very many */
};

/* The numeric factor that is the axis of pictures, the size before others; TB_ABSENT when none has three levels
 * among scenarios that differ in nothing else. */
size_t tb_quantity_axis(const struct tb_view *view);

/* False when no cell has a value. */
bool tb_quantity_plot_make(const struct tb_view *view, const struct tb_quantity *quantity, size_t axis,
                           struct tb_quantity_plot *plot);

void tb_quantity_plot_script(FILE *script, const struct tb_view *view, const struct tb_quantity_plot *plot);

#endif
