/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "flow_tables.h"
#include "twinbed/flow/flow_values.h"
#include "twinbed/results/flow_columns.h"

#define PUT_INT32(field, value) tb_column_put_int32(columns, TB_FIELD_FLOW_##field, (int64_t)(value))
#define PUT_INT64(field, value) tb_column_put_int64(columns, TB_FIELD_FLOW_##field, (int64_t)(value))
#define PUT_FLOAT64(field, value) tb_column_put_float64(columns, TB_FIELD_FLOW_##field, (value))

#define PUT_SIDE(WHO, side)                                                                                            \
    do {                                                                                                               \
        PUT_INT64(WHO##_PACKETS, (side)->packets);                                                                     \
        PUT_INT64(WHO##_IP_BYTES, (side)->ip_bytes);                                                                   \
        PUT_INT64(WHO##_PAYLOAD_BYTES, (side)->payload_bytes);                                                         \
        PUT_INT64(WHO##_UNIQUE_BYTES, (side)->unique_bytes);                                                           \
        PUT_INT64(WHO##_DATA_PACKETS, (side)->data_packets);                                                           \
        PUT_INT64(WHO##_RETRANSMITTED_PACKETS, (side)->retransmitted_packets);                                         \
        PUT_INT64(WHO##_RETRANSMITTED_BYTES, (side)->retransmitted_bytes);                                             \
        PUT_INT64(WHO##_OUT_OF_ORDER_PACKETS, (side)->out_of_order_packets);                                           \
        PUT_INT64(WHO##_SYN_PACKETS, (side)->syn_packets);                                                             \
        PUT_INT64(WHO##_REPEATED_SYN_PACKETS, (side)->repeated_syn_packets);                                           \
        PUT_INT64(WHO##_FIN_PACKETS, (side)->fin_packets);                                                             \
        PUT_INT64(WHO##_REPEATED_FIN_PACKETS, (side)->repeated_fin_packets);                                           \
        PUT_INT64(WHO##_RST_PACKETS, (side)->rst_packets);                                                             \
        PUT_INT64(WHO##_PURE_ACK_PACKETS, (side)->pure_ack_packets);                                                   \
        PUT_INT64(WHO##_EMPTY_PUSH_PACKETS, (side)->empty_push_packets);                                               \
        PUT_INT64(WHO##_KEEP_ALIVE_PACKETS, (side)->keep_alive_packets);                                               \
        PUT_INT64(WHO##_MISSING_BYTES, (side)->missing_bytes);                                                         \
    } while (0)

#define PUT_DETAIL(WHO, who, NAME, name, type, unit, sentence, value) PUT_##type(WHO##_##NAME, value);

static void add_client_detail(struct tb_columns *columns, const struct tb_flow_detail *detail,
                              const struct tb_flow_values *values)
{
    TB_FLOW_COLUMNS(PUT_DETAIL, CLIENT, client)
}

static void add_server_detail(struct tb_columns *columns, const struct tb_flow_detail *detail,
                              const struct tb_flow_values *values)
{
    TB_FLOW_COLUMNS(PUT_DETAIL, SERVER, server)
}

static void add_details(struct tb_columns *columns, enum tb_flow_rules rules, const struct tb_flow *flow)
{
    struct tb_flow_values values;
    tb_flow_values_compute(flow, 0, rules, &values);
    add_client_detail(columns, &flow->side[0].detail, &values);
    tb_flow_values_compute(flow, 1, rules, &values);
    add_server_detail(columns, &flow->side[1].detail, &values);
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
    PUT_SIDE(CLIENT, &flow->side[0]);
    PUT_SIDE(SERVER, &flow->side[1]);
    add_details(columns, rules, flow);
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
