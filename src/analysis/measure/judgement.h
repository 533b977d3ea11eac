/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_JUDGEMENT_H
#define TWINBED_SRC_ANALYSIS_JUDGEMENT_H

/* Which artifacts of a run may be used. Each is judged for one thing after the
 * other: is it there, is it whole, does it hold the workload, did it lose
 * something, does it agree with what others say of the same run. The first
 * judgement stands. */

#include "run_measures.h"

/* Not there, not decoded, of a discarded run. */
void tb_judge_existence(const struct job *job, struct run_artifact *artifact);
void tb_judge_damage(const struct job *job, const struct tb_account *account, struct run_artifact *artifact);

/* The tables of -e and -g of a pair, whose ab is known. False when memory is short. */
TB_MUST_USE bool tb_judge_ab_tables(const struct job *job, struct run_measures *run, size_t pair);

/* The captures of a pair, whose ab and completed units are known: without flows on the server port a capture says nothing
 * of the workload; else it is set beside the other records. False when memory is short. */
TB_MUST_USE bool tb_judge_captures(const struct job *job, struct run_measures *run, size_t pair);

/* A trace artifact that has a sequence. False when memory is short. */
TB_MUST_USE bool tb_judge_trace(const struct job *job, struct run_measures *run, size_t place);

/* Everything of a run that is left out. */
void tb_judge_discarded(struct run_measures *run);

#endif
