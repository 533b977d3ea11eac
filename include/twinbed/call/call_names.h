/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CALL_CALL_NAMES_H
#define TWINBED_CALL_CALL_NAMES_H

/* Names of system calls, as small numbers that are the same in every run.
 *
 * The numbers 0 .. tb_call_named_count()-1 are the known names in byte order,
 * so that sorting by number is sorting by name. A call that no table names (a
 * generic event with id 0 and a native number outside the table) has the number
 * tb_call_named_count() + native number and the name "native_<number>". */

#include <stddef.h>
#include <stdint.h>

typedef uint16_t tb_call; /* always below TB_CALL_LIMIT */

enum { TB_CALL_LIMIT = 1 << 11, TB_CALL_NONE = TB_CALL_LIMIT - 1, TB_CALL_NAME_SIZE = 32 };

size_t tb_call_named_count(void);

/* Writes the name into name and returns it. */
const char *tb_call_name(tb_call call, char name[TB_CALL_NAME_SIZE]);

/* The number of a name (also "native_<number>"), or TB_CALL_NONE. */
tb_call tb_call_find(const char *name);

/* The call of a native x86-64 number that came with an unknown generic id. */
tb_call tb_call_native(uint16_t native);

#endif
