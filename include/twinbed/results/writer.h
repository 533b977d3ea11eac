/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_WRITER_H
#define TWINBED_RESULTS_WRITER_H

/* Writes a results file: rank 0 creates it serially with all scales, texts and
 * attributes, then all ranks write numeric rows collectively. The file appears
 * under its final name only when tb_writer_finish succeeds.
 *
 * Order: tb_writer_create, any tb_writer_write, then tb_writer_finish or
 * tb_writer_abandon. All are collective, with the same field sequence on every
 * rank; a rank without rows calls with row_count 0. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/parallel/team.h"
#include "twinbed/results/schema.h"

struct tb_writer; /* opaque */

/* Rows of a piece of a table that is written while it is made, that of flows:
 * its chunks divide the piece, so that pieces that begin at a multiple of it
 * share none, and no chunk is compressed twice. */
enum { TB_PIECE_ROWS = 1 << 14 };

/* All values of a text field, in C order. */
struct tb_text_field {
    enum tb_field field;
    const char *const *values; /* borrowed during the call; NULL items are written as "" */
};

/* All values of a numeric field, in C order, of the field's type. */
struct tb_number_field {
    enum tb_field field;
    const void *values; /* borrowed during the call */
};

/* A name and a text, for root or /provenance attributes. */
struct tb_attribute {
    const char *name;
    const char *text;
};

struct tb_results_head {
    uint64_t sizes[TB_DIMENSIONS];     /* the same on every rank */
    const struct tb_text_field *texts; /* rank 0 only; every text field of the schema must be there */
    size_t text_count;
    /* Rank 0 only, optional: numeric fields that are small enough to be had whole in
     * one place. Written as the file is created, which spares a collective write of
     * each; tb_writer_write is then not called for them. */
    const struct tb_number_field *numbers;
    size_t number_count;
    const struct tb_attribute *root; /* rank 0 only: title, campaign, settings ... */
    size_t root_count;
    const struct tb_attribute *provenance; /* rank 0 only */
    size_t provenance_count;
};

/* TB_INPUT_OUTPUT when the file cannot be written, with the path. */
TB_MUST_USE enum tb_status tb_writer_create(const struct tb_team *team, const char *path,
                                            const struct tb_results_head *head, struct tb_writer **writer,
                                            struct tb_error *error);

/* Rows first .. first + count - 1 of the field's first dimension, in C order, of
 * the field's type. Ranks must not overlap. */
TB_MUST_USE enum tb_status tb_writer_write(struct tb_writer *writer, enum tb_field field, uint64_t first,
                                           uint64_t count, const void *data, struct tb_error *error);

/* Closes, syncs and renames. The writer is freed, whatever the outcome. */
TB_MUST_USE enum tb_status tb_writer_finish(struct tb_writer *writer, struct tb_error *error);

/* Closes and removes what was written. Accepts NULL (on every rank). */
void tb_writer_abandon(struct tb_writer *writer);

/* Names and versions of the libraries behind this room, as the libraries say them: "HDF5 1.10.8" (hdf5_error.c). */
void tb_store_libraries(char *text, size_t size);

/* True after a close that failed: then the HDF5 library holds a file that it can neither write nor forget, and crashes when MPI or
 * the process ends as usual. Leave with _exit, without MPI_Finalize. */
bool tb_writer_left_open(void);

#endif
