/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_TEXT_H
#define TWINBED_IO_TEXT_H

/* Pieces of text that are not NUL-ended, and strict numbers in them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

struct tb_text {
    const char *data; /* borrowed */
    size_t length;
};

struct tb_text tb_text_of(const char *string);
bool tb_text_equals(struct tb_text text, const char *string);
bool tb_text_starts_with(struct tb_text text, const char *prefix);
/* Without spaces, tabs and carriage returns at both ends. */
struct tb_text tb_text_trim(struct tb_text text);

/* Each take moves *text behind what it took; when it returns false *text is as
 * it was. A word is what stands between spaces and tabs. */
bool tb_text_take_prefix(struct tb_text *text, const char *prefix);
bool tb_text_take_suffix(struct tb_text *text, const char *suffix);
bool tb_text_take_word(struct tb_text *text, struct tb_text *word);
/* What stands before the next separator, or all the rest; false only when a
 * former call has taken the rest (text->data is then NULL). */
bool tb_text_take_until(struct tb_text *text, char separator, struct tb_text *part);

/* The whole text must be the number. Whole numbers are plain decimal digits
 * that fit. Reals are finite decimals with optional sign, fraction and exponent. */
TB_MUST_USE bool tb_text_u64(struct tb_text text, uint64_t *value);
TB_MUST_USE bool tb_text_real(struct tb_text text, double *value);
/* A finite real >= 0. */
TB_MUST_USE bool tb_text_positive_real(struct tb_text text, double *value);

/* Copies into a buffer of size bytes, NUL-ended, cut when too long. Bytes that
 * are not printable ASCII become '?', so the copy is safe in messages and
 * attributes. */
void tb_text_copy(struct tb_text text, char *buffer, size_t size);

#endif
