/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts segments by twinbed's rules: one loop over a run.
 *
 * Order within a segment matters: outstanding bytes are those before it; what it acknowledges comes
 * before what it sends; what is outstanding for the mean comes after. Times are counted in 32 bits
 * where they fit, else in the row aside (ADD_TIME). With and without payload the loop is compiled
 * twice, because each leaves out half of the questions. */
#include "tcp_counter.h"

#include "packet_copies.h"
#include "tcp_header.h"
#include "tcp_sent.h"

#include <stddef.h>

enum { NS_PER_MICROSECOND = 1000 };

/* --- times --- */

/* The times of a detail that begin so many bytes into it. */
static TB_COLD bool add_time_aside(struct tb_live_side *side, size_t times, uint64_t time)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    tb_times_add((struct tb_flow_times *)((char *)&rare->row.detail + times), time);
    return true;
}

TB_HOT void add_narrow_time(struct tb_live_times *times, uint32_t *count, uint32_t time)
{
    const double microseconds = (double)time / 1000.0;
    times->least = tb_larger(times->least, ~time);
    times->maximum = tb_larger(times->maximum, time);
    ++*count;
    times->sum += time;
    times->squares += microseconds * microseconds;
}

#define ADD_TIME(side, times, times_count, time)                                                                       \
    ((time) <= UINT32_MAX ? (add_narrow_time(&(side)->times, &(side)->times_count, (uint32_t)(time)), true)            \
                          : add_time_aside(side, offsetof(struct tb_flow_detail, times), time))

TB_HOT bool count_gap(const struct tb_segment *segment)
{
    struct tb_live_side *own = segment->own;
    const uint64_t gap = tb_since(segment->time, own->last_time);
    own->last_time = segment->time;
    if (!own->started) {
        own->started = true;
        return true;
    }
    return tb_histogram_add_coarse(&segment->port->gap[segment->sender], gap) &&
           (segment->turned == NULL || tb_histogram_add_coarse(&segment->turned->gap[!segment->sender], gap)) &&
           ADD_TIME(own, gap, gap_count, gap);
}

/* --- what the sender acknowledges --- */

TB_HOT bool is_duplicate(const struct tb_segment *segment, uint32_t window)
{
    const struct tb_sent_list *sent = &segment->other->sent;
    return tb_repeats_acknowledgement(segment, window) &&
           !tb_segment_has(segment, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST | TB_TCP_PSH) &&
           sent->highest > tb_sent_position(sent, segment->packet->acknowledgement);
}

TB_HOT bool count_full_size(const struct tb_segment *segment, const struct tb_acknowledgement *answer)
{
    struct tb_live_side *other = segment->other;
    const uint32_t size = (uint32_t)answer->length;
    if (size > other->full_size)
        tb_restart_full_size(other, size);
    return size != other->full_size || ADD_TIME(other, full_rtt, full_count, answer->rtt);
}

static TB_COLD bool count_no_sample(struct tb_live_side *other, const struct tb_acknowledgement *answer)
{
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL)
        return false;
    if (answer->post_loss)
        rare->row.detail.post_loss_acks++;
    else
        tb_times_add(&rare->row.detail.ambiguous_rtt, answer->rtt);
    return true;
}

TB_HOT bool count_answer(const struct tb_segment *segment, const struct tb_acknowledgement *answer)
{
    struct tb_live_side *other = segment->other;
    if (tb_is_rare(answer->post_loss || answer->ambiguous))
        return count_no_sample(other, answer);
    if (tb_is_of_syn(segment))
        other->handshake_rtt = answer->rtt;
    return tb_histogram_add_coarse(&segment->port->rtt[!segment->sender], answer->rtt) &&
           (segment->turned == NULL || tb_histogram_add_coarse(&segment->turned->rtt[segment->sender], answer->rtt)) &&
           ADD_TIME(other, rtt, rtt_count, answer->rtt) && count_full_size(segment, answer);
}

