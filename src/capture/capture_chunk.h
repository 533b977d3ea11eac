/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H
#define TWINBED_SRC_CAPTURE_CAPTURE_CHUNK_H

/* One piece of a capture that is parsed before it is known where the piece
 * before it ends: from a guessed beginning, with what was known of the file some
 * pieces ago. Whether all that was right is decided when it is known. */

#include "packet_batch.h"

struct tb_capture_chunk {
    struct tb_capture_parser parser;   /* its own source, reader and filter */
    struct tb_source *source;          /* owned */
    struct tb_capture counts;          /* of the segment alone */
    struct tb_packet_batch batches[2]; /* one is filled while flows take from the other */
    uint64_t begin;                    /* its records begin here at the earliest ... */
    uint64_t end;                      /* ... and before this */
    bool guessed;                      /* parsed from a guessed beginning, without failure */
};

/* Zero it to start. source is opened again; it must be plain when it has bytes to guess in. */
TB_MUST_USE enum tb_status tb_capture_chunk_open(struct tb_capture_chunk *segment, const struct tb_source *source,
                                                 const char *filter, uint16_t shards, struct tb_error *error);
void tb_capture_chunk_close(struct tb_capture_chunk *segment);

/* Sets the segment's range, empties it, and copies what is known of the file; decoder may go on afterwards. Without
 * guess the segment is only emptied. */
void tb_capture_chunk_start(struct tb_capture_chunk *segment, const struct tb_capture_parser *decoder, uint64_t begin,
                            uint64_t end, unsigned batch, bool guess);

/* Leaves the segment's reader at the first place in its range that looks like a record. False when there is none. */
TB_MUST_USE bool tb_capture_chunk_find(struct tb_capture_chunk *segment);

/* Parses the segment from the first place in its range that looks like a record. */
void tb_capture_chunk_guess(struct tb_capture_chunk *segment, unsigned batch);

/* Parses with the decoder what the segment lacks: nothing when its guess agrees with where the decoder stands, which
 * then moves to its end; else all of it. *joined tells which. */
TB_MUST_USE enum tb_status tb_capture_chunk_settle(struct tb_capture_chunk *segment, struct tb_capture_parser *decoder,
                                                   unsigned batch, bool *joined, struct tb_error *error);

#endif
