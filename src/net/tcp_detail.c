/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_detail.h"

#include <string.h>

enum { CONGESTION_EXPERIENCED = 3, THIRD_DUPLICATE = 4, SYNS_MAX = 255, NS_PER_MICROSECOND = 1000 };

/* One segment while it is counted. */
struct event {
    const struct tb_packet *packet;
    uint64_t time;
    uint32_t flags;
    uint32_t payload;
    bool by_tcptrace;
    bool probe;
    bool failed;              /* memory is short */
    struct tb_live_side *own; /* of the sender */
    struct tb_live_side *other;
    struct tb_port_flows *port;
    unsigned sender; /* in the arrays of port */
};

static bool has(const struct event *event, unsigned flags)
{
    return (event->flags & flags) != 0;
}

static uint64_t since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

/* Adds to a counter that most flows never need. */
#define COUNT_RARE(event, side, counter, amount)                                                                       \
    do {                                                                                                               \
        struct tb_rare_side *const rare_side = tb_live_side_rare(side);                                                \
        if (rare_side == NULL)                                                                                         \
            (event)->failed = true;                                                                                    \
        else                                                                                                           \
            rare_side->counter += (amount);                                                                            \
    } while (0)

static void add_wide_time(struct tb_flow_times *times, uint64_t time, bool by_tcptrace)
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

/* By tcptrace's rules the minimum depends on the order of all times, so none is kept apart. */
static bool is_narrow(const struct event *event, uint64_t time)
{
    return time <= UINT32_MAX && !event->by_tcptrace;
}

static void add_narrow_time(struct tb_live_times *times, uint32_t *count, uint64_t time)
{
    const uint32_t narrow = (uint32_t)time;
    const double microseconds = (double)narrow / 1000.0;
    times->least = tb_larger(times->least, ~narrow);
    times->maximum = tb_larger(times->maximum, narrow);
    ++*count;
    times->sum += narrow;
    times->squares += microseconds * microseconds;
}

#define ADD_TIME(event, side, times, times_count, time)                                                                \
    do {                                                                                                               \
        struct tb_rare_side *wide;                                                                                     \
        if (is_narrow(event, time))                                                                                    \
            add_narrow_time(&(side)->times, &(side)->times_count, time);                                               \
        else if ((wide = tb_live_side_rare(side)) != NULL)                                                             \
            add_wide_time(&wide->row.detail.times, time, (event)->by_tcptrace);                                        \
        else                                                                                                           \
            (event)->failed = true;                                                                                    \
    } while (0)

static void distribute(struct event *event, struct tb_histogram *histogram, uint64_t value)
{
    if (!tb_histogram_add(histogram, value))
        event->failed = true;
}

bool tb_tcp_detail_probes(const struct tb_live_side *own, const struct tb_packet *packet, enum tb_flow_rules rules)
{
    if (rules == TB_FLOW_RULES_TCPTRACE)
        return (packet->tcp_flags & TB_TCP_SYN) == 0 && (packet->payload != 0 || (packet->tcp_flags & TB_TCP_FIN) != 0);
    const struct tb_sent_list *sent = &own->sent;
    const uint64_t position = tb_sent_position(sent, packet->sequence);
    return (packet->tcp_flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) == 0 && tb_sent_any(sent) &&
           ((packet->payload == 1 && position + 1 >= sent->highest && position <= sent->highest) ||
            (packet->payload == 0 && position + 1 == sent->highest));
}

/* --- what the sender's header says --- */

static void count_sacks(struct event *event)
{
    const struct tb_tcp_options *options = &event->packet->options;
    struct tb_rare_side *rare = tb_live_side_rare(event->own);
    if (rare == NULL) {
        event->failed = true;
        return;
    }
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->sacks++;
    if (has(event, TB_TCP_RST) || !has(event, TB_TCP_ACK))
        return;
    detail->sack_packets++;
    detail->duplicate_sacks += options->duplicate_sack;
    if (options->sack_blocks > detail->sack_blocks_max)
        detail->sack_blocks_max = options->sack_blocks;
}

