/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SEQUENCE_SUBTOTALS_H
#define TWINBED_TRACE_SEQUENCE_SUBTOTALS_H

/* The subtotals of a sequence while it is counted.
 *
 * A thread group has a counter of its own, which takes what that of the whole sequence takes. An interval is what the
 * counter of the whole sequence took between two moments. Growth: what a counter takes for each thread group; 8 bytes a
 * step of the whole sequence's counter for each interval. */

#include "markov/transition_counter.h"
#include "twinbed/trace/trace.h"

struct thread_group {
    int64_t pid; /* or -1: several */
    uint64_t calls;
    struct transition_counter counter;
};

/* Zero it to start. */
struct thread_groups {
    struct thread_group *items; /* owned; in the order of their first calls */
    size_t count;
    size_t capacity;
    size_t most;           /* from this many on, further ones share one; 0: no bound */
    struct tb_index index; /* of process ids */
};

void tb_thread_groups_free(struct thread_groups *groups);

/* The group of a process, which is made when it is new: *place. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_thread_groups_find(struct thread_groups *groups, int64_t pid, unsigned highest_order,
                                                 uint32_t *place, struct tb_error *error);

/* Zero it to start, but for length. */
struct intervals {
    uint64_t length;          /* calls of an interval; 0: there are none */
    struct step_counts *ends; /* owned; what the counter held at the end of each interval but the last */
    size_t end_count;
    size_t end_capacity;
};

void tb_intervals_free(struct intervals *intervals);

/* How many of so many calls, the first at a position, belong to its interval. */
size_t tb_intervals_room(const struct intervals *intervals, uint64_t position, size_t calls);

/* To be called before a call at a position is counted, or a part that begins there. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_intervals_reach(struct intervals *intervals, uint64_t position,
                                              const struct transition_counter *counter, struct tb_error *error);

/* What both become in the end, the caller's to free. symbols: of each column. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_thread_groups_read(const struct thread_groups *groups, const tb_symbol *symbols,
                                                 const struct tb_trace_request *request, struct tb_subtotal **subtotals,
                                                 size_t *count, struct tb_error *error);
TB_MUST_USE enum tb_status tb_intervals_read(const struct intervals *intervals,
                                             const struct transition_counter *counter, uint64_t calls,
                                             const tb_symbol *symbols, const struct tb_trace_request *request,
                                             struct tb_subtotal **subtotals, size_t *count, struct tb_error *error);

void tb_subtotal_list_free(struct tb_subtotal *subtotals, size_t count, size_t order_count);

#endif
