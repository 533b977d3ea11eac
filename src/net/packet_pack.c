/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Little-endian. The first part:
 *
 *       0  flags         1  protocol       2  TCP flags      3  ECN bits, flags of options
 *       4  ports         8  number        12  IP bytes      16  payload
 *      20  kept         24  sequence      28  acknowledgement
 *      32  window       34  urgent        36  MSS           38  scale
 *      39  SACK blocks  40  requests      42  transport header
 *      44  identification                 48  time
 *      56  source       60  destination: their first four bytes
 *
 * The second, if the flags say so:
 *
 *       0  source       12  destination: the other bytes
 *      24  clock        32  sent          40  fragment offset
 *      44  datagram number                48  datagram shard  50  datagram */
#include "packet_pack.h"

enum {
    VERSION_6 = 1,
    REST = 2,
    FRAGMENT = 4,
    LAST_FRAGMENT = 8,
    LATER_FRAGMENT = 16,
    LENGTH_ZERO = 32,
    REPLY = 64,
    TEST_PACKET = 128
};

enum { SCALED = 4, TIMESTAMPS = 8, SACK_PERMITTED = 16, DUPLICATE_SACK = 32, CONGESTION = 3, UNKNOWN = 0xc0 };

/* RFC 7323. */
enum { SCALE_MAX = 14 };

