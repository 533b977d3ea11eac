/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow.h"

#include "hash_seed.h"
#include "tcp_detail.h"

bool tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request)
{
    const bool by_tcptrace = request->rules == TB_FLOW_RULES_TCPTRACE;
    *flows = (struct tb_flows){
        .rules = request->rules, .rows = request->rows, .sink = request->sink, .sampled = request->sample};
    tb_packet_sampler_start(&flows->sampler);
    flows->live.linger = by_tcptrace ? TB_FLOW_LINGER_TCPTRACE_NS : TB_FLOW_LINGER_NS;
    if (request->linger != 0)
        flows->live.linger = request->linger;
    flows->live.remembered = TB_FLOW_REMEMBERED_NS;
    flows->live.seed = tb_hash_seed();
    tb_row_store_start(&flows->over, request->sink == NULL ? NULL : request->sink->directory);
    flows->window = tb_flow_window_make(flows->live.seed);
    return flows->window != NULL;
}

void tb_flows_free(struct tb_flows *flows)
{
    tb_live_flows_free(&flows->live);
    tb_datagrams_free(&flows->datagrams);
    tb_flow_summary_free(&flows->summary);
    tb_packet_sampler_free(&flows->sampler);
    tb_flow_window_free(flows->window);
    tb_row_store_free(&flows->over);
    *flows = (struct tb_flows){0};
}

enum tb_status tb_flows_failure(const struct tb_flows *flows, struct tb_error *error)
{
    if (flows->over.status == TB_OK)
        return tb_error_memory(error, "the flows of a capture");
    if (flows->sink != NULL)
        flows->sink->failed = true;
    if (error != NULL)
        *error = flows->over.error;
    return flows->over.status;
}

/* Of the side that sent the first packet (0) or the other (1). */
static unsigned endpoint_of(const struct tb_live_flow *live, unsigned side)
{
    return side ^ live->first_way;
}

static enum tb_flow_end how_ended(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    if (live->reset)
        return TB_FLOW_RESET;
    return one->syn_seen && other->syn_seen && one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
}

/* By tcptrace's rules whoever sends first stands as the client. */
static unsigned client_of(const struct tb_flows *flows, const struct tb_live_flow *live)
{
    return flows->rules == TB_FLOW_RULES_TCPTRACE ? 0 : live->client;
}

static void make_row(const struct tb_flows *flows, const struct tb_live_flow *live, struct tb_flow *row)
{
    const unsigned client = client_of(flows, live);
    *row = (struct tb_flow){.protocol = live->protocol,
                            .client = tb_flow_key_address(&live->key, endpoint_of(live, client)),
                            .server = tb_flow_key_address(&live->key, endpoint_of(live, !client)),
                            .first_packet = live->first_packet,
                            .start = live->start,
                            .end = live->end,
                            .handshake = live->handshake,
                            .ended = TB_FLOW_NOT_TCP};
    for (unsigned side = 0; side < 2; side++)
        tb_live_side_row(&live->side[side ^ client], &row->side[side]);
}

static void complete_row(const struct tb_flows *flows, const struct tb_live_flow *live, struct tb_flow *row)
{
    const unsigned client = client_of(flows, live);
    const struct tb_live_side *server = &live->side[!live->client];
    row->ended = flows->rules == TB_FLOW_RULES_TCPTRACE ? tb_tcp_detail_ended(live->side) : how_ended(live);
    row->completed_reply = server->payload_bytes != 0 && tb_tcp_stream_delivered(&server->stream);
    for (unsigned side = 0; side < 2; side++) {
        const struct tb_live_side *own = &live->side[side ^ client], *other = &live->side[side ^ client ^ 1];
        tb_tcp_stream_finish(&own->stream, &row->side[side]);
        tb_tcp_detail_finish(own, other, live->last_time, flows->rules, &row->side[side]);
    }
}

/* The flow gets no more packets: it becomes a row, and part of the sums. */
static bool finish(struct tb_flows *flows, struct tb_live_flow *live, bool *completed)
{
    struct tb_flow row;
    make_row(flows, live, &row);
    if (live->protocol == TB_PROTOCOL_TCP)
        complete_row(flows, live, &row);
    tb_live_side_free(&live->side[0]);
    tb_live_side_free(&live->side[1]);
    *completed = row.completed_reply;
    return (flows->rows == TB_FLOW_ROWS_NONE || tb_row_store_add(&flows->over, &row)) &&
           tb_flow_summary_add(&flows->summary, &row);
}

/* The distributions of packets belong to the port of the server as it is known when they come. */
static bool find_port(struct tb_flows *flows, struct tb_live_flow *live)
{
    const unsigned server = endpoint_of(live, !client_of(flows, live));
    live->port = tb_flow_summary_port(&flows->summary, (uint16_t)(live->key.words[4] >> (16 * server)));
    return live->port != NULL;
}

