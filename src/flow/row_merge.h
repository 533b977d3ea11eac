/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_ROW_MERGE_H
#define TWINBED_SRC_FLOW_ROW_MERGE_H

/* Rows of several runs, of one store or many, one after the other in the order of their first
 * packets.
 *
 * Add all runs, memories and streams; then take rows until TB_END; free. Each has a cursor with a
 * row at hand, and a heap gives the next. A failure (TB_MEMORY, TB_INPUT_OUTPUT, that of a stream)
 * ends the merge, which is then only to be freed. Rows from streams are checked: they come from
 * other ranks. */

#include "row_store.h"

/* The next row, packed (tb_flow_unpack). */
struct tb_packed_row {
    uint64_t first_packet;
    const uint8_t *data; /* borrowed until the next row */
    size_t size;
};

/* Rows that come from another process in order, in blocks: each behind its struct tb_row_head, none
 * cut. */
struct tb_row_stream {
    /* The next block, into an empty buffer, which stays so when there is none left. May wait. */
    enum tb_status (*next)(void *context, struct tb_buffer *block, struct tb_error *error);
    void *context;
};

/* Where one run, the memory of one store, or a stream is read. */
struct tb_row_cursor {
    const struct tb_row_store *store;   /* Borrowed; NULL of a stream. */
    const struct tb_row_stream *stream; /* borrowed */
    size_t place;                       /* in memory: behind the row at hand */
    uint64_t at;                        /* in the file: next to be read into the window */
    uint64_t end;
    uint8_t *window; /* owned; of a run or stream */
    size_t begin;    /* of what is left in the window */
    size_t filled;
    struct tb_packed_row row; /* at hand */
};

/* Zero it to start. */
struct tb_row_merge {
    struct tb_row_cursor *cursors; /* owned; a heap once it has begun: the first has the next row */
    size_t count;
    size_t capacity;
    bool begun;
};

/* Adds a run of a store; before the first row is taken. The store must not change until the merge
 * is freed. The next two add the rows that a store has in memory, which are in order, and a stream,
 * which is borrowed. */
TB_MUST_USE enum tb_status tb_row_merge_add_run(struct tb_row_merge *merge, const struct tb_row_store *store,
                                                const struct tb_row_run *run, struct tb_error *error);
TB_MUST_USE enum tb_status tb_row_merge_add_held(struct tb_row_merge *merge, const struct tb_row_store *store,
                                                 struct tb_error *error);
TB_MUST_USE enum tb_status tb_row_merge_add_stream(struct tb_row_merge *merge, const struct tb_row_stream *stream,
                                                   struct tb_error *error);

/* The next row, borrowed until the one after it is asked for. TB_END when there is none left. */
TB_MUST_USE enum tb_status tb_row_merge_next(struct tb_row_merge *merge, struct tb_packed_row *row,
                                             struct tb_error *error);

void tb_row_merge_free(struct tb_row_merge *merge);

#endif
