/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_REPORT_H
#define TWINBED_REPORT_REPORT_H

/* The page for people: one HTML file without scripts or outside resources,
 * made from a results file and nothing else. Every number on it stands in the
 * results file as well.
 *
 * Chains are drawn with graphviz in this process; plots by gnuplot, which is run
 * once. Where gnuplot is not installed the page says so and keeps the tables. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"
#include "twinbed/results/reader.h"

/* Takes the drawings of the page as they are written: a name of letters, digits and -, which no other has; a whole SVG; a
 * caption as plain text that ends with its datasets. All borrowed, until it returns. */
struct tb_figure_sink {
    void (*take)(void *context, const char *name, const char *svg, size_t size, const char *caption);
    void *context;
};

/* Zeroed options are the defaults. */
struct tb_report_options {
    const char *results_path;             /* borrowed; named in the loading examples; NULL: results.h5 */
    const char *gnuplot;                  /* borrowed; program to run; NULL: gnuplot, found in PATH */
    bool without_plots;                   /* do not run gnuplot */
    unsigned chain_scenarios;             /* scenarios whose chains are drawn; 0: 3 */
    const struct tb_figure_sink *figures; /* borrowed; NULL: nobody takes the drawings */
};

/* Writes the page to a stream, whose errors are the caller's to look for (base/output_file.h). TB_CORRUPT when an index
 * in the results file points outside. One call at a time in a process (graphviz). */
TB_MUST_USE enum tb_status tb_report_write(struct tb_results *results, const struct tb_report_options *options,
                                           FILE *stream, struct tb_error *error);

#endif
