/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads headers one behind the other, by a table, up to TCP or UDP.
 *
 * What is known of an outer IP packet is dropped when it carries another (begin_ip). What is the
 * same for all packets that pass a point of the network, as link headers and ends of tunnels,
 * becomes its point, by which copies are told from packets sent again (tb_packet_mark). Numbers in
 * NEXT_... are IPv6 extension headers as IANA lists them. */
#include "packet.h"

#include <pcap/dlt.h>
#include <xxhash.h>

#include "headers.h"
#include "http.h"
#include "http2.h"
#include "links.h"
#include "packet_decode.h"
#include "tcp_options.h"
#include "test_packet.h"
#include "tls.h"
#include "tunnels.h"
#include "wlan.h"

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

static void look_for_streams(const uint8_t *data, uint32_t kept, struct tb_packet *packet)
{
    struct tb_http2_streams streams;
    if (packet->fragment || !tb_http2_find_streams(data, kept, &streams))
        return;
    packet->messages |= TB_MESSAGE_HTTP2_STREAM;
    packet->first_stream = streams.first;
    packet->last_stream = streams.last | (streams.cut ? TB_STREAM_CUT : 0);
}

static void look_at_payload(const uint8_t *data, uint32_t kept, struct tb_packet *packet)
{
    packet->kept = kept < packet->payload ? kept : packet->payload;
    if (tb_tls_may_begin(data[0])) {
        packet->closes = tb_tls_closes(data, packet->kept, packet->payload);
        packet->messages = tb_tls_messages(data, packet->kept) & TB_MESSAGES;
    }
    const uint32_t preface = tb_http2_preface(data, packet->kept);
    if (preface != 0)
        packet->messages |= TB_MESSAGE_HTTP2_PREFACE;
    if (tb_http2_may_begin(data + preface, packet->kept - preface))
        look_for_streams(data + preface, packet->kept - preface, packet);
    if (!tb_http_may_begin(data[0]))
        return;
    packet->reply = tb_http_is_reply(data, packet->kept);
    packet->requests = (uint8_t)tb_http_requests(data, packet->kept);
}

static void read_ports(struct tb_headers *headers)
{
    headers->source.port = tb_load_be16(headers->data);
    headers->destination.port = tb_load_be16(headers->data + 2);
}

/* size: of the header's bytes that were kept. */
static void read_options(const uint8_t *header, uint32_t size, struct tb_packet *packet)
{
    uint32_t stamp;
    tb_tcp_options_parse(header, size, &packet->options, &stamp);
    packet->mark = tb_packet_mark(stamp, 0);
}

static enum tb_packet_kind decode_tcp(struct tb_headers *headers, uint32_t length)
{
    if (headers->kept < 14)
        return tb_headers_too_short(headers);
    const uint8_t *const data = headers->data;
    struct tb_packet *const packet = headers->packet;
    packet->transport_header = (uint8_t)((data[12] >> 4) * 4);
    if (packet->transport_header < 20 || packet->transport_header > length)
        return TB_PACKET_UNPARSED;
    read_ports(headers);
    packet->sequence = tb_load_be32(data + 4);
    packet->acknowledgement = tb_load_be32(data + 8);
    packet->tcp_flags = data[13];
    packet->payload = length - packet->transport_header;
    packet->window = headers->kept < 16 ? 0 : tb_load_be16(data + 14);
    packet->urgent = headers->kept < 20 ? 0 : tb_load_be16(data + 18);
    if (packet->transport_header > 20)
        read_options(data, packet->transport_header < headers->kept ? packet->transport_header : headers->kept, packet);
    if (packet->payload != 0 && headers->kept > packet->transport_header)
        look_at_payload(data + packet->transport_header, headers->kept - packet->transport_header, packet);
    return TB_PACKET_TRANSPORT;
}

/* Goes on with what an IP packet carries in so many bytes, which is a packet of its own. Who exchanges such packets is the
 * same for all that pass a point. */
static enum tb_packet_kind go_inside(struct tb_headers *headers, uint32_t length, enum tb_header next)
{
    const uint64_t around[] = {headers->source.high,
                               headers->source.low,
                               headers->destination.high,
                               headers->destination.low,
                               headers->ip[headers->packet->version == 4 ? 8 : 7],
                               (uint64_t)next};
    headers->place = XXH3_64bits_withSeed(around, sizeof around, headers->place);
    headers->next = next;
    tb_headers_limit(headers, length);
    return TB_PACKET_NESTED;
}

