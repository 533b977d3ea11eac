/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeats and their reasons, duplicates, stalls. */
#include "tcp_sent.h"

/* The third duplicate starts a fast retransmission (RFC 5681, 3.2). The first acknowledgement of
 * that number is included in the count. */
enum { THIRD_DUPLICATE = 4 };

void tb_times_add(struct tb_flow_times *times, uint64_t time)
{
    const double microseconds = (double)time / 1000.0;
    if (times->count == 0 || time < times->minimum)
        times->minimum = time;
    if (time > times->maximum)
        times->maximum = time;
    times->count++;
    times->sum += time;
    times->squares += microseconds * microseconds;
}

bool tb_is_keep_alive(const struct tb_live_side *own, const struct tb_live_side *other, const struct tb_packet *packet)
{
    const struct tb_sent_list *sent = &own->sent;
    return packet->payload == 1 && !tb_packet_shows(packet, TB_TCP_SYN | TB_TCP_FIN) && tb_sent_any(sent) &&
           packet->sequence == (uint32_t)(sent->highest - 1) && other->acknowledged &&
           other->last_acknowledgement == (uint32_t)sent->highest;
}

/* A repeat is the answer to a third duplicate, or to a timer, or no answer at all when everything in it had been
 * acknowledged. */
static bool tell_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found)
{
    if (packet->payload == 0)
        return true;
    if (found->old_acknowledged >= found->repeated)
        return TB_COUNT_RARE(own, detail.spurious_retransmissions, 1);
    if (own->fast && (int32_t)(packet->sequence - own->rare->fast_until) < 0)
        return TB_COUNT_RARE(own, detail.fast_retransmissions, 1);
    return TB_COUNT_RARE(own, detail.timeout_retransmissions, 1);
}

bool tb_count_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found,
                     bool asks)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    if (found->most_repeats > rare->row.detail.most_repeats)
        rare->row.detail.most_repeats = found->most_repeats;
    if (found->waited)
        tb_times_add(&rare->row.detail.repeat_time, found->wait);
    return asks || tell_repeat(own, packet, found);
}

bool tb_count_duplicate(struct tb_live_side *other, uint32_t in_a_row)
{
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL)
        return false;
    rare->row.detail.duplicate_acks++;
    if (in_a_row != THIRD_DUPLICATE)
        return true;
    rare->row.detail.triple_duplicate_acks++;
    rare->fast_until = (uint32_t)other->sent.highest;
    other->fast = true;
    return true;
}

static bool add_stall(struct tb_live_side *side, uint64_t begin, uint64_t length)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->stalls++;
    detail->stall_time += length;
    if (length <= detail->stall_longest)
        return true;
    detail->stall_longest = length;
    detail->stall_begin = begin;
    return true;
}

bool tb_count_stall(struct tb_live_side *own, struct tb_live_side *other, uint64_t begin, uint64_t length)
{
    return (own == NULL || add_stall(own, begin, length)) && (other == NULL || add_stall(other, begin, length));
}

/* --- messages --- */

/* What can be seen of TLS, and of HTTP/2 in clear. Nothing is decrypted, and nothing is put together from several segments:
 * a message is known where it begins at the beginning of a segment, or behind another in the same. */

enum { STREAM_BYTES = 10, STREAM_SLACK = 64 };

/* The client's first application data after a server's hello of TLS 1.3 is the end of its handshake, and only what stands
 * behind its Finished is more; the server's, in the segment of the hello, is part of the handshake as well. */
static bool is_data(struct tb_tcp_stream *stream, unsigned messages)
{
    if ((messages & TB_MESSAGE_TLS_DATA) == 0 || (messages & TB_MESSAGE_TLS_1_3) != 0)
        return false;
    const bool counts = !stream->tls_finishes || (messages & TB_MESSAGE_TLS_BEHIND_FINISHED) != 0;
    stream->tls_finishes = false;
    return counts;
}

static void count_tls(struct tb_live_side *own, struct tb_live_side *other, unsigned messages)
{
    own->stream.tls_hello = own->stream.tls_hello || (messages & TB_MESSAGE_TLS_HELLO) != 0;
    other->stream.tls_finishes = other->stream.tls_finishes || (messages & TB_MESSAGE_TLS_1_3) != 0;
    if (!is_data(&own->stream, messages))
        return;
    other->tls_exchanges += other->stream.tls_waits;
    other->stream.tls_waits = false;
    own->stream.tls_waits = true;
}

/* A number that the client cannot have come to, by what it sent, is none: bytes of something else. */
static bool is_likely(const struct tb_live_side *client, uint32_t stream)
{
    return stream / 2 <= client->payload_bytes / STREAM_BYTES + STREAM_SLACK;
}

/* Streams are numbered 1, 3, 5 and on; where a client begins is its own choice. Those between are there, though they were
 * not seen. */
static void count_streams(const struct tb_live_side *client, const struct tb_packet *packet)
{
    struct tb_rare_side *rare = client->rare;
    const uint32_t last = packet->last_stream & ~TB_STREAM_CUT;
    if (last <= rare->last_stream || !is_likely(client, last))
        return;
    const uint32_t before = rare->last_stream == 0 ? packet->first_stream : rare->last_stream;
    rare->row.detail.http2_streams += (last - before) / 2 + (rare->last_stream == 0);
    rare->last_stream = last;
}

static bool is_http2(const struct tb_live_side *side)
{
    return side->rare != NULL && side->rare->http2;
}

static bool begin_http2(struct tb_live_side *own)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    rare->http2 = true;
    rare->row.detail.http2_connections = 1;
    return true;
}

bool tb_count_further_messages(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *packet)
{
    count_tls(own, other, packet->messages);
    if ((packet->messages & TB_MESSAGE_HTTP2_PREFACE) != 0 && !begin_http2(own))
        return false;
    if ((packet->messages & TB_MESSAGE_HTTP2_STREAM) == 0)
        return true;
    if (is_http2(own))
        own->rare->row.detail.http2_cut_frames += (packet->last_stream & TB_STREAM_CUT) != 0;
    if (is_http2(own) || is_http2(other))
        count_streams(is_http2(own) ? own : other, packet);
    return true;
}
