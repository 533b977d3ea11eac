/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tcp_detail.h"

#include "packet/http.h"
#include "packet_copies.h"
#include "tcp_connection.h"
#include "tcp_usual.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { CONGESTION_EXPERIENCED = 3, THIRD_DUPLICATE = 4, SYNS_MAX = 255, NS_PER_MICROSECOND = 1000, FIXED_HEADER = 20 };

/* One segment while it is counted. What every segment changes is counted inline, so that this stays in registers: it is
 * never handed to a function that is not. What most flows never see is counted by functions apart. Those that may need
 * memory return false when it is short. */
struct event {
    struct tb_sent_pool *pool;
    const struct tb_flow_packet *queued;
    const struct tb_packet *packet; /* of that */
    uint64_t time;
    uint32_t flags;
    uint32_t payload;
    bool by_tcptrace;
    bool probe;
    struct tb_live_side *own; /* of the sender */
    struct tb_live_side *other;
    struct tb_port_flows *port;
    struct tb_port_flows *turned; /* or NULL: where the sender counts as the other end */
    unsigned sender;              /* in the arrays of port */
    bool stray;
};

#define COLD static __attribute__((noinline, cold))
#define HOT static inline __attribute__((always_inline))

HOT bool is_rare(bool condition)
{
    return __builtin_expect(condition, false);
}

/* The second side when all bits of the mask are set, the first when none is. Without a branch, which nobody could
 * predict; and the compiler must not work the address out anew for each of the fields behind it. */
HOT struct tb_live_side *side_at(struct tb_live_side *sides, uintptr_t mask)
{
    struct tb_live_side *side = (struct tb_live_side *)((char *)sides + (sizeof *sides & mask));
    __asm__("" : "+r"(side));
    return side;
}

HOT bool has(const struct event *event, unsigned flags)
{
    return (event->flags & flags) != 0;
}

static bool shows(const struct tb_packet *packet, unsigned flags)
{
    return (packet->tcp_flags & flags) != 0;
}

HOT uint64_t since(uint64_t now, uint64_t then)
{
    return now > then ? now - then : 0;
}

/* Adds to a counter that most flows never need. */
#define COUNT_RARE(side, counter, amount)                                                                              \
    (tb_live_side_rare(side) != NULL && (((side)->rare->row.counter += (amount)), true))

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

/* The times of a detail that begin so many bytes into it. */
COLD bool add_time_aside(struct tb_live_side *side, size_t times, uint64_t time, bool by_tcptrace)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    add_wide_time((struct tb_flow_times *)((char *)&rare->row.detail + times), time, by_tcptrace);
    return true;
}

HOT void add_narrow_time(struct tb_live_times *times, uint32_t *count, uint32_t time)
{
    const double microseconds = (double)time / 1000.0;
    times->least = tb_larger(times->least, ~time);
    times->maximum = tb_larger(times->maximum, time);
    ++*count;
    times->sum += time;
    times->squares += microseconds * microseconds;
}

/* By tcptrace's rules the minimum depends on the order of all times, so none is kept apart. */
#define ADD_TIME(event, side, times, times_count, time)                                                                \
    ((time) <= UINT32_MAX && !(event)->by_tcptrace                                                                     \
         ? (add_narrow_time(&(side)->times, &(side)->times_count, (uint32_t)(time)), true)                             \
         : add_time_aside(side, offsetof(struct tb_flow_detail, times), time, (event)->by_tcptrace))

/* Sent against the other side's closed window. */
COLD bool probes(const struct tb_live_side *own, const struct tb_packet *packet, enum tb_flow_rules rules)
{
    if (rules == TB_FLOW_RULES_TCPTRACE)
        return (packet->tcp_flags & TB_TCP_SYN) == 0 && (packet->payload != 0 || (packet->tcp_flags & TB_TCP_FIN) != 0);
    const struct tb_sent_list *sent = &own->sent;
    const uint64_t position = tb_sent_position(sent, packet->sequence);
    return (packet->tcp_flags & (TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST)) == 0 && tb_sent_any(sent) &&
           ((packet->payload == 1 && position + 1 >= sent->highest && position <= sent->highest) ||
            (packet->payload == 0 && position + 1 == sent->highest));
}

/* Where tcptrace saw no window, it takes it for closed. */
HOT bool is_probe(const struct tb_live_side *own, const struct tb_live_side *other, const struct tb_packet *packet,
                  enum tb_flow_rules rules)
{
    return other->last_window == 0 && (rules == TB_FLOW_RULES_TCPTRACE ? other->started : other->window_seen) &&
           probes(own, packet, rules);
}

/* --- what the sender's header says --- */

