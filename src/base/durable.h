/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_DURABLE_H
#define TWINBED_BASE_DURABLE_H

/* Files that are there whole or not at all, also after a power cut.
 *
 * Write under another name, sync, publish. Statuses are TB_INPUT_OUTPUT with the path and what the
 * system said, but for what is said below. All functions may be called by several threads, for
 * different files. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "twinbed/base/status.h"

/* Writes all bytes at the file's position; goes on after interruptions and short writes. path is
 * for the sentence. */
TB_MUST_USE enum tb_status tb_write_all(int file, const char *path, const void *data, size_t size,
                                        struct tb_error *error);

/* Reads up to size bytes at offset, fewer only at the end of the file; -1 with errno. The file's
 * position stays. */
ssize_t tb_read_all(int file, uint64_t offset, void *data, size_t size);

/* Waits until the bytes of a file that is open, or at path, are on the disk. */
TB_MUST_USE enum tb_status tb_sync_open_file(int file, const char *path, struct tb_error *error);
TB_MUST_USE enum tb_status tb_sync_file(const char *path, struct tb_error *error);

/* Renames within one directory and makes the new name durable. On failure the file has its old name. */
TB_MUST_USE enum tb_status tb_publish(const char *from, const char *to, struct tb_error *error);

/* Joins two texts into a new one, the caller's to free; NULL when memory is short. */
char *tb_join(const char *first, const char *second);

#endif
