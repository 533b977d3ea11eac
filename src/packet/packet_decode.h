/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_PACKET_DECODE_H
#define TWINBED_SRC_PACKET_PACKET_DECODE_H

/* Most packets are Ethernet, IPv4 and TCP without more, and all their headers were kept: they are
 * decoded here, by a few loads of many fields each.
 *
 * tb_packet_is_plain first; if so, tb_packet_plain_key for the endpoints and tb_packet_decode_plain
 * for the rest. They come to what tb_packet_decode would, which asks them, too.
 *
 *       0        12    14          22      26         34         46       54
 *       Ethernet type  IPv4 ...    ttl..   addresses  TCP ports  offset   payload, or options */

#include "http.h"
#include "http2.h"
#include "packet.h"
#include "tls.h"

/* Offsets in such a packet, in bytes: of the IP header, its addresses, the TCP header, what is
 * behind that when it has no options. The length of a header without options. */
enum { TB_PLAIN_IP = 14, TB_PLAIN_ADDRESSES = 26, TB_PLAIN_TCP = 34, TB_PLAIN_PAYLOAD = 54, TB_PLAIN_HEADER = 20 };
/* Ethertype of IPv4, version 4, and five words of header: no options. */
#define TB_PLAIN_TYPE_AND_VERSION UINT64_C(0x080045)
/* Mask of the flag for more fragments, the offset, and the protocol, with the hop limit between
 * them. */
#define TB_PLAIN_FRAGMENT_AND_PROTOCOL UINT32_C(0x3fff00ff)

/* Length of the TCP header, in bytes, as it says. */
static inline uint32_t tb_plain_transport_header(const uint8_t *data)
{
    return (data[TB_PLAIN_TCP + 12] & 0xf0U) >> 2;
}

/* What is behind the fixed header: time stamps as most systems align them, and payload. */
static inline void tb_plain_behind(const uint8_t *tcp, uint32_t header, uint32_t kept, struct tb_packet *packet)
{
    static const uint8_t time_stamps[] = {1, 1, 8, 10};
    bool closer = false;
    if (header == 32 && kept >= 32 && memcmp(tcp + 20, time_stamps, sizeof time_stamps) == 0)
        packet->options.timestamps = true, packet->mark = tb_packet_mark(tb_load_be32(tcp + 24), 0);
    else
        closer = header != TB_PLAIN_HEADER;
    if (kept > header) {
        packet->kept = kept - header < packet->payload ? kept - header : packet->payload;
        closer = closer || tb_http_may_begin(tcp[header]) || tb_tls_may_begin(tcp[header]) ||
                 tb_http2_may_begin(tcp + header, packet->kept);
    }
    if (closer)
        tb_packet_look_closer(tcp, kept, packet);
}

/* Whether a record is such a packet. Its lengths are checked here, so that the functions below need
 * not. */
static inline bool tb_packet_is_plain(const struct tb_packet_record *record)
{
    const uint8_t *const data = record->data;
    if (record->link_type != TB_LINK_ETHERNET || record->captured < TB_PLAIN_PAYLOAD)
        return false;
    const uint64_t type_to_identification = tb_load_be64(data + 12);
    const uint32_t fragment_to_protocol = tb_load_be32(data + 20);
    const uint32_t total = (type_to_identification >> 16) & 0xffff, header = tb_plain_transport_header(data);
    return type_to_identification >> 40 == TB_PLAIN_TYPE_AND_VERSION &&
           (fragment_to_protocol & TB_PLAIN_FRAGMENT_AND_PROTOCOL) == TB_PROTOCOL_TCP && header >= TB_PLAIN_HEADER &&
           total >= TB_PLAIN_HEADER + header;
}

/* What tb_packet_decode would find in such a packet. Few fields are looked at at a time, so that they stay in
 * registers. */
static inline void tb_packet_decode_plain(const struct tb_packet_record *record, struct tb_packet *packet)
{
    const uint8_t *const data = record->data, *const tcp = data + TB_PLAIN_TCP;
    const uint64_t type_to_identification = tb_load_be64(data + 12);
    const uint32_t total = (type_to_identification >> 16) & 0xffff, header = tb_plain_transport_header(data);
    *packet = (struct tb_packet){.kind = TB_PACKET_TRANSPORT, .version = 4, .protocol = TB_PROTOCOL_TCP};
    packet->ip_bytes = total;
    packet->payload = total - TB_PLAIN_HEADER - header;
    packet->identification = type_to_identification & 0xffff;
    packet->congestion = (type_to_identification >> 32) & 3;
    packet->transport_header = (uint8_t)header;
    packet->sequence = tb_load_be32(tcp + 4);
    packet->acknowledgement = tb_load_be32(tcp + 8);
    packet->tcp_flags = tcp[13];
    packet->window = tb_load_be16(tcp + 14);
    packet->urgent = tb_load_be16(tcp + 18);
    tb_plain_behind(tcp, header, record->captured - TB_PLAIN_TCP, packet);
    if (__builtin_expect(packet->identification == 0, false)) {
        /* A copy: the record itself stays in registers as nobody gets its address. */
        const struct tb_packet_record same = *record;
        tb_packet_set_point(&same, TB_PLAIN_IP, packet);
    }
}

/* The key of such a packet, and its direction. */
static inline unsigned tb_packet_plain_key(const struct tb_packet_record *record, struct tb_flow_key *key)
{
    return tb_flow_key_make_short(tb_load_be64(record->data + TB_PLAIN_ADDRESSES),
                                  tb_load_be32(record->data + TB_PLAIN_TCP), TB_PROTOCOL_TCP, key);
}

#endif
