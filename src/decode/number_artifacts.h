/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_NUMBER_ARTIFACTS_H
#define TWINBED_SRC_DECODE_NUMBER_ARTIFACTS_H

/* Files of numbers as artifacts: those of custom metrics, and those of completed units of work. */

#include "artifact.h"

/* Reads the numbers of all metrics of the file. A number that is not there makes no damage of the file, but for who looks
 * at it only: then the first problem is the error. */
TB_MUST_USE enum tb_status tb_number_artifact_read(struct reading *reading, struct artifact_content *content,
                                                   struct tb_error *error);
/* The other functions of both rows, as artifact_kind describes them. */
void tb_number_artifact_add_key(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                                struct tb_buffer *key);
void tb_number_artifact_pack(const struct artifact_content *content, struct tb_buffer *buffer);
TB_MUST_USE bool tb_number_artifact_unpack(struct artifact_content *content, struct tb_bytes *bytes);
void tb_number_artifact_describe(const struct artifact_content *content, char text[TB_FORMAT_TEXT_SIZE]);

TB_MUST_USE enum tb_status tb_work_artifact_read(struct reading *reading, struct artifact_content *content,
                                                 struct tb_error *error);
void tb_work_artifact_add_key(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                              struct tb_buffer *key);

#endif
