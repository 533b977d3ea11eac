/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H
#define TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H

/* One chunk of a capture that is parsed before it is known where the chunk
 * before it ends: from a place that looks like a record, with what was known of
 * the file some chunks ago. That is its precondition, which is validated when it
 * is known what came before. */

#include "chunks/chunks.h"
#include "packet_batch.h"

struct tb_capture_chunk {
    struct tb_capture_parser parser; /* its reader is lent to it */
    struct tb_capture counts;        /* of the chunk alone */
    struct tb_packet_batch batch;
    bool speculated; /* parsed from where a record seems to begin, without failure */
};

/* Zero it to start; range as in tb_packet_batch_prepare. To be freed in any case. */
TB_MUST_USE enum tb_status tb_capture_chunk_prepare(struct tb_capture_chunk *chunk,
                                                    const struct tb_capture_request *request,
                                                    const struct tb_shard_range *range, struct tb_error *error);
void tb_capture_chunk_free(struct tb_capture_chunk *chunk);

/* Empties the chunk, which then knows the file as known does. NULL: it is not to be speculated about. */
void tb_capture_chunk_start(struct tb_capture_chunk *chunk, const struct tb_packet_file *known);

/* Parses a chunk that is started, from the first place in its range that looks like a record, with a reader of a plain
 * file. */
void tb_capture_chunk_speculate(struct tb_capture_chunk *chunk, struct tb_chunk *range, struct tb_reader *reader);

/* True when what was parsed ahead is what decoder would have come to; decoder then moves to its end. Else the chunk is
 * emptied. */
bool tb_capture_chunk_validate(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder);

/* Parses with decoder what the chunk lacks. TB_END when that went well. */
TB_MUST_USE enum tb_status tb_capture_chunk_decode(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder,
                                                   struct tb_chunk *range, struct tb_error *error);

#endif
