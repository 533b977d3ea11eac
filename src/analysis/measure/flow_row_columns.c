/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "flow_tables.h"
#include "twinbed/flow/flow_values.h"

#define PUT_INT32(field, value) tb_column_put_int32(columns, (enum tb_field)(TB_FIELD_FLOW_##field), (int64_t)(value))
#define PUT_INT64(field, value) tb_column_put_int64(columns, (enum tb_field)(TB_FIELD_FLOW_##field), (int64_t)(value))
#define PUT_FLOAT64(field, value) tb_column_put_float64(columns, (enum tb_field)(TB_FIELD_FLOW_##field), (value))

/* The columns of both sides stand in the same order, so that of the server is always as far behind the client's. */
static void add_core(struct tb_columns *columns, unsigned which, const struct tb_flow_side *side)
{
    const unsigned behind = which * (TB_FIELD_FLOW_SERVER_packets - TB_FIELD_FLOW_CLIENT_packets);
#define TB_FLOW_COLUMN(name, type, unit, sentence, value) PUT_##type(CLIENT_##name + behind, value);
#include "twinbed/flow/flow_counters.def"
}

static void add_detail(struct tb_columns *columns, unsigned which, const struct tb_flow_side *side,
                       const struct tb_flow_values *values)
{
    const unsigned behind = which * (TB_FIELD_FLOW_SERVER_ack_packets - TB_FIELD_FLOW_CLIENT_ack_packets);
#define TB_FLOW_DETAIL_COLUMN(name, type, unit, sentence, value) PUT_##type(CLIENT_##name + behind, value);
#include "twinbed/flow/flow_counters.def"
}

static void add_side(struct tb_columns *columns, enum tb_flow_rules rules, const struct tb_flow *flow, unsigned which)
{
    struct tb_flow_values values;
    tb_flow_values_compute(flow, which, rules, &values);
    add_core(columns, which, &flow->side[which]);
    add_detail(columns, which, &flow->side[which], &values);
}

void tb_flow_columns_add(struct tb_columns *columns, size_t artifact, enum tb_flow_rules rules,
                         const struct tb_flow *flow)
{
    PUT_INT32(ARTIFACT, artifact);
    PUT_INT32(PROTOCOL, flow->protocol);
    PUT_INT32(IP_VERSION, flow->client.version);
    for (size_t i = 0; i < sizeof flow->client.bytes; i++) {
        PUT_INT32(CLIENT_ADDRESS, flow->client.bytes[i]);
        PUT_INT32(SERVER_ADDRESS, flow->server.bytes[i]);
    }
    PUT_INT32(CLIENT_PORT, flow->client.port);
    PUT_INT32(SERVER_PORT, flow->server.port);
    PUT_INT64(FIRST_PACKET, flow->first_packet);
    PUT_INT64(START, flow->start);
    PUT_FLOAT64(DURATION, (double)(int64_t)(flow->end - flow->start) * 1e-9);
    PUT_FLOAT64(HANDSHAKE, flow->handshake == 0 ? NAN : (double)flow->handshake * 1e-9);
    PUT_INT32(ENDED, flow->ended);
    PUT_INT32(COMPLETED_REPLY, flow->completed_reply);
    add_side(columns, rules, flow, 0);
    add_side(columns, rules, flow, 1);
}

uint64_t tb_flow_columns_memory(const struct tb_campaign *campaign)
{
    uint64_t row = 0;
    if (!flows_have_rows(&campaign->settings))
        return 0;
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *const field = tb_field_describe((enum tb_field)i);
        if (field->dimensions[0] == TB_DIMENSION_FLOW)
            row += tb_type_size(field->type) * (field->rank > 1 ? ADDRESS_BYTES : 1);
    }
    return row * TB_PIECE_ROWS;
}
