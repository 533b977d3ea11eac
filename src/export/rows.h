/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_ROWS_H
#define TWINBED_EXPORT_ROWS_H

/* The rows of a table, one after the other. Numbers over the table's first dimension are read a block of rows at a time;
 * what indexes lead to (names, levels, summaries) is held whole. */

#include "columns.h"

/* Bytes of a text that is made for a cell, as an address. */
enum { TB_EXPORT_TEXT_SIZE = 64 };

/* The place in a table, and the row there. */
struct tb_export_rows {
    struct tb_results *results;
    const struct tb_export_table *table;
    const struct tb_column_items *columns;
    uint64_t sizes[TB_TABLE_RANK_MAX];
    uint64_t position[TB_DIMENSIONS]; /* of the row, in each dimension of the table */
    uint64_t first, count;            /* rows of the first dimension in the block */
    uint64_t capacity;                /* ... and that fit */
    bool begun;
    void *block[TB_FIELDS];             /* owned; NULL: not looked up in blocks */
    const void *whole[TB_FIELDS];       /* borrowed of the results; NULL: not looked up whole */
    struct tb_export_cell *cells;       /* owned; of each column; those that are not needed are missing */
    char (*texts)[TB_EXPORT_TEXT_SIZE]; /* owned; texts that are made for a cell */
    char **repaired;                    /* owned, and so is each; texts that were no UTF-8 */
};

/* All borrowed until the rows are closed. TB_CORRUPT, TB_INPUT_OUTPUT, TB_MEMORY; nothing is to be closed then. */
TB_MUST_USE enum tb_status tb_export_rows_open(struct tb_export_rows *rows, struct tb_results *results,
                                               const struct tb_export_table *table,
                                               const struct tb_column_items *columns, struct tb_error *error);
/* Fills the cells with the next row; TB_END behind the last. TB_CORRUPT when an index or a flag is none. */
TB_MUST_USE enum tb_status tb_export_rows_next(struct tb_export_rows *rows, struct tb_error *error);
/* Frees what it owns, not the results. */
void tb_export_rows_close(struct tb_export_rows *rows);

#endif