TB_HOT bool acknowledge(const struct tb_segment *segment, uint32_t window)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    const uint32_t number = segment->packet->acknowledgement;
    const bool duplicate = is_duplicate(segment, window);
    uint32_t in_a_row = 0;
    bool counted = true;
    if (!tb_sent_list_acknowledge_again(&other->sent, number, duplicate, &in_a_row)) {
        struct tb_acknowledgement answer;
        tb_sent_list_acknowledge(&other->sent, number, duplicate, false, segment->time, &answer);
        other->cumulative_acks += answer.cumulative;
        in_a_row = answer.in_a_row;
        if (answer.matched)
            counted = count_answer(segment, &answer);
    }
    if (tb_is_rare(duplicate && in_a_row != 0))
        counted = tb_count_duplicate(other, in_a_row) && counted;
    if (tb_is_rare(other->fast) && (int32_t)(number - other->rare->fast_until) >= 0)
        other->fast = false;
    if (!other->answered)
        other->answered = !other->syn_seen || number != other->first_syn + 1;
    const bool later = ((int32_t)(number - own->last_acknowledgement) > 0) | !own->acknowledged;
    own->last_acknowledgement = later ? number : own->last_acknowledgement;
    own->acknowledged = true;
    return counted;
}

/* --- what the sender sends --- */

/* Numbers of which some may have been sent before, of a packet that asks for an answer or does not. */
static __attribute__((noinline)) bool send_any_numbers(struct tb_live_side *own, struct tb_live_side *other,
                                                       struct tb_sent_pool *pool, const struct tb_flow_packet *queued,
                                                       uint32_t length, bool asks, uint32_t *repeated)
{
    const struct tb_packet *packet = &queued->packet;
    struct tb_sent_found found;
    if (!tb_sent_list_add(&own->sent, pool, packet->sequence, length, queued->time, &found))
        return false;
    *repeated = found.repeated;
    if (found.repeated != 0)
        return tb_count_repeat(own, packet, &found, asks);
    tb_count_initial(own, packet);
    return tb_count_messages(own, other, packet);
}

/* repeated: numbers that were sent before. False when memory is short. */
TB_HOT bool send_numbers(const struct tb_segment *segment, uint32_t *repeated)
{
    struct tb_live_side *own = segment->own;
    const struct tb_packet *packet = segment->packet;
    const uint32_t length =
        segment->payload + tb_segment_has(segment, TB_TCP_SYN) + tb_segment_has(segment, TB_TCP_FIN);
    if (length == 0 || tb_segment_has(segment, TB_TCP_RST))
        return true;
    if (!tb_sent_list_append(&own->sent, packet->sequence, length, segment->time))
        return send_any_numbers(own, segment->other, segment->pool, segment->queued, length,
                                segment->probe || tb_is_keep_alive(own, segment->other, packet), repeated);
    if (segment->payload != 0)
        tb_count_initial(own, packet);
    return tb_count_messages(own, segment->other, packet);
}

/* Of a packet with payload that is not repeated. */
TB_HOT void note_outstanding(const struct tb_segment *segment)
{
    struct tb_live_side *own = segment->own;
    const uint32_t outstanding = tb_outstanding_now(own, segment->other);
    if (outstanding == 0)
        return;
    own->outstanding_sum += outstanding;
    own->outstanding_count++;
    own->outstanding_max = tb_larger(own->outstanding_max, outstanding);
    own->outstanding_least = tb_larger(own->outstanding_least, ~outstanding);
}

static void note_end(struct tb_live_side *own, const struct tb_packet *packet)
{
    own->fin_seen = own->fin_seen || tb_packet_shows(packet, TB_TCP_FIN);
    own->rst_seen = own->rst_seen || tb_packet_shows(packet, TB_TCP_RST);
    if (tb_packet_shows(packet, TB_TCP_FIN))
        own->fin = packet->sequence + packet->payload;
}

/* --- segments as a whole --- */

