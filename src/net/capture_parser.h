/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_CAPTURE_PARSER_H
#define TWINBED_SRC_NET_CAPTURE_PARSER_H

/* From the records of a capture to the packets that flows are made of. Every
 * record is counted on the way. */

#include "filter.h"
#include "flow.h"
#include "packet_file.h"

/* What a packet's place in the file tells. */
struct tb_packet_stamp {
    uint64_t number; /* among the packets of the file */
    uint64_t time;   /* ns since the epoch */
    uint64_t clock;  /* the latest time of any packet of the file up to this one */
};

struct tb_capture_parser {
    struct tb_packet_file file;
    struct tb_filter filter;
    struct tb_capture *counts; /* borrowed; its flows are left alone */
};

/* Gives the next packet that belongs to a flow; number and clock are as far as the records in counts tell. TB_END as
 * tb_packet_file_next; TB_USAGE for a bad filter expression. */
TB_MUST_USE enum tb_status tb_capture_parser_next(struct tb_capture_parser *parser, struct tb_packet *packet,
                                                  struct tb_packet_stamp *stamp, struct tb_error *error);

/* Where the stamp of a packet goes that is added to flows. */
static inline void tb_flow_packet_stamp(struct tb_flow_packet *packet, const struct tb_packet_stamp *stamp)
{
    packet->number = stamp->number;
    packet->time = stamp->time;
    packet->clock = stamp->clock;
}

/* Adds what was counted of the records that follow those in counts. */
void tb_capture_add_counts(struct tb_capture *counts, const struct tb_capture *following);

/* Completes a capture of which every packet was parsed: all but its flows. */
void tb_capture_parser_complete(struct tb_capture_parser *parser, struct tb_capture *capture);

void tb_capture_parser_free(struct tb_capture_parser *parser);

/* Last changes to the flows of a capture that is complete. */
void tb_capture_complete_flows(struct tb_capture *capture);

#endif