/* The header of the datagram says its length, of which this may be the first fragment; 0 where it is too long to say. */
static enum tb_header tunnel_in(const struct tb_headers *headers)
{
    const struct tb_packet *const packet = headers->packet;
    if (headers->outer_only || packet->kept == 0)
        return TB_HEADER_NONE;
    const uint32_t length = tb_load_be16(headers->data + 4);
    return tb_tunnel_in_udp(headers->destination.port, headers->data + 8, packet->kept,
                            length < 8 ? packet->payload : length - 8);
}

static enum tb_packet_kind decode_udp(struct tb_headers *headers, uint32_t length)
{
    if (length < 8)
        return TB_PACKET_UNPARSED;
    if (headers->kept < 4)
        return tb_headers_too_short(headers);
    struct tb_packet *const packet = headers->packet;
    packet->transport_header = 8;
    read_ports(headers);
    packet->payload = length - packet->transport_header;
    packet->kept = headers->kept > 8 ? headers->kept - 8 : 0;
    if (packet->kept > packet->payload)
        packet->kept = packet->payload;
    const enum tb_header inside = tunnel_in(headers);
    if (inside != TB_HEADER_NONE && tb_headers_step(headers, 8))
        return go_inside(headers, packet->payload, inside);
    if (packet->kept != 0 && !packet->fragment)
        packet->test_packet = tb_test_packet_parse(headers->data + 8, packet->kept, &packet->sequence, &packet->sent);
    if (!packet->test_packet) {
        packet->sequence = 0;
        packet->mark = tb_packet_mark(headers->kept < 8 ? 0 : tb_load_be16(headers->data + 6), 0);
    }
    return TB_PACKET_TRANSPORT;
}

static enum tb_packet_kind decode_tunnel(struct tb_headers *headers, uint32_t length)
{
    const enum tb_header inside = headers->outer_only ? TB_HEADER_NONE : tb_tunnel_in_ip(headers->packet->protocol);
    if (inside == TB_HEADER_NONE)
        return TB_PACKET_OTHER_PROTOCOL;
    return headers->packet->fragment_offset != 0 ? TB_PACKET_TUNNEL_FRAGMENT : go_inside(headers, length, inside);
}

/* length: bytes on the wire behind the IP headers. */
static enum tb_packet_kind decode_transport(struct tb_headers *headers, uint32_t length)
{
    struct tb_packet *const packet = headers->packet;
    if (packet->protocol != TB_PROTOCOL_TCP && packet->protocol != TB_PROTOCOL_UDP)
        return decode_tunnel(headers, length);
    if (packet->fragment_offset != 0) {
        packet->payload = length;
        return TB_PACKET_LATER_FRAGMENT;
    }
    return packet->protocol == TB_PROTOCOL_TCP ? decode_tcp(headers, length) : decode_udp(headers, length);
}

/* What was known of the packet around this one is of no use any more. */
static void begin_ip(struct tb_headers *headers)
{
    if (headers->packet->version != 0) {
        *headers->packet = (struct tb_packet){.kind = TB_PACKET_NOT_IP};
        headers->source = headers->destination = (struct tb_endpoint){.port = 0};
    }
    headers->ip = headers->data;
}

/* A total length of 0 stands on segments above 64 KB that the sender's kernel
 * handed to the card whole: then the length is that of the frame. */
