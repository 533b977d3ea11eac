/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_LAYOUT_H
#define TWINBED_RESULTS_LAYOUT_H

/* What a results file looks like before its rows are there: groups, dimension scales, datasets with
 * their types, chunks, filters and attributes, all from the rows of the schema (fields.def).
 *
 * One process makes it, without MPI; then all ranks open it and write rows (rows.h). Texts and
 * dimensions are written at once, as they are few. */

#include <hdf5.h>
#include <stdbool.h>

#include "twinbed/results/writer.h"

/* Shape of a field, from the sizes of the head. Sizes are checked: no product overflows. */
struct tb_shape {
    int rank;
    hsize_t sizes[TB_FIELD_RANK_MAX];
    hsize_t values;    /* product of all sizes */
    hsize_t row_bytes; /* one step of the first dimension */
    hsize_t piece;     /* rows that chunks must divide; 0: none */
};

/* TB_INTERNAL when the bytes do not fit 63 bits. */
TB_MUST_USE enum tb_status tb_shape_of(enum tb_field field, const uint64_t *sizes, struct tb_shape *shape,
                                       struct tb_error *error);

/* What values of a numeric field are in memory; H5I_INVALID_HID for text. Not owned. */
hid_t tb_memory_type(enum tb_type type);

/* Creates the file with everything but the numeric rows that all ranks write, in one process, without MPI. */
TB_MUST_USE enum tb_status tb_layout_create(const char *path, const struct tb_results_head *head,
                                            struct tb_error *error);

#endif
