/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tunnels in IP, in UDP, and labels. What a tunnel carries is read as a packet of its own; one that
 * looks wrong is an ordinary datagram. */
#include "tunnels.h"

#include "links.h"

enum { ETHERTYPE_ARP = 0x0806, ETHERTYPE_MPLS = 0x8847, ETHERTYPE_PPPOE = 0x8864, ETHERTYPE_PPP = 0x880b };
enum { ETHERNET_HEADER = 14 };

/* --- which tunnel --- */

static const struct tb_named_header by_ip_protocol[] = {
    {4, TB_HEADER_IPV4_IN_IP},
    {41, TB_HEADER_IPV6_IN_IP},
    {47, TB_HEADER_GRE},
    {137, TB_HEADER_MPLS},
};

enum tb_header tb_tunnel_in_ip(uint8_t protocol)
{
    return TB_HEADER_NAMED(by_ip_protocol, protocol);
}

/* RFC 7348; with a group policy, draft-smith-vxlan-group-policy. All else is reserved, and zero. */
static bool looks_like_vxlan(const uint8_t *payload, uint32_t kept, uint32_t length)
{
    enum { HEADER = 8, HAS_NETWORK = 0x08, HAS_POLICY = 0x80, POLICY_FLAGS = 0x48 };
    if (kept < HEADER || length < HEADER + ETHERNET_HEADER || payload[7] != 0)
        return false;
    if (payload[0] == (HAS_NETWORK | HAS_POLICY))
        return (payload[1] & ~POLICY_FLAGS) == 0;
    return payload[0] == HAS_NETWORK && payload[1] == 0 && payload[2] == 0 && payload[3] == 0;
}

static uint32_t geneve_size(const uint8_t *header)
{
    return 8 + (header[0] & UINT32_C(0x3f)) * 4;
}

/* RFC 8926: version 0, and what is reserved is zero. */
static bool looks_like_geneve(const uint8_t *payload, uint32_t kept, uint32_t length)
{
    return kept >= 8 && (payload[0] & 0xc0) == 0 && (payload[1] & 0x3f) == 0 && payload[7] == 0 &&
           geneve_size(payload) <= length;
}

/* 3GPP TS 29.281: version 1, a user's packet, and as long as it says. */
static bool looks_like_gtp(const uint8_t *payload, uint32_t kept, uint32_t length)
{
    enum { FIXED = 0xf8, VERSION_1 = 0x30, USER_PACKET = 0xff };
    return kept >= 8 && (payload[0] & FIXED) == VERSION_1 && payload[1] == USER_PACKET &&
           8 + (uint32_t)tb_load_be16(payload + 2) <= length;
}

static const struct {
    uint16_t port;
    enum tb_header header;
    bool (*looks_right)(const uint8_t *payload, uint32_t kept, uint32_t length);
} by_port[] = {
    {4789, TB_HEADER_VXLAN, looks_like_vxlan},
    {8472, TB_HEADER_VXLAN, looks_like_vxlan}, /* Linux, unless told otherwise */
    {6081, TB_HEADER_GENEVE, looks_like_geneve},
    {2152, TB_HEADER_GTP, looks_like_gtp},
};

enum tb_header tb_tunnel_in_udp(uint16_t port, const uint8_t *payload, uint32_t kept, uint32_t length)
{
    for (size_t i = 0; i < sizeof by_port / sizeof by_port[0]; i++)
        if (by_port[i].port == port && by_port[i].looks_right(payload, kept, length))
            return by_port[i].header;
    return TB_HEADER_NONE;
}

/* --- labels and sessions --- */

static bool looks_like_ethernet(const uint8_t *data, uint32_t kept)
{
    if (kept < ETHERNET_HEADER)
        return false;
    const uint32_t ethertype = tb_load_be16(data + 12);
    return ethertype == ETHERTYPE_ARP || tb_ethertype_header(ethertype) != TB_HEADER_NONE;
}

/* What the labels carry is not named. Ethernet may stand behind a control word (RFC 4448), which begins with zero bits, or
 * directly. */
static enum tb_packet_kind pass_labels(struct tb_headers *headers)
{
    enum { CONTROL_WORD = 4 };
    const uint8_t *const data = headers->data;
    const uint32_t kept = headers->kept;
    headers->ethertype = ETHERTYPE_MPLS;
    switch (data[0] >> 4) {
    case 4:
        return tb_headers_pass(headers, 0, TB_HEADER_IPV4);
    case 6:
        return tb_headers_pass(headers, 0, TB_HEADER_IPV6);
    case 0:
        if (kept > CONTROL_WORD && looks_like_ethernet(data + CONTROL_WORD, kept - CONTROL_WORD))
            return tb_headers_pass(headers, CONTROL_WORD, TB_HEADER_ETHERNET);
        break;
    default:
        break;
    }
    return looks_like_ethernet(data, kept) ? tb_headers_pass(headers, 0, TB_HEADER_ETHERNET) : TB_PACKET_NOT_IP;
}

enum tb_packet_kind tb_read_mpls(struct tb_headers *headers)
{
    enum { LABEL = 4 };
    bool last = false;
    while (!last) {
        if (headers->kept < LABEL)
            return tb_headers_too_short(headers);
        last = (headers->data[2] & 1) != 0;
        tb_headers_step(headers, LABEL);
    }
    return headers->kept == 0 ? tb_headers_too_short(headers) : pass_labels(headers);
}