static bool begin(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    *live = (struct tb_live_flow){.key = live->key,
                                  .clock = queued->clock,
                                  .end = queued->time,
                                  .first_way = queued->way & 1,
                                  .used = true,
                                  .queued = live->queued,
                                  .protocol = packet->protocol,
                                  .start = queued->time,
                                  .first_packet = queued->number};
    if (packet->protocol != TB_PROTOCOL_TCP)
        return true;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE && !tb_live_flows_end(&flows->live, live))
        return false;
    return find_port(flows, live);
}

static bool both_ended(const struct tb_live_flow *live)
{
    return live->side[0].stream.fin_seen && live->side[1].stream.fin_seen;
}

/* A SYN from a side of which nothing is known yet belongs to the flow when the
 * other side has only sent its own SYN: a simultaneous opening, or a SYN that
 * was captured behind its answer. */
static bool syn_joins(const struct tb_live_flow *live, const struct tb_tcp_stream *other)
{
    return other->syn_seen && !other->fin_seen && other->seen.count == 0 && !live->any_reset;
}

/* A SYN begins another connection. */
static bool starts_new(const struct tb_live_flow *live, unsigned side, const struct tb_packet *packet)
{
    const struct tb_tcp_stream *stream = &live->side[side].stream;
    const bool other_number = stream->started && packet->sequence != stream->initial;
    /* An answer to a SYN that was not captured, behind a connection that had ended. */
    if (packet->tcp_flags & TB_TCP_ACK)
        return other_number && (both_ended(live) || live->any_reset);
    return stream->started ? other_number : !syn_joins(live, &live->side[!side].stream);
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
    const struct tb_tcp_stream *server = &live->side[!side].stream;
    if (side != live->client || live->client_by != TB_CLIENT_BY_SYN || !server->syn_seen ||
        (packet->tcp_flags & (TB_TCP_ACK | TB_TCP_SYN | TB_TCP_RST)) != TB_TCP_ACK ||
        tb_tcp_stream_position(server, packet->acknowledgement) < tb_tcp_stream_start(server))
        return;
    live->handshake_seen = true;
    live->handshake = time > live->syn_time ? time - live->syn_time : 0;
}

/* Both FINs are acknowledged, or an RST was seen. */
static bool is_over(const struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    return live->any_reset ||
           (one->fin_seen && other->fin_seen && one->acknowledged > one->fin && other->acknowledged > other->fin);
}

/* Most flows get no more packets: what lingers should be small. */
static bool end(struct tb_flows *flows, struct tb_live_flow *live)
{
    tb_sent_list_shrink(&live->side[0].sent);
    tb_sent_list_shrink(&live->side[1].sent);
    return tb_live_flows_end(&flows->live, live);
}

static bool add_segment(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                        const struct tb_flow_packet *queued, struct tb_payload_marks *marks)
{
    const struct tb_packet *packet = &queued->packet;
    struct tb_live_side *own = &live->side[side], *other = &live->side[!side];
    const bool probe = tb_tcp_detail_is_probe(own, other, packet, flows->rules);
    if ((packet->tcp_flags & TB_TCP_SYN) != 0 && !choose_client(flows, live, side, packet, queued->time))
        return false;
    if (packet->tcp_flags & TB_TCP_RST) {
        live->any_reset = true;
        live->reset = live->reset || !both_ended(live);
    }
    if (!tb_tcp_stream_add(own, other, packet, probe, marks))
        return false;
    if (!live->handshake_seen)
        watch_handshake(live, side, packet, queued->time);
    const struct tb_detail_packet detailed = {.packet = packet,
                                              .time = queued->time,
                                              .flow_time = live->last_time,
                                              .rules = flows->rules,
                                              .probe = probe,
                                              .port = live->port,
                                              .by_server = side != client_of(flows, live)};
    live->last_time = queued->time;
    if (!tb_tcp_detail_add(own, other, &detailed))
        return false;
    return live->over || !is_over(live) || end(flows, live);
}

static void add_datagram(struct tb_live_side *side, uint32_t payload, struct tb_payload_marks *marks)
{
    side->payload_bytes += payload;
    side->data_packets += payload != 0 && !marks->data;
    marks->data = marks->data || payload != 0;
}

static void note_time(struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    live->clock = queued->clock;
    if (queued->time > live->end)
        live->end = queued->time;
    if (queued->time < live->start)
        live->start = queued->time;
}

