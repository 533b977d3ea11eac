/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How symbols are written: the call, then the kind of descriptor, then whether it failed. An
 * unknown kind has no word, and is 0 among the kinds (tb_symbol_make). */
#include "twinbed/call/symbols.h"

#include <stdio.h>

const char *tb_symbol_name(tb_symbol symbol, char name[TB_SYMBOL_NAME_SIZE])
{
    static const char *const kinds[TB_DESCRIPTOR_KINDS] = {"", ":network", ":file", ":other"};
    char call[TB_CALL_NAME_SIZE];
    snprintf(name, TB_SYMBOL_NAME_SIZE, "%s%s%s", tb_call_name(tb_symbol_call(symbol), call), kinds[symbol >> 1 & 3],
             (symbol & 1) != 0 ? ":error" : "");
    return name;
}
