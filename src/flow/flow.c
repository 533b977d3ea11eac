/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a packet through a shard: batch, copies, the flow it belongs to, counting, leaving.
 *
 * Packets of a bucket are taken in runs. The first packet of a run is looked at with care: is it a
 * copy, which flow is it of, does it begin or end one? What follows it is counted in one loop up to
 * the next packet that may change that (tcp_counter.c), which then begins a run of its own.
 *
 * Between batches whatever is due by the clock leaves. Within a batch a flow that is due only looks
 * so to its own packets; so what is found does not depend on where batches begin. */
#include "flow.h"

#include "flow_finish.h"
#include "packet/hash_seed.h"
#include "tcp_connection.h"
#include "tcp_counter.h"
#include "tcptrace_counter.h"

bool tb_flows_start(struct tb_flows *flows, const struct tb_capture_request *request)
{
    const bool by_tcptrace = request->rules == TB_FLOW_RULES_TCPTRACE;
    *flows = (struct tb_flows){.rules = request->rules,
                               .rows = request->rows,
                               .sink = request->sink,
                               .sampled = request->sample,
                               .copies_kept = request->keep_copies || by_tcptrace};
    tb_packet_sampler_start(&flows->sampler);
    flows->live.linger = by_tcptrace ? TB_FLOW_LINGER_TCPTRACE_NS : TB_FLOW_LINGER_NS;
    if (request->linger != 0)
        flows->live.linger = request->linger;
    flows->live.remembered = TB_FLOW_REMEMBERED_NS;
    flows->live.seed = tb_hash_seed();
    tb_row_store_start(&flows->over, request->sink == NULL ? NULL : request->sink->directory);
    flows->batch = tb_flow_batch_make(flows->live.seed);
    return flows->batch != NULL;
}

