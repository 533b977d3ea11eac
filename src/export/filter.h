/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_FILTER_H
#define TWINBED_EXPORT_FILTER_H

/* Which rows are written: terms "COLUMN=VALUE[,VALUE]...". */

#include "columns.h"

/* The columns that the terms name, by their order; borrowed terms. */
struct tb_row_filter {
    const char *const *terms;
    size_t count;
    size_t *columns; /* owned */
};

/* Marks the columns as needed. TB_USAGE when a term has no value or names no column, TB_MEMORY. */
TB_MUST_USE enum tb_status tb_row_filter_make(const struct tb_export_table *table, struct tb_column_items *columns,
                                              const char *const *terms, size_t count, struct tb_row_filter *filter,
                                              struct tb_error *error);
/* Frees what it owns; the terms are not. */
void tb_row_filter_free(struct tb_row_filter *filter);

/* Whether a row has one of the values of every term. Numbers are compared as they are written in full. */
bool tb_row_filter_passes(const struct tb_row_filter *filter, const struct tb_export_cell *cells);

#endif
