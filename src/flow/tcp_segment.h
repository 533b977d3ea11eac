/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_SEGMENT_H
#define TWINBED_SRC_FLOW_TCP_SEGMENT_H

/* One segment while it is counted, by either set of rules (tcp_counter.c, tcptrace_counter.c).
 *
 * What every segment changes is counted inline, so that the segment's fields stay in registers: it
 * is never handed to a function that is not. What most flows never see is counted by functions
 * apart. Those that may need memory return false when it is short. */

#include "flow_batch.h"
#include "live_flows.h"
#include "tcp_connection.h"
#include "tcp_fast_path.h"

/* Marks of functions: seldom called, or always inlined. */
#define TB_COLD __attribute__((noinline, cold))
#define TB_HOT static inline __attribute__((always_inline))

/* A segment, and whom it concerns. flags and payload are those of the packet, given apart because
 * not all that a packet can have is possible everywhere: where one is known to be 0, the compiler
 * leaves out what goes by it. */
struct tb_segment {
    const struct tb_flow_packet *queued;
    const struct tb_packet *packet; /* of that */
    uint64_t time;
    uint32_t flags; /* TB_TCP_... bits. */
    uint32_t payload;
    bool probe;                 /* it is sent against the other side's closed window */
    bool stray;                 /* its numbers are not those of the connection */
    struct tb_live_side *own;   /* of the sender */
    struct tb_live_side *other; /* Of the receiver. */
    struct tb_port_flows *port; /* Borrowed; where distributions of the flow's packets go. */
    /* Borrowed, or NULL: where the sender counts as the other end, while roles are assumed. */
    struct tb_port_flows *turned;
    unsigned sender;           /* 0: the client; 1: the server. Index of the arrays of port. */
    struct tb_sent_pool *pool; /* of the flow's sides */
};

/* Says that the condition is mostly false. */
TB_HOT bool tb_is_rare(bool condition)
{
    return __builtin_expect(condition, false);
}

/* Whether any of these flags is set. */
TB_HOT bool tb_segment_has(const struct tb_segment *segment, unsigned flags)
{
    return (segment->flags & flags) != 0;
}

static inline bool tb_packet_shows(const struct tb_packet *packet, unsigned flags)
{
    return (packet->tcp_flags & flags) != 0;
}

/* Nanoseconds from then to now; 0 when times go back. */
TB_HOT uint64_t tb_since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

/* Adds to a counter of the row aside, which most flows never need. */
#define TB_COUNT_RARE(side, counter, amount)                                                                           \
    (tb_live_side_rare(side) != NULL && (((side)->rare->row.counter += (amount)), true))

/* The second side when all bits of the mask are set, the first when none is. Without a branch, which nobody could
 * predict; and the compiler must not work the address out anew for each of the fields behind it. */
TB_HOT struct tb_live_side *tb_side_at(struct tb_live_side *sides, uintptr_t mask)
{
    struct tb_live_side *side = (struct tb_live_side *)((char *)sides + (sizeof *sides & mask));
    __asm__("" : "+r"(side));
    return side;
}

/* A segment of a live flow, of which probe, stray, turned and sender are still to be set. side:
 * that of the sender. */
TB_HOT struct tb_segment tb_segment_of(struct tb_live_flow *live, const struct tb_flow_packet *queued, unsigned side,
                                       struct tb_sent_pool *pool)
{
    return (struct tb_segment){.queued = queued,
                               .packet = &queued->packet,
                               .time = queued->time,
                               .flags = queued->packet.tcp_flags,
                               .payload = queued->packet.payload,
                               .own = tb_side_at(live->side, 0 - (uintptr_t)side),
                               .other = tb_side_at(live->side, (uintptr_t)side - 1),
                               .port = live->port,
                               .pool = pool};
}

/* Counts it in the stream of its sender, the fast way if that will do. marks: tcp_stream.h. */
TB_HOT bool tb_segment_add_to_stream(const struct tb_segment *segment, struct tb_payload_counted *marks)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    if (segment->stray) {
        tb_tcp_stream_add_stray(own, segment->packet, marks);
        return true;
    }
    return (!segment->probe && tb_tcp_stream_add_fast(own, other, segment->packet, segment->payload)) ||
           tb_tcp_stream_add(own, other, segment->packet, segment->probe, marks);
}

/* Counts it in the core: as a packet of its flow, in the stream of its sender, and in the handshake. gap: ns since the
 * flow's packet before; 0 for the first. */
TB_HOT bool tb_segment_add_to_core(struct tb_live_flow *live, const struct tb_segment *segment,
                                   struct tb_payload_counted *marks, uint64_t *gap)
{
    const struct tb_flow_packet *queued = segment->queued;
    *gap = live->last_time == 0 ? 0 : tb_since(queued->time, live->last_time);
    tb_live_flow_note_time(live, queued->time, queued->clock);
    live->last_time = queued->time;
    if (!tb_live_side_note_packet(segment->own, segment->packet->ip_bytes) || !tb_segment_add_to_stream(segment, marks))
        return false;
    if (tb_is_rare(!live->handshake_seen))
        tb_tcp_watch_handshake(live, queued->direction ^ live->first_direction, segment->packet, queued->time);
    return true;
}

/* What comes next is fetched some packets ahead, which hides most of the time that memory takes. */
TB_HOT void tb_prefetch_packet(const struct tb_flow_run *run, uint32_t place)
{
    enum { LINE = 64 }; /* of the cache */
    const char *packet = (const char *)tb_flow_run_at(run, place + TB_FLOW_BATCH_AHEAD);
    __builtin_prefetch(packet);
    __builtin_prefetch(packet + LINE);
}

#endif
