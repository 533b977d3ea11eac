/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_CHAINS_H
#define TWINBED_SRC_ANALYSIS_CHAINS_H

/* The stages that stand on transition counts, in this order; all collective. Each is a study (job/study.h): ranks take cells,
 * scenarios or windows from a queue. */

#include "analysis/job/job.h"

/* The chain of each cell. Then all ranks know all states. */
TB_MUST_USE enum tb_status tb_job_chains(struct job *job, struct tb_error *error);
/* Each cell's chain and that of its counterpart (chain_comparisons.c). */
TB_MUST_USE enum tb_status tb_job_compare_chains(struct job *job, struct tb_error *error);
/* How far the runs of each scenario are from each other (distances.c). */
TB_MUST_USE enum tb_status tb_job_distances(struct job *job, struct tb_error *error);
/* In each window each chain walked with each sequence (walks.c). */
TB_MUST_USE enum tb_status tb_job_walk(struct job *job, struct tb_error *error);
/* Walk profiles: the same along intervals of the sequences (walk_profiles.c). */
TB_MUST_USE enum tb_status tb_job_walk_profiles(struct job *job, struct tb_error *error);

#endif
