/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_CAPTURE_H
#define TWINBED_CAPTURE_CAPTURE_H

/* What one packet capture tells: its flows and totals.
 *
 * Formats: pcap (microseconds and nanoseconds, both byte orders, the modified
 * variants libpcap reads) and pcapng. Links: Ethernet with VLAN tags, Linux
 * cooked 1 and 2, raw IP, loopback, 802.11 with and without radiotap, PPP, Cisco
 * HDLC, FDDI, MPLS. IPv4 with fragments, IPv6 with extension headers, TCP and
 * UDP; what MPLS, PPPoE, IP in IP, GRE, ERSPAN, VXLAN, Geneve and GTP-U carry,
 * too. Payload lengths are those on the wire (IP lengths), whatever the snap
 * length kept. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/capture/left_out.h"
#include "twinbed/chunks/outcome.h"
#include "twinbed/flow/capture_request.h"
#include "twinbed/flow/flow_summary.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"
#include "twinbed/latency/packet_sample.h"
#include "twinbed/packet/encapsulations.h"
#include "twinbed/packet/test_packets.h"

/* Processors that record beside each other put packets into a file some microseconds out of order; whoever writes the
 * packets of each interface in blocks, many milliseconds. */
#define TB_BACKWARD_NS 1000000

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
    uint64_t file_first_time, file_last_time; /* of the packets that stand first and last in the file */
    uint64_t backward_steps;  /* packets more than TB_BACKWARD_NS earlier than the one before them in the file */
    uint64_t dropped_packets; /* lost by the capturing program, not in packets; at most INT64_MAX */
    bool dropped_known;       /* the file tells (pcapng only); else dropped_packets is 0 */
    uint64_t encapsulated[TB_ENCAPSULATIONS]; /* packets that the filter let pass, by each header around them */
    struct tb_left_out left_out;              /* why not_ip, other_protocol and unparsed belong to no flow */
    struct tb_flow_summary summary;           /* of all flows; complete */
    struct tb_flow *flows;                    /* owned; rows in order of first_packet, if asked for without a sink */
    size_t flow_count;                        /* of these */
    struct tb_test_sessions tests;            /* of OWAMP, one for each sender and receiver */
    struct tb_packet_sample sample;           /* empty unless asked for */
};

/* Reads a whole capture. Damage in the file is no failure: see tb_trace_read.
 * TB_UNSUPPORTED when the stream does not begin as a capture, TB_TRUNCATED for a
 * file with no bytes, TB_USAGE for a bad filter expression. Not collective; safe
 * for several sources at once. On TB_OK *capture is the caller's to free. */
TB_MUST_USE enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                                           struct tb_capture **capture, struct tb_error *error);

/* As tb_capture_read with nothing asked for, but no packet belongs to a flow: format, account, and counts of packets.
 * In capture_look.c. */
TB_MUST_USE enum tb_status tb_capture_look(struct tb_source *source, struct tb_capture **capture,
                                           struct tb_error *error);

/* How one capture is cut for several threads. Chunks of a plain file are parsed ahead by any of them; a compressed one is
 * parsed by one thread at a time, while the others work on its flows. */
struct tb_capture_split {
    size_t threads;      /* the calling one is among them; 0 here or below: as tb_capture_read */
    size_t ahead;        /* chunks at most that are in work or not yet in all flows */
    uint64_t chunk_most; /* bytes; takes about three times as much memory */
};

enum { TB_CAPTURE_CHUNK = 256 << 10, TB_CAPTURE_CHUNKS_A_THREAD = 4 };

/* Good sizes. Small chunks stay in the processors' caches; several for each thread keep all of them busy when one has
 * more to do for its flows, or is put aside by the system. */
static inline struct tb_capture_split tb_capture_split_for(int threads)
{
    const size_t count = threads < 1 ? 1 : (size_t)threads;
    return (struct tb_capture_split){
        .threads = count, .ahead = count > 1 ? count * TB_CAPTURE_CHUNKS_A_THREAD : 1, .chunk_most = TB_CAPTURE_CHUNK};
}

/* Bytes at most that reading one capture so takes beside live flows, those that have just left, and ports: chunks and
 * their packets, packets that wait for those of the same flow, test packets, the sample, and rows that wait for a sink
 * with a directory. */
uint64_t tb_capture_memory(const struct tb_capture_request *request, const struct tb_capture_split *how);

/* As tb_capture_read, with several threads. The result is the same, bit for bit. outcome may be NULL. */
TB_MUST_USE enum tb_status tb_capture_read_split(struct tb_source *source, const struct tb_capture_request *request,
                                                 const struct tb_capture_split *how, struct tb_chunk_outcome *outcome,
                                                 struct tb_capture **capture, struct tb_error *error);

/* Accepts NULL. */
void tb_capture_free(struct tb_capture *capture);

void tb_capture_pack(const struct tb_capture *capture, struct tb_buffer *buffer);
TB_MUST_USE bool tb_capture_unpack(struct tb_capture **capture, struct tb_bytes *bytes);

#endif