/* Most packets have the time stamps of those before, and no other option. */
static void count_options(struct event *event)
{
    static const struct tb_tcp_options usual = {.timestamps = true};
    const struct tb_tcp_options *options = &event->packet->options;
    struct tb_live_side *own = event->own;
    if (own->asked_timestamps && memcmp(options, &usual, sizeof usual) == 0)
        return;
    if (options->mss != 0)
        own->mss = options->mss;
    own->asked_scale = own->asked_scale || options->scaled;
    own->asked_timestamps = own->asked_timestamps || options->timestamps;
    own->asked_sack = own->asked_sack || options->sack_permitted;
    if (options->sack_blocks != 0)
        count_sacks(event);
}

static void count_congestion(struct event *event)
{
    const bool syn = has(event, TB_TCP_SYN);
    if (syn && has(event, TB_TCP_ECE))
        event->own->asked_ecn = true;
    if (!syn && has(event, TB_TCP_ECE))
        COUNT_RARE(event, event->own, row.detail.echo_packets, 1);
    if (!syn && has(event, TB_TCP_CWR))
        COUNT_RARE(event, event->own, row.detail.reduced_packets, 1);
    if (event->packet->congestion == CONGESTION_EXPERIENCED)
        COUNT_RARE(event, event->own, row.detail.congested_packets, 1);
}

static void count_urgent(struct event *event)
{
    COUNT_RARE(event, event->own, row.detail.urgent_packets, 1);
    COUNT_RARE(event, event->own, row.detail.urgent_bytes, event->packet->urgent);
}

/* The TCP options take their room from a segment. */
static void count_full_segments(const struct event *event)
{
    enum { FIXED_HEADER = 20 };
    uint32_t most = event->other->mss;
    if (most == 0)
        return;
    if (event->own->mss != 0 && event->own->mss < most)
        most = event->own->mss;
    const uint64_t options = event->packet->transport_header - FIXED_HEADER;
    event->port->sized_segments[event->sender]++;
    event->port->full_segments[event->sender] += event->payload + options >= most;
}

static void count_size(struct event *event)
{
    const struct tb_packet *packet = event->packet;
    struct tb_live_side *own = event->own;
    const uint32_t payload = event->payload;
    own->pushed_packets += has(event, TB_TCP_PSH);
    if (has(event, TB_TCP_URG))
        count_urgent(event);
    own->segment_max = tb_larger(own->segment_max, payload);
    own->segment_least = tb_larger(own->segment_least, ~payload);
    if (packet->kept < payload) {
        own->cut_packets++;
        own->cut_bytes += payload - packet->kept;
    }
    distribute(event, &event->port->segment[event->sender], payload);
    count_full_segments(event);
    if (!own->sent_data)
        own->first_data_time = event->time;
    own->sent_data = true;
    own->data_time = since(event->time, own->first_data_time);
}

static void count_gap(struct event *event)
{
    struct tb_live_side *own = event->own;
    if (own->started) {
        const uint64_t gap = since(event->time, own->last_time);
        ADD_TIME(event, own, gap, gap_count, gap);
        distribute(event, &event->port->gap[event->sender], gap);
    }
    own->started = true;
    own->last_time = event->time;
}

/* Whether one of the four 16-bit numbers of a word is 0. */
static bool any_zero(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0001000100010001), signs = UINT64_C(0x8000800080008000);
    return ((word - ones) & ~word & signs) != 0;
}

