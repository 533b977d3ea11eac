/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_LOAD_H
#define TWINBED_SRC_ANALYSIS_LOAD_H

/* The first stages: the campaign, known on every rank, and the output, which this job may write. Collective. */

#include "analysis/job/job.h"

TB_MUST_USE enum tb_status tb_job_load(struct job *job, struct tb_error *error);
TB_MUST_USE enum tb_status tb_job_claim(struct job *job, struct tb_error *error);
/* What parts there are. */
TB_MUST_USE enum tb_status tb_job_find_parts(struct job *job, struct tb_error *error);

#endif
