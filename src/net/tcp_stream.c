/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_stream.h"

#include "packet.h"

static void begin_at(struct tb_tcp_stream *stream, uint32_t initial)
{
    stream->started = true;
    stream->initial = initial;
    stream->highest = tb_tcp_stream_start(stream);
    stream->acknowledged = 0;
}

/* A reset may carry any sequence number, so it begins no stream. */
static void begin(struct tb_tcp_stream *stream, const struct tb_segment *segment)
{
    if (segment->flags & TB_TCP_SYN)
        begin_at(stream, segment->sequence);
    else if ((segment->flags & TB_TCP_RST) == 0)
        begin_at(stream, segment->sequence - 1);
}

static void take_syn(struct tb_tcp_stream *stream, const struct tb_segment *segment, struct tb_flow_side *side)
{
    side->syn_packets++;
    if (stream->syn_seen)
        side->repeated_syn_packets++;
    /* Another number before any payload: the sender began anew. */
    if (segment->sequence != stream->initial && stream->seen.count == 0)
        begin_at(stream, segment->sequence);
    stream->syn_seen = true;
}

static void raise(uint64_t *highest, uint64_t position)
{
    if (position > *highest)
        *highest = position;
}

static void take_fin(struct tb_tcp_stream *stream, uint64_t position, struct tb_flow_side *side)
{
    side->fin_packets++;
    if (stream->fin_seen)
        side->repeated_fin_packets++;
    stream->fin_seen = true;
    raise(&stream->fin, position);
    raise(&stream->highest, position + 1);
}

/* One old byte or none just below everything sent and acknowledged. */
static bool is_keep_alive(const struct tb_tcp_stream *stream, const struct tb_segment *segment)
{
    return segment->payload <= 1 && (segment->flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) == 0 &&
           segment->sequence == (uint32_t)(stream->highest - 1) && stream->acknowledged >= stream->highest &&
           stream->acknowledged != 0;
}

static bool add_payload_at(struct tb_tcp_stream *stream, uint64_t position, uint32_t payload, struct tb_flow_side *side,
                           struct tb_payload_marks *marks)
{
    const uint64_t end = position + payload;
    const uint64_t seen_end = tb_ranges_end(&stream->seen);
    uint64_t repeated;
    if (!tb_ranges_add(&stream->seen, position, end, &repeated))
        return false;
    raise(&stream->highest, end);
    side->unique_bytes += payload - repeated;
    side->retransmitted_bytes += repeated;
    if (repeated != 0 && !marks->retransmitted) {
        marks->retransmitted = true;
        side->retransmitted_packets++;
    }
    const uint64_t below = position >= seen_end ? 0 : (end < seen_end ? end : seen_end) - position;
    if (below > repeated && !marks->out_of_order) {
        marks->out_of_order = true;
        side->out_of_order_packets++;
    }
    return true;
}

/* A window probe's byte is seen, but probing is no retransmission. */
static bool add_probe(struct tb_tcp_stream *stream, uint64_t position, uint32_t payload, struct tb_flow_side *side)
{
    uint64_t repeated;
    if (payload == 0)
        return true;
    if (!tb_ranges_add(&stream->seen, position, position + payload, &repeated))
        return false;
    raise(&stream->highest, position + payload);
    side->unique_bytes += payload - repeated;
    return true;
}

static void count_payload(struct tb_flow_side *side, uint32_t payload, struct tb_payload_marks *marks)
{
    side->payload_bytes += payload;
    if (!marks->data)
        side->data_packets++;
    marks->data = true;
}

/* An empty PSH segment is told apart by the packet behind it, so it counts as
 * an acknowledgement until that is seen. */
static void settle_push(struct tb_tcp_stream *stream, const struct tb_segment *segment, struct tb_flow_side *side)
{
    if (!stream->push_waits)
        return;
    stream->push_waits = false;
    if (stream->push_identification == segment->identification && stream->push_sequence == segment->sequence) {
        side->pure_ack_packets--;
        side->empty_push_packets++;
    }
}