static inline void store_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void store_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static inline void store_u64(uint8_t *at, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static inline uint8_t flags_of(const struct tb_packet *packet, bool rest)
{
    return (uint8_t)((packet->version == 6 ? VERSION_6 : 0) | (rest ? REST : 0) | (packet->fragment ? FRAGMENT : 0) |
                     (packet->last_fragment ? LAST_FRAGMENT : 0) |
                     (packet->kind == TB_PACKET_LATER_FRAGMENT ? LATER_FRAGMENT : 0) |
                     (packet->length_zero ? LENGTH_ZERO : 0) | (packet->reply ? REPLY : 0) |
                     (packet->test_packet ? TEST_PACKET : 0));
}

static inline uint8_t options_of(const struct tb_packet *packet)
{
    const struct tb_tcp_options *const options = &packet->options;
    return (uint8_t)((packet->congestion & CONGESTION) | (options->scaled ? SCALED : 0) |
                     (options->timestamps ? TIMESTAMPS : 0) | (options->sack_permitted ? SACK_PERMITTED : 0) |
                     (options->duplicate_sack ? DUPLICATE_SACK : 0));
}

static void store_rest(uint8_t *at, const struct tb_parsed_packet *parsed)
{
    const struct tb_packet *const packet = &parsed->packet;
    memcpy(at, packet->source + 4, 12);
    memcpy(at + 12, packet->destination + 4, 12);
    store_u64(at + 24, parsed->stamp.clock);
    store_u64(at + 32, packet->sent);
    store_u32(at + 40, packet->fragment_offset);
    store_u32(at + 44, packet->datagram_number);
    store_u16(at + 48, packet->datagram_shard);
    store_u16(at + 50, packet->datagram);
    store_u32(at + 52, 0);
}

void tb_packet_pack(const struct tb_parsed_packet *parsed, struct tb_buffer *buffer)
{
    const struct tb_packet *const packet = &parsed->packet;
    const bool rest =
        packet->version == 6 || packet->fragment || packet->test_packet || parsed->stamp.clock != parsed->stamp.time;
    uint8_t bytes[TB_PACKET_PACKED + TB_PACKET_PACKED_REST];
    bytes[0] = flags_of(packet, rest);
    bytes[1] = packet->protocol;
    bytes[2] = packet->tcp_flags;
    bytes[3] = options_of(packet);
    store_u16(bytes + 4, packet->source_port);
    store_u16(bytes + 6, packet->destination_port);
    store_u32(bytes + 8, (uint32_t)parsed->stamp.number);
    store_u32(bytes + 12, packet->ip_bytes);
    store_u32(bytes + 16, packet->payload);
    store_u32(bytes + 20, packet->kept);
    store_u32(bytes + 24, packet->sequence);
    store_u32(bytes + 28, packet->acknowledgement);
    store_u16(bytes + 32, packet->window);
    store_u16(bytes + 34, packet->urgent);
    store_u16(bytes + 36, packet->options.mss);
    bytes[38] = packet->options.scale;
    bytes[39] = packet->options.sack_blocks;
    store_u16(bytes + 40, packet->requests);
    store_u16(bytes + 42, (uint16_t)packet->transport_header);
    store_u32(bytes + 44, packet->identification);
    store_u64(bytes + 48, parsed->stamp.time);
    memcpy(bytes + 56, packet->source, 4);
    memcpy(bytes + 60, packet->destination, 4);
    if (rest)
        store_rest(bytes + TB_PACKET_PACKED, parsed);
    tb_buffer_put(buffer, bytes, TB_PACKET_PACKED + (rest ? (size_t)TB_PACKET_PACKED_REST : 0));
}

static inline void set_flags(struct tb_packet *packet, uint8_t flags)
{
    packet->kind = (flags & LATER_FRAGMENT) != 0 ? TB_PACKET_LATER_FRAGMENT : TB_PACKET_TRANSPORT;
    packet->version = (flags & VERSION_6) != 0 ? 6 : 4;
    packet->fragment = (flags & FRAGMENT) != 0;
    packet->last_fragment = (flags & LAST_FRAGMENT) != 0;
    packet->length_zero = (flags & LENGTH_ZERO) != 0;
    packet->reply = (flags & REPLY) != 0;
    packet->test_packet = (flags & TEST_PACKET) != 0;
}

static inline void set_options(struct tb_packet *packet, uint8_t flags, const uint8_t *bytes, bool swap)
{
    packet->congestion = flags & CONGESTION;
    packet->options = (struct tb_tcp_options){.mss = tb_load_u16(bytes, swap),
                                              .scale = bytes[2],
                                              .sack_blocks = bytes[3],
                                              .scaled = (flags & SCALED) != 0,
                                              .timestamps = (flags & TIMESTAMPS) != 0,
                                              .sack_permitted = (flags & SACK_PERMITTED) != 0,
                                              .duplicate_sack = (flags & DUPLICATE_SACK) != 0};
}

static inline void load_first(struct tb_packet *packet, struct tb_packet_stamp *stamp, const uint8_t *bytes, bool swap)
{
    set_flags(packet, bytes[0]);
    packet->protocol = bytes[1];
    packet->tcp_flags = bytes[2];
    packet->source_port = tb_load_u16(bytes + 4, swap);
    packet->destination_port = tb_load_u16(bytes + 6, swap);
    stamp->number = tb_load_u32(bytes + 8, swap);
    packet->ip_bytes = tb_load_u32(bytes + 12, swap);
    packet->payload = tb_load_u32(bytes + 16, swap);
    packet->kept = tb_load_u32(bytes + 20, swap);
    packet->sequence = tb_load_u32(bytes + 24, swap);
    packet->acknowledgement = tb_load_u32(bytes + 28, swap);
    packet->window = tb_load_u16(bytes + 32, swap);
    packet->urgent = tb_load_u16(bytes + 34, swap);
    set_options(packet, bytes[3], bytes + 36, swap);
    packet->requests = bytes[40];
    packet->transport_header = tb_load_u16(bytes + 42, swap);
    packet->identification = tb_load_u32(bytes + 44, swap);
    stamp->time = stamp->clock = tb_load_u64(bytes + 48, swap);
    packet->datagram = 0;
    packet->datagram_shard = 0;
    packet->datagram_number = packet->fragment_offset = 0;
    packet->sent = 0;
    memset(packet->source, 0, sizeof packet->source);
    memset(packet->destination, 0, sizeof packet->destination);
    memcpy(packet->source, bytes + 56, 4);
    memcpy(packet->destination, bytes + 60, 4);
}

static bool load_rest(struct tb_packet *packet, struct tb_packet_stamp *stamp, const uint8_t *bytes, bool swap)
{
    memcpy(packet->source + 4, bytes, 12);
    memcpy(packet->destination + 4, bytes + 12, 12);
    stamp->clock = tb_load_u64(bytes + 24, swap);
    packet->sent = tb_load_u64(bytes + 32, swap);
    packet->fragment_offset = tb_load_u32(bytes + 40, swap);
    packet->datagram_number = tb_load_u32(bytes + 44, swap);
    packet->datagram_shard = tb_load_u16(bytes + 48, swap);
    packet->datagram = bytes[50];
    return packet->datagram < TB_FRAGMENTS_DATAGRAMS;
}

/* What the flows rely on. */
static inline bool is_sound(const struct tb_packet *packet, uint8_t options)
{
    return (packet->protocol == TB_PROTOCOL_TCP || packet->protocol == TB_PROTOCOL_UDP) && (options & UNKNOWN) == 0 &&
           packet->options.scale <= SCALE_MAX && (packet->fragment || packet->kind == TB_PACKET_TRANSPORT);
}

bool tb_packet_unpack(struct tb_packet *packet, struct tb_packet_stamp *stamp, struct tb_bytes *bytes)
{
    const uint8_t *first, *rest;
    if (!tb_bytes_take(bytes, TB_PACKET_PACKED, &first))
        return false;
    load_first(packet, stamp, first, bytes->swap);
    if ((first[0] & REST) != 0 &&
        (!tb_bytes_take(bytes, TB_PACKET_PACKED_REST, &rest) || !load_rest(packet, stamp, rest, bytes->swap)))
        return false;
    return is_sound(packet, first[3]);
}

uint64_t tb_packet_packed_number(const struct tb_bytes *bytes)
{
    return bytes->left < TB_PACKET_PACKED ? UINT64_MAX : tb_load_u32(bytes->data + 8, bytes->swap);
}

bool tb_packets_are_packed(struct tb_bytes bytes, uint64_t limit)
{
    uint64_t next = 0;
    while (bytes.left > 0) {
        struct tb_parsed_packet parsed;
        if (!tb_packet_unpack(&parsed.packet, &parsed.stamp, &bytes) || parsed.stamp.number < next ||
            parsed.stamp.number >= limit)
            return false;
        next = parsed.stamp.number + 1;
    }
    return true;
}
