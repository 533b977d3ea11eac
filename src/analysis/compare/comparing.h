/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_COMPARING_H
#define TWINBED_SRC_ANALYSIS_COMPARING_H

/* What the steps of the comparison share, on rank 0. */

#include "analysis/job/job.h"
#include "twinbed/stats/robust.h"
#include "twinbed/stats/summary.h"

struct comparing {
    double *run_values;           /* owned; [run][metric] */
    double *scores;               /* owned; [run][metric], how far out a value lies */
    int32_t *outlying;            /* owned; [run][metric] */
    struct tb_summary *summaries; /* owned; [cell][metric] */
    int *incomparable;            /* owned; [metric]: values of different testbeds do not mean the same (contrasts) */
};

/* The metric's closeness threshold: the campaign's, else its own (compare.c). */
double tb_job_threshold(const struct job *job, const struct tb_metric *metric);

/* The metric's test is adjusted together with others: the family that the campaign chose has it (compare.c). */
bool tb_job_in_family(const struct job *job, const struct tb_metric *metric);

/* Why runs have no value, once the values of walks are there; notes what the closing lines say of it (run_reasons.c). */
TB_MUST_USE enum tb_status tb_job_add_reasons(struct job *job, const double *run_values, struct tb_error *error);

/* Every metric, for every contrast that the campaign has (contrasts.c). */
TB_MUST_USE enum tb_status tb_job_add_contrasts(struct job *job, const struct comparing *comparing,
                                                struct tb_error *error);
/* Which factor matters for which metric (sensitivity.c). */
TB_MUST_USE enum tb_status tb_job_add_sensitivity(struct job *job, const struct comparing *comparing,
                                                  struct tb_error *error);

#endif
