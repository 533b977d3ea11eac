/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

void tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request)
{
    const bool by_tcptrace = request->rules == TB_FLOW_RULES_TCPTRACE;
    *flows = (struct tb_flows){.rules = request->rules, .rows = request->rows};
    flows->live.linger = by_tcptrace ? TB_FLOW_LINGER_TCPTRACE_NS : TB_FLOW_LINGER_NS;
    if (request->linger != 0)
        flows->live.linger = request->linger;
    flows->live.remembered = TB_FLOW_REMEMBERED_NS;
}

void tb_flows_free(struct tb_flows *flows)
{
    tb_live_flows_free(&flows->live);
    tb_datagrams_free(&flows->datagrams);
    tb_flow_summary_free(&flows->summary);
    free(flows->items);
    *flows = (struct tb_flows){0};
}

static struct tb_address make_address(const struct tb_packet *packet, const uint8_t *bytes, uint16_t port)
{
    struct tb_address address = {.version = packet->version, .port = port};
    memcpy(address.bytes, bytes, packet->version == 4 ? 4 : 16);
    return address;
}

/* Sides were counted in the order of the first packet: from here on the client is side 0. */
static void put_client_first(struct tb_flow *flow)
{
    const struct tb_address address = flow->client;
    flow->client = flow->server;
    flow->server = address;
    const struct tb_flow_side side = flow->side[0];
    flow->side[0] = flow->side[1];
    flow->side[1] = side;
}

static enum tb_flow_end how_ended(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *stream = live->stream;
    if (live->reset)
        return TB_FLOW_RESET;
    if (stream[0].syn_seen && stream[1].syn_seen && stream[0].fin_seen && stream[1].fin_seen)
        return TB_FLOW_CLOSED;
    return TB_FLOW_OPEN;
}

static void complete_row(const struct tb_flows *flows, struct tb_live_flow *live)
{
    struct tb_flow *flow = &live->flow;
    if (flow->protocol != TB_PROTOCOL_TCP) {
        flow->ended = TB_FLOW_NOT_TCP;
        return;
    }
    bool swap = false;
    const unsigned server = !live->client;
    flow->ended = how_ended(live);
    flow->completed_reply = flow->side[server].payload_bytes != 0 && tb_tcp_stream_delivered(&live->stream[server]);
    for (unsigned side = 0; side < 2; side++)
        tb_tcp_stream_finish(&live->stream[side], &flow->side[side]);
    if (flows->rules == TB_FLOW_RULES_TCPTRACE)
        flow->ended = tb_tcp_detail_ended(&live->detail);
    else if (live->client == 1)
        swap = true;
    tb_tcp_detail_finish(&live->detail, flows->rules, flow->side);
    if (swap)
        put_client_first(flow);
}

/* The flow gets no more packets: it becomes a row, and part of the sums. */
static bool finish(struct tb_flows *flows, struct tb_live_flow *live)
{
    complete_row(flows, live);
    if (flows->rows == TB_FLOW_ROWS_ALL)
        flows->items[live->number] = live->flow;
    return tb_flow_summary_add(&flows->summary, &live->flow);
}

/* By tcptrace's rules whoever sends first stands as the client. */
static unsigned client_of(const struct tb_flows *flows, const struct tb_live_flow *live)
{
    return flows->rules == TB_FLOW_RULES_TCPTRACE ? 0 : live->client;
}

/* The distributions of packets belong to the port of the server as it is known when they come. */
static bool find_port(struct tb_flows *flows, struct tb_live_flow *live)
{
    const struct tb_flow *flow = &live->flow;
    live->port =
        tb_flow_summary_port(&flows->summary, client_of(flows, live) == 0 ? flow->server.port : flow->client.port);
    return live->port != NULL;
}

