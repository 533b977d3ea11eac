/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_WINDOW_H
#define TWINBED_SRC_NET_FLOW_WINDOW_H

/* Packets wait here for a while, so that those of one flow are taken one behind
 * the other: what is known of it is then in the nearest cache, and what comes
 * next is the less surprising. Of each flow packets stay in file order. */

#include <stddef.h>

#include "flow_table.h"
#include "twinbed/base/status.h"

enum { TB_FLOW_WINDOW_PACKETS = 8192 };

struct tb_flow_packet {
    struct tb_packet packet;
    uint64_t number; /* among the packets of the file */
    uint64_t time;
    uint64_t clock; /* the latest time of this packet and all before it in the file */
    uint32_t way;   /* tb_flow_key_make */
};

/* The packets of the window between two endpoints. */
struct tb_flow_group {
    struct tb_flow_key key;
    uint64_t hash;
    uint32_t count; /* of packets */
    uint32_t hint;  /* tb_live_flows_prefetch_flow */
};

struct tb_flow_window; /* opaque */

/* What one takes. */
size_t tb_flow_window_bytes(void);

/* NULL when memory is short; tb_flow_window_bytes. seed: of tb_flow_key_hash. */
struct tb_flow_window *tb_flow_window_make(uint64_t seed);
/* Accepts NULL. */
void tb_flow_window_free(struct tb_flow_window *window);

/* Where the next packet goes; the window must not be full. Valid until it is taken. */
struct tb_flow_packet *tb_flow_window_next(struct tb_flow_window *window);

/* Takes the next packet, a TB_PACKET_TRANSPORT, into the group of its endpoints. False when that was the last there is
 * room for. */
bool tb_flow_window_take(struct tb_flow_window *window);

/* All that was taken, group after group, in the order of their first packets; then the window is to be emptied. */
struct tb_flow_groups {
    struct tb_flow_group *groups;
    uint32_t group_count;
    struct tb_flow_packet *packets; /* in file order */
    const uint16_t *order;          /* places in packets, group after group */
    uint32_t packet_count;
};

/* Packets of one group, one behind the other. */
struct tb_packet_train {
    struct tb_flow_packet *packets; /* borrowed: of the window */
    const uint16_t *order;          /* borrowed: places in packets */
    uint32_t count;                 /* of the train */
    uint32_t reach;                 /* of order, at least count: what is behind the train comes next */
};

static inline struct tb_flow_packet *tb_packet_train_at(const struct tb_packet_train *train, uint32_t place)
{
    return &train->packets[train->order[place]];
}

/* Leaves out the first ones, at most all. */
static inline void tb_packet_train_pass(struct tb_packet_train *train, uint32_t count)
{
    train->order += count;
    train->count -= count;
    train->reach -= count;
}

/* Borrowed until the window is emptied. */
struct tb_flow_groups tb_flow_window_groups(struct tb_flow_window *window);
void tb_flow_window_empty(struct tb_flow_window *window);

#endif
