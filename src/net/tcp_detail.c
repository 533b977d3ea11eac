/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_detail.h"

enum { CONGESTION_EXPERIENCED = 3, THIRD_DUPLICATE = 4, SYNS_MAX = 255 };

/* One segment while it is counted. */
struct event {
    const struct tb_packet *packet;
    uint64_t time;
    bool by_tcptrace;
    bool probe;
    struct tb_detail_side *own;
    struct tb_detail_side *other;
    struct tb_flow_side *core; /* counters of the sender ... */
    struct tb_flow_detail *detail;
    struct tb_flow_detail *other_detail; /* ... and of the other side */
};

static bool has(const struct event *event, unsigned flags)
{
    return (event->packet->tcp_flags & flags) != 0;
}

static void add_time(struct tb_flow_times *times, uint64_t time, bool by_tcptrace)
{
    const bool unset = by_tcptrace ? times->minimum == 0 : times->count == 0;
    const double microseconds = (double)time / 1000.0;
    if (unset || time < times->minimum)
        times->minimum = time;
    if (time > times->maximum)
        times->maximum = time;
    times->count++;
    times->sum += time;
    times->squares += microseconds * microseconds;
}

static uint64_t since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

bool tb_tcp_detail_is_probe(const struct tb_live_detail *live, unsigned side, const struct tb_packet *packet,
                            enum tb_flow_rules rules)
{
    const struct tb_detail_side *other = &live->side[!side];
    if (rules == TB_FLOW_RULES_TCPTRACE) /* where no window was seen, it takes it for closed */
        return other->started && other->last_window == 0 && (packet->tcp_flags & TB_TCP_SYN) == 0 &&
               (packet->payload != 0 || (packet->tcp_flags & TB_TCP_FIN) != 0);
    if (!other->window_seen || other->last_window != 0)
        return false;
    const struct tb_sent_list *sent = &live->side[side].sent;
    const uint64_t position = tb_sent_position(sent, packet->sequence);
    return (packet->tcp_flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) == 0 && sent->started &&
           ((packet->payload == 1 && position + 1 >= sent->highest && position <= sent->highest) ||
            (packet->payload == 0 && position + 1 == sent->highest));
}

/* --- what the sender's header says --- */

static void count_options(const struct event *event)
{
    const struct tb_tcp_options *options = &event->packet->options;
    struct tb_flow_detail *detail = event->detail;
    if (options->mss != 0)
        detail->mss = options->mss;
    detail->asked_scale = detail->asked_scale || options->scaled;
    detail->asked_timestamps = detail->asked_timestamps || options->timestamps;
    detail->asked_sack = detail->asked_sack || options->sack_permitted;
    if (options->sack_blocks == 0)
        return;
    detail->sacks++;
    if (has(event, TB_TCP_RST) || !has(event, TB_TCP_ACK))
        return;
    detail->sack_packets++;
    detail->duplicate_sacks += options->duplicate_sack;
    if (options->sack_blocks > detail->sack_blocks_max)
        detail->sack_blocks_max = options->sack_blocks;
}

static void count_congestion(const struct event *event)
{
    struct tb_flow_detail *detail = event->detail;
    const bool syn = has(event, TB_TCP_SYN);
    detail->asked_ecn = detail->asked_ecn || (syn && has(event, TB_TCP_ECE));
    detail->echo_packets += !syn && has(event, TB_TCP_ECE);
    detail->reduced_packets += !syn && has(event, TB_TCP_CWR);
    detail->congested_packets += event->packet->congestion == CONGESTION_EXPERIENCED;
}

static void count_flags(const struct event *event)
{
    const uint32_t payload = event->packet->payload;
    struct tb_flow_detail *detail = event->detail;
    detail->ack_packets += has(event, TB_TCP_ACK);
    detail->pushed_packets += payload != 0 && has(event, TB_TCP_PSH);
    event->own->core_pure_acks +=
        payload == 0 && has(event, TB_TCP_ACK) && !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST);
    if (payload != 0 && has(event, TB_TCP_URG)) {
        detail->urgent_packets++;
        detail->urgent_bytes += event->packet->urgent;
    }
}

