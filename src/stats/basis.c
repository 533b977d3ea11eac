/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "basis.h"

#include <math.h>
#include <stdlib.h>

/* Columns are made of roots of small integers: what depends on others is left
 * with about 1e-16 of its length, what does not with far more. */
static const double INDEPENDENT = 1e-8;

bool tb_basis_open(struct tb_basis *basis, size_t rows, size_t room)
{
    *basis = (struct tb_basis){.rows = rows, .room = room};
    basis->values = calloc(rows * room + 1, sizeof *basis->values);
    return basis->values != NULL;
}

void tb_basis_close(struct tb_basis *basis)
{
    free(basis->values);
    basis->values = NULL;
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

double tb_basis_remove(const struct tb_basis *basis, size_t from, size_t to, double *values)
{
    double held = 0;
    for (size_t d = from; d < to; d++) {
        const double *direction = basis->values + d * basis->rows;
        const double amount = dot(direction, values, basis->rows);
        for (size_t i = 0; i < basis->rows; i++)
            values[i] -= amount * direction[i];
        held += amount * amount;
    }
    return held;
}

void tb_basis_add(struct tb_basis *basis, double *column)
{
    const double before = sqrt(dot(column, column, basis->rows));
    if (before == 0 || basis->count == basis->room)
        return;
    /* Twice is enough: the second pass takes out what rounding left of the first. */
    tb_basis_remove(basis, 0, basis->count, column);
    tb_basis_remove(basis, 0, basis->count, column);
    const double after = sqrt(dot(column, column, basis->rows));
    if (after <= INDEPENDENT * before)
        return;
    double *direction = basis->values + basis->count * basis->rows;
    for (size_t i = 0; i < basis->rows; i++)
        direction[i] = column[i] / after;
    basis->count++;
}
