/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_VALUES_H
#define TWINBED_RESULTS_VALUES_H

/* The values of one field of a results file, as they came out of it: what its row
 * of the schema does not allow is refused, so that nobody else needs to look. */

#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/status.h"
#include "twinbed/results/schema.h"

/* Rows of a field's first dimension. */
struct tb_row_range {
    uint64_t first;
    uint64_t count;
};

/* A field and where it comes from. */
struct tb_values {
    const char *path; /* of the file, for sentences */
    enum tb_field field;
    const uint64_t *sizes; /* of all dimensions */
    uint64_t count;
};

/* TB_CORRUPT when a number is out of its domain, or counts add up to more than 2^59: sums of them never overflow. */
TB_MUST_USE enum tb_status tb_values_check(const struct tb_values *values, const void *numbers, struct tb_error *error);

/* Turns count texts, each with its NUL, into one block: the pointers, a NULL, and the bytes they point to, the caller's
 * to free. TB_CORRUPT when there are more or fewer, or they are no UTF-8; TB_MEMORY. */
TB_MUST_USE enum tb_status tb_values_take_texts(const struct tb_values *values, const struct tb_buffer *bytes,
                                                const char ***texts, struct tb_error *error);

/* What stands for a field that an older file lacks: NaN, -1, empty texts. One block, the caller's to free. TB_NOT_FOUND
 * when the field has no value for that, TB_MEMORY. */
TB_MUST_USE enum tb_status tb_values_missing(const struct tb_values *values, void **block, struct tb_error *error);

#endif
