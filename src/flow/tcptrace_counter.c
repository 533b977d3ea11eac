/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts segments as tcptrace 6.6.7 does. What differs from twinbed's rules is said at each place.
 * Only counters that its report shows are followed this far. */
#include "tcptrace_counter.h"

#include "tcp_header.h"
#include "tcp_sent.h"

/* --- times --- */

/* To tcptrace a minimum of 0 is none: it depends on the order of all times, so none is kept apart in the live side. */
static void add_time(struct tb_flow_times *times, uint64_t time)
{
    const bool unset = times->minimum == 0;
    tb_times_add(times, time);
    if (unset)
        times->minimum = time;
}

static bool count_gap(const struct tb_segment *segment)
{
    struct tb_live_side *own = segment->own;
    const uint64_t gap = tb_since(segment->time, own->last_time);
    own->last_time = segment->time;
    if (!own->started) {
        own->started = true;
        return true;
    }
    add_time(&own->rare->row.detail.gap, gap);
    return tb_histogram_add_coarse(&segment->port->gap[segment->sender], gap) &&
           (segment->turned == NULL || tb_histogram_add_coarse(&segment->turned->gap[!segment->sender], gap));
}

/* --- the header --- */

/* Something is always kept aside. */
static bool prepare(const struct tb_segment *segment)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    rare->core_pure_acks += segment->payload == 0 && tb_segment_has(segment, TB_TCP_ACK) &&
                            !tb_segment_has(segment, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST);
    if (tb_segment_has(segment, TB_TCP_SYN))
        rare->last_syn = segment->packet->sequence;
    else if (!own->scale_seen || !other->scale_seen)
        own->scale = other->scale = 0; /* unless both SYNs have come, no window is scaled */
    return true;
}

/* A SYN is what was acknowledged last. */
static bool count_header(const struct tb_segment *segment)
{
    if (!tb_count_header(segment))
        return false;
    if (tb_segment_has(segment, TB_TCP_SYN)) {
        segment->other->last_acknowledgement = segment->packet->sequence;
        segment->other->acknowledged = true;
    }
    return true;
}

static bool count_window(const struct tb_segment *segment, uint32_t window)
{
    struct tb_live_side *own = segment->own;
    if (tb_segment_has(segment, TB_TCP_ACK))
        own->rare->edge = segment->packet->acknowledgement + window;
    if (tb_carries_window(segment))
        return tb_count_window(segment, window);
    own->window_packets++;
    return true;
}

/* --- what the sender acknowledges --- */

/* Asked is whether the sum of all outstanding data is above 0. Probes of old data count as less than nothing there, so it
 * may come back to 0. */
static bool is_duplicate(const struct tb_segment *segment, uint32_t window)
{
    const struct tb_rare_side *rare = segment->other->rare;
    return tb_repeats_acknowledgement(segment, window) && rare != NULL && rare->row.detail.outstanding_sum != 0;
}

/* A segment of one number is taken for the largest there is. */
static void count_full_size(struct tb_live_side *other, const struct tb_acknowledgement *answer)
{
    const uint32_t size = (uint32_t)(answer->length - 2);
    if (size > other->full_size)
        tb_restart_full_size(other, size);
    if (size == other->full_size)
        add_time(&other->rare->row.detail.full_rtt, answer->rtt);
}

static bool count_answer(const struct tb_segment *segment, const struct tb_acknowledgement *answer)
{
    struct tb_live_side *other = segment->other;
    struct tb_flow_detail *detail = &other->rare->row.detail;
    other->rare->last_rtt = answer->post_loss || answer->ambiguous ? 0 : answer->rtt;
    if (answer->post_loss) {
        detail->post_loss_acks++;
        return true;
    }
    if (answer->ambiguous) {
        add_time(&detail->ambiguous_rtt, answer->rtt);
        return true;
    }
    if (tb_is_of_syn(segment))
        other->handshake_rtt = answer->rtt;
    add_time(&detail->rtt, answer->rtt);
    count_full_size(other, answer);
    return tb_histogram_add_coarse(&segment->port->rtt[!segment->sender], answer->rtt) &&
           (segment->turned == NULL || tb_histogram_add_coarse(&segment->turned->rtt[segment->sender], answer->rtt));
}