/* Identification 0 stands for none, so places that were not used yet match nothing. */
static bool is_remembered(const struct tb_live_side *side, uint32_t sequence, uint16_t identification)
{
    const uint64_t four = identification * UINT64_C(0x0001000100010001);
    uint64_t words[sizeof side->identifications / sizeof(uint64_t)];
    bool same = false;
    memcpy(words, side->identifications, sizeof words);
    if (!any_zero(words[0] ^ four) && !any_zero(words[1] ^ four))
        return false;
    for (unsigned i = 0; i < TB_LIVE_REMEMBERED; i++)
        same = same || (side->sequences[i] == sequence && side->identifications[i] == identification);
    return same;
}

static void count_same_identification(const struct event *event)
{
    struct tb_live_side *own = event->own;
    const uint32_t sequence = event->packet->sequence;
    const uint16_t identification = (uint16_t)event->packet->identification;
    if (event->packet->version != 4 || event->packet->identification == 0)
        return;
    own->duplicate_packets += is_remembered(own, sequence, identification);
    const uint32_t at = own->next_remembered++ % TB_LIVE_REMEMBERED;
    own->sequences[at] = sequence;
    own->identifications[at] = identification;
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
    struct tb_live_side *own = event->own;
    if (own->window_scaled || window == 0 || has(event, TB_TCP_SYN) || !own->scale_seen || !event->other->scale_seen)
        return;
    own->window_scaled = true;
    own->window_max = own->window_least = 0;
    own->window_sum = 0;
    own->window_packets = 1;
    if (own->rare != NULL)
        own->rare->row.detail.window_packets = 0;
}

/* The blocked side's counters: how often and how long the window was closed. */
static void watch_closing(struct event *event, uint32_t window)
{
    struct tb_live_side *own = event->own;
    if (window == 0)
        COUNT_RARE(event, own, row.detail.zero_windows, has(event, TB_TCP_ACK));
    if (window == 0 && !own->closed && !has(event, TB_TCP_SYN) && own->rare != NULL) {
        own->closed = event->time != 0;
        own->rare->closed_since = event->time;
        COUNT_RARE(event, event->other, row.detail.window_stalls, 1);
    } else if (window != 0 && own->closed) {
        COUNT_RARE(event, event->other, row.detail.window_stall_time, since(event->time, own->rare->closed_since));
        own->closed = false;
    }
}

static void count_window(struct event *event)
{
    struct tb_live_side *own = event->own;
    const bool carries = has(event, TB_TCP_ACK | TB_TCP_SYN) && !has(event, TB_TCP_RST);
    const uint32_t window = effective_window(event);
    own->window_packets += event->by_tcptrace || carries;
    if (event->by_tcptrace && has(event, TB_TCP_ACK))
        own->rare->edge = event->packet->acknowledgement + window;
    if (!carries)
        return;
    restart_windows(event, window);
    own->window_sum += window;
    own->window_max = tb_larger(own->window_max, window);
    own->window_least = tb_larger(own->window_least, window == 0 ? 0 : ~window);
    if (window == 0 || own->closed)
        watch_closing(event, window);
    own->last_window = window;
    own->window_seen = true;
}

/* --- what the sender acknowledges --- */

/* tcptrace asks whether the sum of all outstanding data is above 0. Probes of old data count as less than nothing
 * there, so it may come back to 0. */
static bool is_duplicate(const struct event *event)
{
    const struct tb_live_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (!own->acknowledged || packet->acknowledgement != own->last_acknowledgement || event->payload != 0 ||
        !own->window_seen || effective_window(event) != own->last_window)
        return false;
    if (event->by_tcptrace)
        return event->other->outstanding_sum != 0;
    return !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST | TB_TCP_PSH) &&
           event->other->sent.highest > tb_sent_position(&event->other->sent, packet->acknowledgement);
}

static void count_full_size(struct event *event, const struct tb_sent_answer *answer)
{
    struct tb_live_side *other = event->other;
    /* tcptrace takes a segment of one number for the largest there is. */
    const uint32_t size = (uint32_t)(event->by_tcptrace ? answer->length - 2 : answer->length);
    if (size > other->full_size) {
        other->full_size = size;
        other->full_rtt = (struct tb_live_times){0};
        other->full_count = 0;
        if (other->rare != NULL)
            other->rare->row.detail.full_rtt = (struct tb_flow_times){0};
    }
    if (size == other->full_size)
        ADD_TIME(event, other, full_rtt, full_count, answer->rtt);
}

