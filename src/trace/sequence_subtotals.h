/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SEQUENCE_SUBTOTALS_H
#define TWINBED_TRACE_SEQUENCE_SUBTOTALS_H

/* The subtotals of a sequence while it is counted: by thread group, and by interval.
 *
 * A thread group is a process with all its threads. It has a counter of its own, which takes what
 * that of the whole sequence takes. An interval is a stretch of so many calls of the sequence. It
 * has no counter: what lies in it is what the counter of the whole sequence took between two
 * moments, so at the end of each interval the counts are noted. Growth: what a counter takes for
 * each thread group; 8 bytes a step of the whole sequence's counter for each interval.
 *
 * Both are counted along (tb_thread_groups_find, tb_intervals_reach) and read in the end
 * (tb_thread_groups_read, tb_intervals_read). Functions that fail do so with TB_MEMORY. One thread
 * of twinbed at a time. */

#include "markov/transition_counter.h"
#include "twinbed/trace/trace.h"

/* The calls of one process. */
struct thread_group {
    int64_t pid; /* The process, or -1: all those for which there was no group left. */
    uint64_t calls;
    struct transition_counter counter;
};

/* All groups of a sequence. Zero it to start. */
struct thread_groups {
    /* Owned; count items, in the order of their first calls. May move when one is added. */
    struct thread_group *items;
    size_t count;
    size_t capacity;
    /* From this many on, further ones share one; 0: no bound, as in a part, because which of them
     * share one is known only when it is added. */
    size_t most;
    struct tb_index index; /* From a process id to the place in items. */
};

/* Frees all groups. most stays. */
void tb_thread_groups_free(struct thread_groups *groups);

/* The place of the group of a process, which is made when it is new, with a counter of
 * highest_order. */
TB_MUST_USE enum tb_status tb_thread_groups_find(struct thread_groups *groups, int64_t pid, unsigned highest_order,
                                                 uint32_t *place, struct tb_error *error);

/* The ends of all intervals so far. Zero it to start, but for length. */
struct intervals {
    uint64_t length; /* Calls of an interval, the last of which may have fewer; 0: there are none. */
    /* Owned; end_count items: what the counter held at the end of each interval but the last. */
    struct step_counts *ends;
    size_t end_count;
    size_t end_capacity;
};

/* Frees all notes; length is 0 then. */
void tb_intervals_free(struct intervals *intervals);

/* How many of so many calls, the first at a position, belong to the interval of that position: 1 at
 * least. */
size_t tb_intervals_room(const struct intervals *intervals, uint64_t position, size_t calls);

/* To be called before a call at a position is counted, or a part that begins there. Notes the end
 * of the interval before when the position is the first of one. counter: of the whole sequence. */
TB_MUST_USE enum tb_status tb_intervals_reach(struct intervals *intervals, uint64_t position,
                                              const struct transition_counter *counter, struct tb_error *error);

/* What the groups become in the end: *subtotals with *count items, the caller's to free with
 * tb_subtotal_list_free. symbols: of each column. Nothing is set on failure. */
TB_MUST_USE enum tb_status tb_thread_groups_read(const struct thread_groups *groups, const tb_symbol *symbols,
                                                 const struct tb_trace_request *request, struct tb_subtotal **subtotals,
                                                 size_t *count, struct tb_error *error);
/* The same of intervals, of a sequence with so many calls. Without calls, or without a length,
 * there are none. */
TB_MUST_USE enum tb_status tb_intervals_read(const struct intervals *intervals,
                                             const struct transition_counter *counter, uint64_t calls,
                                             const tb_symbol *symbols, const struct tb_trace_request *request,
                                             struct tb_subtotal **subtotals, size_t *count, struct tb_error *error);

/* Frees a list of subtotals; NULL is accepted. */
void tb_subtotal_list_free(struct tb_subtotal *subtotals, size_t count, size_t order_count);

#endif
