/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_WORKLOADS_H
#define TWINBED_SRC_ANALYSIS_WORKLOADS_H

/* Whether the runs of a cell, and those of the baseline in the same scenario, did the same work. ab's text says with what
 * concurrency, and for which document of what length. Runs are spread over ranks, so rank 0 compares what all say and
 * tells what is odd; that is nothing in a good campaign. */

#include "run_measures.h"

/* Appends what the texts of ab of the run's pairs say, where they are used. Not collective. */
/* What texts call a completed unit of work, from the setting and how many texts of any rank are of a program that makes
 * requests, and of another. */
enum tb_work_unit tb_workloads_unit(const struct job *job, const uint64_t tools[2]);
/* Adds those of a run. */
void tb_workloads_count_tools(const struct run_measures *run, uint64_t tools[2]);

void tb_workloads_note(const struct job *job, const struct run_measures *run, struct tb_buffer *said);

/* said: of all runs of this rank, in order. odd, which must be empty, becomes the remarks (tb_remark_pack) on texts of ab
 * that say otherwise than most of their cell, or than most of the baseline's; the same on each rank. What as many runs
 * say as others is right when the first run says it. Collective. */
TB_MUST_USE enum tb_status tb_workloads_compare(const struct job *job, const struct tb_buffer *said,
                                                struct tb_buffer *odd, struct tb_error *error);

#endif