static enum tb_packet_kind read_ipv4(struct tb_headers *headers)
{
    begin_ip(headers);
    if (headers->kept < 20)
        return tb_headers_too_short(headers);
    const uint8_t *const data = headers->data;
    struct tb_packet *const packet = headers->packet;
    const uint32_t header = (uint32_t)(data[0] & 15) * 4;
    const uint32_t total = tb_load_be16(data + 2);
    packet->ip_bytes = total != 0 ? total : headers->wire;
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
    headers->source.low = tb_load_be32(data + 12);
    headers->destination.low = tb_load_be32(data + 16);
    if (!tb_headers_step(headers, header))
        return tb_headers_too_short(headers);
    return decode_transport(headers, packet->ip_bytes - header);
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
static enum tb_packet_kind decode_extensions(struct tb_headers *headers, uint32_t length)
{
    struct tb_packet *const packet = headers->packet;
    while (is_extension(packet->protocol) && packet->fragment_offset == 0) {
        if (headers->kept < 8)
            return tb_headers_too_short(headers);
        const uint8_t kind = packet->protocol;
        const uint32_t size = extension_size(kind, headers->data);
        if (size > length)
            return TB_PACKET_UNPARSED;
        if (kind == NEXT_FRAGMENT)
            read_fragment_header(headers->data, packet);
        packet->protocol = headers->data[0];
        length -= size;
        if (!tb_headers_step(headers, size))
            return tb_headers_too_short(headers);
    }
    return decode_transport(headers, length);
}

static enum tb_packet_kind read_ipv6(struct tb_headers *headers)
{
    begin_ip(headers);
    if (headers->kept < 40)
        return tb_headers_too_short(headers);
    if (headers->data[0] >> 4 != 6)
        return TB_PACKET_UNPARSED;
    const uint8_t *const data = headers->data;
    struct tb_packet *const packet = headers->packet;
    const uint32_t length = tb_load_be16(data + 4);
    packet->ip_bytes = length != 0 ? length + 40 : headers->wire;
    packet->length_zero = length == 0;
    packet->congestion = (data[1] >> 4) & 3;
    packet->version = 6;
    packet->protocol = data[6];
    headers->source = (struct tb_endpoint){.high = tb_load_be64(data + 8), .low = tb_load_be64(data + 16)};
    headers->destination = (struct tb_endpoint){.high = tb_load_be64(data + 24), .low = tb_load_be64(data + 32)};
    if (!tb_headers_step(headers, 40))
        return tb_headers_too_short(headers);
    return decode_extensions(headers, packet->ip_bytes - 40);
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
    if (record->link_type == TB_LINK_COOKED)
        return hash_cooked(link, size, 6, tb_load_be16(link + 4), seed);
    if (record->link_type == TB_LINK_COOKED_2)
        return hash_cooked(link, size, 12, link[11], seed);
    return XXH3_64bits_withSeed(link, size, seed);
}

/* The hop limit goes down on the way; interface and link header tell places of one network apart. place: of what stands
 * between link and IP header. */
static void set_point(const struct tb_packet_record *record, size_t size, const uint8_t *ip, uint64_t place,
                      struct tb_packet *packet)
{
    if (packet->test_packet || packet->identification != 0)
        return;
    const uint64_t hops = packet->version == 4 ? ip[8] : ip[7];
    const uint64_t hash = hash_link(record, size, place ^ ((uint64_t)record->interface << 8 | hops));
    packet->mark = tb_packet_mark(tb_packet_stamp(packet), (uint32_t)hash);
}

void tb_packet_set_point(const struct tb_packet_record *record, size_t size, struct tb_packet *packet)
{
    set_point(record, size, record->data + size, 0, packet);
}

static enum tb_packet_kind read_none(struct tb_headers *headers)
{
    (void)headers;
    return TB_PACKET_NOT_IP;
}

#define SEEN(name) (UINT32_C(1) << TB_ENCAPSULATION_##name)

/* lasting: at one point of the network it is the same for all packets between the same ends. */
static const struct header_reader {
    enum tb_packet_kind (*read)(struct tb_headers *headers);
    bool lasting;
    uint32_t seen;
} readers[TB_HEADERS] = {
    [TB_HEADER_NONE] = {read_none, false, 0},
    [TB_HEADER_IP] = {tb_read_ip, false, 0},
    [TB_HEADER_IPV4] = {read_ipv4, false, 0},
    [TB_HEADER_IPV6] = {read_ipv6, false, 0},
    [TB_HEADER_IPV4_IN_IP] = {read_ipv4, false, SEEN(IP_IN_IP)},
    [TB_HEADER_IPV6_IN_IP] = {read_ipv6, false, SEEN(IP_IN_IP)},
    [TB_HEADER_ETHERNET] = {tb_read_ethernet, true, 0},
    [TB_HEADER_COOKED] = {tb_read_cooked, true, 0},
    [TB_HEADER_COOKED_2] = {tb_read_cooked_2, true, 0},
    [TB_HEADER_LOOPBACK] = {tb_read_loopback, true, 0},
    [TB_HEADER_FDDI] = {tb_read_fddi, true, 0},
    [TB_HEADER_LLC] = {tb_read_llc, true, 0},
    [TB_HEADER_VLAN] = {tb_read_vlan, true, SEEN(VLAN)},
    [TB_HEADER_MPLS] = {tb_read_mpls, true, SEEN(MPLS)},
    [TB_HEADER_PPPOE] = {tb_read_pppoe, false, SEEN(PPPOE)},
    [TB_HEADER_PPP] = {tb_read_ppp, true, SEEN(PPP)},
    [TB_HEADER_DIRECTED_PPP] = {tb_read_directed_ppp, true, 0},
    [TB_HEADER_CISCO_HDLC] = {tb_read_cisco_hdlc, true, 0},
    [TB_HEADER_DIRECTED_HDLC] = {tb_read_directed_hdlc, true, 0},
    [TB_HEADER_SERIAL] = {tb_read_serial, true, 0},
    [TB_HEADER_RADIOTAP] = {tb_read_radiotap, false, SEEN(WLAN)},
    [TB_HEADER_WLAN] = {tb_read_wlan, false, SEEN(WLAN)},
    [TB_HEADER_GRE] = {tb_read_gre, false, SEEN(GRE)},
    [TB_HEADER_ERSPAN_1] = {tb_read_ethernet, false, SEEN(ERSPAN)},
    [TB_HEADER_ERSPAN_2] = {tb_read_erspan_2, false, SEEN(ERSPAN)},
    [TB_HEADER_ERSPAN_3] = {tb_read_erspan_3, false, SEEN(ERSPAN)},
    [TB_HEADER_VXLAN] = {tb_read_vxlan, false, SEEN(VXLAN)},
    [TB_HEADER_GENEVE] = {tb_read_geneve, false, SEEN(GENEVE)},
    [TB_HEADER_GTP] = {tb_read_gtp, false, SEEN(GTP)},
};

/* Packets inside packets end somewhere: more than eight encapsulations are no packet, but an
 * attempt to keep a decoder busy. */
enum { ENCAPSULATIONS_MOST = 8 };

/* Reads all headers; gives how many bytes of the first ones last. */
static size_t read_headers(struct tb_headers *headers)
{
    const uint8_t *const begin = headers->data, *lasting = begin;
    enum tb_packet_kind kind = TB_PACKET_NESTED;
    while (kind == TB_PACKET_NESTED) {
        const struct header_reader *const reader = &readers[headers->next];
        const bool lasts = reader->lasting && lasting == headers->data;
        headers->encapsulations |= reader->seen;
        headers->depth += reader->seen != 0;
        kind = headers->depth > ENCAPSULATIONS_MOST ? TB_PACKET_UNPARSED : reader->read(headers);
        if (lasts)
            lasting = headers->data;
    }
    headers->packet->kind = (uint8_t)kind;
    return (size_t)(lasting - begin);
}

static unsigned decode_any(const struct tb_packet_record *record, bool outer_only, struct tb_packet *packet,
                           struct tb_flow_key *key, struct tb_packet_headers *found)
{
    struct tb_headers headers = {.data = record->data,
                                 .kept = record->captured,
                                 .wire = record->original,
                                 .next = tb_link_header(record->link_type),
                                 .outer_only = outer_only,
                                 .packet = packet};
    *packet = (struct tb_packet){.kind = TB_PACKET_UNKNOWN_LINK};
    if (headers.next == TB_HEADER_NONE)
        return 0;
    const size_t lasting = read_headers(&headers);
    found->encapsulations = headers.encapsulations;
    found->ethertype = headers.ethertype;
    if (packet->kind != TB_PACKET_TRANSPORT && packet->kind != TB_PACKET_LATER_FRAGMENT)
        return 0;
    set_point(record, lasting, headers.ip, headers.place, packet);
    return tb_flow_key_make(&headers.source, &headers.destination, packet->version, packet->protocol, key);
}

unsigned tb_packet_decode(const struct tb_packet_record *record, bool outer_only, struct tb_packet *packet,
                          struct tb_flow_key *key, struct tb_packet_headers *headers)
{
    *headers = (struct tb_packet_headers){.encapsulations = 0};
    if (!tb_packet_is_plain(record))
        return decode_any(record, outer_only, packet, key, headers);
    tb_packet_decode_plain(record, packet);
    return tb_packet_plain_key(record, key);
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
    return tb_link_header(link_type) != TB_HEADER_NONE;
}

int tb_link_filter_type(uint32_t link_type)
{
    switch (link_type) {
    case TB_LINK_NULL:
    case TB_LINK_LOOP:
    case TB_LINK_RAW:
    case TB_LINK_RAW_BSD:
    case TB_LINK_RAW_OPENBSD:
    case TB_LINK_IPV4:
    case TB_LINK_IPV6:
        return DLT_RAW;
    case TB_LINK_PPP_DIRECTED:
        return DLT_PPP;
    case TB_LINK_CISCO_HDLC_DIRECTED:
        return DLT_C_HDLC;
    default:
        return (int)link_type;
    }
}

uint32_t tb_link_filter_offset(uint32_t link_type)
{
    switch (link_type) {
    case TB_LINK_NULL:
    case TB_LINK_LOOP:
        return 4;
    case TB_LINK_PPP_DIRECTED:
    case TB_LINK_CISCO_HDLC_DIRECTED:
        return 1;
    default:
        return 0;
    }
}
