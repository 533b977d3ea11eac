/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_LIVE_SIDE_H
#define TWINBED_SRC_FLOW_LIVE_SIDE_H

/* One direction of a flow while packets of it still come: its counters, and what is needed to go on
 * counting.
 *
 * It is made small, because millions of flows may be live, and so that few cache lines are touched
 * for each packet. What most flows never count is kept aside, in a row of the usual width that is
 * allocated when it is needed first. Counters of packets have 32 bits, and those of times are for
 * times below 4.3 s; what would not fit goes to the row aside as well. The row that is made at the
 * end adds the two up (tb_live_side_row).
 *
 * Fields stand in the order in which packets touch them: those of any packet, those of one with
 * payload, those of an acknowledgement, the rest. Minima are kept with all bits turned round, so
 * that 0 stands for none and the larger number is the smaller value.
 *
 * Side 0 of a flow sent its first packet. own is the side whose packet is looked at, other the one
 * it goes to. */

#include "packet/packet.h"
#include "sent_list.h"
#include "tcp_stream.h"
#include "twinbed/flow/flow.h"

/* So many of the latest packets are remembered, to tell those with the same identification: one
 * vector register of numbers of 16 bits. */
enum { TB_LIVE_REMEMBERED = 8 };

/* Times of one kind, each below 2^32 ns; how many there are stands elsewhere. */
struct tb_live_times {
    uint64_t sum;   /* In nanoseconds. */
    double squares; /* Sum of squares, in square microseconds. */
    uint32_t least; /* The minimum with all bits turned round, so that 0 stands for none. */
    uint32_t maximum;
};

/* The larger of two, compiled without a branch. */
static inline uint32_t tb_larger(uint32_t one, uint32_t other)
{
    return one > other ? one : other;
}

struct tb_port_flows;

/* What most flows never need. */
struct tb_rare_side {
    struct tb_port_flows *turned; /* Borrowed; of side 0 alone: tb_live_flow_turned. */
    struct tb_flow_side row;      /* To be added to what the live side counts. */
    uint64_t closed_since;        /* The time at which this side closed its window; 0 while open. */
    uint32_t fast_until;          /* Repeats below this sequence number answer a third duplicate. */
    uint32_t last_syn;            /* By tcptrace's rules, as all that follow: the number of the latest SYN. */
    uint64_t outstanding;         /* Bytes, when they last changed. */
    uint64_t outstanding_since;   /* When that was, in nanoseconds since the epoch. */
    uint64_t core_unique;
    uint64_t core_repeated_packets;
    uint64_t core_repeated_bytes;
    uint64_t core_out_of_order;
    uint64_t core_pure_acks;
    uint64_t last_rtt;
    uint32_t edge;        /* the latest acknowledgement and window, of resets as well */
    bool http2;           /* it sent the preface of HTTP/2 */
    uint32_t last_stream; /* then: the highest that it opened; 0: none */
};

