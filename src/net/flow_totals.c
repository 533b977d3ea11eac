/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packet.h"
#include "twinbed/net/capture.h"

static void add_times(struct tb_flow_times *sum, const struct tb_flow_times *times)
{
    if (times->count == 0)
        return;
    if (sum->count == 0 || times->minimum < sum->minimum)
        sum->minimum = times->minimum;
    if (times->maximum > sum->maximum)
        sum->maximum = times->maximum;
    sum->count += times->count;
    sum->sum += times->sum;
    sum->squares += times->squares;
}

/* What metrics ask for. */
static void add_detail(struct tb_flow_detail *sum, const struct tb_flow_detail *detail)
{
    sum->duplicate_acks += detail->duplicate_acks;
    sum->probe_packets += detail->probe_packets;
    sum->spurious_packets += detail->spurious_packets;
    sum->fast_packets += detail->fast_packets;
    sum->timeout_packets += detail->timeout_packets;
    sum->window_stalls += detail->window_stalls;
    sum->window_stall_time += detail->window_stall_time;
    sum->stalls += detail->stalls;
    sum->stall_time += detail->stall_time;
    sum->requests += detail->requests;
    sum->replies += detail->replies;
    add_times(&sum->gap, &detail->gap);
    add_times(&sum->rtt, &detail->rtt);
}

static void add_side(struct tb_flow_side *sum, const struct tb_flow_side *side)
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
    add_detail(&sum->detail, &side->detail);
}

/* The time of load: from the first request to the end of the last reply. */
static void extend_load(struct tb_flow_totals *totals, const struct tb_flow *flow)
{
    const struct tb_flow_detail *request = &flow->side[0].detail, *reply = &flow->side[1].detail;
    if (request->data_begin != 0 && (totals->load_begin == 0 || request->data_begin < totals->load_begin))
        totals->load_begin = request->data_begin;
    if (reply->data_begin != 0 && reply->data_begin + reply->data_time > totals->load_end)
        totals->load_end = reply->data_begin + reply->data_time;
}

void tb_flow_totals_compute(const struct tb_flow *flows, size_t count, uint16_t port, bool completed_only,
                            struct tb_flow_totals *totals)
{
    *totals = (struct tb_flow_totals){0};
    for (size_t i = 0; i < count; i++) {
        const struct tb_flow *flow = &flows[i];
        if (flow->protocol != TB_PROTOCOL_TCP || (port != 0 && flow->server.port != port))
            continue;
        totals->flows++;
        extend_load(totals, flow);
        totals->completed += flow->completed_reply;
        if (flow->ended < TB_FLOW_NOT_TCP)
            totals->ended[flow->ended]++;
        if (completed_only && !flow->completed_reply)
            continue;
        totals->duration += flow->end - flow->start;
        add_side(&totals->side[0], &flow->side[0]);
        add_side(&totals->side[1], &flow->side[1]);
    }
}
