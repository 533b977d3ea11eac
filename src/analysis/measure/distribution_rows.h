/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_DISTRIBUTION_ROWS_H
#define TWINBED_SRC_ANALYSIS_DISTRIBUTION_ROWS_H

/* What the flows of a capture add up to: how they ended, percentiles of what they show, and when they stood still. */

#include "analysis/job/job.h"
#include "twinbed/flow/flow_summary.h"

/* Appends the capture's values and its stalls. first_packet: its time, ns since the epoch; flows: those on the server's port, and totals: their sums. */
void tb_distribution_rows_add(struct job *job, size_t artifact, uint64_t first_packet,
                              const struct tb_port_flows *flows, const struct tb_flow_totals *totals);

#endif
