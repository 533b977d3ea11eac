/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_UTF8_H
#define TWINBED_RESULTS_UTF8_H

#include <stdbool.h>

/* Names of files may hold any bytes, but readers refuse a text that is not
 * UTF-8. *repaired becomes NULL when text is UTF-8, else a copy, the caller's to
 * free, with U+FFFD for each byte that is not. False when memory is short. */
bool tb_utf8_repair(const char *text, char **repaired);

#endif
