/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_DESIGN_H
#define TWINBED_SRC_STATS_DESIGN_H

/* The cells that hold values of a metric. */

#include <stdbool.h>

#include "twinbed/stats/sensitivity.h"

struct tb_design {
    const struct tb_layout *layout;
    size_t rows;     /* cells with values */
    size_t *cell;    /* owned; of each row */
    double *runs;    /* owned; values in it, a whole number */
    size_t values;   /* in all of them */
    size_t *numbers; /* owned; per category, 1 + the largest level */
    size_t *levels;  /* owned; per category, levels that occur among the rows */
    bool balanced;
};

/* stride: summaries of one metric are that far apart. */
TB_MUST_USE enum tb_status tb_design_open(struct tb_design *design, const struct tb_layout *layout,
                                          const struct tb_summary *summaries, size_t stride, struct tb_error *error);
void tb_design_close(struct tb_design *design);

/* Whether a category of the term has one level only. */
bool tb_design_has_one_level(const struct tb_design *design, size_t term);

#endif
