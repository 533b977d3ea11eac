/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_JOINED_H
#define TWINBED_SRC_IO_JOINED_H

/* Several files as one stream, for source.c. One of them is open at a time, however many there are. */

#include "twinbed/io/source.h"

struct tb_joined; /* opaque */

/* See tb_source_open_files. On TB_OK *joined is the caller's to free. */
TB_MUST_USE enum tb_status tb_joined_open(const char *const *paths, size_t count, uint64_t repeated,
                                          struct tb_joined **joined, struct tb_error *error);
/* The same files, at their beginning. */
TB_MUST_USE enum tb_status tb_joined_open_again(const struct tb_joined *joined, struct tb_joined **again,
                                                struct tb_error *error);
/* Accepts NULL. */
void tb_joined_free(struct tb_joined *joined);

/* As tb_source_read: of plain files from any position, of others only where the last read ended. */
TB_MUST_USE enum tb_status tb_joined_read(struct tb_joined *joined, uint64_t position, void *data, size_t size,
                                          size_t *got, struct tb_error *error);

/* Plain when all files are; else that of the first that is not. */
enum tb_compression tb_joined_compression(const struct tb_joined *joined);
/* Bytes of the stream when all files are plain; else bytes on disk. */
uint64_t tb_joined_size(const struct tb_joined *joined);
/* Of compressed files: stored bytes that were used so far. */
uint64_t tb_joined_consumed(const struct tb_joined *joined);
/* As tb_source_read_ahead. */
void tb_joined_read_ahead(struct tb_joined *joined, int threads);

#endif
