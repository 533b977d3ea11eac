/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_window.h"

#include <stdlib.h>
#include <string.h>

size_t tb_flow_window_bytes(void)
{
    return sizeof(struct tb_flow_window);
}

struct tb_flow_window *tb_flow_window_make(uint64_t seed)
{
    struct tb_flow_window *window = aligned_alloc(_Alignof(struct tb_flow_window), sizeof *window);
    if (window == NULL)
        return NULL;
    window->seed = seed;
    memset(window->slots, 0, sizeof window->slots);
    window->buckets[0] = (struct tb_flow_bucket){.count = 0};
    window->bucket_count = 0;
    tb_flow_window_empty(window);
    return window;
}

void tb_flow_window_free(struct tb_flow_window *window)
{
    free(window);
}

void tb_flow_window_empty(struct tb_flow_window *window)
{
    for (uint32_t i = 1; i <= window->bucket_count; i++)
        window->slots[window->slot_of[i]] = 0;
    window->count = window->bucket_count = window->latest = 0;
    window->next = window->packets;
}

uint32_t tb_flow_window_add_bucket(struct tb_flow_window *window, const struct tb_flow_key *key, uint64_t hash,
                                   size_t slot)
{
    const uint32_t bucket = ++window->bucket_count;
    window->buckets[bucket] = (struct tb_flow_bucket){.key = *key, .hash = hash};
    window->slots[slot] = (uint16_t)bucket;
    window->slot_of[bucket] = (uint16_t)slot;
    return bucket;
}

struct tb_flow_buckets tb_flow_window_buckets(struct tb_flow_window *window)
{
    uint16_t begins[1 + TB_FLOW_WINDOW_PACKETS];
    uint32_t begin = 0;
    for (uint32_t i = 1; i <= window->bucket_count; i++) {
        begins[i] = (uint16_t)begin;
        begin += window->buckets[i].count;
    }
    for (uint32_t i = 0; i < window->count; i++)
        window->order[begins[window->bucket_of[i]]++] = (uint16_t)i;
    memset(window->order + window->count, 0, TB_FLOW_WINDOW_AHEAD * sizeof window->order[0]);
    return (struct tb_flow_buckets){.buckets = window->buckets + 1,
                                    .bucket_count = window->bucket_count,
                                    .packets = window->packets,
                                    .order = window->order,
                                    .packet_count = window->count};
}
