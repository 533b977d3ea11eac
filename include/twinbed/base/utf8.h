/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_UTF8_H
#define TWINBED_BASE_UTF8_H

/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that begins at text, where left bytes stand (1 or more); 0 when none does. Of a text that ends with
 * a NUL, left may be SIZE_MAX: nothing behind the NUL is looked at. */
size_t tb_utf8_length(const char *text, size_t left);

/* How many bytes, from the first one on, are whole characters: size when all is UTF-8. A NUL is a character. */
size_t tb_utf8_valid(const char *text, size_t size);

/* Whether all of a text is UTF-8. */
bool tb_utf8_is_text(const char *text);

/* Names of files may hold any bytes, but readers refuse a text that is not
 * UTF-8. *repaired becomes NULL when text is UTF-8, else a copy, the caller's to
 * free, with U+FFFD for each byte that is not. False when memory is short. */
bool tb_utf8_repair(const char *text, char **repaired);

#endif