static bool count_sacks(struct tb_live_side *own, const struct tb_packet *packet)
{
    const struct tb_tcp_options *options = &packet->options;
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->sacks++;
    if (shows(packet, TB_TCP_RST) || !shows(packet, TB_TCP_ACK))
        return true;
    detail->sack_packets++;
    detail->dsack_packets += options->duplicate_sack;
    if (options->sack_blocks > detail->sack_blocks_max)
        detail->sack_blocks_max = options->sack_blocks;
    return true;
}

static __attribute__((noinline)) bool count_all_options(struct tb_live_side *own, const struct tb_packet *packet)
{
    const struct tb_tcp_options *options = &packet->options;
    if (options->mss != 0)
        own->mss = options->mss;
    own->asked_scale |= options->scaled;
    own->asked_timestamps |= options->timestamps;
    own->asked_sack |= options->sack_permitted;
    if (options->sack_blocks != 0)
        return count_sacks(own, packet);
    if (options->mss == 0) /* those of a SYN come once */
        own->known_options = *options;
    return true;
}

/* Most packets have the options of one before, which say nothing new. */
HOT bool count_options(const struct event *event)
{
    return memcmp(&event->packet->options, &event->own->known_options, sizeof event->packet->options) == 0 ||
           count_all_options(event->own, event->packet);
}

COLD bool count_congestion(struct tb_live_side *own, const struct tb_packet *packet)
{
    const bool syn = shows(packet, TB_TCP_SYN);
    bool counted = true;
    if (syn && shows(packet, TB_TCP_ECE))
        own->asked_ecn = true;
    if (!syn && shows(packet, TB_TCP_ECE))
        counted = COUNT_RARE(own, detail.ece_packets, 1);
    if (!syn && shows(packet, TB_TCP_CWR))
        counted = counted && COUNT_RARE(own, detail.cwr_packets, 1);
    if (packet->congestion == CONGESTION_EXPERIENCED)
        counted = counted && COUNT_RARE(own, detail.ce_packets, 1);
    return counted;
}

COLD bool count_urgent(struct tb_live_side *own, uint16_t pointer)
{
    return COUNT_RARE(own, detail.urgent_packets, 1) && COUNT_RARE(own, detail.urgent_bytes, pointer);
}

/* The TCP options take their room from a segment. */
HOT void count_full_segments(const struct event *event)
{
    uint32_t most = event->other->mss;
    if (most == 0)
        return;
    if (event->own->mss != 0 && event->own->mss < most)
        most = event->own->mss;
    const uint64_t options = event->packet->transport_header - FIXED_HEADER;
    const bool full = event->payload + options >= most;
    event->port->sized_segments[event->sender]++;
    event->port->full_segments[event->sender] += full;
    if (event->turned != NULL) {
        event->turned->sized_segments[!event->sender]++;
        event->turned->full_segments[!event->sender] += full;
    }
}

HOT void count_cut(const struct event *event)
{
    const uint32_t kept = event->packet->kept;
    const bool unread = kept < TB_HTTP_BEGINNING && event->packet->requests == 0 && !event->packet->reply;
    event->own->truncated_packets++;
    event->own->truncated_bytes += event->payload - kept;
    event->port->unread_packets[event->sender] += unread;
    if (event->turned != NULL)
        event->turned->unread_packets[!event->sender] += unread;
}

HOT bool count_size(const struct event *event)
{
    const struct tb_packet *packet = event->packet;
    struct tb_live_side *own = event->own;
    const uint32_t payload = event->payload;
    own->pushed_packets += has(event, TB_TCP_PSH);
    own->segment_max = tb_larger(own->segment_max, payload);
    own->segment_least = tb_larger(own->segment_least, ~payload);
    if (packet->kept < payload)
        count_cut(event);
    count_full_segments(event);
    own->first_data_time = own->sent_data ? own->first_data_time : event->time;
    own->sent_data = true;
    own->data_time = since(event->time, own->first_data_time);
    return tb_histogram_add_fine(&event->port->segment[event->sender], payload) &&
           (event->turned == NULL || tb_histogram_add_fine(&event->turned->segment[!event->sender], payload)) &&
           (!is_rare(has(event, TB_TCP_URG)) || count_urgent(own, packet->urgent));
}

HOT bool count_gap(const struct event *event)
{
    struct tb_live_side *own = event->own;
    const uint64_t gap = since(event->time, own->last_time);
    own->last_time = event->time;
    if (!own->started) {
        own->started = true;
        return true;
    }
    return tb_histogram_add_coarse(&event->port->gap[event->sender], gap) &&
           (event->turned == NULL || tb_histogram_add_coarse(&event->turned->gap[!event->sender], gap)) &&
           ADD_TIME(event, own, gap, gap_count, gap);
}

typedef uint16_t remembered __attribute__((vector_size(TB_LIVE_REMEMBERED * sizeof(uint16_t))));
typedef uint64_t remembered_words __attribute__((vector_size(sizeof(remembered))));