static bool is_of_syn(const struct event *event)
{
    return event->other->syns == 1 && event->packet->acknowledgement == event->other->first_syn + 1;
}

static void count_answer(struct event *event, const struct tb_sent_answer *answer)
{
    struct tb_live_side *other = event->other;
    if (event->by_tcptrace)
        other->rare->last_rtt = answer->post_loss || answer->ambiguous ? 0 : answer->rtt;
    if (answer->post_loss) {
        COUNT_RARE(event, other, row.detail.post_loss_acks, 1);
        return;
    }
    if (answer->ambiguous) {
        struct tb_rare_side *rare = tb_live_side_rare(other);
        if (rare == NULL)
            event->failed = true;
        else
            add_wide_time(&rare->row.detail.ambiguous, answer->rtt, event->by_tcptrace);
        return;
    }
    ADD_TIME(event, other, rtt, rtt_count, answer->rtt);
    distribute(event, &event->port->rtt[!event->sender], answer->rtt);
    count_full_size(event, answer);
    if (is_of_syn(event))
        other->handshake_rtt = answer->rtt;
}

static void count_duplicate(struct event *event, uint32_t in_a_row)
{
    struct tb_live_side *other = event->other;
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL) {
        event->failed = true;
        return;
    }
    rare->row.detail.duplicate_acks++;
    if (in_a_row != THIRD_DUPLICATE)
        return;
    rare->row.detail.triple_acks++;
    rare->fast_until = (uint32_t)other->sent.highest;
    other->fast = true;
}

