/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Little-endian. The first part:
 *
 *       0  flags         1  protocol       2  TCP flags      3  ECN bits, flags of options
 *       4  ports         8  number        12  IP bytes      16  payload
 *      20  kept         24  sequence      28  acknowledgement
 *      32  window       34  urgent        36  MSS           38  scale
 *      39  SACK blocks  40  requests      41  closes   42  transport header
 *      44  identification                 48  time
 *      56  source       60  destination: their first four bytes
 *      64  mark
 *
 * The second, if the flags say so:
 *
 *       0  source       12  destination: the other bytes
 *      24  clock        32  fragment offset
 *      36  datagram number                40  datagram shard  42  datagram */
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

/* In network order. */
static inline void store_address(uint8_t *at, uint64_t value, unsigned count)
{
    while (count-- > 0) {
        at[count] = (uint8_t)value;
        value >>= 8;
    }
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

/* The first four bytes of an address, and those that the second part has. */
static inline void store_first(uint8_t *at, const struct tb_endpoint *endpoint, uint8_t version)
{
    store_address(at, version == 4 ? endpoint->low : endpoint->high >> 32, 4);
}

static void store_other(uint8_t *at, const struct tb_endpoint *endpoint, uint8_t version)
{
    store_address(at, version == 4 ? 0 : endpoint->high, 4);
    store_address(at + 4, version == 4 ? 0 : endpoint->low, 8);
}

static void store_rest(uint8_t *at, const struct tb_flow_packet *queued, const struct tb_endpoint *source,
                       const struct tb_endpoint *destination)
{
    const struct tb_packet *const packet = &queued->packet;
    store_other(at, source, packet->version);
    store_other(at + 12, destination, packet->version);
    store_u64(at + 24, queued->clock);
    store_u32(at + 32, packet->fragment_offset);
    store_u32(at + 36, packet->datagram_number);
    store_u16(at + 40, packet->datagram_shard);
    store_u16(at + 42, packet->datagram);
    store_u32(at + 44, 0);
}

void tb_packet_pack(const struct tb_parsed_packet *parsed, struct tb_buffer *buffer)
{
    const struct tb_flow_packet *const queued = &parsed->queued;
    const struct tb_packet *const packet = &queued->packet;
    const struct tb_endpoint source = tb_flow_key_endpoint(&parsed->key, queued->direction);
    const struct tb_endpoint destination = tb_flow_key_endpoint(&parsed->key, !queued->direction);
    const bool rest = packet->version == 6 || packet->fragment || queued->clock != queued->time;
    uint8_t bytes[TB_PACKET_PACKED + TB_PACKET_PACKED_REST];
    bytes[0] = flags_of(packet, rest);
    bytes[1] = packet->protocol;
    bytes[2] = packet->tcp_flags;
    bytes[3] = options_of(packet);
    store_u16(bytes + 4, source.port);
    store_u16(bytes + 6, destination.port);
    store_u32(bytes + 8, (uint32_t)queued->number);
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
    bytes[40] = packet->requests;
    bytes[41] = packet->closes;
    store_u16(bytes + 42, packet->transport_header);
    store_u32(bytes + 44, packet->identification);
    store_u64(bytes + 48, queued->time);
    store_first(bytes + 56, &source, packet->version);
    store_first(bytes + 60, &destination, packet->version);
    store_u64(bytes + 64, packet->mark);
    if (rest)
        store_rest(bytes + TB_PACKET_PACKED, queued, &source, &destination);
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

static inline void load_first(struct tb_flow_packet *queued, const uint8_t *bytes, bool swap)
{
    struct tb_packet *const packet = &queued->packet;
    set_flags(packet, bytes[0]);
    packet->protocol = bytes[1];
    packet->tcp_flags = bytes[2];
    queued->number = tb_load_u32(bytes + 8, swap);
    packet->ip_bytes = tb_load_u32(bytes + 12, swap);
    packet->payload = tb_load_u32(bytes + 16, swap);
    packet->kept = tb_load_u32(bytes + 20, swap);
    packet->sequence = tb_load_u32(bytes + 24, swap);
    packet->acknowledgement = tb_load_u32(bytes + 28, swap);
    packet->window = tb_load_u16(bytes + 32, swap);
    packet->urgent = tb_load_u16(bytes + 34, swap);
    set_options(packet, bytes[3], bytes + 36, swap);
    packet->requests = bytes[40];
    packet->closes = bytes[41] != 0;
    packet->transport_header = bytes[42];
    packet->identification = tb_load_u32(bytes + 44, swap);
    queued->time = queued->clock = tb_load_u64(bytes + 48, swap);
    packet->datagram = packet->datagram_shard = 0;
    packet->datagram_number = packet->fragment_offset = 0;
    packet->mark = tb_load_u64(bytes + 64, swap);
    packet->copied = false;
}

static bool load_rest(struct tb_flow_packet *queued, const uint8_t *bytes, bool swap)
{
    struct tb_packet *const packet = &queued->packet;
    queued->clock = tb_load_u64(bytes + 24, swap);
    packet->fragment_offset = tb_load_u32(bytes + 32, swap);
    packet->datagram_number = tb_load_u32(bytes + 36, swap);
    packet->datagram_shard = tb_load_u16(bytes + 40, swap);
    packet->datagram = bytes[42];
    return packet->datagram < TB_FRAGMENTS_DATAGRAMS;
}

static unsigned load_short_key(struct tb_flow_key *key, const uint8_t *first, bool swap)
{
    const uint32_t ports = (uint32_t)tb_load_u16(first + 4, swap) << 16 | tb_load_u16(first + 6, swap);
    return tb_flow_key_make_short(tb_load_be64(first + 56), ports, first[1], key);
}

/* The address of an endpoint, of which the bytes behind the first four stand at rest. */
static struct tb_endpoint load_long(const uint8_t *first, const uint8_t *rest, uint16_t port)
{
    return (struct tb_endpoint){
        .high = (uint64_t)tb_load_be32(first) << 32 | tb_load_be32(rest), .low = tb_load_be64(rest + 4), .port = port};
}

static unsigned load_long_key(struct tb_flow_key *key, const uint8_t *first, const uint8_t *rest, bool swap)
{
    const struct tb_endpoint source = load_long(first + 56, rest, tb_load_u16(first + 4, swap));
    const struct tb_endpoint destination = load_long(first + 60, rest + 12, tb_load_u16(first + 6, swap));
    return tb_flow_key_make(&source, &destination, 6, first[1], key);
}

/* What the flows rely on. */
static inline bool is_sound(const struct tb_packet *packet, uint8_t options)
{
    return (packet->protocol == TB_PROTOCOL_TCP || packet->protocol == TB_PROTOCOL_UDP) && (options & UNKNOWN) == 0 &&
           packet->options.scale <= SCALE_MAX && (packet->fragment || packet->kind == TB_PACKET_TRANSPORT);
}

bool tb_packet_unpack(struct tb_flow_packet *queued, struct tb_flow_key *key, struct tb_bytes *bytes)
{
    const uint8_t *first, *rest = NULL;
    if (!tb_bytes_take(bytes, TB_PACKET_PACKED, &first))
        return false;
    load_first(queued, first, bytes->swap);
    if ((first[0] & REST) != 0 &&
        (!tb_bytes_take(bytes, TB_PACKET_PACKED_REST, &rest) || !load_rest(queued, rest, bytes->swap)))
        return false;
    if (queued->packet.version == 4)
        queued->direction = load_short_key(key, first, bytes->swap);
    else if (rest != NULL)
        queued->direction = load_long_key(key, first, rest, bytes->swap);
    else
        return false;
    return is_sound(&queued->packet, first[3]);
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
        if (!tb_packet_unpack(&parsed.queued, &parsed.key, &bytes) || parsed.queued.number < next ||
            parsed.queued.number >= limit)
            return false;
        next = parsed.queued.number + 1;
    }
    return true;
}
