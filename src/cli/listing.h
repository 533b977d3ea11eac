/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CLI_LISTING_H
#define TWINBED_SRC_CLI_LISTING_H

/* A table printed as text with aligned columns, CSV or JSON (an array of objects). */

#include <stdint.h>

#include "command.h"

/* What a cell holds. */
enum cell_kind { CELL_TEXT, CELL_INTEGER, CELL_NUMBER };

/* A column, static as a rule. */
struct listing_column {
    const char *name;
    int width; /* of the text form; negative: left-aligned */
};

/* A value; the member that kind says is set. */
struct listing_cell {
    enum cell_kind kind;
    const char *text;
    uint64_t integer;
    double number; /* NaN prints as nothing, in JSON as null */
};

/* A listing while it is printed. Set all but rows. */
struct listing {
    enum listing_format format;
    const struct listing_column *columns;
    size_t column_count;
    size_t rows;
};

/* Prints what stands before the rows; each row, whose cells are as many as columns; and what stands
 * behind them. Texts are printed as tb_printable_write does in the text form. Errors of writing
 * stay in the stream. */
void listing_begin(struct listing *listing);
void listing_row(struct listing *listing, const struct listing_cell *cells);
void listing_end(struct listing *listing);

#endif