static void acknowledge(struct event *event)
{
    struct tb_live_side *own = event->own, *other = event->other;
    const uint32_t number = event->packet->acknowledgement;
    const bool duplicate = is_duplicate(event);
    struct tb_sent_answer answer;
    tb_sent_list_acknowledge(&other->sent, &(struct tb_sent_taken){number, duplicate, event->by_tcptrace, event->time},
                             &answer);
    other->cumulative_acks += answer.cumulative;
    if (answer.matched)
        count_answer(event, &answer);
    /* tcptrace takes its latest time whenever the SYN's number is acknowledged, also again. */
    if (event->by_tcptrace && is_of_syn(event))
        other->handshake_rtt = other->rare->last_rtt;
    if (duplicate && answer.in_a_row != 0)
        count_duplicate(event, answer.in_a_row);
    if (other->fast && (int32_t)(number - other->rare->fast_until) >= 0)
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

static void note_syn(struct event *event)
{
    struct tb_live_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (own->syns == 0)
        own->first_syn = packet->sequence;
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
static void tell_repeat(struct event *event, const struct tb_sent_found *found)
{
    const struct tb_live_side *own = event->own;
    if (event->payload == 0)
        return;
    if (found->old_acknowledged >= found->repeated)
        COUNT_RARE(event, event->own, row.detail.spurious_packets, 1);
    else if (own->fast && (int32_t)(event->packet->sequence - own->rare->fast_until) < 0)
        COUNT_RARE(event, event->own, row.detail.fast_packets, 1);
    else
        COUNT_RARE(event, event->own, row.detail.timeout_packets, 1);
}

static void count_as_tcptrace(const struct event *event, const struct tb_sent_found *found)
{
    struct tb_rare_side *rare = event->own->rare;
    /* A further SYN or FIN with a number of its own is a byte to tcptrace. */
    const uint32_t length = event->payload + (has(event, TB_TCP_SYN) && event->own->syns > 1) +
                            (has(event, TB_TCP_FIN) && event->own->fin_seen);
    rare->core_unique += length - (found->repeated < length ? found->repeated : length);
    rare->core_out_of_order += found->out_of_order;
    rare->core_repeated_packets += found->repeated != 0;
    rare->core_repeated_bytes += found->repeated;
}

static void count_repeat(struct event *event, const struct tb_sent_found *found)
{
    struct tb_rare_side *rare = tb_live_side_rare(event->own);
    if (rare == NULL) {
        event->failed = true;
        return;
    }
    if (found->most_repeats > rare->row.detail.most_repeats)
        rare->row.detail.most_repeats = found->most_repeats;
    if (found->waited)
        add_wide_time(&rare->row.detail.repeat, found->wait, event->by_tcptrace);
}

static void count_messages(const struct event *event)
{
    event->own->requests += event->packet->requests;
    event->own->replies += event->packet->reply;
}

/* An old byte below everything that is acknowledged asks whether the other side is there. */
static bool is_keep_alive(const struct event *event)
{
    const struct tb_sent_list *sent = &event->own->sent;
    return event->payload == 1 && !has(event, TB_TCP_SYN | TB_TCP_FIN) && tb_sent_any(sent) &&
           event->packet->sequence == (uint32_t)(sent->highest - 1) && event->other->acknowledged &&
           event->other->last_acknowledgement == (uint32_t)sent->highest;
}

static void count_initial(const struct event *event)
{
    if (event->payload == 0 || event->own->answered)
        return;
    event->own->initial_bytes += event->payload;
    event->own->initial_packets++;
}

/* False when memory is short. */
static bool send_numbers(struct event *event, struct tb_sent_found *found)
{
    const struct tb_packet *packet = event->packet;
    const uint32_t length = event->payload + has(event, TB_TCP_SYN) + has(event, TB_TCP_FIN);
    *found = (struct tb_sent_found){0};
    if (event->by_tcptrace && event->probe)
        count_initial(event);
    if (length == 0 || (event->by_tcptrace ? event->probe : has(event, TB_TCP_RST)))
        return true;
    const bool keep_alive = is_keep_alive(event);
    if (!tb_sent_list_add(&event->own->sent, packet->sequence, length, event->time, found))
        return false;
    if (event->by_tcptrace)
        count_as_tcptrace(event, found);
    if (found->repeated == 0) {
        count_messages(event);
        count_initial(event);
        return true;
    }
    count_repeat(event, found);
    if (!keep_alive && !event->probe)
        tell_repeat(event, found);
    return true;
}

/* --- outstanding data --- */

static void note_outstanding_bytes(struct tb_live_side *own, uint64_t outstanding)
{
    own->outstanding_sum += outstanding;
    own->outstanding_count++;
    if (outstanding > own->outstanding_max)
        own->outstanding_max = outstanding;
    if (outstanding != 0 && (own->outstanding_min == 0 || outstanding < own->outstanding_min))
        own->outstanding_min = outstanding;
}

/* One term a packet, each time weighted and cut to an integer. */
static void weigh_as_tcptrace(const struct event *event, uint64_t outstanding)
{
    struct tb_rare_side *rare = event->own->rare;
    if (rare->outstanding_since != 0)
        event->own->outstanding_time +=
            (uint64_t)((double)rare->outstanding *
                       ((double)(since(event->time, rare->outstanding_since) / 1000) / 1e6));
    rare->outstanding = outstanding;
    rare->outstanding_since = event->time;
    note_outstanding_bytes(event->own, outstanding);
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

static uint64_t outstanding_now(const struct tb_live_side *sender, const struct tb_live_side *other)
{
    if (!tb_sent_any(&sender->sent) || !other->acknowledged)
        return 0;
    const uint64_t acknowledged = tb_sent_position(&sender->sent, other->last_acknowledgement);
    return sender->sent.highest > acknowledged ? sender->sent.highest - acknowledged : 0;
}

/* Of a packet with payload that is not repeated. */
static void note_outstanding(const struct event *event)
{
    const uint64_t outstanding = outstanding_now(event->own, event->other);
    if (outstanding != 0)
        note_outstanding_bytes(event->own, outstanding);
}

/* --- stalls --- */

static void add_stall(struct event *event, struct tb_live_side *side, uint64_t begin, uint64_t length)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL) {
        event->failed = true;
        return;
    }
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->stalls++;
    detail->stall_time += length;
    if (length <= detail->stall_longest)
        return;
    detail->stall_longest = length;
    detail->stall_begin = begin;
}

/* The flow stood still: of a side whose data waited to be acknowledged, or who
 * sends again what was. */
static void watch_stall(struct event *event, uint64_t last_time, uint64_t gap, const uint64_t waiting[2],
                        const struct tb_sent_found *found)
{
    const bool disbelieved = event->payload > 1 && found->repeated != 0;
    if (waiting[0] != 0 || disbelieved)
        add_stall(event, event->own, last_time, gap);
    if (waiting[1] != 0)
        add_stall(event, event->other, last_time, gap);
}

/* To tcptrace every packet from a reset on ends the stream anew, where a FIN was seen. */
static void note_end(const struct event *event)
{
    struct tb_live_side *own = event->own;
    own->fin_seen = own->fin_seen || has(event, TB_TCP_FIN);
    own->rst_seen = own->rst_seen || has(event, TB_TCP_RST);
    if (has(event, TB_TCP_FIN) || (event->by_tcptrace && own->rst_seen))
        own->fin = event->packet->sequence + event->payload;
}

/* By tcptrace's rules something is always kept aside. */
static void prepare_as_tcptrace(struct event *event)
{
    struct tb_rare_side *rare = tb_live_side_rare(event->own);
    if (rare == NULL) {
        event->failed = true;
        return;
    }
    rare->core_pure_acks +=
        event->payload == 0 && has(event, TB_TCP_ACK) && !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST);
    if (has(event, TB_TCP_SYN))
        rare->last_syn = event->packet->sequence;
}