static bool begin(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    if (flows->rows == TB_FLOW_ROWS_ALL) {
        if (!tb_array_reserve(&flows->items, &flows->capacity, flows->count + 1, sizeof flows->items[0]))
            return false;
        flows->count++;
    }
    *live =
        (struct tb_live_flow){.key = live->key,
                              .clock = queued->clock,
                              .number = flows->begun++,
                              .first_way = queued->way & 1,
                              .used = true,
                              .queued = live->queued,
                              .flow = {.protocol = packet->protocol,
                                       .client = make_address(packet, packet->source, packet->source_port),
                                       .server = make_address(packet, packet->destination, packet->destination_port),
                                       .first_packet = queued->number,
                                       .start = queued->time,
                                       .end = queued->time}};
    if (packet->protocol != TB_PROTOCOL_TCP)
        return true;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE && !tb_live_flows_end(&flows->live, live))
        return false;
    return find_port(flows, live);
}

static bool both_ended(const struct tb_live_flow *live)
{
    return live->stream[0].fin_seen && live->stream[1].fin_seen;
}

/* A SYN from a side of which nothing is known yet belongs to the flow when the
 * other side has only sent its own SYN: a simultaneous opening, or a SYN that
 * was captured behind its answer. */
static bool syn_joins(const struct tb_live_flow *live, const struct tb_tcp_stream *other)
{
    return other->syn_seen && !other->fin_seen && other->seen.count == 0 && !live->any_reset;
}

static bool starts_new(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet)
{
    const struct tb_tcp_stream *stream = &live->stream[side];
    if (packet->protocol != TB_PROTOCOL_TCP || (packet->tcp_flags & TB_TCP_SYN) == 0)
        return false;
    const bool other_number = stream->started && packet->sequence != stream->initial;
    /* An answer to a SYN that was not captured, behind a connection that had ended. */
    if (packet->tcp_flags & TB_TCP_ACK)
        return other_number && (both_ended(live) || live->any_reset);
    return stream->started ? other_number : !syn_joins(live, &live->stream[!side]);
}

static bool choose_client(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                          const struct tb_packet *packet, uint64_t time)
{
    const bool answer = (packet->tcp_flags & TB_TCP_ACK) != 0;
    const enum tb_client_by by = answer ? TB_CLIENT_BY_SYN_ACK : TB_CLIENT_BY_SYN;
    if (live->client_by >= by)
        return true;
    live->client_by = by & 3;
    live->client = (answer ? !side : side) & 1;
    live->syn_time = time;
    return find_port(flows, live);
}

static void watch_handshake(struct tb_live_flow *live, unsigned side, const struct tb_packet *packet, uint64_t time)
{
    const struct tb_tcp_stream *server = &live->stream[!side];
    if (live->handshake_seen || side != live->client || live->client_by != TB_CLIENT_BY_SYN || !server->syn_seen ||
        (packet->tcp_flags & (TB_TCP_ACK | TB_TCP_SYN | TB_TCP_RST)) != TB_TCP_ACK ||
        tb_tcp_stream_position(server, packet->acknowledgement) < tb_tcp_stream_start(server))
        return;
    live->handshake_seen = true;
    live->flow.handshake = time > live->syn_time ? time - live->syn_time : 0;
}

/* Both FINs are acknowledged, or an RST was seen. */
static bool is_over(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *stream = live->stream;
    return live->any_reset ||
           (both_ended(live) && stream[0].acknowledged > stream[0].fin && stream[1].acknowledged > stream[1].fin);
}

