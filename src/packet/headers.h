/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_HEADERS_H
#define TWINBED_SRC_PACKET_HEADERS_H

/* The headers of a packet, one behind the other. Each kind is read by a function of its own, which
 * steps over the header and says what comes next; packet.c has the table of them.
 *
 *       struct tb_headers: data, kept, wire  ->  reader of next  ->  TB_PACKET_NESTED: again
 *                                                                ->  any other kind: that is what the packet is
 *
 * To add a header: a name in enum tb_header, a row in the table of packet.c, and a reader in
 * links.c, tunnels.c or wlan.c. A reader looks at no byte before it has compared kept with what it
 * needs, and steps with tb_headers_step or tb_headers_pass, which do so as well. */

#include "packet.h"
#include "twinbed/packet/encapsulations.h"

/* Kinds of headers that are read. */
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
    TB_HEADER_LLC, /* IEEE 802.2, with SNAP. */
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

/* A packet while its headers are read. */
struct tb_headers {
    const uint8_t *data;     /* those still ahead */
    uint32_t kept;           /* Bytes of them in the file. */
    uint32_t wire;           /* Bytes of them on the wire, at least kept. */
    uint32_t ethertype;      /* by which the latest header names what it carries; 0: by none */
    enum tb_header next;     /* what is ahead */
    uint32_t encapsulations; /* a bit, 1 << enum tb_encapsulation, for each that was met */
    unsigned depth;          /* How many encapsulations were met, to bound them. */
    bool outer_only;         /* what an IP packet carries is no packet */
    uint64_t place;          /* A hash of what stands around the packet and is the same for all that pass that point. */
    const uint8_t *ip;       /* The latest IP header; borrowed from the record. */
    struct tb_packet *packet;  /* Borrowed; set by the latest IP header, and by what follows it. */
    struct tb_endpoint source; /* the same */
    struct tb_endpoint destination;
};

/* What a packet is of which more headers are expected than were kept: cut, unless it was as short
 * on the wire. */
static inline enum tb_packet_kind tb_headers_too_short(const struct tb_headers *headers)
{
    return headers->wire > headers->kept ? TB_PACKET_CUT : TB_PACKET_UNPARSED;
}

/* Steps over so many bytes; false, with nothing done, when fewer were kept. */
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

/* The header that a number names, or TB_HEADER_NONE. Tables are short, so the search is linear. */
static inline enum tb_header tb_header_named(const struct tb_named_header *named, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (named[i].number == number)
            return named[i].header;
    return TB_HEADER_NONE;
}

#define TB_HEADER_NAMED(named, number) tb_header_named(named, sizeof(named) / sizeof((named)[0]), number)

#endif
