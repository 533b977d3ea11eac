/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps up to twice as many items as are wanted; when there is no room they are sorted, and the
 * larger half goes, with a limit from there on. So adding takes constant time on average. */
#include "packet_sampler.h"

#include <stdlib.h>
#include <xxhash.h>

#include "twinbed/base/containers.h"

/* Items before they are sorted out. */
enum { ROOM = 2 * TB_PACKET_SAMPLE_MAX };

/* What no hop changes. Congestion marks and PSH may change; the latter where segments are joined. */
enum { KEPT_FLAGS = TB_TCP_FIN | TB_TCP_SYN | TB_TCP_RST | TB_TCP_ACK };

struct identity {
    uint8_t source[16];
    uint8_t destination[16];
    uint16_t ports[2];
    uint32_t sequence;
    uint32_t acknowledgement;
    uint32_t identification;
    uint16_t window;
    uint8_t flags;
    uint8_t version;
};

void tb_packet_sampler_start(struct tb_packet_sampler *sampler)
{
    *sampler = (struct tb_packet_sampler){.limit = UINT64_MAX};
}

/* Twice the items, while they are sorted. */
uint64_t tb_packet_sampler_most(void)
{
    return 2 * ROOM * (uint64_t)sizeof(struct tb_sampled_packet);
}

void tb_packet_sampler_free(struct tb_packet_sampler *sampler)
{
    free(sampler->items);
    *sampler = (struct tb_packet_sampler){0};
}

static uint64_t key_of(const struct tb_packet *packet, const struct tb_address *source,
                       const struct tb_address *destination)
{
    struct identity identity;
    memset(&identity, 0, sizeof identity); /* no padding of unknown content */
    memcpy(identity.source, source->bytes, sizeof identity.source);
    memcpy(identity.destination, destination->bytes, sizeof identity.destination);
    identity.ports[0] = source->port;
    identity.ports[1] = destination->port;
    identity.version = packet->version;
    identity.sequence = packet->sequence;
    if (packet->payload == 0) {
        identity.acknowledgement = packet->acknowledgement;
        identity.identification = packet->version == 4 ? packet->identification : 0;
        identity.window = packet->window;
        identity.flags = packet->tcp_flags & KEPT_FLAGS;
    }
    return XXH3_64bits(&identity, sizeof identity);
}

static int compare_packets(const void *left, const void *right)
{
    const struct tb_sampled_packet *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->time > b->time) - (a->time < b->time);
}

/* Sorted, each key once, and no more than are wanted. */
static void compact(struct tb_packet_sampler *sampler)
{
    size_t count = 0;
    if (sampler->count != 0)
        qsort(sampler->items, sampler->count, sizeof *sampler->items, compare_packets);
    for (size_t i = 0; i < sampler->count; i++) {
        const struct tb_sampled_packet *item = &sampler->items[i];
        if (count > 0 && sampler->items[count - 1].key == item->key)
            sampler->items[count - 1].repeated = true;
        else if (item->key < sampler->limit)
            sampler->items[count++] = *item;
    }
    if (count > TB_PACKET_SAMPLE_MAX) {
        sampler->limit = sampler->items[TB_PACKET_SAMPLE_MAX].key;
        count = TB_PACKET_SAMPLE_MAX;
    }
    sampler->count = count;
}

static bool put(struct tb_packet_sampler *sampler, const struct tb_sampled_packet *item)
{
    if (sampler->count == ROOM)
        compact(sampler);
    if (!tb_array_reserve(&sampler->items, &sampler->capacity, sampler->count + 1, sizeof *sampler->items))
        return false;
    sampler->items[sampler->count++] = *item;
    return true;
}

bool tb_packet_sampler_add(struct tb_packet_sampler *sampler, const struct tb_flow_packet *queued,
                           const struct tb_flow_key *key)
{
    const struct tb_packet *const packet = &queued->packet;
    if (packet->kind != TB_PACKET_TRANSPORT || packet->protocol != TB_PROTOCOL_TCP)
        return true;
    const struct tb_address source = tb_flow_key_address(key, queued->direction);
    const struct tb_address destination = tb_flow_key_address(key, !queued->direction);
    const uint64_t hash = key_of(packet, &source, &destination);
    if (hash >= sampler->limit)
        return true;
    const struct tb_sampled_packet item = {
        .key = hash, .time = queued->time, .from_port = source.port, .to_port = destination.port};
    return put(sampler, &item);
}

bool tb_packet_sampler_merge(struct tb_packet_sampler *sampler, const struct tb_packet_sampler *other)
{
    if (other->limit < sampler->limit)
        sampler->limit = other->limit;
    for (size_t i = 0; i < other->count; i++)
        if (other->items[i].key < sampler->limit && !put(sampler, &other->items[i]))
            return false;
    return true;
}

void tb_packet_sampler_finish(struct tb_packet_sampler *sampler, struct tb_packet_sample *sample)
{
    compact(sampler);
    *sample = (struct tb_packet_sample){.items = sampler->items, .count = sampler->count, .limit = sampler->limit};
    *sampler = (struct tb_packet_sampler){0};
}