static void count_size(const struct event *event)
{
    const struct tb_packet *packet = event->packet;
    struct tb_flow_detail *detail = event->detail;
    if (packet->payload == 0)
        return;
    if (packet->payload > detail->segment_max)
        detail->segment_max = packet->payload;
    if (detail->segment_min == 0 || packet->payload < detail->segment_min)
        detail->segment_min = packet->payload;
    if (packet->kept < packet->payload) {
        detail->cut_packets++;
        detail->cut_bytes += packet->payload - packet->kept;
    }
    if (!event->own->sent_data)
        event->own->first_data_time = event->time;
    event->own->sent_data = true;
    detail->data_begin = event->own->first_data_time;
    detail->data_time = since(event->time, event->own->first_data_time);
}

static void count_gap(const struct event *event)
{
    struct tb_detail_side *own = event->own;
    if (own->started) {
        const uint64_t gap = since(event->time, own->last_time);
        if (gap > event->detail->idle_max)
            event->detail->idle_max = gap;
        add_time(&event->detail->gap, gap, event->by_tcptrace);
    }
    own->started = true;
    own->last_time = event->time;
}

static void count_same_identification(const struct event *event)
{
    struct tb_detail_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (packet->version != 4 || packet->identification == 0)
        return;
    for (unsigned i = 0; i < own->remembered; i++) {
        if (own->sequences[i] == packet->sequence && own->identifications[i] == (uint16_t)packet->identification) {
            event->detail->duplicate_packets++;
            break;
        }
    }
    own->sequences[own->next_remembered] = packet->sequence;
    own->identifications[own->next_remembered] = (uint16_t)packet->identification;
    own->next_remembered = (own->next_remembered + 1) % TB_DETAIL_REMEMBERED;
    if (own->remembered < TB_DETAIL_REMEMBERED)
        own->remembered++;
}

/* --- windows --- */

static uint32_t effective_window(const struct event *event)
{
    const bool scaled = event->own->scale_seen && event->other->scale_seen && !has(event, TB_TCP_SYN);
    return (uint32_t)event->packet->window << (scaled ? event->own->scale : 0);
}

/* From the first scaled window on, those of the SYN are left out. */
static void restart_windows(const struct event *event, uint32_t window)
{
    if (event->own->window_scaled || window == 0 || has(event, TB_TCP_SYN) || !event->own->scale_seen ||
        !event->other->scale_seen)
        return;
    event->own->window_scaled = true;
    event->detail->window_max = event->detail->window_min = 0;
    event->detail->window_sum = 0;
    event->detail->window_packets = 1;
}

/* The blocked side's counters: how often and how long the window was closed. */
static void watch_closing(const struct event *event, uint32_t window)
{
    struct tb_detail_side *own = event->own;
    if (window == 0 && own->closed_since == 0 && !has(event, TB_TCP_SYN)) {
        own->closed_since = event->time;
        event->other_detail->window_stalls++;
    } else if (window != 0 && own->closed_since != 0) {
        event->other_detail->window_stall_time += since(event->time, own->closed_since);
        own->closed_since = 0;
    }
}

static void count_window(const struct event *event)
{
    struct tb_flow_detail *detail = event->detail;
    const bool carries = has(event, TB_TCP_ACK | TB_TCP_SYN) && !has(event, TB_TCP_RST);
    const uint32_t window = effective_window(event);
    detail->window_packets += event->by_tcptrace || carries;
    if (event->by_tcptrace && has(event, TB_TCP_ACK))
        event->own->edge = event->packet->acknowledgement + window;
    if (!carries)
        return;
    restart_windows(event, window);
    detail->window_sum += window;
    if (window > detail->window_max)
        detail->window_max = window;
    if (window != 0 && (detail->window_min == 0 || window < detail->window_min))
        detail->window_min = window;
    detail->zero_windows += window == 0 && has(event, TB_TCP_ACK);
    watch_closing(event, window);
    event->own->last_window = window;
    event->own->window_seen = true;
}

/* --- what the sender acknowledges --- */

