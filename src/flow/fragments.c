/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams by addresses, identification and protocol, in a ring of 64 slots: a linear search, as
 * fragments are rare. A slot whose datagram changes gets a new number, by which shards see that
 * what they know is of another. */
#include "fragments.h"

#include <stdlib.h>

/* Unlike a flow's key, the direction matters: source before destination. */
static struct tb_flow_key datagram_key(const struct tb_flow_packet *queued, const struct tb_flow_key *endpoints)
{
    const struct tb_packet *const packet = &queued->packet;
    const struct tb_endpoint source = tb_flow_key_endpoint(endpoints, queued->direction);
    const struct tb_endpoint destination = tb_flow_key_endpoint(endpoints, !queued->direction);
    const uint64_t which = packet->identification | (uint64_t)packet->protocol << 32 | (uint64_t)packet->version << 40;
    return (struct tb_flow_key){{source.high, source.low, destination.high, destination.low, which}};
}

static struct tb_datagram_slot *find_slot(struct tb_datagram_slots *slots, const struct tb_flow_key *key)
{
    for (unsigned i = 0; i < TB_FRAGMENTS_DATAGRAMS; i++)
        if (slots->slots[i].number != 0 && tb_flow_key_is(&slots->slots[i].key, key))
            return &slots->slots[i];
    return NULL;
}

/* No number is 0. */
static uint32_t next_number(struct tb_datagram_slots *slots)
{
    slots->count++;
    slots->count += slots->count == 0;
    return slots->count;
}

static struct tb_datagram_slot *add_slot(struct tb_datagram_slots *slots, const struct tb_flow_key *key)
{
    struct tb_datagram_slot *slot = &slots->slots[slots->next];
    slots->next = (slots->next + 1) % TB_FRAGMENTS_DATAGRAMS;
    *slot = (struct tb_datagram_slot){.key = *key, .number = next_number(slots)};
    return slot;
}

/* Another first fragment: whatever was known gives way to it, in another shard perhaps. */
static void take_first(struct tb_datagram_slots *slots, struct tb_datagram_slot *slot, uint16_t shard)
{
    if (slot->first_seen)
        slot->number = next_number(slots);
    slot->first_seen = true;
    slot->shard = shard;
}

void tb_datagram_slots_take(struct tb_datagram_slots *slots, struct tb_flow_packet *queued,
                            const struct tb_flow_key *endpoints, uint16_t shard)
{
    struct tb_packet *const packet = &queued->packet;
    const struct tb_flow_key key = datagram_key(queued, endpoints);
    struct tb_datagram_slot *slot = find_slot(slots, &key);
    if (slot == NULL)
        slot = add_slot(slots, &key);
    if (packet->kind == TB_PACKET_TRANSPORT)
        take_first(slots, slot, shard);
    packet->datagram = (uint16_t)(slot - slots->slots);
    packet->datagram_number = slot->number;
    packet->datagram_shard = slot->first_seen ? slot->shard : TB_DATAGRAM_EVERY_SHARD;
}

void tb_datagrams_free(struct tb_datagrams *datagrams)
{
    free(datagrams->items);
    *datagrams = (struct tb_datagrams){0};
}

struct tb_datagram *tb_datagrams_get(struct tb_datagrams *datagrams, const struct tb_packet *packet)
{
    if (datagrams->items == NULL)
        datagrams->items = calloc(TB_FRAGMENTS_DATAGRAMS, sizeof datagrams->items[0]);
    if (datagrams->items == NULL)
        return NULL;
    struct tb_datagram *item = &datagrams->items[packet->datagram];
    if (item->number != packet->datagram_number)
        *item = (struct tb_datagram){.number = packet->datagram_number};
    return item;
}
