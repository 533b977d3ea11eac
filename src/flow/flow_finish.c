/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and sums of flows that are over. Who asked and who answered is decided here for good: side 0
 * of a row is the client. */
#include "flow_finish.h"

#include "flow_totals.h"
#include "tcp_connection.h"
#include "tcp_counter.h"
#include "tcptrace_counter.h"

static struct tb_address address_of(const struct tb_live_flow *live, unsigned side)
{
    return tb_flow_key_address(&live->key, tb_live_flow_endpoint(live, side));
}

/* A server that closes with something unread, as the last words of TLS, resets what would have ended with its FIN. These
 * words, or the client's FIN, which may cross that, tell that it had what it wanted. */
static bool is_reset_when_done(const struct tb_live_flow *live, unsigned server)
{
    const struct tb_live_side *client = &live->side[!server];
    return (live->delivered >> server & 1) != 0 && (client->stream.fin_seen || client->stream.closes) &&
           tb_tcp_stream_is_acknowledged(&live->side[server].stream);
}

bool tb_live_flow_completed(const struct tb_live_flow *live, unsigned server)
{
    const struct tb_live_side *side = &live->side[server];
    return live->protocol == TB_PROTOCOL_TCP && side->payload_bytes != 0 &&
           (tb_tcp_stream_delivered(&side->stream) || is_reset_when_done(live, server));
}

static void complete_row(const struct tb_live_flow *live, enum tb_flow_rules rules, struct tb_flow *row)
{
    const unsigned client = tb_live_flow_client(live, rules);
    row->ended = rules == TB_FLOW_RULES_TCPTRACE ? tb_tcptrace_ended(live->side) : tb_tcp_how_ended(live);
    row->completed_reply = tb_live_flow_completed(live, !client);
    row->roles_assumed = live->roles_assumed;
    row->other_completed = live->roles_assumed && tb_live_flow_completed(live, client);
    for (unsigned side = 0; side < 2; side++) {
        const struct tb_live_side *own = &live->side[side ^ client], *other = &live->side[side ^ client ^ 1];
        tb_tcp_stream_finish(&own->stream, &row->side[side]);
        if (rules == TB_FLOW_RULES_TCPTRACE)
            tb_tcptrace_finish(own, other, live->last_time, &row->side[side]);
        else
            tb_tcp_counter_finish(own, other, live->last_time, &row->side[side]);
    }
}

void tb_live_flow_row(const struct tb_live_flow *live, enum tb_flow_rules rules, struct tb_flow *row)
{
    const unsigned client = tb_live_flow_client(live, rules);
    *row = (struct tb_flow){.protocol = live->protocol,
                            .client = address_of(live, client),
                            .server = address_of(live, !client),
                            .first_packet = live->first_packet,
                            .start = live->start,
                            .end = live->end,
                            .handshake = tb_live_flow_handshake(live),
                            .ended = TB_FLOW_NOT_TCP};
    for (unsigned side = 0; side < 2; side++)
        tb_live_side_row(&live->side[side ^ client], &row->side[side]);
    if (live->protocol == TB_PROTOCOL_TCP)
        complete_row(live, rules, row);
}

/* Nothing is kept aside, as it is where roles are assumed, and by tcptrace's rules a row counts some things another way in the end. */
bool tb_live_flow_has_fast_path(const struct tb_live_flow *live, enum tb_flow_rules rules)
{
    return live->side[0].rare == NULL && live->side[1].rare == NULL && rules == TB_FLOW_RULES_TWINBED;
}

bool tb_live_flow_add_up(const struct tb_live_flow *live, struct tb_flow_summary *summary)
{
    const struct tb_live_side *client = &live->side[live->client], *server = &live->side[!live->client];
    summary->flows++;
    if (live->protocol != TB_PROTOCOL_TCP)
        return true;
    const struct tb_flow_outcome outcome = {.first_packet = live->first_packet,
                                            .server = address_of(live, !live->client),
                                            .duration = live->end - live->start,
                                            .handshake = tb_live_flow_handshake(live),
                                            .load_begin = client->first_data_time,
                                            .load_end = tb_flow_load_end(server->first_data_time, server->data_time),
                                            .ended = tb_tcp_how_ended(live),
                                            .completed_reply = tb_live_flow_completed(live, !live->client)};
    struct tb_flow_totals *totals = tb_port_flows_add(live->port, &outcome);
    if (totals == NULL)
        return false;
    tb_live_side_add(client, &totals->side[0]);
    tb_live_side_add(server, &totals->side[1]);
    totals->side[0].missing_bytes += tb_tcp_stream_missing(&client->stream);
    totals->side[1].missing_bytes += tb_tcp_stream_missing(&server->stream);
    return true;
}

const char *tb_flow_rules_name(enum tb_flow_rules rules)
{
    return rules == TB_FLOW_RULES_TCPTRACE ? "tcptrace" : "twinbed";
}

const char *tb_flow_end_name(enum tb_flow_end ended)
{
    static const char *const names[] = {
        [TB_FLOW_OPEN] = "open", [TB_FLOW_CLOSED] = "closed", [TB_FLOW_RESET] = "reset", [TB_FLOW_NOT_TCP] = "none"};
    return (unsigned)ended < sizeof names / sizeof names[0] ? names[ended] : "unknown";
}
void tb_flow_turn(struct tb_flow *flow)
{
    const struct tb_address client = flow->client;
    const struct tb_flow_side side = flow->side[0];
    const bool completed = flow->completed_reply;
    flow->client = flow->server;
    flow->server = client;
    flow->side[0] = flow->side[1];
    flow->side[1] = side;
    flow->completed_reply = flow->other_completed;
    flow->other_completed = completed;
}

void tb_flow_orient(struct tb_flow *flow, uint16_t server_port)
{
    if (server_port != 0 && flow->roles_assumed && flow->client.port == server_port && flow->server.port != server_port)
        tb_flow_turn(flow);
}
