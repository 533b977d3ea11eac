/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_FLOW_TABLE_H
#define TWINBED_SRC_PACKET_FLOW_TABLE_H

/* The two endpoints of a packet, as a key: the same for both directions, so that both are one flow.
 * Endpoints are ordered by address, then port; the direction of a packet says which of them sent
 * it.
 *
 * Keys are compared and hashed as words. Within them nothing is in network order: addresses and
 * ports are numbers. All functions are pure. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/packet/address.h"

/* The address of the lower endpoint, that of the higher (two words each; of an IPv4 address the first is 0); ports,
 * protocol and version. */
struct tb_flow_key {
    uint64_t words[5];
};

/* One endpoint, as numbers. */
struct tb_endpoint {
    uint64_t high; /* of the address; 0 for IPv4 */
    uint64_t low;
    uint16_t port;
};

/* For any count; the upper bits come in below. */
static inline uint64_t tb_rotate_left_64(uint64_t value, unsigned count)
{
    return value << (count & 63) | value >> (-count & 63);
}

static inline uint32_t tb_rotate_left_32(uint32_t value, unsigned count)
{
    return value << (count & 31) | value >> (-count & 31);
}

/* Fills key; gives the direction of the packet: 0 from the lower endpoint to the higher, 1 back. */
unsigned tb_flow_key_make(const struct tb_endpoint *source, const struct tb_endpoint *destination, uint8_t version,
                          uint8_t protocol, struct tb_flow_key *key);

/* The same for IPv4. Addresses and ports stand as in the headers, the source's above. */
static inline unsigned tb_flow_key_make_short(uint64_t addresses, uint32_t ports, uint8_t protocol,
                                              struct tb_flow_key *key)
{
    const uint64_t addresses_back = addresses << 32 | addresses >> 32;
    const uint32_t ports_back = ports << 16 | ports >> 16;
    const bool back = addresses == addresses_back ? ports > ports_back : addresses > addresses_back;
    /* No branch, which would be guessed wrong half the time. */
    const uint64_t low_and_high = tb_rotate_left_64(addresses, 32U * back);
    const uint32_t high_and_low_port = tb_rotate_left_32(ports_back, 16U * back);
    key->words[0] = 0;
    key->words[1] = low_and_high >> 32;
    key->words[2] = 0;
    key->words[3] = (uint32_t)low_and_high;
    key->words[4] = high_and_low_port | (uint64_t)protocol << 32 | (uint64_t)4 << 40;
    return back;
}

/* The lower (0) or the higher (1) endpoint of a key; the source of a packet is the one that its direction says. */
static inline struct tb_endpoint tb_flow_key_endpoint(const struct tb_flow_key *key, unsigned which)
{
    return (struct tb_endpoint){.high = key->words[2 * which],
                                .low = key->words[2 * which + 1],
                                .port = (uint16_t)(key->words[4] >> (16 * which))};
}

/* The same as an address with its version, bytes in network order. */
struct tb_address tb_flow_key_address(const struct tb_flow_key *key, unsigned which);

/* 4 or 6. */
static inline uint8_t tb_flow_key_version(const struct tb_flow_key *key)
{
    return (uint8_t)(key->words[4] >> 40);
}

/* Ports first: they differ most often. */
static inline bool tb_flow_key_is(const struct tb_flow_key *key, const struct tb_flow_key *other)
{
    const uint64_t *const one = key->words, *const two = other->words;
    return one[4] == two[4] && one[1] == two[1] && one[3] == two[3] && one[0] == two[0] && one[2] == two[2];
}

/* Both halves of the product. */
static inline uint64_t tb_flow_key_mix(uint64_t one, uint64_t other)
{
    const unsigned __int128 product = (unsigned __int128)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A hash of the key, seeded: see hash_seed.h. Each word meets a factor that depends on the seed, so
 * no difference of two keys cancels for every seed. The constants are odd, and have about as many
 * bits set as not. */
static inline uint64_t tb_flow_key_hash(const struct tb_flow_key *key, uint64_t seed)
{
    const uint64_t *const words = key->words;
    const uint64_t turned = seed << 29 | seed >> 35;
    uint64_t addresses = tb_flow_key_mix(words[1] ^ seed ^ UINT64_C(0xa0761d6478bd642f), words[3] ^ turned);
    if ((words[0] | words[2]) != 0)
        addresses ^= tb_flow_key_mix(words[0] ^ turned ^ UINT64_C(0xe7037ed1a0b428db), words[2] ^ ~seed);
    return tb_flow_key_mix(addresses ^ words[4], seed ^ UINT64_C(0x8ebc6af09c88c6e3));
}

#endif
