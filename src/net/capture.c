/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/net/capture.h"

#include <stdlib.h>

#include "capture_parser.h"
#include "flow_merge.h"

void tb_capture_free(struct tb_capture *capture)
{
    if (capture == NULL)
        return;
    free(capture->flows);
    tb_flow_summary_free(&capture->summary);
    free(capture);
}

static enum tb_status take_packets(struct tb_capture_parser *parser, struct tb_flows *flows,
                                   struct tb_datagram_slots *slots, struct tb_error *error)
{
    for (;;) {
        struct tb_flow_packet *next = tb_flows_next(flows);
        struct tb_packet_stamp stamp;
        const enum tb_status status = tb_capture_parser_next(parser, &next->packet, &stamp, error);
        if (status != TB_OK)
            return status;
        tb_flow_packet_stamp(next, &stamp);
        if (next->packet.fragment)
            tb_datagram_slots_take(slots, &next->packet, 0);
        if (!tb_flows_add(flows))
            return tb_error_memory(error, "the flows of a capture");
    }
}

static enum tb_status read_flows(struct tb_capture_parser *parser, struct tb_flows *flows, struct tb_error *error)
{
    struct tb_datagram_slots slots = {.next = 0};
    const enum tb_status status = take_packets(parser, flows, &slots, error);
    if (status != TB_END)
        return status;
    if (!tb_flows_finish(flows))
        return tb_error_memory(error, "the flows of a capture");
    return tb_filter_check(&parser->filter, error);
}

static enum tb_status complete(struct tb_capture_parser *parser, struct tb_flows *flows, struct tb_error *error)
{
    tb_capture_parser_complete(parser, parser->counts);
    const enum tb_status status = tb_flows_merge(&flows, 1, parser->counts, error);
    if (status == TB_OK)
        tb_capture_complete_flows(parser->counts);
    return status;
}

enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                               struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture *read = calloc(1, sizeof *read);
    if (read == NULL)
        return tb_error_memory(error, "a capture");
    struct tb_capture_parser parser = {.counts = read};
    struct tb_flows flows;
    tb_flows_start(&flows, request);
    read->rules = request->rules;
    tb_filter_start(&parser.filter, request->filter);
    enum tb_status status = tb_packet_file_open(&parser.file, source, &read->account, error);
    if (status == TB_OK)
        status = read_flows(&parser, &flows, error);
    if (status == TB_OK)
        status = complete(&parser, &flows, error);
    tb_capture_parser_free(&parser);
    tb_flows_free(&flows);
    if (status != TB_OK) {
        tb_capture_free(read);
        return status;
    }
    *capture = read;
    return TB_OK;
}
