/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_MEASURE_H
#define TWINBED_SRC_ANALYSIS_MEASURE_H

/* The stage in which parts become rows and values: every rank, its share of runs.
 * Collective; then all ranks know the sequences, and rank 0 all values. */

#include "analysis/job/job.h"

TB_MUST_USE enum tb_status tb_job_measure(struct job *job, struct tb_error *error);

#endif
