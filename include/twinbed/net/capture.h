/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_NET_CAPTURE_H
#define TWINBED_NET_CAPTURE_H

/* What one packet capture tells: its flows and totals.
 *
 * Formats: pcap (microseconds and nanoseconds, both byte orders, the modified
 * variants libpcap reads) and pcapng. Links: Ethernet with VLAN tags, Linux
 * cooked 1 and 2, raw IP, loopback. IPv4 with fragments, IPv6 with extension
 * headers, TCP and UDP. Payload lengths are those on the wire (IP lengths),
 * whatever the snap length kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"
#include "twinbed/net/address.h"
#include "twinbed/net/packet_sample.h"
#include "twinbed/net/test_packets.h"

/* Which packets make a connection, and what each statistic counts: see
 * docs/method.md. The second set is that of the program tcptrace 6.6.7, with
 * its arithmetic. */
enum tb_flow_rules { TB_FLOW_RULES_TWINBED, TB_FLOW_RULES_TCPTRACE };

struct tb_capture_request {
    const char *filter; /* libpcap expression, or NULL for every packet */
    enum tb_flow_rules rules;
    bool sample; /* keep packets to be found again in a capture at the other end */
};

/* How a flow ended, as seen in the capture. */
enum tb_flow_end {
    TB_FLOW_OPEN,   /* neither both FINs nor an RST were seen */
    TB_FLOW_CLOSED, /* SYN and FIN seen from both sides, no RST before both FINs */
    TB_FLOW_RESET,  /* an RST was seen (before both FINs) */
    TB_FLOW_NOT_TCP
};

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
    uint64_t ack_packets;       /* with ACK */
    uint64_t sack_packets;      /* with SACK blocks and ACK, no RST */
    uint64_t sacks;             /* with SACK blocks */
    uint64_t duplicate_sacks;   /* whose first block tells of bytes that came twice */
    uint64_t pushed_packets;    /* payload and PSH */
    uint64_t urgent_packets;    /* payload and URG */
    uint64_t urgent_bytes;      /* sum of their urgent pointers */
    uint64_t probe_packets;     /* sent against a closed window */
    uint64_t probe_bytes;       /* payload of these */
    uint64_t zero_windows;      /* packets with ACK that advertise a closed window */
    uint64_t window_sum;        /* of advertised windows */
    uint64_t window_packets;    /* what it is divided by */
    uint64_t outstanding_max;   /* bytes sent and not yet acknowledged, see docs/method.md */
    uint64_t outstanding_min;   /* above zero */
    uint64_t outstanding_sum;   /* one term a packet ... */
    uint64_t outstanding_count; /* ... and so many packets */
    uint64_t outstanding_time;  /* byte microseconds: sum of outstanding bytes times how long; by tcptrace's rules
                                    byte seconds, whole ones a term */
    uint64_t initial_bytes;     /* payload sent before the other side acknowledged any */
    uint64_t initial_packets;
    uint64_t cut_bytes; /* payload on the wire but not in the file */
    uint64_t cut_packets;
    uint64_t data_begin;            /* ns since the epoch, first packet with payload; 0 without */
    uint64_t data_time;             /* ns from the first packet with payload to the last */
    uint64_t last_time;             /* ns since the epoch, last packet of this side; 0 without */
    uint64_t idle_max;              /* ns, longest time between two packets of this side */
    uint64_t duplicate_packets;     /* same IPv4 identification and sequence number as one of the last eight */
    uint64_t post_loss_acks;        /* acknowledged with an older segment that was sent again later: no sample */
    uint64_t cumulative_acks;       /* segments acknowledged by a later one's acknowledgement */
    uint64_t duplicate_acks;        /* acknowledgements by the other side that say nothing new */
    uint64_t triple_acks;           /* third duplicates in a row */
    uint64_t most_repeats;          /* of one segment not yet acknowledged */
    int64_t stream_bytes;           /* between SYN and FIN; -1 unless both were seen */
    uint64_t spurious_packets;      /* repeats of bytes that had been acknowledged before */
    uint64_t fast_packets;          /* repeats that follow a third duplicate acknowledgement */
    uint64_t timeout_packets;       /* repeats without */
    uint64_t window_stalls;         /* times the other side's window was closed while this side had sent before */
    uint64_t window_stall_time;     /* ns */
    uint64_t echo_packets;          /* ECE without SYN: congestion reported back */
    uint64_t reduced_packets;       /* CWR without SYN */
    uint64_t congested_packets;     /* marked "congestion experienced" by the network */
    uint64_t stalls;                /* gaps of the flow with data of this side outstanding, of 1 s and more */
    uint64_t stall_time;            /* ns in these */
    uint64_t stall_longest;         /* ns */
    uint64_t stall_begin;           /* ns since the epoch, of the longest */
    uint64_t requests;              /* HTTP/1 requests that begin in this side's payload */
    uint64_t replies;               /* HTTP/1 replies */
    struct tb_flow_times gap;       /* between a packet of this side and the one before */
    struct tb_flow_times rtt;       /* a segment of this side to its acknowledgement */
    struct tb_flow_times full_rtt;  /* the same, of the largest segments */
    struct tb_flow_times ambiguous; /* the same, of repeated segments, from the last copy */
    struct tb_flow_times repeat;    /* between copies of a segment not yet acknowledged */
    uint64_t handshake_rtt;         /* ns, of the SYN; 0 when it was repeated or not answered */
    uint32_t segment_max;           /* bytes of payload */
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
 * client: the sender of the first SYN without ACK (for UDP, and where no SYN
 * was seen, the sender of the first packet). */