static void count_header(struct event *event)
{
    enum { CONGESTION_FLAGS = TB_TCP_ECE | TB_TCP_CWR, FIXED_HEADER = 20 };
    event->own->ack_packets += has(event, TB_TCP_ACK);
    if (event->packet->transport_header > FIXED_HEADER)
        count_options(event);
    if (has(event, CONGESTION_FLAGS) || event->packet->congestion == CONGESTION_EXPERIENCED)
        count_congestion(event);
    if (event->payload != 0)
        count_size(event);
    count_same_identification(event);
    if (has(event, TB_TCP_SYN))
        note_syn(event);
    if (!event->probe)
        return;
    COUNT_RARE(event, event->own, row.detail.probe_packets, 1);
    COUNT_RARE(event, event->own, row.detail.probe_bytes, event->payload);
}

bool tb_tcp_detail_add(struct tb_live_side *own, struct tb_live_side *other, const struct tb_detail_packet *packet)
{
    struct event event = {.packet = packet->packet,
                          .time = packet->time,
                          .flags = packet->packet->tcp_flags,
                          .payload = packet->packet->payload,
                          .by_tcptrace = packet->rules == TB_FLOW_RULES_TCPTRACE,
                          .probe = packet->probe,
                          .own = own,
                          .other = other,
                          .port = packet->port,
                          .sender = packet->by_server};
    const uint64_t waiting[2] = {outstanding_now(own, other), outstanding_now(other, own)};
    const uint64_t gap = packet->flow_time == 0 ? 0 : since(packet->time, packet->flow_time);
    if (event.by_tcptrace) {
        prepare_as_tcptrace(&event);
        if (event.failed)
            return false;
    } else if ((waiting[0] | waiting[1]) != 0) {
        own->outstanding_time += waiting[0] * (gap / NS_PER_MICROSECOND);
        other->outstanding_time += waiting[1] * (gap / NS_PER_MICROSECOND);
    }
    count_gap(&event);
    count_header(&event);
    if (has(&event, TB_TCP_ACK))
        acknowledge(&event);
    count_window(&event);
    struct tb_sent_found found;
    if (!send_numbers(&event, &found))
        return false;
    if (event.by_tcptrace)
        note_outstanding_as_tcptrace(&event, &found);
    else if (event.payload != 0 && found.repeated == 0)
        note_outstanding(&event);
    if (gap >= TB_FLOW_STALL_NS)
        watch_stall(&event, packet->flow_time, gap, waiting, &found);
    if (has(&event, TB_TCP_FIN | TB_TCP_RST) || (event.by_tcptrace && own->rst_seen))
        note_end(&event);
    return !event.failed;
}