TB_HOT bool add_to_detail(const struct tb_segment *segment, uint64_t gap)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    const uint64_t own_waits = tb_outstanding_now(own, other), other_waits = tb_outstanding_now(other, own);
    uint32_t repeated = 0;
    own->outstanding_time += own_waits * (gap / NS_PER_MICROSECOND);
    other->outstanding_time += other_waits * (gap / NS_PER_MICROSECOND);
    bool counted = count_gap(segment) && tb_count_header(segment);
    if (segment->stray)
        return counted;
    const uint32_t window = tb_effective_window(segment);
    if (tb_segment_has(segment, TB_TCP_ACK))
        counted = counted && acknowledge(segment, window);
    counted = counted && (!tb_carries_window(segment) || tb_count_window(segment, window)) &&
              send_numbers(segment, &repeated);
    if (segment->payload != 0 && repeated == 0)
        note_outstanding(segment);
    if (tb_is_rare(gap >= TB_FLOW_STALL_NS))
        counted = counted && tb_count_stall(own_waits != 0 || (segment->payload > 1 && repeated != 0) ? own : NULL,
                                            other_waits != 0 ? other : NULL, segment->time - gap, gap);
    if (tb_segment_has(segment, TB_TCP_FIN | TB_TCP_RST))
        note_end(own, segment->packet);
    return counted;
}

/* Sent against the other side's closed window. */
static TB_COLD bool probes(const struct tb_live_side *own, const struct tb_packet *packet)
{
    const struct tb_sent_list *sent = &own->sent;
    const uint64_t position = tb_sent_position(sent, packet->sequence);
    return !tb_packet_shows(packet, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST) && tb_sent_any(sent) &&
           ((packet->payload == 1 && position + 1 >= sent->highest && position <= sent->highest) ||
            (packet->payload == 0 && position + 1 == sent->highest));
}

TB_HOT bool is_probe(const struct tb_segment *segment)
{
    const struct tb_live_side *other = segment->other;
    return other->last_window == 0 && other->window_seen && probes(segment->own, segment->packet);
}

TB_HOT bool add_segment(struct tb_live_flow *live, struct tb_segment *segment, struct tb_payload_counted *marks)
{
    uint64_t gap;
    segment->probe = tb_is_rare(is_probe(segment));
    return tb_segment_add_to_core(live, segment, marks, &gap) && add_to_detail(segment, gap);
}

static bool add_any_segment(struct tb_live_flow *live, const struct tb_flow_run *run, struct tb_sent_pool *pool,
                            struct tb_payload_counted *marks)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    const unsigned side = queued->direction ^ live->first_direction;
    struct tb_segment segment = tb_segment_of(live, queued, side, pool);
    segment.sender = side ^ live->client;
    segment.stray = tb_tcp_is_stray(live, side, &queued->packet);
    segment.turned = tb_live_flow_turned(live);
    tb_prefetch_packet(run, 0);
    return add_segment(live, &segment, marks);
}

/* --- copies --- */

/* The first acknowledgement of a side, and a FIN behind all that was sent, are no copies either. */
static __attribute__((noinline)) bool find_copy(const struct tb_live_side *own, const struct tb_flow_run *run,
                                                uint32_t place)
{
    const struct tb_packet *packet = &tb_flow_run_at(run, place)->packet;
    const uint32_t end = packet->sequence + packet->payload + tb_packet_shows(packet, TB_TCP_FIN);
    if (run->copies == NULL || (packet->payload == 0 && !own->acknowledged) ||
        (tb_packet_shows(packet, TB_TCP_FIN) && (int32_t)(end - (uint32_t)own->sent.highest) > 0))
        return false;
    return tb_packet_copies_find(run->copies, run, place);
}

/* A packet that was recorded before brings no bytes and no acknowledgement beyond those before it. */
TB_HOT bool is_copy_in_flow(const struct tb_live_flow *live, const struct tb_flow_run *run, uint32_t place,
                            uint32_t payload)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, place);
    const struct tb_live_side *own = &live->side[queued->direction ^ live->first_direction];
    const uint32_t ahead = payload == 0 ? queued->packet.acknowledgement - own->last_acknowledgement
                                        : queued->packet.sequence + payload - (uint32_t)own->sent.highest;
    return tb_is_rare((int32_t)ahead <= 0) && find_copy(own, run, place);
}

