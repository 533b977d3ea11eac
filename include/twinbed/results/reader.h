/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_READER_H
#define TWINBED_RESULTS_READER_H

/* Reads a results file, without MPI. The file is input that may be damaged or made
 * to do harm: it is opened when its digest is right (results/seal.h), the HDF5
 * library sees it in a process of its own (results/reading_process.h), and every
 * value that this interface gives is allowed by its row of the schema. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/results/schema.h"

struct tb_results; /* opaque */

/* Reads the whole file once, for its digest. Forks; the new process ends with tb_results_close. TB_NOT_FOUND; TB_UNSUPPORTED
 * when the file is no results file of a version that this program reads; TB_CORRUPT when it is damaged; TB_INPUT_OUTPUT,
 * TB_MEMORY. Warns of fields that are not in the file. */
TB_MUST_USE enum tb_status tb_results_open(const char *path, struct tb_results **results, struct tb_error *error);
void tb_results_close(struct tb_results *results); /* accepts NULL */

/* 0 for a dimension that the file lacks; its fields have no values then. At most tb_dimension_most. */
uint64_t tb_results_size(const struct tb_results *results, enum tb_dimension dimension);

/* False when the file, of an older version, lacks the field. */
bool tb_results_has(const struct tb_results *results, enum tb_field field);

/* The whole field, in C order; read at the first call, kept until close, and
 * borrowed by the caller. NULL with a sentence when it cannot be read; a field
 * with no values gives a pointer that is not NULL. The type must be the field's.
 * All values are in the field's domain: indexes are rows of their table, flags have a word, texts are UTF-8, and the
 * counts of one field add up to at most 2^59. A field that the file lacks has missing values where its domain has one
 * (NaN, -1, an empty text), else it cannot be read. All fields together take at most 64 MiB and 256 times the bytes of
 * the file; more cannot be read. */
const int32_t *tb_results_int32(struct tb_results *results, enum tb_field field, struct tb_error *error);
const int64_t *tb_results_int64(struct tb_results *results, enum tb_field field, struct tb_error *error);
const double *tb_results_float64(struct tb_results *results, enum tb_field field, struct tb_error *error);
const char *const *tb_results_text(struct tb_results *results, enum tb_field field, struct tb_error *error);

/* Rows first .. first + count - 1 of a numeric field, in C order, into the
 * caller's values: for fields with more rows than memory should hold. A row is
 * one step of the first dimension. Nothing is kept. TB_INTERNAL for a text and
 * for rows that are not there. */
TB_MUST_USE enum tb_status tb_results_rows(struct tb_results *results, enum tb_field field, uint64_t first,
                                           uint64_t count, void *values, struct tb_error *error);

/* Text of a root attribute, or of a /provenance attribute; NULL when absent. Borrowed. */
const char *tb_results_attribute(struct tb_results *results, const char *name);
const char *tb_results_provenance(struct tb_results *results, const char *name);
/* Calls visit for every text attribute of the root, or of /provenance, in byte order of their names. */
typedef void (*tb_attribute_visit)(void *context, const char *name, const char *text);
void tb_results_each_attribute(struct tb_results *results, bool of_provenance, tb_attribute_visit visit, void *context);

#endif
