/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_WORKLOAD_SOURCES_H
#define TWINBED_SRC_APP_WORKLOAD_SOURCES_H

/* Texts of lines (workload_text.c) and JSON summaries (workload_json.c), for workload_tools.c. */

#include "twinbed/app/workload_tools.h"
#include "twinbed/io/lines.h"

/* All of result but what is not known is set before: nothing is stated, times are NaN (apachebench.c). */
void tb_ab_clear(struct tb_apachebench *result);
/* Where a count stands (ab_counts.c). */
uint64_t *tb_ab_count_place(struct tb_apachebench *ab, enum tb_ab_count count);
void tb_ab_state(struct tb_apachebench *ab, enum tb_ab_count count, uint64_t value);
/* The place of a percentile, or NULL for one that is not kept. */
double *tb_ab_percentile_place(struct tb_apachebench *ab, double percent);

TB_MUST_USE enum tb_status tb_workload_read_text(struct tb_lines *lines, struct tb_apachebench *result,
                                                 struct tb_error *error);
TB_MUST_USE enum tb_status tb_workload_read_json(struct tb_reader *reader, struct tb_apachebench *result,
                                                 struct tb_error *error);

#endif
