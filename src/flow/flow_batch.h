/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_BATCH_H
#define TWINBED_SRC_FLOW_FLOW_BATCH_H

/* Packets wait here for a while, so that those of one flow are taken one behind the other: what is
 * known of it is then in the nearest cache, and what comes next is the less surprising. Of each
 * flow packets stay in file order.
 *
 *       packets   p0 p1 p2 p3 p4 p5 ...      in file order, decoded where they lie
 *       bucket    A  B  A  C  B  A
 *       order     p0 p2 p5 | p1 p4 | p3      bucket after bucket, in the order of their first packets
 *
 * A packet is never moved: it is decoded into the place that tb_flow_batch_next gives, and order
 * refers to it. Use: next, take, ... until it is almost full, then buckets, then empty. One batch
 * is used by one thread. */

#include <stddef.h>

#include "packet/packet.h"
#include "twinbed/base/status.h"

/* Places have 16 bits, with 0 for none among buckets, so a batch cannot have twice as many. */
enum { TB_FLOW_BATCH_PACKETS = 32768 };

/* A packet of a flow, and its place in the file. */
struct tb_flow_packet {
    struct tb_packet packet;
    uint64_t number;    /* among the packets of the file */
    uint64_t time;      /* ns since the epoch */
    uint64_t clock;     /* the latest time of this packet and all before it in the file */
    uint32_t direction; /* Which way it went between the endpoints of its key: tb_flow_key_make. */
};

/* The packets of the batch between two endpoints; a line of the cache. */
struct tb_flow_bucket {
    _Alignas(64) struct tb_flow_key key;
    uint64_t hash;
    uint32_t count; /* of packets */
    uint32_t hint;  /* Where the flow probably is: tb_live_flows_prefetch_flow. */
};

/* Slots are at most half used. So many packets behind the last may be fetched ahead. */
enum { TB_FLOW_BATCH_SLOTS = 2 * TB_FLOW_BATCH_PACKETS, TB_FLOW_BATCH_AHEAD = 8 };

/* Some 5.5 MB, of which the fields are for the functions here and those in flow_batch.c. */
struct tb_flow_batch {
    uint64_t seed;               /* Of tb_flow_key_hash; the same as that of the live flows. */
    struct tb_flow_packet *next; /* Where the next packet goes, in packets. */
    uint32_t count;
    uint32_t bucket_count;
    uint32_t latest; /* Bucket of the packet taken last; 0 in an empty batch. */
    struct tb_flow_packet packets[TB_FLOW_BATCH_PACKETS];
    struct tb_flow_bucket buckets[1 + TB_FLOW_BATCH_PACKETS];    /* the first is none, and no key is like its */
    uint16_t bucket_of[TB_FLOW_BATCH_PACKETS];                   /* Of each packet. */
    uint16_t order[TB_FLOW_BATCH_PACKETS + TB_FLOW_BATCH_AHEAD]; /* Made by tb_flow_batch_buckets. */
    uint16_t slots[TB_FLOW_BATCH_SLOTS];                         /* a bucket, or 0; open addressing */
    uint16_t slot_of[1 + TB_FLOW_BATCH_PACKETS];                 /* of each bucket */
};

/* Bytes that a batch takes. */
size_t tb_flow_batch_bytes(void);

/* An empty batch, or NULL when memory is short. seed: of tb_flow_key_hash. */
struct tb_flow_batch *tb_flow_batch_make(uint64_t seed);
/* Accepts NULL. */
void tb_flow_batch_free(struct tb_flow_batch *batch);

/* Where the next packet goes; the batch must not be full. Valid until it is taken. */
static inline struct tb_flow_packet *tb_flow_batch_next(struct tb_flow_batch *batch)
{
    return batch->next;
}

/* Whether there is room for no more than the next packet. */
static inline bool tb_flow_batch_is_almost_full(const struct tb_flow_batch *batch)
{
    return batch->count + 1 >= TB_FLOW_BATCH_PACKETS;
}

/* Makes a bucket, which belongs to that slot. Gives its place. */
uint32_t tb_flow_batch_add_bucket(struct tb_flow_batch *batch, const struct tb_flow_key *key, uint64_t hash,
                                  size_t slot);

/* The bucket of these endpoints, which is made when there is none. */
static inline uint32_t tb_flow_batch_find_bucket(struct tb_flow_batch *batch, const struct tb_flow_key *key)
{
    const uint64_t hash = tb_flow_key_hash(key, batch->seed);
    size_t at = hash % TB_FLOW_BATCH_SLOTS;
    for (; batch->slots[at] != 0; at = (at + 1) % TB_FLOW_BATCH_SLOTS) {
        const uint32_t bucket = batch->slots[at];
        if (batch->buckets[bucket].hash == hash && tb_flow_key_is(&batch->buckets[bucket].key, key))
            return bucket;
    }
    return tb_flow_batch_add_bucket(batch, key, hash, at);
}

/* Takes the next packet, a TB_PACKET_TRANSPORT, into the bucket of its endpoints. Packets of a flow often come one behind
 * the other. */
static inline void tb_flow_batch_take(struct tb_flow_batch *batch, const struct tb_flow_key *key)
{
    uint32_t bucket = batch->latest;
    if (!tb_flow_key_is(&batch->buckets[bucket].key, key))
        bucket = batch->latest = tb_flow_batch_find_bucket(batch, key);
    batch->buckets[bucket].count++;
    batch->bucket_of[batch->count++] = (uint16_t)bucket;
    batch->next++;
}

/* All that was taken, bucket after bucket, in the order of their first packets; then the batch is
 * to be emptied. */
struct tb_flow_buckets {
    struct tb_flow_bucket *buckets;
    uint32_t bucket_count;
    struct tb_flow_packet *packets; /* in file order */
    const uint16_t *order; /* places in packets, bucket after bucket; then TB_FLOW_BATCH_AHEAD of any packets */
    uint32_t packet_count;
};

struct tb_packet_copies;
struct tb_recent_packet;

/* Packets of one bucket, one behind the other. */
struct tb_flow_run {
    struct tb_flow_packet *packets;        /* borrowed: of the batch */
    const uint16_t *order;                 /* Borrowed: places in packets. */
    uint32_t count;                        /* of the run; TB_FLOW_BATCH_AHEAD more places follow */
    uint32_t passed;                       /* of the bucket, whose places stand before those of the run */
    struct tb_packet_copies *copies;       /* borrowed; NULL where copies are packets */
    const struct tb_recent_packet *before; /* borrowed; of the bucket, before the batch: see packet_copies.h */
};

/* Packet number place of the run; up to TB_FLOW_BATCH_AHEAD behind the last may be asked for, to be
 * fetched. */
static inline struct tb_flow_packet *tb_flow_run_at(const struct tb_flow_run *run, uint32_t place)
{
    return &run->packets[run->order[place]];
}

/* Leaves out the first ones, at most all. */
static inline void tb_flow_run_pass(struct tb_flow_run *run, uint32_t count)
{
    run->order += count;
    run->passed += count;
    run->count -= count;
}

/* Puts the packets in order. Borrowed until the batch is emptied. */
struct tb_flow_buckets tb_flow_batch_buckets(struct tb_flow_batch *batch);
/* Forgets all packets. It takes as long as there are buckets. */
void tb_flow_batch_empty(struct tb_flow_batch *batch);

#endif
