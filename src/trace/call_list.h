/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_TRACE_CALL_LIST_H
#define TWINBED_SRC_TRACE_CALL_LIST_H

/* A list of calls while it is written.
 *
 * Records follow one another; none goes beyond its block. The first byte tells what it is:
 *
 *      LIST_LIFE    a life, which gets the next number; its sequence
 *      LIST_COLUMN  a column, the next one of a sequence; the sequence, the symbol
 *      LIST_LENGTH  the length of the first sequence, then of the next; nothing else comes after
 *      LIST_RUN     calls that one life made in a row, 1 + the low six bits of them; the life, the column of each.
 *                   With LIST_LOST events were lost since the life's call before.
 *
 * Numbers are written in groups of seven bits, the lowest first; each but the last has the eighth bit set. */

#include "twinbed/trace/call_list.h"

enum { LIST_LIFE, LIST_COLUMN, LIST_LENGTH, LIST_LOST = 0x40, LIST_RUN = 0x80 };

struct call_list {
    const struct tb_call_sink *sink; /* borrowed; NULL: nobody wants a list, or no more */
    struct tb_buffer block;          /* owned */
};

/* A run that is to be listed. */
struct listed_run {
    uint32_t life;
    bool lost;               /* events were lost before */
    const uint16_t *columns; /* 1 to RUN_MAX */
    size_t count;
};

/* Begins a list; without memory there is none. */
void tb_call_list_start(struct call_list *list, const struct tb_call_sink *sink);
void tb_call_list_free(struct call_list *list);

static inline bool call_list_wanted(const struct call_list *list)
{
    return list->sink != NULL;
}

/* To be called for lists that are wanted: a life more, in the order of their numbers; a column more of a sequence;
 * calls; in the end the length of each sequence. */
void tb_call_list_add_life(struct call_list *list, uint32_t sequence);
void tb_call_list_add_column(struct call_list *list, uint32_t sequence, tb_symbol symbol);
void tb_call_list_add_run(struct call_list *list, const struct listed_run *run);
void tb_call_list_add_length(struct call_list *list, uint64_t length);
void tb_call_list_end(struct call_list *list);

#endif
