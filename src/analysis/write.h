/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_WRITE_H
#define TWINBED_SRC_ANALYSIS_WRITE_H

/* The stage in which all columns of all ranks become the results file. Collective. */

#include "analysis/job/job.h"

TB_MUST_USE enum tb_status tb_job_write(struct job *job, struct tb_error *error);

#endif