static bool is_duplicate(const struct event *event)
{
    const struct tb_detail_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (!own->acknowledged || packet->acknowledgement != own->last_acknowledgement || packet->payload != 0 ||
        !own->window_seen || effective_window(event) != own->last_window)
        return false;
    if (event->by_tcptrace)
        return event->other_detail->outstanding_max != 0;
    return !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST | TB_TCP_PSH) &&
           event->other->sent.highest > tb_sent_position(&event->other->sent, packet->acknowledgement);
}

static void count_full_size(const struct event *event, const struct tb_sent_answer *answer)
{
    /* tcptrace takes a segment of one number for the largest there is. */
    const uint64_t size = event->by_tcptrace ? (uint32_t)(answer->length - 2) : answer->length;
    if (size > event->other->full_size) {
        event->other->full_size = size;
        event->other_detail->full_rtt = (struct tb_flow_times){0};
    }
    if (size == event->other->full_size)
        add_time(&event->other_detail->full_rtt, answer->rtt, event->by_tcptrace);
}

static bool is_of_syn(const struct event *event)
{
    return event->other->syns == 1 && event->packet->acknowledgement == event->other->first_syn + 1;
}

static void count_answer(const struct event *event, const struct tb_sent_answer *answer)
{
    struct tb_flow_detail *detail = event->other_detail;
    if (!answer->matched)
        return;
    event->other->last_rtt = answer->post_loss || answer->ambiguous ? 0 : answer->rtt;
    if (answer->post_loss) {
        detail->post_loss_acks++;
    } else if (answer->ambiguous) {
        add_time(&detail->ambiguous, answer->rtt, event->by_tcptrace);
    } else {
        add_time(&detail->rtt, answer->rtt, event->by_tcptrace);
        count_full_size(event, answer);
        if (is_of_syn(event))
            detail->handshake_rtt = answer->rtt;
    }
}

static void acknowledge(const struct event *event)
{
    struct tb_detail_side *own = event->own, *other = event->other;
    const uint32_t number = event->packet->acknowledgement;
    const bool duplicate = is_duplicate(event);
    struct tb_sent_answer answer;
    tb_sent_list_acknowledge(&other->sent, &(struct tb_sent_taken){number, duplicate, event->by_tcptrace, event->time},
                             &answer);
    event->other_detail->cumulative_acks += answer.cumulative;
    count_answer(event, &answer);
    /* tcptrace takes its latest time whenever the SYN's number is acknowledged, also again. */
    if (event->by_tcptrace && is_of_syn(event))
        event->other_detail->handshake_rtt = other->last_rtt;
    if (duplicate && answer.in_a_row != 0) {
        event->other_detail->duplicate_acks++;
        if (answer.in_a_row == THIRD_DUPLICATE) {
            event->other_detail->triple_acks++;
            other->fast = true;
            other->fast_until = (uint32_t)other->sent.highest;
        }
    }
    if (other->fast && (int32_t)(number - other->fast_until) >= 0)
        other->fast = false;
    if (event->by_tcptrace && has(event, TB_TCP_RST))
        return;
    if (!other->syn_seen || number != other->first_syn + 1)
        other->answered = true;
    if (event->by_tcptrace || !own->acknowledged || (int32_t)(number - own->last_acknowledgement) > 0)
        own->last_acknowledgement = number;
    own->acknowledged = true;
}

/* --- what the sender sends --- */

static void note_syn(const struct event *event)
{
    struct tb_detail_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (own->syns == 0)
        own->first_syn = packet->sequence;
    own->last_syn = packet->sequence;
    own->syns += own->syns < SYNS_MAX;
    own->syn_seen = true;
    /* To tcptrace a SYN is what was acknowledged last. */
    if (event->by_tcptrace) {
        event->other->last_acknowledgement = packet->sequence;
        event->other->acknowledged = true;
    }
    if (packet->options.scaled) {
        own->scale = packet->options.scale;
        own->scale_seen = true;
    }
}

/* A repeat is the answer to a third duplicate, or to a timer, or no answer at
 * all when everything in it had been acknowledged. */
