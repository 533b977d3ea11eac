/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_totals.h"

/* Sums of squares are left out: they are no integers. */
static void add_times(struct tb_flow_times *sum, const struct tb_flow_times *times)
{
    sum->count += times->count;
    sum->sum += times->sum;
}

static void add_header_counters(struct tb_flow_detail *sum, const struct tb_flow_detail *detail)
{
    sum->ack_packets += detail->ack_packets;
    sum->sack_packets += detail->sack_packets;
    sum->sacks += detail->sacks;
    sum->dsack_packets += detail->dsack_packets;
    sum->pushed_packets += detail->pushed_packets;
    sum->urgent_packets += detail->urgent_packets;
    sum->urgent_bytes += detail->urgent_bytes;
    sum->zero_windows += detail->zero_windows;
    sum->window_sum += detail->window_sum;
    sum->window_packets += detail->window_packets;
    sum->truncated_bytes += detail->truncated_bytes;
    sum->truncated_packets += detail->truncated_packets;
    sum->duplicate_packets += detail->duplicate_packets;
    sum->ece_packets += detail->ece_packets;
    sum->cwr_packets += detail->cwr_packets;
    sum->ce_packets += detail->ce_packets;
    sum->requests += detail->requests;
    sum->replies += detail->replies;
}

static void add_events(struct tb_flow_detail *sum, const struct tb_flow_detail *detail)
{
    sum->probe_packets += detail->probe_packets;
    sum->probe_bytes += detail->probe_bytes;
    sum->outstanding_sum += detail->outstanding_sum;
    sum->outstanding_count += detail->outstanding_count;
    sum->outstanding_time += detail->outstanding_time;
    sum->initial_window_bytes += detail->initial_window_bytes;
    sum->initial_window_packets += detail->initial_window_packets;
    sum->data_time += detail->data_time;
    sum->post_loss_acks += detail->post_loss_acks;
    sum->cumulative_acks += detail->cumulative_acks;
    sum->duplicate_acks += detail->duplicate_acks;
    sum->triple_duplicate_acks += detail->triple_duplicate_acks;
    sum->spurious_retransmissions += detail->spurious_retransmissions;
    sum->fast_retransmissions += detail->fast_retransmissions;
    sum->timeout_retransmissions += detail->timeout_retransmissions;
    sum->window_stalls += detail->window_stalls;
    sum->window_stall_time += detail->window_stall_time;
    sum->stalls += detail->stalls;
    sum->stall_time += detail->stall_time;
    add_times(&sum->gap, &detail->gap);
    add_times(&sum->rtt, &detail->rtt);
    add_times(&sum->full_rtt, &detail->full_rtt);
    add_times(&sum->ambiguous_rtt, &detail->ambiguous_rtt);
    add_times(&sum->repeat_time, &detail->repeat_time);
}

void tb_flow_side_add(struct tb_flow_side *sum, const struct tb_flow_side *side)
{
    sum->packets += side->packets;
    sum->ip_bytes += side->ip_bytes;
    sum->payload_bytes += side->payload_bytes;
    sum->unique_bytes += side->unique_bytes;
    sum->data_packets += side->data_packets;
    sum->retransmitted_packets += side->retransmitted_packets;
    sum->retransmitted_bytes += side->retransmitted_bytes;
    sum->out_of_order_packets += side->out_of_order_packets;
    sum->syn_packets += side->syn_packets;
    sum->repeated_syn_packets += side->repeated_syn_packets;
    sum->fin_packets += side->fin_packets;
    sum->repeated_fin_packets += side->repeated_fin_packets;
    sum->rst_packets += side->rst_packets;
    sum->pure_ack_packets += side->pure_ack_packets;
    sum->empty_push_packets += side->empty_push_packets;
    sum->keep_alive_packets += side->keep_alive_packets;
    sum->missing_bytes += side->missing_bytes;
    add_header_counters(&sum->detail, &side->detail);
    add_events(&sum->detail, &side->detail);
}

/* The time of load: from the first request to the end of the last reply. */
static void extend_load(struct tb_flow_totals *totals, uint64_t begin, uint64_t end)
{
    if (begin != 0 && (totals->load_begin == 0 || begin < totals->load_begin))
        totals->load_begin = begin;
    if (end > totals->load_end)
        totals->load_end = end;
}

void tb_flow_totals_add(struct tb_flow_totals *totals, const struct tb_flow_outcome *outcome)
{
    extend_load(totals, outcome->load_begin, outcome->load_end);
    totals->flows++;
    totals->completed += outcome->completed_reply;
    if (outcome->ended < TB_FLOW_NOT_TCP)
        totals->ended[outcome->ended]++;
    totals->duration += outcome->duration;
}

void tb_flow_totals_merge(struct tb_flow_totals *into, const struct tb_flow_totals *from)
{
    extend_load(into, from->load_begin, from->load_end);
    into->flows += from->flows;
    into->completed += from->completed;
    for (unsigned i = 0; i < TB_FLOW_NOT_TCP; i++)
        into->ended[i] += from->ended[i];
    into->duration += from->duration;
    into->late_packets += from->late_packets;
    tb_flow_side_add(&into->side[0], &from->side[0]);
    tb_flow_side_add(&into->side[1], &from->side[1]);
}
