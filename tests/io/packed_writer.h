/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_IO_PACKED_WRITER_H
#define TWINBED_TESTS_IO_PACKED_WRITER_H

/* Members and frames of compressed files, appended one after another. */

#include "fixtures/text_source.h"
#include "twinbed/base/bytes.h"

/* Compresses data of up to 64 MiB as one member or frame. */
typedef void append_function(struct tb_buffer *packed, const void *data, size_t size);

append_function append_gzip;
/* BGZF blocks of up to 65280 bytes each; one for no data. */
append_function append_bgzf;
append_function append_zstd;

/* The data as they are, in a member or frame that only stores them. */
append_function append_stored_gzip;
append_function append_stored_zstd;

/* A frame that is to be skipped. */
append_function append_skippable;

/* No compression at all. */
append_function append_plain;

#endif