static_assert(sizeof(remembered) == sizeof((struct tb_live_side *)0)->identifications, "one vector of all of them");

COLD bool is_same_sequence(const struct tb_live_side *side, uint32_t sequence, uint16_t identification)
{
    bool same = false;
    for (unsigned i = 0; i < TB_LIVE_REMEMBERED; i++)
        same = same || (side->sequences[i] == sequence && side->identifications[i] == identification);
    return same;
}

/* Identification 0 stands for none, so places that were not used yet match nothing. */
HOT bool is_remembered(const struct tb_live_side *side, uint32_t sequence, uint16_t identification)
{
    remembered all;
    memcpy(&all, side->identifications, sizeof all);
    const remembered_words same = (remembered_words)(all == (all ^ all) + identification);
    return is_rare((same[0] | same[1]) != 0) && is_same_sequence(side, sequence, identification);
}

HOT void count_same_identification(const struct event *event)
{
    struct tb_live_side *own = event->own;
    const uint32_t sequence = event->packet->sequence;
    const uint16_t identification = (uint16_t)event->packet->identification;
    if (event->packet->version != 4 || event->packet->identification == 0)
        return;
    if (is_remembered(own, sequence, identification))
        own->duplicate_packets++;
    const uint32_t at = own->next_remembered++ % TB_LIVE_REMEMBERED;
    own->sequences[at] = sequence;
    own->identifications[at] = identification;
}

/* --- windows --- */

HOT uint32_t effective_window(const struct event *event)
{
    return (uint32_t)event->packet->window << (has(event, TB_TCP_SYN) ? 0 : event->own->window_shift);
}

/* From the first scaled window on, those of the SYN are left out. */
static void restart_windows(struct tb_live_side *own)
{
    own->window_scaled = true;
    own->window_max = own->window_least = 0;
    own->window_sum = 0;
    own->window_packets = 0;
    if (own->rare != NULL)
        own->rare->row.detail.window_packets = 0;
}

/* The blocked side's counters: how often and how long the window was closed. */
COLD bool watch_closing(struct tb_live_side *own, struct tb_live_side *other, const struct tb_packet *packet,
                        uint64_t time, uint32_t window)
{
    bool counted = true;
    if (window == 0)
        counted = COUNT_RARE(own, detail.zero_windows, shows(packet, TB_TCP_ACK));
    if (window == 0 && !own->closed && !shows(packet, TB_TCP_SYN) && own->rare != NULL) {
        own->closed = time != 0;
        own->rare->closed_since = time;
        counted = counted && COUNT_RARE(other, detail.window_stalls, 1);
    } else if (window != 0 && own->closed) {
        own->closed = false;
        counted = counted && COUNT_RARE(other, detail.window_stall_time, since(time, own->rare->closed_since));
    }
    return counted;
}

HOT bool count_window(const struct event *event, uint32_t window)
{
    struct tb_live_side *own = event->own;
    const bool carries = has(event, TB_TCP_ACK | TB_TCP_SYN) && !has(event, TB_TCP_RST);
    if (event->by_tcptrace && has(event, TB_TCP_ACK))
        own->rare->edge = event->packet->acknowledgement + window;
    if (!carries) {
        own->window_packets += event->by_tcptrace;
        return true;
    }
    if (!own->window_scaled && window != 0 && !has(event, TB_TCP_SYN) && own->scale_seen && event->other->scale_seen)
        restart_windows(own);
    own->window_packets++;
    own->window_sum += window;
    own->window_max = tb_larger(own->window_max, window);
    own->last_window = window;
    own->window_seen = true;
    if (window != 0)
        own->window_least = tb_larger(own->window_least, ~window);
    return !is_rare(window == 0 || own->closed) || watch_closing(own, event->other, event->packet, event->time, window);
}

/* --- what the sender acknowledges --- */

/* tcptrace asks whether the sum of all outstanding data is above 0. Probes of old data count as less than nothing
 * there, so it may come back to 0. */
HOT bool is_duplicate(const struct event *event, uint32_t window)
{
    const struct tb_live_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    if (event->payload != 0)
        return false;
    if (packet->acknowledgement != own->last_acknowledgement || window != own->last_window || !own->acknowledged ||
        !own->window_seen)
        return false;
    if (event->by_tcptrace)
        return event->other->rare != NULL && event->other->rare->row.detail.outstanding_sum != 0;
    return !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST | TB_TCP_PSH) &&
           event->other->sent.highest > tb_sent_position(&event->other->sent, packet->acknowledgement);
}

/* Larger segments than those before: what was known of full ones is forgotten. */
static void restart_full_size(struct tb_live_side *other, uint32_t size)
{
    other->full_size = size;
    other->full_rtt = (struct tb_live_times){0};
    other->full_count = 0;
    if (other->rare != NULL)
        other->rare->row.detail.full_rtt = (struct tb_flow_times){0};
}

