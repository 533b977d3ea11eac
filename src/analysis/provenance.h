/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_PROVENANCE_H
#define TWINBED_SRC_ANALYSIS_PROVENANCE_H

/* What the results say of how they came about. */

#include "analysis/job/job.h"
#include "attributes.h"

/* Attributes of the root: the campaign and its settings, every one of them. They depend on the campaign file and the
 * options alone. */
void tb_provenance_settings(const struct job *job, struct attributes *root);

/* Attributes of /provenance: program, libraries, hosts, the campaign file, all that depends on the job. */
void tb_provenance_job(const struct job *job, const struct tb_buffer *hosts, struct attributes *provenance);

/* Names of the hosts of all ranks, on rank 0, each once for neighbouring ranks. Collective. */
TB_MUST_USE enum tb_status tb_provenance_hosts(const struct job *job, struct tb_buffer *hosts, struct tb_error *error);

#endif
