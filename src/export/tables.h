/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_TABLES_H
#define TWINBED_EXPORT_TABLES_H

/* Every table that can be exported, as descriptions. A new table is a row here: nothing else knows tables. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/status.h"
#include "twinbed/results/schema.h"

/* How a column is filled. */
enum tb_fill {
    TB_FILL_FIELD,    /* the field's value; an index as the name of what it points to, a flag as its word */
    TB_FILL_PLAIN,    /* the field's value as it stands: an index as a number, a negative number as that */
    TB_FILL_POSITION, /* where the row is in a dimension of the table, from 0: what columns of other tables refer to */
    TB_FILL_FACTORS,  /* one column for each factor of the campaign: the level of the scenario */
    TB_FILL_ADDRESS,  /* the field's bytes, as an address */
    TB_FILL_REST      /* one column for each field over the table's dimensions that no other column shows or goes by */
};

/* What a column is to a drawing of the table as graphs. */
enum tb_graph_part {
    TB_GRAPH_ATTRIBUTE, /* of the edge */
    TB_GRAPH_KEY,       /* rows with the same number are one graph */
    TB_GRAPH_TITLE,     /* of the graph */
    TB_GRAPH_SOURCE,
    TB_GRAPH_TARGET,
    TB_GRAPH_WEIGHT
};

/* The most indexes on the way to a field; the most dimensions of a table. */
enum { TB_VIA_MAX = 3, TB_TABLE_RANK_MAX = 3 };

/* Where the field has dimensions of the table, it is looked up at the row. via leads elsewhere: the first is an index that
 * is looked up at the row, each further one where the last points to, and then the field itself. It ends at the first
 * field that is no index. */
struct tb_export_column {
    const char *name; /* NULL: the dataset's without its dimension, or the position's dimension */
    enum tb_fill fill;
    enum tb_dimension dimension; /* of a position */
    enum tb_field field;
    enum tb_field via[TB_VIA_MAX];
    enum tb_graph_part part;
};

/* A table that can be exported. */
struct tb_export_table {
    const char *name;
    const char *sentence; /* what a row is */
    unsigned rank;
    enum tb_dimension dimensions[TB_TABLE_RANK_MAX]; /* a row for each combination, the last one running fastest */
    const struct tb_export_column *columns;
    size_t column_count;
    bool paired;       /* pairs that a run has not are no rows */
    const char *graph; /* the table that is drawn as graphs instead; NULL: this one, if it has edges */
    const char *needs; /* where rows come from, for people who find none; NULL: there is nothing to say */
};

/* Borrowed, constant. */
const struct tb_export_table *tb_export_table_at(size_t index); /* NULL behind the last */
/* TB_USAGE, with the nearest name, when there is none. */
TB_MUST_USE enum tb_status tb_export_table_find(const char *name, const struct tb_export_table **table,
                                                struct tb_error *error);

#endif
