/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_OUTPUT_FILE_H
#define TWINBED_BASE_OUTPUT_FILE_H

/* What a command writes, whichever command it is. Nothing is destroyed by it: not what the command itself reads, nothing
 * that is no regular file, and another file only when the user said so. The file is written beside its place and renamed,
 * so its name leads to all of it or to what was there before.
 *
 * tb_output_claim looks whether a file may be written and where; tb_output_open claims and opens; tb_output_finish or
 * tb_output_abandon ends. Not collective. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"

/* All borrowed. */
struct tb_output_request {
    const char *path;          /* as the user gave it; "-" is standard output */
    const char *const *inputs; /* paths that the command reads; NULL for none */
    size_t input_count;
    bool replace; /* --force: a regular file that is there may be replaced */
};

/* A file that is being written. */
struct tb_output {
    FILE *stream;  /* write here; not to be closed */
    char *target;  /* what it becomes; NULL: standard output */
    char *partial; /* where it is until then */
};

/* True for "-". */
bool tb_output_is_standard(const char *path);

/* Where the file will be: the path, or what a symbolic link there leads to. The caller frees *target. TB_CONFLICT when it
 * may not be written: a directory, device, FIFO or socket; one of the inputs, under whatever name; a link to nothing; a
 * file that is there and not to be replaced; "-". */
TB_MUST_USE enum tb_status tb_output_claim(const struct tb_output_request *request, char **target,
                                           struct tb_error *error);

/* Claims, and opens for writing. TB_CONFLICT as above, TB_INPUT_OUTPUT when it cannot be created. */
TB_MUST_USE enum tb_status tb_output_open(const struct tb_output_request *request, struct tb_output *output,
                                          struct tb_error *error);

/* Everything on disk under its name, or nothing there and the reason: TB_INPUT_OUTPUT. The output is over either way. */
TB_MUST_USE enum tb_status tb_output_finish(struct tb_output *output, struct tb_error *error);

/* Nothing remains. */
void tb_output_abandon(struct tb_output *output);

#endif
