/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most details of most flows are 0 or small, so integers are packed with as many
 * bytes as they need: seven bits a byte, lowest first. */
#include "detail_pack.h"

enum { WIDE = 46, NARROW = 5, SEVEN_BITS = 0x7f, MORE = 0x80, SHIFT_MAX = 63, FLAGS = 4 };

/* One place says which fields are packed and in which order, for both ways. */
#define WIDE_FIELDS(detail)                                                                                            \
    {                                                                                                                  \
        &(detail)->ack_packets, &(detail)->sack_packets, &(detail)->sacks, &(detail)->duplicate_sacks,                 \
            &(detail)->pushed_packets, &(detail)->urgent_packets, &(detail)->urgent_bytes, &(detail)->probe_packets,   \
            &(detail)->probe_bytes, &(detail)->zero_windows, &(detail)->window_sum, &(detail)->window_packets,         \
            &(detail)->outstanding_max, &(detail)->outstanding_min, &(detail)->outstanding_sum,                        \
            &(detail)->outstanding_count, &(detail)->outstanding_time, &(detail)->initial_bytes,                       \
            &(detail)->initial_packets, &(detail)->cut_bytes, &(detail)->cut_packets, &(detail)->data_time,            \
            &(detail)->data_begin, &(detail)->last_time, &(detail)->idle_max, &(detail)->duplicate_packets,            \
            &(detail)->post_loss_acks, &(detail)->cumulative_acks, &(detail)->duplicate_acks, &(detail)->triple_acks,  \
            &(detail)->most_repeats, &(detail)->spurious_packets, &(detail)->fast_packets, &(detail)->timeout_packets, \
            &(detail)->window_stalls, &(detail)->window_stall_time, &(detail)->echo_packets,                           \
            &(detail)->reduced_packets, &(detail)->congested_packets, &(detail)->stalls, &(detail)->stall_time,        \
            &(detail)->stall_longest, &(detail)->stall_begin, &(detail)->requests, &(detail)->replies,                 \
            &(detail)->handshake_rtt                                                                                   \
    }
#define NARROW_FIELDS(detail)                                                                                          \
    {                                                                                                                  \
        &(detail)->segment_max, &(detail)->segment_min, &(detail)->window_max, &(detail)->window_min, &(detail)->mss   \
    }
#define TIMES_FIELDS(detail)                                                                                           \
    {                                                                                                                  \
        &(detail)->gap, &(detail)->rtt, &(detail)->full_rtt, &(detail)->ambiguous, &(detail)->repeat                   \
    }

static void put_integer(struct tb_buffer *buffer, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; value > SEVEN_BITS; value >>= 7)
        bytes[size++] = (uint8_t)(value | MORE);
    bytes[size++] = (uint8_t)value;
    tb_buffer_put(buffer, bytes, size);
}

static bool take_integer(struct tb_bytes *bytes, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift <= SHIFT_MAX; shift += 7) {
        uint8_t byte;
        if (!tb_bytes_take_u8(bytes, &byte))
            return false;
        *value |= (uint64_t)(byte & SEVEN_BITS) << shift;
        if ((byte & MORE) == 0)
            return true;
    }
    return false;
}

static void put_times(struct tb_buffer *buffer, const struct tb_flow_times *times)
{
    put_integer(buffer, times->count);
    if (times->count == 0)
        return;
    put_integer(buffer, times->minimum);
    put_integer(buffer, times->maximum);
    put_integer(buffer, times->sum);
    tb_buffer_put_double(buffer, times->squares);
}

static bool take_times(struct tb_bytes *bytes, struct tb_flow_times *times)
{
    *times = (struct tb_flow_times){0};
    if (!take_integer(bytes, &times->count))
        return false;
    return times->count == 0 || (take_integer(bytes, &times->minimum) && take_integer(bytes, &times->maximum) &&
                                 take_integer(bytes, &times->sum) && tb_bytes_take_double(bytes, &times->squares));
}

static uint8_t flags_of(const struct tb_flow_detail *detail)
{
    return (uint8_t)(detail->asked_scale | detail->asked_timestamps << 1 | detail->asked_sack << 2 |
                     detail->asked_ecn << 3);
}

static void set_flags(struct tb_flow_detail *detail, uint8_t flags)
{
    detail->asked_scale = (flags & 1) != 0;
    detail->asked_timestamps = (flags & 2) != 0;
    detail->asked_sack = (flags & 4) != 0;
    detail->asked_ecn = (flags & 8) != 0;
}

void tb_flow_detail_pack(const struct tb_flow_detail *detail, struct tb_buffer *buffer)
{
    const uint64_t *const wide[WIDE] = WIDE_FIELDS(detail);
    const uint32_t *const narrow[NARROW] = NARROW_FIELDS(detail);
    const struct tb_flow_times *const times[] = TIMES_FIELDS(detail);
    for (size_t i = 0; i < WIDE; i++)
        put_integer(buffer, *wide[i]);
    for (size_t i = 0; i < NARROW; i++)
        put_integer(buffer, *narrow[i]);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        put_times(buffer, times[i]);
    tb_buffer_put_i64(buffer, detail->stream_bytes);
    tb_buffer_put_u8(buffer, detail->sack_blocks_max);
    tb_buffer_put_u8(buffer, detail->window_scale);
    tb_buffer_put_u8(buffer, flags_of(detail));
}

static bool take_narrow(struct tb_bytes *bytes, uint32_t *value)
{
    uint64_t wide;
    if (!take_integer(bytes, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

bool tb_flow_detail_unpack(struct tb_flow_detail *detail, struct tb_bytes *bytes)
{
    uint64_t *const wide[WIDE] = WIDE_FIELDS(detail);
    uint32_t *const narrow[NARROW] = NARROW_FIELDS(detail);
    struct tb_flow_times *const times[] = TIMES_FIELDS(detail);
    for (size_t i = 0; i < WIDE; i++)
        if (!take_integer(bytes, wide[i]))
            return false;
    for (size_t i = 0; i < NARROW; i++)
        if (!take_narrow(bytes, narrow[i]))
            return false;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (!take_times(bytes, times[i]))
            return false;
    uint8_t flags;
    if (!tb_bytes_take_i64(bytes, &detail->stream_bytes) || !tb_bytes_take_u8(bytes, &detail->sack_blocks_max) ||
        !tb_bytes_take_u8(bytes, &detail->window_scale) || !tb_bytes_take_u8(bytes, &flags) || flags >> FLAGS != 0)
        return false;
    set_flags(detail, flags);
    return true;
}
