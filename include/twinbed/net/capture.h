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

struct tb_capture_request {
    const char *filter; /* libpcap expression, or NULL for every packet */
};

struct tb_address {
    uint8_t version;   /* 4 or 6 */
    uint8_t bytes[16]; /* network order; IPv4 in the first four */
    uint16_t port;     /* host order; 0 for protocols without */
};

/* How a flow ended, as seen in the capture. */
enum tb_flow_end {
    TB_FLOW_OPEN,   /* neither both FINs nor an RST were seen */
    TB_FLOW_CLOSED, /* SYN and FIN seen from both sides, no RST before both FINs */
    TB_FLOW_RESET,  /* an RST was seen (before both FINs) */
    TB_FLOW_NOT_TCP
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

enum { TB_ADDRESS_TEXT_SIZE = 64 };
/* "10.0.0.1:80" or "[fe80::1]:80"; returns text. */
const char *tb_address_text(const struct tb_address *address, char text[TB_ADDRESS_TEXT_SIZE]);
const char *tb_flow_end_name(enum tb_flow_end ended); /* "open", "closed", "reset", "none" */

/* Sums over the flows that touch one port on the server's side. */
struct tb_flow_totals {
    uint64_t flows;
    uint64_t completed;          /* with a completed reply */
    struct tb_flow_side side[2]; /* sums of every counter; stream_complete is unused */
};

/* completed_only: flows without a completed reply are left out of side[] (not
 * of flows). port 0: every TCP flow. */
void tb_flow_totals_compute(const struct tb_flow *flows, size_t count, uint16_t port, bool completed_only,
                            struct tb_flow_totals *totals);

#endif
