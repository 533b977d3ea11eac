/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_READS_H
#define TWINBED_REPORT_READS_H

/* Figure 2b as the study's text has it: read calls over requests per second. */

#include "report/view/view.h"
#include "report/widgets/html.h"

/* Mean read calls of the client in a run over mean requests per second, both of one cell, in calls x s / request;
 * NaN when one of the two has no value, or there were no requests. It is reads per request times the length of a run. */
double tb_reads_over_rate(const struct tb_view *view, size_t cell);

/* The numbers of every cell that has one, as a table; nothing when none has. */
void tb_section_reads_over_rate(struct tb_html *html, const struct tb_view *view);

#endif
