/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_H
#define TWINBED_SRC_FLOW_FLOW_H

/* Packets to flows: which connection a packet belongs to, and what it changes there.
 *
 *       tb_flows_next / tb_flows_add -> batch, dealt out by endpoints       flow_batch.h
 *                                         |  when it is full: bucket after bucket
 *                           copies go no further                            packet_copies.h
 *                                         |
 *                   the flow is found, begun, or has left                   live_flows.h
 *                                         |
 *                   TCP: a run of segments, by either set of rules          tcp_counter.h, tcptrace_counter.h
 *                                         |
 *         the flow is over: it lingers, leaves, and becomes part of the     flow_finish.h
 *         sums (flow_summary.h) and, if asked for, a row                    row_store.h
 *
 * Order to learn it in: flow_batch.h, live_side.h and live_flows.h (what is kept), tcp_stream.h and
 * sent_list.h (what a side has sent), tcp_counter.h (how it is counted), then this.
 *
 * A tb_flows is one shard: it sees all packets of its flows in file order, and none of other flows.
 * It is used by one thread at a time; several shards share nothing. Functions that return false
 * were short of memory, or a row could not be kept: tb_flows_failure says which; the flows are then
 * only to be freed. */

#include "flow_batch.h"
#include "fragments.h"
#include "live_flows.h"
#include "packet_copies.h"
#include "packet_sampler.h"
#include "row_store.h"
#include "twinbed/flow/capture_request.h"

/* The flows of one shard. What becomes of them does not depend on other flows. Start it with
 * tb_flows_start. */
struct tb_flows {
    struct tb_row_store over;  /* Rows of flows that are over, if asked for. */
    struct tb_flow_sink *sink; /* Borrowed; where rows go in the end, or NULL. */
    /* Of flows that are over; of all of them after tb_flows_finish, not yet complete
     * (tb_flow_summary_complete). */
    struct tb_flow_summary summary;
    struct tb_live_flows live;        /* Flows that may still get packets, and tombstones. */
    struct tb_datagrams datagrams;    /* What is known of datagrams that came in fragments. */
    struct tb_packet_copies copies;   /* Packets of the batches before, to tell copies by. */
    struct tb_packet_sampler sampler; /* of their packets, if asked for */
    enum tb_flow_rules rules;
    enum tb_flow_rows rows;
    bool sampled;
    bool copies_kept;            /* Copies count as packets: asked for, or by tcptrace's rules. */
    struct tb_flow_batch *batch; /* Owned; packets that wait. NULL after tb_flows_finish. */
};

/* Begins a shard for a request, which is not needed afterwards; its sink is borrowed. False when
 * memory is short; to be freed in any case. */
TB_MUST_USE bool tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request);
/* Frees all but the sink; it is zeroed then. */
void tb_flows_free(struct tb_flows *flows);

/* Why a function below returned false: TB_MEMORY, or what the store of rows met; a sink learns when
 * it was for its rows. Not while other shards work, as they may share the sink. */
enum tb_status tb_flows_failure(const struct tb_flows *flows, struct tb_error *error);

/* Where the next packet is to be decoded; all of it is the caller's to set. Valid until
 * tb_flows_add. */
static inline struct tb_flow_packet *tb_flows_next(struct tb_flows *flows)
{
    return tb_flow_batch_next(flows->batch);
}

/* Adds what tb_flows_next gave, a TB_PACKET_TRANSPORT or TB_PACKET_LATER_FRAGMENT; key is that of
 * its endpoints. Numbers ascend from one packet to the next, and clocks never go back. */
TB_MUST_USE bool tb_flows_add(struct tb_flows *flows, const struct tb_flow_key *key);

/* The same in fewer steps for a packet that is no fragment. */
TB_MUST_USE static inline bool tb_flows_add_whole(struct tb_flows *flows, const struct tb_flow_key *key)
{
    struct tb_flow_batch *const batch = flows->batch;
    if (tb_flow_batch_is_almost_full(batch))
        return tb_flows_add(flows, key);
    tb_flow_batch_take(batch, key);
    return true;
}

/* Adds what still waits and completes the flows that are still live, which then are in the summary
 * and among the rows. No packet can be added any more. */
TB_MUST_USE bool tb_flows_finish(struct tb_flows *flows);

#endif
