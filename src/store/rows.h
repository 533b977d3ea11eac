/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STORE_ROWS_H
#define TWINBED_STORE_ROWS_H

#include "layout.h"

/* Bytes that one rank writes in one collective call. */
enum { TB_ROWS_PASS_BYTES = 64 << 20 };

/* Writes count rows from first of a field with at least one value. Collective,
 * also for ranks without rows; the status is agreed on. */
TB_MUST_USE enum tb_status tb_rows_write(const struct tb_team *team, hid_t file, const char *path,
                                         const struct tb_field_description *field, const struct tb_shape *shape,
                                         uint64_t first, uint64_t count, const void *data, uint64_t pass_bytes,
                                         struct tb_error *error);

#endif
