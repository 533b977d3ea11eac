/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From records to packets: the general way, with filter, links, tunnels and fragments. What is in
 * no flow is counted by why. */
#include "capture_parser.h"

#include <stdio.h>

#include "left_out.h"

void tb_capture_parser_ask(struct tb_capture_parser *parser, const struct tb_capture_request *request)
{
    tb_filter_start(&parser->filter, request->filter);
    parser->outer_only = request->outer_only;
}

static bool belongs_to_flow(struct tb_capture *counts, const struct tb_packet_record *record,
                            const struct tb_packet *packet, const struct tb_flow_key *key,
                            const struct tb_packet_headers *headers)
{
    if (packet->kind == TB_PACKET_TRANSPORT) {
        if (packet->protocol == TB_PROTOCOL_UDP)
            tb_left_out_look_for_tunnel(&counts->left_out, key);
        return true;
    }
    if (packet->kind == TB_PACKET_LATER_FRAGMENT || packet->kind == TB_PACKET_TUNNEL_FRAGMENT) {
        counts->later_fragments++;
        return packet->kind == TB_PACKET_LATER_FRAGMENT;
    }
    tb_left_out_count(counts, record, packet, headers);
    return false;
}

/* Most packets have none. */
static void count_encapsulations(struct tb_capture *counts, uint32_t encapsulations)
{
    for (unsigned i = 0; encapsulations >> i != 0; i++)
        counts->encapsulated[i] += encapsulations >> i & 1;
}

static bool decode(struct tb_capture_parser *parser, const struct tb_packet_record *record, struct tb_flow_packet *next,
                   struct tb_flow_key *key)
{
    struct tb_packet_headers headers;
    next->direction = tb_packet_decode(record, parser->outer_only, &next->packet, key, &headers);
    count_encapsulations(parser->counts, headers.encapsulations);
    return belongs_to_flow(parser->counts, record, &next->packet, key, &headers);
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
    *taken = passes && decode(parser, record, next, key);
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
    if (counts->packets == 0)
        counts->file_first_time = following->file_first_time;
    else
        counts->backward_steps += tb_capture_steps_back(counts->file_last_time, following->file_first_time);
    counts->file_last_time = following->file_last_time;
    counts->backward_steps += following->backward_steps;
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
    for (unsigned i = 0; i < TB_ENCAPSULATIONS; i++)
        counts->encapsulated[i] += following->encapsulated[i];
    tb_left_out_add(&counts->left_out, &following->left_out);
}

void tb_capture_parser_complete(struct tb_capture_parser *parser, struct tb_capture *capture)
{
    const struct tb_packet_drops drops = tb_packet_file_drops(&parser->file);
    tb_packet_file_settle(&parser->file);
    capture->dropped_known = drops.known;
    capture->dropped_packets = drops.packets;
    snprintf(capture->format, sizeof capture->format, "%s", parser->file.format);
    capture->link_type = parser->file.link_type;
    capture->snap_length = parser->file.snap_length;
}

void tb_capture_parser_free(struct tb_capture_parser *parser)
{
    tb_packet_file_close(&parser->file);
    tb_filter_free(&parser->filter);
}