/* Zero it to start. */
struct tb_live_side {
    struct tb_tcp_stream stream; /* What it has sent, as bytes of a stream. */
    uint32_t packets;            /* A packet without payload changes these, down to identifications ... */
    uint32_t ack_packets;
    uint32_t pure_ack_packets;
    uint32_t window_packets;
    uint64_t ip_bytes;
    uint64_t window_sum; /* Of window_packets windows, scaled. */
    uint32_t window_max;
    uint32_t window_least; /* Of the minimum above 0. */
    uint32_t last_window;
    uint32_t last_acknowledgement; /* The highest so far; by tcptrace's rules the latest. */
    uint64_t last_time;            /* Of its latest packet, in nanoseconds since the epoch. */
    struct tb_live_times gap;      /* Times between its packets; gap_count of them. */
    uint32_t gap_count;
    uint16_t mss; /* As its latest option said; 0: none did. */
    uint8_t next_remembered;
    uint8_t scale;         /* Of its windows, as its SYN said. */
    uint8_t window_shift;  /* The scale, once both sides sent theirs; else 0. */
    uint8_t syns;          /* SYNs so far, at most 255. */
    bool started : 1;      /* It has sent a packet. */
    bool acknowledged : 1; /* last_acknowledgement is set */
    bool window_seen : 1;
    bool window_scaled : 1; /* the sums begin at the first scaled window */
    bool sent_data : 1;     /* It has sent payload. */
    bool answered : 1;      /* the other side acknowledged more than the SYN */
    bool syn_seen : 1;
    bool fin_seen : 1;
    bool rst_seen : 1;
    bool scale_seen : 1;
    bool fast : 1;   /* rare->fast_until is set */
    bool closed : 1; /* rare->closed_since is set */
    bool asked_scale : 1;
    bool asked_timestamps : 1;
    bool asked_sack : 1;
    bool asked_ecn : 1;
    /* Those of a packet, noted already, without SACK blocks. Most packets have the same. */
    struct tb_tcp_options known_options;
    uint32_t sequences[TB_LIVE_REMEMBERED]; /* Of the latest packets, by turns. */
    uint16_t identifications[TB_LIVE_REMEMBERED];
    uint32_t data_packets; /* ... one with payload these ... */
    uint64_t payload_bytes;
    uint64_t unique_bytes;
    uint64_t data_time; /* From the first packet with payload to the latest, in nanoseconds. */
    uint64_t first_data_time;
    uint64_t truncated_bytes;
    uint32_t truncated_packets;
    uint32_t pushed_packets;
    uint32_t segment_max;
    uint32_t segment_least;     /* of the minimum, all bits turned round */
    uint32_t outstanding_count; /* How often the outstanding bytes were looked at, for their mean. */
    uint32_t initial_window_packets;
    uint32_t outstanding_max;
    uint32_t outstanding_least; /* of the minimum, all bits turned round */
    uint64_t outstanding_sum;
    /* ... and the other side's acknowledgement these. Its segments, as far as they are not
     * forgotten. */
    struct tb_sent_list sent;
    uint64_t outstanding_time; /* Outstanding bytes times microseconds; by tcptrace's rules times seconds. */
    struct tb_live_times rtt;
    struct tb_live_times full_rtt;
    uint32_t full_size; /* Bytes of the segments in full_rtt. */
    uint32_t rtt_count;
    uint32_t full_count;
    uint32_t cumulative_acks;      /* Its segments that an acknowledgement of a later one answered. */
    uint64_t initial_window_bytes; /* Now and then these. */
    uint64_t handshake_rtt;        /* From its SYN to the answer, in nanoseconds; 0 without. */
    uint32_t duplicate_packets;
    uint32_t empty_push_packets;
    uint32_t requests;
    uint32_t replies;
    uint32_t syn_packets;
    uint32_t fin_packets;
    uint32_t rst_packets;
    uint32_t first_syn;
    uint32_t fin; /* number of the FIN */
    uint32_t tls_exchanges;
    struct tb_rare_side *rare; /* Owned; NULL until it is needed. */
};

/* What is kept aside, which is allocated, zeroed, when it is not there; NULL when memory is short. */
struct tb_rare_side *tb_live_side_rare(struct tb_live_side *side);

/* Puts all counters of 32 bits aside and begins them anew. To be called before any could pass its
 * limit. False when memory is short. */
TB_MUST_USE bool tb_live_side_widen(struct tb_live_side *side);

/* So many packets a side counts before it is widened. What a packet can add to a counter of 32 bits
 * is below 2^8, so none overflows. */
enum { TB_LIVE_SIDE_WIDEN = 1 << 24 };

/* Counts a packet and its bytes. False when memory is short. */
TB_MUST_USE static inline bool tb_live_side_note_packet(struct tb_live_side *side, uint32_t ip_bytes)
{
    if (__builtin_expect(side->packets >= TB_LIVE_SIDE_WIDEN, false) && !tb_live_side_widen(side))
        return false;
    side->packets++;
    side->ip_bytes += ip_bytes;
    return true;
}

/* Lets go of what the side owns. pool: that of the flow's table. */
void tb_live_side_free(struct tb_live_side *side, struct tb_sent_pool *pool);

/* Adds the counts and sums that are not kept aside to a row. */
void tb_live_side_add(const struct tb_live_side *side, struct tb_flow_side *sum);

/* What was counted, both parts together, into a zeroed row. What only the end of the flow tells is
 * left to tb_tcp_counter_finish. */
void tb_live_side_row(const struct tb_live_side *side, struct tb_flow_side *row);

#endif
