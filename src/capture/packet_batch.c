/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packet_batch.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

bool tb_packet_batch_prepare(struct tb_packet_batch *batch, uint16_t shards)
{
    batch->shards = calloc(shards, sizeof batch->shards[0]);
    batch->shard_count = batch->shards == NULL ? 0 : shards;
    return batch->shards != NULL;
}

void tb_packet_batch_free(struct tb_packet_batch *batch)
{
    for (uint16_t i = 0; i < batch->shard_count; i++)
        free(batch->shards[i].items);
    free(batch->shards);
    free(batch->fragments.items);
    free(batch->tests.items);
    free(batch->packets);
    *batch = (struct tb_packet_batch){0};
}

void tb_packet_batch_empty(struct tb_packet_batch *batch)
{
    batch->count = 0;
    batch->fragments.count = batch->tests.count = 0;
    for (uint16_t i = 0; i < batch->shard_count; i++)
        batch->shards[i].count = 0;
}

static inline uint16_t shard_of(const struct tb_flow_key *key, uint16_t shards)
{
    const uint64_t addresses = key->words[0] ^ key->words[1] ^ key->words[2] ^ key->words[3];
    const uint64_t ports = (key->words[4] ^ key->words[4] >> 16) & UINT16_MAX;
    const uint8_t protocol = (uint8_t)(key->words[4] >> 32);
    const uint64_t mixed = (addresses ^ ports << 40 ^ ports ^ protocol) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint16_t)(((mixed >> 32) * shards) >> 32);
}

uint16_t tb_packet_shard(const struct tb_flow_key *key, uint16_t shards)
{
    return shard_of(key, shards);
}

static inline bool append(struct tb_packet_list *list, uint32_t place)
{
    if (list->count == list->capacity &&
        !tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof list->items[0]))
        return false;
    list->items[list->count++] = place;
    return true;
}

/* Whose later fragments are is known only when those before them are. */
static __attribute__((noinline)) bool append_fragment(struct tb_packet_batch *batch,
                                                      const struct tb_parsed_packet *parsed, uint32_t place)
{
    if (!append(&batch->fragments, place))
        return false;
    if (parsed->queued.packet.kind == TB_PACKET_TRANSPORT)
        return append(&batch->shards[shard_of(&parsed->key, batch->shard_count)], place);
    for (uint16_t i = 0; i < batch->shard_count; i++)
        if (!append(&batch->shards[i], place))
            return false;
    return true;
}

static bool keep(struct tb_packet_batch *batch)
{
    const uint32_t place = (uint32_t)batch->count++;
    const struct tb_parsed_packet *parsed = &batch->packets[place];
    if (parsed->queued.packet.fragment)
        return append_fragment(batch, parsed, place);
    if (parsed->queued.packet.test_packet && !append(&batch->tests, place))
        return false;
    return append(&batch->shards[shard_of(&parsed->key, batch->shard_count)], place);
}

static inline bool keep_plain(struct tb_packet_batch *batch)
{
    const uint32_t place = (uint32_t)batch->count++;
    return append(&batch->shards[shard_of(&batch->packets[place].key, batch->shard_count)], place);
}

static bool make_room(struct tb_packet_batch *batch)
{
    return batch->count < UINT32_MAX &&
           tb_array_reserve(&batch->packets, &batch->capacity, batch->count + 1, sizeof batch->packets[0]);
}

enum tb_status tb_packet_batch_fill(struct tb_packet_batch *batch, struct tb_capture_parser *parser,
                                    struct tb_error *error)
{
    for (;;) {
        if (batch->count == batch->capacity && !make_room(batch))
            return tb_error_memory(error, "the packets of a segment");
        struct tb_parsed_packet *const next = &batch->packets[batch->count];
        const bool plain = tb_capture_parser_take_plain(parser, &next->queued, &next->key);
        if (!plain) {
            const enum tb_status status = tb_capture_parser_next(parser, &next->queued, &next->key, error);
            if (status != TB_OK)
                return status;
        }
        if (plain ? !keep_plain(batch) : !keep(batch))
            return tb_error_memory(error, "the packets of a segment");
    }
}

void tb_packet_batch_name_datagrams(struct tb_packet_batch *batch, struct tb_datagram_slots *slots)
{
    for (size_t i = 0; i < batch->fragments.count; i++) {
        struct tb_parsed_packet *parsed = &batch->packets[batch->fragments.items[i]];
        const bool first = parsed->queued.packet.kind == TB_PACKET_TRANSPORT;
        const uint16_t shard = first ? shard_of(&parsed->key, batch->shard_count) : 0;
        tb_datagram_slots_take(slots, &parsed->queued, &parsed->key, shard);
    }
}

bool tb_packet_batch_track_tests(const struct tb_packet_batch *batch, struct tb_test_tracker *tracker)
{
    bool tracked = true;
    for (size_t i = 0; tracked && i < batch->tests.count; i++) {
        const struct tb_parsed_packet *const parsed = &batch->packets[batch->tests.items[i]];
        tracked = tb_test_tracker_add(tracker, &parsed->queued, &parsed->key);
    }
    return tracked;
}

/* The packet was parsed by another processor. */
static void prefetch(const struct tb_packet_batch *batch, const struct tb_packet_list *list, size_t place)
{
    enum { AHEAD = 4, LINE = 64 };
    if (place + AHEAD >= list->count)
        return;
    const char *const packet = (const char *)&batch->packets[list->items[place + AHEAD]];
    __builtin_prefetch(packet);
    __builtin_prefetch(packet + LINE);
    __builtin_prefetch(packet + 2 * LINE);
}

/* The next packet of the flows is made from a parsed one. */
static inline void place(const struct tb_packet_batch *batch, const struct tb_parsed_packet *parsed,
                         struct tb_flow_packet *next)
{
    *next = parsed->queued;
    next->number += batch->first_number;
    if (next->clock < batch->clock)
        next->clock = batch->clock;
}

static bool add_fragment(const struct tb_packet_batch *batch, const struct tb_parsed_packet *parsed, uint16_t shard,
                         struct tb_flows *flows)
{
    const uint16_t of = parsed->queued.packet.datagram_shard;
    if (of != shard && of != TB_DATAGRAM_EVERY_SHARD)
        return true;
    place(batch, parsed, tb_flows_next(flows));
    return tb_flows_add(flows, &parsed->key);
}

bool tb_packet_batch_add_to(const struct tb_packet_batch *batch, uint16_t shard, struct tb_flows *flows)
{
    const struct tb_packet_list *list = &batch->shards[shard];
    bool added = true;
    for (size_t i = 0; added && i < list->count; i++) {
        const struct tb_parsed_packet *parsed = &batch->packets[list->items[i]];
        prefetch(batch, list, i);
        if (parsed->queued.packet.fragment) {
            added = add_fragment(batch, parsed, shard, flows);
        } else {
            place(batch, parsed, tb_flows_next(flows));
            added = tb_flows_add_whole(flows, &parsed->key);
        }
    }
    return added;
}
