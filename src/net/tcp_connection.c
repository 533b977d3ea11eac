/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_connection.h"

enum tb_flow_end tb_tcp_how_ended(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    if (live->reset)
        return TB_FLOW_RESET;
    return one->syn_seen && other->syn_seen && one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
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
