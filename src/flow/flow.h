/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_H
#define TWINBED_SRC_FLOW_FLOW_H

/* Packets to flows: which connection a packet belongs to, and what it changes there. */

#include "flow_batch.h"
#include "fragments.h"
#include "live_flows.h"
#include "packet_copies.h"
#include "packet_sampler.h"
#include "row_store.h"
#include "twinbed/flow/capture_request.h"

/* The packets of some flows, all of each: what becomes of them does not depend on
 * other flows. Start it with tb_flows_start. */
struct tb_flows {
    struct tb_row_store over;       /* rows of flows that are over, if asked for */
    struct tb_flow_sink *sink;      /* borrowed; where they go in the end, or NULL */
    struct tb_flow_summary summary; /* of flows that are over; of all of them at the end, not yet complete */
    struct tb_live_flows live;
    struct tb_datagrams datagrams;
    struct tb_packet_copies copies;
    struct tb_packet_sampler sampler; /* of their packets, if asked for */
    enum tb_flow_rules rules;
    enum tb_flow_rows rows;
    bool sampled;
    bool copies_kept;
    struct tb_flow_batch *batch; /* owned; packets that wait */
};

/* Rules, rows and linger are those of the request. False when memory is short; to be freed in any case. */
TB_MUST_USE bool tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request);
void tb_flows_free(struct tb_flows *flows);

/* Why a function below returned false; a sink learns when it was for its rows. Not while other shards work. */
enum tb_status tb_flows_failure(const struct tb_flows *flows, struct tb_error *error);

/* Where the next packet is to be decoded; all of it is the caller's to set. Valid until tb_flows_add. */
static inline struct tb_flow_packet *tb_flows_next(struct tb_flows *flows)
{
    return tb_flow_batch_next(flows->batch);
}

/* Adds what tb_flows_next gave, a TB_PACKET_TRANSPORT or TB_PACKET_LATER_FRAGMENT; key is that of its endpoints. False
 * when memory is short or a row cannot be kept. */
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

/* Adds what still waits and completes the flows that are still live. No packet can be added any more. */
TB_MUST_USE bool tb_flows_finish(struct tb_flows *flows);

#endif