void tb_flows_free(struct tb_flows *flows)
{
    tb_live_flows_free(&flows->live);
    tb_datagrams_free(&flows->datagrams);
    tb_flow_summary_free(&flows->summary);
    tb_packet_sampler_free(&flows->sampler);
    tb_packet_copies_free(&flows->copies);
    tb_flow_batch_free(flows->batch);
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

static unsigned client_of(const struct tb_flows *flows, const struct tb_live_flow *live)
{
    return tb_live_flow_client(live, flows->rules);
}

static bool keep_row(struct tb_flows *flows, const struct tb_live_flow *live)
{
    struct tb_flow row;
    tb_live_flow_row(live, flows->rules, &row);
    return (flows->rows == TB_FLOW_ROWS_NONE || tb_row_store_add(&flows->over, &row)) &&
           tb_flow_summary_add(&flows->summary, &row);
}

/* The flow gets no more packets: it becomes part of the sums, and a row if asked for. */
static bool finish(struct tb_flows *flows, struct tb_live_flow *live)
{
    const bool finished = flows->rows == TB_FLOW_ROWS_NONE && tb_live_flow_has_fast_path(live, flows->rules)
                              ? tb_live_flow_add_up(live, &flows->summary)
                              : keep_row(flows, live);
    tb_live_side_free(&live->side[0], &flows->live.sent_pool);
    tb_live_side_free(&live->side[1], &flows->live.sent_pool);
    return finished;
}

static uint16_t port_of(const struct tb_live_flow *live, unsigned side)
{
    return (uint16_t)(live->key.words[4] >> (16 * tb_live_flow_endpoint(live, side)));
}

/* Which side is the client is not known; by tcptrace's rules another stands as it when it did not
 * send first. */
static bool are_roles_assumed(const struct tb_flows *flows, const struct tb_live_flow *live)
{
    return live->client_by == TB_CLIENT_BY_PACKET || client_of(flows, live) != live->client;
}

/* The distributions of packets belong to the port of the server as it is known when they come; until then, to either. */
static bool find_ports(struct tb_flows *flows, struct tb_live_flow *live)
{
    const unsigned client = client_of(flows, live);
    const uint16_t own = port_of(live, client), other = port_of(live, !client);
    live->port = tb_flow_summary_port(&flows->summary, other);
    live->roles_assumed = own != other && are_roles_assumed(flows, live);
    if (!live->roles_assumed)
        return live->port != NULL;
    struct tb_rare_side *rare = tb_live_side_rare(&live->side[0]);
    live->roles_assumed = rare != NULL;
    if (rare != NULL)
        rare->turned = tb_flow_summary_turned(&flows->summary, own);
    return live->port != NULL && rare != NULL && rare->turned != NULL;
}

static bool begin(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    *live = (struct tb_live_flow){.key = live->key,
                                  .clock = queued->clock,
                                  .end = queued->time,
                                  .first_direction = (uint8_t)queued->direction,
                                  .used = true,
                                  .queued = live->queued,
                                  .protocol = packet->protocol,
                                  .hash = live->hash,
                                  .item = live->item,
                                  .start = queued->time,
                                  .first_packet = queued->number};
    if (packet->protocol != TB_PROTOCOL_TCP)
        return true;
    if (flows->rules == TB_FLOW_RULES_TCPTRACE && !tb_live_flows_end(&flows->live, live))
        return false;
    return (packet->tcp_flags & TB_TCP_SYN) != 0 || find_ports(flows, live); /* a SYN tells more at once */
}

static bool choose_client(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                          const struct tb_packet *packet, uint64_t time)
{
    const bool answer = (packet->tcp_flags & TB_TCP_ACK) != 0;
    const enum tb_client_by by = answer ? TB_CLIENT_BY_SYN_ACK : TB_CLIENT_BY_SYN;
    if (live->client_by >= by)
        return true;
    live->client_by = (uint8_t)by;
    live->client = (uint8_t)(answer ? !side : side);
    live->handshake = time;
    return find_ports(flows, live);
}

/* Most flows get no more packets: what lingers should be small. */
static bool end(struct tb_flows *flows, struct tb_live_flow *live)
{
    tb_sent_list_shrink(&live->side[0].sent, &flows->live.sent_pool);
    tb_sent_list_shrink(&live->side[1].sent, &flows->live.sent_pool);
    return tb_live_flows_end(&flows->live, live);
}

static void note_reset(struct tb_live_flow *live, unsigned side)
{
    live->any_reset = true;
    live->reset = live->reset || !tb_tcp_both_ended(live);
    if (tb_tcp_stream_is_acknowledged(&live->side[side].stream))
        live->delivered |= (uint8_t)(1U << side);
}

/* A SYN may tell who is the client, a reset ends the flow. */
static bool note_rare_flags(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                            const struct tb_flow_packet *queued)
{
    const struct tb_packet *packet = &queued->packet;
    if ((packet->tcp_flags & TB_TCP_SYN) != 0 && !choose_client(flows, live, side, packet, queued->time))
        return false;
    if ((packet->tcp_flags & TB_TCP_RST) != 0 &&
        (flows->rules == TB_FLOW_RULES_TCPTRACE || !tb_tcp_is_stray(live, side, packet)))
        note_reset(live, side);
    return true;
}

static void add_datagram(struct tb_live_side *side, uint32_t payload, struct tb_payload_counted *marks)
{
    side->payload_bytes += payload;
    side->data_packets += payload != 0 && !marks->data;
    marks->data = marks->data || payload != 0;
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
        tb_live_flow_note_time(live, queued->time, queued->clock);
        return add_fragment(live, datagram, &fragment);
    }
    if (datagram->waiting_count < TB_FRAGMENTS_WAITING)
        datagram->waiting[datagram->waiting_count++] = fragment;
    return true;
}

/* Remembers the flow of a first fragment, and adds those that came before it. */
static bool follow_datagram(struct tb_flows *flows, struct tb_live_flow *live, unsigned side,
                            const struct tb_packet *packet, const struct tb_payload_counted *marks)
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
    const unsigned side = queued->direction ^ live->first_direction;
    if (queued->packet.protocol != TB_PROTOCOL_TCP)
        return false;
    if (flows->rules == TB_FLOW_RULES_TWINBED)
        return (queued->packet.tcp_flags & TB_TCP_SYN) != 0 && tb_tcp_starts_new(live, side, &queued->packet);
    return tb_tcptrace_begins_other(live, side, queued);
}

/* --- leaving memory --- */

