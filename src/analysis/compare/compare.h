/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_COMPARE_H
#define TWINBED_SRC_ANALYSIS_COMPARE_H

/* The stages that compare metrics; both collective. */

#include "analysis/job/job.h"

/* Summaries, contrasts and shares of variance of all metrics. */
TB_MUST_USE enum tb_status tb_job_compare(struct job *job, struct tb_error *error);
/* The calls that stand behind the differences of contrasts (call_differences.c). */
TB_MUST_USE enum tb_status tb_job_call_differences(struct job *job, struct tb_error *error);

#endif
