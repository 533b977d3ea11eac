/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_COLUMNS_H
#define TWINBED_EXPORT_COLUMNS_H

/* The columns of a table as a results file has them: with a name, a kind and a unit each, one for each factor of the
 * campaign, and one for each field that the description leaves to the schema. */

#include <stdbool.h>
#include <stddef.h>

#include "tables.h"
#include "twinbed/base/status.h"
#include "twinbed/results/reader.h"

/* What a value is. */
enum tb_value_kind { TB_VALUE_MISSING, TB_VALUE_TEXT, TB_VALUE_INTEGER, TB_VALUE_NUMBER };

/* One value of a row. The text is UTF-8, and borrowed until the next row. */
struct tb_export_cell {
    enum tb_value_kind kind;
    const char *text;
    int64_t integer;
    double number; /* may be infinite */
};

/* A column of a table, resolved for one results file. */
struct tb_column_item {
    char *name;              /* owned; may hold any text: factors have the names that the campaign gives them */
    enum tb_value_kind kind; /* of every value that is there */
    const char *unit;        /* "" when there is none, or a column beside it names it */
    const char *sentence;
    enum tb_graph_part part;
    enum tb_fill fill;
    enum tb_dimension dimension;   /* of a position */
    enum tb_field field;           /* TB_FIELDS for a position */
    enum tb_field via[TB_VIA_MAX]; /* indexes that lead to the field */
    unsigned hops;                 /* how many of them */
    enum tb_field named;           /* the field that names what the value points to; TB_FIELDS for what is no index */
    size_t factor;                 /* of the levels of a factor */
    bool needed;                   /* its values are wanted, or decide which rows are */
};

/* Starts with {0}. */
struct tb_column_items {
    struct tb_column_item *items; /* owned */
    size_t count;
};

/* results may be NULL: then one column stands for all factors. TB_MEMORY, or why the factors cannot be read. */
TB_MUST_USE enum tb_status tb_column_items_make(const struct tb_export_table *table, struct tb_results *results,
                                                struct tb_column_items *items, struct tb_error *error);
/* Frees the columns; {0} is accepted. */
void tb_column_items_free(struct tb_column_items *items);

/* TB_USAGE with a sentence when the table has no such column; name is not NUL-ended. */
TB_MUST_USE enum tb_status tb_column_items_find(const struct tb_export_table *table,
                                                const struct tb_column_items *items, const char *name, size_t length,
                                                size_t *index, struct tb_error *error);

#endif