static void tell_repeat(const struct event *event, const struct tb_sent_found *found)
{
    const struct tb_detail_side *own = event->own;
    if (event->packet->payload == 0)
        return;
    if (found->old_acknowledged >= found->repeated)
        event->detail->spurious_packets++;
    else if (own->fast && (int32_t)(event->packet->sequence - own->fast_until) < 0)
        event->detail->fast_packets++;
    else
        event->detail->timeout_packets++;
}

static void count_repeat(const struct event *event, const struct tb_sent_found *found)
{
    struct tb_detail_side *own = event->own;
    /* A further SYN or FIN with a number of its own is a byte to tcptrace. */
    const uint32_t length =
        event->packet->payload + (has(event, TB_TCP_SYN) && own->syns > 1) + (has(event, TB_TCP_FIN) && own->fin_seen);
    own->core_unique += length - (found->repeated < length ? found->repeated : length);
    own->core_out_of_order += found->out_of_order;
    if (found->repeated == 0)
        return;
    own->core_repeated_packets++;
    own->core_repeated_bytes += found->repeated;
    if (found->most_repeats > event->detail->most_repeats)
        event->detail->most_repeats = found->most_repeats;
    if (found->waited)
        add_time(&event->detail->repeat, found->wait, event->by_tcptrace);
}

static void count_messages(const struct event *event)
{
    event->detail->requests += event->packet->requests;
    event->detail->replies += event->packet->reply;
}

/* An old byte below everything that is acknowledged asks whether the other side is there. */
static bool is_keep_alive(const struct event *event)
{
    const struct tb_sent_list *sent = &event->own->sent;
    return event->packet->payload == 1 && !has(event, TB_TCP_SYN | TB_TCP_FIN) && sent->started &&
           event->packet->sequence == (uint32_t)(sent->highest - 1) && event->other->acknowledged &&
           event->other->last_acknowledgement == (uint32_t)sent->highest;
}

static void count_initial(const struct event *event)
{
    if (event->packet->payload == 0 || event->own->answered)
        return;
    event->detail->initial_bytes += event->packet->payload;
    event->detail->initial_packets++;
}

static bool send_numbers(const struct event *event, struct tb_sent_found *found)
{
    const struct tb_packet *packet = event->packet;
    const uint32_t length = packet->payload + has(event, TB_TCP_SYN) + has(event, TB_TCP_FIN);
    *found = (struct tb_sent_found){0};
    if (event->by_tcptrace && event->probe)
        count_initial(event);
    if (length == 0 || (event->by_tcptrace ? event->probe : has(event, TB_TCP_RST)))
        return true;
    const bool keep_alive = is_keep_alive(event);
    if (!tb_sent_list_add(&event->own->sent, packet->sequence, length, event->time, found))
        return false;
    count_repeat(event, found);
    if (found->repeated == 0)
        count_messages(event);
    else if (!keep_alive && !event->probe)
        tell_repeat(event, found);
    if (found->repeated == 0)
        count_initial(event);
    return true;
}

/* --- outstanding data --- */

/* One term a packet, each time weighted and cut to an integer. */
static void weigh_as_tcptrace(const struct event *event, uint64_t outstanding)
{
    struct tb_detail_side *own = event->own;
    struct tb_flow_detail *detail = event->detail;
    if (own->outstanding_since != 0)
        detail->outstanding_time +=
            (uint64_t)((double)own->outstanding * ((double)(since(event->time, own->outstanding_since) / 1000) / 1e6));
    own->outstanding = outstanding;
    own->outstanding_since = event->time;
    detail->outstanding_sum += outstanding;
    detail->outstanding_count++;
    if (outstanding > detail->outstanding_max)
        detail->outstanding_max = outstanding;
    if (outstanding != 0 && (detail->outstanding_min == 0 || outstanding < detail->outstanding_min))
        detail->outstanding_min = outstanding;
}

