/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_PARSER_H
#define TWINBED_SRC_CAPTURE_CAPTURE_PARSER_H

/* From the records of a capture to the packets that flows are made of. Every record is counted on
 * the way.
 *
 *       record -> counted -> passes the filter? -> headers -> of a flow: given, with the key of its endpoints
 *                               no: filtered                  else: counted as left out
 *
 * tb_capture_parser_next is the general way. Most packets of the usual file take a shorter one,
 * which is inline: see_plain, then take_plain or pass_plain. Both come to the same counts. One
 * parser is used by one thread at a time. */

#include "flow/flow.h"
#include "packet/filter.h"
#include "packet/packet_decode.h"
#include "packet/packet_file.h"
#include "twinbed/capture/capture.h"
#include "twinbed/flow/capture_request.h"

/* Zero it, ask (tb_capture_parser_ask), and open the file. */
struct tb_capture_parser {
    struct tb_packet_file file;
    struct tb_filter filter;
    struct tb_capture *counts; /* Borrowed; its flows are left alone. May be changed between two records. */
    bool outer_only;           /* as in the request */
};

/* Whether from the time of a packet to that of the next in the file the clock was set back, not
 * just two packets exchanged. */
static inline bool tb_capture_steps_back(uint64_t time, uint64_t next)
{
    return next < time && time - next > TB_BACKWARD_NS;
}

/* Counts a record, whatever the filter says, and gives its place in the file: number and clock go
 * by the records in counts. */
static inline void tb_capture_count_record(struct tb_capture *counts, const struct tb_packet_record *record,
                                           struct tb_flow_packet *next)
{
    const bool first = counts->packets == 0;
    next->number = counts->packets++;
    next->time = record->time;
    if (first)
        counts->file_first_time = record->time;
    else
        counts->backward_steps += tb_capture_steps_back(counts->file_last_time, record->time);
    counts->file_last_time = record->time;
    if (first || record->time < counts->first_time)
        counts->first_time = record->time;
    if (record->time > counts->last_time)
        counts->last_time = record->time;
    next->clock = counts->last_time;
    counts->cut_packets += record->captured < record->original;
}

/* Sets what is asked of packets; the request's filter is borrowed. */
void tb_capture_parser_ask(struct tb_capture_parser *parser, const struct tb_capture_request *request);

/* Gives the next packet that belongs to a flow, and the key of its endpoints; number and clock are
 * as far as the records in counts tell. TB_END as tb_packet_file_next; TB_USAGE for a bad filter
 * expression; TB_MEMORY, TB_INPUT_OUTPUT. */
TB_MUST_USE enum tb_status tb_capture_parser_next(struct tb_capture_parser *parser, struct tb_flow_packet *next,
                                                  struct tb_flow_key *key, struct tb_error *error);

/* Whether that is a plain packet of the usual file: neither a fragment nor a test packet. False where
 * tb_capture_parser_next must look. */
static inline bool tb_capture_parser_see_plain(const struct tb_capture_parser *parser, struct tb_packet_record *record)
{
    return parser->filter.expression == NULL && tb_packet_file_see_plain(&parser->file, record) &&
           tb_packet_is_plain(record);
}

/* Takes the plain packet that was seen, in the direction that tb_packet_plain_key gave. */
static inline void tb_capture_parser_take_plain(struct tb_capture_parser *parser, struct tb_packet_record *record,
                                                uint32_t direction, struct tb_flow_packet *next)
{
    tb_packet_file_pass_plain(&parser->file, record);
    tb_capture_count_record(parser->counts, record, next);
    tb_packet_decode_plain(record, &next->packet);
    next->direction = direction;
}

/* Passes over the plain packet that was seen: it is counted, and of no flow here. */
static inline void tb_capture_parser_pass_plain(struct tb_capture_parser *parser, struct tb_packet_record *record)
{
    struct tb_flow_packet passed;
    tb_packet_file_pass_plain(&parser->file, record);
    tb_capture_count_record(parser->counts, record, &passed);
}

/* Adds what was counted of the records that follow those in counts; accounts of bytes are not among
 * that. */
void tb_capture_add_counts(struct tb_capture *counts, const struct tb_capture *following);

/* Completes a capture of which every packet was parsed: all but its flows. */
void tb_capture_parser_complete(struct tb_capture_parser *parser, struct tb_capture *capture);

/* Closes the file, not its source, and frees the filter's programs. */
void tb_capture_parser_free(struct tb_capture_parser *parser);

#endif
