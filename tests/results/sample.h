/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_STORE_SAMPLE_H
#define TWINBED_TESTS_STORE_SAMPLE_H

/* Results made up by a formula that read_everywhere.py knows too. */

#include <stdint.h>

#include "twinbed/results/writer.h"

/* A few of everything; flows fill several chunks; sessions are none, so that there are empty fields. */
void sample_sizes(uint64_t *sizes);

/* The number that value i of a field is made of. */
uint64_t sample_number(enum tb_field field, uint64_t i);

/* Integers of the field stay below it; UINT64_MAX: it has none. */
uint64_t sample_limit(enum tb_field field, const uint64_t *sizes);

/* Value i of a field; the text is in a buffer of at least SAMPLE_TEXT_SIZE bytes. */
enum { SAMPLE_TEXT_SIZE = 64 };
int32_t sample_int32(enum tb_field field, const uint64_t *sizes, uint64_t i);
int64_t sample_int64(enum tb_field field, uint64_t i);
double sample_float64(enum tb_field field, uint64_t i);
const char *sample_text(enum tb_field field, uint64_t i, char *buffer);

/* Values of the first dimension, and values in one row. */
void sample_shape(enum tb_field field, const uint64_t *sizes, uint64_t *rows, uint64_t *row_values);

/* Rows first .. first + count - 1 of a numeric field; the caller frees them. */
void *sample_rows(enum tb_field field, const uint64_t *sizes, uint64_t first, uint64_t count);

/* A head with all texts; release it after use. */
struct tb_results_head sample_head(const uint64_t *sizes);
void sample_release(struct tb_results_head *head);

/* True when the file at path holds the sample: every value, attributes, provenance. Prints the first difference. */
int sample_is_in(const char *path, const uint64_t *sizes);

#endif
