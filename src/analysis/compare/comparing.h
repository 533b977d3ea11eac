/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_COMPARING_H
#define TWINBED_SRC_ANALYSIS_COMPARING_H

/* What the steps of the comparison share. Every rank compares the cells of a contiguous share of scenarios: their contrasts
 * then make whole families. Values of all runs are there on each, as a reference may be in any scenario. */

#include "analysis/job/job.h"
#include "twinbed/stats/robust.h"
#include "twinbed/stats/summary.h"

struct comparing {
    const double *run_values;     /* borrowed; [run][metric], of all runs */
    size_t first_cell, cells;     /* of this rank */
    size_t first_run, runs;       /* of these cells */
    size_t most_runs;             /* of any cell of the campaign */
    double *scores;               /* owned; [own run][metric], how far out a value lies */
    int32_t *outlying;            /* owned; [own run][metric] */
    struct tb_summary *summaries; /* owned; [own cell][metric] */
    int *incomparable;            /* owned; [metric]: values of different testbeds do not mean the same (contrasts) */
};

/* Values of one metric in a cell, of which there is room for most_runs; returns how many (compare.c). */
size_t tb_job_cell_values(const struct job *job, const struct comparing *comparing, size_t cell, size_t metric,
                          double *values);

/* The metric's closeness threshold: the campaign's, else its own (compare.c). */
double tb_job_threshold(const struct job *job, const struct tb_metric *metric);

/* The metric's test is adjusted together with others: the family that the campaign chose has it (compare.c). */
bool tb_job_in_family(const struct job *job, const struct tb_metric *metric);

/* Rank 0: why runs have no value, once the values of walks are there; notes what the closing lines say of it (run_reasons.c). */
TB_MUST_USE enum tb_status tb_job_add_reasons(struct job *job, const double *run_values, struct tb_error *error);

/* Every metric, for every contrast of this rank's cells; marks what is incomparable. Not collective (contrasts.c). */
TB_MUST_USE enum tb_status tb_job_add_contrasts(struct job *job, const struct comparing *comparing,
                                                struct tb_error *error);
/* Which factor matters for which metric: each rank computes a share of metrics, rank 0 gets the rows. Collective
 * (sensitivity.c). */
TB_MUST_USE enum tb_status tb_job_add_sensitivity(struct job *job, const struct comparing *comparing,
                                                  struct tb_error *error);

#endif
