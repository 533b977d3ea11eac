/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_DETAIL_H
#define TWINBED_SRC_FLOW_TCP_DETAIL_H

/* The segments of a connection: its sides count them in the core (tcp_stream.h) and in
 * detail, which is what tcptrace reports of each side beyond the core, by either set of
 * rules, and the events of TCP. */

#include "flow_window.h"
#include "live_flows.h"
#include "twinbed/flow/flow_summary.h"

/* Gaps of at least this long, with data outstanding and none acknowledged, are
 * stalls of a flow. */
#define TB_FLOW_STALL_NS UINT64_C(1000000000)

/* Counts segments of a live flow, in the core and in detail: the first one of the train, and those behind it up to a SYN,
 * a reset, or until the flow is over. How many; 0 when memory is short. pool: of the flow's sides. marks: of the first
 * one, see tcp_stream.h; left alone unless it is a fragment. */
TB_MUST_USE uint32_t tb_tcp_train_add(struct tb_live_flow *live, const struct tb_packet_train *train,
                                      struct tb_sent_pool *pool, struct tb_payload_marks *marks);

/* The same by tcptrace's rules, the first one alone. */
TB_MUST_USE uint32_t tb_tcp_train_add_as_tcptrace(struct tb_live_flow *live, const struct tb_packet_train *train,
                                                  struct tb_sent_pool *pool, struct tb_payload_marks *marks);

/* True when a segment begins another connection by tcptrace's rules. */
bool tb_tcp_detail_begins_other(const struct tb_live_flow *live, unsigned side, const struct tb_flow_packet *queued);

/* Completes the side's row. end is the time of the flow's last packet. */
void tb_tcp_detail_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                          enum tb_flow_rules rules, struct tb_flow_side *row);

/* "complete" by tcptrace's rules: SYN and FIN of both sides, no RST. */
enum tb_flow_end tb_tcp_detail_ended(const struct tb_live_side sides[2]);

#endif
