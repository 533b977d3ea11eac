/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TRACE_ARTIFACTS_H
#define TWINBED_SRC_DECODE_TRACE_ARTIFACTS_H

/* Traces: the functions of their row in the table of kinds (artifact_kinds.h). */

#include "artifact.h"
#include "trace_cuts.h"

/* The functions of the row, as artifact_kind describes them; with what only traces need. */
bool tb_trace_artifact_recognise(const uint8_t *data, size_t size);
/* Whether it is a text that a tracer wrote, which nobody can cut. */
bool tb_trace_source_is_text(const struct tb_source *source);
void tb_trace_artifact_add_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                               struct tb_buffer *key);
TB_MUST_USE enum tb_status tb_trace_artifact_read(struct reading *reading, struct artifact_content *content,
                                                  struct tb_error *error);
void tb_trace_artifact_follow(const struct decoding *decoding, size_t artifact, bool first, const struct tb_team *team,
                              uint64_t *begins);

/* Counts inside cuts as reading does, from the list of calls that was made when the trace was decoded. TB_NOT_FOUND when
 * there is no whole list. */
TB_MUST_USE enum tb_status tb_trace_artifact_recount(const struct decoding *decoding, size_t index,
                                                     const struct trace_cuts *cuts, struct artifact_content *content,
                                                     struct tb_error *error);

#endif
