/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most counters of most flows are 0 or small, so integers are packed with as many
 * bytes as they need: seven bits a byte, lowest first. A row is packed into a
 * buffer on the stack, then appended at once. */
#include "flow_pack.h"

enum { SEVEN_BITS = 0x7f, MORE = 0x80, SHIFT_MAX = 63, TIMES_OF_FLOW = 4 };

/* The largest packed side: every integer in ten bytes; times have four and a float64. */
enum {
    INTEGER_MAX = 10,
    TIMES_MAX = 4 * INTEGER_MAX + 8,
    ADDRESSES_MAX = 64,
#define TB_FLOW_FIELD(field, adds) +(sizeof((struct tb_flow_side *)0)->field > 8 ? TIMES_MAX : INTEGER_MAX)
    SIDE_MAX = 0
#include "twinbed/flow/flow_counters.def"
};
_Static_assert(ADDRESSES_MAX + TIMES_OF_FLOW * INTEGER_MAX + 2 * SIDE_MAX <= TB_FLOW_PACKED_MAX,
               "no row is packed into more");

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

static uint8_t *put_times(uint8_t *at, struct tb_flow_times times)
{
    at = put_integer(at, times.count);
    if (times.count == 0)
        return at;
    at = put_integer(at, times.minimum);
    at = put_integer(at, times.maximum);
    at = put_integer(at, times.sum);
    return put_double(at, times.squares);
}

static bool take_times(struct tb_bytes *bytes, struct tb_flow_times *times)
{
    *times = (struct tb_flow_times){0};
    if (!take_integer(bytes, &times->count))
        return false;
    return times->count == 0 || (take_integer(bytes, &times->minimum) && take_integer(bytes, &times->maximum) &&
                                 take_integer(bytes, &times->sum) && tb_bytes_take_double(bytes, &times->squares));
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

static uint8_t *put_signed(uint8_t *at, int64_t value)
{
    return put_integer(at, folded(value));
}

static bool take_signed(struct tb_bytes *bytes, int64_t *value)
{
    uint64_t wide;
    if (!take_integer(bytes, &wide))
        return false;
    *value = unfolded(wide);
    return true;
}

static bool take_narrow(struct tb_bytes *bytes, uint32_t *value)
{
    uint64_t wide;
    if (!take_integer(bytes, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

static bool take_byte(struct tb_bytes *bytes, uint8_t *value)
{
    uint64_t wide;
    if (!take_integer(bytes, &wide) || wide > UINT8_MAX)
        return false;
    *value = (uint8_t)wide;
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

/* The type of a field says how it is packed. */
#define PUT(at, field)                                                                                                 \
    _Generic(field, struct tb_flow_times : put_times, int64_t : put_signed, default : put_integer)(at, field)
#define TAKE(bytes, field)                                                                                             \
    _Generic(field, struct tb_flow_times                                                                               \
             : take_times, int64_t                                                                                     \
             : take_signed, uint64_t                                                                                   \
             : take_integer, uint32_t                                                                                  \
             : take_narrow, uint8_t                                                                                    \
             : take_byte, bool                                                                                         \
             : take_bool)(bytes, &field)

void tb_flow_side_pack(const struct tb_flow_side *side, struct tb_buffer *buffer)
{
    uint8_t packed[SIDE_MAX], *at = packed;
#define TB_FLOW_FIELD(field, adds) at = PUT(at, side->field);
#include "twinbed/flow/flow_counters.def"
    tb_buffer_put(buffer, packed, (size_t)(at - packed));
}

bool tb_flow_side_unpack(struct tb_flow_side *side, struct tb_bytes *bytes)
{
#define TB_FLOW_FIELD(field, adds) &&TAKE(bytes, side->field)
    return true
#include "twinbed/flow/flow_counters.def"
        ;
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
