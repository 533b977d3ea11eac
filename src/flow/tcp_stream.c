/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_stream.h"

#include "tcp_fast_path.h"

static void begin_at(struct tb_tcp_stream *stream, uint32_t initial)
{
    stream->started = true;
    stream->initial = initial;
    stream->highest = tb_tcp_stream_start(stream);
    stream->acknowledged = 0;
}

/* A reset may carry any sequence number, so it begins no stream. */
static void begin(struct tb_tcp_stream *stream, const struct tb_packet *segment)
{
    if (segment->tcp_flags & TB_TCP_SYN)
        begin_at(stream, segment->sequence);
    else if ((segment->tcp_flags & TB_TCP_RST) == 0)
        begin_at(stream, segment->sequence - 1);
}

static bool take_syn(struct tb_live_side *own, const struct tb_packet *segment)
{
    struct tb_tcp_stream *stream = &own->stream;
    own->syn_packets++;
    if (stream->syn_seen) {
        struct tb_rare_side *rare = tb_live_side_rare(own);
        if (rare == NULL)
            return false;
        rare->row.repeated_syn_packets++;
    }
    /* Another number before any payload: the sender began anew. */
    if (segment->sequence != stream->initial && stream->seen.count == 0)
        begin_at(stream, segment->sequence);
    stream->syn_seen = true;
    return true;
}

static void raise(uint64_t *highest, uint64_t position)
{
    if (position > *highest)
        *highest = position;
}

static bool take_fin(struct tb_live_side *own, uint64_t position)
{
    struct tb_tcp_stream *stream = &own->stream;
    own->fin_packets++;
    if (stream->fin_seen) {
        struct tb_rare_side *rare = tb_live_side_rare(own);
        if (rare == NULL)
            return false;
        rare->row.repeated_fin_packets++;
    }
    stream->fin_seen = true;
    raise(&stream->fin, position);
    raise(&stream->highest, position + 1);
    return true;
}

/* One old byte or none just below everything sent and acknowledged. */
static bool is_keep_alive(const struct tb_tcp_stream *stream, const struct tb_packet *segment)
{
    return segment->payload <= 1 && (segment->tcp_flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) == 0 &&
           segment->sequence == (uint32_t)(stream->highest - 1) && stream->acknowledged >= stream->highest &&
           stream->acknowledged != 0;
}

static bool count_keep_alive(struct tb_live_side *own)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    rare->row.keep_alive_packets++;
    return true;
}

static bool count_repeated(struct tb_live_side *own, uint64_t repeated, bool fills_hole,
                           struct tb_payload_counted *marks)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    rare->row.retransmitted_bytes += repeated;
    rare->row.retransmitted_packets += repeated != 0 && !marks->retransmitted;
    rare->row.out_of_order_packets += fills_hole && !marks->out_of_order;
    marks->retransmitted = marks->retransmitted || repeated != 0;
    marks->out_of_order = marks->out_of_order || fills_hole;
    return true;
}

static bool add_payload_at(struct tb_live_side *own, uint64_t position, uint32_t payload,
                           struct tb_payload_counted *marks)
{
    struct tb_tcp_stream *stream = &own->stream;
    const uint64_t end = position + payload;
    uint64_t seen_end = tb_ranges_end(&stream->seen);
    uint64_t repeated;
    if (stream->fin_seen)
        raise(&seen_end, stream->fin);
    if (!tb_ranges_add(&stream->seen, position, end, &repeated))
        return false;
    raise(&stream->highest, end);
    own->unique_bytes += payload - repeated;
    if (position >= seen_end)
        return true;
    const uint64_t below = (end < seen_end ? end : seen_end) - position;
    return count_repeated(own, repeated, below > repeated, marks);
}

/* A window probe's byte is seen, but probing is no retransmission. */
static bool add_probe(struct tb_live_side *own, uint64_t position, uint32_t payload)
{
    uint64_t repeated;
    if (payload == 0)
        return true;
    if (!tb_ranges_add(&own->stream.seen, position, position + payload, &repeated))
        return false;
    raise(&own->stream.highest, position + payload);
    own->unique_bytes += payload - repeated;
    return true;
}

