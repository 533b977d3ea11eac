/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_ABSENCES_H
#define TWINBED_SRC_ANALYSIS_ABSENCES_H

/* Why one run has no value of a metric, in words: what became of the artifact
 * that the metric stands on, or of the units that it is divided by. */

#include "analysis/job/reasons.h"
#include "run_measures.h"

/* Adds the reason to the list and returns its number; NO_REASON for a value that is there. A list that ran out of memory
 * has failed set. Not collective. */
int32_t tb_absence_reason(const struct job *job, const struct run_measures *run, size_t pair,
                          const struct tb_metric *metric, enum tb_absence absence, struct reason_list *reasons);

#endif