static void note_outstanding_as_tcptrace(const struct event *event, const struct tb_sent_found *found)
{
    if (has(event, TB_TCP_SYN | TB_TCP_RST) || found->repeated != 0 || found->out_of_order)
        return;
    const struct tb_packet *packet = event->packet;
    const uint64_t end = (uint64_t)packet->sequence + packet->payload;
    /* Where the numbers wrap, its difference of 64 bits does as well. */
    const uint64_t outstanding =
        event->other->acknowledged ? end - event->other->last_acknowledgement + 1 : packet->payload;
    weigh_as_tcptrace(event, outstanding);
}

static uint64_t outstanding_now(const struct tb_detail_side *sender, const struct tb_detail_side *other)
{
    if (!sender->sent.started || !other->acknowledged)
        return 0;
    const uint64_t acknowledged = tb_sent_position(&sender->sent, other->last_acknowledgement);
    return sender->sent.highest > acknowledged ? sender->sent.highest - acknowledged : 0;
}

enum { NS_PER_MICROSECOND = 1000 };

/* Byte microseconds. */
static void weigh(struct tb_detail_side *sender, const struct tb_detail_side *other, struct tb_flow_detail *detail,
                  uint64_t time)
{
    detail->outstanding_time += sender->outstanding * (since(time, sender->outstanding_since) / NS_PER_MICROSECOND);
    sender->outstanding = outstanding_now(sender, other);
    sender->outstanding_since = time;
}

static void note_outstanding(const struct event *event, const struct tb_sent_found *found)
{
    struct tb_flow_detail *detail = event->detail;
    weigh(event->own, event->other, detail, event->time);
    weigh(event->other, event->own, event->other_detail, event->time);
    const uint64_t outstanding = event->own->outstanding;
    if (event->packet->payload == 0 || found->repeated != 0 || outstanding == 0)
        return;
    detail->outstanding_sum += outstanding;
    detail->outstanding_count++;
    if (outstanding > detail->outstanding_max)
        detail->outstanding_max = outstanding;
    if (detail->outstanding_min == 0 || outstanding < detail->outstanding_min)
        detail->outstanding_min = outstanding;
}

/* --- stalls --- */

static void add_stall(struct tb_flow_detail *detail, uint64_t begin, uint64_t length)
{
    detail->stalls++;
    detail->stall_time += length;
    if (length <= detail->stall_longest)
        return;
    detail->stall_longest = length;
    detail->stall_begin = begin;
}

/* The flow stood still: of a side whose data waited to be acknowledged, or who
 * sends again what was. */
static void watch_stall(const struct event *event, uint64_t last_time, const bool waiting[2],
                        const struct tb_sent_found *found)
{
    const uint64_t gap = last_time == 0 ? 0 : since(event->time, last_time);
    if (gap < TB_FLOW_STALL_NS)
        return;
    const bool disbelieved = event->packet->payload > 1 && found->repeated != 0;
    if (waiting[0] || disbelieved)
        add_stall(event->detail, last_time, gap);
    if (waiting[1])
        add_stall(event->other_detail, last_time, gap);
}

/* To tcptrace every packet from a reset on ends the stream anew, where a FIN was seen. */
static void note_end(const struct event *event)
{
    struct tb_detail_side *own = event->own;
    own->fin_seen = own->fin_seen || has(event, TB_TCP_FIN);
    own->rst_seen = own->rst_seen || has(event, TB_TCP_RST);
    if (has(event, TB_TCP_FIN) || (event->by_tcptrace && own->rst_seen))
        own->fin = event->packet->sequence + event->packet->payload;
}