/* --- runs --- */

/* One without SYN and RST, of which is known whether there is payload. */
TB_HOT bool add_plain_segment(struct tb_live_flow *live, const struct tb_flow_run *run, uint32_t place,
                              uint32_t payload, struct tb_sent_pool *pool, struct tb_payload_counted *marks)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, place);
    const unsigned side = queued->direction ^ live->first_direction;
    if (is_copy_in_flow(live, run, place, payload))
        return true; /* a duplicate packet ends here, uncounted */
    struct tb_segment segment = tb_segment_of(live, queued, side, pool);
    segment.flags &= ~(uint32_t)(TB_TCP_SYN | TB_TCP_RST);
    segment.payload = payload;
    segment.sender = side ^ live->client;
    return add_segment(live, &segment, marks);
}

/* With and without payload there is much of which only one needs to be thought. */
TB_HOT bool add_next_segment(struct tb_live_flow *live, const struct tb_flow_run *run, uint32_t place,
                             struct tb_sent_pool *pool, struct tb_payload_counted *marks)
{
    const uint32_t payload = tb_flow_run_at(run, place)->packet.payload;
    tb_prefetch_packet(run, place);
    return payload == 0 ? add_plain_segment(live, run, place, 0, pool, marks)
                        : add_plain_segment(live, run, place, payload, pool, marks);
}

static bool is_plain(const struct tb_flow_run *run, uint32_t place)
{
    return !tb_packet_shows(&tb_flow_run_at(run, place)->packet, TB_TCP_SYN | TB_TCP_RST);
}

/* Segments of such a flow need more looking at: it is over, or little is known of it yet. */
static bool needs_care(const struct tb_live_flow *live)
{
    return live->over || live->roles_assumed || !live->side[0].stream.started || !live->side[1].stream.started ||
           tb_tcp_is_over(live);
}

/* Copies of packets that begin or end a connection, or come when it is over, were looked for before their flow was. */
static bool add_with_care(struct tb_live_flow *live, const struct tb_flow_run *run, struct tb_sent_pool *pool,
                          struct tb_payload_counted *marks)
{
    const bool looked_for = live->over || !is_plain(run, 0);
    return (!looked_for && is_copy_in_flow(live, run, 0, tb_flow_run_at(run, 0)->packet.payload)) ||
           add_any_segment(live, run, pool, marks);
}

uint32_t tb_tcp_run_add(struct tb_live_flow *live, const struct tb_flow_run *run, struct tb_sent_pool *pool,
                        struct tb_payload_counted *marks)
{
    uint32_t added = 0;
    if (!is_plain(run, 0) || needs_care(live)) {
        if (!add_with_care(live, run, pool, marks))
            return 0;
        added = 1;
    }
    if (added != 0 && needs_care(live))
        return added;
    for (; added < run->count && is_plain(run, added) && !tb_tcp_is_over(live); added++)
        if (!add_next_segment(live, run, added, pool, marks))
            return 0;
    return added;
}

/* --- the end --- */

static int64_t stream_bytes(const struct tb_live_side *own)
{
    if (!own->syn_seen || !own->fin_seen)
        return -1;
    const uint64_t first = ((uint64_t)1 << 32) + own->first_syn;
    const uint64_t last = tb_sent_position(&own->sent, own->fin);
    return last > first ? (int64_t)(last - first - 1) : -1;
}

void tb_tcp_counter_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                           struct tb_flow_side *row)
{
    if (other->closed)
        row->detail.window_stall_time += tb_since(end, other->rare->closed_since);
    row->detail.stream_bytes = stream_bytes(own);
    row->detail.window_scale = own->scale_seen && other->scale_seen ? own->scale : 0;
}
