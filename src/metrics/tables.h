/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_METRICS_TABLES_H
#define TWINBED_SRC_METRICS_TABLES_H

/* The tables of the three levels, and what their extractors share.
 *
 * A row is a metric: name, unit, role, what it stands on, scale, sentence, extractor
 * (twinbed/metrics/registry.h). registry.c puts the tables one behind the other, so the order of
 * rows is that of the results. An extractor gets the measures of one pair, whose source is known to
 * be there, and allocates nothing. */

#include <math.h>

#include "twinbed/metrics/registry.h"

/* Static rows of one level. */
struct tb_metric_table {
    const struct tb_metric *rows;
    size_t count;
};

/* Of what the workload saw, of the operating system, and of the network. */
extern const struct tb_metric_table tb_app_metrics;
extern const struct tb_metric_table tb_os_metrics;
extern const struct tb_metric_table tb_net_metrics;

/* amount over completed units. Failed requests are among them, and cost less or more than others. */
static inline struct tb_metric_value per_request(const struct tb_measures *measures, double amount)
{
    if (measures->too_many_failures)
        return tb_metric_absent(TB_ABSENT_FAILURES);
    return measures->completed > 0 ? tb_metric_number(amount / measures->completed, TB_ABSENT_UNSTATED)
                                   : tb_metric_absent(TB_ABSENT_WORK);
}

#endif