/* The flow of a datagram, unless it left or another took its place. */
static struct tb_live_flow *flow_of(struct tb_flows *flows, const struct tb_datagram *datagram, uint64_t clock)
{
    struct tb_live_flow *live = tb_live_flows_find(&flows->live, &datagram->flow_key,
                                                   tb_flow_key_hash(&datagram->flow_key, flows->live.seed), 0)
                                    .live;
    if (live == NULL || live->first_packet != datagram->flow || tb_live_flow_is_due(&flows->live, live, clock))
        return NULL;
    return live;
}

/* Adds a later fragment to the datagram whose flow is known. */
static bool add_fragment(struct tb_live_flow *live, struct tb_datagram *datagram, const struct tb_fragment *fragment)
{
    struct tb_live_side *side = &live->side[datagram->side];
    side->ip_bytes += fragment->ip_bytes;
    if (live->protocol == TB_PROTOCOL_UDP) {
        add_datagram(side, fragment->length, &datagram->marks);
        return true;
    }
    if (fragment->offset < datagram->transport_header)
        return true;
    const uint32_t sequence = datagram->payload_sequence + (fragment->offset - datagram->transport_header);
    if (datagram->fin && fragment->last)
        tb_tcp_stream_move_fin(&side->stream, sequence + fragment->length);
    return tb_tcp_stream_add_payload(side, sequence, fragment->length, &datagram->marks);
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
    datagram->flow = live->first_packet;
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
    if (queued->packet.protocol != TB_PROTOCOL_TCP)
        return false;
    if (flows->rules == TB_FLOW_RULES_TWINBED)
        return (queued->packet.tcp_flags & TB_TCP_SYN) != 0 && starts_new(live, side, &queued->packet);
    const struct tb_detail_packet packet = {
        .packet = &queued->packet, .time = queued->time, .flow_time = live->last_time, .rules = flows->rules};
    return tb_tcp_detail_begins_other(&live->side[side], &live->side[!side], &packet);
}

/* --- leaving memory --- */

static bool leave(struct tb_flows *flows, struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    struct tb_gone_flow gone = {.key = live->key,
                                .clock = live->clock + flows->live.linger,
                                .port = live->port,
                                .initial = {one->initial, other->initial},
                                .started = {one->started, other->started},
                                .first_way = live->first_way,
                                .client = live->client};
    bool completed;
    if (!finish(flows, live, &completed))
        return false;
    gone.completed = completed;
    /* By tcptrace's rules nothing can come late: it would begin another connection. */
    return tb_live_flows_leave(&flows->live, live, flows->rules == TB_FLOW_RULES_TCPTRACE ? NULL : &gone);
}

