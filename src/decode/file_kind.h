/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_FILE_KIND_H
#define TWINBED_SRC_DECODE_FILE_KIND_H

/* What a file is that nobody asked for yet: by what stands in it, whatever its name is. */

#include "twinbed/base/status.h"
#include "twinbed/campaign/campaign.h"

/* What was found of a file. */
struct file_kind {
    enum tb_artifact_kind kind; /* that reads it; TB_ARTIFACT_KINDS: none */
    const char *what;           /* "a system-call trace", "wrk output"; "" when nothing is known of it. Not owned. */
};

/* Looks at the first bytes, decompressed. TB_NOT_FOUND, TB_INPUT_OUTPUT (also for a directory), TB_MEMORY; a file that is
 * empty or broken at its beginning is one of which nothing is known. */
TB_MUST_USE enum tb_status tb_file_kind_find(const char *path, struct file_kind *found, struct tb_error *error);

/* After a campaign file could not be loaded: when it is something else that is known, the sentence says what, and which
 * command reads that. Gives status, or TB_USAGE with such a sentence. */
TB_MUST_USE enum tb_status tb_file_kind_explain(const char *path, enum tb_status status, struct tb_error *error);

#endif
