/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves what a live side counted into rows of the usual width. Narrow counters are those of 32
 * bits, which are put aside when they might overflow; extremes are taken over by comparison. */
#include "live_side.h"

#include <stdlib.h>

struct tb_rare_side *tb_live_side_rare(struct tb_live_side *side)
{
    if (side->rare == NULL)
        side->rare = calloc(1, sizeof *side->rare);
    return side->rare;
}

void tb_live_side_free(struct tb_live_side *side, struct tb_sent_pool *pool)
{
    if (side->stream.seen.list != NULL)
        tb_ranges_free(&side->stream.seen);
    if (side->sent.many != NULL)
        tb_sent_list_free(&side->sent, pool);
    free(side->rare);
    side->rare = NULL;
}

/* To be added before their counts: a count of 0 stands for no minimum. */
static void add_extremes(struct tb_flow_times *row, const struct tb_live_times *times, uint64_t count)
{
    if (count == 0)
        return;
    if (row->count == 0 || ~times->least < row->minimum)
        row->minimum = ~times->least;
    if (times->maximum > row->maximum)
        row->maximum = times->maximum;
    row->squares += times->squares;
}

static void add_all_extremes(const struct tb_live_side *side, struct tb_flow_side *row)
{
    add_extremes(&row->detail.gap, &side->gap, side->gap_count);
    add_extremes(&row->detail.rtt, &side->rtt, side->rtt_count);
    add_extremes(&row->detail.full_rtt, &side->full_rtt, side->full_count);
}

static void add_times(struct tb_flow_times *sum, const struct tb_live_times *times, uint64_t count)
{
    sum->count += count;
    sum->sum += times->sum;
}

/* The counters of 32 bits, by the field of the row that they add to. */
#define NARROW_COUNTERS(COUNTER, DETAIL)                                                                               \
    COUNTER(packets)                                                                                                   \
    COUNTER(data_packets)                                                                                              \
    COUNTER(syn_packets)                                                                                               \
    COUNTER(fin_packets)                                                                                               \
    COUNTER(rst_packets)                                                                                               \
    COUNTER(pure_ack_packets)                                                                                          \
    COUNTER(empty_push_packets)                                                                                        \
    DETAIL(ack_packets)                                                                                                \
    DETAIL(pushed_packets)                                                                                             \
    DETAIL(window_packets)                                                                                             \
    DETAIL(outstanding_count)                                                                                          \
    DETAIL(initial_window_packets)                                                                                     \
    DETAIL(truncated_packets)                                                                                          \
    DETAIL(duplicate_packets)                                                                                          \
    DETAIL(cumulative_acks)                                                                                            \
    DETAIL(requests)                                                                                                   \
    DETAIL(replies)                                                                                                    \
    DETAIL(tls_exchanges)

/* Counters of 32 bits, and times. */
static void add_narrow(const struct tb_live_side *side, struct tb_flow_side *sum)
{
    struct tb_flow_detail *detail = &sum->detail;
#define ADD(field) sum->field += side->field;
#define ADD_DETAIL(field) detail->field += side->field;
    NARROW_COUNTERS(ADD, ADD_DETAIL)
    add_times(&detail->gap, &side->gap, side->gap_count);
    add_times(&detail->rtt, &side->rtt, side->rtt_count);
    add_times(&detail->full_rtt, &side->full_rtt, side->full_count);
}

static void clear_narrow(struct tb_live_side *side)
{
#define CLEAR(field) side->field = 0;
    NARROW_COUNTERS(CLEAR, CLEAR)
    side->gap_count = side->rtt_count = side->full_count = 0;
    side->gap = side->rtt = side->full_rtt = (struct tb_live_times){0};
}

void tb_live_side_add(const struct tb_live_side *side, struct tb_flow_side *sum)
{
    struct tb_flow_detail *detail = &sum->detail;
    add_narrow(side, sum);
    sum->ip_bytes += side->ip_bytes;
    sum->payload_bytes += side->payload_bytes;
    sum->unique_bytes += side->unique_bytes;
    detail->window_sum += side->window_sum;
    detail->outstanding_sum += side->outstanding_sum;
    detail->outstanding_time += side->outstanding_time;
    detail->initial_window_bytes += side->initial_window_bytes;
    detail->truncated_bytes += side->truncated_bytes;
    detail->data_time += side->data_time;
    detail->tls_connections += side->stream.tls_hello;
}

bool tb_live_side_widen(struct tb_live_side *side)
{
    struct tb_rare_side *rare = tb_live_side_rare(side);
    if (rare == NULL)
        return false;
    add_all_extremes(side, &rare->row);
    add_narrow(side, &rare->row);
    clear_narrow(side);
    return true;
}

void tb_live_side_row(const struct tb_live_side *side, struct tb_flow_side *row)
{
    struct tb_flow_detail *detail = &row->detail;
    if (side->rare != NULL)
        *row = side->rare->row;
    add_all_extremes(side, row);
    tb_live_side_add(side, row);
    detail->window_max = side->window_max;
    detail->window_min = side->window_least == 0 ? 0 : ~side->window_least;
    if (side->outstanding_least != 0) {
        detail->outstanding_max = side->outstanding_max;
        detail->outstanding_min = ~side->outstanding_least;
    }
    detail->data_begin = side->first_data_time;
    detail->last_time = side->last_time;
    detail->idle_max = detail->gap.maximum;
    detail->handshake_rtt = side->handshake_rtt;
    detail->segment_max = side->segment_max;
    detail->segment_min = side->segment_least == 0 ? 0 : ~side->segment_least;
    detail->mss = side->mss;
    detail->asked_scale = side->asked_scale;
    detail->asked_timestamps = side->asked_timestamps;
    detail->asked_sack = side->asked_sack;
    detail->asked_ecn = side->asked_ecn;
}
