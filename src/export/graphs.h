/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_GRAPHS_H
#define TWINBED_EXPORT_GRAPHS_H

/* What formats of graphs share: the row's cells by what they are to a graph. */

#include "writers.h"

/* Whether a row belongs to another graph than the one before it; if so it is the open one from here on. */
bool tb_graphs_turn(struct tb_writing *writing, const struct tb_export_cell *const *cells);

/* The cell of the first column that is the part, "" when it is missing or there is none. buffer as for a cell's text. */
const char *tb_graphs_part(const struct tb_writing *writing, const struct tb_export_cell *const *cells,
                           enum tb_graph_part part, char *buffer);

/* What tells the graph from others: "virtio, 500B, server, order 1"; the caller frees it. NULL when memory is short. */
char *tb_graphs_title(const struct tb_writing *writing, const struct tb_export_cell *const *cells);

/* Whether a column is a property of edges: the weight, and what is no other part. */
bool tb_graphs_is_property(const struct tb_column_item *column);

#endif
