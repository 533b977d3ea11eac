/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_LEFT_OUT_H
#define TWINBED_CAPTURE_LEFT_OUT_H

/* Which packets of a capture belong to no flow, and why: so that a capture without the flows that were looked for says
 * what it holds instead. Everything is counted, adds up, and does not depend on how the capture was cut. */

#include <stddef.h>
#include <stdint.h>

struct tb_capture;

enum { TB_NUMBERED_PACKETS_KEPT = 16 };

/* Packets by a number that their headers name. Of more numbers than have room the smallest are kept, whose counts are
 * exact; the packets of all others are counted together. */
struct tb_numbered_packets {
    struct tb_number_of_packets {
        uint32_t number;
        uint64_t packets;
    } items[TB_NUMBERED_PACKETS_KEPT]; /* ascending */
    uint32_t count;
    uint64_t others;
};

/* All of them. */
uint64_t tb_numbered_packets_sum(const struct tb_numbered_packets *numbered);

struct tb_left_out {
    struct tb_numbered_packets link_types; /* LINKTYPE_ numbers that are not read: of not_ip in struct tb_capture */
    struct tb_numbered_packets ethertypes; /* of not_ip, too; 0 where there is no ethertype */
    struct tb_numbered_packets protocols;  /* numbers of IP protocols: all of other_protocol */
    struct tb_numbered_packets tunnels; /* UDP packets from or to the ports of tunnels; not left out: they make flows */
    uint64_t encrypted;                 /* frames of 802.11; of not_ip */
    uint64_t other_frames;              /* of 802.11, in which no packet begins, or several; the rest of not_ip */
    uint64_t cut;                       /* of unparsed: those of which not even the headers were kept */
    uint64_t cut_longest;               /* bytes kept of the longest of these */
};

/* Packets that belong to no flow though the filter let them pass. */
uint64_t tb_capture_left_out_packets(const struct tb_capture *capture);

/* Enough for any sentence below. */
enum { TB_LEFT_OUT_TEXT_SIZE = 640 };

/* Says how many these are and why, the commonest reasons first: "220 of 220 packets left out: 220 of link type 127
 * (802.11 with radiotap), which is not read"; or that the filter let none pass. Empty text when none was left out. The
 * text is cut to size, which may be 0, and ends with a NUL. */
void tb_capture_left_out(const struct tb_capture *capture, char *text, size_t size);

/* Says what a complete capture without a flow on the server port (0: on any) holds instead: "the capture holds no flow
 * on port 80: 220 of 220 packets are of link type 127 (802.11 with radiotap), which is not read", "...: it holds no
 * packet", "...: its 3 TCP flows are on ports 8080, 443". Never empty. */
void tb_capture_why_no_flows(const struct tb_capture *capture, uint16_t server_port, char *text, size_t size);

#endif
