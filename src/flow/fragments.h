/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FRAGMENTS_H
#define TWINBED_SRC_FLOW_FRAGMENTS_H

/* Fragmented datagrams: later fragments have no ports, so the flow that the first one belongs to is
 * remembered for a while.
 *
 * Which datagram a fragment belongs to depends on all fragments of the capture before it, those of
 * other flows included: that is found out in file order (tb_datagram_slots). What is known of a
 * datagram stands with the flows, of which there may be several shards (tb_datagrams, one for
 * each).
 *
 *       in file order   tb_datagram_slots_take: slot, number, shard of the first fragment
 *       in the shard    tb_datagrams_get: what is known of that slot and number */

#include <stdbool.h>
#include <stdint.h>

#include "flow_batch.h"
#include "tcp_stream.h"

/* So many later fragments wait for their first one: 65535 bytes in fragments of a 1500-byte
 * network. So many datagrams are remembered at once. */
enum { TB_FRAGMENTS_WAITING = 48, TB_FRAGMENTS_DATAGRAMS = 64 };

/* The shard of a later fragment whose first one has not come: it must wait in each of them. */
enum { TB_DATAGRAM_EVERY_SHARD = UINT16_MAX };

/* The datagrams that are known, over all shards. Zero it to start. The oldest gives way to a new
 * one. */
struct tb_datagram_slots {
    struct tb_datagram_slot {
        struct tb_flow_key key; /* addresses, identification and protocol */
        bool first_seen;
        uint16_t shard;  /* of the flow of the first fragment */
        uint32_t number; /* of the datagram; 0: free */
    } slots[TB_FRAGMENTS_DATAGRAMS];
    unsigned next;  /* The slot that gives way next. */
    uint32_t count; /* datagrams so far */
};

/* To be called for each fragment, in file order, with the key of its endpoints. Sets the packet's datagram, which is a
 * slot, and datagram_number: what a shard knows of the slot holds for one number. datagram_shard is that of the first
 * fragment: shard for a first one, which the caller finds by its key. */
void tb_datagram_slots_take(struct tb_datagram_slots *slots, struct tb_flow_packet *queued,
                            const struct tb_flow_key *endpoints, uint16_t shard);

/* A later fragment: where its bytes lie behind the transport header's beginning. */
struct tb_fragment {
    uint32_t offset;
    uint32_t length;
    uint32_t ip_bytes;
    bool last;
};

/* What a shard knows of a datagram. */
struct tb_datagram {
    uint32_t number; /* see above */
    bool first_seen; /* Its first fragment was seen: the fields from side to marks are set. */
    bool fin;        /* the segment ends its stream */
    uint8_t side;    /* of the flow */
    struct tb_flow_key flow_key;
    uint64_t flow;             /* First packet of the live flow, by which it is told whether that is still the same. */
    uint32_t payload_sequence; /* TCP: of the first payload byte */
    uint32_t transport_header;
    struct tb_payload_counted marks; /* Which counters of packets the datagram has moved already. */
    uint32_t waiting_count;          /* fragments that came before the first one */
    struct tb_fragment waiting[TB_FRAGMENTS_WAITING];
};

/* Zero it to start. */
struct tb_datagrams {
    struct tb_datagram *items; /* owned; allocated with the first fragment */
};

void tb_datagrams_free(struct tb_datagrams *datagrams);

/* The datagram of a fragment that tb_datagram_slots_take has seen; a new one when the slot had
 * another. NULL when memory is short. */
struct tb_datagram *tb_datagrams_get(struct tb_datagrams *datagrams, const struct tb_packet *packet);

#endif
