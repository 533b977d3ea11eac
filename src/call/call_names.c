/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are found by bisection, because the table is in the order of its names; a native number has
 * its name made of it. */
#include "twinbed/call/call_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_table.h"

static const char native_prefix[] = "native_";

size_t tb_call_named_count(void)
{
    return CALL_COUNT;
}

const char *tb_call_name(tb_call call, char name[TB_CALL_NAME_SIZE])
{
    if (call < CALL_COUNT)
        snprintf(name, TB_CALL_NAME_SIZE, "%s", tb_call_table_names[call]);
    else
        snprintf(name, TB_CALL_NAME_SIZE, "%s%u", native_prefix, (unsigned)call - CALL_COUNT);
    return name;
}

/* Exactly as it is written: no sign, no leading zero, nothing behind it. */
static tb_call find_native(const char *digits)
{
    if (digits[0] < '0' || digits[0] > '9' || (digits[0] == '0' && digits[1] != '\0'))
        return TB_CALL_NONE;
    char *end;
    const unsigned long number = strtoul(digits, &end, 10);
    if (*end != '\0' || number >= TB_CALL_NONE - CALL_COUNT)
        return TB_CALL_NONE;
    return (tb_call)(CALL_COUNT + number);
}

tb_call tb_call_find(const char *name)
{
    if (strncmp(name, native_prefix, sizeof native_prefix - 1) == 0)
        return find_native(name + sizeof native_prefix - 1);
    size_t low = 0, high = CALL_COUNT;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = strcmp(name, tb_call_table_names[middle]);
        if (order == 0)
            return (tb_call)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return TB_CALL_NONE;
}

tb_call tb_call_native(uint16_t native)
{
    if (native < NATIVE_NUMBERS && tb_native_table[native] != 0)
        return (tb_call)(tb_native_table[native] - 1);
    return native < TB_CALL_NONE - CALL_COUNT ? (tb_call)(CALL_COUNT + native) : (tb_call)CALL_UNKNOWN;
}
