/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_RUN_DISTANCES_H
#define TWINBED_STATS_RUN_DISTANCES_H

/* Tests and pictures of a matrix of distances between runs. Matrices are
 * symmetric, count x count, row by row, with zeros on the diagonal. Labelings are tried in permutation.c, pictures
 * computed in scaling.c, those of many runs with axes.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* Labelings up to this number are all computed. */
#define TB_PERMUTATION_ALL 200000
/* Labelings drawn when there are more. */
#define TB_PERMUTATION_DRAWS 99999

struct tb_permutation_test {
    double within_first; /* mean distance of two runs of the first group; NaN with fewer than 2 */
    double within_second;
    double within;      /* mean over the pairs inside either group; NaN without any */
    double between;     /* mean over the pairs across */
    double statistic;   /* between - within */
    double p;           /* share of labelings with a statistic as great or greater; NaN without a statistic */
    uint64_t labelings; /* computed, the observed one included */
    bool all;           /* every labeling was computed, none drawn */
};

/* Are two groups of runs as far from each other as from themselves? second[i]
 * tells whether run i belongs to the second group; runs with used[i] false are
 * left out (used may be NULL). Labelings that tie with the observed one within
 * 1e-12 of the greatest distance count as as great. Draws are keyed by (seed,
 * draw), so that they are the same everywhere. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_permutation_test_compute(const double *distances, size_t count, const bool *second,
                                                       const bool *used, uint64_t seed,
                                                       struct tb_permutation_test *test, struct tb_error *error);

/* The same in blocks, which several threads may count at the same time, in any order. */
struct tb_labelings;
/* Draws of a block. */
#define TB_PERMUTATION_BLOCK 1000

/* distances is borrowed until the labelings are closed, which they are to be in any case. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_labelings_open(const double *distances, size_t count, const bool *second,
                                             const bool *used, uint64_t seed, struct tb_labelings **labelings,
                                             struct tb_error *error);
/* Accepts NULL. */
void tb_labelings_close(struct tb_labelings *labelings);
/* Blocks from 0 on; one when all labelings are computed, none without a statistic. */
size_t tb_labelings_blocks(const struct tb_labelings *labelings);
/* *reached: labelings of the block that are as great as the observed one. Any thread. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_labelings_count(const struct tb_labelings *labelings, size_t block, uint64_t *reached,
                                              struct tb_error *error);
/* The test, from the sum of what all blocks reached. */
void tb_labelings_test(const struct tb_labelings *labelings, uint64_t reached, struct tb_permutation_test *test);

/* Classical scaling: places runs in two dimensions so that the squares of their
 * distances come near squared, by the two greatest eigenvalues of the
 * double-centred matrix. The sign of each axis makes the first coordinate of
 * the greatest size positive. Coordinates of eigenvalues that are not above
 * 1e-12 of the trace are 0. places: [count][2]; explained: share of the
 * positive eigenvalues' sum of each axis, NaN when all runs are in one place.
 * Of more than TB_SCALING_ALL runs only the two greatest eigenvalues are
 * computed, in time proportional to squared, and the trace stands for that sum: squared must be
 * squares of distances in a space, as divergences are, which leaves no
 * eigenvalue below 0. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_classical_scaling(const double *squared, size_t count, double *places,
                                                double explained[2], struct tb_error *error);

#define TB_SCALING_ALL 256

/* P(chi squared with so many degrees of freedom >= statistic); NaN with none. */
double tb_chi_squared_p(double statistic, double degrees);

#endif
