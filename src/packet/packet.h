/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_PACKET_H
#define TWINBED_SRC_PACKET_PACKET_H

/* One packet, from its link header to its transport header, as plain integers.
 *
 * tb_packet_decode reads the headers of a record (packet_file.h), one behind the other and through
 * tunnels (headers.h), and gives what flows want to know: struct tb_packet, the key of its two
 * endpoints (flow_table.h), and in which direction it went. Most packets take a shorter way
 * (packet_decode.h), to the same.
 *
 * Records come from files, so nothing in them is trusted: no byte behind captured is read, and a
 * length that does not fit makes the packet TB_PACKET_UNPARSED or, when the file cut it,
 * TB_PACKET_CUT. All functions are pure and may be called by several threads. */

#include <stdbool.h>
#include <stdint.h>

#include "flow_table.h"
#include "packet_file.h"

/* What became of a packet. Only the first two belong to flows. */
enum tb_packet_kind {
    TB_PACKET_TRANSPORT,       /* TCP or UDP with its header; perhaps the first fragment */
    TB_PACKET_LATER_FRAGMENT,  /* TCP or UDP, without the header */
    TB_PACKET_OTHER_PROTOCOL,  /* IP, but neither TCP nor UDP, nor a tunnel that is read. */
    TB_PACKET_NOT_IP,          /* Headers that lead to no IP packet. */
    TB_PACKET_UNPARSED,        /* Malformed: lengths that cannot be. */
    TB_PACKET_CUT,             /* the file does not hold all headers that there were */
    TB_PACKET_UNKNOWN_LINK,    /* The capture's link type is not read. */
    TB_PACKET_ENCRYPTED,       /* of 802.11 */
    TB_PACKET_OTHER_FRAME,     /* of 802.11: no packet begins in it, or several do */
    TB_PACKET_TUNNEL_FRAGMENT, /* a later fragment of a packet that carries another; counts in nothing else */
    TB_PACKET_NESTED           /* while headers are read: there are more */
};

/* Link types that are read: LINKTYPE_ numbers, as tcpdump.org lists them. */
enum {
    TB_LINK_NULL = 0,
    TB_LINK_ETHERNET = 1,
    TB_LINK_PPP = 9,
    TB_LINK_FDDI = 10,
    TB_LINK_RAW_BSD = 12,
    TB_LINK_RAW_OPENBSD = 14,
    TB_LINK_PPP_SERIAL = 50,
    TB_LINK_PPP_ETHER = 51,
    TB_LINK_RAW = 101,
    TB_LINK_CISCO_HDLC = 104,
    TB_LINK_WLAN = 105,
    TB_LINK_LOOP = 108,
    TB_LINK_COOKED = 113,
    TB_LINK_RADIOTAP = 127,
    TB_LINK_PPP_DIRECTED = 204,
    TB_LINK_CISCO_HDLC_DIRECTED = 205,
    TB_LINK_MPLS = 219,
    TB_LINK_IPV4 = 228,
    TB_LINK_IPV6 = 229,
    TB_LINK_COOKED_2 = 276
};
/* Of the IP header; and the flags of a TCP header (RFC 9293, 3.1). */
enum { TB_PROTOCOL_TCP = 6, TB_PROTOCOL_UDP = 17 };
enum {
    TB_TCP_FIN = 1,
    TB_TCP_SYN = 2,
    TB_TCP_RST = 4,
    TB_TCP_PSH = 8,
    TB_TCP_ACK = 16,
    TB_TCP_URG = 32,
    TB_TCP_ECE = 64,
    TB_TCP_CWR = 128
};

/* The options of a TCP header, as far as they are looked at. */
struct tb_tcp_options {
    uint16_t mss;        /* Largest segment, in bytes; 0: none. */
    uint8_t scale;       /* Shift of windows, at most 14; set when scaled is. */
    uint8_t sack_blocks; /* How many blocks of a selective acknowledgement. */
    bool scaled;         /* scale is set */
    bool timestamps;
    bool sack_permitted;
    bool duplicate_sack; /* the first block tells of bytes that came twice */
};

/* What begins in the payload of a segment and is no HTTP/1; one bit each. */
enum tb_message {
    TB_MESSAGE_TLS_HELLO = 1,
    TB_MESSAGE_TLS_1_3 = 2,             /* it is a server's hello, and that is the version it chooses */
    TB_MESSAGE_TLS_DATA = 4,            /* a record of application data */
    TB_MESSAGE_TLS_BEHIND_FINISHED = 8, /* one behind another that is as long as a Finished of TLS 1.3 */
    TB_MESSAGE_HTTP2_PREFACE = 16,
    TB_MESSAGE_HTTP2_STREAM = 32, /* what would be the first frame of a stream, or one that is cut, if this is HTTP/2 */
    TB_MESSAGES = 63              /* all of them */
};