static bool leave(struct tb_flows *flows, struct tb_live_flow *live)
{
    const struct tb_tcp_stream *one = &live->side[0].stream, *other = &live->side[1].stream;
    const struct tb_tombstone tombstone = {.key = live->key,
                                           .clock = live->clock + flows->live.linger,
                                           .port = live->port,
                                           .initial = {one->initial, other->initial},
                                           .started = {one->started, other->started},
                                           .first_direction = live->first_direction,
                                           .client = live->client,
                                           .completed = tb_live_flow_completed(live, !live->client),
                                           .other_completed = tb_live_flow_completed(live, live->client),
                                           .roles_assumed = live->roles_assumed};
    if (!finish(flows, live))
        return false;
    /* By tcptrace's rules nothing can come late: it would begin another connection. */
    return tb_live_flows_leave(&flows->live, live, flows->rules == TB_FLOW_RULES_TCPTRACE ? NULL : &tombstone);
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

/* The rules of tb_tcp_starts_new, for a flow that was over. Only what a tombstone remembers can be
 * asked. */
static bool revives(const struct tb_tombstone *tombstone, unsigned side, const struct tb_packet *packet)
{
    if ((packet->tcp_flags & TB_TCP_SYN) == 0)
        return false;
    if (tombstone->started[side])
        return packet->sequence != tombstone->initial[side];
    return (packet->tcp_flags & TB_TCP_ACK) == 0;
}

/* side: of the sender, in the totals. */
static void add_late_to(struct tb_port_flows *port, bool completed, unsigned side, const struct tb_packet *packet)
{
    struct tb_flow_totals *totals = completed ? &port->completed : &port->unfinished;
    struct tb_flow_side *sender = &totals->side[side];
    totals->late_packets++;
    sender->packets++;
    sender->ip_bytes += packet->ip_bytes;
    sender->payload_bytes += packet->payload;
    sender->data_packets += packet->payload != 0;
}

/* False when memory is short. */
static bool add_late(struct tb_flows *flows, struct tb_tombstone *tombstone, unsigned direction,
                     const struct tb_flow_packet *queued)
{
    const unsigned side = direction ^ tombstone->first_direction;
    const bool from_server = side != tombstone->client;
    tombstone->clock = queued->clock;
    flows->summary.late_packets++;
    add_late_to(tombstone->port, tombstone->completed, from_server, &queued->packet);
    if (!tombstone->roles_assumed)
        return true;
    const uint16_t client_port =
        tb_flow_key_endpoint(&tombstone->key, tombstone->client ^ tombstone->first_direction).port;
    struct tb_port_flows *turned = tb_flow_summary_turned(&flows->summary, client_port);
    if (turned != NULL)
        add_late_to(turned, tombstone->other_completed, !from_server, &queued->packet);
    return turned != NULL;
}

/* The packets of a bucket, one after the other. */
struct bucket_progress {
    const struct tb_flow_bucket *bucket;
    struct tb_live_flow *live; /* the flow of the packet before, while it is live */
    bool late;                 /* the flow of the latest packet has left */
};

/* The flow of a packet; NULL for one whose flow has left, and otherwise when memory is short. */
static struct tb_live_flow *find_flow(struct tb_flows *flows, struct bucket_progress *progress,
                                      const struct tb_flow_packet *queued)
{
    const struct tb_flow_bucket *bucket = progress->bucket;
    struct tb_found_flow found = {.live = progress->live};
    if (found.live == NULL)
        found = tb_live_flows_find(&flows->live, &bucket->key, bucket->hash, bucket->hint);
    if (found.live != NULL && tb_live_flow_is_due(&flows->live, found.live, queued->clock)) {
        if (!leave(flows, found.live))
            return NULL;
        found = tb_live_flows_find(&flows->live, &bucket->key, bucket->hash, 0);
    }
    if (found.live != NULL) {
        if (!is_another(flows, found.live, queued))
            return found.live;
        return finish(flows, found.live) && begin(flows, found.live, queued) ? found.live : NULL;
    }
    if (found.tombstone != NULL && !tb_tombstone_is_due(&flows->live, found.tombstone, queued->clock) &&
        !revives(found.tombstone, queued->direction ^ found.tombstone->first_direction, &queued->packet)) {
        progress->late = add_late(flows, found.tombstone, queued->direction, queued);
        return NULL;
    }
    struct tb_live_flow *live = tb_live_flows_add(&flows->live, &bucket->key, bucket->hash);
    return live != NULL && begin(flows, live, queued) ? live : NULL;
}

/* tcptrace knows microseconds, takes an IPv6 length of 0 for no payload, and an IPv4 length of 0 for no packet. False for
 * what it does not see. */
static bool see_as_tcptrace(struct tb_flow_packet *queued)
{
    queued->time -= queued->time % 1000;
    if (queued->packet.length_zero)
        queued->packet.payload = 0;
    return !queued->packet.length_zero || queued->packet.version != 4;
}

/* A run of TCP segments, of which the first one was looked at. */
static uint32_t add_segments(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_run *run,
                             struct tb_payload_counted *marks)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    if ((queued->packet.tcp_flags & (TB_TCP_SYN | TB_TCP_RST)) != 0 &&
        !note_rare_flags(flows, live, queued->direction ^ live->first_direction, queued))
        return 0;
    const uint32_t added = flows->rules == TB_FLOW_RULES_TCPTRACE
                               ? tb_tcptrace_run_add(live, run, &flows->live.sent_pool, marks)
                               : tb_tcp_run_add(live, run, &flows->live.sent_pool, marks);
    return live->over || !tb_tcp_is_over(live) || end(flows, live) ? added : 0;
}

