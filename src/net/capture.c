/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/net/capture.h"

#include <stdio.h>
#include <stdlib.h>

#include "filter.h"
#include "flow.h"
#include "packet_file.h"
#include "packet_sampler.h"
#include "test_sessions.h"

struct decoder {
    struct tb_packet_file file;
    struct tb_filter filter;
    struct tb_flows flows;
    struct tb_test_tracker tests;
    struct tb_packet_sampler sampler;
    bool sampled;
    struct tb_capture *capture; /* borrowed */
};

void tb_capture_free(struct tb_capture *capture)
{
    if (capture == NULL)
        return;
    free(capture->flows);
    tb_test_sessions_free(&capture->tests);
    tb_packet_sample_free(&capture->sample);
    free(capture);
}

/* Counts over every record, whatever the filter says. */
static void note_record(struct tb_capture *capture, const struct tb_packet_record *record)
{
    if (capture->packets == 0 || record->time < capture->first_time)
        capture->first_time = record->time;
    if (record->time > capture->last_time)
        capture->last_time = record->time;
    if (record->captured < record->original)
        capture->cut_packets++;
    capture->packets++;
}

static bool count_packet(struct decoder *decoder, enum tb_packet_kind kind)
{
    struct tb_capture *capture = decoder->capture;
    switch (kind) {
    case TB_PACKET_LATER_FRAGMENT:
        capture->later_fragments++;
        return tb_flows_add(&decoder->flows);
    case TB_PACKET_TRANSPORT:
        return tb_flows_add(&decoder->flows);
    case TB_PACKET_OTHER_PROTOCOL:
        capture->other_protocol++;
        return true;
    case TB_PACKET_NOT_IP:
        capture->not_ip++;
        return true;
    default:
        capture->unparsed++;
        return true;
    }
}

static enum tb_status take_record(struct decoder *decoder, const struct tb_packet_record *record,
                                  struct tb_error *error)
{
    struct tb_capture *capture = decoder->capture;
    const uint64_t number = capture->packets;
    note_record(capture, record);
    bool passes = true;
    const enum tb_status status = tb_filter_match(&decoder->filter, record, &passes, error);
    if (status != TB_OK)
        return status;
    if (!passes) {
        capture->filtered++;
        return TB_OK;
    }
    struct tb_flow_packet *next = tb_flows_next(&decoder->flows);
    next->number = number;
    next->time = record->time;
    tb_packet_decode(record, &next->packet);
    if (next->packet.test_packet && !tb_test_tracker_add(&decoder->tests, &next->packet, record->time))
        return tb_error_memory(error, "the test packets of a capture");
    if (decoder->sampled && !tb_packet_sampler_add(&decoder->sampler, &next->packet, record->time))
        return tb_error_memory(error, "the sample of a capture");
    if (!count_packet(decoder, next->packet.kind))
        return tb_error_memory(error, "the flows of a capture");
    return TB_OK;
}

static enum tb_status take_records(struct decoder *decoder, struct tb_error *error)
{
    struct tb_packet_record record;
    enum tb_status status;
    while ((status = tb_packet_file_next(&decoder->file, &record, error)) == TB_OK) {
        status = take_record(decoder, &record, error);
        if (status != TB_OK)
            return status;
    }
    if (status != TB_END)
        return status;
    if (!tb_flows_finish(&decoder->flows))
        return tb_error_memory(error, "the flows of a capture");
    if (!tb_test_tracker_finish(&decoder->tests, &decoder->capture->tests))
        return tb_error_memory(error, "the test packets of a capture");
    return tb_filter_check(&decoder->filter, error);
}

/* Both FINs are an end also where no SYN was captured. */
static bool is_open(const struct tb_flow *flow)
{
    return flow->ended == TB_FLOW_OPEN && (flow->side[0].fin_packets == 0 || flow->side[1].fin_packets == 0);
}

/* By tcptrace's rules an open connection is idle until the capture ends. */
static void extend_idle_times(struct tb_capture *capture)
{
    for (size_t i = 0; i < capture->flow_count; i++) {
        for (unsigned side = 0; side < 2 && is_open(&capture->flows[i]); side++) {
            struct tb_flow_detail *detail = &capture->flows[i].side[side].detail;
            const uint64_t end = capture->last_time - capture->last_time % 1000;
            if (detail->last_time != 0 && end > detail->last_time && end - detail->last_time > detail->idle_max)
                detail->idle_max = end - detail->last_time;
        }
    }
}

/* The flows change owner. */
static void complete(struct decoder *decoder)
{
    struct tb_capture *capture = decoder->capture;
    tb_packet_file_settle(&decoder->file);
    snprintf(capture->format, sizeof capture->format, "%s", decoder->file.format);
    capture->link_type = decoder->file.link_type;
    capture->snap_length = decoder->file.snap_length;
    capture->flows = decoder->flows.items;
    capture->flow_count = decoder->flows.count;
    decoder->flows.items = NULL;
    if (decoder->sampled)
        tb_packet_sampler_finish(&decoder->sampler, &capture->sample);
    if (capture->rules == TB_FLOW_RULES_TCPTRACE)
        extend_idle_times(capture);
}

enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                               struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture *read = calloc(1, sizeof *read);
    if (read == NULL)
        return tb_error_memory(error, "a capture");
    struct decoder decoder = {.capture = read, .flows.rules = request->rules, .sampled = request->sample};
    read->rules = request->rules;
    tb_packet_sampler_start(&decoder.sampler);
    tb_filter_start(&decoder.filter, request->filter);
    enum tb_status status = tb_packet_file_open(&decoder.file, source, &read->account, error);
    if (status == TB_OK)
        status = take_records(&decoder, error);
    if (status == TB_OK)
        complete(&decoder);
    tb_packet_file_close(&decoder.file);
    tb_flows_free(&decoder.flows);
    tb_test_tracker_free(&decoder.tests);
    tb_packet_sampler_free(&decoder.sampler);
    tb_filter_free(&decoder.filter);
    if (status != TB_OK) {
        tb_capture_free(read);
        return status;
    }
    *capture = read;
    return TB_OK;
}
