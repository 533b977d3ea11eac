/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_PLOT_NAMES_H
#define TWINBED_REPORT_PLOT_NAMES_H

/* Names from the results in drawings. No name ever enters gnuplot's script: it draws a stand-in of the same length, so
 * that there is room, and the name takes its place in the drawing. */

#include <stdio.h>

#include "report/view/view.h"
#include "report/widgets/html.h"

/* Writes the quoted stand-in of a name to a script. Kinds: N testbed, L level of a scenario's size, S term of the
 * sensitivity, G label of a scenario, F factor, V level of a factor in a scenario, R run; index is that of the testbed, scenario,
 * term, factor or run, or scenario * factors + factor. */
void tb_plot_name(FILE *script, char kind, size_t index, const char *name);

/* Writes a drawing with the names in place of their stand-ins. */
void tb_plot_names_restore(struct tb_html *html, const struct tb_view *view, const char *text, size_t size);

#endif