struct tb_flow {
    uint8_t protocol; /* IP protocol number: 6 TCP, 17 UDP */
    struct tb_address client;
    struct tb_address server;
    uint64_t first_packet; /* 0-based number, among the packets of the file, of the first packet */
    uint64_t start;        /* ns since the epoch */
    uint64_t end;          /* ns since the epoch, last packet */
    uint64_t handshake;    /* ns from the first SYN to the first ACK of the SYN/ACK; 0 when not seen */
    enum tb_flow_end ended;
    bool completed_reply;        /* TCP: the server sent payload and its FIN, and its whole stream was seen or is
                              accounted for by acknowledgements */
    struct tb_flow_side side[2]; /* 0: client to server; 1: server to client */
};

struct tb_capture {
    struct tb_account account;
    enum tb_flow_rules rules;
    char format[24];          /* "pcap", "pcap ns", "pcapng", ... */
    uint32_t link_type;       /* LINKTYPE_ of the first interface */
    uint32_t snap_length;     /* of the first interface; 0 when unlimited */
    uint64_t packets;         /* packet records in the file */
    uint64_t filtered;        /* left out by the filter */
    uint64_t not_ip;          /* packets of other network protocols */
    uint64_t other_protocol;  /* IP, neither TCP nor UDP */
    uint64_t unparsed;        /* cut or malformed before the transport header could be read */
    uint64_t later_fragments; /* IPv4/IPv6 fragments after the first */
    uint64_t cut_packets;     /* captured length below the original */
    uint64_t first_time;      /* ns since the epoch; 0 without packets */
    uint64_t last_time;
    struct tb_flow *flows; /* owned; in order of first_packet */
    size_t flow_count;
    struct tb_test_sessions tests;  /* of OWAMP, one for each sender and receiver */
    struct tb_packet_sample sample; /* empty unless asked for */
};

/* TB_USAGE when no kind of link has a program for the expression; NULL is no filter. */
TB_MUST_USE enum tb_status tb_capture_check_filter(const char *expression, struct tb_error *error);

/* Reads a whole capture. Damage in the file is no failure: see tb_trace_read.
 * TB_UNSUPPORTED when the stream does not begin as a capture, TB_TRUNCATED for a
 * file with no bytes, TB_USAGE for a bad filter expression. Not collective; safe
 * for several sources at once. On TB_OK *capture is the caller's to free. */
TB_MUST_USE enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                                           struct tb_capture **capture, struct tb_error *error);

/* Accepts NULL. */
void tb_capture_free(struct tb_capture *capture);

void tb_capture_pack(const struct tb_capture *capture, struct tb_buffer *buffer);
TB_MUST_USE bool tb_capture_unpack(struct tb_capture **capture, struct tb_bytes *bytes);

const char *tb_flow_end_name(enum tb_flow_end ended);     /* "open", "closed", "reset", "none" */
const char *tb_flow_rules_name(enum tb_flow_rules rules); /* "twinbed", "tcptrace" */

/* Sums over the flows that touch one port on the server's side. */
struct tb_flow_totals {
    uint64_t flows;
    uint64_t ended[TB_FLOW_NOT_TCP]; /* flows by outcome */
    uint64_t duration;               /* ns, sum over the flows in side[] */
    uint64_t completed;              /* with a completed reply */
    uint64_t load_begin, load_end;   /* ns since the epoch: the first request, the last packet of a reply; 0 without */
    struct tb_flow_side side[2];     /* sums of every counter; stream_complete is unused */
};

/* Quantiles over the flows that touch one port on the server's side, each flow
 * one value; times in s, NaN without any. */
struct tb_flow_quantiles {
    double handshake_median, handshake_p95; /* of handshake times */
    double rtt_median, rtt_p95;             /* of the flows' mean round-trip times of the server's segments */
    double segment_median;                  /* of the flows' mean payloads of the server's data packets, bytes */
};

/* Exact: the value at position ceil(q n) of the sorted ones. False when memory is short. */
TB_MUST_USE bool tb_flow_quantiles_compute(const struct tb_flow *flows, size_t count, uint16_t port,
                                           struct tb_flow_quantiles *quantiles);

/* completed_only: flows without a completed reply are left out of side[] (not
 * of flows). port 0: every TCP flow. */
void tb_flow_totals_compute(const struct tb_flow *flows, size_t count, uint16_t port, bool completed_only,
                            struct tb_flow_totals *totals);

#endif
