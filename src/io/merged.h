/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_MERGED_H
#define TWINBED_SRC_IO_MERGED_H

/* Several texts as one, line by line in the order of their keys, for source.c. */

#include "twinbed/io/source.h"

/* See tb_source_open_merged. On TB_OK *merged is a state of tb_files_merged (source_kind.h), the caller's to free. */
TB_MUST_USE enum tb_status tb_merged_open(const struct tb_merged_request *request, void **merged,
                                          struct tb_error *error);

#endif