static uint32_t add_datagrams(struct tb_live_flow *live, const struct tb_flow_run *run,
                              struct tb_payload_counted *marks)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    struct tb_live_side *sender = &live->side[queued->direction ^ live->first_direction];
    tb_live_flow_note_time(live, queued->time, queued->clock);
    if (!tb_live_side_note_packet(sender, queued->packet.ip_bytes))
        return 0;
    add_datagram(sender, queued->packet.payload, marks);
    return 1;
}

/* How many packets of a run, of which the first one belongs to the flow, could be added without a look at the others;
 * 0 when memory is short. */
static uint32_t add_to_flow(struct tb_flows *flows, struct tb_live_flow *live, const struct tb_flow_run *run)
{
    const struct tb_packet *packet = &tb_flow_run_at(run, 0)->packet;
    struct tb_payload_counted marks = {0};
    const uint32_t added =
        packet->protocol == TB_PROTOCOL_TCP ? add_segments(flows, live, run, &marks) : add_datagrams(live, run, &marks);
    if (added == 0 || !packet->fragment || flows->rules == TB_FLOW_RULES_TCPTRACE)
        return added;
    const unsigned side = tb_flow_run_at(run, 0)->direction ^ live->first_direction;
    return follow_datagram(flows, live, side, packet, &marks) ? added : 0;
}

/* Segments of a flow that goes on are looked for where they are counted; the first one of a side would not be found. */
static bool needs_no_look(const struct tb_live_flow *live, const struct tb_flow_packet *queued)
{
    return queued->packet.protocol == TB_PROTOCOL_TCP && live != NULL &&
           (live->side[queued->direction ^ live->first_direction].packets == 0 ||
            (!live->over && (queued->packet.tcp_flags & (TB_TCP_SYN | TB_TCP_RST)) == 0));
}

/* The flow that a packet would go on with; where the batch begins must not matter. */
static const struct tb_live_flow *flow_so_far(struct tb_flows *flows, const struct bucket_progress *progress,
                                              const struct tb_flow_packet *queued)
{
    const struct tb_flow_bucket *bucket = progress->bucket;
    const struct tb_live_flow *live = progress->live;
    if (live == NULL)
        live = tb_live_flows_find(&flows->live, &bucket->key, bucket->hash, bucket->hint).live;
    return live == NULL || tb_live_flow_is_due(&flows->live, live, queued->clock) ? NULL : live;
}

static bool is_copy_before_flow(struct tb_flows *flows, const struct bucket_progress *progress,
                                const struct tb_flow_run *run)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    return run->copies != NULL && (run->passed != 0 || run->before != NULL) &&
           !needs_no_look(flow_so_far(flows, progress, queued), queued) && tb_packet_copies_find(run->copies, run, 0);
}

/* The same for a run whose flow is to be found. */
static uint32_t add_packets(struct tb_flows *flows, struct bucket_progress *progress, const struct tb_flow_run *run)
{
    struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    if (flows->rules == TB_FLOW_RULES_TCPTRACE && !see_as_tcptrace(queued))
        return 1;
    if (is_copy_before_flow(flows, progress, run))
        return 1; /* a duplicate packet ends here, uncounted */
    progress->late = false;
    progress->live = find_flow(flows, progress, queued);
    if (progress->late)
        return 1;
    return progress->live == NULL ? 0 : add_to_flow(flows, progress->live, run);
}

/* Fetching what will be needed, some buckets and packets before it is, hides most of the time that
 * memory takes. The slot must be there when the flow is fetched, so it goes first. */
enum { SLOT_AHEAD = 8, FLOW_AHEAD = 3 };

