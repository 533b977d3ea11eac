/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_CLOSING_H
#define TWINBED_SRC_ANALYSIS_CLOSING_H

/* What a job says when it has finished: everything that was asked for and is
 * not in the results. Notes are collected on rank 0; those of faults are shown
 * with --quiet too, and make the exit status 3. */

#include "job.h"

/* Rank 0 only. fault: something that was asked for is missing; else it is said for completeness. */
void tb_closing_note(struct job *job, bool fault, const char *format, ...) TB_PRINTF(3, 4);

/* Rank 0 only: remarks on artifacts (a fault or not, kind, text), those that differ in numbers only as one note. */
TB_MUST_USE enum tb_status tb_closing_note_remarks(struct job *job, struct tb_bytes remarks, struct tb_error *error);

/* The last stage: rank 0 says all notes, and every rank knows how many are faults. Collective. */
TB_MUST_USE enum tb_status tb_job_close(struct job *job, struct tb_error *error);

#endif
