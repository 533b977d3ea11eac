/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_ROWS_H
#define TWINBED_RESULTS_ROWS_H

/* Rows of one field, written by all ranks together. */

#include "layout.h"
#include "writer_limits.h"

/* A file that all ranks have open, and one of its fields. All borrowed. */
struct tb_field_target {
    const struct tb_team *team;
    const struct tb_writer_limits *limits;
    const char *path; /* where the file is now */
    hid_t file;
    const struct tb_field_description *field;
    const struct tb_shape *shape; /* of at least one value */
};

/* Writes count rows from first; data, in C order, may be NULL for none. Ranges of different ranks
 * do not overlap. More bytes than the limit go in several passes, of which all ranks make the same
 * number. Collective, also for ranks without rows; the status is agreed on. */
TB_MUST_USE enum tb_status tb_rows_write(const struct tb_field_target *target, uint64_t first, uint64_t count,
                                         const void *data, struct tb_error *error);

#endif
