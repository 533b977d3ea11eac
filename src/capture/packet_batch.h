/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_PACKET_BATCH_H
#define TWINBED_SRC_CAPTURE_PACKET_BATCH_H

/* The packets of one segment on their way to the flows. Flows are dealt out to
 * shards by their endpoints; each shard takes its packets from one batch after
 * another, so that every flow sees its own in file order. */

#include "capture_parser.h"
#include "test_sessions.h"

struct tb_packet_list {
    uint32_t *items; /* owned; places in a batch, ascending */
    size_t count;
    size_t capacity;
};

struct tb_parsed_packet {
    struct tb_flow_packet queued; /* number and clock are counted from the segment's beginning */
    struct tb_flow_key key;       /* of its endpoints */
};

struct tb_packet_batch {
    struct tb_parsed_packet *packets; /* owned; in file order */
    size_t count;
    size_t capacity;
    struct tb_packet_list *shards; /* owned; of each shard, which packets it gets */
    uint16_t shard_count;
    struct tb_packet_list fragments; /* of datagrams; later ones stand in every shard's list */
    struct tb_packet_list tests;     /* UDP packets that look like test packets */
    uint64_t first_number;           /* of the segment's first record in the file */
    uint64_t clock;                  /* the latest time of any packet before the segment */
};

/* Zero it to start; 1 <= shards < TB_DATAGRAM_EVERY_SHARD. */
TB_MUST_USE bool tb_packet_batch_prepare(struct tb_packet_batch *batch, uint16_t shards);
void tb_packet_batch_free(struct tb_packet_batch *batch);
void tb_packet_batch_empty(struct tb_packet_batch *batch);

/* The same for both directions of a flow. */
uint16_t tb_packet_shard(const struct tb_flow_key *key, uint16_t shards);

/* Adds the packets that the parser gives, until it gives TB_END. */
TB_MUST_USE enum tb_status tb_packet_batch_fill(struct tb_packet_batch *batch, struct tb_capture_parser *parser,
                                                struct tb_error *error);

/* Tells the fragments their datagrams. To be called for one batch after another, in file order. */
void tb_packet_batch_name_datagrams(struct tb_packet_batch *batch, struct tb_datagram_slots *slots);

/* Shows the test packets to the tracker. To be called for one batch after another, in file order. False when memory is
 * short. */
TB_MUST_USE bool tb_packet_batch_track_tests(const struct tb_packet_batch *batch, struct tb_test_tracker *tracker);

/* Adds the packets of one shard to its flows. False when memory is short. */
TB_MUST_USE bool tb_packet_batch_add_to(const struct tb_packet_batch *batch, uint16_t shard, struct tb_flows *flows);

#endif
