/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_WRITERS_H
#define TWINBED_EXPORT_WRITERS_H

/* One writer for each format. It knows columns and cells, and no table. */

#include <stdio.h>

#include "columns.h"
#include "twinbed/base/containers.h"

/* A table that is being written. All borrowed but nodes. */
struct tb_writing {
    FILE *out; /* errors of writing stay in it until the end */
    const struct tb_column_item *const *columns;
    size_t count;
    int digits;
    size_t rows;           /* written so far */
    size_t graphs;         /* begun so far */
    int64_t key;           /* of the graph that is open */
    struct tb_index nodes; /* of that graph, by their text */
    bool short_of_memory;
};

/* A cell of a row as one text: what is in the cell, or is written into buffer (TB_EXPORT_NUMBER_SIZE bytes); "" when it is
 * missing. Counts and the levels of factors keep all their digits. Stands in number_text.c. */
const char *tb_writing_text(const struct tb_writing *writing, size_t column, const struct tb_export_cell *cell,
                            char *buffer);

/* A row is one pointer for each column. */
struct tb_export_writer {
    bool draws; /* needs columns that are keys, sources and targets */
    void (*begin)(struct tb_writing *writing);
    void (*row)(struct tb_writing *writing, const struct tb_export_cell *const *cells);
    void (*end)(struct tb_writing *writing);
};

/* The writers, each in a source of its name. */
extern const struct tb_export_writer tb_csv_writer;
extern const struct tb_export_writer tb_json_writer;
extern const struct tb_export_writer tb_latex_writer;
extern const struct tb_export_writer tb_dot_writer;
extern const struct tb_export_writer tb_graphml_writer;

#endif
