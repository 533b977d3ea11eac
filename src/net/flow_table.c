/* SPDX-License-Identifier: GPL-3.0-or-later */
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

static void put_bytes(uint64_t value, unsigned count, uint8_t *bytes)
{
    while (count-- > 0) {
        bytes[count] = (uint8_t)value;
        value >>= 8;
    }
}

struct tb_address tb_flow_key_address(const struct tb_flow_key *key, unsigned which)
{
    const struct tb_endpoint endpoint = tb_flow_key_endpoint(key, which);
    struct tb_address address = {.version = tb_flow_key_version(key), .port = endpoint.port};
    if (address.version == 4) {
        put_bytes(endpoint.low, 4, address.bytes);
        return address;
    }
    put_bytes(endpoint.high, 8, address.bytes);
    put_bytes(endpoint.low, 8, address.bytes + 8);
    return address;
}
