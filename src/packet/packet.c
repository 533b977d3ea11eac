/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packet.h"

#include <pcap/dlt.h>
#include <xxhash.h>

#include "http.h"
#include "packet_decode.h"
#include "tcp_options.h"
#include "test_packet.h"
#include "tls.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = TB_LINK_ETHERNET,
    LINK_RAW_BSD = 12,
    LINK_RAW_OPENBSD = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_COOKED = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_COOKED_2 = 276
};

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_PROVIDER_VLAN = 0x88a8,
    ETHERTYPE_OLD_QINQ = 0x9100,
    ETHERTYPE_OLD_QINQ_2 = 0x9200,
    ETHERTYPE_LENGTH_MAX = 1500, /* up to here the field is a length, and an LLC header follows */
    ETHERTYPE_NONE = 0
};

enum {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AUTHENTICATION = 51,
    NEXT_DESTINATION = 60,
    NEXT_MOBILITY = 135,
    NEXT_HOST_IDENTITY = 139,
    NEXT_SHIM6 = 140
};

/* The headers still ahead: how many bytes of them were kept, and how many there
 * were on the wire. */
struct ahead {
    const uint8_t *data;
    uint32_t kept;
    uint32_t wire;
};

struct ends {
    struct tb_endpoint source;
    struct tb_endpoint destination;
};

/* What a packet is of which more headers are expected than were kept: cut, unless it was as short on the wire. */
static enum tb_packet_kind too_short(const struct ahead *ahead)
{
    return ahead->wire > ahead->kept ? TB_PACKET_CUT : TB_PACKET_UNPARSED;
}

static bool step(struct ahead *ahead, uint32_t count)
{
    if (count > ahead->kept)
        return false;
    ahead->data += count;
    ahead->kept -= count;
    ahead->wire -= count;
    return true;
}

static bool is_vlan(uint32_t ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_PROVIDER_VLAN || ethertype == ETHERTYPE_OLD_QINQ ||
           ethertype == ETHERTYPE_OLD_QINQ_2;
}

/* Steps over VLAN tags and an LLC/SNAP header. False when the packet is cut inside them. */
static bool step_tags(struct ahead *ahead, uint32_t *ethertype)
{
    while (is_vlan(*ethertype)) {
        if (ahead->kept < 4)
            return false;
        *ethertype = tb_load_be16(ahead->data + 2);
        if (!step(ahead, 4))
            return false;
    }
    if (*ethertype > ETHERTYPE_LENGTH_MAX)
        return true;
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    if (ahead->kept < 8 || memcmp(ahead->data, snap, sizeof snap) != 0) {
        *ethertype = ETHERTYPE_NONE;
        return true;
    }
    *ethertype = tb_load_be16(ahead->data + 6);
    return step(ahead, 8);
}

/* A link header of so many bytes that holds an ethertype at type_at. */
static bool step_typed_link(struct ahead *ahead, uint32_t size, uint32_t type_at, uint32_t *ethertype)
{
    if (ahead->kept < size)
        return false;
    *ethertype = tb_load_be16(ahead->data + type_at);
    return step(ahead, size) && step_tags(ahead, ethertype);
}

static bool step_raw_link(const struct ahead *ahead, uint32_t *ethertype)
{
    if (ahead->kept < 1)
        return false;
    const unsigned version = ahead->data[0] >> 4;
    *ethertype = version == 4 ? ETHERTYPE_IPV4 : version == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_NONE;
    return true;
}

