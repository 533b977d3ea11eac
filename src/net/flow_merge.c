/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_merge.h"

#include <stdlib.h>

/* Fewer flows are not worth waking other threads. */
enum { SHARED_LEAST = 1000 };

/* Where each shard's next flow goes. */
struct merge {
    struct tb_flows *const *shards;
    size_t shard_count;
    size_t *taken;  /* owned; of each shard */
    size_t *places; /* owned; of all flows, shard after shard */
    size_t *begins; /* owned; of each shard in places */
};

static size_t pick(const struct merge *merge)
{
    size_t best = merge->shard_count;
    uint64_t earliest = UINT64_MAX;
    for (size_t i = 0; i < merge->shard_count; i++) {
        const struct tb_flows *shard = merge->shards[i];
        if (merge->taken[i] < shard->count && shard->items[merge->taken[i]].first_packet < earliest) {
            earliest = shard->items[merge->taken[i]].first_packet;
            best = i;
        }
    }
    return best;
}

static void order(struct merge *merge, size_t total)
{
    for (size_t place = 0; place < total; place++) {
        const size_t shard = pick(merge);
        merge->places[merge->begins[shard] + merge->taken[shard]++] = place;
    }
}

static void move_flows(const struct merge *merge, size_t total, struct tb_flow *flows)
{
    const int threads = (int)merge->shard_count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (total >= SHARED_LEAST)
    for (int i = 0; i < threads; i++) {
        struct tb_flows *shard = merge->shards[i];
        for (size_t j = 0; j < shard->count; j++)
            flows[merge->places[merge->begins[i] + j]] = shard->items[j];
        free(shard->items);
        shard->items = NULL;
        shard->count = shard->capacity = 0;
    }
}

static enum tb_status merge_into(struct merge *merge, size_t total, struct tb_capture *capture, struct tb_error *error)
{
    struct tb_flow *const flows = malloc((total + 1) * sizeof *flows);
    if (flows == NULL || merge->taken == NULL || merge->places == NULL || merge->begins == NULL) {
        free(flows);
        return tb_error_memory(error, "the flows of a capture");
    }
    for (size_t i = 1; i < merge->shard_count; i++)
        merge->begins[i] = merge->begins[i - 1] + merge->shards[i - 1]->count;
    order(merge, total);
    move_flows(merge, total, flows);
    capture->flows = flows;
    capture->flow_count = total;
    return TB_OK;
}

/* Sums and distributions add up, in any order. */
static enum tb_status merge_summaries(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                                      struct tb_error *error)
{
    bool merged = true;
    capture->summary = shards[0]->summary;
    shards[0]->summary = (struct tb_flow_summary){0};
    for (size_t i = 1; merged && i < count; i++)
        merged = tb_flow_summary_merge(&capture->summary, &shards[i]->summary);
    return merged && tb_flow_summary_complete(&capture->summary) ? TB_OK
                                                                 : tb_error_memory(error, "the flows of a capture");
}

static void take_flows(struct tb_flows *flows, struct tb_capture *capture)
{
    capture->flows = flows->items;
    capture->flow_count = flows->count;
    flows->items = NULL;
    flows->count = flows->capacity = 0;
}

static enum tb_status merge_rows(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                                 struct tb_error *error)
{
    size_t total = 0;
    if (count == 1) {
        take_flows(shards[0], capture);
        return TB_OK;
    }
    for (size_t i = 0; i < count; i++)
        total += shards[i]->count;
    struct merge merge = {.shards = shards,
                          .shard_count = count,
                          .taken = calloc(count, sizeof *merge.taken),
                          .places = calloc(total + 1, sizeof *merge.places),
                          .begins = calloc(count, sizeof *merge.begins)};
    const enum tb_status status = merge_into(&merge, total, capture, error);
    free(merge.taken);
    free(merge.places);
    free(merge.begins);
    return status;
}

static enum tb_status merge_samples(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                                    struct tb_error *error)
{
    bool merged = true;
    if (!shards[0]->sampled)
        return TB_OK;
    for (size_t i = 1; merged && i < count; i++)
        merged = tb_packet_sampler_merge(&shards[0]->sampler, &shards[i]->sampler);
    if (!merged)
        return tb_error_memory(error, "the sample of a capture");
    tb_packet_sampler_finish(&shards[0]->sampler, &capture->sample);
    return TB_OK;
}

enum tb_status tb_flows_merge(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                              struct tb_error *error)
{
    enum tb_status status = merge_rows(shards, count, capture, error);
    if (status == TB_OK)
        status = merge_summaries(shards, count, capture, error);
    return status == TB_OK ? merge_samples(shards, count, capture, error) : status;
}