bool tb_tcp_detail_add(struct tb_live_detail *live, unsigned side, const struct tb_detail_packet *packet,
                       struct tb_flow_side sides[2])
{
    const struct event event = {.packet = packet->packet,
                                .time = packet->time,
                                .by_tcptrace = packet->rules == TB_FLOW_RULES_TCPTRACE,
                                .probe = tb_tcp_detail_is_probe(live, side, packet->packet, packet->rules),
                                .own = &live->side[side],
                                .other = &live->side[!side],
                                .core = &sides[side],
                                .detail = &sides[side].detail,
                                .other_detail = &sides[!side].detail};
    const bool waiting[2] = {outstanding_now(event.own, event.other) != 0,
                             outstanding_now(event.other, event.own) != 0};
    const uint64_t last_time = live->last_time;
    live->last_time = packet->time;
    count_gap(&event);
    count_options(&event);
    count_congestion(&event);
    count_flags(&event);
    count_size(&event);
    count_same_identification(&event);
    if (has(&event, TB_TCP_SYN))
        note_syn(&event);
    if (event.probe) {
        event.detail->probe_packets++;
        event.detail->probe_bytes += event.packet->payload;
    }
    if (has(&event, TB_TCP_ACK))
        acknowledge(&event);
    count_window(&event);
    struct tb_sent_found found;
    if (!send_numbers(&event, &found))
        return false;
    if (event.by_tcptrace)
        note_outstanding_as_tcptrace(&event, &found);
    else
        note_outstanding(&event, &found);
    watch_stall(&event, last_time, waiting, &found);
    note_end(&event);
    return true;
}

/* --- beginning and end --- */

bool tb_tcp_detail_begins_other(const struct tb_live_detail *live, unsigned side, const struct tb_detail_packet *packet)
{
    const uint64_t idle = UINT64_C(240) * 1000000000;
    const struct tb_detail_side *own = &live->side[side], *other = &live->side[!side];
    const uint32_t sequence = packet->packet->sequence;
    if (since(packet->time, live->last_time) > idle)
        return true;
    if ((packet->packet->tcp_flags & TB_TCP_SYN) == 0)
        return false;
    if (own->syns >= 2 && sequence != own->last_syn)
        return true;
    if (!own->fin_seen && !own->rst_seen && !other->fin_seen && !other->rst_seen)
        return false;
    /* Compared as plain integers; what was not seen counts as 0. */
    return sequence > other->edge || sequence < own->first_syn;
}

enum tb_flow_end tb_tcp_detail_ended(const struct tb_live_detail *live)
{
    const struct tb_detail_side *one = &live->side[0], *other = &live->side[1];
    if (one->rst_seen || other->rst_seen)
        return TB_FLOW_RESET;
    return one->syn_seen && other->syn_seen && one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
}

/* By tcptrace's rules the number space is 32 bits wide. */
static int64_t stream_bytes(const struct tb_detail_side *own, bool by_tcptrace)
{
    if (!own->syn_seen || !own->fin_seen)
        return -1;
    if (by_tcptrace)
        return own->fin - own->first_syn - 1;
    const uint64_t first = ((uint64_t)1 << 32) + own->first_syn;
    const uint64_t last = tb_sent_position(&own->sent, own->fin);
    return last > first ? (int64_t)(last - first - 1) : -1;
}

static void finish_side(const struct tb_live_detail *live, unsigned which, bool by_tcptrace, struct tb_flow_side *side)
{
    const struct tb_detail_side *own = &live->side[which], *other = &live->side[!which];
    side->detail.last_time = own->last_time;
    side->detail.stream_bytes = stream_bytes(own, by_tcptrace);
    side->detail.window_scale = own->scale_seen && other->scale_seen ? own->scale : 0;
    if (!by_tcptrace)
        return;
    if (!other->window_scaled)
        side->detail.window_packets = side->packets;
    side->unique_bytes = own->core_unique;
    side->retransmitted_packets = own->core_repeated_packets;
    side->retransmitted_bytes = own->core_repeated_bytes;
    side->out_of_order_packets = own->core_out_of_order;
    side->pure_ack_packets = own->core_pure_acks;
}

void tb_tcp_detail_finish(struct tb_live_detail *live, enum tb_flow_rules rules, struct tb_flow_side sides[2])
{
    for (unsigned side = 0; side < 2; side++) {
        struct tb_detail_side *own = &live->side[side];
        if (own->closed_since != 0)
            sides[!side].detail.window_stall_time += since(live->last_time, own->closed_since);
        finish_side(live, side, rules == TB_FLOW_RULES_TCPTRACE, &sides[side]);
    }
    tb_sent_list_free(&live->side[0].sent);
    tb_sent_list_free(&live->side[1].sent);
}