HOT bool count_full_size(const struct event *event, const struct tb_sent_answer *answer)
{
    struct tb_live_side *other = event->other;
    /* tcptrace takes a segment of one number for the largest there is. */
    const uint32_t size = (uint32_t)(event->by_tcptrace ? answer->length - 2 : answer->length);
    if (size > other->full_size)
        restart_full_size(other, size);
    return size != other->full_size || ADD_TIME(event, other, full_rtt, full_count, answer->rtt);
}

HOT bool is_of_syn(const struct event *event)
{
    return event->packet->acknowledgement == event->other->first_syn + 1 && event->other->syns == 1;
}

COLD bool count_no_sample(struct tb_live_side *other, const struct tb_sent_answer *answer, bool by_tcptrace)
{
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL)
        return false;
    if (answer->post_loss)
        rare->row.detail.post_loss_acks++;
    else
        add_wide_time(&rare->row.detail.ambiguous_rtt, answer->rtt, by_tcptrace);
    return true;
}

HOT bool count_answer(const struct event *event, const struct tb_sent_answer *answer)
{
    struct tb_live_side *other = event->other;
    if (event->by_tcptrace)
        other->rare->last_rtt = answer->post_loss || answer->ambiguous ? 0 : answer->rtt;
    if (is_rare(answer->post_loss || answer->ambiguous))
        return count_no_sample(other, answer, event->by_tcptrace);
    if (is_of_syn(event))
        other->handshake_rtt = answer->rtt;
    return tb_histogram_add_coarse(&event->port->rtt[!event->sender], answer->rtt) &&
           (event->turned == NULL || tb_histogram_add_coarse(&event->turned->rtt[event->sender], answer->rtt)) &&
           ADD_TIME(event, other, rtt, rtt_count, answer->rtt) && count_full_size(event, answer);
}

COLD bool count_duplicate(struct tb_live_side *other, uint32_t in_a_row)
{
    struct tb_rare_side *rare = tb_live_side_rare(other);
    if (rare == NULL)
        return false;
    rare->row.detail.duplicate_acks++;
    if (in_a_row != THIRD_DUPLICATE)
        return true;
    rare->row.detail.triple_duplicate_acks++;
    rare->fast_until = (uint32_t)other->sent.highest;
    other->fast = true;
    return true;
}

HOT bool acknowledge(const struct event *event, uint32_t window)
{
    struct tb_live_side *own = event->own, *other = event->other;
    const uint32_t number = event->packet->acknowledgement;
    const bool duplicate = is_duplicate(event, window);
    uint32_t in_a_row = 0;
    bool counted = true;
    if (!tb_sent_list_acknowledge_again(&other->sent, number, duplicate, &in_a_row)) {
        struct tb_sent_answer answer;
        tb_sent_list_acknowledge(&other->sent, number, duplicate, event->by_tcptrace, event->time, &answer);
        other->cumulative_acks += answer.cumulative;
        in_a_row = answer.in_a_row;
        if (answer.matched)
            counted = count_answer(event, &answer);
    }
    /* tcptrace takes its latest time whenever the SYN's number is acknowledged, also again. */
    if (event->by_tcptrace && is_of_syn(event))
        other->handshake_rtt = other->rare->last_rtt;
    if (is_rare(duplicate && in_a_row != 0))
        counted = count_duplicate(other, in_a_row) && counted;
    if (is_rare(other->fast) && (int32_t)(number - other->rare->fast_until) >= 0)
        other->fast = false;
    if (event->by_tcptrace && has(event, TB_TCP_RST))
        return counted;
    if (!other->answered)
        other->answered = !other->syn_seen || number != other->first_syn + 1;
    const bool later = ((int32_t)(number - own->last_acknowledgement) > 0) | event->by_tcptrace | !own->acknowledged;
    own->last_acknowledgement = later ? number : own->last_acknowledgement;
    own->acknowledged = true;
    return counted;
}

/* --- what the sender sends --- */

static __attribute__((noinline)) void note_syn(struct tb_live_side *own, struct tb_live_side *other,
                                               const struct tb_packet *packet, bool by_tcptrace)
{
    if (own->syns == 0)
        own->first_syn = packet->sequence;
    /* So that the first acknowledgement is beyond it: see is_copy. */
    if (!other->acknowledged)
        other->last_acknowledgement = packet->sequence;
    own->syns += own->syns < SYNS_MAX;
    own->syn_seen = true;
    /* To tcptrace a SYN is what was acknowledged last. */
    if (by_tcptrace) {
        other->last_acknowledgement = packet->sequence;
        other->acknowledged = true;
    }
    if (packet->options.scaled) {
        own->scale = packet->options.scale;
        own->scale_seen = true;
    }
    if (own->scale_seen && other->scale_seen) {
        own->window_shift = own->scale;
        other->window_shift = other->scale;
    }
}

