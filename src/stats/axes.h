/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_AXES_H
#define TWINBED_SRC_STATS_AXES_H

/* The two greatest eigenvalues of -1/2 J S J, S a symmetric matrix and J what takes the mean away, without that matrix and without its
 * other eigenvalues.
 *
 * They are found in the space that a block of vectors spans with what the matrix makes of it again and again (block Lanczos,
 * every vector held at right angles to all before). A block has several vectors, as an eigenvalue may be there more than
 * once: three testbeds that are equally far from each other have one twice. The numbers it begins with depend on their places
 * alone, so the result does on S alone. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/status.h"

/* squared: S, count x count. vectors: room for two of count values, one after the other, which get length 1. *found is false
 * when they are not exact enough when the space has as many vectors as are tried. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_axes_find(const double *squared, size_t count, double values[2], double *vectors,
                                        bool *found, struct tb_error *error);

#endif
