/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "distribution_rows.h"

static const double SECOND = 1e9; /* ns */

static void add_percentiles(struct job *job, enum tb_field field, const struct tb_histogram *histogram, double unit)
{
    double values[TB_HISTOGRAM_PERCENTS];
    tb_histogram_percentiles(histogram, values);
    for (size_t percent = 0; percent < TB_HISTOGRAM_PERCENTS; percent++)
        tb_column_put_float64(&job->columns, field, values[percent] / unit);
}

static void add_stalls(struct job *job, size_t artifact, uint64_t first_packet, const struct tb_port_flows *flows)
{
    for (size_t i = 0; i < flows->stall_count; i++) {
        const struct tb_stall_interval *stall = &flows->stalls[i];
        PUT_I32(STALL_ARTIFACT, artifact);
        PUT_I64(STALL_BEGIN, stall->begin);
        PUT_F64(STALL_OFFSET, (double)(int64_t)(stall->begin - first_packet) / SECOND);
        PUT_F64(STALL_DURATION, (double)(stall->end - stall->begin) / SECOND);
    }
}

void tb_distribution_rows_add(struct job *job, size_t artifact, uint64_t first_packet,
                              const struct tb_port_flows *flows, const struct tb_flow_totals *totals)
{
    PUT_I64(CAPTURE_OPEN_FLOWS, totals->ended[TB_FLOW_OPEN]);
    PUT_I64(CAPTURE_CLOSED_FLOWS, totals->ended[TB_FLOW_CLOSED]);
    PUT_I64(CAPTURE_RESET_FLOWS, totals->ended[TB_FLOW_RESET]);
    add_percentiles(job, TB_FIELD_CAPTURE_HANDSHAKE, &flows->handshake, SECOND);
    add_percentiles(job, TB_FIELD_CAPTURE_CLIENT_SEGMENT, &flows->segment[0], 1);
    add_percentiles(job, TB_FIELD_CAPTURE_SERVER_SEGMENT, &flows->segment[1], 1);
    add_percentiles(job, TB_FIELD_CAPTURE_CLIENT_GAP, &flows->gap[0], SECOND);
    add_percentiles(job, TB_FIELD_CAPTURE_SERVER_GAP, &flows->gap[1], SECOND);
    add_percentiles(job, TB_FIELD_CAPTURE_CLIENT_RTT, &flows->rtt[0], SECOND);
    add_percentiles(job, TB_FIELD_CAPTURE_SERVER_RTT, &flows->rtt[1], SECOND);
    add_stalls(job, artifact, first_packet, flows);
}
