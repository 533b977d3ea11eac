/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_ROW_STORE_H
#define TWINBED_SRC_FLOW_ROW_STORE_H

/* Rows of flows that are over, until all flows of a capture are.
 *
 * They come in the order in which flows end and leave in that of their first packets. When those in
 * memory are many they are sorted and become a run in a file; when the runs of one level are many
 * they are merged into one of the next. So memory stays as it is, and each row is written a few
 * times at most.
 *
 *       tb_row_store_add -> held (4 MiB, packed) -> sorted: a run of level 0 in the file
 *                                                   32 runs of a level -> one of the next
 *       in the end       row_merge.h reads held and all runs, in order
 *
 * The file has no name (io/spill.h). One store is used by one thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/flow/flow_sink.h"
#include "twinbed/io/spill.h"

/* A packed row in memory. */
struct tb_row_place {
    uint64_t first_packet;
    size_t at; /* in held */
    size_t size;
};

/* Sorted rows in the file: each is a struct tb_row_head and its bytes. */
struct tb_row_run {
    uint64_t begin;
    uint64_t end;
    unsigned level; /* 0: written from memory; else merged from runs of the level below. */
};

/* What stands before a row in the file and in streams, in the machine's byte order: it never leaves
 * the job. */
struct tb_row_head {
    uint64_t first_packet;
    uint64_t size;
};

/* Bytes of rows in memory; runs of a level that are merged; bytes of each run in memory meanwhile. */
enum { TB_ROWS_HELD = 4 << 20, TB_ROW_RUNS = 32, TB_ROW_WINDOW = 64 << 10 };

/* Rows of one shard. tb_row_store_start starts it. */
struct tb_row_store {
    struct tb_buffer held;       /* Owned; packed rows, one behind the other, until they are written. */
    struct tb_row_place *places; /* Owned; of the rows in held. */
    size_t place_count;
    size_t place_capacity;
    struct tb_spill spill;
    struct tb_row_run *runs; /* Owned; in the order in which they were written. */
    size_t run_count;
    size_t run_capacity;
    uint64_t rows;         /* ever added */
    size_t held_most;      /* TB_ROWS_HELD */
    size_t runs_most;      /* TB_ROW_RUNS */
    enum tb_status status; /* Of the first failure; nothing is added after it. */
    struct tb_error error;
};

/* Begins an empty store. directory: where the file is to be; borrowed; NULL: all rows stay in
 * memory. */
void tb_row_store_start(struct tb_row_store *store, const char *directory);
/* Accepts a zeroed one. */
void tb_row_store_free(struct tb_row_store *store);

/* Adds a row, which is copied. No two rows have the same first packet. False: the store's status
 * and error say why. */
TB_MUST_USE bool tb_row_store_add(struct tb_row_store *store, const struct tb_flow *row);

/* Bytes at most that a store with a directory and the merging of its runs take: up to 2^32 rows and more. */
uint64_t tb_row_store_most(void);

/* Puts the rows in memory in order, before a merge reads them. */
void tb_row_store_sort(struct tb_row_store *store);

#endif