static bool is_ip_family(uint32_t family)
{
    /* AF_INET, and the AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
    return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
}

static bool step_loopback(struct ahead *ahead, uint32_t *ethertype)
{
    if (ahead->kept < 4)
        return false;
    const bool ip = is_ip_family(tb_load_u32(ahead->data, false)) || is_ip_family(tb_load_u32(ahead->data, true));
    if (!step(ahead, 4))
        return false;
    *ethertype = ETHERTYPE_NONE;
    return ip ? step_raw_link(ahead, ethertype) : true;
}

static bool step_link(struct ahead *ahead, uint32_t link_type, uint32_t *ethertype)
{
    switch (link_type) {
    case LINK_ETHERNET:
        return step_typed_link(ahead, 14, 12, ethertype);
    case LINK_COOKED:
        return step_typed_link(ahead, 16, 14, ethertype);
    case LINK_COOKED_2:
        return step_typed_link(ahead, 20, 0, ethertype);
    case LINK_NULL:
    case LINK_LOOP:
        return step_loopback(ahead, ethertype);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        return step_raw_link(ahead, ethertype);
    default:
        *ethertype = ETHERTYPE_NONE;
        return true;
    }
}

static void look_at_payload(const uint8_t *data, uint32_t kept, struct tb_packet *packet)
{
    packet->kept = kept < packet->payload ? kept : packet->payload;
    packet->closes = tb_tls_closes(data, packet->kept, packet->payload);
    if (!tb_http_may_begin(data[0]))
        return;
    packet->reply = tb_http_is_reply(data, packet->kept);
    packet->requests = (uint8_t)tb_http_requests(data, packet->kept);
}

static void read_ports(const uint8_t *data, struct ends *ends)
{
    ends->source.port = tb_load_be16(data);
    ends->destination.port = tb_load_be16(data + 2);
}

/* size: of the header's bytes that were kept. */
static void read_options(const uint8_t *header, uint32_t size, struct tb_packet *packet)
{
    uint32_t stamp;
    tb_tcp_options_parse(header, size, &packet->options, &stamp);
    packet->mark = tb_packet_mark(stamp, 0);
}

static enum tb_packet_kind decode_tcp(struct ahead *ahead, uint32_t length, struct tb_packet *packet, struct ends *ends)
{
    if (ahead->kept < 14)
        return too_short(ahead);
    const uint8_t *data = ahead->data;
    packet->transport_header = (uint8_t)((data[12] >> 4) * 4);
    if (packet->transport_header < 20 || packet->transport_header > length)
        return TB_PACKET_UNPARSED;
    read_ports(data, ends);
    packet->sequence = tb_load_be32(data + 4);
    packet->acknowledgement = tb_load_be32(data + 8);
    packet->tcp_flags = data[13];
    packet->payload = length - packet->transport_header;
    packet->window = ahead->kept < 16 ? 0 : tb_load_be16(data + 14);
    packet->urgent = ahead->kept < 20 ? 0 : tb_load_be16(data + 18);
    if (packet->transport_header > 20)
        read_options(data, packet->transport_header < ahead->kept ? packet->transport_header : ahead->kept, packet);
    if (packet->payload != 0 && ahead->kept > packet->transport_header)
        look_at_payload(data + packet->transport_header, ahead->kept - packet->transport_header, packet);
    return TB_PACKET_TRANSPORT;
}

static enum tb_packet_kind decode_udp(struct ahead *ahead, uint32_t length, struct tb_packet *packet, struct ends *ends)
{
    if (length < 8)
        return TB_PACKET_UNPARSED;
    if (ahead->kept < 4)
        return too_short(ahead);
    packet->transport_header = 8;
    read_ports(ahead->data, ends);
    packet->payload = length - packet->transport_header;
    packet->kept = ahead->kept > 8 ? ahead->kept - 8 : 0;
    if (packet->kept > packet->payload)
        packet->kept = packet->payload;
    if (packet->kept != 0 && !packet->fragment)
        packet->test_packet = tb_test_packet_parse(ahead->data + 8, packet->kept, &packet->sequence, &packet->sent);
    if (!packet->test_packet) {
        packet->sequence = 0;
        packet->mark = tb_packet_mark(ahead->kept < 8 ? 0 : tb_load_be16(ahead->data + 6), 0);
    }
    return TB_PACKET_TRANSPORT;
}

/* length: bytes on the wire behind the IP headers. */
static enum tb_packet_kind decode_transport(struct ahead *ahead, uint32_t length, struct tb_packet *packet,
                                            struct ends *ends)
{
    if (packet->protocol != TB_PROTOCOL_TCP && packet->protocol != TB_PROTOCOL_UDP)
        return TB_PACKET_OTHER_PROTOCOL;
    if (packet->fragment_offset != 0) {
        packet->payload = length;
        return TB_PACKET_LATER_FRAGMENT;
    }
    if (packet->protocol == TB_PROTOCOL_TCP)
        return decode_tcp(ahead, length, packet, ends);
    return decode_udp(ahead, length, packet, ends);
}

/* A total length of 0 stands on segments above 64 KB that the sender's kernel
 * handed to the card whole: then the length is that of the frame. */
static enum tb_packet_kind decode_ipv4(struct ahead *ahead, struct tb_packet *packet, struct ends *ends)
{
    if (ahead->kept < 20)
        return too_short(ahead);
    const uint8_t *data = ahead->data;
    const uint32_t header = (uint32_t)(data[0] & 15) * 4;
    const uint32_t total = tb_load_be16(data + 2);
    packet->ip_bytes = total != 0 ? total : ahead->wire;
    packet->length_zero = total == 0;
    packet->congestion = data[1] & 3;
    if (data[0] >> 4 != 4 || header < 20 || packet->ip_bytes < header)
        return TB_PACKET_UNPARSED;
    const uint32_t fragment = tb_load_be16(data + 6);
    packet->version = 4;
    packet->protocol = data[9];
    packet->identification = tb_load_be16(data + 4);
    packet->fragment_offset = (fragment & 0x1fff) * 8;
    packet->fragment = (fragment & 0x3fff) != 0;
    packet->last_fragment = packet->fragment && (fragment & 0x2000) == 0;
    ends->source.low = tb_load_be32(data + 12);
    ends->destination.low = tb_load_be32(data + 16);
    if (!step(ahead, header))
        return too_short(ahead);
    return decode_transport(ahead, packet->ip_bytes - header, packet, ends);
}

static bool is_extension(uint8_t next)
{
    return next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING || next == NEXT_FRAGMENT || next == NEXT_AUTHENTICATION ||
           next == NEXT_DESTINATION || next == NEXT_MOBILITY || next == NEXT_HOST_IDENTITY || next == NEXT_SHIM6;
}

static uint32_t extension_size(uint8_t kind, const uint8_t *data)
{
    if (kind == NEXT_FRAGMENT)
        return 8;
    return kind == NEXT_AUTHENTICATION ? ((uint32_t)data[1] + 2) * 4 : ((uint32_t)data[1] + 1) * 8;
}

static void read_fragment_header(const uint8_t *data, struct tb_packet *packet)
{
    const uint32_t fragment = tb_load_be16(data + 2);
    packet->fragment_offset = fragment & 0xfff8;
    packet->fragment = (fragment & 0xfff9) != 0;
    packet->last_fragment = packet->fragment && (fragment & 1) == 0;
    packet->identification = tb_load_be32(data + 4);
}

/* Behind the header of a later fragment nothing is a header any more. */
static enum tb_packet_kind decode_extensions(struct ahead *ahead, uint32_t length, struct tb_packet *packet,
                                             struct ends *ends)
{
    while (is_extension(packet->protocol) && packet->fragment_offset == 0) {
        if (ahead->kept < 8)
            return too_short(ahead);
        const uint8_t kind = packet->protocol;
        const uint32_t size = extension_size(kind, ahead->data);
        if (size > length)
            return TB_PACKET_UNPARSED;
        if (kind == NEXT_FRAGMENT)
            read_fragment_header(ahead->data, packet);
        packet->protocol = ahead->data[0];
        length -= size;
        if (!step(ahead, size))
            return too_short(ahead);
    }
    return decode_transport(ahead, length, packet, ends);
}

static enum tb_packet_kind decode_ipv6(struct ahead *ahead, struct tb_packet *packet, struct ends *ends)
{
    if (ahead->kept < 40)
        return too_short(ahead);
    if (ahead->data[0] >> 4 != 6)
        return TB_PACKET_UNPARSED;
    const uint8_t *data = ahead->data;
    const uint32_t length = tb_load_be16(data + 4);
    packet->ip_bytes = length != 0 ? length + 40 : ahead->wire;
    packet->length_zero = length == 0;
    packet->congestion = (data[1] >> 4) & 3;
    packet->version = 6;
    packet->protocol = data[6];
    ends->source = (struct tb_endpoint){.high = tb_load_be64(data + 8), .low = tb_load_be64(data + 16)};
    ends->destination = (struct tb_endpoint){.high = tb_load_be64(data + 24), .low = tb_load_be64(data + 32)};
    if (!step(ahead, 40))
        return too_short(ahead);
    return decode_extensions(ahead, packet->ip_bytes - 40, packet, ends);
}

/* Cooked headers have eight bytes for an address. What stands behind a shorter one is what the capturing kernel happened
 * to leave there. */
static uint64_t hash_cooked(const uint8_t *link, size_t size, size_t address, size_t length, uint64_t seed)
{
    enum { ADDRESS_ROOM = 8 };
    const size_t end = address + ADDRESS_ROOM, used = length < ADDRESS_ROOM ? address + length : end;
    return XXH3_64bits_withSeed(link + end, size - end, XXH3_64bits_withSeed(link, used, seed));
}

static uint64_t hash_link(const struct tb_packet_record *record, size_t size, uint64_t seed)
{
    const uint8_t *link = record->data;
    if (record->link_type == LINK_COOKED)
        return hash_cooked(link, size, 6, tb_load_be16(link + 4), seed);
    if (record->link_type == LINK_COOKED_2)
        return hash_cooked(link, size, 12, link[11], seed);
    return XXH3_64bits_withSeed(link, size, seed);
}

/* The hop limit goes down on the way; interface and link header tell places of one network apart. */
void tb_packet_set_point(const struct tb_packet_record *record, size_t size, struct tb_packet *packet)
{
    if (packet->test_packet || packet->identification != 0)
        return;
    const uint8_t *ip = record->data + size;
    const uint64_t hops = packet->version == 4 ? ip[8] : ip[7];
    const uint64_t hash = hash_link(record, size, (uint64_t)record->interface << 8 | hops);
    packet->mark = tb_packet_mark(tb_packet_stamp(packet), (uint32_t)hash);
}

static unsigned decode_any(const struct tb_packet_record *record, struct tb_packet *packet, struct tb_flow_key *key)
{
    struct ahead ahead = {.data = record->data, .kept = record->captured, .wire = record->original};
    struct ends ends = {.source.port = 0};
    uint32_t ethertype = ETHERTYPE_NONE;
    *packet = (struct tb_packet){.kind = TB_PACKET_NOT_IP};
    const bool stepped = step_link(&ahead, record->link_type, &ethertype);
    const size_t link_size = (size_t)(ahead.data - record->data);
    if (!stepped)
        packet->kind = (uint8_t)too_short(&ahead);
    else if (ethertype == ETHERTYPE_IPV4)
        packet->kind = (uint8_t)decode_ipv4(&ahead, packet, &ends);
    else if (ethertype == ETHERTYPE_IPV6)
        packet->kind = (uint8_t)decode_ipv6(&ahead, packet, &ends);
    if (packet->kind != TB_PACKET_TRANSPORT && packet->kind != TB_PACKET_LATER_FRAGMENT)
        return 0;
    tb_packet_set_point(record, link_size, packet);
    return tb_flow_key_make(&ends.source, &ends.destination, packet->version, packet->protocol, key);
}

unsigned tb_packet_decode(const struct tb_packet_record *record, struct tb_packet *packet, struct tb_flow_key *key)
{
    if (!tb_packet_is_plain(record))
        return decode_any(record, packet, key);
    tb_packet_decode_plain(record, packet);
    return tb_packet_plain_key(record, key);
}

uint32_t tb_packet_ethertype(const struct tb_packet_record *record)
{
    struct ahead ahead = {.data = record->data, .kept = record->captured, .wire = record->original};
    uint32_t ethertype = ETHERTYPE_NONE;
    return step_link(&ahead, record->link_type, &ethertype) ? ethertype : ETHERTYPE_NONE;
}

void tb_packet_look_closer(const uint8_t *tcp, uint32_t kept, struct tb_packet *packet)
{
    const uint32_t header = packet->transport_header;
    packet->options = (struct tb_tcp_options){0};
    packet->mark = 0;
    if (header > 20)
        read_options(tcp, header < kept ? header : kept, packet);
    if (packet->kept != 0)
        look_at_payload(tcp + header, packet->kept, packet);
}

bool tb_link_type_known(uint32_t link_type)
{
    return link_type == LINK_ETHERNET || link_type == LINK_COOKED || link_type == LINK_COOKED_2 ||
           tb_link_filter_type(link_type) == DLT_RAW;
}

int tb_link_filter_type(uint32_t link_type)
{
    switch (link_type) {
    case LINK_NULL:
    case LINK_LOOP:
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
    case LINK_IPV4:
    case LINK_IPV6:
        return DLT_RAW;
    default:
        return (int)link_type;
    }
}

uint32_t tb_link_filter_offset(uint32_t link_type)
{
    return link_type == LINK_NULL || link_type == LINK_LOOP ? 4 : 0;
}
