/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FRAGMENTS_H
#define TWINBED_SRC_NET_FRAGMENTS_H

/* Fragmented datagrams: later fragments have no ports, so the flow that the
 * first one belongs to is remembered for a while. */

#include <stdbool.h>
#include <stdint.h>

#include "flow_table.h"
#include "tcp_stream.h"

/* A later fragment: where its bytes lie behind the transport header's beginning. */
struct tb_fragment {
    uint32_t offset;
    uint32_t length;
    uint32_t ip_bytes;
    bool last;
};

/* 65535 bytes in fragments of a 1500-byte network. */
enum { TB_FRAGMENTS_WAITING = 48, TB_FRAGMENTS_DATAGRAMS = 64 };

struct tb_datagram {
    struct tb_flow_key key; /* addresses, identification and protocol */
    bool used;
    bool first_seen;
    bool fin;     /* the segment ends its stream */
    uint8_t side; /* of the flow */
    struct tb_flow_key flow_key;
    uint64_t flow;             /* first packet of the live flow */
    uint32_t payload_sequence; /* TCP: of the first payload byte */
    uint32_t transport_header;
    struct tb_payload_marks marks;
    uint32_t waiting_count; /* fragments that came before the first one */
    struct tb_fragment waiting[TB_FRAGMENTS_WAITING];
};

/* Zero it to start. The oldest datagram gives way to a new one. */
struct tb_datagrams {
    struct tb_datagram *items; /* owned; allocated with the first fragment */
    unsigned next;
};

void tb_datagrams_free(struct tb_datagrams *datagrams);

/* The datagram of a fragment, added when there is none. NULL when memory is short. */
struct tb_datagram *tb_datagrams_get(struct tb_datagrams *datagrams, const struct tb_packet *packet);

#endif
