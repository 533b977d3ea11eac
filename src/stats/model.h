/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_MODEL_H
#define TWINBED_SRC_STATS_MODEL_H

/* Weighted least squares of rows on categories, where a category gives each row one of its groups, and each group has its own
 * mean.
 *
 * The groups of one category do not overlap, so that the largest category needs no equations: it is taken out by the means
 * of its groups (absorbed; Frisch, Waugh and Lovell). What remains is one equation for each group of the others, whatever the
 * number of rows: with a factor of 250 levels and some of a few, a few. They are solved by their triangular factors, in which groups
 * that depend on earlier ones are left out. A projection is made twice, the second time of what the first one left, so that
 * it is as exact as one on an orthonormal basis. */

#include "design.h"

/* The groups of a category, over the rows of a design. */
struct tb_grouping {
    size_t *group; /* owned; of each row, below count */
    size_t count;  /* none of them empty */
};

struct tb_model {
    const struct tb_design *design; /* borrowed */
    struct tb_grouping *groupings;  /* owned; the first is absorbed */
    size_t grouping_count;
    size_t *column; /* owned; where the equations of each grouping begin */
    size_t columns; /* equations, dependent ones included */
    size_t *kept;   /* owned; those that are independent */
    size_t kept_count;
    double *factor;   /* owned; L of those kept and D on its diagonal, a row for each, columns apart */
    double *absorbed; /* owned; of each absorbed group, its values */
    double *means;    /* owned; room for one value for each absorbed group */
    double *effects;  /* owned; room for columns */
    double *solution; /* owned; room for columns */
    double *fit;      /* owned; room for rows */
    bool fits;        /* there are at most TB_SENSITIVITY_COLUMNS equations; else there is no more than groupings */
    size_t rank;      /* independent groups, absorbed ones included */
};

/* Whether a term belongs to what is asked for. */
typedef bool tb_includes(const struct tb_layout *layout, size_t term, size_t asked);

/* A model of the mean of all and the terms for which includes says so. To be closed in any case. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_model_open(struct tb_model *model, const struct tb_design *design, tb_includes *includes,
                                         size_t asked, struct tb_error *error);
void tb_model_close(struct tb_model *model);

/* Takes what the model explains from values, one for each row; explained: room for that, or NULL. One thread at a time. */
void tb_model_take_out(struct tb_model *model, double *values, double *explained);

#endif
