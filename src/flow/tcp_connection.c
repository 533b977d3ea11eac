/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a SYN begins another connection, when an RST ends one, and which segments are strays: what
 * RFC 9293 (3.10.7) has an endpoint accept, as far as a capture can know it. A capture may miss
 * packets, so what is not known is let through. */
#include "tcp_connection.h"

enum tb_flow_end tb_tcp_how_ended(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    if (live->reset)
        return TB_FLOW_RESET;
    return one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
}

/* A SYN from a side of which nothing is known yet belongs to the flow when the
 * other side has only sent its own SYN: a simultaneous opening, or a SYN that
 * was captured behind its answer. */
static bool syn_joins(const struct tb_live_flow *live, const struct tb_tcp_stream *other)
{
    return other->syn_seen && !other->fin_seen && other->seen.count == 0 && !live->any_reset;
}

bool tb_tcp_starts_new(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet)
{
    const struct tb_tcp_stream *stream = &live->side[side].stream;
    const bool other_number = stream->started && packet->sequence != stream->initial;
    /* An answer to a SYN that was not captured, behind a connection that had ended. */
    if (packet->tcp_flags & TB_TCP_ACK)
        return other_number && (tb_tcp_both_ended(live) || live->any_reset);
    return stream->started ? other_number : !syn_joins(live, &live->side[!side].stream);
}

/* Of windows whose scale is not known the largest is taken; no window is larger than 2^30. */
enum { SCALE_MAX = 14, WINDOW_MAX = 1 << 30 };

static uint64_t window_of(const struct tb_live_side *side, const struct tb_live_side *other)
{
    const bool scale_known = side->stream.syn_seen && other->stream.syn_seen;
    const uint64_t window = side->window_seen ? side->last_window : WINDOW_MAX;
    return scale_known ? window : window << SCALE_MAX < WINDOW_MAX ? window << SCALE_MAX : WINDOW_MAX;
}

/* Only a SYN was seen of that side, which waits for its answer. */
static bool waits_for_answer(const struct tb_live_side *side)
{
    return side->stream.syn_seen && side->stream.seen.count == 0 && !side->stream.fin_seen && !side->acknowledged;
}

/* The acknowledgement is one of the SYN, and of data that came with it, if any. */
static bool answers(const struct tb_tcp_stream *syn, const struct tb_packet *packet)
{
    const uint64_t position = tb_tcp_stream_position(syn, packet->acknowledgement);
    return (packet->tcp_flags & TB_TCP_ACK) != 0 && position >= tb_tcp_stream_start(syn) && position <= syn->highest;
}

/* From a side whose numbers are not known. */
static bool is_stray_from_unknown(const struct tb_live_side *own, const struct tb_live_side *other,
                                  const struct tb_packet *packet)
{
    if (waits_for_answer(other))
        return !answers(&other->stream, packet);
    return other->acknowledged && packet->sequence - other->last_acknowledgement > window_of(other, own);
}

/* The other side heeds a reset from the number that it expects next up to the end of its window; and what it got that was
 * not seen here may have been up to the highest number sent. A FIN may be acknowledged while an answer to what was sent
 * before is on its way. */
static bool is_stray_reset(const struct tb_live_side *own, const struct tb_live_side *other,
                           const struct tb_packet *packet)
{
    const struct tb_tcp_stream *stream = &own->stream;
    if (!stream->started)
        return is_stray_from_unknown(own, other, packet);
    const uint64_t position = tb_tcp_stream_position(stream, packet->sequence);
    const uint64_t known = stream->acknowledged != 0 ? stream->acknowledged : tb_tcp_stream_start(stream);
    /* Of a side that was never seen nothing is known; one that was seen has acknowledged what it expects. */
    const bool windowed = stream->acknowledged != 0 || other->packets == 0;
    const uint64_t window_end = (other->packets == 0 ? stream->highest : known) + window_of(other, own);
    const uint64_t last = windowed && window_end > stream->highest ? window_end : stream->highest;
    return position + stream->fin_seen + (stream->acknowledged == 0) < known || position > last;
}

/* An acknowledgement that answers a SYN must acknowledge it. With payload it may acknowledge more, which was not seen. */
static bool is_stray_answer(const struct tb_live_side *own, const struct tb_live_side *other,
                            const struct tb_packet *packet)
{
    if (own->stream.started || (packet->tcp_flags & TB_TCP_ACK) == 0 || !waits_for_answer(other))
        return false;
    const uint64_t start = tb_tcp_stream_start(&other->stream);
    const uint64_t position = tb_tcp_stream_position(&other->stream, packet->acknowledgement);
    return packet->payload == 0 && (packet->tcp_flags & TB_TCP_FIN) == 0 ? !answers(&other->stream, packet)
                                                                         : position < start;
}

bool tb_tcp_is_stray(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet)
{
    const struct tb_live_side *own = &live->side[side], *other = &live->side[!side];
    if (packet->tcp_flags & TB_TCP_SYN)
        return false;
    return packet->tcp_flags & TB_TCP_RST ? is_stray_reset(own, other, packet) : is_stray_answer(own, other, packet);
}

void tb_tcp_watch_handshake(struct tb_live_flow *live, unsigned side, const struct tb_packet *packet, uint64_t time)
{
    const struct tb_tcp_stream *server = &live->side[!side].stream;
    if (side != live->client || live->client_by != TB_CLIENT_BY_SYN || !server->syn_seen ||
        (packet->tcp_flags & (TB_TCP_ACK | TB_TCP_SYN | TB_TCP_RST)) != TB_TCP_ACK ||
        tb_tcp_stream_position(server, packet->acknowledgement) < tb_tcp_stream_start(server))
        return;
    live->handshake_seen = true;
    live->handshake = time > live->handshake ? time - live->handshake : 0;
}