/* RFC 2516. */
enum tb_packet_kind tb_read_pppoe(struct tb_headers *headers)
{
    enum { HEADER = 6, VERSION_AND_TYPE = 0x11, SESSION_DATA = 0 };
    const uint8_t *const data = headers->data;
    if (headers->kept < HEADER)
        return tb_headers_too_short(headers);
    headers->ethertype = ETHERTYPE_PPPOE;
    if (data[0] != VERSION_AND_TYPE || data[1] != SESSION_DATA)
        return TB_PACKET_NOT_IP;
    const uint32_t length = tb_load_be16(data + 4);
    const enum tb_packet_kind kind = tb_headers_pass(headers, HEADER, TB_HEADER_PPP);
    tb_headers_limit(headers, length);
    return kind;
}

/* --- in IP --- */

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACKNOWLEDGED = 0x0080
};

static uint32_t gre_size(uint32_t flags)
{
    return 4 + ((flags & GRE_CHECKSUM) != 0 ? 4 : 0) + ((flags & GRE_KEY) != 0 ? 4 : 0) +
           ((flags & GRE_SEQUENCE) != 0 ? 4 : 0) + ((flags & GRE_ACKNOWLEDGED) != 0 ? 4 : 0);
}

/* PPTP's (RFC 2637): the upper half of the key says how much follows, which may be nothing. */
static enum tb_packet_kind pass_pptp(struct tb_headers *headers, uint32_t flags)
{
    if (headers->kept < 8)
        return tb_headers_too_short(headers);
    const uint32_t length = tb_load_be16(headers->data + 4);
    headers->ethertype = ETHERTYPE_PPP;
    const enum tb_packet_kind kind =
        tb_headers_pass(headers, gre_size(flags), length == 0 ? TB_HEADER_NONE : TB_HEADER_PPP);
    tb_headers_limit(headers, length);
    return kind;
}

/* RFC 2784, RFC 2890. What it carries with a route, which nobody sends any more, is not read. */
enum tb_packet_kind tb_read_gre(struct tb_headers *headers)
{
    enum { VERSION = 7, PPTP = 1, ERSPAN = 0x88be };
    if (headers->kept < 4)
        return tb_headers_too_short(headers);
    const uint32_t flags = tb_load_be16(headers->data), protocol = tb_load_be16(headers->data + 2);
    const uint32_t version = flags & VERSION;
    if (version == PPTP && protocol == ETHERTYPE_PPP && (flags & GRE_KEY) != 0)
        return pass_pptp(headers, flags);
    if (version != 0 || (flags & (GRE_ROUTING | GRE_ACKNOWLEDGED)) != 0)
        return TB_PACKET_OTHER_PROTOCOL;
    if (protocol != ERSPAN)
        return tb_headers_pass_named(headers, gre_size(flags), protocol);
    return tb_headers_pass(headers, gre_size(flags),
                           (flags & GRE_SEQUENCE) != 0 ? TB_HEADER_ERSPAN_2 : TB_HEADER_ERSPAN_1);
}

/* The three types: draft-foschiano-erspan. The first has no header of its own. */
enum tb_packet_kind tb_read_erspan_2(struct tb_headers *headers)
{
    return tb_headers_pass(headers, 8, TB_HEADER_ETHERNET);
}

enum tb_packet_kind tb_read_erspan_3(struct tb_headers *headers)
{
    enum { HEADER = 12, FURTHER = 8, KIND_MASK = 0x7c, KIND_ETHERNET = 0, KIND_IP = 2 << 2 };
    if (headers->kept < HEADER)
        return tb_headers_too_short(headers);
    const unsigned kind = headers->data[10] & KIND_MASK;
    const uint32_t size = (headers->data[11] & 1) != 0 ? HEADER + FURTHER : HEADER;
    return tb_headers_pass(headers, size,
                           kind == KIND_ETHERNET ? TB_HEADER_ETHERNET
                           : kind == KIND_IP     ? TB_HEADER_IP
                                                 : TB_HEADER_NONE);
}

/* --- in UDP: their headers were looked at --- */

enum tb_packet_kind tb_read_vxlan(struct tb_headers *headers)
{
    return tb_headers_pass(headers, 8, TB_HEADER_ETHERNET);
}

enum tb_packet_kind tb_read_geneve(struct tb_headers *headers)
{
    const uint8_t *const data = headers->data;
    return tb_headers_pass_named(headers, geneve_size(data), tb_load_be16(data + 2));
}

/* Each says what the next one is, in its last byte; 0: none. */
static enum tb_packet_kind pass_gtp_extensions(struct tb_headers *headers, uint8_t next)
{
    while (next != 0) {
        const uint32_t size = headers->kept == 0 ? 0 : headers->data[0] * UINT32_C(4);
        if (headers->kept != 0 && size == 0)
            return TB_PACKET_UNPARSED;
        if (headers->kept == 0 || headers->kept < size)
            return tb_headers_too_short(headers);
        next = headers->data[size - 1];
        tb_headers_step(headers, size);
    }
    return tb_headers_pass(headers, 0, TB_HEADER_IP);
}

enum tb_packet_kind tb_read_gtp(struct tb_headers *headers)
{
    enum { HEADER = 8, OPTIONAL = 4, ANY_OPTION = 7, HAS_EXTENSIONS = 4 };
    const uint8_t flags = headers->data[0];
    const uint32_t length = tb_load_be16(headers->data + 2);
    tb_headers_step(headers, HEADER);
    tb_headers_limit(headers, length);
    if ((flags & ANY_OPTION) == 0)
        return tb_headers_pass(headers, 0, TB_HEADER_IP);
    if (headers->kept < OPTIONAL)
        return tb_headers_too_short(headers);
    const uint8_t next = (flags & HAS_EXTENSIONS) != 0 ? headers->data[3] : 0;
    tb_headers_step(headers, OPTIONAL);
    return pass_gtp_extensions(headers, next);
}
