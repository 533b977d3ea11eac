/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_DURABLE_H
#define TWINBED_BASE_DURABLE_H

/* Files that are there whole or not at all, also after a power cut. */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "twinbed/base/status.h"

/* Writes all bytes; goes on after interruptions and short writes. */
TB_MUST_USE enum tb_status tb_write_all(int file, const char *path, const void *data, size_t size,
                                        struct tb_error *error);

/* Reads up to size bytes at offset, fewer only at the end of the file; -1 with errno. */
ssize_t tb_read_all(int file, uint64_t offset, void *data, size_t size);

/* Waits until the bytes of a file that is open, or at path, are on the disk. */
TB_MUST_USE enum tb_status tb_sync_open_file(int file, const char *path, struct tb_error *error);
TB_MUST_USE enum tb_status tb_sync_file(const char *path, struct tb_error *error);

/* Renames within one directory and makes the new name durable. On failure the file has its old name. */
TB_MUST_USE enum tb_status tb_publish(const char *from, const char *to, struct tb_error *error);

/* Joins two texts into a new one, the caller's to free; NULL when memory is short. */
char *tb_join(const char *first, const char *second);

#endif
