/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_CALL_LIST_H
#define TWINBED_TRACE_CALL_LIST_H

/* The calls of a trace's sequences as a list, written while the trace is decoded.
 *
 * Windows and intervals are often known only when all sequences were counted. A list is counted in their place, with the
 * same result as the trace, and in a fraction of the time. It is made of blocks, so that no more than one is in memory:
 * one byte a call, one for each thread's turn and one or more to say whose it is. Where it is kept is the caller's
 * business, who is to make sure that blocks come back whole, in order, and for the same file, selectors and vocabulary.
 * Orders, windows and intervals may be others.
 */

#include "twinbed/trace/trace.h"

/* A block is at most this large. */
enum { TB_CALL_LIST_BLOCK = 1 << 20 };

/* Takes a list that is being written. */
struct tb_call_sink {
    /* One block more, which is borrowed. False: the list is wanted no more. The trace is decoded all the same. */
    bool (*take)(void *context, const struct tb_buffer *block);
    void *context;
};

/* Where a list comes from. */
struct tb_call_blocks {
    /* Puts the next block into an empty buffer, which the caller frees. False: there is none. */
    bool (*next)(void *context, struct tb_buffer *block);
    void *context;
};

/* Counts the calls of a list as tb_trace_read would those of the trace. Of the result only lengths, windows and
 * intervals are set, as tb_trace_keep_cuts leaves them; thread groups are not counted. TB_NOT_FOUND when the blocks are
 * no whole list of so many selectors; TB_MEMORY. Not collective. On TB_OK *trace is the caller's to free. */
TB_MUST_USE enum tb_status tb_trace_recount(const struct tb_call_blocks *blocks, const struct tb_trace_request *request,
                                            struct tb_trace **trace, struct tb_error *error);

/* Forgets all that a trace tells but the orders and, of each sequence, its length, windows and intervals. */
void tb_trace_keep_cuts(struct tb_trace *trace);

#endif
