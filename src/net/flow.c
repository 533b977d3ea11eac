/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

void tb_flows_free(struct tb_flows *flows)
{
    tb_flow_table_free(&flows->table);
    tb_datagrams_free(&flows->datagrams);
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

static struct tb_live_detail *detail_of(const struct tb_flows *flows, const struct tb_live_flow *live)
{
    return &flows->table.details[live - flows->table.flows];
}

static void finish(struct tb_flows *flows, struct tb_live_flow *live)
{
    struct tb_flow *flow = &flows->items[live->flow];
    struct tb_live_detail *detail = detail_of(flows, live);
    live->used = false;
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
        flow->ended = tb_tcp_detail_ended(detail);
    else if (live->client == 1)
        swap = true;
    tb_tcp_detail_finish(detail, flows->rules, flow->side);
    if (swap)
        put_client_first(flow);
}

static bool begin(struct tb_flows *flows, struct tb_live_flow *live, unsigned way, const struct tb_packet *packet,
                  uint64_t number, uint64_t time)
{
    if (flows->count >= UINT32_MAX ||
        !tb_array_reserve(&flows->items, &flows->capacity, flows->count + 1, sizeof flows->items[0]))
        return false;
    *detail_of(flows, live) = (struct tb_live_detail){0};
    *live = (struct tb_live_flow){.key = live->key, .flow = (uint32_t)flows->count, .first_way = way & 1, .used = true};
    flows->items[flows->count++] =
        (struct tb_flow){.protocol = packet->protocol,
                         .client = make_address(packet, packet->source, packet->source_port),
                         .server = make_address(packet, packet->destination, packet->destination_port),
                         .first_packet = number,
                         .start = time,
                         .end = time};
    return true;
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

static void choose_client(struct tb_live_flow *live, unsigned side, const struct tb_packet *packet, uint64_t time)
{
    const bool answer = (packet->tcp_flags & TB_TCP_ACK) != 0;
    const enum tb_client_by by = answer ? TB_CLIENT_BY_SYN_ACK : TB_CLIENT_BY_SYN;
    if (live->client_by >= by)
        return;
    live->client_by = by & 3;
    live->client = (answer ? !side : side) & 1;
    live->syn_time = time;
}

static void watch_handshake(struct tb_live_flow *live, struct tb_flow *flow, unsigned side,
                            const struct tb_packet *packet, uint64_t time)
{
    const struct tb_tcp_stream *server = &live->stream[!side];
    if (live->handshake_seen || side != live->client || live->client_by != TB_CLIENT_BY_SYN || !server->syn_seen ||
        (packet->tcp_flags & (TB_TCP_ACK | TB_TCP_SYN | TB_TCP_RST)) != TB_TCP_ACK ||
        tb_tcp_stream_position(server, packet->acknowledgement) < tb_tcp_stream_start(server))
        return;
    live->handshake_seen = true;
    flow->handshake = time > live->syn_time ? time - live->syn_time : 0;
}

static bool add_segment(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                        const struct tb_packet *packet, uint64_t time, struct tb_payload_marks *marks)
{
    struct tb_flow *flow = &flows->items[live->flow];
    struct tb_live_detail *detail = detail_of(flows, live);
    const struct tb_detail_packet detailed = {.packet = packet, .time = time, .rules = flows->rules};
    const struct tb_segment segment = {.sequence = packet->sequence,
                                       .acknowledgement = packet->acknowledgement,
                                       .payload = packet->payload,
                                       .flags = packet->tcp_flags,
                                       .identification = packet->version == 4 ? (int32_t)packet->identification : -1,
                                       .probe = tb_tcp_detail_is_probe(detail, side, packet, flows->rules)};
    if (packet->tcp_flags & TB_TCP_SYN)
        choose_client(live, side, packet, time);
    if (packet->tcp_flags & TB_TCP_RST) {
        live->any_reset = true;
        live->reset = live->reset || !both_ended(live);
    }
    if (!tb_tcp_stream_add(&live->stream[side], &live->stream[!side], &segment, &flow->side[side], marks))
        return false;
    watch_handshake(live, flow, side, packet, time);
    return tb_tcp_detail_add(detail, side, &detailed, flow->side);
}

static void add_datagram(struct tb_flow_side *side, uint32_t payload, struct tb_payload_marks *marks)
{
    side->payload_bytes += payload;
    if (payload != 0 && !marks->data)
        side->data_packets++;
    marks->data = marks->data || payload != 0;
}

static void note_time(struct tb_flow *flow, uint64_t time)
{
    if (time > flow->end)
        flow->end = time;
    if (time < flow->start)
        flow->start = time;
}

/* Adds a later fragment to the datagram whose flow is known. */
static bool add_fragment(struct tb_flows *flows, struct tb_datagram *datagram, const struct tb_fragment *fragment)
{
    struct tb_live_flow *live =
        tb_flow_table_get(&flows->table, &datagram->flow_key, tb_flow_key_hash(&datagram->flow_key), 0);
    if (live == NULL)
        return false;
    if (!live->used || live->flow != datagram->flow)
        return true;
    struct tb_flow *flow = &flows->items[live->flow];
    struct tb_flow_side *side = &flow->side[datagram->side];
    side->ip_bytes += fragment->ip_bytes;
    if (flow->protocol == TB_PROTOCOL_UDP) {
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
static bool add_later_fragment(struct tb_flows *flows, const struct tb_packet *packet, uint64_t time)
{
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
        if (datagram->flow < flows->count)
            note_time(&flows->items[datagram->flow], time);
        return add_fragment(flows, datagram, &fragment);
    }
    if (datagram->waiting_count < TB_FRAGMENTS_WAITING)
        datagram->waiting[datagram->waiting_count++] = fragment;
    return true;
}

/* Remembers the flow of a first fragment, and adds those that came before it. */
static bool follow_datagram(struct tb_flows *flows, const struct tb_live_flow *live, unsigned side,
                            const struct tb_packet *packet, const struct tb_payload_marks *marks)
{
    struct tb_datagram *datagram = tb_datagrams_get(&flows->datagrams, packet);
    if (datagram == NULL)
        return false;
    datagram->first_seen = true;
    datagram->fin = (packet->tcp_flags & TB_TCP_FIN) != 0;
    datagram->side = (uint8_t)side;
    datagram->flow_key = live->key;
    datagram->flow = live->flow;
    datagram->payload_sequence = packet->sequence + ((packet->tcp_flags & TB_TCP_SYN) != 0);
    datagram->transport_header = packet->transport_header;
    datagram->marks = *marks;
    const uint32_t count = datagram->waiting_count;
    datagram->waiting_count = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!add_fragment(flows, datagram, &datagram->waiting[i]))
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
    return queued->packet.protocol == TB_PROTOCOL_TCP &&
           tb_tcp_detail_begins_other(detail_of(flows, live), side, &packet);
}

/* tcptrace knows microseconds, and takes an IP length of 0 for no payload. */
static void see_as_tcptrace(struct tb_flow_packet *queued)
{
    queued->time -= queued->time % 1000;
    if (queued->packet.length_zero)
        queued->packet.payload = 0;
}

static bool add_packet(struct tb_flows *flows, struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE)
        see_as_tcptrace(queued);
    if (packet->kind == TB_PACKET_LATER_FRAGMENT)
        return add_later_fragment(flows, packet, queued->time);
    struct tb_live_flow *live = tb_flow_table_get(&flows->table, &queued->key, queued->hash, queued->hint);
    if (live == NULL)
        return false;
    if (live->used && is_another(flows, live, queued))
        finish(flows, live);
    if (!live->used && !begin(flows, live, queued->way, packet, queued->number, queued->time))
        return false;
    const unsigned side = queued->way ^ live->first_way;
    struct tb_flow *flow = &flows->items[live->flow];
    struct tb_payload_marks marks = {0};
    note_time(flow, queued->time);
    flow->side[side].packets++;
    flow->side[side].ip_bytes += packet->ip_bytes;
    bool added = true;
    if (packet->protocol == TB_PROTOCOL_TCP)
        added = add_segment(flows, live, side, packet, queued->time, &marks);
    else
        add_datagram(&flow->side[side], packet->payload, &marks);
    if (added && packet->fragment && flows->rules == TB_FLOW_RULES_TWINBED)
        added = follow_datagram(flows, live, side, packet, &marks);
    return added;
}

/* The packet that entered the queue so many packets ago. */
static struct tb_flow_packet *waiting(struct tb_flows *flows, uint64_t ago)
{
    return &flows->queue[(flows->queued - ago) % TB_FLOWS_QUEUE];
}

static void prefetch_counters(const struct tb_flows *flows, const struct tb_flow_packet *queued)
{
    if (queued->hint == 0)
        return;
    const struct tb_live_flow *live = &flows->table.flows[queued->hint - 1];
    const struct tb_flow *flow = &flows->items[live->flow];
    const struct tb_flow_side *side = &flow->side[queued->way ^ live->first_way];
    __builtin_prefetch(&flow->end, 1);
    __builtin_prefetch(&side->packets, 1);
    __builtin_prefetch(&side->out_of_order_packets, 1);
    __builtin_prefetch(&side->missing_bytes, 1);
}

bool tb_flows_add(struct tb_flows *flows)
{
    struct tb_flow_packet *queued = tb_flows_next(flows);
    queued->hint = 0;
    queued->hash = 0;
    if (queued->packet.kind == TB_PACKET_TRANSPORT) {
        queued->way = tb_flow_key_make(&queued->packet, &queued->key);
        queued->hash = tb_flow_key_hash(&queued->key);
        tb_flow_table_prefetch_slot(&flows->table, queued->hash);
    }
    flows->queued++;
    if (flows->queued > TB_FLOWS_STAGE) {
        queued = waiting(flows, TB_FLOWS_STAGE + 1);
        queued->hint = tb_flow_table_prefetch_flow(&flows->table, queued->hash);
    }
    if (flows->queued > 2 * TB_FLOWS_STAGE)
        prefetch_counters(flows, waiting(flows, 2 * TB_FLOWS_STAGE + 1));
    if (flows->queued <= 3 * TB_FLOWS_STAGE)
        return true;
    return add_packet(flows, &flows->queue[flows->added++ % TB_FLOWS_QUEUE]);
}

bool tb_flows_finish(struct tb_flows *flows)
{
    while (flows->added < flows->queued)
        if (!add_packet(flows, &flows->queue[flows->added++ % TB_FLOWS_QUEUE]))
            return false;
    for (size_t i = 0; i < flows->table.flow_count; i++)
        if (flows->table.flows[i].used)
            finish(flows, &flows->table.flows[i]);
    return true;
}
