/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most counters of most flows are 0 or small, so integers are packed with as many
 * bytes as they need: seven bits a byte, lowest first. A row is packed into a
 * buffer on the stack, then appended at once. */
#include "flow_pack.h"

enum {
    COUNTERS = 17,
    WIDE = 46,
    NARROW = 5,
    TIMES = 5,
    SEVEN_BITS = 0x7f,
    MORE = 0x80,
    SHIFT_MAX = 63,
    FLAGS = 4,
    TIMES_OF_FLOW = 4
};

/* The largest packed side: every integer in ten bytes. */
enum { INTEGER_MAX = 10, SIDE_MAX = INTEGER_MAX * (COUNTERS + WIDE + NARROW + 5 * TIMES + 2), ADDRESSES_MAX = 64 };
_Static_assert(ADDRESSES_MAX + TIMES_OF_FLOW * INTEGER_MAX + 2 * SIDE_MAX <= TB_FLOW_PACKED_MAX,
               "no row is packed into more");

/* One place says which fields are packed and in which order, for both ways. */
#define SIDE_FIELDS(side)                                                                                              \
    {                                                                                                                  \
        &(side)->packets, &(side)->ip_bytes, &(side)->payload_bytes, &(side)->unique_bytes, &(side)->data_packets,     \
            &(side)->retransmitted_packets, &(side)->retransmitted_bytes, &(side)->out_of_order_packets,               \
            &(side)->syn_packets, &(side)->repeated_syn_packets, &(side)->fin_packets, &(side)->repeated_fin_packets,  \
            &(side)->rst_packets, &(side)->pure_ack_packets, &(side)->empty_push_packets, &(side)->keep_alive_packets, \
            &(side)->missing_bytes                                                                                     \
    }
#define WIDE_FIELDS(detail)                                                                                            \
    {                                                                                                                  \
        &(detail)->ack_packets, &(detail)->sack_packets, &(detail)->sacks, &(detail)->dsack_packets,                   \
            &(detail)->pushed_packets, &(detail)->urgent_packets, &(detail)->urgent_bytes, &(detail)->probe_packets,   \
            &(detail)->probe_bytes, &(detail)->zero_windows, &(detail)->window_sum, &(detail)->window_packets,         \
            &(detail)->outstanding_max, &(detail)->outstanding_min, &(detail)->outstanding_sum,                        \
            &(detail)->outstanding_count, &(detail)->outstanding_time, &(detail)->initial_window_bytes,                \
            &(detail)->initial_window_packets, &(detail)->truncated_bytes, &(detail)->truncated_packets,               \
            &(detail)->data_begin, &(detail)->data_time, &(detail)->last_time, &(detail)->idle_max,                    \
            &(detail)->duplicate_packets, &(detail)->post_loss_acks, &(detail)->cumulative_acks,                       \
            &(detail)->duplicate_acks, &(detail)->triple_duplicate_acks, &(detail)->most_repeats,                      \
            &(detail)->spurious_retransmissions, &(detail)->fast_retransmissions, &(detail)->timeout_retransmissions,  \
            &(detail)->window_stalls, &(detail)->window_stall_time, &(detail)->ece_packets, &(detail)->cwr_packets,    \
            &(detail)->ce_packets, &(detail)->stalls, &(detail)->stall_time, &(detail)->stall_longest,                 \
            &(detail)->stall_begin, &(detail)->requests, &(detail)->replies, &(detail)->handshake_rtt                  \
    }
#define NARROW_FIELDS(detail)                                                                                          \
    {                                                                                                                  \
        &(detail)->segment_max, &(detail)->segment_min, &(detail)->window_max, &(detail)->window_min, &(detail)->mss   \
    }
#define TIMES_FIELDS(detail)                                                                                           \
    {                                                                                                                  \
        &(detail)->gap, &(detail)->rtt, &(detail)->full_rtt, &(detail)->ambiguous_rtt, &(detail)->repeat_time          \
    }

static uint8_t *put_integer(uint8_t *at, uint64_t value)
{
    for (; value > SEVEN_BITS; value >>= 7)
        *at++ = (uint8_t)(value | MORE);
    *at++ = (uint8_t)value;
    return at;
}

static bool take_long_integer(struct tb_bytes *bytes, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift <= SHIFT_MAX; shift += 7) {
        uint8_t byte;
        if (!tb_bytes_take_u8(bytes, &byte) || (shift == SHIFT_MAX && byte > 1))
            return false;
        *value |= (uint64_t)(byte & SEVEN_BITS) << shift;
        if ((byte & MORE) == 0)
            return true;
    }
    return false;
}

/* Most have one byte. */
static inline bool take_integer(struct tb_bytes *bytes, uint64_t *value)
{
    if (bytes->left == 0 || bytes->data[0] > SEVEN_BITS)
        return take_long_integer(bytes, value);
    *value = *bytes->data++;
    bytes->left--;
    return true;
}

/* A float64 has the byte order of tb_buffer_put_double. */
static uint8_t *put_double(uint8_t *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (unsigned i = 0; i < sizeof bits; i++)
        *at++ = (uint8_t)(bits >> (8 * i));
    return at;
}

