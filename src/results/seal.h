/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_SEAL_H
#define TWINBED_RESULTS_SEAL_H

/* The seal of a results file: one line of text behind the bytes of HDF5, with
 * the version of the layout and the XXH3-128 of all bytes before it. It is written
 * last and checked before the HDF5 library sees the file, because the library
 * crashes and hangs on damaged files. HDF5 itself does not look behind the end that its
 * own header tells, so that all its readers open a sealed file.
 *
 * XXH3 finds every accident; whoever wants to can make a seal for any bytes. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* Bytes of the line, its line breaks included, and room for a version. */
enum { TB_SEAL_SIZE = 95, TB_SEAL_VERSION_SIZE = 9 };

/* Appends a seal to the file at path. */
TB_MUST_USE enum tb_status tb_seal_write(const char *path, struct tb_error *error);

/* What a seal says, once the digest was found right. */
struct tb_seal {
    uint64_t bytes;                     /* of HDF5, before the seal */
    char version[TB_SEAL_VERSION_SIZE]; /* as the seal tells it: one that this program reads */
};

/* Reads the open file and its seal; path is for sentences. TB_UNSUPPORTED: no HDF5 file, without a seal, or of another
 * version; TB_CORRUPT: the digest does not match; TB_INPUT_OUTPUT. */
TB_MUST_USE enum tb_status tb_seal_check(int file, const char *path, struct tb_seal *seal, struct tb_error *error);

#endif
