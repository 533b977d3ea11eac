/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_PART_KEYS_H
#define TWINBED_SRC_DECODE_PART_KEYS_H

/* The keys of parts are texts that name all that decides what is decoded. */

#include "decoding.h"

/* Appends to a key; what does not fit a line of it makes the buffer fail. */
void tb_key_add(struct tb_buffer *key, const char *format, ...) TB_PRINTF(2, 3);

/* The version of parts, and the artifact's kind, path below the campaign's root, size and time of change. */
void tb_key_add_identity(const struct decoding *decoding, size_t artifact, struct tb_buffer *key);

/* That, and the settings that decide what is decoded of its kind. */
void tb_key_begin(const struct decoding *decoding, size_t artifact, struct tb_buffer *key);

/* Makes a text of it. */
TB_MUST_USE enum tb_status tb_key_end(struct tb_buffer *key, struct tb_error *error);

#endif
