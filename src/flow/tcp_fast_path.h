/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_FAST_PATH_H
#define TWINBED_SRC_FLOW_TCP_FAST_PATH_H

/* The fast path of tb_tcp_stream_add: what most segments take. The other way is in tcp_stream.c;
 * both come to the same. */

#include "live_side.h"
#include "packet/packet.h"

/* The sender of a segment acknowledges what stream has sent. A reset without ACK carries no
 * acknowledgement worth the name. */
static inline void tb_tcp_stream_acknowledge(struct tb_tcp_stream *stream, const struct tb_packet *segment)
{
    if ((segment->tcp_flags & TB_TCP_ACK) == 0 || !stream->started)
        return;
    /* Stored in any case: whether a segment acknowledges more is hard to predict. */
    const uint64_t position = tb_tcp_stream_position(stream, segment->acknowledgement), known = stream->acknowledged;
    stream->acknowledged = position > known ? position : known;
}

/* Most packets carry the next bytes of a stream without holes, or none and an
 * acknowledgement, and no flag beside ACK and PSH. Counts such a segment, which is
 * no probe, as tb_tcp_stream_add would. False, with nothing done, for any other.
 * payload: that of the segment; given apart, it may be known to be 0 or not. */
static inline bool tb_tcp_stream_add_fast(struct tb_live_side *own, struct tb_live_side *other,
                                          const struct tb_packet *segment, uint32_t payload)
{
    struct tb_tcp_stream *stream = &own->stream;
    const uint64_t position = tb_tcp_stream_position(stream, segment->sequence);
    if ((segment->tcp_flags & ~TB_TCP_PSH) != TB_TCP_ACK || segment->fragment || !stream->started || stream->push_waits)
        return false;
    if (payload == 0) {
        if ((segment->tcp_flags & TB_TCP_PSH) != 0 || position + 1 == stream->highest)
            return false;
        own->pure_ack_packets++;
    } else {
        if (payload == 1 || stream->seen.list != NULL || stream->fin_seen)
            return false;
        if (stream->seen.count == 0) {
            stream->seen.single.start = position;
            stream->seen.count = 1;
        } else if (stream->seen.single.end != position) {
            return false;
        }
        own->payload_bytes += payload;
        own->unique_bytes += payload;
        own->data_packets++;
        stream->seen.single.end = position + payload;
        if (position + payload > stream->highest)
            stream->highest = position + payload;
    }
    tb_tcp_stream_acknowledge(&other->stream, segment);
    return true;
}

#endif
