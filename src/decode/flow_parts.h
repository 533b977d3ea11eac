/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_FLOW_PARTS_H
#define TWINBED_SRC_DECODE_FLOW_PARTS_H

/* The rows of a capture's flows are parts of their own, beside the capture's: blocks, as there is no room in memory for all,
 * and a list of how many rows each block has, which is saved last. */

#include "twinbed/checkpoint/parts.h"
#include "twinbed/flow/flow_sink.h"

/* Saves the rows of one capture. */
struct flow_part {
    struct tb_flow_sink sink; /* for the capture's request */
    struct tb_parts *parts;   /* borrowed */
    const char *key;          /* borrowed; of the list */
    struct tb_buffer list;    /* owned; u64 rows of each block so far */
};

/* Begins to save under a key, that of the list; nothing is there under it until the end. parts and
 * key are borrowed. */
void tb_flow_part_start(struct tb_parts *parts, const char *key, struct flow_part *part);
/* When the capture was read: all is saved on TB_OK. */
TB_MUST_USE enum tb_status tb_flow_part_finish(struct flow_part *part, struct tb_error *error);
/* To be called in any case. */
void tb_flow_part_free(struct flow_part *part);

/* Whether the list and all its blocks are whole. key: of the list. */
bool tb_flow_part_exists(struct tb_parts *parts, const char *key);

/* Reads the rows of one capture. Zero it to start. */
struct flow_reader {
    struct tb_parts *parts; /* borrowed */
    char *key;              /* owned; NULL: nothing is open */
    struct tb_buffer list;  /* owned */
    size_t next;            /* block */
};

/* TB_NOT_FOUND when there is no such list, or it does not hold. What was open is closed. */
TB_MUST_USE enum tb_status tb_flow_reader_open(struct tb_parts *parts, const char *key, struct flow_reader *reader,
                                               struct tb_error *error);
/* Closes what is open, if anything is. */
void tb_flow_reader_close(struct flow_reader *reader);
/* Says how many rows the next block has; false behind the last. */
TB_MUST_USE bool tb_flow_reader_look(const struct flow_reader *reader, uint64_t *rows);
/* Passes over the next block; or, the other function, reads it into block, whose bytes are
 * replaced. TB_NOT_FOUND when it does not hold. */
void tb_flow_reader_skip(struct flow_reader *reader);
TB_MUST_USE enum tb_status tb_flow_reader_take(struct flow_reader *reader, struct tb_buffer *block,
                                               struct tb_error *error);

#endif
