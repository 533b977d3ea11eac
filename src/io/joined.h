/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_JOINED_H
#define TWINBED_SRC_IO_JOINED_H

/* Several files as one stream, the bytes of one behind those of the other, for source.c. One of them is open at a time,
 * however many there are. */

#include "twinbed/io/source.h"

/* See tb_source_open_files. On TB_OK *joined is a state of tb_files_joined (source_kind.h), the caller's to free. The
 * stream is plain when all files are; else it has the compression of the first that is not. */
TB_MUST_USE enum tb_status tb_joined_open(const char *const *paths, size_t count, uint64_t repeated, void **joined,
                                          struct tb_error *error);

#endif
