/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_TRACE_CALL_LIST_H
#define TWINBED_SRC_TRACE_CALL_LIST_H

/* A list of calls while it is written: enough to count the sequences of a trace again with other
 * windows, without the trace.
 *
 * Who reads a trace may want such a list (tb_call_sink in twinbed/trace/call_list.h). It is written
 * in blocks of at most TB_CALL_LIST_BLOCK bytes, which the sink takes one by one; tb_trace_recount
 * reads them. A part of a trace that is counted by itself keeps its own list in memory, in one
 * block; when the part is added, its runs are told to the list of the whole, under the numbers that
 * lives and columns have there. A list tells for each run of calls whose they are, which, and
 * whether events were lost before: one to two bytes a call. Times, results and bytes are not in it.
 *
 * Records follow one another; none goes beyond its block. The first byte tells what it is:
 *
 *       LIST_LIFE    a life, which gets the next number; its sequence
 *       LIST_COLUMN  a column, the next one of a sequence; the sequence, the symbol
 *       LIST_LENGTH  the length of the first sequence, then of the next; nothing else comes after
 *       LIST_RUN     calls that one life made in a row, 1 + the low six bits of them; the life, the column of each.
 *                    With LIST_LOST events were lost since the life's call before.
 *
 * Numbers are written in groups of seven bits, the lowest first; each but the last has the eighth
 * bit set.
 *
 * A list is a convenience: where there is no memory for one, or the sink wants no more, there
 * simply is none, and nothing fails. One list belongs to one decoder. */

#include "markov/transition_counter.h"
#include "twinbed/trace/call_list.h"

enum { LIST_LIFE, LIST_COLUMN, LIST_LENGTH, LIST_LOST = 0x40, LIST_RUN = 0x80 };

/* Where the list stands. */
struct call_list {
    bool wanted;                     /* False: nobody wants a list, or no more. */
    const struct tb_call_sink *sink; /* Borrowed; NULL: the block is kept, and grows. */
    /* Owned; the block at hand, of TB_CALL_LIST_BLOCK bytes' room when there is a sink, which may
     * take its bytes. */
    struct tb_buffer block;
};

/* Calls that one life made in a row. */
struct listed_run {
    uint32_t life;
    bool lost;               /* Events were lost between the life's call before and these. */
    const uint16_t *columns; /* Borrowed; 1 to RUN_MAX of them, of the life's sequence. */
    size_t count;
};

/* Begins a list for a sink, which may be NULL and is borrowed until the list is freed; without
 * memory there is none. */
void tb_call_list_start(struct call_list *list, const struct tb_call_sink *sink);
/* Begins a list that keeps what is added. */
void tb_call_list_keep(struct call_list *list);
/* Frees the block; the list is not wanted any more. */
void tb_call_list_free(struct call_list *list);

/* Whether anything that is added would be taken. */
static inline bool call_list_wanted(const struct call_list *list)
{
    return list->wanted;
}

/* A life more of a sequence: lives get their numbers in the order in which they are added. This and
 * those below are to be called for lists that are wanted. */
void tb_call_list_add_life(struct call_list *list, uint32_t sequence);
/* A column more of a sequence: columns get their numbers in the order in which they are added, for
 * each sequence by itself. */
void tb_call_list_add_column(struct call_list *list, uint32_t sequence, tb_symbol symbol);
/* Calls of a life, whose columns were added before. */
void tb_call_list_add_run(struct call_list *list, const struct listed_run *run);
/* In the end, the length of each sequence in its order. A reader checks it against what it counted. */
void tb_call_list_add_length(struct call_list *list, uint64_t length);
/* Hands on the last block. */
void tb_call_list_end(struct call_list *list);

/* A record as it is read. Only what its kind has is set. */
struct list_record {
    uint8_t kind;      /* LIST_RUN for each run */
    uint32_t sequence; /* of a life, a column */
    uint32_t symbol;   /* of a column */
    uint64_t length;
    uint32_t life; /* of a run */
    bool lost;
    size_t count; /* of a run's calls, 1 to RUN_MAX */
    uint16_t columns[RUN_MAX];
};

/* The next record of a block. False when the bytes are none: numbers fit their types, and are not compared with anything. */
TB_MUST_USE bool tb_call_list_take(struct tb_bytes *bytes, struct list_record *record);

#endif
