/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_PACKED_H
#define TWINBED_SRC_IO_PACKED_H

/* A compressed stream as its reader sees it: blocks in order, which the reader fills itself or takes from decompressors in
 * threads of their own. Whoever fills them, the bytes, what is said of damage and the account in the end are the same. */

#include "source_kind.h"

struct tb_packed; /* opaque */

/* A stream at its beginning; raw's file, memory and name are borrowed. room: TB_BLOCK_ROOM, or less, which is then all that a
 * decompressor gives at a time. */
TB_MUST_USE enum tb_status tb_packed_open(const struct tb_source_kind *kind, const struct tb_raw *raw, size_t room,
                                          struct tb_packed **packed, struct tb_error *error);
/* Lets up to so many threads decompress a stream from which nothing has been read. Each takes pieces of at least
 * piece_least compressed bytes. Without memory or threads for it, fewer do. */
void tb_packed_start_threads(struct tb_packed *packed, int threads, uint64_t piece_least);
/* As tb_source_read: up to size bytes, in order; *got is 0 with TB_END at the end. */
TB_MUST_USE enum tb_status tb_packed_read(struct tb_packed *packed, void *data, size_t size, size_t *got,
                                          struct tb_error *error);
/* What became of the pieces that the reader has come to. */
struct tb_pieces {
    uint64_t taken;    /* read to their end */
    uint64_t repeated; /* thrown away: their beginnings were none */
};
/* How it went with them so far. */
struct tb_pieces tb_packed_pieces(const struct tb_packed *packed);
/* Of the file, with the last block that was read from. */
uint64_t tb_packed_consumed(const struct tb_packed *packed);
/* Accepts NULL. */
void tb_packed_close(struct tb_packed *packed);

#endif
