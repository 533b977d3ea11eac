/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_FLOW_H
#define TWINBED_FLOW_FLOW_H

/* What is known of one flow: the row that is made of it when it is over. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/words.h"
#include "twinbed/packet/address.h"

/* Which packets make a connection, and what each statistic counts: see
 * docs/method.md. The second set is that of the program tcptrace 6.6.7, with
 * its arithmetic. */
enum tb_flow_rules { TB_FLOW_RULES_TWINBED, TB_FLOW_RULES_TCPTRACE };

/* How a flow ended, as seen in the capture. */
#define TB_FLOW_END_WORDS(WORD)                                                                                        \
    WORD(TB_FLOW_OPEN, open) /* neither both FINs nor an RST were seen */                                              \
    WORD(TB_FLOW_CLOSED,                                                                                               \
         closed) /* FINs seen from both sides, no RST before both; by the rules of tcptrace both SYNs as well */       \
    WORD(TB_FLOW_RESET, reset) /* an RST was seen (before both FINs) */                                                \
    WORD(TB_FLOW_NOT_TCP, not_tcp)
enum tb_flow_end { TB_FLOW_END_WORDS(TB_WORD_ENUMERATOR) };

/* Times of one kind, in ns. */
struct tb_flow_times {
    uint64_t count;
    uint64_t minimum; /* 0 without any */
    uint64_t maximum;
    uint64_t sum;
    double squares; /* sum of squares, in square microseconds */
};

/* What tcptrace reports beyond the core, and the events of TCP. Everything is an
 * integer as counted; flow_values.h makes means of it. */
struct tb_flow_detail {
    uint64_t ack_packets;          /* with ACK */
    uint64_t sack_packets;         /* with SACK blocks and ACK, no RST */
    uint64_t sacks;                /* with SACK blocks */
    uint64_t dsack_packets;        /* whose first block tells of bytes that came twice */
    uint64_t pushed_packets;       /* payload and PSH */
    uint64_t urgent_packets;       /* payload and URG */
    uint64_t urgent_bytes;         /* sum of their urgent pointers */
    uint64_t probe_packets;        /* sent against a closed window */
    uint64_t probe_bytes;          /* payload of these */
    uint64_t zero_windows;         /* packets with ACK that advertise a closed window */
    uint64_t window_sum;           /* of advertised windows */
    uint64_t window_packets;       /* what it is divided by */
    uint64_t outstanding_max;      /* bytes sent and not yet acknowledged, see docs/method.md */
    uint64_t outstanding_min;      /* above zero */
    uint64_t outstanding_sum;      /* one term a packet ... */
    uint64_t outstanding_count;    /* ... and so many packets */
    uint64_t outstanding_time;     /* byte microseconds: sum of outstanding bytes times how long; by tcptrace's rules
                                    byte seconds, whole ones a term */
    uint64_t initial_window_bytes; /* payload sent before the other side acknowledged any */
    uint64_t initial_window_packets;
    uint64_t truncated_bytes; /* payload on the wire but not in the file */
    uint64_t truncated_packets;
    uint64_t data_begin;                /* ns since the epoch, first packet with payload; 0 without */
    uint64_t data_time;                 /* ns from the first packet with payload to the last */
    uint64_t last_time;                 /* ns since the epoch, last packet of this side; 0 without */
    uint64_t idle_max;                  /* ns, longest time between two packets of this side */
    uint64_t duplicate_packets;         /* same IPv4 identification and sequence number as one of the last eight */
    uint64_t post_loss_acks;            /* acknowledged with an older segment that was sent again later: no sample */
    uint64_t cumulative_acks;           /* segments acknowledged by a later one's acknowledgement */
    uint64_t duplicate_acks;            /* acknowledgements by the other side that say nothing new */
    uint64_t triple_duplicate_acks;     /* third duplicates in a row */
    uint64_t most_repeats;              /* of one segment not yet acknowledged */
    int64_t stream_bytes;               /* between SYN and FIN; -1 unless both were seen */
    uint64_t spurious_retransmissions;  /* repeats of bytes that had been acknowledged before */
    uint64_t fast_retransmissions;      /* repeats that follow a third duplicate acknowledgement */
    uint64_t timeout_retransmissions;   /* repeats without */
    uint64_t window_stalls;             /* times the other side's window was closed while this side had sent before */
    uint64_t window_stall_time;         /* ns */
    uint64_t ece_packets;               /* ECE without SYN: congestion reported back */
    uint64_t cwr_packets;               /* CWR without SYN */
    uint64_t ce_packets;                /* marked "congestion experienced" by the network */
    uint64_t stalls;                    /* gaps of the flow with data of this side outstanding, of 1 s and more */
    uint64_t stall_time;                /* ns in these */
    uint64_t stall_longest;             /* ns */
    uint64_t stall_begin;               /* ns since the epoch, of the longest */
    uint64_t requests;                  /* HTTP/1 requests that begin in this side's payload */
    uint64_t replies;                   /* HTTP/1 replies */
    uint64_t tls_connections;           /* 1 when this side said hello */
    uint64_t tls_exchanges;             /* application data of this side that the other answered with its own */
    uint64_t http2_connections;         /* 1 when this side sent the preface of HTTP/2 in clear */
    uint64_t http2_streams;             /* that it opened then, by headers of either side */
    uint64_t http2_cut_frames;          /* of this side, which go on in the next segment: streams may be missing */
    struct tb_flow_times gap;           /* between a packet of this side and the one before */
    struct tb_flow_times rtt;           /* a segment of this side to its acknowledgement */
    struct tb_flow_times full_rtt;      /* the same, of the largest segments */
    struct tb_flow_times ambiguous_rtt; /* the same, of repeated segments, from the last copy */
    struct tb_flow_times repeat_time;   /* between copies of a segment not yet acknowledged */
    uint64_t handshake_rtt;             /* ns, of the SYN; 0 when it was repeated or not answered */
    uint32_t segment_max;               /* bytes of payload */
    uint32_t segment_min;
    uint32_t window_max; /* bytes, scaled */
    uint32_t window_min; /* above zero */
    uint32_t mss;        /* 0: none */
    uint8_t sack_blocks_max;
    uint8_t window_scale; /* 0 unless both sides sent one */
    bool asked_scale;     /* sent the option */
    bool asked_timestamps;
    bool asked_sack;
    bool asked_ecn; /* SYN with ECE */
};