/* A repeat is the answer to a third duplicate, or to a timer, or no answer at
 * all when everything in it had been acknowledged. */
static bool tell_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found)
{
    if (packet->payload == 0)
        return true;
    if (found->old_acknowledged >= found->repeated)
        return COUNT_RARE(own, detail.spurious_retransmissions, 1);
    if (own->fast && (int32_t)(packet->sequence - own->rare->fast_until) < 0)
        return COUNT_RARE(own, detail.fast_retransmissions, 1);
    return COUNT_RARE(own, detail.timeout_retransmissions, 1);
}

static void count_as_tcptrace(struct tb_live_side *own, const struct tb_packet *packet,
                              const struct tb_sent_found *found)
{
    struct tb_rare_side *rare = own->rare;
    /* A further SYN or FIN with a number of its own is a byte to tcptrace. */
    const uint32_t length =
        packet->payload + (shows(packet, TB_TCP_SYN) && own->syns > 1) + (shows(packet, TB_TCP_FIN) && own->fin_seen);
    rare->core_unique += length - (found->repeated < length ? found->repeated : length);
    rare->core_out_of_order += found->out_of_order;
    rare->core_repeated_packets += found->repeated != 0;
    rare->core_repeated_bytes += found->repeated;
}

/* An old byte below everything that is acknowledged asks whether the other side is there. */
static bool is_keep_alive(const struct tb_live_side *own, const struct tb_live_side *other,
                          const struct tb_packet *packet)
{
    const struct tb_sent_list *sent = &own->sent;
    return packet->payload == 1 && !shows(packet, TB_TCP_SYN | TB_TCP_FIN) && tb_sent_any(sent) &&
           packet->sequence == (uint32_t)(sent->highest - 1) && other->acknowledged &&
           other->last_acknowledgement == (uint32_t)sent->highest;
}

static void count_messages(struct tb_live_side *own, const struct tb_packet *packet)
{
    own->requests += packet->requests;
    own->replies += packet->reply;
    own->stream.closes = packet->closes;
}

/* Resets do not count. */
static void count_initial(struct tb_live_side *own, const struct tb_packet *packet)
{
    if (packet->payload == 0 || own->answered || shows(packet, TB_TCP_RST))
        return;
    own->initial_window_bytes += packet->payload;
    own->initial_window_packets++;
}

static bool count_repeat(struct tb_live_side *own, const struct tb_packet *packet, const struct tb_sent_found *found,
                         bool asks, bool by_tcptrace)
{
    struct tb_rare_side *rare = tb_live_side_rare(own);
    if (rare == NULL)
        return false;
    if (found->most_repeats > rare->row.detail.most_repeats)
        rare->row.detail.most_repeats = found->most_repeats;
    if (found->waited)
        add_wide_time(&rare->row.detail.repeat_time, found->wait, by_tcptrace);
    return asks || tell_repeat(own, packet, found);
}

/* Numbers of which some may have been sent before, of a packet that asks for an answer or does not. */
static __attribute__((noinline)) bool send_any_numbers(struct tb_live_side *own, struct tb_sent_pool *pool,
                                                       const struct tb_flow_packet *queued, uint32_t length, bool asks,
                                                       bool by_tcptrace, struct tb_sent_found *found)
{
    const struct tb_packet *packet = &queued->packet;
    if (!tb_sent_list_add(&own->sent, pool, packet->sequence, length, queued->time, found))
        return false;
    if (by_tcptrace)
        count_as_tcptrace(own, packet, found);
    if (found->repeated != 0)
        return count_repeat(own, packet, found, asks, by_tcptrace);
    count_messages(own, packet);
    count_initial(own, packet);
    return true;
}

/* False when memory is short. */
HOT bool send_numbers(const struct event *event, struct tb_sent_found *found)
{
    struct tb_live_side *own = event->own;
    const struct tb_packet *packet = event->packet;
    const uint32_t length = event->payload + has(event, TB_TCP_SYN) + has(event, TB_TCP_FIN);
    if (event->by_tcptrace && event->probe)
        count_initial(own, packet);
    if (length == 0 || (event->by_tcptrace ? event->probe : has(event, TB_TCP_RST)))
        return true;
    if (!tb_sent_list_append(&own->sent, packet->sequence, length, event->time))
        return send_any_numbers(own, event->pool, event->queued, length,
                                event->probe || is_keep_alive(own, event->other, packet), event->by_tcptrace, found);
    if (event->by_tcptrace)
        count_as_tcptrace(own, packet, found);
    count_messages(own, packet);
    if (event->payload != 0)
        count_initial(own, packet);
    return true;
}

/* --- outstanding data --- */

