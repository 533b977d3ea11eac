/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "detail_pack.h"

#include "twinbed/net/capture.h"

/* One place says which fields are packed and in which order, for both ways. */
enum { SIDE_COUNTERS = 17, TIMES = 4, CAPTURE_COUNTERS = 9, FLOW_SIZE_MIN = 1 + 2 * 7 + 8 * TIMES + 2 };

static void side_counters(const struct tb_flow_side *side, uint64_t counters[SIDE_COUNTERS])
{
    const uint64_t values[SIDE_COUNTERS] = {side->packets,
                                            side->ip_bytes,
                                            side->payload_bytes,
                                            side->unique_bytes,
                                            side->data_packets,
                                            side->retransmitted_packets,
                                            side->retransmitted_bytes,
                                            side->out_of_order_packets,
                                            side->syn_packets,
                                            side->repeated_syn_packets,
                                            side->fin_packets,
                                            side->repeated_fin_packets,
                                            side->rst_packets,
                                            side->pure_ack_packets,
                                            side->empty_push_packets,
                                            side->keep_alive_packets,
                                            side->missing_bytes};
    memcpy(counters, values, sizeof values);
}

static void pack_side(const struct tb_flow_side *side, struct tb_buffer *buffer)
{
    uint64_t counters[SIDE_COUNTERS];
    side_counters(side, counters);
    for (size_t i = 0; i < SIDE_COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_buffer_put_u8(buffer, side->stream_complete);
    tb_flow_detail_pack(&side->detail, buffer);
}

static bool take_u64s(struct tb_bytes *bytes, uint64_t *const values[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!tb_bytes_take_u64(bytes, values[i]))
            return false;
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

static bool unpack_side(struct tb_flow_side *side, struct tb_bytes *bytes)
{
    uint64_t *const counters[SIDE_COUNTERS] = {&side->packets,
                                               &side->ip_bytes,
                                               &side->payload_bytes,
                                               &side->unique_bytes,
                                               &side->data_packets,
                                               &side->retransmitted_packets,
                                               &side->retransmitted_bytes,
                                               &side->out_of_order_packets,
                                               &side->syn_packets,
                                               &side->repeated_syn_packets,
                                               &side->fin_packets,
                                               &side->repeated_fin_packets,
                                               &side->rst_packets,
                                               &side->pure_ack_packets,
                                               &side->empty_push_packets,
                                               &side->keep_alive_packets,
                                               &side->missing_bytes};
    return take_u64s(bytes, counters, SIDE_COUNTERS) && take_bool(bytes, &side->stream_complete) &&
           tb_flow_detail_unpack(&side->detail, bytes);
}

static void pack_flow(const struct tb_flow *flow, struct tb_buffer *buffer)
{
    tb_buffer_put_u8(buffer, flow->protocol);
    tb_address_pack(&flow->client, buffer);
    tb_address_pack(&flow->server, buffer);
    tb_buffer_put_u64(buffer, flow->first_packet);
    tb_buffer_put_u64(buffer, flow->start);
    tb_buffer_put_u64(buffer, flow->end);
    tb_buffer_put_u64(buffer, flow->handshake);
    tb_buffer_put_u8(buffer, (uint8_t)flow->ended);
    tb_buffer_put_u8(buffer, flow->completed_reply);
    pack_side(&flow->side[0], buffer);
    pack_side(&flow->side[1], buffer);
}

static bool unpack_flow(struct tb_flow *flow, struct tb_bytes *bytes)
{
    uint64_t *const times[TIMES] = {&flow->first_packet, &flow->start, &flow->end, &flow->handshake};
    uint8_t ended;
    if (!tb_bytes_take_u8(bytes, &flow->protocol) || !tb_address_unpack(&flow->client, bytes) ||
        !tb_address_unpack(&flow->server, bytes) || !take_u64s(bytes, times, TIMES) ||
        !tb_bytes_take_u8(bytes, &ended) || ended > TB_FLOW_NOT_TCP)
        return false;
    flow->ended = (enum tb_flow_end)ended;
    return take_bool(bytes, &flow->completed_reply) && unpack_side(&flow->side[0], bytes) &&
           unpack_side(&flow->side[1], bytes);
}

void tb_capture_pack(const struct tb_capture *capture, struct tb_buffer *buffer)
{
    const uint64_t counters[CAPTURE_COUNTERS] = {capture->packets,        capture->filtered,   capture->not_ip,
                                                 capture->other_protocol, capture->unparsed,   capture->later_fragments,
                                                 capture->cut_packets,    capture->first_time, capture->last_time};
    tb_account_pack(&capture->account, buffer);
    tb_buffer_put(buffer, capture->format, sizeof capture->format);
    tb_buffer_put_u32(buffer, capture->link_type);
    tb_buffer_put_u32(buffer, capture->snap_length);
    tb_buffer_put_u8(buffer, (uint8_t)capture->rules);
    for (size_t i = 0; i < CAPTURE_COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_buffer_put_u64(buffer, capture->flow_count);
    for (size_t i = 0; i < capture->flow_count; i++)
        pack_flow(&capture->flows[i], buffer);
    tb_test_sessions_pack(&capture->tests, buffer);
    tb_packet_sample_pack(&capture->sample, buffer);
}

static bool unpack_head(struct tb_capture *capture, struct tb_bytes *bytes)
{
    uint64_t *const counters[CAPTURE_COUNTERS] = {
        &capture->packets,        &capture->filtered,   &capture->not_ip,
        &capture->other_protocol, &capture->unparsed,   &capture->later_fragments,
        &capture->cut_packets,    &capture->first_time, &capture->last_time};
    const uint8_t *format;
    uint8_t rules;
    if (!tb_account_unpack(&capture->account, bytes) || !tb_bytes_take(bytes, sizeof capture->format, &format) ||
        !tb_bytes_take_u32(bytes, &capture->link_type) || !tb_bytes_take_u32(bytes, &capture->snap_length) ||
        !tb_bytes_take_u8(bytes, &rules) || rules > TB_FLOW_RULES_TCPTRACE)
        return false;
    capture->rules = (enum tb_flow_rules)rules;
    memcpy(capture->format, format, sizeof capture->format - 1);
    return take_u64s(bytes, counters, CAPTURE_COUNTERS);
}

static bool unpack_flows(struct tb_capture *capture, struct tb_bytes *bytes)
{
    uint64_t count;
    if (!tb_bytes_take_u64(bytes, &count) || count > bytes->left / FLOW_SIZE_MIN)
        return false;
    capture->flows = count == 0 ? NULL : calloc((size_t)count, sizeof capture->flows[0]);
    if (count != 0 && capture->flows == NULL)
        return false;
    capture->flow_count = (size_t)count;
    for (size_t i = 0; i < capture->flow_count; i++)
        if (!unpack_flow(&capture->flows[i], bytes))
            return false;
    return true;
}

bool tb_capture_unpack(struct tb_capture **capture, struct tb_bytes *bytes)
{
    struct tb_bytes ahead = *bytes;
    struct tb_capture *unpacked = calloc(1, sizeof *unpacked);
    if (unpacked == NULL)
        return false;
    if (!unpack_head(unpacked, &ahead) || !unpack_flows(unpacked, &ahead) ||
        !tb_test_sessions_unpack(&unpacked->tests, &ahead) || !tb_packet_sample_unpack(&unpacked->sample, &ahead)) {
        tb_capture_free(unpacked);
        return false;
    }
    *capture = unpacked;
    *bytes = ahead;
    return true;
}