static bool add_segment(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                        const struct tb_packet *packet, uint64_t time, struct tb_payload_marks *marks)
{
    struct tb_flow *flow = &live->flow;
    const struct tb_segment segment = {.sequence = packet->sequence,
                                       .acknowledgement = packet->acknowledgement,
                                       .payload = packet->payload,
                                       .flags = packet->tcp_flags,
                                       .identification = packet->version == 4 ? (int32_t)packet->identification : -1,
                                       .probe = tb_tcp_detail_is_probe(&live->detail, side, packet, flows->rules)};
    if ((packet->tcp_flags & TB_TCP_SYN) != 0 && !choose_client(flows, live, side, packet, time))
        return false;
    if (packet->tcp_flags & TB_TCP_RST) {
        live->any_reset = true;
        live->reset = live->reset || !both_ended(live);
    }
    if (!tb_tcp_stream_add(&live->stream[side], &live->stream[!side], &segment, &flow->side[side], marks))
        return false;
    watch_handshake(live, side, packet, time);
    const struct tb_detail_packet detailed = {.packet = packet,
                                              .time = time,
                                              .rules = flows->rules,
                                              .port = live->port,
                                              .by_server = side != client_of(flows, live)};
    if (!tb_tcp_detail_add(&live->detail, side, &detailed, flow->side))
        return false;
    return live->over || !is_over(live) || tb_live_flows_end(&flows->live, live);
}

static void add_datagram(struct tb_flow_side *side, uint32_t payload, struct tb_payload_marks *marks)
{
    side->payload_bytes += payload;
    if (payload != 0 && !marks->data)
        side->data_packets++;
    marks->data = marks->data || payload != 0;
}

static void note_time(struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    live->clock = queued->clock;
    if (queued->time > live->flow.end)
        live->flow.end = queued->time;
    if (queued->time < live->flow.start)
        live->flow.start = queued->time;
}

/* The flow of a datagram, unless it left or another took its place. */
static struct tb_live_flow *flow_of(struct tb_flows *flows, const struct tb_datagram *datagram, uint64_t clock)
{
    struct tb_live_flow *live =
        tb_live_flows_find(&flows->live, &datagram->flow_key, tb_flow_key_hash(&datagram->flow_key), 0).live;
    if (live == NULL || live->number != datagram->flow || tb_live_flow_is_due(&flows->live, live, clock))
        return NULL;
    return live;
}

/* Adds a later fragment to the datagram whose flow is known. */
static bool add_fragment(struct tb_live_flow *live, struct tb_datagram *datagram, const struct tb_fragment *fragment)
{
    struct tb_flow_side *side = &live->flow.side[datagram->side];
    side->ip_bytes += fragment->ip_bytes;
    if (live->flow.protocol == TB_PROTOCOL_UDP) {
        add_datagram(side, fragment->length, &datagram->marks);
        return true;
    }
    if (fragment->offset < datagram->transport_header)
        return true;
    struct tb_tcp_stream *stream = &live->stream[datagram->side];
    const uint32_t sequence = datagram->payload_sequence + (fragment->offset - datagram->transport_header);
    if (datagram->fin && fragment->last)
        tb_tcp_stream_move_fin(stream, sequence + fragment->length);
    return tb_tcp_stream_add_payload(stream, sequence, fragment->length, side, &datagram->marks);
}

/* tcptrace does not see later fragments. */
static bool add_later_fragment(struct tb_flows *flows, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE)
        return true;
    struct tb_datagram *datagram = tb_datagrams_get(&flows->datagrams, packet);
    if (datagram == NULL)
        return false;
    const struct tb_fragment fragment = {.offset = packet->fragment_offset,
                                         .length = packet->payload,
                                         .ip_bytes = packet->ip_bytes,
                                         .last = packet->last_fragment};
    if (datagram->first_seen) {
        struct tb_live_flow *live = flow_of(flows, datagram, queued->clock);
        if (live == NULL)
            return true;
        note_time(live, queued);
        return add_fragment(live, datagram, &fragment);
    }
    if (datagram->waiting_count < TB_FRAGMENTS_WAITING)
        datagram->waiting[datagram->waiting_count++] = fragment;
    return true;
}

