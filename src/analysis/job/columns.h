/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_COLUMNS_H
#define TWINBED_SRC_ANALYSIS_COLUMNS_H

/* The rows of the results file that this rank holds, one growing column a field.
 *
 * Each rank holds the rows of a contiguous share of runs, cells and windows in
 * order, so the rows of rank 0, then of rank 1, and so on are the rows of the
 * file, whatever the number of ranks. Tables that exist once are filled on rank
 * 0 alone. */

#include <stdint.h>

#include "twinbed/parallel/team.h"
#include "twinbed/results/writer.h"

struct tb_columns {
    struct tb_buffer column[TB_FIELDS]; /* host order; texts as tb_buffer_put_text writes them */
};

void tb_columns_free(struct tb_columns *columns);

/* Each field by its type, TB_INT32_RUN_TESTBED: what appends a value of another type does not compile. */
enum {
#define FIELD(NAME, path, type, dimensions, unit, sentence) TB_##type##_##NAME = TB_FIELD_##NAME,
#define FLAGS(NAME, path, dimensions, sentence, words) TB_INT32_##NAME = TB_FIELD_##NAME,
#include "twinbed/results/fields.def"
};

/* Append one value. The type must be the field's. */
void tb_column_put_int32(struct tb_columns *columns, enum tb_field field, int64_t value);
void tb_column_put_int64(struct tb_columns *columns, enum tb_field field, int64_t value);
void tb_column_put_float64(struct tb_columns *columns, enum tb_field field, double value);
void tb_column_put_text(struct tb_columns *columns, enum tb_field field, const char *value);

/* Values appended to a numeric field so far. */
uint64_t tb_column_length(const struct tb_columns *columns, enum tb_field field);

/* Columns whose values are numbers of rows of another table, counted from the first row that these columns hold, are set off by
 * so many rows when others come before; rows: a column of that table. Not those that are negative. */
void tb_columns_shift(struct tb_columns *columns, enum tb_field rows, int64_t offset);

/* Appends all values of all columns, as bytes for tb_columns_append of the same build of the program. */
void tb_columns_pack(const struct tb_columns *columns, struct tb_buffer *buffer);
/* Puts such rows behind those that are there; what refers to rows among them refers to where these are now. TB_INTERNAL when
 * the bytes do not unpack; whether memory was short is found when columns are written. */
TB_MUST_USE enum tb_status tb_columns_append(struct tb_columns *columns, struct tb_bytes bytes, struct tb_error *error);

/* The values of one numeric field of all ranks, in the order of ranks, go to rank 0. Collective. */
TB_MUST_USE enum tb_status tb_column_gather(const struct tb_team *team, struct tb_columns *columns, enum tb_field field,
                                            struct tb_error *error);

/* The rows of one dimension that are made while they are written, in pieces of
 * TB_PIECE_ROWS, rather than held: the columns of that dimension stay empty. */
struct tb_streamed_rows {
    enum tb_dimension dimension;
    uint64_t rows; /* of all ranks; more than TB_PIECE_ROWS, so that no column is small */
    /* Appends rows first .. first + count - 1 to the columns of that dimension. Not collective; any rank, any piece. */
    enum tb_status (*fill)(void *context, uint64_t first, uint64_t count, struct tb_columns *columns,
                           struct tb_error *error);
    void *context;
};

struct tb_results_names {
    const char *path;
    const struct tb_attribute *root; /* rank 0 only */
    size_t root_count;
    const struct tb_attribute *provenance; /* rank 0 only */
    size_t provenance_count;
    uint64_t fixed_sizes[TB_DIMENSIONS]; /* of dimensions that are no table's rows (pair, address byte, ...); else 0 */
};

/* Writes all columns of all ranks as one results file; streamed may be NULL. Collective. */
TB_MUST_USE enum tb_status tb_columns_write(const struct tb_team *team, struct tb_columns *columns,
                                            const struct tb_results_names *names,
                                            const struct tb_streamed_rows *streamed, struct tb_error *error);

#endif
