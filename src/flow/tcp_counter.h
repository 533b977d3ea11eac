/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_COUNTER_H
#define TWINBED_SRC_FLOW_TCP_COUNTER_H

/* The segments of a connection by twinbed's rules: its sides count them in the core (tcp_stream.h)
 * and in detail, which is what tcptrace reports of each side beyond the core, and the events of
 * TCP. tcptrace_counter.h has the same entries by that program's rules.
 *
 * What is counted, and why so, is in docs/method.md. */

#include "flow_batch.h"
#include "live_flows.h"

/* Counts segments of a live flow, in the core and in detail: the first one of the run, and those
 * behind it up to a SYN, a reset, or until the flow is over. Copies among them are passed over.
 * Gives how many it took; 0 when memory is short. pool: of the flow's sides. marks: of the first
 * one, see tcp_stream.h; left alone unless it is a fragment. */
TB_MUST_USE uint32_t tb_tcp_run_add(struct tb_live_flow *live, const struct tb_flow_run *run, struct tb_sent_pool *pool,
                                    struct tb_payload_counted *marks);

/* Completes the side's row, which tb_live_side_row made. end is the time of the flow's last packet. */
void tb_tcp_counter_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                           struct tb_flow_side *row);

#endif
