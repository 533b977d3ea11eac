/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_PACKET_BATCH_H
#define TWINBED_SRC_CAPTURE_PACKET_BATCH_H

/* The packets of one chunk on their way to the flows. Flows are dealt out to shards by their
 * endpoints; each shard takes its packets from one batch after another, so that every flow sees its
 * own in file order.
 *
 *       fill (any worker)            shards[0]: p p f p ...     f: refers to a fragment
 *                                    shards[1]: p f p ...
 *                                    fragments: F F
 *       in file order (the leader)   name_datagrams, track_tests; first_number and clock are set
 *       each shard, at any time      add_to: its packets go to its flows */

#include "capture_parser.h"
#include "test_sessions.h"

/* A packet that waits. Its number and clock are counted from the chunk's beginning, as what came
 * before is not known yet. */
struct tb_parsed_packet {
    struct tb_flow_packet queued; /* number and clock are counted from the chunk's beginning */
    struct tb_flow_key key;       /* of its endpoints */
};

/* Packets in file order. */
struct tb_packet_list {
    struct tb_parsed_packet *items; /* owned; in file order */
    size_t count;
    size_t capacity;
};

/* Of all shards those whose packets are kept; others are another process's. */
struct tb_shard_range {
    uint16_t first; /* Number of the first that is kept, among all. */
    uint16_t count; /* at least 1 */
    uint16_t all;   /* below TB_DATAGRAM_EVERY_SHARD */
};

/* What a chunk holds for the flows. */
struct tb_packet_batch {
    struct tb_shard_range range;
    /* Owned; range.count lists. Each stands in memory of its own: another processor may read it. */
    struct tb_packet_list *shards;
    /* Fragments of datagrams. In lists of shards number is a place here; later ones are in all of
     * them, as whose they are is known only in file order. */
    struct tb_packet_list
        fragments;               /* of datagrams. In lists of shards number is a place here; later ones are in all */
    struct tb_packet_list tests; /* copies of UDP packets that look like test packets */
    uint64_t first_number;       /* Of the chunk's first record in the file; set when that is known. */
    uint64_t clock;              /* the latest time of any packet before the chunk */
};

/* Makes an empty batch; zero it before. False when memory is short; to be freed in any case. */
TB_MUST_USE bool tb_packet_batch_prepare(struct tb_packet_batch *batch, const struct tb_shard_range *range);
void tb_packet_batch_free(struct tb_packet_batch *batch);
/* Forgets all packets, and keeps the memory. */
void tb_packet_batch_empty(struct tb_packet_batch *batch);

/* Which of all shards a packet belongs to; the same for both directions of a flow, and on all
 * ranks: it is not seeded. */
static inline uint16_t tb_packet_shard(const struct tb_flow_key *key, uint16_t shards)
{
    if (shards == 1)
        return 0;
    const uint64_t addresses = key->words[0] ^ key->words[1] ^ key->words[2] ^ key->words[3];
    const uint64_t ports = (key->words[4] ^ key->words[4] >> 16) & UINT16_MAX;
    const uint8_t protocol = (uint8_t)(key->words[4] >> 32);
    const uint64_t mixed = (addresses ^ ports << 40 ^ ports ^ protocol) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint16_t)(((mixed >> 32) * shards) >> 32);
}

/* The place of a packet's shard in the range; count or more: it is another's. */
static inline uint16_t tb_packet_place(const struct tb_flow_key *key, const struct tb_shard_range *range)
{
    return (uint16_t)(tb_packet_shard(key, range->all) - range->first);
}

/* Adds the packets that the parser gives, until it gives TB_END, which is returned when all went
 * well. */
TB_MUST_USE enum tb_status tb_packet_batch_fill(struct tb_packet_batch *batch, struct tb_capture_parser *parser,
                                                struct tb_error *error);

/* Tells the fragments their datagrams. To be called for one batch after another, in file order. */
void tb_packet_batch_name_datagrams(struct tb_packet_batch *batch, struct tb_datagram_slots *slots);

/* Shows the test packets to the tracker. To be called for one batch after another, in file order. False when memory is
 * short. */
TB_MUST_USE bool tb_packet_batch_track_tests(const struct tb_packet_batch *batch, struct tb_test_tracker *tracker);

/* Adds the packets of one shard of the range, by its place there, to its flows. False when memory is short. */
TB_MUST_USE bool tb_packet_batch_add_to(const struct tb_packet_batch *batch, uint16_t which, struct tb_flows *flows);

#endif
