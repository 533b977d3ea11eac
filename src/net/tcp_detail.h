/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_TCP_DETAIL_H
#define TWINBED_SRC_NET_TCP_DETAIL_H

/* What tcptrace reports of each side beyond the core of tcp_stream.h, by either
 * set of rules, and the events of TCP. */

#include "packet.h"
#include "sent_list.h"
#include "twinbed/net/capture.h"

enum { TB_DETAIL_REMEMBERED = 8 };

/* Gaps of at least this long, with data outstanding and none acknowledged, are
 * stalls of a flow. */
#define TB_FLOW_STALL_NS UINT64_C(1000000000)

/* One side of a live connection. Zero it to start. */
struct tb_detail_side {
    struct tb_sent_list sent;
    uint64_t last_time;
    uint64_t first_data_time;
    uint64_t outstanding; /* bytes, when they last changed */
    uint64_t outstanding_since;
    uint64_t closed_since; /* the time at which this side closed its window; 0 while open */
    uint64_t core_unique;  /* by tcptrace's rules: */
    uint64_t core_repeated_packets;
    uint64_t core_repeated_bytes;
    uint64_t core_out_of_order;
    uint64_t core_pure_acks;
    uint64_t last_rtt;
    uint64_t full_size; /* of the segments in full_rtt */
    uint32_t last_acknowledgement;
    uint32_t last_window;
    uint32_t edge; /* by tcptrace's rules: the latest acknowledgement and window, of resets as well */
    uint32_t first_syn;
    uint32_t last_syn;
    uint32_t fin;        /* number of the FIN */
    uint32_t fast_until; /* repeats below answer a third duplicate */
    uint16_t identifications[TB_DETAIL_REMEMBERED];
    uint32_t sequences[TB_DETAIL_REMEMBERED];
    uint8_t remembered;
    uint8_t next_remembered;
    uint8_t scale;
    uint8_t syns;
    uint8_t duplicates; /* acknowledgements in a row by this side that say nothing new */
    bool started : 1;
    bool acknowledged : 1; /* last_acknowledgement is set */
    bool window_seen : 1;
    bool window_scaled : 1; /* the sums begin at the first scaled window */
    bool sent_data : 1;
    bool answered : 1; /* the other side acknowledged more than the SYN */
    bool syn_seen : 1;
    bool fin_seen : 1;
    bool rst_seen : 1;
    bool scale_seen : 1;
    bool fast : 1; /* fast_until is set */
};

struct tb_live_detail {
    struct tb_detail_side side[2];
    uint64_t last_time; /* of any packet */
};

struct tb_detail_packet {
    const struct tb_packet *packet;
    uint64_t time;
    enum tb_flow_rules rules;
};

/* Counts one segment of a side; core is that side's counters. False when memory is short. */
TB_MUST_USE bool tb_tcp_detail_add(struct tb_live_detail *live, unsigned side, const struct tb_detail_packet *packet,
                                   struct tb_flow_side sides[2]);

/* True for a packet that is sent against the other side's closed window. */
bool tb_tcp_detail_is_probe(const struct tb_live_detail *live, unsigned side, const struct tb_packet *packet,
                            enum tb_flow_rules rules);

/* True when a segment begins another connection by tcptrace's rules. */
bool tb_tcp_detail_begins_other(const struct tb_live_detail *live, unsigned side,
                                const struct tb_detail_packet *packet);

/* Completes both sides' counters and lets go of the memory. */
void tb_tcp_detail_finish(struct tb_live_detail *live, enum tb_flow_rules rules, struct tb_flow_side sides[2]);

/* "complete" by tcptrace's rules: SYN and FIN of both sides, no RST. */
enum tb_flow_end tb_tcp_detail_ended(const struct tb_live_detail *live);

#endif
