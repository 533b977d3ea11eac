/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals out packets to shards. A packet of another process's shard is dropped as soon as its
 * endpoints are known.
 *
 * Later fragments have no ports, so they wait in every shard (append_fragment) until the datagrams
 * have their names; then each shard takes its own and passes over the others. */
#include "packet_batch.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

bool tb_packet_batch_prepare(struct tb_packet_batch *batch, const struct tb_shard_range *range)
{
    batch->range = *range;
    batch->shards = calloc(range->count, sizeof batch->shards[0]);
    return batch->shards != NULL;
}

void tb_packet_batch_free(struct tb_packet_batch *batch)
{
    for (uint16_t i = 0; batch->shards != NULL && i < batch->range.count; i++)
        free(batch->shards[i].items);
    free(batch->shards);
    free(batch->fragments.items);
    free(batch->tests.items);
    *batch = (struct tb_packet_batch){0};
}

void tb_packet_batch_empty(struct tb_packet_batch *batch)
{
    batch->fragments.count = batch->tests.count = 0;
    for (uint16_t i = 0; i < batch->range.count; i++)
        batch->shards[i].count = 0;
}

/* A place at the end, which is taken with count. NULL when memory is short. */
static inline struct tb_parsed_packet *place_in(struct tb_packet_list *list)
{
    if (list->count == list->capacity &&
        !tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof list->items[0]))
        return NULL;
    return &list->items[list->count];
}

static bool append(struct tb_packet_list *list, const struct tb_parsed_packet *packet)
{
    struct tb_parsed_packet *const place = place_in(list);
    if (place == NULL)
        return false;
    *place = *packet;
    list->count++;
    return true;
}

/* For a shard of the range, or another's. */
static bool append_own(struct tb_packet_batch *batch, const struct tb_parsed_packet *packet)
{
    const uint16_t place = tb_packet_place(&packet->key, &batch->range);
    return place >= batch->range.count || append(&batch->shards[place], packet);
}

/* Whose later fragments are is known only when those before them are. */
static bool append_fragment(struct tb_packet_batch *batch, const struct tb_parsed_packet *packet)
{
    struct tb_parsed_packet reference = *packet;
    reference.queued.number = batch->fragments.count;
    if (!append(&batch->fragments, packet))
        return false;
    if (packet->queued.packet.kind == TB_PACKET_TRANSPORT)
        return append_own(batch, &reference);
    for (uint16_t i = 0; i < batch->range.count; i++)
        if (!append(&batch->shards[i], &reference))
            return false;
    return true;
}

static bool keep(struct tb_packet_batch *batch, const struct tb_parsed_packet *packet)
{
    if (packet->queued.packet.fragment)
        return append_fragment(batch, packet);
    if (packet->queued.packet.test_packet && !append(&batch->tests, packet))
        return false;
    return append_own(batch, packet);
}

static enum tb_status no_memory(struct tb_error *error)
{
    return tb_error_memory(error, "the packets of a chunk");
}

static enum tb_status take_any(struct tb_packet_batch *batch, struct tb_capture_parser *parser, struct tb_error *error)
{
    struct tb_parsed_packet packet;
    const enum tb_status status = tb_capture_parser_next(parser, &packet.queued, &packet.key, error);
    if (status != TB_OK)
        return status;
    return keep(batch, &packet) ? TB_OK : no_memory(error);
}

enum tb_status tb_packet_batch_fill(struct tb_packet_batch *batch, struct tb_capture_parser *parser,
                                    struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK) {
        struct tb_packet_record record;
        if (!tb_capture_parser_see_plain(parser, &record)) {
            status = take_any(batch, parser, error);
            continue;
        }
        struct tb_flow_key key;
        const uint32_t direction = tb_packet_plain_key(&record, &key);
        const uint16_t shard = tb_packet_place(&key, &batch->range);
        if (shard >= batch->range.count) {
            tb_capture_parser_pass_plain(parser, &record);
            continue;
        }
        struct tb_packet_list *const list = &batch->shards[shard];
        struct tb_parsed_packet *const place = place_in(list);
        if (place == NULL)
            return no_memory(error);
        place->key = key;
        tb_capture_parser_take_plain(parser, &record, direction, &place->queued);
        list->count++;
    }
    return status;
}

void tb_packet_batch_name_datagrams(struct tb_packet_batch *batch, struct tb_datagram_slots *slots)
{
    for (size_t i = 0; i < batch->fragments.count; i++) {
        struct tb_parsed_packet *const parsed = &batch->fragments.items[i];
        const bool first = parsed->queued.packet.kind == TB_PACKET_TRANSPORT;
        const uint16_t shard = first ? tb_packet_shard(&parsed->key, batch->range.all) : 0;
        tb_datagram_slots_take(slots, &parsed->queued, &parsed->key, shard);
    }
}

bool tb_packet_batch_track_tests(const struct tb_packet_batch *batch, struct tb_test_tracker *tracker)
{
    bool tracked = true;
    for (size_t i = 0; tracked && i < batch->tests.count; i++)
        tracked = tb_test_tracker_add(tracker, &batch->tests.items[i].queued, &batch->tests.items[i].key);
    return tracked;
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

static bool add_fragment(const struct tb_packet_batch *batch, const struct tb_parsed_packet *reference, uint16_t shard,
                         struct tb_flows *flows)
{
    const struct tb_parsed_packet *const parsed = &batch->fragments.items[reference->queued.number];
    const uint16_t of = parsed->queued.packet.datagram_shard;
    if (of != shard && of != TB_DATAGRAM_EVERY_SHARD)
        return true;
    place(batch, parsed, tb_flows_next(flows));
    return tb_flows_add(flows, &parsed->key);
}

bool tb_packet_batch_add_to(const struct tb_packet_batch *batch, uint16_t which, struct tb_flows *flows)
{
    const struct tb_packet_list *const list = &batch->shards[which];
    const uint16_t shard = (uint16_t)(batch->range.first + which);
    bool added = true;
    for (size_t i = 0; added && i < list->count; i++) {
        const struct tb_parsed_packet *const parsed = &list->items[i];
        if (parsed->queued.packet.fragment) {
            added = add_fragment(batch, parsed, shard, flows);
        } else {
            place(batch, parsed, tb_flows_next(flows));
            added = tb_flows_add_whole(flows, &parsed->key);
        }
    }
    return added;
}