static bool acknowledge(const struct tb_segment *segment, uint32_t window)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    const uint32_t number = segment->packet->acknowledgement;
    const bool duplicate = is_duplicate(segment, window);
    struct tb_acknowledgement answer;
    bool counted = true;
    tb_sent_list_acknowledge(&other->sent, number, duplicate, true, segment->time, &answer);
    other->cumulative_acks += answer.cumulative;
    if (answer.matched)
        counted = count_answer(segment, &answer);
    /* The latest time is taken whenever the SYN's number is acknowledged, also again. */
    if (tb_is_of_syn(segment))
        other->handshake_rtt = other->rare->last_rtt;
    if (duplicate && answer.in_a_row != 0)
        counted = tb_count_duplicate(other, answer.in_a_row) && counted;
    if (other->fast && (int32_t)(number - other->rare->fast_until) >= 0)
        other->fast = false;
    if (tb_segment_has(segment, TB_TCP_RST))
        return counted;
    if (!other->answered)
        other->answered = !other->syn_seen || number != other->first_syn + 1;
    own->last_acknowledgement = number;
    own->acknowledged = true;
    return counted;
}

/* --- what the sender sends --- */

static void count_core(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found)
{
    struct tb_rare_side *rare = own->rare;
    /* A further SYN or FIN with a number of its own is a byte. */
    const uint32_t length = packet->payload + (tb_packet_shows(packet, TB_TCP_SYN) && own->syns > 1) +
                            (tb_packet_shows(packet, TB_TCP_FIN) && own->fin_seen);
    rare->core_unique += length - (found->repeated < length ? found->repeated : length);
    rare->core_out_of_order += found->out_of_order;
    rare->core_repeated_packets += found->repeated != 0;
    rare->core_repeated_bytes += found->repeated;
}

static bool send_numbers(const struct tb_segment *segment, struct tb_sent_found *found)
{
    struct tb_live_side *own = segment->own;
    const struct tb_packet *packet = segment->packet;
    const uint32_t length =
        segment->payload + tb_segment_has(segment, TB_TCP_SYN) + tb_segment_has(segment, TB_TCP_FIN);
    if (segment->probe)
        tb_count_initial(own, packet);
    if (length == 0 || segment->probe)
        return true;
    const bool asks = tb_is_keep_alive(own, segment->other, packet);
    if (!tb_sent_list_add(&own->sent, segment->pool, packet->sequence, length, segment->time, found))
        return false;
    count_core(own, packet, found);
    if (found->repeated != 0) {
        struct tb_flow_times *repeat_time = &own->rare->row.detail.repeat_time;
        const bool unset = found->waited && repeat_time->minimum == 0;
        const bool counted = tb_count_repeat(own, packet, found, asks);
        if (unset)
            repeat_time->minimum = found->wait;
        return counted;
    }
    tb_count_initial(own, packet);
    return tb_count_messages(own, segment->other, packet);
}

/* One term a packet, each time weighted and cut to an integer. */
static void weigh(const struct tb_segment *segment, uint64_t outstanding)
{
    struct tb_rare_side *rare = segment->own->rare;
    struct tb_flow_detail *detail = &rare->row.detail;
    if (rare->outstanding_since != 0)
        segment->own->outstanding_time +=
            (uint64_t)((double)rare->outstanding *
                       ((double)(tb_since(segment->time, rare->outstanding_since) / 1000) / 1e6));
    rare->outstanding = outstanding;
    rare->outstanding_since = segment->time;
    detail->outstanding_sum += outstanding;
    detail->outstanding_count++;
    if (outstanding > detail->outstanding_max)
        detail->outstanding_max = outstanding;
    if (outstanding != 0 && (detail->outstanding_min == 0 || outstanding < detail->outstanding_min))
        detail->outstanding_min = outstanding;
}

static void note_outstanding(const struct tb_segment *segment, const struct tb_sent_found *found)
{
    if (tb_segment_has(segment, TB_TCP_SYN | TB_TCP_RST) || found->repeated != 0 || found->out_of_order)
        return;
    const struct tb_packet *packet = segment->packet;
    const uint64_t end = (uint64_t)packet->sequence + packet->payload;
    /* Where the numbers wrap, its difference of 64 bits does as well. */
    weigh(segment, segment->other->acknowledged ? end - segment->other->last_acknowledgement + 1 : packet->payload);
}

/* Every packet from a reset on ends the stream anew. */
static void note_end(struct tb_live_side *own, const struct tb_packet *packet)
{
    own->fin_seen = own->fin_seen || tb_packet_shows(packet, TB_TCP_FIN);
    own->rst_seen = own->rst_seen || tb_packet_shows(packet, TB_TCP_RST);
    if (tb_packet_shows(packet, TB_TCP_FIN) || own->rst_seen)
        own->fin = packet->sequence + packet->payload;
}

