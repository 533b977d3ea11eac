/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_table.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

enum { FIRST_CAPACITY = 256, CACHE_LINE = 64 };

struct endpoint {
    uint64_t high;
    uint64_t low;
    uint64_t port;
};

static struct endpoint read_endpoint(const uint8_t *address, uint16_t port)
{
    return (struct endpoint){.high = tb_load_be64(address), .low = tb_load_be64(address + 8), .port = port};
}

static bool is_above(const struct endpoint *one, const struct endpoint *other)
{
    if (one->high != other->high)
        return one->high > other->high;
    if (one->low != other->low)
        return one->low > other->low;
    return one->port > other->port;
}

static __attribute__((noinline)) unsigned make_long_key(const struct tb_packet *packet, struct tb_flow_key *key)
{
    const struct endpoint source = read_endpoint(packet->source, packet->source_port);
    const struct endpoint destination = read_endpoint(packet->destination, packet->destination_port);
    const bool back = is_above(&source, &destination);
    const struct endpoint *low = back ? &destination : &source;
    const struct endpoint *high = back ? &source : &destination;
    key->words[0] = low->high;
    key->words[1] = low->low;
    key->words[2] = high->high;
    key->words[3] = high->low;
    key->words[4] = low->port | high->port << 16 | (uint64_t)packet->protocol << 32 | (uint64_t)packet->version << 40;
    return back;
}

/* The same for IPv4, of which an endpoint is one number. */
static unsigned make_short_key(const struct tb_packet *packet, struct tb_flow_key *key)
{
    const uint64_t source = (uint64_t)tb_load_be32(packet->source) << 16 | packet->source_port;
    const uint64_t destination = (uint64_t)tb_load_be32(packet->destination) << 16 | packet->destination_port;
    const bool back = source > destination;
    const uint64_t low = back ? destination : source, high = back ? source : destination;
    key->words[0] = 0;
    key->words[1] = low >> 16;
    key->words[2] = 0;
    key->words[3] = high >> 16;
    key->words[4] =
        (low & 0xffff) | (high & 0xffff) << 16 | (uint64_t)packet->protocol << 32 | (uint64_t)packet->version << 40;
    return back;
}

unsigned tb_flow_key_make(const struct tb_packet *packet, struct tb_flow_key *key)
{
    return packet->version == 4 ? make_short_key(packet, key) : make_long_key(packet, key);
}

/* Both halves of the product. */
static inline uint64_t mix(uint64_t one, uint64_t other)
{
    const unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t tb_flow_key_hash(const struct tb_flow_key *key)
{
    const uint64_t *const words = key->words;
    const uint64_t addresses = mix(words[0] ^ words[3] ^ UINT64_C(0xa0761d6478bd642f),
                                   (words[2] << 32 | words[2] >> 32) ^ words[1] ^ UINT64_C(0xe7037ed1a0b428db));
    return mix(addresses ^ words[4], UINT64_C(0x8ebc6af09c88c6e3));
}

void tb_flow_table_free(struct tb_flow_table *table)
{
    for (size_t i = 0; i < table->flow_count; i++)
        for (unsigned side = 0; side < 2; side++) {
            tb_ranges_free(&table->flows[i].stream[side].seen);
            tb_sent_list_free(&table->details[i].side[side].sent);
        }
    free(table->details);
    free(table->flows);
    free(table->slots);
    *table = (struct tb_flow_table){0};
}

static bool same_key(const struct tb_flow_key *one, const struct tb_flow_key *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

static size_t find_slot(const struct tb_flow_table *table, const struct tb_flow_key *key, uint64_t hash)
{
    const size_t mask = table->capacity - 1;
    const uint32_t upper = (uint32_t)(hash >> 32);
    size_t at = (size_t)hash & mask;
    for (; table->slots[at].item != 0; at = (at + 1) & mask)
        if (table->slots[at].hash == upper && same_key(&table->flows[table->slots[at].item - 1].key, key))
            break;
    return at;
}

static bool grow(struct tb_flow_table *table)
{
    const size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
    if (capacity > UINT32_MAX)
        return false;
    struct tb_flow_slot *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    for (size_t i = 0; i < table->flow_count; i++) {
        const uint64_t hash = tb_flow_key_hash(&table->flows[i].key);
        size_t at = (size_t)hash & (capacity - 1);
        while (slots[at].item != 0)
            at = (at + 1) & (capacity - 1);
        slots[at] = (struct tb_flow_slot){.hash = (uint32_t)(hash >> 32), .item = (uint32_t)i + 1};
    }
    return true;
}

void tb_flow_table_prefetch_slot(const struct tb_flow_table *table, uint64_t hash)
{
    if (table->capacity != 0)
        __builtin_prefetch(&table->slots[(size_t)hash & (table->capacity - 1)]);
}

uint32_t tb_flow_table_prefetch_flow(const struct tb_flow_table *table, uint64_t hash)
{
    if (table->capacity == 0)
        return 0;
    const size_t mask = table->capacity - 1;
    size_t at = (size_t)hash & mask;
    while (table->slots[at].item != 0 && table->slots[at].hash != (uint32_t)(hash >> 32))
        at = (at + 1) & mask;
    const uint32_t item = table->slots[at].item;
    if (item != 0) {
        const char *live = (const char *)&table->flows[item - 1];
        for (size_t offset = 0; offset < sizeof table->flows[0]; offset += CACHE_LINE)
            __builtin_prefetch(live + offset);
    }
    return item;
}

struct tb_live_flow *tb_flow_table_get(struct tb_flow_table *table, const struct tb_flow_key *key, uint64_t hash,
                                       uint32_t hint)
{
    if (hint != 0 && same_key(&table->flows[hint - 1].key, key))
        return &table->flows[hint - 1];
    if (table->flow_count * 2 >= table->capacity && !grow(table))
        return NULL;
    struct tb_flow_slot *slot = &table->slots[find_slot(table, key, hash)];
    if (slot->item != 0)
        return &table->flows[slot->item - 1];
    if (!tb_array_reserve(&table->flows, &table->flow_capacity, table->flow_count + 1, sizeof table->flows[0]) ||
        !tb_array_reserve(&table->details, &table->detail_capacity, table->flow_count + 1, sizeof table->details[0]))
        return NULL;
    table->details[table->flow_count] = (struct tb_live_detail){0};
    struct tb_live_flow *live = &table->flows[table->flow_count++];
    *live = (struct tb_live_flow){.key = *key};
    *slot = (struct tb_flow_slot){.hash = (uint32_t)(hash >> 32), .item = (uint32_t)table->flow_count};
    return live;
}
