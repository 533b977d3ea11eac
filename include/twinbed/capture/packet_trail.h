/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAPTURE_PACKET_TRAIL_H
#define TWINBED_CAPTURE_PACKET_TRAIL_H

/* The packets of one flow before, in and after a time in which it stood still: what a time-sequence picture draws.
 *
 * When a capture is decoded, no packet is kept, and which flow stood still longest is known only at its end
 * (tb_stalled_flow). So whoever wants its packets reads the capture once more. */

#include "twinbed/flow/capture_request.h"
#include "twinbed/flow/flow_summary.h"
#include "twinbed/io/source.h"

/* Packets that a trail has at most: the last ones up to the one that the stall began with, the first ones while it lasted
 * (of the side that waited, say), and the first ones from the one that ended it. */
enum { TB_TRAIL_BEFORE = 1000, TB_TRAIL_IN_STALL = 500, TB_TRAIL_BEHIND = 1000 };

/* Sequence numbers count from the first packet of their side in the capture, or from its latest SYN, and do not wrap. */
struct tb_trail_packet {
    int64_t time;         /* ns since the stall began */
    int64_t sequence;     /* bytes, of the first byte of the payload */
    int64_t acknowledged; /* bytes of the other side; INT64_MIN without ACK, or while that side is not known */
    uint32_t payload;     /* bytes on the wire */
    uint8_t side;         /* 0: of the client, 1: of the server */
    uint8_t tcp_flags;    /* as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16 */
    bool repeated;        /* all of the payload had been sent before */
};

struct tb_packet_trail {
    struct tb_trail_packet *packets; /* owned; in file order */
    size_t count;
    bool left_out; /* there were more */
};

/* Reads the trail of a flow of the capture that source is. Of the request the filter and what is made of tunnels count.
 * Damage ends the trail, and is no failure. Not collective; safe for several sources at once. On TB_OK the trail is the
 * caller's to free (tb_packet_trail_free); fails as tb_capture_read does. */
TB_MUST_USE enum tb_status tb_packet_trail_read(struct tb_source *source, const struct tb_capture_request *request,
                                                const struct tb_stalled_flow *flow, struct tb_packet_trail *trail,
                                                struct tb_error *error);
void tb_packet_trail_free(struct tb_packet_trail *trail);

#endif
