/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_DEFLATE_CODES_H
#define TWINBED_SRC_IO_DEFLATE_CODES_H

/* What entries of the tables of codes say, for deflate.c.
 *
 *      bits 0-7    bits that are taken: of the code and what follows it; of two literals those of both
 *      bits 8-12   bits of the (first) code; of CODE_LONG how many bits choose among the longer codes
 *      bits 13-14  the kind
 *      bit 15      CODE_LITERAL: two literals
 *      bits 16-31  the literal, and the second; the least length or distance; where the longer codes begin; CODE_OTHER: 1 for
 *                  the end of the block, 0 for what is no code */

#include "deflate.h"

enum code_kind { CODE_LITERAL, CODE_BASE, CODE_LONG, CODE_OTHER };

static inline enum code_kind code_kind(uint32_t entry)
{
    return (enum code_kind)(entry >> 13 & 3);
}

static inline unsigned code_taken(uint32_t entry)
{
    return entry & 255;
}

static inline unsigned code_length(uint32_t entry)
{
    return entry >> 8 & 31;
}

static inline unsigned code_value(uint32_t entry)
{
    return entry >> 16;
}

static inline bool code_is_two(uint32_t entry)
{
    return (entry >> 15 & 1) != 0;
}

/* The codes that lengths of up to 286 literals and lengths, or 30 distances, stand for. False when they are too many or too
 * few. */
bool tb_codes_of_literals(struct tb_codes *codes, const uint8_t *lengths, unsigned count);
bool tb_codes_of_distances(struct tb_codes *codes, const uint8_t *lengths, unsigned count);
/* The codes of blocks that have none of their own. */
void tb_codes_fixed(struct tb_codes *codes);

#endif