static uint8_t *put_times(uint8_t *at, const struct tb_flow_times *times)
{
    at = put_integer(at, times->count);
    if (times->count == 0)
        return at;
    at = put_integer(at, times->minimum);
    at = put_integer(at, times->maximum);
    at = put_integer(at, times->sum);
    return put_double(at, times->squares);
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

/* The sign goes into the lowest bit. */
static uint64_t folded(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unfolded(uint64_t value)
{
    return (int64_t)(value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0));
}

static uint8_t *put_detail(uint8_t *at, const struct tb_flow_detail *detail)
{
    const uint64_t *const wide[WIDE] = WIDE_FIELDS(detail);
    const uint32_t *const narrow[NARROW] = NARROW_FIELDS(detail);
    const struct tb_flow_times *const times[TIMES] = TIMES_FIELDS(detail);
    for (size_t i = 0; i < WIDE; i++)
        at = put_integer(at, *wide[i]);
    for (size_t i = 0; i < NARROW; i++)
        at = put_integer(at, *narrow[i]);
    for (size_t i = 0; i < TIMES; i++)
        at = put_times(at, times[i]);
    at = put_integer(at, folded(detail->stream_bytes));
    *at++ = detail->sack_blocks_max;
    *at++ = detail->window_scale;
    *at++ = flags_of(detail);
    return at;
}

void tb_flow_side_pack(const struct tb_flow_side *side, struct tb_buffer *buffer)
{
    const uint64_t *const counters[COUNTERS] = SIDE_FIELDS(side);
    uint8_t packed[SIDE_MAX], *at = packed;
    for (size_t i = 0; i < COUNTERS; i++)
        at = put_integer(at, *counters[i]);
    *at++ = side->stream_complete;
    at = put_detail(at, &side->detail);
    tb_buffer_put(buffer, packed, (size_t)(at - packed));
}

static bool take_narrow(struct tb_bytes *bytes, uint32_t *value)
{
    uint64_t wide;
    if (!take_integer(bytes, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

static bool unpack_detail(struct tb_flow_detail *detail, struct tb_bytes *bytes)
{
    uint64_t *const wide[WIDE] = WIDE_FIELDS(detail);
    uint32_t *const narrow[NARROW] = NARROW_FIELDS(detail);
    struct tb_flow_times *const times[TIMES] = TIMES_FIELDS(detail);
    for (size_t i = 0; i < WIDE; i++)
        if (!take_integer(bytes, wide[i]))
            return false;
    for (size_t i = 0; i < NARROW; i++)
        if (!take_narrow(bytes, narrow[i]))
            return false;
    for (size_t i = 0; i < TIMES; i++)
        if (!take_times(bytes, times[i]))
            return false;
    uint8_t flags;
    uint64_t stream_bytes;
    if (!take_integer(bytes, &stream_bytes) || !tb_bytes_take_u8(bytes, &detail->sack_blocks_max) ||
        !tb_bytes_take_u8(bytes, &detail->window_scale) || !tb_bytes_take_u8(bytes, &flags) || flags >> FLAGS != 0)
        return false;
    detail->stream_bytes = unfolded(stream_bytes);
    set_flags(detail, flags);
    return true;
}

static bool take_bool(struct tb_bytes *bytes, bool *value)
{
    uint8_t byte;
    if (!tb_bytes_take_u8(bytes, &byte) || byte > 1)
        return false;
    *value = byte != 0;
    return true;
}

bool tb_flow_side_unpack(struct tb_flow_side *side, struct tb_bytes *bytes)
{
    uint64_t *const counters[COUNTERS] = SIDE_FIELDS(side);
    for (size_t i = 0; i < COUNTERS; i++)
        if (!take_integer(bytes, counters[i]))
            return false;
    return take_bool(bytes, &side->stream_complete) && unpack_detail(&side->detail, bytes);
}

void tb_flow_pack(const struct tb_flow *flow, struct tb_buffer *buffer)
{
    tb_buffer_put_u8(buffer, flow->protocol);
    tb_address_pack(&flow->client, buffer);
    tb_address_pack(&flow->server, buffer);
    const uint64_t values[TIMES_OF_FLOW] = {flow->first_packet, flow->start, flow->end, flow->handshake};
    uint8_t packed[TIMES_OF_FLOW * INTEGER_MAX], *at = packed;
    for (size_t i = 0; i < TIMES_OF_FLOW; i++)
        at = put_integer(at, values[i]);
    tb_buffer_put(buffer, packed, (size_t)(at - packed));
    tb_buffer_put_u8(buffer, (uint8_t)flow->ended);
    tb_buffer_put_u8(buffer, flow->completed_reply);
    tb_buffer_put_u8(buffer, flow->roles_assumed);
    tb_buffer_put_u8(buffer, flow->other_completed);
    tb_flow_side_pack(&flow->side[0], buffer);
    tb_flow_side_pack(&flow->side[1], buffer);
}

bool tb_flow_unpack(struct tb_flow *flow, struct tb_bytes *bytes)
{
    uint64_t *const times[TIMES_OF_FLOW] = {&flow->first_packet, &flow->start, &flow->end, &flow->handshake};
    uint8_t ended;
    if (!tb_bytes_take_u8(bytes, &flow->protocol) || !tb_address_unpack(&flow->client, bytes) ||
        !tb_address_unpack(&flow->server, bytes))
        return false;
    for (size_t i = 0; i < TIMES_OF_FLOW; i++)
        if (!take_integer(bytes, times[i]))
            return false;
    if (!tb_bytes_take_u8(bytes, &ended) || ended > TB_FLOW_NOT_TCP)
        return false;
    flow->ended = (enum tb_flow_end)ended;
    return take_bool(bytes, &flow->completed_reply) && take_bool(bytes, &flow->roles_assumed) &&
           take_bool(bytes, &flow->other_completed) && tb_flow_side_unpack(&flow->side[0], bytes) &&
           tb_flow_side_unpack(&flow->side[1], bytes);
}
