/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_PRINTABLE_H
#define TWINBED_BASE_PRINTABLE_H

/* Text for a terminal. Names in campaign files, paths, and texts of results
 * files may hold whatever somebody wrote there: sequences that a terminal
 * obeys, line ends that forge messages, marks that turn the direction of
 * writing. Printed, they are what they are: characters, written as \x1b and
 * \u202e. All other text stays as it is. */

#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"

/* Writes text with an escape for each control character (U+0000 to U+001F,
 * U+007F to U+009F), each mark of direction and invisible separator (U+061C,
 * U+200B, U+200E, U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF), and each
 * byte that is no UTF-8. The caller looks at ferror. */
void tb_printable_write(FILE *stream, const char *text, size_t size);

/* The same into memory: out has room for size bytes (1 or more), and what does
 * not fit is cut behind a whole character or escape. Gives out. */
const char *tb_printable_text(const char *text, char *out, size_t size);

/* printf, but the outcome is printable: of line ends only those at the very
 * beginning and end of format are line ends. */
void tb_printable_print(FILE *stream, const char *format, ...) TB_PRINTF(2, 3);

#endif
