/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_REMARKS_H
#define TWINBED_SRC_ANALYSIS_REMARKS_H

/* What is odd about an artifact that is used nevertheless, and what was left out
 * of it: packets that are not read, marks of losses, a version that is not known. */

#include "run_measures.h"

/* Of every artifact of the run that is used. */
void tb_remarks_make(const struct job *job, struct run_measures *run);

#endif
