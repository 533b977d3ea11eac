/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link headers. Where a field may be a length or a type, as in Ethernet, values up to 1500 are
 * lengths (IEEE 802.3), and IEEE 802.2 follows. */
#include "links.h"

enum {
    ETHERTYPE_LENGTH_MAX = 1500, /* up to here the field is a length, and an LLC header follows */
    ETHERTYPE_PPP = 0x880b
};

/* What is met most often comes first. */
static const struct tb_named_header by_ethertype[] = {
    {0x0800, TB_HEADER_IPV4},       {0x86dd, TB_HEADER_IPV6},     {0x8100, TB_HEADER_VLAN},
    {0x88a8, TB_HEADER_VLAN}, /* 802.1ad */
    {0x9100, TB_HEADER_VLAN}, /* QinQ before it */
    {0x9200, TB_HEADER_VLAN},       {0x8847, TB_HEADER_MPLS},     {0x8848, TB_HEADER_MPLS},
    {0x8864, TB_HEADER_PPPOE},      {0x6558, TB_HEADER_ETHERNET}, {0x22eb, TB_HEADER_ERSPAN_3},
    {ETHERTYPE_PPP, TB_HEADER_PPP},
};

static const struct tb_named_header by_ppp_protocol[] = {
    {0x0021, TB_HEADER_IPV4},
    {0x0057, TB_HEADER_IPV6},
    {0x0281, TB_HEADER_MPLS},
    {0x0283, TB_HEADER_MPLS},
};

/* LINKTYPE_ numbers, as tcpdump.org lists them. */
static const struct tb_named_header by_link_type[] = {
    {TB_LINK_ETHERNET, TB_HEADER_ETHERNET},
    {TB_LINK_COOKED, TB_HEADER_COOKED},
    {TB_LINK_COOKED_2, TB_HEADER_COOKED_2},
    {TB_LINK_NULL, TB_HEADER_LOOPBACK},
    {TB_LINK_LOOP, TB_HEADER_LOOPBACK},
    {TB_LINK_RAW, TB_HEADER_IP},
    {TB_LINK_RAW_BSD, TB_HEADER_IP},
    {TB_LINK_RAW_OPENBSD, TB_HEADER_IP},
    {TB_LINK_IPV4, TB_HEADER_IP},
    {TB_LINK_IPV6, TB_HEADER_IP},
    {TB_LINK_RADIOTAP, TB_HEADER_RADIOTAP},
    {TB_LINK_WLAN, TB_HEADER_WLAN},
    {TB_LINK_PPP, TB_HEADER_PPP},
    {TB_LINK_PPP_SERIAL, TB_HEADER_SERIAL},
    {TB_LINK_PPP_ETHER, TB_HEADER_PPPOE},
    {TB_LINK_PPP_DIRECTED, TB_HEADER_DIRECTED_PPP},
    {TB_LINK_CISCO_HDLC, TB_HEADER_CISCO_HDLC},
    {TB_LINK_CISCO_HDLC_DIRECTED, TB_HEADER_DIRECTED_HDLC},
    {TB_LINK_FDDI, TB_HEADER_FDDI},
    {TB_LINK_MPLS, TB_HEADER_MPLS},
};

enum tb_header tb_link_header(uint32_t link_type)
{
    return TB_HEADER_NAMED(by_link_type, link_type);
}

enum tb_header tb_ethertype_header(uint32_t ethertype)
{
    return TB_HEADER_NAMED(by_ethertype, ethertype);
}

enum tb_packet_kind tb_headers_pass_named(struct tb_headers *headers, uint32_t size, uint32_t ethertype)
{
    headers->ethertype = ethertype;
    return tb_headers_pass(headers, size, tb_ethertype_header(ethertype));
}

static enum tb_packet_kind pass_typed(struct tb_headers *headers, uint32_t size, uint32_t ethertype)
{
    if (ethertype > ETHERTYPE_LENGTH_MAX)
        return tb_headers_pass_named(headers, size, ethertype);
    headers->ethertype = 0;
    return tb_headers_pass(headers, size, TB_HEADER_LLC);
}

/* A link header of so many bytes that holds an ethertype at type_at. */
static enum tb_packet_kind pass_link(struct tb_headers *headers, uint32_t size, uint32_t type_at)
{
    if (headers->kept < size)
        return tb_headers_too_short(headers);
    return pass_typed(headers, size, tb_load_be16(headers->data + type_at));
}

