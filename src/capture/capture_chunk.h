/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H
#define TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H

/* One chunk of a capture that is parsed before it is known where the chunk before it ends: from a
 * place that looks like a record, with what was known of the file some chunks ago. That is its
 * precondition, which is validated when it is known what came before.
 *
 *       prepare once -> start -> speculate (any worker) -> validate (the leader) -> decode what it lacks (the leader)
 *                         ^                                                              |
 *                         +----- the next chunk of that slot <--- shards take the batch -+
 *
 * One chunk belongs to one slot of the engine (chunks/chunks.h) and is used by one thread at a
 * time. What is parsed waits in its batch. */

#include "chunks/chunks.h"
#include "packet_batch.h"

/* The workspace of a slot. */
struct tb_capture_chunk {
    struct tb_capture_parser parser; /* Its reader is lent to it while it speculates. */
    struct tb_capture counts;        /* Of the chunk alone, records of no flow included. */
    struct tb_packet_batch batch;    /* The packets that belong to flows. */
    bool speculated;                 /* parsed from where a record seems to begin, without failure */
};

/* Makes room. Zero the chunk before; range as in tb_packet_batch_prepare. The request's filter is
 * borrowed. TB_MEMORY. To be freed in any case. */
TB_MUST_USE enum tb_status tb_capture_chunk_prepare(struct tb_capture_chunk *chunk,
                                                    const struct tb_capture_request *request,
                                                    const struct tb_shard_range *range, struct tb_error *error);
void tb_capture_chunk_free(struct tb_capture_chunk *chunk);

/* Empties the chunk, which then knows the file as known does. NULL: it is not to be speculated about. */
void tb_capture_chunk_start(struct tb_capture_chunk *chunk, const struct tb_packet_file *known);

/* Parses a chunk that is started, from the first place in its range that looks like a record, with
 * a reader of a plain file. Whatever fails only leaves less, or nothing, to be committed. */
void tb_capture_chunk_speculate(struct tb_capture_chunk *chunk, struct tb_chunk *range, struct tb_reader *reader);

/* True when what was parsed ahead is what decoder would have come to; decoder then moves to its
 * end. Else the chunk is emptied, and decoder is as it was. */
bool tb_capture_chunk_validate(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder);

/* Parses with decoder what the chunk lacks, up to the end of the range. TB_END when that went well;
 * TB_MEMORY, TB_USAGE for a bad filter, TB_INPUT_OUTPUT. */
TB_MUST_USE enum tb_status tb_capture_chunk_decode(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder,
                                                   struct tb_chunk *range, struct tb_error *error);

#endif
