/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCPTRACE_COUNTER_H
#define TWINBED_SRC_FLOW_TCPTRACE_COUNTER_H

/* The segments of a connection by the rules of tcptrace, with its habits: so that its reports can
 * be compared. What both sets of rules count alike stands in tcp_header.h and tcp_sent.h.
 *
 * Where tcptrace is odd it is odd here: a comment in tcptrace_counter.c says what it does. Nobody
 * uses these numbers for anything but that comparison. */

#include "flow_batch.h"
#include "live_flows.h"

/* As tb_tcp_run_add, the first segment alone. */
TB_MUST_USE uint32_t tb_tcptrace_run_add(struct tb_live_flow *live, const struct tb_flow_run *run,
                                         struct tb_sent_pool *pool, struct tb_payload_counted *marks);

/* True when a segment begins another connection between the same endpoints. */
bool tb_tcptrace_begins_other(const struct tb_live_flow *live, unsigned side, const struct tb_flow_packet *queued);

/* As tb_tcp_counter_finish. */
void tb_tcptrace_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                        struct tb_flow_side *row);

/* "complete": SYN and FIN of both sides, no RST. */
enum tb_flow_end tb_tcptrace_ended(const struct tb_live_side sides[2]);

#endif
