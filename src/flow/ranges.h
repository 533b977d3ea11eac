/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_RANGES_H
#define TWINBED_SRC_FLOW_RANGES_H

/* Which positions of a stream were seen: sorted ranges that do not touch. While there is one range,
 * as in a stream without holes, nothing is allocated.
 *
 * Positions are numbers of 64 bits (tcp_stream.h). Memory is bounded: of more than TB_RANGES_MAX
 * ranges the lowest hole is closed, and its positions are remembered as a number only. Adding where
 * the last range ends takes one comparison. One thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* Positions from start to end, which is one behind the last. */
struct tb_range {
    uint64_t start;
    uint64_t end; /* one behind the last */
};

/* The ranges of a stream with holes. */
struct tb_range_list {
    uint64_t forgotten; /* Positions in holes that were closed to bound memory. They stay missing. */
    uint32_t capacity;
    struct tb_range items[];
};

/* Zero it to start. Two of these stand in every live flow, so it is small. */
struct tb_ranges {
    struct tb_range single;     /* The range, while there is no list. */
    struct tb_range_list *list; /* Owned; NULL until there are two ranges. */
    uint32_t count;
};

/* More ranges than this at once, and the lowest hole is forgotten. */
enum { TB_RANGES_MAX = 4096 };

/* Frees the list; it is zeroed, and may be used again. */
void tb_ranges_free(struct tb_ranges *ranges);

/* Adds [start, end), start < end. *repeated is how many of its positions were
 * there before. False when memory is short. */
TB_MUST_USE bool tb_ranges_add(struct tb_ranges *ranges, uint64_t start, uint64_t end, uint64_t *repeated);

/* Positions of [start, end) that were not added, those that were forgotten included. */
uint64_t tb_ranges_missing(const struct tb_ranges *ranges, uint64_t start, uint64_t end);

/* The ranges, count of them, borrowed until the next change. */
static inline const struct tb_range *tb_ranges_first(const struct tb_ranges *ranges)
{
    return ranges->list != NULL ? ranges->list->items : &ranges->single;
}

/* One behind the highest position added; 0 when there is none. */
static inline uint64_t tb_ranges_end(const struct tb_ranges *ranges)
{
    return ranges->count == 0 ? 0 : tb_ranges_first(ranges)[ranges->count - 1].end;
}

#endif
