/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "flow/flow_pack.h"
#include "left_out.h"
#include "twinbed/capture/capture.h"

enum { CAPTURE_COUNTERS = 9 };

static bool take_u64s(struct tb_bytes *bytes, uint64_t *const values[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!tb_bytes_take_u64(bytes, values[i]))
            return false;
    return true;
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
    tb_buffer_put_u8(buffer, capture->dropped_known);
    tb_buffer_put_u64(buffer, capture->dropped_packets);
    tb_left_out_pack(&capture->left_out, buffer);
    tb_flow_summary_pack(&capture->summary, buffer);
    tb_buffer_put_u64(buffer, capture->flow_count);
    for (size_t i = 0; i < capture->flow_count; i++)
        tb_flow_pack(&capture->flows[i], buffer);
    tb_test_sessions_pack(&capture->tests, buffer);
    tb_packet_sample_pack(&capture->sample, buffer);
}

static bool unpack_dropped(struct tb_capture *capture, struct tb_bytes *bytes)
{
    uint8_t known;
    if (!tb_bytes_take_u8(bytes, &known) || !tb_bytes_take_u64(bytes, &capture->dropped_packets))
        return false;
    capture->dropped_known = known != 0;
    return capture->dropped_packets <= INT64_MAX;
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
    return take_u64s(bytes, counters, CAPTURE_COUNTERS) && unpack_dropped(capture, bytes) &&
           tb_left_out_unpack(&capture->left_out, bytes);
}

static bool unpack_flows(struct tb_capture *capture, struct tb_bytes *bytes)
{
    uint64_t count;
    if (!tb_bytes_take_u64(bytes, &count) || count > bytes->left / TB_FLOW_PACKED_MIN)
        return false;
    capture->flows = count == 0 ? NULL : calloc((size_t)count, sizeof capture->flows[0]);
    if (count != 0 && capture->flows == NULL)
        return false;
    capture->flow_count = (size_t)count;
    for (size_t i = 0; i < capture->flow_count; i++)
        if (!tb_flow_unpack(&capture->flows[i], bytes))
            return false;
    return true;
}

bool tb_capture_unpack(struct tb_capture **capture, struct tb_bytes *bytes)
{
    struct tb_bytes ahead = *bytes;
    struct tb_capture *unpacked = calloc(1, sizeof *unpacked);
    if (unpacked == NULL)
        return false;
    if (!unpack_head(unpacked, &ahead) || !tb_flow_summary_unpack(&unpacked->summary, &ahead) ||
        !unpack_flows(unpacked, &ahead) || !tb_test_sessions_unpack(&unpacked->tests, &ahead) ||
        !tb_packet_sample_unpack(&unpacked->sample, &ahead)) {
        tb_capture_free(unpacked);
        return false;
    }
    *capture = unpacked;
    *bytes = ahead;
    return true;
}