static bool leave_all_due(struct tb_flows *flows, uint64_t clock)
{
    struct tb_live_flow *live;
    if (!tb_live_flows_any_due(&flows->live, clock))
        return true;
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

/* The packets of a group, one after the other. */
struct course {
    const struct tb_flow_group *group;
    struct tb_live_flow *live; /* the flow of the packet before, while it is live */
    bool late;                 /* the flow of the latest packet has left */
};

/* The flow of a packet; NULL for one whose flow has left, and otherwise when memory is short. */
static struct tb_live_flow *find_flow(struct tb_flows *flows, struct course *course,
                                      const struct tb_flow_packet *queued)
{
    const struct tb_flow_group *group = course->group;
    struct tb_found_flow found = {.live = course->live};
    if (found.live == NULL)
        found = tb_live_flows_find(&flows->live, &group->key, group->hash, group->hint);
    if (found.live != NULL && tb_live_flow_is_due(&flows->live, found.live, queued->clock)) {
        if (!leave(flows, found.live))
            return NULL;
        found = tb_live_flows_find(&flows->live, &group->key, group->hash, 0);
    }
    if (found.live != NULL) {
        bool completed;
        if (!is_another(flows, found.live, queued))
            return found.live;
        return finish(flows, found.live, &completed) && begin(flows, found.live, queued) ? found.live : NULL;
    }
    if (found.gone != NULL && !tb_gone_flow_is_due(&flows->live, found.gone, queued->clock) &&
        !revives(found.gone, queued->way ^ found.gone->first_way, &queued->packet)) {
        add_late(flows, found.gone, queued->way, queued);
        course->late = true;
        return NULL;
    }
    struct tb_live_flow *live = tb_live_flows_add(&flows->live, &group->key, group->hash);
    return live != NULL && begin(flows, live, queued) ? live : NULL;
}

/* tcptrace knows microseconds, and takes an IP length of 0 for no payload. */
static void see_as_tcptrace(struct tb_flow_packet *queued)
{
    queued->time -= queued->time % 1000;
    if (queued->packet.length_zero)
        queued->packet.payload = 0;
}

/* What a packet can add to a counter of 32 bits is below 2^8. */
enum { WIDEN_PACKETS = 1 << 24 };

static bool add_to_flow(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    const unsigned side = queued->way ^ live->first_way;
    struct tb_live_side *sender = &live->side[side];
    struct tb_payload_marks marks = {0};
    note_time(live, queued);
    if (sender->packets >= WIDEN_PACKETS && !tb_live_side_widen(sender))
        return false;
    sender->packets++;
    sender->ip_bytes += packet->ip_bytes;
    if (packet->protocol != TB_PROTOCOL_TCP)
        add_datagram(sender, packet->payload, &marks);
    else if (!add_segment(flows, live, side, queued, &marks))
        return false;
    return !packet->fragment || flows->rules == TB_FLOW_RULES_TCPTRACE ||
           follow_datagram(flows, live, side, packet, &marks);
}

static bool add_packet(struct tb_flows *flows, struct course *course, struct tb_flow_packet *queued)
{
    if (flows->rules == TB_FLOW_RULES_TCPTRACE)
        see_as_tcptrace(queued);
    course->late = false;
    course->live = find_flow(flows, course, queued);
    return course->late || (course->live != NULL && add_to_flow(flows, course->live, queued));
}

/* Fetching what will be needed, some groups and packets before it is, hides most of the time that memory takes. */
enum { SLOT_AHEAD = 8, FLOW_AHEAD = 3, PACKET_AHEAD = 8, LINE = 64 };

static void prefetch_group(struct tb_flows *flows, const struct tb_flow_groups *all, uint32_t group)
{
    if (group + SLOT_AHEAD < all->group_count)
        tb_live_flows_prefetch_slot(&flows->live, all->groups[group + SLOT_AHEAD].hash);
    if (group + FLOW_AHEAD < all->group_count)
        all->groups[group + FLOW_AHEAD].hint =
            tb_live_flows_prefetch_flow(&flows->live, all->groups[group + FLOW_AHEAD].hash);
}

static void prefetch_packet(const struct tb_flow_groups *all, uint32_t place)
{
    if (place + PACKET_AHEAD >= all->packet_count)
        return;
    const char *packet = (const char *)&all->packets[all->order[place + PACKET_AHEAD]];
    __builtin_prefetch(packet);
    __builtin_prefetch(packet + LINE);
}

/* Adds what waits. What is due by the first packet's clock leaves before. What comes to be due meanwhile looks so to
 * its own packets, and leaves before the next ones that wait. */
static bool add_waiting(struct tb_flows *flows)
{
    const struct tb_flow_groups all = tb_flow_window_groups(flows->window);
    uint32_t place = 0;
    if (all.packet_count == 0)
        return true;
    bool added = leave_all_due(flows, all.packets[0].clock);
    for (uint32_t i = 0; added && i < all.group_count; i++) {
        struct course course = {.group = &all.groups[i]};
        prefetch_group(flows, &all, i);
        for (const uint32_t end = place + all.groups[i].count; added && place < end; place++) {
            prefetch_packet(&all, place);
            added = add_packet(flows, &course, &all.packets[all.order[place]]);
        }
    }
    tb_flow_window_empty(flows->window);
    return added;
}

/* Fragments of one datagram need not be of one group, so none overtakes another packet. */
static bool add_fragment_alone(struct tb_flows *flows, const struct tb_flow_key *key)
{
    struct tb_flow_packet queued = *tb_flows_next(flows);
    if (!add_waiting(flows))
        return false;
    if (queued.packet.kind == TB_PACKET_LATER_FRAGMENT)
        return leave_all_due(flows, queued.clock) && add_later_fragment(flows, &queued);
    *tb_flows_next(flows) = queued;
    tb_flow_window_take(flows->window, key);
    return add_waiting(flows);
}

bool tb_flows_add(struct tb_flows *flows, const struct tb_flow_key *key)
{
    const struct tb_flow_packet *next = tb_flows_next(flows);
    if (flows->sampled && !tb_packet_sampler_add(&flows->sampler, next, key))
        return false;
    if (next->packet.fragment)
        return add_fragment_alone(flows, key);
    const bool last = tb_flow_window_is_almost_full(flows->window);
    tb_flow_window_take(flows->window, key);
    return !last || add_waiting(flows);
}

bool tb_flows_finish(struct tb_flows *flows)
{
    if (!add_waiting(flows))
        return false;
    for (uint32_t i = 0; i < flows->live.flow_count; i++) {
        struct tb_live_flow *live = tb_live_flows_at(&flows->live, i);
        if (live == NULL)
            continue;
        live->used = false;
        bool completed;
        if (!finish(flows, live, &completed))
            return false;
    }
    return true;
}