/* --- beginning and end --- */

bool tb_tcp_detail_begins_other(const struct tb_live_side *own, const struct tb_live_side *other,
                                const struct tb_detail_packet *packet)
{
    const uint64_t idle = UINT64_C(240) * 1000000000;
    const uint32_t sequence = packet->packet->sequence;
    if (since(packet->time, packet->flow_time) > idle)
        return true;
    if ((packet->packet->tcp_flags & TB_TCP_SYN) == 0)
        return false;
    if (own->syns >= 2 && sequence != own->rare->last_syn)
        return true;
    if (!own->fin_seen && !own->rst_seen && !other->fin_seen && !other->rst_seen)
        return false;
    /* Compared as plain integers; what was not seen counts as 0. */
    return sequence > (other->rare == NULL ? 0 : other->rare->edge) || sequence < own->first_syn;
}

enum tb_flow_end tb_tcp_detail_ended(const struct tb_live_side sides[2])
{
    const struct tb_live_side *one = &sides[0], *other = &sides[1];
    if (one->rst_seen || other->rst_seen)
        return TB_FLOW_RESET;
    return one->syn_seen && other->syn_seen && one->fin_seen && other->fin_seen ? TB_FLOW_CLOSED : TB_FLOW_OPEN;
}

/* By tcptrace's rules the number space is 32 bits wide. */
static int64_t stream_bytes(const struct tb_live_side *own, bool by_tcptrace)
{
    if (!own->syn_seen || !own->fin_seen)
        return -1;
    if (by_tcptrace)
        return own->fin - own->first_syn - 1;
    const uint64_t first = ((uint64_t)1 << 32) + own->first_syn;
    const uint64_t last = tb_sent_position(&own->sent, own->fin);
    return last > first ? (int64_t)(last - first - 1) : -1;
}

/* A side that never sent has nothing aside. */
static void finish_as_tcptrace(const struct tb_live_side *own, const struct tb_live_side *other,
                               struct tb_flow_side *row)
{
    static const struct tb_rare_side nothing;
    const struct tb_rare_side *rare = own->rare == NULL ? &nothing : own->rare;
    if (!other->window_scaled)
        row->detail.window_packets = row->packets;
    row->unique_bytes = rare->core_unique;
    row->retransmitted_packets = rare->core_repeated_packets;
    row->retransmitted_bytes = rare->core_repeated_bytes;
    row->out_of_order_packets = rare->core_out_of_order;
    row->pure_ack_packets = rare->core_pure_acks;
}

void tb_tcp_detail_finish(const struct tb_live_side *own, const struct tb_live_side *other, uint64_t end,
                          enum tb_flow_rules rules, struct tb_flow_side *row)
{
    const bool by_tcptrace = rules == TB_FLOW_RULES_TCPTRACE;
    if (other->closed)
        row->detail.window_stall_time += since(end, other->rare->closed_since);
    row->detail.stream_bytes = stream_bytes(own, by_tcptrace);
    row->detail.window_scale = own->scale_seen && other->scale_seen ? own->scale : 0;
    if (by_tcptrace)
        finish_as_tcptrace(own, other, row);
}