enum tb_packet_kind tb_read_ethernet(struct tb_headers *headers)
{
    return pass_link(headers, 14, 12);
}

enum tb_packet_kind tb_read_cooked(struct tb_headers *headers)
{
    return pass_link(headers, 16, 14);
}

enum tb_packet_kind tb_read_cooked_2(struct tb_headers *headers)
{
    return pass_link(headers, 20, 0);
}

/* Any number of tags. */
enum tb_packet_kind tb_read_vlan(struct tb_headers *headers)
{
    enum tb_packet_kind kind;
    do {
        kind = pass_link(headers, 4, 2);
    } while (kind == TB_PACKET_NESTED && headers->next == TB_HEADER_VLAN);
    return kind;
}

enum tb_packet_kind tb_read_llc(struct tb_headers *headers)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    if (headers->kept < 8 || memcmp(headers->data, snap, sizeof snap) != 0)
        return TB_PACKET_NOT_IP;
    return tb_headers_pass_named(headers, 8, tb_load_be16(headers->data + 6));
}

/* Frames of the ring itself carry none. */
enum tb_packet_kind tb_read_fddi(struct tb_headers *headers)
{
    enum { SIZE = 13, FRAME_KIND = 0xf0, LLC = 0x50 };
    if (headers->kept < SIZE)
        return tb_headers_too_short(headers);
    return (headers->data[0] & FRAME_KIND) == LLC ? tb_headers_pass(headers, SIZE, TB_HEADER_LLC) : TB_PACKET_NOT_IP;
}

enum tb_packet_kind tb_read_ip(struct tb_headers *headers)
{
    if (headers->kept < 1)
        return tb_headers_too_short(headers);
    const unsigned version = headers->data[0] >> 4;
    headers->ethertype = 0;
    return tb_headers_pass(headers, 0, version == 4 ? TB_HEADER_IPV4 : version == 6 ? TB_HEADER_IPV6 : TB_HEADER_NONE);
}

static bool is_ip_family(uint32_t family)
{
    /* AF_INET, and the AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, macOS. */
    return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
}

enum tb_packet_kind tb_read_loopback(struct tb_headers *headers)
{
    if (headers->kept < 4)
        return tb_headers_too_short(headers);
    const uint8_t *const data = headers->data;
    const bool ip = is_ip_family(tb_load_u32(data, false)) || is_ip_family(tb_load_u32(data, true));
    return tb_headers_pass(headers, 4, ip ? TB_HEADER_IP : TB_HEADER_NONE);
}

/* RFC 1661; behind the address and control of HDLC, where they stand (RFC 1662). An odd first byte is all there is of the
 * protocol. */
enum tb_packet_kind tb_read_ppp(struct tb_headers *headers)
{
    const uint8_t *data = headers->data;
    const uint32_t framing = headers->kept >= 2 && data[0] == 0xff && data[1] == 0x03 ? 2 : 0;
    if (headers->kept <= framing)
        return tb_headers_too_short(headers);
    const uint32_t size = (data[framing] & 1) != 0 ? 1 : 2;
    if (headers->kept < framing + size)
        return tb_headers_too_short(headers);
    const uint32_t protocol = size == 1 ? data[framing] : tb_load_be16(data + framing);
    headers->ethertype = ETHERTYPE_PPP;
    return tb_headers_pass(headers, framing + size, TB_HEADER_NAMED(by_ppp_protocol, protocol));
}

enum tb_packet_kind tb_read_directed_ppp(struct tb_headers *headers)
{
    return tb_headers_pass(headers, 1, TB_HEADER_PPP);
}

enum tb_packet_kind tb_read_cisco_hdlc(struct tb_headers *headers)
{
    if (headers->kept < 4)
        return tb_headers_too_short(headers);
    return tb_headers_pass_named(headers, 4, tb_load_be16(headers->data + 2));
}

enum tb_packet_kind tb_read_directed_hdlc(struct tb_headers *headers)
{
    return tb_headers_pass(headers, 1, TB_HEADER_CISCO_HDLC);
}

/* To one station or to all, Cisco's address. */
enum tb_packet_kind tb_read_serial(struct tb_headers *headers)
{
    if (headers->kept < 1)
        return tb_headers_too_short(headers);
    const uint8_t address = headers->data[0];
    return tb_headers_pass(headers, 0, address == 0x0f || address == 0x8f ? TB_HEADER_CISCO_HDLC : TB_HEADER_PPP);
}
