/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_SPILL_H
#define TWINBED_IO_SPILL_H

/* A file for what memory has no room for. It has no name, so nothing is left of
 * it however its process ends. One thread at a time. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

struct tb_spill {
    const char *directory; /* borrowed */
    int file;              /* descriptor + 1; 0: not open yet */
    uint64_t size;         /* bytes appended */
};

/* The directory must be there at the first append, which opens the file. */
void tb_spill_start(struct tb_spill *spill, const char *directory);

/* Adds bytes at the end. TB_INPUT_OUTPUT names the directory (also a full disk). */
TB_MUST_USE enum tb_status tb_spill_append(struct tb_spill *spill, const void *data, size_t size,
                                           struct tb_error *error);

/* Reads bytes that were appended: [offset, offset + size). TB_INTERNAL for others. */
TB_MUST_USE enum tb_status tb_spill_read(const struct tb_spill *spill, uint64_t offset, void *data, size_t size,
                                         struct tb_error *error);

/* These bytes are read no more: their room is given back, where the file system can. */
void tb_spill_release(const struct tb_spill *spill, uint64_t offset, uint64_t size);

/* Accepts a zeroed one. */
void tb_spill_close(struct tb_spill *spill);

#endif
