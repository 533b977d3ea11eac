/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_SUMMED_COUNTS_H
#define TWINBED_SRC_ANALYSIS_SUMMED_COUNTS_H

/* Transition counts of several sequences added up, one table per order. */

#include "analysis/job/job.h"

struct summed_counts {
    struct tb_transitions *tables; /* owned; one per order; NULL without sequences */
    size_t sequences;
};

/* All usable sequences of a cell, one role. The caller frees. */
TB_MUST_USE enum tb_status tb_summed_counts_of_cell(const struct job *job, size_t cell, enum tb_role role,
                                                    struct summed_counts *counts, struct tb_error *error);
/* All pairs of a run, one role; no sequences when one of the pairs has no usable one. */
TB_MUST_USE enum tb_status tb_summed_counts_of_run(const struct job *job, size_t run, enum tb_role role,
                                                   struct summed_counts *counts, struct tb_error *error);
void tb_summed_counts_free(const struct job *job, struct summed_counts *counts);

#endif