/* One direction of a flow. */
struct tb_flow_side {
    uint64_t packets;
    uint64_t ip_bytes;              /* IP total lengths (headers and payload; sums of fragments) */
    uint64_t payload_bytes;         /* TCP or UDP payload, repeats included */
    uint64_t unique_bytes;          /* TCP payload not seen before from this side */
    uint64_t data_packets;          /* with payload */
    uint64_t retransmitted_packets; /* carry payload and repeat at least one payload byte already seen */
    uint64_t retransmitted_bytes;   /* those payload bytes */
    uint64_t out_of_order_packets;  /* carry payload that lies before the highest byte seen and was not seen */
    uint64_t syn_packets;
    uint64_t repeated_syn_packets;
    uint64_t fin_packets;
    uint64_t repeated_fin_packets;
    uint64_t rst_packets;
    uint64_t pure_ack_packets;   /* ACK, no payload, none of SYN, FIN, RST; no keep-alive */
    uint64_t empty_push_packets; /* payload 0, PSH, same IPv4 id and sequence number as the next packet of this side:
                                       the empty segments an emulated e1000 splits off; not in pure_ack_packets */
    uint64_t keep_alive_packets; /* one old byte or none, at the last sequence number sent, after all was acked */
    uint64_t missing_bytes;      /* stream bytes between SYN and FIN (or the highest byte seen) never seen */
    bool stream_complete;        /* SYN and FIN seen and missing_bytes = 0 */
    struct tb_flow_detail detail;
};

/* A TCP connection, or the UDP packets between two endpoints. Side 0 is the
 * client: the sender of the first SYN without ACK, else the receiver of the first
 * SYN with ACK, else (roles are assumed then) and for UDP the sender of the first
 * packet; by tcptrace's rules that is always so. */
struct tb_flow {
    uint8_t protocol; /* IP protocol number: 6 TCP, 17 UDP */
    struct tb_address client;
    struct tb_address server;
    uint64_t first_packet; /* 0-based number, among the packets of the file, of the first packet */
    uint64_t start;        /* ns since the epoch */
    uint64_t end;          /* ns since the epoch, last packet */
    uint64_t handshake;    /* ns from the first SYN to the first ACK of the SYN/ACK; 0 when not seen */
    enum tb_flow_end ended;
    bool completed_reply;        /* TCP: the server sent payload, all of which was seen or is accounted for by
                                    acknowledgements, and ended its stream: see docs/method.md */
    bool roles_assumed;          /* TCP: no SYN told that side 0 is the client */
    bool other_completed;        /* then: completed_reply, were side 0 the server */
    struct tb_flow_side side[2]; /* 0: client to server; 1: server to client */
};

/* Exchanges the roles, with all that depends on them. */
void tb_flow_turn(struct tb_flow *flow);

/* Does so when roles are assumed and that port, where the server is known to listen
 * (0: not known), is the client's alone. */
void tb_flow_orient(struct tb_flow *flow, uint16_t server_port);

const char *tb_flow_end_name(enum tb_flow_end ended);     /* "open", "closed", "reset", "none" */
const char *tb_flow_rules_name(enum tb_flow_rules rules); /* "twinbed", "tcptrace" */

#endif
