/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_INVALID_TRANSITIONS_H
#define TWINBED_SRC_ANALYSIS_INVALID_TRANSITIONS_H

/* Which transitions were invalid in the walks of a set. */

#include "analysis/job/job.h"

/* Adds up walks: how often each transition was invalid, and in how many of them. Zero it to start. */
struct invalid_transitions {
    struct tb_transitions occurrences;
    struct tb_transitions walks;
};

void tb_invalid_transitions_free(struct invalid_transitions *invalid);

/* Adds those of one walk, as tb_walk_score_listing lists them. All have one order. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_invalid_transitions_add(struct invalid_transitions *invalid,
                                                      const struct tb_transitions *walk, struct tb_error *error);

/* Appends a row for each, by name, that refers to a walk set of this rank. */
void tb_invalid_transitions_put(struct job *job, struct invalid_transitions *invalid, unsigned order, uint64_t set);

#endif
