/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_FIGURES_H
#define TWINBED_REPORT_FIGURES_H

/* The drawings of the page as files of a folder, for papers and slides: NAME.svg, NAME.pdf, and NAME.txt with the caption
 * and the datasets that the numbers stand in. PDF is made by rsvg-convert, run once a drawing; where it is not installed
 * there is SVG alone. */

#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/output_file.h"
#include "twinbed/report/report.h"

/* What became of them. */
struct tb_figures_written {
    size_t figures;
    size_t pdfs;
    char reason[160]; /* why some have no PDF; "" when all have one */
};

/* Writes the page to a stream, NULL when nobody wants it, and its drawings to the folder that request->path names, which
 * is made when it is not there. TB_CONFLICT when it is no folder, or holds something and request->replace is not set;
 * other files in it stay as they are. The rest as tb_report_write; options->figures is not used. */
TB_MUST_USE enum tb_status tb_report_write_figures(struct tb_results *results, const struct tb_report_options *options,
                                                   FILE *stream, const struct tb_output_request *request,
                                                   struct tb_figures_written *written, struct tb_error *error);

#endif
