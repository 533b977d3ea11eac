/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_H
#define TWINBED_SRC_NET_FLOW_H

/* Packets to flows: which connection a packet belongs to, and what it changes there. */

#include "flow_table.h"
#include "fragments.h"

/* Zero it to start. */
struct tb_flows {
    struct tb_flow *items; /* owned; in order of first packet */
    size_t count;
    size_t capacity;
    struct tb_flow_table table;
    struct tb_datagrams datagrams;
};

void tb_flows_free(struct tb_flows *flows);

/* Adds a TB_PACKET_TRANSPORT or TB_PACKET_LATER_FRAGMENT. False when memory is short. */
TB_MUST_USE bool tb_flows_add(struct tb_flows *flows, const struct tb_packet *packet, uint64_t number, uint64_t time);

/* Completes the flows that are still live. */
void tb_flows_finish(struct tb_flows *flows);

#endif
