/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_HEADERS_H
#define TWINBED_SRC_PACKET_HEADERS_H

/* The headers of a packet, one behind the other. Each kind is read by a function of its own, which steps over the header
 * and says what comes next; packet.c has the table of them. */

#include "packet.h"
#include "twinbed/packet/encapsulations.h"

enum tb_header {
    TB_HEADER_NONE, /* none that is read */
    TB_HEADER_IP,   /* of the version that its first bits say */
    TB_HEADER_IPV4,
    TB_HEADER_IPV6,
    TB_HEADER_IPV4_IN_IP,
    TB_HEADER_IPV6_IN_IP,
    TB_HEADER_ETHERNET,
    TB_HEADER_COOKED,
    TB_HEADER_COOKED_2,
    TB_HEADER_LOOPBACK,
    TB_HEADER_FDDI,
    TB_HEADER_LLC,
    TB_HEADER_VLAN,
    TB_HEADER_MPLS,
    TB_HEADER_PPPOE,
    TB_HEADER_PPP,
    TB_HEADER_DIRECTED_PPP, /* a byte that says which way it went before it */
    TB_HEADER_CISCO_HDLC,
    TB_HEADER_DIRECTED_HDLC, /* the same */
    TB_HEADER_SERIAL,        /* one of both, as its first byte says */
    TB_HEADER_RADIOTAP,
    TB_HEADER_WLAN,
    TB_HEADER_GRE,
    TB_HEADER_ERSPAN_1,
    TB_HEADER_ERSPAN_2,
    TB_HEADER_ERSPAN_3,
    TB_HEADER_VXLAN,
    TB_HEADER_GENEVE,
    TB_HEADER_GTP,
    TB_HEADERS
};

struct tb_headers {
    const uint8_t *data;       /* those still ahead */
    uint32_t kept;             /* bytes of them in the file */
    uint32_t wire;             /* and on the wire */
    uint32_t ethertype;        /* by which the latest header names what it carries; 0: by none */
    enum tb_header next;       /* what is ahead */
    uint32_t encapsulations;   /* a bit, 1 << enum tb_encapsulation, for each that was met */
    unsigned depth;            /* how many were met */
    bool outer_only;           /* what an IP packet carries is no packet */
    uint64_t place;            /* of what stands around the packet, what is the same for all that pass that point */
    const uint8_t *ip;         /* the latest IP header */
    struct tb_packet *packet;  /* by it, and by what follows it */
    struct tb_endpoint source; /* the same */
    struct tb_endpoint destination;
};

/* What a packet is of which more headers are expected than were kept: cut, unless it was as short on the wire. */
static inline enum tb_packet_kind tb_headers_too_short(const struct tb_headers *headers)
{
    return headers->wire > headers->kept ? TB_PACKET_CUT : TB_PACKET_UNPARSED;
}

static inline bool tb_headers_step(struct tb_headers *headers, uint32_t count)
{
    if (count > headers->kept)
        return false;
    headers->data += count;
    headers->kept -= count;
    headers->wire -= count;
    return true;
}

/* What is behind so many bytes is no part of the packet. */
static inline void tb_headers_limit(struct tb_headers *headers, uint32_t length)
{
    if (headers->kept > length)
        headers->kept = length;
    if (headers->wire > length)
        headers->wire = length;
}

/* Steps over the header, behind which is the next. */
static inline enum tb_packet_kind tb_headers_pass(struct tb_headers *headers, uint32_t size, enum tb_header next)
{
    if (!tb_headers_step(headers, size))
        return tb_headers_too_short(headers);
    headers->next = next;
    return TB_PACKET_NESTED;
}

/* A number that names a header. */
struct tb_named_header {
    uint32_t number;
    enum tb_header header;
};

static inline enum tb_header tb_header_named(const struct tb_named_header *named, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (named[i].number == number)
            return named[i].header;
    return TB_HEADER_NONE;
}

#define TB_HEADER_NAMED(named, number) tb_header_named(named, sizeof(named) / sizeof((named)[0]), number)

#endif
