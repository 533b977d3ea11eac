/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_H
#define TWINBED_SRC_NET_FLOW_H

/* Packets to flows: which connection a packet belongs to, and what it changes there. */

#include "fragments.h"
#include "live_flows.h"
#include "packet_sampler.h"
#include "row_store.h"
#include "twinbed/net/capture.h"

/* Packets wait in a short queue while the memory they will need is fetched:
 * each stage is so many packets long. */
enum { TB_FLOWS_STAGE = 4, TB_FLOWS_QUEUE = 16 };

struct tb_flow_packet {
    struct tb_packet packet;
    struct tb_flow_key key;
    uint64_t hash;
    uint64_t number; /* among the packets of the file */
    uint64_t time;
    uint64_t clock; /* the latest time of this packet and all before it in the file */
    uint32_t hint;
    uint32_t way;
};

/* The packets of some flows, all of each: what becomes of them does not depend on
 * other flows. Start it with tb_flows_start. */
struct tb_flows {
    struct tb_row_store over;       /* rows of flows that are over, if asked for */
    struct tb_flow_sink *sink;      /* borrowed; where they go in the end, or NULL */
    struct tb_flow_summary summary; /* of flows that are over; of all of them at the end, not yet complete */
    struct tb_live_flows live;
    struct tb_datagrams datagrams;
    struct tb_packet_sampler sampler; /* of their packets, if asked for */
    enum tb_flow_rules rules;
    enum tb_flow_rows rows;
    bool sampled;
    uint64_t queued; /* packets ever put into the queue */
    uint64_t added;  /* packets ever taken out of it */
    struct tb_flow_packet queue[TB_FLOWS_QUEUE];
};

/* Rules, rows and linger are those of the request. */
void tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request);
void tb_flows_free(struct tb_flows *flows);

/* Why a function below returned false; a sink learns when it was for its rows. Not while other shards work. */
enum tb_status tb_flows_failure(const struct tb_flows *flows, struct tb_error *error);

/* Where the next packet is to be decoded: its packet, number, time and clock are
 * the caller's to set. Valid until tb_flows_add. */
static inline struct tb_flow_packet *tb_flows_next(struct tb_flows *flows)
{
    return &flows->queue[flows->queued % TB_FLOWS_QUEUE];
}

/* Adds what tb_flows_next gave, a TB_PACKET_TRANSPORT or TB_PACKET_LATER_FRAGMENT.
 * False when memory is short or a row cannot be kept. */
TB_MUST_USE bool tb_flows_add(struct tb_flows *flows);

/* Adds what still waits and completes the flows that are still live. */
TB_MUST_USE bool tb_flows_finish(struct tb_flows *flows);

#endif
