/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most counters of most flows are 0 or small, so integers are packed with as many
 * bytes as they need. */
#include "flow_pack.h"

_Static_assert(sizeof(struct tb_flow) / 4 * 5 <= TB_FLOW_PACKED_MAX, "an integer of eight bytes takes ten at most");

static void describe_narrow(struct tb_archive *archive, uint32_t *value)
{
    uint64_t wide = *value;
    tb_archive_leb128(archive, &wide);
    tb_archive_require(archive, wide <= UINT32_MAX);
    if (tb_archive_reads(archive) && !archive->failed)
        *value = (uint32_t)wide;
}

/* The sign goes into the lowest bit. */
static void describe_signed(struct tb_archive *archive, int64_t *value)
{
    uint64_t folded = (uint64_t)*value << 1 ^ (*value < 0 ? UINT64_MAX : 0);
    tb_archive_leb128(archive, &folded);
    if (tb_archive_reads(archive) && !archive->failed)
        *value = (int64_t)(folded >> 1 ^ ((folded & 1) != 0 ? UINT64_MAX : 0));
}

static void describe_times(struct tb_archive *archive, struct tb_flow_times *times)
{
    tb_archive_leb128(archive, &times->count);
    if (times->count == 0)
        return;
    TB_ARCHIVE_LEB128S(archive, &times->minimum, &times->maximum, &times->sum);
    tb_archive_f64(archive, &times->squares);
}

static void describe_counters(struct tb_archive *archive, struct tb_flow_detail *detail)
{
    TB_ARCHIVE_LEB128S(
        archive, &detail->ack_packets, &detail->sack_packets, &detail->sacks, &detail->duplicate_sacks,
        &detail->pushed_packets, &detail->urgent_packets, &detail->urgent_bytes, &detail->probe_packets,
        &detail->probe_bytes, &detail->zero_windows, &detail->window_sum, &detail->window_packets,
        &detail->outstanding_max, &detail->outstanding_min, &detail->outstanding_sum, &detail->outstanding_count,
        &detail->outstanding_time, &detail->initial_bytes, &detail->initial_packets, &detail->cut_bytes,
        &detail->cut_packets, &detail->data_begin, &detail->data_time, &detail->last_time, &detail->idle_max,
        &detail->duplicate_packets, &detail->post_loss_acks, &detail->cumulative_acks, &detail->duplicate_acks,
        &detail->triple_acks, &detail->most_repeats, &detail->spurious_packets, &detail->fast_packets,
        &detail->timeout_packets, &detail->window_stalls, &detail->window_stall_time, &detail->echo_packets,
        &detail->reduced_packets, &detail->congested_packets, &detail->stalls, &detail->stall_time,
        &detail->stall_longest, &detail->stall_begin, &detail->requests, &detail->replies, &detail->handshake_rtt);
}

static void describe_detail(struct tb_archive *archive, struct tb_flow_detail *detail)
{
    describe_counters(archive, detail);
    describe_narrow(archive, &detail->segment_max);
    describe_narrow(archive, &detail->segment_min);
    describe_narrow(archive, &detail->window_max);
    describe_narrow(archive, &detail->window_min);
    describe_narrow(archive, &detail->mss);
    describe_times(archive, &detail->gap);
    describe_times(archive, &detail->rtt);
    describe_times(archive, &detail->full_rtt);
    describe_times(archive, &detail->ambiguous);
    describe_times(archive, &detail->repeat);
    describe_signed(archive, &detail->stream_bytes);
    tb_archive_u8(archive, &detail->sack_blocks_max);
    tb_archive_u8(archive, &detail->window_scale);
    TB_ARCHIVE_FLAGS(archive, &detail->asked_scale, &detail->asked_timestamps, &detail->asked_sack, &detail->asked_ecn);
}

void tb_flow_side_describe(struct tb_archive *archive, struct tb_flow_side *side)
{
    TB_ARCHIVE_LEB128S(archive, &side->packets, &side->ip_bytes, &side->payload_bytes, &side->unique_bytes,
                       &side->data_packets, &side->retransmitted_packets, &side->retransmitted_bytes,
                       &side->out_of_order_packets, &side->syn_packets, &side->repeated_syn_packets, &side->fin_packets,
                       &side->repeated_fin_packets, &side->rst_packets, &side->pure_ack_packets,
                       &side->empty_push_packets, &side->keep_alive_packets, &side->missing_bytes);
    tb_archive_bool(archive, &side->stream_complete);
    describe_detail(archive, &side->detail);
}

void tb_flow_describe(struct tb_archive *archive, struct tb_flow *flow)
{
    tb_archive_u8(archive, &flow->protocol);
    tb_address_describe(archive, &flow->client);
    tb_address_describe(archive, &flow->server);
    TB_ARCHIVE_LEB128S(archive, &flow->first_packet, &flow->start, &flow->end, &flow->handshake);
    tb_archive_enum(archive, &flow->ended, TB_FLOW_NOT_TCP + 1);
    tb_archive_bool(archive, &flow->completed_reply);
    tb_archive_bool(archive, &flow->roles_assumed);
    tb_archive_bool(archive, &flow->other_completed);
    tb_flow_side_describe(archive, &flow->side[0]);
    tb_flow_side_describe(archive, &flow->side[1]);
}

TB_ARCHIVE_FUNCTIONS(tb_flow, tb_flow_describe)