static void count_empty(struct tb_tcp_stream *stream, const struct tb_segment *segment, struct tb_flow_side *side)
{
    if ((segment->flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) != 0 || (segment->flags & TB_TCP_ACK) == 0)
        return;
    side->pure_ack_packets++;
    if ((segment->flags & TB_TCP_PSH) != 0 && segment->identification >= 0) {
        stream->push_waits = true;
        stream->push_identification = (uint16_t)segment->identification;
        stream->push_sequence = segment->sequence;
    }
}

/* A reset without ACK carries no acknowledgement worth the name. */
static void acknowledge(struct tb_tcp_stream *other, const struct tb_segment *segment)
{
    if ((segment->flags & TB_TCP_ACK) != 0 && other->started)
        raise(&other->acknowledged, tb_tcp_stream_position(other, segment->acknowledgement));
}

bool tb_tcp_stream_add(struct tb_tcp_stream *stream, struct tb_tcp_stream *other, const struct tb_segment *segment,
                       struct tb_flow_side *side, struct tb_payload_marks *marks)
{
    if (!stream->started)
        begin(stream, segment);
    settle_push(stream, segment, side);
    if (segment->flags & TB_TCP_SYN)
        take_syn(stream, segment, side);
    if (segment->flags & TB_TCP_RST)
        side->rst_packets++;
    const uint64_t position = tb_tcp_stream_position(stream, segment->sequence) + ((segment->flags & TB_TCP_SYN) != 0);
    bool added = true;
    if (segment->payload != 0)
        count_payload(side, segment->payload, marks);
    if (segment->probe)
        added = add_probe(stream, position, segment->payload, side);
    else if (is_keep_alive(stream, segment))
        side->keep_alive_packets++;
    else if (segment->payload == 0)
        count_empty(stream, segment, side);
    else if ((segment->flags & TB_TCP_RST) == 0)
        added = add_payload_at(stream, position, segment->payload, side, marks);
    if ((segment->flags & TB_TCP_FIN) != 0 && stream->started)
        take_fin(stream, position + segment->payload, side);
    acknowledge(other, segment);
    return added;
}

bool tb_tcp_stream_add_payload(struct tb_tcp_stream *stream, uint32_t sequence, uint32_t payload,
                               struct tb_flow_side *side, struct tb_payload_marks *marks)
{
    if (payload == 0)
        return true;
    count_payload(side, payload, marks);
    return add_payload_at(stream, tb_tcp_stream_position(stream, sequence), payload, side, marks);
}

void tb_tcp_stream_move_fin(struct tb_tcp_stream *stream, uint32_t sequence)
{
    raise(&stream->fin, tb_tcp_stream_position(stream, sequence));
    raise(&stream->highest, stream->fin + 1);
}

static uint64_t stream_start(const struct tb_tcp_stream *stream)
{
    if (stream->syn_seen || stream->seen.count == 0)
        return tb_tcp_stream_start(stream);
    return tb_ranges_first(&stream->seen)[0].start;
}

static uint64_t stream_end(const struct tb_tcp_stream *stream)
{
    return stream->fin_seen ? stream->fin : tb_ranges_end(&stream->seen);
}

bool tb_tcp_stream_delivered(const struct tb_tcp_stream *stream)
{
    return stream->fin_seen && (stream->acknowledged >= stream->fin ||
                                tb_ranges_missing(&stream->seen, stream_start(stream), stream->fin) == 0);
}

void tb_tcp_stream_finish(struct tb_tcp_stream *stream, struct tb_flow_side *side)
{
    side->missing_bytes = tb_ranges_missing(&stream->seen, stream_start(stream), stream_end(stream));
    side->stream_complete = stream->syn_seen && stream->fin_seen && side->missing_bytes == 0;
    tb_ranges_free(&stream->seen);
}