static void prefetch_bucket(struct tb_flows *flows, const struct tb_flow_buckets *all, uint32_t bucket)
{
    if (bucket + SLOT_AHEAD < all->bucket_count)
        tb_live_flows_prefetch_slot(&flows->live, all->buckets[bucket + SLOT_AHEAD].hash);
    if (bucket + FLOW_AHEAD < all->bucket_count)
        all->buckets[bucket + FLOW_AHEAD].hint =
            tb_live_flows_prefetch_flow(&flows->live, all->buckets[bucket + FLOW_AHEAD].hash);
}

/* Copies that were found are left out. */
static bool sample_bucket(struct tb_flows *flows, const struct tb_flow_bucket *bucket, const uint16_t *order)
{
    bool sampled = true;
    for (uint32_t i = 0; sampled && i < bucket->count; i++) {
        const struct tb_flow_packet *const queued = &flows->batch->packets[order[i]];
        sampled = queued->packet.copied || tb_packet_sampler_add(&flows->sampler, queued, &bucket->key);
    }
    return sampled;
}

/* The run moves on behind the bucket. */
static bool add_bucket(struct tb_flows *flows, const struct tb_flow_bucket *bucket, struct tb_flow_run *run)
{
    struct bucket_progress progress = {.bucket = bucket};
    run->count = bucket->count;
    run->passed = 0;
    run->before = flows->copies_kept ? NULL : tb_packet_copies_before(&flows->copies, bucket, tb_flow_run_at(run, 0));
    while (run->count != 0) {
        const uint32_t added = add_packets(flows, &progress, run);
        if (added == 0)
            return false;
        tb_flow_run_pass(run, added);
    }
    return true;
}

/* Adds what waits. What is due by the first packet's clock leaves before. What comes to be due meanwhile looks so to
 * its own packets, and leaves before the next ones that wait. */
static bool add_waiting(struct tb_flows *flows)
{
    const struct tb_flow_buckets all = tb_flow_batch_buckets(flows->batch);
    struct tb_flow_run run = {
        .packets = all.packets, .order = all.order, .copies = flows->copies_kept ? NULL : &flows->copies};
    if (all.packet_count == 0)
        return true;
    bool added = leave_all_due(flows, all.packets[0].clock);
    for (uint32_t i = 0; added && i < all.bucket_count; i++) {
        prefetch_bucket(flows, &all, i);
        const uint16_t *const order = run.order;
        added = add_bucket(flows, &all.buckets[i], &run);
        if (added && flows->sampled)
            added = sample_bucket(flows, &all.buckets[i], order);
    }
    return added;
}

/* The same where more packets may come. */
static bool empty_batch(struct tb_flows *flows)
{
    if (!add_waiting(flows) || !(flows->copies_kept || tb_packet_copies_remember(&flows->copies, flows->batch)))
        return false;
    tb_flow_batch_empty(flows->batch);
    return true;
}

/* Fragments of one datagram need not be of one bucket, so none overtakes another packet: what waits
 * goes first, then the fragment alone. */
static bool add_fragment_alone(struct tb_flows *flows, const struct tb_flow_key *key)
{
    struct tb_flow_packet queued = *tb_flows_next(flows);
    if (!empty_batch(flows))
        return false;
    if (queued.packet.kind == TB_PACKET_LATER_FRAGMENT)
        return leave_all_due(flows, queued.clock) && add_later_fragment(flows, &queued);
    *tb_flows_next(flows) = queued;
    tb_flow_batch_take(flows->batch, key);
    return empty_batch(flows);
}

bool tb_flows_add(struct tb_flows *flows, const struct tb_flow_key *key)
{
    if (tb_flows_next(flows)->packet.fragment)
        return add_fragment_alone(flows, key);
    const bool last = tb_flow_batch_is_almost_full(flows->batch);
    tb_flow_batch_take(flows->batch, key);
    return !last || empty_batch(flows);
}

bool tb_flows_finish(struct tb_flows *flows)
{
    if (!add_waiting(flows))
        return false;
    flows->summary.copied_packets = flows->copies.count;
    tb_flow_batch_free(flows->batch);
    flows->batch = NULL;
    for (uint32_t i = 0; i < flows->live.flow_count; i++) {
        struct tb_live_flow *live = tb_live_flows_take(&flows->live, i);
        if (live != NULL && !finish(flows, live))
            return false;
    }
    return true;
}
