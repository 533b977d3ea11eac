/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct endpoint {
    uint64_t high;
    uint64_t low;
    uint64_t port;
};

static struct endpoint read_endpoint(const struct tb_packet *packet, const uint8_t *address, uint16_t port)
{
    if (packet->version == 4)
        return (struct endpoint){.low = tb_load_be32(address), .port = port};
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

unsigned tb_flow_key_make(const struct tb_packet *packet, struct tb_flow_key *key)
{
    const struct endpoint source = read_endpoint(packet, packet->source, packet->source_port);
    const struct endpoint destination = read_endpoint(packet, packet->destination, packet->destination_port);
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

uint64_t tb_flow_key_hash(const struct tb_flow_key *key)
{
    return XXH3_64bits(key, sizeof *key);
}