static void count_payload(struct tb_live_side *own, uint32_t payload, struct tb_payload_counted *marks)
{
    own->payload_bytes += payload;
    own->data_packets += !marks->data;
    marks->data = true;
}

/* An empty PSH segment is told apart by the packet behind it, so it counts as
 * an acknowledgement until that is seen. */
static void settle_push(struct tb_live_side *own, const struct tb_packet *segment)
{
    struct tb_tcp_stream *stream = &own->stream;
    stream->push_waits = false;
    if (segment->version == 4 && stream->push_identification == segment->identification &&
        stream->push_sequence == segment->sequence) {
        if (own->pure_ack_packets != 0)
            own->pure_ack_packets--;
        else
            own->rare->row.pure_ack_packets--; /* it was put aside since */
        own->empty_push_packets++;
    }
}

static void count_empty(struct tb_live_side *own, const struct tb_packet *segment)
{
    struct tb_tcp_stream *stream = &own->stream;
    if ((segment->tcp_flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) != 0 || (segment->tcp_flags & TB_TCP_ACK) == 0)
        return;
    own->pure_ack_packets++;
    if ((segment->tcp_flags & TB_TCP_PSH) != 0 && segment->version == 4) {
        stream->push_waits = true;
        stream->push_identification = (uint16_t)segment->identification;
        stream->push_sequence = segment->sequence;
    }
}

void tb_tcp_stream_add_stray(struct tb_live_side *own, const struct tb_packet *segment,
                             struct tb_payload_counted *marks)
{
    *marks = (struct tb_payload_counted){0};
    if (own->stream.push_waits)
        settle_push(own, segment);
    own->rst_packets += (segment->tcp_flags & TB_TCP_RST) != 0;
    if (segment->payload != 0)
        count_payload(own, segment->payload, marks);
    else
        count_empty(own, segment);
}

bool tb_tcp_stream_add(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *segment,
                       bool probe, struct tb_payload_counted *marks)
{
    struct tb_tcp_stream *stream = &own->stream;
    bool added = true;
    *marks = (struct tb_payload_counted){0};
    if (!stream->started)
        begin(stream, segment);
    if (stream->push_waits)
        settle_push(own, segment);
    if (segment->tcp_flags & TB_TCP_SYN)
        added = take_syn(own, segment);
    if (segment->tcp_flags & TB_TCP_RST)
        own->rst_packets++;
    const uint64_t position =
        tb_tcp_stream_position(stream, segment->sequence) + ((segment->tcp_flags & TB_TCP_SYN) != 0);
    if (segment->payload != 0)
        count_payload(own, segment->payload, marks);
    if (probe)
        added = added && add_probe(own, position, segment->payload);
    else if (is_keep_alive(stream, segment))
        added = added && count_keep_alive(own);
    else if (segment->payload == 0)
        count_empty(own, segment);
    else if ((segment->tcp_flags & TB_TCP_RST) == 0)
        added = added && add_payload_at(own, position, segment->payload, marks);
    if ((segment->tcp_flags & TB_TCP_FIN) != 0 && stream->started)
        added = added && take_fin(own, position + segment->payload);
    tb_tcp_stream_acknowledge(&other->stream, segment);
    return added;
}

bool tb_tcp_stream_add_payload(struct tb_live_side *own, uint32_t sequence, uint32_t payload,
                               struct tb_payload_counted *marks)
{
    if (payload == 0)
        return true;
    count_payload(own, payload, marks);
    return add_payload_at(own, tb_tcp_stream_position(&own->stream, sequence), payload, marks);
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

bool tb_tcp_stream_is_acknowledged(const struct tb_tcp_stream *stream)
{
    const uint64_t end = tb_ranges_end(&stream->seen);
    return end != 0 && stream->acknowledged >= end && tb_ranges_missing(&stream->seen, stream_start(stream), end) == 0;
}

uint64_t tb_tcp_stream_missing(const struct tb_tcp_stream *stream)
{
    return tb_ranges_missing(&stream->seen, stream_start(stream), stream_end(stream));
}

void tb_tcp_stream_finish(const struct tb_tcp_stream *stream, struct tb_flow_side *row)
{
    row->missing_bytes = tb_tcp_stream_missing(stream);
    row->stream_complete = stream->syn_seen && stream->fin_seen && row->missing_bytes == 0;
}