/* One term a packet, each time weighted and cut to an integer. */
static void weigh_as_tcptrace(const struct event *event, uint64_t outstanding)
{
    struct tb_rare_side *rare = event->own->rare;
    struct tb_flow_detail *detail = &rare->row.detail;
    if (rare->outstanding_since != 0)
        event->own->outstanding_time +=
            (uint64_t)((double)rare->outstanding *
                       ((double)(since(event->time, rare->outstanding_since) / 1000) / 1e6));
    rare->outstanding = outstanding;
    rare->outstanding_since = event->time;
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

/* From what the other side acknowledged to the highest number sent, when that is ahead. */
HOT uint32_t outstanding_now(const struct tb_live_side *sender, const struct tb_live_side *other)
{
    const int32_t behind = (int32_t)(other->last_acknowledgement - (uint32_t)sender->sent.highest);
    const bool waits = (behind < 0) & other->acknowledged & tb_sent_any(&sender->sent);
    return (0 - (uint32_t)behind) & (0 - (uint32_t)waits);
}

/* Of a packet with payload that is not repeated. */
HOT void note_outstanding(const struct event *event)
{
    struct tb_live_side *own = event->own;
    const uint32_t outstanding = outstanding_now(own, event->other);
    if (outstanding == 0)
        return;
    own->outstanding_sum += outstanding;
    own->outstanding_count++;
    own->outstanding_max = tb_larger(own->outstanding_max, outstanding);
    own->outstanding_least = tb_larger(own->outstanding_least, ~outstanding);
}

/* --- stalls --- */

static bool add_stall(struct tb_live_side *side, uint64_t begin, uint64_t length)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    struct tb_flow_detail *detail = &rare->row.detail;
    detail->stalls++;
    detail->stall_time += length;
    if (length <= detail->stall_longest)
        return true;
    detail->stall_longest = length;
    detail->stall_begin = begin;
    return true;
}

/* The flow stood still: of a side whose data waited to be acknowledged, or who
 * sends again what was. NULL for a side that did not. */
COLD bool count_stall(struct tb_live_side *own, struct tb_live_side *other, uint64_t begin, uint64_t length)
{
    return (own == NULL || add_stall(own, begin, length)) && (other == NULL || add_stall(other, begin, length));
}

/* To tcptrace every packet from a reset on ends the stream anew, where a FIN was seen. */
static void note_end(struct tb_live_side *own, const struct tb_packet *packet, bool by_tcptrace)
{
    own->fin_seen = own->fin_seen || shows(packet, TB_TCP_FIN);
    own->rst_seen = own->rst_seen || shows(packet, TB_TCP_RST);
    if (shows(packet, TB_TCP_FIN) || (by_tcptrace && own->rst_seen))
        own->fin = packet->sequence + packet->payload;
}

/* By tcptrace's rules something is always kept aside. */
static bool prepare_as_tcptrace(const struct event *event)
{
    struct tb_rare_side *rare = tb_live_side_rare(event->own);
    if (rare == NULL)
        return false;
    rare->core_pure_acks +=
        event->payload == 0 && has(event, TB_TCP_ACK) && !has(event, TB_TCP_SYN | TB_TCP_FIN | TB_TCP_RST);
    if (has(event, TB_TCP_SYN))
        rare->last_syn = event->packet->sequence;
    else if (!event->own->scale_seen || !event->other->scale_seen)
        event->own->scale = event->other->scale = 0; /* unless both SYNs have come, no window is scaled */
    return true;
}

COLD bool count_probe(struct tb_live_side *own, uint32_t payload)
{
    return COUNT_RARE(own, detail.probe_packets, 1) && COUNT_RARE(own, detail.probe_bytes, payload);
}

HOT bool count_header(const struct event *event)
{
    bool counted = count_options(event);
    event->own->ack_packets += has(event, TB_TCP_ACK);
    if (is_rare(has(event, TB_TCP_ECE | TB_TCP_CWR) || event->packet->congestion == CONGESTION_EXPERIENCED))
        counted = count_congestion(event->own, event->packet) && counted;
    if (event->payload != 0)
        counted = count_size(event) && counted;
    count_same_identification(event);
    if (is_rare(has(event, TB_TCP_SYN)))
        note_syn(event->own, event->other, event->packet, event->by_tcptrace);
    return (!is_rare(event->probe) || count_probe(event->own, event->payload)) && counted;
}