/* --- segments as a whole --- */

static bool add_to_detail(const struct tb_segment *segment, uint64_t gap)
{
    struct tb_live_side *own = segment->own, *other = segment->other;
    const uint64_t own_waits = tb_outstanding_now(own, other), other_waits = tb_outstanding_now(other, own);
    struct tb_sent_found found = {0};
    if (!prepare(segment) || !count_gap(segment) || !count_header(segment))
        return false;
    const uint32_t window = tb_effective_window(segment);
    if ((tb_segment_has(segment, TB_TCP_ACK) && !acknowledge(segment, window)) || !count_window(segment, window) ||
        !send_numbers(segment, &found))
        return false;
    note_outstanding(segment, &found);
    note_end(own, segment->packet);
    return gap < TB_FLOW_STALL_NS ||
           tb_count_stall(own_waits != 0 || (segment->payload > 1 && found.repeated != 0) ? own : NULL,
                          other_waits != 0 ? other : NULL, segment->time - gap, gap);
}

/* Where no window was seen, it is taken for closed. */
static bool is_probe(const struct tb_segment *segment)
{
    const struct tb_live_side *other = segment->other;
    return other->last_window == 0 && other->started && !tb_segment_has(segment, TB_TCP_SYN) &&
           (segment->payload != 0 || tb_segment_has(segment, TB_TCP_FIN));
}

uint32_t tb_tcptrace_run_add(struct tb_live_flow *live, const struct tb_flow_run *run, struct tb_sent_pool *pool,
                             struct tb_payload_counted *marks)
{
    const struct tb_flow_packet *queued = tb_flow_run_at(run, 0);
    const unsigned side = queued->direction ^ live->first_direction;
    struct tb_segment segment = tb_segment_of(live, queued, side, pool);
    uint64_t gap;
    segment.sender = side;
    segment.turned = tb_live_flow_turned(live);
    segment.probe = is_probe(&segment);
    tb_prefetch_packet(run, 0);
    return tb_segment_add_to_core(live, &segment, marks, &gap) && add_to_detail(&segment, gap) ? 1 : 0;
}

/* --- beginning and end --- */

bool tb_tcptrace_begins_other(const struct tb_live_flow *live, unsigned side, const struct tb_flow_packet *queued)
{
    const uint64_t idle = UINT64_C(240) * 1000000000;
    const struct tb_live_side *own = &live->side[side], *other = &live->side[!side];
    const uint32_t sequence = queued->packet.sequence;
    if (tb_since(queued->time, live->last_time) > idle)
        return true;
    if (!tb_packet_shows(&queued->packet, TB_TCP_SYN))
        return false;
    if (own->syns >= 2 && sequence != own->rare->last_syn)
        return true;
    if (!own->fin_seen && !own->rst_seen && !other->fin_seen && !other->rst_seen)
        return false;
    /* Compared as plain integers; what was not seen counts as 0. */
    return sequence > (other->rare == NULL ? 0 : other->rare->edge) || sequence < own->first_syn;
}

enum tb_flow_end tb_tcptrace_ended(const struct tb_live_side sides[2])
{
    const struct tb_live_side *one = &sides[0], *other = &sides[1];
    if (one->rst_seen || other->rst_seen)
        return TB_FLOW_RESET;
    return one->syn_seen && other->syn_seen && one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
}

/* A side that never sent has nothing aside. The number space is 32 bits wide. */
void tb_tcptrace_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                        struct tb_flow_side *row)
{
    static const struct tb_rare_side nothing;
    const struct tb_rare_side *rare = own->rare == NULL ? &nothing : own->rare;
    if (other->closed)
        row->detail.window_stall_time += tb_since(end, other->rare->closed_since);
    row->detail.stream_bytes = own->syn_seen && own->fin_seen ? (int64_t)(own->fin - own->first_syn - 1) : -1;
    row->detail.window_scale = own->scale;
    if (!other->window_scaled)
        row->detail.window_packets = row->packets;
    row->unique_bytes = rare->core_unique;
    row->retransmitted_packets = rare->core_repeated_packets;
    row->retransmitted_bytes = rare->core_repeated_bytes;
    row->out_of_order_packets = rare->core_out_of_order;
    row->pure_ack_packets = rare->core_pure_acks;
}
