/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_CONTENTS_H
#define TWINBED_RESULTS_CONTENTS_H

/* A results file as the HDF5 library shows it. HDF5 crashes on some files that
 * are made for it, so this is called in a process that may die; see
 * reading_process.h. */

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/results/schema.h"
#include "values.h"

/* An open results file. */
struct tb_contents {
    const char *path; /* borrowed: for sentences */
    hid_t file;
    uint64_t file_bytes;
    uint64_t sizes[TB_DIMENSIONS]; /* 0 where the file lacks the dimension */
    bool present[TB_FIELDS];
};

/* Takes bytes in their order; false: no more of them are wanted. */
typedef bool (*tb_contents_take)(void *context, const void *data, size_t size);

/* Opens what stands at place, of file_bytes bytes, and looks at all of its structure before any value is read:
 *
 * - it holds the groups, dimensions and datasets of the schema and nothing else, each in its place and not by a soft
 *   or external link; some may be missing;
 * - each has the type and the dimensions of the schema, lies in the file itself, and went through no filters but those
 *   of twinbed;
 * - their bytes fit in the file, and the values in what compression can make of them.
 *
 * TB_UNSUPPORTED, TB_CORRUPT, TB_INPUT_OUTPUT. The process ends afterwards: nothing is closed. */
TB_MUST_USE enum tb_status tb_contents_open(struct tb_contents *contents, const char *path, const char *place,
                                            uint64_t file_bytes, struct tb_error *error);

/* Gives the values of some rows of a field that is present, in C order, block by block: numbers as the host has them, texts with a
 * NUL behind each. TB_CORRUPT when texts are longer than the file, TB_INPUT_OUTPUT when HDF5 cannot read them or take
 * says no. */
TB_MUST_USE enum tb_status tb_contents_read(const struct tb_contents *contents, enum tb_field field,
                                            struct tb_row_range rows, tb_contents_take take, void *context,
                                            struct tb_error *error);

/* Gives name, NUL, text, NUL for each text attribute of the root, or of /provenance, in the order of their names. Others are
 * passed over. */
TB_MUST_USE enum tb_status tb_contents_attributes(const struct tb_contents *contents, bool of_provenance,
                                                  tb_contents_take take, void *context, struct tb_error *error);

#endif
