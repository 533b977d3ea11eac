/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_DIGEST_H
#define TWINBED_IO_DIGEST_H

/* A short text that tells files apart, at the same price for any size: the
 * XXH3-128 of the size (64 bits, little-endian), the first 64 KiB, and those of
 * the last 64 KiB that are not among them. Files of up to 128 KiB are digested
 * whole. Of larger ones the middle is not looked at, and the hash is no
 * cryptographic one: different digests are different files, equal ones prove
 * nothing. */

#include <stddef.h>

#include "twinbed/base/status.h"

enum { TB_DIGEST_SPAN = 64 * 1024, TB_DIGEST_TEXT_SIZE = 33 };

/* 32 hexadecimal digits. TB_NOT_FOUND, TB_INPUT_OUTPUT; TB_UNSUPPORTED for what is no file, such as a directory;
 * TB_MEMORY. Any thread. */
TB_MUST_USE enum tb_status tb_file_digest(const char *path, char digest[TB_DIGEST_TEXT_SIZE], struct tb_error *error);

/* The XXH3-128 of these bytes, written likewise. */
void tb_digest_of_bytes(const void *data, size_t size, char digest[TB_DIGEST_TEXT_SIZE]);

#endif
