/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_BASIS_H
#define TWINBED_SRC_STATS_BASIS_H

/* An orthonormal basis that grows column by column: least squares by projection.
 * Columns that depend on earlier ones add nothing, so that any dummy coding will
 * do. A term's sum of squares is the length of what its own directions hold, not a
 * difference of two residuals: a small effect beside a large one keeps its digits. */

#include <stdbool.h>
#include <stddef.h>

struct tb_basis {
    size_t rows;
    size_t room;    /* directions that fit */
    size_t count;   /* directions so far */
    double *values; /* owned; direction after direction */
};

/* False when memory is short. */
bool tb_basis_open(struct tb_basis *basis, size_t rows, size_t room);
void tb_basis_close(struct tb_basis *basis);

/* Adds the column's part that is new; column is spent. */
void tb_basis_add(struct tb_basis *basis, double *column);

/* Takes the directions from .. to - 1 out of values; what they held, squared and summed. */
double tb_basis_remove(const struct tb_basis *basis, size_t from, size_t to, double *values);

#endif
