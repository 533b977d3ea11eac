/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_TCP_STREAM_H
#define TWINBED_SRC_FLOW_TCP_STREAM_H

/* What one side of a live TCP connection has sent.
 *
 * Sequence numbers are unwrapped to 64-bit positions: the low 32 bits are the
 * sequence number, and a number stands for the position nearest to the highest
 * one seen, so streams of any length are followed. */

#include <stdbool.h>
#include <stdint.h>

#include "ranges.h"
#include "twinbed/flow/flow.h"

/* Zero it to start. */
struct tb_tcp_stream {
    struct tb_ranges seen;  /* payload positions */
    uint32_t initial;       /* sequence number of the SYN, or a guess */
    uint64_t highest;       /* one behind the highest position used, SYN and FIN included */
    uint64_t fin;           /* position of the FIN */
    uint64_t acknowledged;  /* highest acknowledgement by the other side; 0 without */
    uint32_t push_sequence; /* of an empty PSH segment that was the last packet */
    uint16_t push_identification;
    bool push_waits : 1; /* there was such a segment */
    bool started : 1;
    bool syn_seen : 1;
    bool fin_seen : 1;
    bool tls_hello : 1;
    bool tls_finishes : 1; /* the end of its handshake is to come, hidden among application data */
    bool tls_waits : 1;    /* it sent application data that is not answered */
    bool closes;           /* its latest payload was an alert of TLS; set for each payload, so it shares no byte */
};

/* Which counters of packets a packet has already moved: it may come in fragments. */
struct tb_payload_counted {
    bool data;
    bool retransmitted;
    bool out_of_order;
};

static inline uint64_t tb_tcp_stream_position(const struct tb_tcp_stream *stream, uint32_t sequence)
{
    return stream->highest + (uint64_t)(int64_t)(int32_t)(sequence - (uint32_t)stream->highest);
}

/* Position of the first payload byte: behind the SYN, far enough from 0 that
 * nothing below it becomes negative. */
static inline uint64_t tb_tcp_stream_start(const struct tb_tcp_stream *stream)
{
    return ((uint64_t)1 << 32) + stream->initial + 1;
}

struct tb_live_side;

struct tb_packet;

/* Counts one segment of own, whose acknowledgement is of other; probe: it is sent
 * against a closed window. marks are set. False when memory is short. */
TB_MUST_USE bool tb_tcp_stream_add(struct tb_live_side *own, struct tb_live_side *other,
                                   const struct tb_packet *segment, bool probe, struct tb_payload_counted *marks);

/* Counts one segment whose numbers are not those of the connection: as a packet, and its payload, in no stream. */
void tb_tcp_stream_add_stray(struct tb_live_side *own, const struct tb_packet *segment,
                             struct tb_payload_counted *marks);

/* Counts payload that belongs to a segment already added: a later fragment. */
TB_MUST_USE bool tb_tcp_stream_add_payload(struct tb_live_side *own, uint32_t sequence, uint32_t payload,
                                           struct tb_payload_counted *marks);

/* The segment with the FIN came in fragments and goes on to this sequence number. */
void tb_tcp_stream_move_fin(struct tb_tcp_stream *stream, uint32_t sequence);

/* missing_bytes of the side's row. */
uint64_t tb_tcp_stream_missing(const struct tb_tcp_stream *stream);

/* Computes missing_bytes and stream_complete of the side's row. */
void tb_tcp_stream_finish(const struct tb_tcp_stream *stream, struct tb_flow_side *row);

/* The FIN was seen, and what was not seen before it the other side acknowledged. */
bool tb_tcp_stream_delivered(const struct tb_tcp_stream *stream);

/* There was payload, all up to the last byte was seen, and the other side acknowledged it. */
bool tb_tcp_stream_is_acknowledged(const struct tb_tcp_stream *stream);

#endif
