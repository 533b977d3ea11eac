/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_MESSAGES_H
#define TWINBED_SRC_CAPTURE_CAPTURE_MESSAGES_H

/* What the members of a team tell each other, beside packets (packet_pack.h), as bytes. Unpacking takes any bytes. */

#include "capture_chunk.h"
#include "twinbed/base/bytes.h"

/* What is known of a file where a round begins. False when it is too much. */
TB_MUST_USE bool tb_capture_known_pack(const struct tb_packet_file *file, struct tb_buffer *buffer);
/* For the same file, opened here. False when nothing can be guessed with that. */
TB_MUST_USE bool tb_capture_known_unpack(struct tb_packet_file *file, struct tb_bytes *bytes);

/* What the lead learns of a segment. */
struct segment_news {
    struct tb_packet_file file; /* where it began, what it assumed and where it came to; the rest is 0 */
    struct tb_account account;
    struct tb_capture counts;
    bool tried;                /* a filter */
    struct tb_bytes fragments; /* packets that only the lead can tell their shards */
    struct tb_bytes tests;     /* packets that look like test packets */
};

void tb_segment_news_pack(const struct tb_capture_chunk *parsed, const struct tb_buffer *fragments,
                          const struct tb_buffer *tests, struct tb_buffer *buffer);
/* False for bytes that are none; *guessed is false when the segment was not parsed to its end. */
TB_MUST_USE bool tb_segment_news_unpack(struct segment_news *news, bool *guessed, struct tb_bytes *bytes);

/* What the flows of complete shards add up to, as those of one; rows stay. */
void tb_capture_flows_pack(struct tb_flows *const *shards, size_t count, struct tb_buffer *buffer);
/* Into a zeroed one, which the caller frees in any case. */
TB_MUST_USE bool tb_capture_flows_unpack(struct tb_flows *flows, const struct tb_capture_request *request,
                                         struct tb_bytes *bytes);

#endif
