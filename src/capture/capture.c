/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/capture/capture.h"

#include <stdlib.h>

#include "capture_parser.h"
#include "flow_merge.h"
#include "test_sessions.h"

void tb_capture_free(struct tb_capture *capture)
{
    if (capture == NULL)
        return;
    free(capture->flows);
    tb_flow_summary_free(&capture->summary);
    tb_test_sessions_free(&capture->tests);
    tb_packet_sample_free(&capture->sample);
    free(capture);
}

/* One capture that one thread reads. */
struct reading {
    struct tb_capture_parser parser;
    struct tb_flows flows;
    struct tb_datagram_slots slots;
    struct tb_test_tracker tests;
};

static enum tb_status take_packet(struct reading *reading, struct tb_flow_packet *next, struct tb_error *error)
{
    struct tb_flow_key key;
    const enum tb_status status = tb_capture_parser_next(&reading->parser, next, &key, error);
    if (status != TB_OK)
        return status;
    if (next->packet.test_packet && !tb_test_tracker_add(&reading->tests, next, &key))
        return tb_error_memory(error, "the test packets of a capture");
    if (next->packet.fragment)
        tb_datagram_slots_take(&reading->slots, next, &key, 0);
    return tb_flows_add(&reading->flows, &key) ? TB_OK : tb_flows_failure(&reading->flows, error);
}

static enum tb_status take_packets(struct reading *reading, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK) {
        struct tb_flow_packet *const next = tb_flows_next(&reading->flows);
        struct tb_flow_key key;
        if (!tb_capture_parser_take_plain(&reading->parser, next, &key))
            status = take_packet(reading, next, error);
        else if (!tb_flows_add_whole(&reading->flows, &key))
            status = tb_flows_failure(&reading->flows, error);
    }
    return status;
}

static enum tb_status read_flows(struct reading *reading, struct tb_error *error)
{
    const enum tb_status status = take_packets(reading, error);
    if (status != TB_END)
        return status;
    if (!tb_flows_finish(&reading->flows))
        return tb_flows_failure(&reading->flows, error);
    if (!tb_test_tracker_finish(&reading->tests, &reading->parser.counts->tests))
        return tb_error_memory(error, "the test packets of a capture");
    return tb_filter_check(&reading->parser.filter, error);
}

static enum tb_status complete(struct reading *reading, struct tb_error *error)
{
    struct tb_capture *capture = reading->parser.counts;
    struct tb_flows *shard = &reading->flows;
    tb_capture_parser_complete(&reading->parser, capture);
    return tb_flows_merge(&shard, 1, capture, error);
}

enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                               struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture *read = calloc(1, sizeof *read);
    if (read == NULL)
        return tb_error_memory(error, "a capture");
    struct reading reading = {.parser.counts = read};
    read->rules = request->rules;
    tb_filter_start(&reading.parser.filter, request->filter);
    enum tb_status status =
        tb_flows_start(&reading.flows, request) ? TB_OK : tb_error_memory(error, "the flows of a capture");
    if (status == TB_OK)
        status = tb_packet_file_open(&reading.parser.file, source, &read->account, error);
    if (status == TB_OK)
        status = read_flows(&reading, error);
    if (status == TB_OK)
        status = complete(&reading, error);
    tb_capture_parser_free(&reading.parser);
    tb_flows_free(&reading.flows);
    tb_test_tracker_free(&reading.tests);
    if (status != TB_OK) {
        tb_capture_free(read);
        return status;
    }
    *capture = read;
    return TB_OK;
}
