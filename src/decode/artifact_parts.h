/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_ARTIFACT_PARTS_H
#define TWINBED_SRC_DECODE_ARTIFACT_PARTS_H

/* From an artifact to its part and back. A part begins with the format found in
 * the file, as text; then comes the packed result. */

#include "artifact_kinds.h"

/* How it went with one artifact, whatever the status. */
struct decode_outcome {
    bool reused;  /* a whole part was there */
    bool unsaved; /* nothing is wrong with the file: its part cannot be written */
};

/* Decodes the artifact's file and saves its part, unless a whole part is there.
 * Not collective, but that the rest of a team must follow until it is dismissed;
 * any thread, but outside of others' work with several threads or a team. */
TB_MUST_USE enum tb_status tb_artifact_decode(const struct decoding *decoding, size_t artifact,
                                              const struct workers *workers, struct decode_outcome *outcome,
                                              struct tb_error *error);

/* Reads the part of an artifact that was decoded; decodes again when it does not hold. */
TB_MUST_USE enum tb_status tb_artifact_load(const struct decoding *decoding, size_t artifact,
                                            struct artifact_content *content, struct tb_error *error);

/* Counts a trace inside the cuts, and saves that as a part of its own, unless it is there. The calls come from the list
 * that was made when the trace was decoded; where there is none the trace is decoded again, or, without workers, TB_NOT_FOUND. */
TB_MUST_USE enum tb_status tb_trace_decode_cuts(const struct decoding *decoding, size_t artifact,
                                                const struct workers *workers, const struct trace_cuts *cuts,
                                                struct tb_error *error);
/* Reads that part; counts again when it does not hold. *trace is the caller's to free. */
TB_MUST_USE enum tb_status tb_trace_load_cuts(const struct decoding *decoding, size_t artifact,
                                              const struct trace_cuts *cuts, struct tb_trace **trace,
                                              struct tb_error *error);

#endif