/* Remembers the flow of a first fragment, and adds those that came before it. */
static bool follow_datagram(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                            const struct tb_packet *packet, const struct tb_payload_marks *marks)
{
    struct tb_datagram *datagram = tb_datagrams_get(&flows->datagrams, packet);
    if (datagram == NULL)
        return false;
    datagram->first_seen = true;
    datagram->fin = (packet->tcp_flags & TB_TCP_FIN) != 0;
    datagram->side = (uint8_t)side;
    datagram->flow_key = live->key;
    datagram->flow = live->number;
    datagram->payload_sequence = packet->sequence + ((packet->tcp_flags & TB_TCP_SYN) != 0);
    datagram->transport_header = packet->transport_header;
    datagram->marks = *marks;
    const uint32_t count = datagram->waiting_count;
    datagram->waiting_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!add_fragment(live, datagram, &datagram->waiting[i]))
            return false;
    return true;
}

static bool is_another(const struct tb_flows *flows, const struct tb_live_flow *live,
                       const struct tb_flow_packet *queued)
{
    const unsigned side = queued->way ^ live->first_way;
    const struct tb_detail_packet packet = {.packet = &queued->packet, .time = queued->time, .rules = flows->rules};
    if (flows->rules == TB_FLOW_RULES_TWINBED)
        return starts_new(live, side, &queued->packet);
    return queued->packet.protocol == TB_PROTOCOL_TCP && tb_tcp_detail_begins_other(&live->detail, side, &packet);
}

/* --- leaving memory --- */

static bool leave(struct tb_flows *flows, struct tb_live_flow *live)
{
    const struct tb_tcp_stream *stream = live->stream;
    struct tb_gone_flow gone = {.key = live->key,
                                .clock = live->clock + flows->live.linger,
                                .port = live->port,
                                .initial = {stream[0].initial, stream[1].initial},
                                .started = {stream[0].started, stream[1].started},
                                .first_way = live->first_way,
                                .client = live->client};
    if (!finish(flows, live))
        return false;
    gone.completed = live->flow.completed_reply;
    /* By tcptrace's rules nothing can come late: it would begin another connection. */
    return tb_live_flows_leave(&flows->live, live, flows->rules == TB_FLOW_RULES_TCPTRACE ? NULL : &gone);
}

static bool leave_all_due(struct tb_flows *flows, uint64_t clock)
{
    struct tb_live_flow *live;
    while ((live = tb_live_flows_due(&flows->live, clock)) != NULL)
        if (!leave(flows, live))
            return false;
    return tb_live_flows_forget(&flows->live, clock);
}

/* The rules of starts_new, for a flow that was over. */
static bool revives(const struct tb_gone_flow *gone, unsigned side, const struct tb_packet *packet)
{
    if ((packet->tcp_flags & TB_TCP_SYN) == 0)
        return false;
    if (gone->started[side])
        return packet->sequence != gone->initial[side];
    return (packet->tcp_flags & TB_TCP_ACK) == 0;
}

static void add_late(struct tb_flows *flows, struct tb_gone_flow *gone, unsigned way,
                     const struct tb_flow_packet *queued)
{
    struct tb_flow_totals *totals = gone->completed ? &gone->port->completed : &gone->port->unfinished;
    const unsigned side = way ^ gone->first_way;
    struct tb_flow_side *sender = &totals->side[side != gone->client];
    gone->clock = queued->clock;
    flows->summary.late_packets++;
    totals->late_packets++;
    sender->packets++;
    sender->ip_bytes += queued->packet.ip_bytes;
    sender->payload_bytes += queued->packet.payload;
    sender->data_packets += queued->packet.payload != 0;
}

