/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_CONNECTION_H
#define TWINBED_SRC_FLOW_TCP_CONNECTION_H

/* Beginning and end of a TCP connection, by twinbed's rules. All functions but the last only look.
 * side is that of the packet's sender. */

#include "live_flows.h"
#include "packet/packet.h"

/* Both sides have sent a FIN. */
static inline bool tb_tcp_both_ended(const struct tb_live_flow *live)
{
    return live->side[0].stream.fin_seen && live->side[1].stream.fin_seen;
}

/* Both FINs are acknowledged, or an RST was seen. */
static inline bool tb_tcp_is_over(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    return live->any_reset ||
           (tb_tcp_both_ended(live) && one->acknowledged > one->fin && other->acknowledged > other->fin);
}

/* How the connection stands: reset before both FINs, closed by both, or open. */
enum tb_flow_end tb_tcp_how_ended(const struct tb_live_flow *live);

/* A segment whose numbers cannot be those of the connection, by what is known of it so far: it changes nothing there. So is
 * a reset outside the window of the other side, and what answers a SYN without acknowledging it. */
bool tb_tcp_is_stray(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet);

/* Whether a SYN of that side begins another connection between the same endpoints: its number is
 * not that of the first SYN. */
bool tb_tcp_starts_new(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet);

/* Sets the time of the handshake when this is the client's acknowledgement of the server's SYN. For flows of which it
 * is not known. */
void tb_tcp_watch_handshake(struct tb_live_flow *live, unsigned side, const struct tb_packet *packet, uint64_t time);

#endif
