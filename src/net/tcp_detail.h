/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_TCP_DETAIL_H
#define TWINBED_SRC_NET_TCP_DETAIL_H

/* What tcptrace reports of each side beyond the core of tcp_stream.h, by either
 * set of rules, and the events of TCP. */

#include "flow_window.h"
#include "live_flows.h"
#include "twinbed/net/flow_summary.h"

/* Gaps of at least this long, with data outstanding and none acknowledged, are
 * stalls of a flow. */
#define TB_FLOW_STALL_NS UINT64_C(1000000000)

/* Counts one segment of own, which tb_tcp_stream_add has counted; own and other are the sides of the flow. Its time
 * becomes that of the flow's latest packet. sender: 1 for the server, as far as that is known, else 0; probe:
 * tb_tcp_detail_is_probe. False when memory is short. */
TB_MUST_USE bool tb_tcp_detail_add(struct tb_live_flow *live, struct tb_live_side *own, struct tb_live_side *other,
                                   const struct tb_flow_packet *queued, unsigned sender, bool probe);

/* The same by tcptrace's rules. */
TB_MUST_USE bool tb_tcp_detail_add_as_tcptrace(struct tb_live_flow *live, struct tb_live_side *own,
                                               struct tb_live_side *other, const struct tb_flow_packet *queued,
                                               unsigned sender, bool probe);

/* Of tb_tcp_detail_is_probe, when the window is closed. */
bool tb_tcp_detail_probes(const struct tb_live_side *own, const struct tb_packet *packet, enum tb_flow_rules rules);

/* True for a packet that is sent against the other side's closed window. */
static inline bool tb_tcp_detail_is_probe(const struct tb_live_side *own, const struct tb_live_side *other,
                                          const struct tb_packet *packet, enum tb_flow_rules rules)
{
    /* Where tcptrace saw no window, it takes it for closed. */
    return other->last_window == 0 && (rules == TB_FLOW_RULES_TCPTRACE ? other->started : other->window_seen) &&
           tb_tcp_detail_probes(own, packet, rules);
}

/* True when a segment begins another connection by tcptrace's rules. */
bool tb_tcp_detail_begins_other(const struct tb_live_flow *live, unsigned side, const struct tb_flow_packet *queued);

/* Completes the side's row. end is the time of the flow's last packet. */
void tb_tcp_detail_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                          enum tb_flow_rules rules, struct tb_flow_side *row);

/* "complete" by tcptrace's rules: SYN and FIN of both sides, no RST. */
enum tb_flow_end tb_tcp_detail_ended(const struct tb_live_side sides[2]);

#endif