/* A bit that no number of a stream has: a frame goes on in the next segment, where those behind it are not found. */
#define TB_STREAM_CUT (UINT32_C(1) << 31)

/* What flows want to know of a packet; many of them wait in memory, so it is kept small. Between whom it went stands in
 * its key. */
struct tb_packet {
    uint32_t sequence; /* Of a test packet its own number; 0 of other datagrams. */
    uint32_t acknowledgement;
    uint32_t ip_bytes;        /* IP header and all behind it, on the wire */
    uint32_t payload;         /* bytes behind the transport header; of a later fragment, all it carries */
    uint32_t kept;            /* of the payload, bytes in the file */
    uint32_t identification;  /* IPv4, or of an IPv6 fragment */
    uint16_t window;          /* as in the header */
    uint16_t urgent;          /* pointer */
    uint8_t kind;             /* enum tb_packet_kind */
    uint8_t version;          /* 4 or 6 */
    uint8_t protocol;         /* of the transport */
    uint8_t transport_header; /* Its length in bytes. */
    uint8_t tcp_flags;
    uint8_t congestion : 2; /* the two ECN bits of the IP header */
    uint8_t messages : 6;   /* enum tb_message */
    uint8_t requests;       /* HTTP requests that begin in the payload */
    bool fragment : 1;      /* It is a fragment of a datagram, the first or a later one. */
    bool last_fragment : 1; /* No more of them follow. */
    bool length_zero : 1;   /* the IP total length is 0 */
    bool reply : 1;         /* the payload begins with an HTTP reply */
    bool test_packet : 1;   /* UDP: it looks like a test packet of OWAMP; sequence and sent are its own */
    bool closes : 1;        /* the payload is an alert of TLS */
    bool copied : 1;        /* it was recorded before; set by tb_packet_copies_find */
    struct tb_tcp_options options;
    uint16_t datagram_shard; /* this and the next two of fragments: see tb_datagram_slots_take */
    uint16_t datagram;
    union {
        uint32_t datagram_number;
        uint32_t first_stream; /* of what is no fragment: of TB_MESSAGE_HTTP2_STREAM, ... */
    };
    union {
        uint32_t fragment_offset; /* bytes, from the beginning of the transport header */
        uint32_t last_stream;     /* ... and the highest; with TB_STREAM_CUT */
    };
    union {
        uint64_t sent; /* of a test packet: 2^-32 s since 1900 */
        uint64_t mark; /* of any other: tb_packet_mark */
    };
};

/* What tells packets with the same numbers apart. stamp: of TCP the sender's time in the option, of UDP the checksum; 0:
 * none. point: where on its way the packet was recorded, a hash of interface, link header and hop limit; 0 where the
 * identification says enough. */
static inline uint64_t tb_packet_mark(uint32_t stamp, uint32_t point)
{
    return stamp | (uint64_t)point << 32;
}

/* The two halves of a mark. */
static inline uint32_t tb_packet_stamp(const struct tb_packet *packet)
{
    return (uint32_t)packet->mark;
}

static inline uint32_t tb_packet_point(const struct tb_packet *packet)
{
    return (uint32_t)(packet->mark >> 32);
}

/* False for link types that are not decoded; such packets are TB_PACKET_UNKNOWN_LINK. */
bool tb_link_type_known(uint32_t link_type);

/* What a packet filter must be compiled for (DLT_ of libpcap), and how many bytes of the link
 * header it must not see: the loopback header names address families by the numbers of the
 * capturing system, which a filter compiled here cannot know. */
int tb_link_filter_type(uint32_t link_type);
uint32_t tb_link_filter_offset(uint32_t link_type);

/* What stood around a packet, for counting. */
struct tb_packet_headers {
    uint32_t encapsulations; /* a bit, 1 << enum tb_encapsulation, for each that was met */
    uint32_t ethertype;      /* of a TB_PACKET_NOT_IP, what the header before says that it is; 0 for nothing */
};

/* Decodes the innermost packet that is carried; outer_only: the outermost IP packet. All of packet
 * and headers is set. Of a packet that belongs to a flow the key is filled, too, and its direction
 * given: see flow_table.h. Else the direction is 0. */
unsigned tb_packet_decode(const struct tb_packet_record *record, bool outer_only, struct tb_packet *packet,
                          struct tb_flow_key *key, struct tb_packet_headers *headers);

/* Sets the options, the stamp, and what is said of HTTP, HTTP/2 and TLS of a TCP packet, of which
 * all else is set; kept bytes of its header and payload are at tcp. */
void tb_packet_look_closer(const uint8_t *tcp, uint32_t kept, struct tb_packet *packet);

/* Sets the point of a packet that needs one: of size bytes of link header, which were kept, and the IP header behind
 * them. */
void tb_packet_set_point(const struct tb_packet_record *record, size_t size, struct tb_packet *packet);

#endif