HOT bool add(const struct event *event, uint64_t gap)
{
    struct tb_live_side *own = event->own, *other = event->other;
    const uint64_t own_waits = outstanding_now(own, other), other_waits = outstanding_now(other, own);
    struct tb_sent_found found = {0};
    if (event->by_tcptrace) {
        if (!prepare_as_tcptrace(event))
            return false;
    } else {
        own->outstanding_time += own_waits * (gap / NS_PER_MICROSECOND);
        other->outstanding_time += other_waits * (gap / NS_PER_MICROSECOND);
    }
    bool counted = count_gap(event) && count_header(event);
    if (event->stray)
        return counted;
    const uint32_t window = effective_window(event);
    if (has(event, TB_TCP_ACK))
        counted = counted && acknowledge(event, window);
    counted = counted && count_window(event, window) && send_numbers(event, &found);
    if (event->by_tcptrace)
        note_outstanding_as_tcptrace(event, &found);
    else if (event->payload != 0 && found.repeated == 0)
        note_outstanding(event);
    if (is_rare(gap >= TB_FLOW_STALL_NS))
        counted = counted && count_stall(own_waits != 0 || (event->payload > 1 && found.repeated != 0) ? own : NULL,
                                         other_waits != 0 ? other : NULL, event->time - gap, gap);
    if (has(event, TB_TCP_FIN | TB_TCP_RST) || (event->by_tcptrace && own->rst_seen))
        note_end(own, event->packet, event->by_tcptrace);
    return counted;
}

/* --- segments as a whole --- */

enum { LINE = 64 }; /* of the cache */

/* A segment, and what is known of it where it is counted: flags and payload are its packet's, given apart because not
 * all that a packet can have is possible everywhere. */
struct segment {
    const struct tb_flow_packet *queued;
    uint32_t flags;
    uint32_t payload;
    bool by_tcptrace;
    bool stray;                   /* its numbers are not those of the connection */
    struct tb_port_flows *turned; /* of the flow */
};

/* In the stream of its sender. */
HOT bool add_to_stream(const struct event *event, struct tb_payload_marks *marks)
{
    struct tb_live_side *own = event->own, *other = event->other;
    if (event->stray) {
        tb_tcp_stream_add_stray(own, event->packet, marks);
        return true;
    }
    return (!event->probe && tb_tcp_stream_add_usual(own, other, event->packet, event->payload)) ||
           tb_tcp_stream_add(own, other, event->packet, event->probe, marks);
}

HOT bool add_segment(struct tb_live_flow *live, struct segment segment, struct tb_sent_pool *pool,
                     struct tb_payload_marks *marks)
{
    const struct tb_flow_packet *queued = segment.queued;
    const struct tb_packet *packet = &queued->packet;
    const enum tb_flow_rules rules = segment.by_tcptrace ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED;
    const unsigned side = queued->way ^ live->first_way;
    struct tb_live_side *own = side_at(live->side, 0 - (uintptr_t)side),
                        *other = side_at(live->side, (uintptr_t)side - 1);
    const struct event event = {.pool = pool,
                                .queued = queued,
                                .packet = packet,
                                .time = queued->time,
                                .flags = segment.flags,
                                .payload = segment.payload,
                                .by_tcptrace = segment.by_tcptrace,
                                .probe = is_rare(is_probe(own, other, packet, rules)),
                                .own = own,
                                .other = other,
                                .port = live->port,
                                .turned = segment.turned,
                                .stray = segment.stray,
                                .sender = segment.by_tcptrace ? side : side ^ live->client};
    const uint64_t gap = live->last_time == 0 ? 0 : since(queued->time, live->last_time);
    tb_live_flow_note_time(live, queued->time, queued->clock);
    live->last_time = queued->time;
    if (!tb_live_side_note_packet(own, packet->ip_bytes))
        return false;
    if (!add_to_stream(&event, marks))
        return false;
    if (is_rare(!live->handshake_seen))
        tb_tcp_watch_handshake(live, side, packet, queued->time);
    return add(&event, gap);
}

/* What comes next is fetched some packets ahead, which hides most of the time that memory takes. */
HOT void prefetch_packet(const struct tb_packet_train *train, uint32_t place)
{
    const char *packet = (const char *)tb_packet_train_at(train, place + TB_FLOW_WINDOW_AHEAD);
    __builtin_prefetch(packet);
    __builtin_prefetch(packet + LINE);
}

static bool add_any_segment(struct tb_live_flow *live, const struct tb_packet_train *train, struct tb_sent_pool *pool,
                            struct tb_payload_marks *marks)
{
    const struct tb_flow_packet *queued = tb_packet_train_at(train, 0);
    const struct segment segment = {.queued = queued,
                                    .flags = queued->packet.tcp_flags,
                                    .payload = queued->packet.payload,
                                    .stray = tb_tcp_is_stray(live, queued->way ^ live->first_way, &queued->packet),
                                    .turned = tb_live_flow_turned(live)};
    prefetch_packet(train, 0);
    return add_segment(live, segment, pool, marks);
}

/* The first acknowledgement of a side, and a FIN behind all that was sent, are no copies either. */
static __attribute__((noinline)) bool find_copy(const struct tb_live_side *own, const struct tb_packet_train *train,
                                                uint32_t place)
{
    const struct tb_packet *packet = &tb_packet_train_at(train, place)->packet;
    const uint32_t end = packet->sequence + packet->payload + shows(packet, TB_TCP_FIN);
    if (train->copies == NULL || (packet->payload == 0 && !own->acknowledged) ||
        (shows(packet, TB_TCP_FIN) && (int32_t)(end - (uint32_t)own->sent.highest) > 0))
        return false;
    return tb_packet_copies_find(train->copies, train, place);
}

