/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of endpoints, the lower first, so that both directions of a flow have one key. */
#include "flow_table.h"

static bool is_above(const struct tb_endpoint *one, const struct tb_endpoint *other)
{
    if (one->high != other->high)
        return one->high > other->high;
    if (one->low != other->low)
        return one->low > other->low;
    return one->port > other->port;
}

unsigned tb_flow_key_make(const struct tb_endpoint *source, const struct tb_endpoint *destination, uint8_t version,
                          uint8_t protocol, struct tb_flow_key *key)
{
    const bool back = is_above(source, destination);
    const struct tb_endpoint *low = back ? destination : source;
    const struct tb_endpoint *high = back ? source : destination;
    key->words[0] = low->high;
    key->words[1] = low->low;
    key->words[2] = high->high;
    key->words[3] = high->low;
    key->words[4] = low->port | (uint64_t)high->port << 16 | (uint64_t)protocol << 32 | (uint64_t)version << 40;
    return back;
}

static void put_be32(uint32_t value, uint8_t *bytes)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static void put_be64(uint64_t value, uint8_t *bytes)
{
    put_be32((uint32_t)(value >> 32), bytes);
    put_be32((uint32_t)value, bytes + 4);
}

struct tb_address tb_flow_key_address(const struct tb_flow_key *key, unsigned which)
{
    const struct tb_endpoint endpoint = tb_flow_key_endpoint(key, which);
    struct tb_address address = {.version = tb_flow_key_version(key), .port = endpoint.port};
    if (address.version == 4) {
        put_be32((uint32_t)endpoint.low, address.bytes);
        return address;
    }
    put_be64(endpoint.high, address.bytes);
    put_be64(endpoint.low, address.bytes + 8);
    return address;
}
