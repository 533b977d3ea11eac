/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_TABLE_H
#define TWINBED_SRC_NET_FLOW_TABLE_H

/* The two endpoints of a packet, as a key. */

#include <stdint.h>

#include "packet.h"

/* Protocol, addresses and ports, the lower endpoint first. */
struct tb_flow_key {
    uint64_t words[5];
};

/* Fills key; gives the way of the packet: 0 from the lower endpoint to the higher, 1 back. */
unsigned tb_flow_key_make(const struct tb_packet *packet, struct tb_flow_key *key);

/* Seeded: see hash_seed.h. */
uint64_t tb_flow_key_hash(const struct tb_flow_key *key, uint64_t seed);

#endif
