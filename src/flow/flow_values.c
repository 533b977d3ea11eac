/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that follow from a row's counters: means, rates and deviations. By twinbed's rules what
 * has no evidence is NaN; by tcptrace's rules its arithmetic is repeated, with its small numbers in
 * divisors and its cut integers, so that reports compare digit by digit. */
#include "twinbed/flow/flow_values.h"

#include <math.h>

static const double seconds_per_ns = 1e-9;

static double ratio(double amount, double divisor)
{
    return divisor > 0 ? amount / divisor : NAN;
}

static struct tb_flow_time_values exact_times(const struct tb_flow_times *times)
{
    const double count = (double)times->count;
    if (times->count == 0)
        return (struct tb_flow_time_values){NAN, NAN, NAN, NAN};
    const double mean = (double)times->sum * 1e-3 / count; /* microseconds */
    const double spread = times->squares - count * mean * mean;
    return (struct tb_flow_time_values){
        .minimum = (double)times->minimum * seconds_per_ns,
        .maximum = (double)times->maximum * seconds_per_ns,
        .mean = mean * 1e-6,
        .deviation = times->count < 2 ? NAN : sqrt(spread > 0 ? spread / (count - 1) : 0) * 1e-6};
}

static struct tb_flow_time_values tcptrace_times(const struct tb_flow_times *times)
{
    const double count = (double)times->count, sum = (double)(times->sum / 1000);
    const double spread = times->count <= 2 ? 0 : (times->squares - sum * (sum / count)) / (count - 1);
    return (struct tb_flow_time_values){.minimum = (double)times->minimum * seconds_per_ns,
                                        .maximum = (double)times->maximum * seconds_per_ns,
                                        .mean = sum / (count + 0.0001) * 1e-6,
                                        .deviation = spread > 0 ? sqrt(spread) * 1e-6 : 0};
}

static void compute_exact(const struct tb_flow_side *side, double duration, struct tb_flow_values *values)
{
    const struct tb_flow_detail *detail = &side->detail;
    *values = (struct tb_flow_values){
        .mss = detail->mss == 0 ? NAN : detail->mss,
        .segment_mean = ratio((double)side->payload_bytes, (double)side->data_packets),
        .window_mean = ratio((double)detail->window_sum, (double)detail->window_packets),
        .outstanding_mean = ratio((double)detail->outstanding_sum, (double)detail->outstanding_count),
        .outstanding_weighted = ratio((double)detail->outstanding_time * 1e-6, duration),
        .missed_bytes = detail->stream_bytes < 0 ? NAN : (double)detail->stream_bytes - (double)side->unique_bytes,
        .data_time = side->data_packets == 0 ? NAN : (double)detail->data_time * seconds_per_ns,
        .idle_max = side->packets < 2 ? NAN : (double)detail->idle_max * seconds_per_ns,
        .throughput = ratio((double)side->unique_bytes, duration),
        .handshake_rtt = detail->handshake_rtt == 0 ? NAN : (double)detail->handshake_rtt * seconds_per_ns,
        .gap = exact_times(&detail->gap),
        .rtt = exact_times(&detail->rtt),
        .full_rtt = exact_times(&detail->full_rtt),
        .ambiguous_rtt = exact_times(&detail->ambiguous_rtt),
        .repeat_time = exact_times(&detail->repeat_time)};
}

/* From 32768 on it is printed as a negative number without its sign. */
static double tcptrace_mss(uint32_t mss)
{
    return mss < 32768 ? mss : 4294967296.0 - (65536.0 - mss);
}

static void compute_as_tcptrace(const struct tb_flow_side *side, double duration, struct tb_flow_values *values)
{
    const struct tb_flow_detail *detail = &side->detail;
    *values = (struct tb_flow_values){
        .mss = tcptrace_mss(detail->mss),
        .segment_mean = floor((double)side->payload_bytes / ((double)side->data_packets + 0.001)),
        .window_mean =
            side->packets == 0 ? 0 : floor(ratio((double)detail->window_sum, (double)detail->window_packets)),
        .outstanding_mean =
            detail->outstanding_count == 0 ? 0 : (double)(detail->outstanding_sum / detail->outstanding_count),
        .outstanding_weighted = duration > 0 ? floor((double)detail->outstanding_time / duration) : NAN,
        .missed_bytes = detail->stream_bytes < 0 ? NAN : (double)detail->stream_bytes - (double)side->unique_bytes,
        .data_time = (double)detail->data_time * seconds_per_ns,
        .idle_max = side->packets == 0 ? NAN : (double)detail->idle_max * seconds_per_ns,
        .throughput = ratio((double)side->unique_bytes, duration),
        .handshake_rtt = (double)detail->handshake_rtt * seconds_per_ns,
        .gap = tcptrace_times(&detail->gap),
        .rtt = tcptrace_times(&detail->rtt),
        .full_rtt = tcptrace_times(&detail->full_rtt),
        .ambiguous_rtt = tcptrace_times(&detail->ambiguous_rtt),
        .repeat_time = tcptrace_times(&detail->repeat_time)};
}

void tb_flow_values_compute(const struct tb_flow *flow, unsigned side, enum tb_flow_rules rules,
                            struct tb_flow_values *values)
{
    const uint64_t duration = flow->end - flow->start;
    if (rules == TB_FLOW_RULES_TCPTRACE)
        compute_as_tcptrace(&flow->side[side], (double)(duration / 1000) / 1e6, values);
    else
        compute_exact(&flow->side[side], (double)duration * seconds_per_ns, values);
}
