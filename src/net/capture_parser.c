/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_parser.h"

#include <stdio.h>

static bool belongs_to_flow(struct tb_capture *counts, unsigned kind)
{
    switch (kind) {
    case TB_PACKET_LATER_FRAGMENT:
        counts->later_fragments++;
        return true;
    case TB_PACKET_TRANSPORT:
        return true;
    case TB_PACKET_OTHER_PROTOCOL:
        counts->other_protocol++;
        return false;
    case TB_PACKET_NOT_IP:
        counts->not_ip++;
        return false;
    default:
        counts->unparsed++;
        return false;
    }
}

static enum tb_status take_record(struct tb_capture_parser *parser, const struct tb_packet_record *record,
                                  struct tb_flow_packet *next, struct tb_flow_key *key, bool *taken,
                                  struct tb_error *error)
{
    struct tb_capture *counts = parser->counts;
    bool passes = true;
    tb_capture_count_record(counts, record, next);
    const enum tb_status status = tb_filter_match(&parser->filter, record, &passes, error);
    if (status != TB_OK)
        return status;
    counts->filtered += !passes;
    if (passes)
        next->way = tb_packet_decode(record, &next->packet, key);
    *taken = passes && belongs_to_flow(counts, next->packet.kind);
    return TB_OK;
}

enum tb_status tb_capture_parser_next(struct tb_capture_parser *parser, struct tb_flow_packet *next,
                                      struct tb_flow_key *key, struct tb_error *error)
{
    struct tb_packet_record record;
    enum tb_status status;
    bool taken = false;
    do {
        status = tb_packet_file_next(&parser->file, &record, error);
        if (status == TB_OK)
            status = take_record(parser, &record, next, key, &taken, error);
    } while (status == TB_OK && !taken);
    return status;
}

void tb_capture_add_counts(struct tb_capture *counts, const struct tb_capture *following)
{
    if (following->packets == 0)
        return;
    if (counts->packets == 0 || following->first_time < counts->first_time)
        counts->first_time = following->first_time;
    if (following->last_time > counts->last_time)
        counts->last_time = following->last_time;
    counts->packets += following->packets;
    counts->filtered += following->filtered;
    counts->not_ip += following->not_ip;
    counts->other_protocol += following->other_protocol;
    counts->unparsed += following->unparsed;
    counts->later_fragments += following->later_fragments;
    counts->cut_packets += following->cut_packets;
}

void tb_capture_parser_complete(struct tb_capture_parser *parser, struct tb_capture *capture)
{
    tb_packet_file_settle(&parser->file);
    snprintf(capture->format, sizeof capture->format, "%s", parser->file.format);
    capture->link_type = parser->file.link_type;
    capture->snap_length = parser->file.snap_length;
}

void tb_capture_parser_free(struct tb_capture_parser *parser)
{
    tb_packet_file_close(&parser->file);
    tb_filter_free(&parser->filter);
}
