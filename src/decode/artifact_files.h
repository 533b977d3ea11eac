/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_ARTIFACT_FILES_H
#define TWINBED_SRC_DECODE_ARTIFACT_FILES_H

/* An artifact is one file, or several that its program wrote: a capture's one after the other, a trace's one for each
 * process. */

#include "twinbed/campaign/campaign.h"
#include "twinbed/io/digest.h"
#include "twinbed/io/source.h"

/* Opens all of it as one source. Fails as tb_source_open, tb_capture_open_files and tb_trace_open_files
 * do. */
TB_MUST_USE enum tb_status tb_artifact_open(const struct tb_artifact *artifact, struct tb_source **source,
                                            struct tb_error *error);

/* Of one file as tb_file_digest; of several that of their digests. "" where one cannot be read. */
void tb_artifact_digest(const struct tb_artifact *artifact, char digest[TB_DIGEST_TEXT_SIZE]);

#endif
