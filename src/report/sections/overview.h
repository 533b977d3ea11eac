/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_OVERVIEW_H
#define TWINBED_REPORT_OVERVIEW_H

/* All verdicts of the campaign in one picture, for the first screen: the metrics of the family (those whose tests are
 * adjusted together) that have a ratio, the worst on top, beside each other for each contrast. Few contrasts have points
 * with their intervals on a logarithmic axis, many a map of colours. */

#include <stdio.h>

#include "report/view/view.h"

struct tb_overview {
    size_t *contrasts; /* owned; testbed by testbed */
    size_t contrast_count;
    size_t *metrics; /* owned; the worst first */
    size_t metric_count;
    bool is_map; /* too many contrasts for points */
};

/* Owned by the caller also when it fails: memory. */
TB_MUST_USE bool tb_overview_make(const struct tb_view *view, struct tb_overview *overview);
void tb_overview_free(struct tb_overview *overview);

/* The ratio of a comparison, finite and above 0; NaN where the metric has none, or no verdict. */
double tb_overview_ratio(const struct tb_view *view, size_t contrast, size_t metric);

/* How much a comparison says against the testbed: differences that are shown before those that may be, and the farther
 * from 1 the more. 0 and above; -1 without a ratio. */
double tb_overview_weight(const struct tb_view *view, size_t contrast, size_t metric);

/* The closeness of the campaign, 0.1 where the results do not say. */
double tb_overview_closeness(const struct tb_view *view);

/* Its lines of a script for gnuplot, with a drawing as their result. Some metric has a ratio. */
void tb_overview_script(FILE *script, const struct tb_view *view, const struct tb_overview *overview);

#endif
