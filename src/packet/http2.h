/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_HTTP2_H
#define TWINBED_SRC_PACKET_HTTP2_H

/* HTTP/2 in clear, in the payload of one segment: the preface that a client begins with (RFC 9113, 3.4), and the frames
 * (4.1) behind it or from the beginning of a segment on. Whether a segment is of such a connection only its flow knows;
 * a frame in another is none. What stands behind the end of a frame that a segment before began is not found. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TB_HTTP2_HEAD = 9, TB_HTTP2_TYPES = 10 };

/* False for a payload in which no frame of a usual size begins, by what costs little to look at. */
static inline bool tb_http2_may_begin(const uint8_t *data, uint32_t size)
{
    return size >= TB_HTTP2_HEAD && data[0] == 0 && data[3] < TB_HTTP2_TYPES;
}

/* How long the preface is that the payload begins with; 0 without one. */
uint32_t tb_http2_preface(const uint8_t *data, uint32_t size);

/* Streams of clients, whose numbers are odd. */
struct tb_http2_streams {
    uint32_t first; /* of the first HEADERS */
    uint32_t last;  /* the highest */
    bool cut;       /* the last frame goes on behind the segment */
};

/* False without a HEADERS frame of such a stream, where nothing is cut either. */
bool tb_http2_find_streams(const uint8_t *data, uint32_t size, struct tb_http2_streams *streams);

#endif
