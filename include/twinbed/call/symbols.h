/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CALL_SYMBOLS_H
#define TWINBED_CALL_SYMBOLS_H

/* What states are made of: a call and, where the vocabulary tells these apart,
 * the kind of the descriptor it was made on, and whether it failed.
 *
 * A symbol packs the three, the call highest, so that symbols sort as the names
 * of their calls do, and those of one call by kind and outcome. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/call/call_names.h"

/* Kinds of descriptor that calls are told apart by. */
enum tb_descriptor_kind {
    TB_DESCRIPTOR_NETWORK,
    TB_DESCRIPTOR_FILE,
    TB_DESCRIPTOR_OTHER,
    TB_DESCRIPTOR_UNKNOWN, /* also: the call is made on none */
    TB_DESCRIPTOR_KINDS
};

/* What a vocabulary tells apart beside the call: any of these added up. */
enum { TB_VOCABULARY_CALL = 0, TB_VOCABULARY_OUTCOME = 1, TB_VOCABULARY_DESCRIPTOR = 2, TB_VOCABULARIES = 4 };

typedef uint16_t tb_symbol; /* always below TB_SYMBOL_LIMIT */

enum {
    TB_SYMBOL_CALL_SHIFT = 3, /* below it: two bits of kind, one of outcome */
    TB_SYMBOL_LIMIT = TB_CALL_LIMIT << TB_SYMBOL_CALL_SHIFT,
    TB_SYMBOL_NAME_SIZE = TB_CALL_NAME_SIZE + 16
};

static inline tb_symbol tb_symbol_make(tb_call call, enum tb_descriptor_kind kind, bool failed)
{
    const unsigned place = ((unsigned)kind + 1) % TB_DESCRIPTOR_KINDS; /* an unknown kind comes first */
    return (tb_symbol)((unsigned)call << TB_SYMBOL_CALL_SHIFT | place << 1 | failed);
}

/* The symbol of a call alone: what a vocabulary of calls has, and others for a call that succeeds on no descriptor. */
static inline tb_symbol tb_symbol_of_call(tb_call call)
{
    return (tb_symbol)(call << TB_SYMBOL_CALL_SHIFT);
}

static inline tb_call tb_symbol_call(tb_symbol symbol)
{
    return (tb_call)(symbol >> TB_SYMBOL_CALL_SHIFT);
}

/* "read", "read:network", "read:network:error", "open:error". Writes into name and returns it. */
const char *tb_symbol_name(tb_symbol symbol, char name[TB_SYMBOL_NAME_SIZE]);

#endif
