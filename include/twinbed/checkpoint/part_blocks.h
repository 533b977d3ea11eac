/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CHECKPOINT_PART_BLOCKS_H
#define TWINBED_CHECKPOINT_PART_BLOCKS_H

/* Parts that are written and read in blocks, because there is no room in memory
 * for a whole one. They are parts like others (parts.h): tb_part_exists checks
 * one whole. Each block says how many items it holds, so that a reader can go to
 * an item without reading those before it, and has a checksum of its own. No
 * function here is collective; a writer or reader belongs to one thread. */

#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"

struct tb_part_writer; /* opaque */

/* Nobody sees the part before tb_part_end. TB_INPUT_OUTPUT (also a full disk). */
TB_MUST_USE enum tb_status tb_part_begin(const char *directory, const char *key, struct tb_part_writer **writer,
                                         struct tb_error *error);
TB_MUST_USE enum tb_status tb_part_put(struct tb_part_writer *writer, uint64_t items, const void *data, size_t size,
                                       struct tb_error *error);
/* The writer is freed, whatever the outcome. */
TB_MUST_USE enum tb_status tb_part_end(struct tb_part_writer *writer, struct tb_error *error);
/* Nothing is left of it. Accepts NULL. */
void tb_part_abandon(struct tb_part_writer *writer);

struct tb_part_reader; /* opaque */

/* TB_NOT_FOUND when there is no part of that key, or one whose head does not hold. */
TB_MUST_USE enum tb_status tb_part_open(const char *directory, const char *key, struct tb_part_reader **reader,
                                        struct tb_error *error);
/* Items of the next block, which stays the next. TB_END behind the last,
 * TB_CORRUPT when there cannot be such a block. */
TB_MUST_USE enum tb_status tb_part_look(struct tb_part_reader *reader, uint64_t *items, struct tb_error *error);
/* The next block, after tb_part_look: over it, or into block, whose bytes are replaced.
 * TB_CORRUPT when its checksum does not hold. */
void tb_part_skip(struct tb_part_reader *reader);
TB_MUST_USE enum tb_status tb_part_take(struct tb_part_reader *reader, struct tb_buffer *block, struct tb_error *error);
/* Accepts NULL. */
void tb_part_close(struct tb_part_reader *reader);

#endif
