/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_PACKET_SAMPLER_H
#define TWINBED_SRC_FLOW_PACKET_SAMPLER_H

/* Keeps the packets with the smallest keys while a capture is read. A key is a hash of what no hop
 * changes, so captures of two ends keep the same packets. Which ones does not depend on their
 * order, so the samplers of pieces of a capture merge into that of the whole.
 *
 * start, add for each packet, merge with others, finish. One sampler is used by one thread at a
 * time; memory is bounded (tb_packet_sampler_most). */

#include "flow_batch.h"
#include "twinbed/latency/packet_sample.h"

/* The smallest keys so far, and some that may turn out too large. */
struct tb_packet_sampler {
    struct tb_sampled_packet *items; /* Owned; in no order between compactions. */
    size_t count;
    size_t capacity;
    uint64_t limit; /* Keys from here on are not kept; it only falls. */
};

/* Before the first packet: an empty sampler. Nothing is allocated. */
void tb_packet_sampler_start(struct tb_packet_sampler *sampler);

/* A packet of any flow, with the key of its endpoints; only TCP packets are sampled. False when memory is short. */
TB_MUST_USE bool tb_packet_sampler_add(struct tb_packet_sampler *sampler, const struct tb_flow_packet *queued,
                                       const struct tb_flow_key *key);

/* Adds what another piece of the same capture kept. False when memory is short. */
TB_MUST_USE bool tb_packet_sampler_merge(struct tb_packet_sampler *sampler, const struct tb_packet_sampler *other);

/* The items go to sample, whose they are then; the sampler is empty. */
void tb_packet_sampler_finish(struct tb_packet_sampler *sampler, struct tb_packet_sample *sample);

/* Bytes at most that a sampler takes. */
uint64_t tb_packet_sampler_most(void);

void tb_packet_sampler_free(struct tb_packet_sampler *sampler);

#endif
