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

/* The type of a field says how it is packed. */
#define DESCRIBE(archive, field)                                                                                       \
    _Generic(field, struct tb_flow_times *                                                                             \
             : describe_times, int64_t *                                                                               \
             : describe_signed, uint64_t *                                                                             \
             : tb_archive_leb128, uint32_t *                                                                           \
             : describe_narrow, uint8_t *                                                                              \
             : tb_archive_u8, bool *                                                                                   \
             : tb_archive_bool)(archive, field)

void tb_flow_side_describe(struct tb_archive *archive, struct tb_flow_side *side)
{
#define TB_FLOW_FIELD(field, adds) DESCRIBE(archive, &side->field);
#include "twinbed/flow/flow_counters.def"
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
