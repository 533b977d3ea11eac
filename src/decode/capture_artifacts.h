/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_CAPTURE_ARTIFACTS_H
#define TWINBED_SRC_DECODE_CAPTURE_ARTIFACTS_H

/* Captures: the functions of their row in the table of kinds (artifact_kinds.h).
 *
 * A capture's part holds what its flows add up to; their rows, if asked for, are parts of their own
 * (flow_parts.h). Who has both need not read the capture again. */

#include "artifact.h"
#include "flow_parts.h"
#include "twinbed/capture/packet_trail.h"

/* The functions of the row, as artifact_kind describes them, down to follow. */
bool tb_capture_artifact_recognise(const uint8_t *data, size_t size);
void tb_capture_artifact_add_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                                 struct tb_buffer *key);
bool tb_capture_artifact_is_complete(const struct decoding *decoding, size_t artifact);
TB_MUST_USE enum tb_status tb_capture_artifact_read(struct reading *reading, struct artifact_content *content,
                                                    struct tb_error *error);
void tb_capture_artifact_follow(const struct decoding *decoding, size_t artifact, bool first,
                                const struct tb_team *team, uint64_t *begins);

/* The rows of the flows of a capture that was decoded. What reader had open is closed. */
TB_MUST_USE enum tb_status tb_capture_open_rows(const struct decoding *decoding, size_t artifact,
                                                struct flow_reader *reader, struct tb_error *error);

/* Reads the capture once more for packets of one of its flows (tb_packet_trail_read). Not collective. */
TB_MUST_USE enum tb_status tb_capture_artifact_trail(const struct decoding *decoding, size_t artifact,
                                                     const struct tb_stalled_flow *flow, struct tb_packet_trail *trail,
                                                     struct tb_error *error);

#endif
