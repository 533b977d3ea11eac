/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_EXPORT_EXPORT_H
#define TWINBED_EXPORT_EXPORT_H

/* Tables of a results file in the formats of other programs. A table is described once (src/export/tables.c): its rows
 * count one or more dimensions of the file, and its columns say what is looked up for a row. Every format writes every
 * table, save that graphs need a table of edges.
 *
 * Indexes become the names of what they point to, flags their words. A value that is missing in the file (NaN, a count
 * below zero, an index of -1) is missing: empty in CSV, null in JSON. Numbers are written as short as they can be and
 * still be read back the same, unless fewer digits are asked for. Not collective. */

#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"
#include "twinbed/base/words.h"
#include "twinbed/results/reader.h"

/* CSV: RFC 4180 with a line of names, lines that end with LF; a text that a spreadsheet would take for a formula stands
 * behind an apostrophe. JSON: an array with an object for each row; infinities are texts. LaTeX: a tabular for the package
 * booktabs. DOT and GraphML: a graph for each chain. */
#define TB_EXPORT_FORMAT_WORDS(WORD)                                                                                   \
    WORD(TB_EXPORT_CSV, csv)                                                                                           \
    WORD(TB_EXPORT_JSON, json)                                                                                         \
    WORD(TB_EXPORT_LATEX, latex) WORD(TB_EXPORT_DOT, dot) WORD(TB_EXPORT_GRAPHML, graphml)
enum tb_export_format { TB_EXPORT_FORMAT_WORDS(TB_WORD_ENUMERATOR) TB_EXPORT_FORMATS };

/* All borrowed. */
struct tb_export_request {
    const char *table;
    enum tb_export_format format;
    const char *columns;     /* names of the columns that are wanted, in order, with commas between; NULL: all */
    const char *const *only; /* "COLUMN=VALUE[,VALUE]...": rows that have one of the values; all of them must hold */
    size_t only_count;
    int digits; /* significant digits of numbers that are no counts, 1 to 17; 0: as many as are needed */
};

/* Writes one table to out. Reads the columns that it needs, a block of rows at a time: memory does not grow with the rows,
 * but with the names that they refer to. TB_USAGE when there is no such table or column, or the table is no graph;
 * TB_CORRUPT when an index points to nothing; TB_INPUT_OUTPUT when the file cannot be read or out cannot be written. What
 * was written before an error stays in out. */
TB_MUST_USE enum tb_status tb_export_write(struct tb_results *results, const struct tb_export_request *request,
                                           FILE *out, struct tb_error *error);

/* `list.c`. Writes for people which tables there are, or, of one, its columns: name, kind, unit, dataset, sentence. table may be NULL.
 * TB_USAGE when there is no such table, TB_NO_MEMORY. */
TB_MUST_USE enum tb_status tb_export_list(const char *table, FILE *out, struct tb_error *error);

#endif
