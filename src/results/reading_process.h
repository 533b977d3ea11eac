/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_READING_PROCESS_H
#define TWINBED_RESULTS_READING_PROCESS_H

/* The process in which HDF5 reads a results file. The library crashes, hangs and
 * takes any amount of memory on files that are made for it, so it has a process
 * of its own, which answers questions through a socket, and may
 *
 * - open no further file, whatever links, external data and plugins a file names,
 * - take no more memory than 256 MiB and twice the bytes of the file,
 * - compute for ten seconds, and one more for each MiB of the file,
 * - write nothing, dump no core, and say nothing on the terminal.
 *
 * What it answers is not to be trusted: it may be what the file made of it. */

#include <stdint.h>

#include "seal.h"
#include "twinbed/base/bytes.h"
#include "twinbed/results/schema.h"
#include "values.h"

/* Questions: a field by its number, and these. */
enum tb_question { TB_QUESTION_HEAD = TB_FIELDS, TB_QUESTION_ROOT, TB_QUESTION_PROVENANCE };

/* The answer to TB_QUESTION_HEAD; the others are those of contents.h. */
struct tb_contents_head {
    uint64_t sizes[TB_DIMENSIONS];
    uint8_t present[TB_FIELDS];
};

struct tb_reading_process; /* opaque */

/* Starts the process on an open file. path is for sentences, and borrowed. TB_INPUT_OUTPUT, TB_MEMORY. */
TB_MUST_USE enum tb_status tb_reading_start(int file, const char *path, uint64_t file_bytes,
                                            struct tb_reading_process **process, struct tb_error *error);

/* Appends the answer to an empty buffer, the caller's to free; of a field those rows, which it must have: expected bytes (a guess, for memory), most bytes at most;
 * of no bytes, too, data is not NULL. Its own failures, or TB_CORRUPT when it died or says too much; after these it can
 * be asked no more. */
TB_MUST_USE enum tb_status tb_reading_ask(struct tb_reading_process *process, unsigned question,
                                          struct tb_row_range rows, uint64_t expected, uint64_t most,
                                          struct tb_buffer *answer, struct tb_error *error);

/* Accepts NULL. */
void tb_reading_end(struct tb_reading_process *process);

#endif