/* A packet that was recorded before brings no bytes and no acknowledgement beyond those before it. */
HOT bool is_copy(const struct tb_live_flow *live, const struct tb_packet_train *train, uint32_t place, uint32_t payload)
{
    const struct tb_flow_packet *queued = tb_packet_train_at(train, place);
    const struct tb_live_side *own = &live->side[queued->way ^ live->first_way];
    const uint32_t ahead = payload == 0 ? queued->packet.acknowledgement - own->last_acknowledgement
                                        : queued->packet.sequence + payload - (uint32_t)own->sent.highest;
    return is_rare((int32_t)ahead <= 0) && find_copy(own, train, place);
}

/* One without SYN and RST. With and without payload there is much of which only one needs to be thought. */
HOT bool add_plain_segment(struct tb_live_flow *live, const struct tb_packet_train *train, uint32_t place,
                           struct tb_sent_pool *pool, struct tb_payload_marks *marks)
{
    const struct tb_flow_packet *queued = tb_packet_train_at(train, place);
    const uint32_t payload = queued->packet.payload;
    struct segment segment = {.queued = queued,
                              .flags = queued->packet.tcp_flags & ~(uint32_t)(TB_TCP_SYN | TB_TCP_RST)};
    prefetch_packet(train, place);
    if (payload == 0)
        return is_copy(live, train, place, 0) || add_segment(live, segment, pool, marks);
    segment.payload = payload;
    return is_copy(live, train, place, payload) || add_segment(live, segment, pool, marks);
}

static bool is_plain(const struct tb_packet_train *train, uint32_t place)
{
    return !shows(&tb_packet_train_at(train, place)->packet, TB_TCP_SYN | TB_TCP_RST);
}

/* Segments of such a flow need more looking at: it is over, or little is known of it yet. */
static bool needs_care(const struct tb_live_flow *live)
{
    return live->over || live->roles_assumed || !live->side[0].stream.started || !live->side[1].stream.started ||
           tb_tcp_is_over(live);
}

/* Copies of packets that begin or end a connection, or come when it is over, were looked for before their flow was. */
static bool add_with_care(struct tb_live_flow *live, const struct tb_packet_train *train, struct tb_sent_pool *pool,
                          struct tb_payload_marks *marks)
{
    const bool looked_for = live->over || !is_plain(train, 0);
    return (!looked_for && is_copy(live, train, 0, tb_packet_train_at(train, 0)->packet.payload)) ||
           add_any_segment(live, train, pool, marks);
}

uint32_t tb_tcp_train_add(struct tb_live_flow *live, const struct tb_packet_train *train, struct tb_sent_pool *pool,
                          struct tb_payload_marks *marks)
{
    uint32_t added = 0;
    if (!is_plain(train, 0) || needs_care(live)) {
        if (!add_with_care(live, train, pool, marks))
            return 0;
        added = 1;
    }
    if (added != 0 && needs_care(live))
        return added;
    for (; added < train->count && is_plain(train, added) && !tb_tcp_is_over(live); added++)
        if (!add_plain_segment(live, train, added, pool, marks))
            return 0;
    return added;
}

uint32_t tb_tcp_train_add_as_tcptrace(struct tb_live_flow *live, const struct tb_packet_train *train,
                                      struct tb_sent_pool *pool, struct tb_payload_marks *marks)
{
    const struct tb_flow_packet *queued = tb_packet_train_at(train, 0);
    const struct segment segment = {.queued = queued,
                                    .flags = queued->packet.tcp_flags,
                                    .payload = queued->packet.payload,
                                    .by_tcptrace = true,
                                    .turned = tb_live_flow_turned(live)};
    prefetch_packet(train, 0);
    return add_segment(live, segment, pool, marks) ? 1 : 0;
}

/* --- beginning and end --- */

bool tb_tcp_detail_begins_other(const struct tb_live_flow *live, unsigned side, const struct tb_flow_packet *queued)
{
    const uint64_t idle = UINT64_C(240) * 1000000000;
    const struct tb_live_side *own = &live->side[side], *other = &live->side[!side];
    const uint32_t sequence = queued->packet.sequence;
    if (since(queued->time, live->last_time) > idle)
        return true;
    if ((queued->packet.tcp_flags & TB_TCP_SYN) == 0)
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
    row->detail.window_scale = by_tcptrace || (own->scale_seen && other->scale_seen) ? own->scale : 0;
    if (by_tcptrace)
        finish_as_tcptrace(own, other, row);
}
