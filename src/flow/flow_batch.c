/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A counting sort by bucket: taking a packet counts it in its bucket; in the end each bucket's
 * place in order follows from the counts. */
#include "flow_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/huge_pages.h"

size_t tb_flow_batch_bytes(void)
{
    return sizeof(struct tb_flow_batch);
}

static_assert(sizeof(struct tb_flow_batch) >= TB_HUGE_PAGE, "room in huge pages, and aligned so");

struct tb_flow_batch *tb_flow_batch_make(uint64_t seed)
{
    struct tb_flow_batch *batch = tb_huge_pages_make(sizeof *batch);
    if (batch == NULL)
        return NULL;
    batch->seed = seed;
    memset(batch->slots, 0, sizeof batch->slots);
    batch->buckets[0] = (struct tb_flow_bucket){.count = 0};
    batch->bucket_count = 0;
    tb_flow_batch_empty(batch);
    return batch;
}

void tb_flow_batch_free(struct tb_flow_batch *batch)
{
    free(batch);
}

void tb_flow_batch_empty(struct tb_flow_batch *batch)
{
    for (uint32_t i = 1; i <= batch->bucket_count; i++)
        batch->slots[batch->slot_of[i]] = 0;
    batch->count = batch->bucket_count = batch->latest = 0;
    batch->next = batch->packets;
}

uint32_t tb_flow_batch_add_bucket(struct tb_flow_batch *batch, const struct tb_flow_key *key, uint64_t hash,
                                  size_t slot)
{
    const uint32_t bucket = ++batch->bucket_count;
    batch->buckets[bucket] = (struct tb_flow_bucket){.key = *key, .hash = hash};
    batch->slots[slot] = (uint16_t)bucket;
    batch->slot_of[bucket] = (uint16_t)slot;
    return bucket;
}

struct tb_flow_buckets tb_flow_batch_buckets(struct tb_flow_batch *batch)
{
    uint16_t begins[1 + TB_FLOW_BATCH_PACKETS];
    uint32_t begin = 0;
    for (uint32_t i = 1; i <= batch->bucket_count; i++) {
        begins[i] = (uint16_t)begin;
        begin += batch->buckets[i].count;
    }
    for (uint32_t i = 0; i < batch->count; i++)
        batch->order[begins[batch->bucket_of[i]]++] = (uint16_t)i;
    memset(batch->order + batch->count, 0, TB_FLOW_BATCH_AHEAD * sizeof batch->order[0]);
    return (struct tb_flow_buckets){.buckets = batch->buckets + 1,
                                    .bucket_count = batch->bucket_count,
                                    .packets = batch->packets,
                                    .order = batch->order,
                                    .packet_count = batch->count};
}
