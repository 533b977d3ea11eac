/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_REMARKS_H
#define TWINBED_SRC_ANALYSIS_REMARKS_H

/* What is odd about an artifact that is used nevertheless, and what was left out
 * of it: packets that are not read, marks of losses, a version that is not known. */

#include "run_measures.h"

/* Of every artifact of the run that is used. */
void tb_remarks_make(const struct job *job, struct run_measures *run);

/* Remarks as bytes, in the order of artifacts, of which one may have several. */
void tb_remark_pack(struct tb_buffer *remarks, size_t artifact, bool fault, const char *text);
/* Those of the run's artifacts that have one. */
void tb_remarks_pack(const struct run_measures *run, struct tb_buffer *remarks);

enum { REMARK_LISTS = 2 };
/* Fills the column of remarks for all artifacts of this rank, from lists that may hold others' as well, and closing with
 * what tb_closing_note_remarks takes. Not collective. */
TB_MUST_USE enum tb_status tb_remarks_put(struct job *job, const struct tb_buffer lists[REMARK_LISTS],
                                          struct tb_buffer *closing, struct tb_error *error);

#endif
