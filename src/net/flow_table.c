/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_table.h"

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

/* Each word meets a factor that depends on the seed, so no difference of two keys cancels for every seed. */
uint64_t tb_flow_key_hash(const struct tb_flow_key *key, uint64_t seed)
{
    const uint64_t *const words = key->words;
    const uint64_t turned = seed << 29 | seed >> 35;
    uint64_t addresses = mix(words[1] ^ seed ^ UINT64_C(0xa0761d6478bd642f), words[3] ^ turned);
    if ((words[0] | words[2]) != 0)
        addresses ^= mix(words[0] ^ turned ^ UINT64_C(0xe7037ed1a0b428db), words[2] ^ ~seed);
    return mix(addresses ^ words[4], seed ^ UINT64_C(0x8ebc6af09c88c6e3));
}
