/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_SENT_H
#define TWINBED_SRC_FLOW_TCP_SENT_H

/* What a side sends for the first time, what it sends again and why, and for how long nothing
 * helps. By either set of rules it counts alike. Functions that return false were short of memory. */

#include "tcp_segment.h"

/* Adds a time, in nanoseconds, to those of a row. */
void tb_times_add(struct tb_flow_times *times, uint64_t time);

/* Messages of TLS and HTTP/2. False when memory is short. */
TB_MUST_USE TB_COLD bool tb_count_further_messages(struct tb_live_side *own, struct tb_live_side *other,
                                                   const struct tb_packet *packet);

/* Requests and replies that begin in payload that was not sent before, by HTTP/1, TLS or HTTP/2. */
TB_MUST_USE static inline bool tb_count_messages(struct tb_live_side *own, struct tb_live_side *other,
                                                 const struct tb_packet *packet)
{
    own->requests += packet->requests;
    own->replies += packet->reply;
    own->stream.closes = packet->closes;
    return !tb_is_rare(packet->messages != 0) || tb_count_further_messages(own, other, packet);
}

/* The initial window: what is sent before anything but the SYN is acknowledged. Resets do not count. */
static inline void tb_count_initial(struct tb_live_side *own, const struct tb_packet *packet)
{
    if (packet->payload == 0 || own->answered || tb_packet_shows(packet, TB_TCP_RST))
        return;
    own->initial_window_bytes += packet->payload;
    own->initial_window_packets++;
}

/* Whether a packet asks if the other side is there: an old byte below everything that is
 * acknowledged. */
bool tb_is_keep_alive(const struct tb_live_side *own, const struct tb_live_side *other, const struct tb_packet *packet);

/* Counts numbers that were sent before. asks: the packet wants an answer, and its numbers are no
 * loss. */
TB_MUST_USE bool tb_count_repeat(struct tb_live_side *own, const struct tb_packet *packet,
                                 const struct tb_sent_found *found, bool asks);

/* The other side's packet acknowledged once more what it had before, so often in a row. The third
 * duplicate asks for a fast retransmission. */
TB_MUST_USE TB_COLD bool tb_count_duplicate(struct tb_live_side *other, uint32_t in_a_row);

/* Larger segments than those before are acknowledged: what was known of full ones is forgotten. */
static inline void tb_restart_full_size(struct tb_live_side *other, uint32_t size)
{
    other->full_size = size;
    other->full_rtt = (struct tb_live_times){0};
    other->full_count = 0;
    if (other->rare != NULL)
        other->rare->row.detail.full_rtt = (struct tb_flow_times){0};
}

/* Whether the segment acknowledges the SYN of the other side, sent once, and nothing more. */
TB_HOT bool tb_is_of_syn(const struct tb_segment *segment)
{
    return segment->packet->acknowledgement == segment->other->first_syn + 1 && segment->other->syns == 1;
}

/* Bytes of the sender that wait: from what the other side acknowledged to the highest number sent,
 * when that is ahead; else 0. Without a branch. */
TB_HOT uint32_t tb_outstanding_now(const struct tb_live_side *sender, const struct tb_live_side *other)
{
    const int32_t behind = (int32_t)(other->last_acknowledgement - (uint32_t)sender->sent.highest);
    const bool waits = (behind < 0) & other->acknowledged & tb_sent_any(&sender->sent);
    return (0 - (uint32_t)behind) & (0 - (uint32_t)waits);
}

/* Gaps of at least this long, with data outstanding and none acknowledged, are stalls of a flow. */
#define TB_FLOW_STALL_NS UINT64_C(1000000000)

/* The flow stood still from begin on for so long, in nanoseconds: counts for a side whose data
 * waited to be acknowledged, or who sends again what was. NULL for a side that did not. */
TB_MUST_USE TB_COLD bool tb_count_stall(struct tb_live_side *own, struct tb_live_side *other, uint64_t begin,
                                        uint64_t length);

#endif
