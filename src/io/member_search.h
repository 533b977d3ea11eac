/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_MEMBER_SEARCH_H
#define TWINBED_SRC_IO_MEMBER_SEARCH_H

/* Where in a compressed file a member may begin. Only a guess: compressed bytes may look like a beginning. */

#include "source_kind.h"

/* Bytes that a search looks at at once; behind a beginning it sees those of the largest BGZF block. */
enum { TB_SEARCH_VIEW = 128 << 10, TB_SEARCH_BEHIND = (64 << 10) + 32 };

/* The first offset in [from, to) where a member may begin. view: TB_SEARCH_VIEW bytes to work in. False when there is none,
 * or the bytes cannot be read. */
bool tb_member_search(const struct tb_source_kind *kind, const struct tb_raw *raw, uint64_t from, uint64_t to,
                      uint8_t *view, uint64_t *found);

#endif
