/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_MEASURE_RUN_H
#define TWINBED_SRC_ANALYSIS_MEASURE_RUN_H

/* From the parts of one run to its measures: what may be used is judged, and what is used is measured. */

#include "run_measures.h"

/* Loads and judges. Not collective. On TB_OK the caller frees (tb_run_measures_free). */
TB_MUST_USE enum tb_status tb_run_measures_load(const struct job *job, size_t run, struct run_measures *measures,
                                                struct tb_error *error);

/* Why a custom metric whose file is used has no value; borrowed from the run. */
const char *tb_custom_metric_problem(const struct job *job, const struct run_measures *run, size_t pair, size_t metric);

#endif
