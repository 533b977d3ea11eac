/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_TABLE_H
#define TWINBED_SRC_NET_FLOW_TABLE_H

/* From the endpoints of a packet to the live flow between them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"
#include "tcp_detail.h"
#include "tcp_stream.h"

/* Protocol, addresses and ports, the lower endpoint first. */
struct tb_flow_key {
    uint64_t words[5];
};

/* The latest flow between two endpoints and what is needed to go on with it:
 * three cache lines. Sides are in the order of the first packet: side 0 sent it. */
struct tb_live_flow {
    struct tb_flow_key key;
    uint64_t syn_time;     /* ns, of the client's first SYN */
    uint32_t flow;         /* index of its tb_flow */
    uint8_t first_way : 1; /* tb_flow_key_make of the first packet */
    uint8_t client : 1;    /* side */
    uint8_t client_by : 2; /* enum tb_client_by */
    bool used : 1;         /* flow is set */
    bool reset : 1;        /* an RST came before both FINs */
    bool any_reset : 1;
    bool handshake_seen : 1;
    struct tb_tcp_stream stream[2];
};

/* What the choice of the client stands on, weakest first. */
enum tb_client_by { TB_CLIENT_BY_PACKET, TB_CLIENT_BY_SYN_ACK, TB_CLIENT_BY_SYN };

struct tb_flow_slot {
    uint32_t hash; /* upper half of the key's hash */
    uint32_t item; /* index of the live flow + 1; 0: free */
};

/* Zero it to start. Open addressing, at most half full. */
struct tb_flow_table {
    struct tb_flow_slot *slots;     /* owned */
    size_t capacity;                /* power of two, or 0 */
    struct tb_live_flow *flows;     /* owned */
    struct tb_live_detail *details; /* owned; one a live flow, of the same index */
    size_t detail_capacity;
    size_t flow_count;
    size_t flow_capacity;
};

void tb_flow_table_free(struct tb_flow_table *table);

/* Fills key; gives the way of the packet: 0 from the lower endpoint to the higher, 1 back. */
unsigned tb_flow_key_make(const struct tb_packet *packet, struct tb_flow_key *key);

uint64_t tb_flow_key_hash(const struct tb_flow_key *key);

/* Fetching what a packet will need, some packets before it is needed, hides
 * most of the time that memory takes. First the slot, then the live flow; hint
 * is where it probably lies, 0 when there seems to be none. */
void tb_flow_table_prefetch_slot(const struct tb_flow_table *table, uint64_t hash);
uint32_t tb_flow_table_prefetch_flow(const struct tb_flow_table *table, uint64_t hash);

/* The live flow of the key, added when there is none (then used is false). NULL
 * when memory is short. Borrowed until the next call. A hint of 0 is always good. */
struct tb_live_flow *tb_flow_table_get(struct tb_flow_table *table, const struct tb_flow_key *key, uint64_t hash,
                                       uint32_t hint);

#endif
