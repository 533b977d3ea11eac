/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_PLOT_STYLE_H
#define TWINBED_REPORT_PLOT_STYLE_H

/* What all plots have in common: testbeds look the same in each, on light and on dark ground, and differ in the shape of
 * their points as well as in colour. */

#include <stdio.h>

#include "report/view/view.h"

/* "#4482c3" */
const char *tb_plot_colour(size_t testbed);
/* A point type of gnuplot. */
int tb_plot_point(size_t testbed);

/* The begin of a drawing of so many pixels: the terminal, borders and grid. */
void tb_plot_begin(FILE *script, unsigned width, unsigned height);

/* A unit in which numbers up to high are short: bytes become "kB", calls "thousand calls". */
struct tb_plot_unit {
    double size;
    const char *name;
};
struct tb_plot_unit tb_plot_bytes(double high);
struct tb_plot_unit tb_plot_calls(double high);

#endif