/* The flow of a packet; *late for one whose flow has left. NULL otherwise when memory is short. */
static struct tb_live_flow *find_flow(struct tb_flows *flows, const struct tb_flow_packet *queued, bool *late)
{
    struct tb_found_flow found = tb_live_flows_find(&flows->live, &queued->key, queued->hash, queued->hint);
    if (found.live != NULL && tb_live_flow_is_due(&flows->live, found.live, queued->clock)) {
        if (!leave(flows, found.live))
            return NULL;
        found = tb_live_flows_find(&flows->live, &queued->key, queued->hash, 0);
    }
    if (found.live != NULL) {
        if (is_another(flows, found.live, queued))
            return finish(flows, found.live) && begin(flows, found.live, queued) ? found.live : NULL;
        return found.live;
    }
    if (found.gone != NULL && !tb_gone_flow_is_due(&flows->live, found.gone, queued->clock) &&
        !revives(found.gone, queued->way ^ found.gone->first_way, &queued->packet)) {
        add_late(flows, found.gone, queued->way, queued);
        *late = true;
        return NULL;
    }
    struct tb_live_flow *live = tb_live_flows_add(&flows->live, &queued->key, queued->hash);
    return live != NULL && begin(flows, live, queued) ? live : NULL;
}

/* tcptrace knows microseconds, and takes an IP length of 0 for no payload. */
static void see_as_tcptrace(struct tb_flow_packet *queued)
{
    queued->time -= queued->time % 1000;
    if (queued->packet.length_zero)
        queued->packet.payload = 0;
}

static bool add_to_flow(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    const unsigned side = queued->way ^ live->first_way;
    struct tb_payload_marks marks = {0};
    note_time(live, queued);
    live->flow.side[side].packets++;
    live->flow.side[side].ip_bytes += packet->ip_bytes;
    if (packet->protocol != TB_PROTOCOL_TCP)
        add_datagram(&live->flow.side[side], packet->payload, &marks);
    else if (!add_segment(flows, live, side, packet, queued->time, &marks))
        return false;
    return !packet->fragment || flows->rules == TB_FLOW_RULES_TCPTRACE ||
           follow_datagram(flows, live, side, packet, &marks);
}

static bool add_packet(struct tb_flows *flows, struct tb_flow_packet *queued)
{
    bool late = false;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE)
        see_as_tcptrace(queued);
    if (!leave_all_due(flows, queued->clock))
        return false;
    if (queued->packet.kind == TB_PACKET_LATER_FRAGMENT)
        return add_later_fragment(flows, queued);
    struct tb_live_flow *live = find_flow(flows, queued, &late);
    return late || (live != NULL && add_to_flow(flows, live, queued));
}

/* The packet that entered the queue so many packets ago. */
static struct tb_flow_packet *waiting(struct tb_flows *flows, uint64_t ago)
{
    return &flows->queue[(flows->queued - ago) % TB_FLOWS_QUEUE];
}

bool tb_flows_add(struct tb_flows *flows)
{
    struct tb_flow_packet *queued = tb_flows_next(flows);
    queued->hint = 0;
    queued->hash = 0;
    if (queued->packet.kind == TB_PACKET_TRANSPORT) {
        queued->way = tb_flow_key_make(&queued->packet, &queued->key);
        queued->hash = tb_flow_key_hash(&queued->key);
        tb_live_flows_prefetch_slot(&flows->live, queued->hash);
    }
    flows->queued++;
    if (flows->queued > TB_FLOWS_STAGE) {
        queued = waiting(flows, TB_FLOWS_STAGE + 1);
        queued->hint = tb_live_flows_prefetch_flow(&flows->live, queued->hash);
    }
    if (flows->queued <= 2 * TB_FLOWS_STAGE)
        return true;
    return add_packet(flows, &flows->queue[flows->added++ % TB_FLOWS_QUEUE]);
}

bool tb_flows_finish(struct tb_flows *flows)
{
    while (flows->added < flows->queued)
        if (!add_packet(flows, &flows->queue[flows->added++ % TB_FLOWS_QUEUE]))
            return false;
    for (uint32_t i = 0; i < flows->live.flow_count; i++) {
        struct tb_live_flow *live = tb_live_flows_at(&flows->live, i);
        if (live == NULL)
            continue;
        live->used = false;
        if (!finish(flows, live))
            return false;
    }
    return true;
}
