/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_MEASURE_ROWS_H
#define TWINBED_SRC_ANALYSIS_MEASURE_ROWS_H

#include "run_measures.h"

/* Adds the rows of one run: run, artifacts, sequences, calls, threads, captures,
 * flows, sessions, counts and times of ab. Not collective. */
void tb_measure_rows_add(struct job *job, const struct run_measures *run);

/* Turns row numbers that are local to this rank into those of the file. Collective. */
TB_MUST_USE enum tb_status tb_measure_rows_place(struct job *job, struct tb_error *error);

/* Adds the rows of all resolved windows, on rank 0. */
void tb_measure_rows_windows(struct job *job);

#endif
