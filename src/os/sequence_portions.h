/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_SEQUENCE_PORTIONS_H
#define TWINBED_OS_SEQUENCE_PORTIONS_H

/* The portions of a sequence whose transitions are counted once more: thread groups, or stretches.
 *
 * Growth: about 100 bytes a portion and order, and 56 to 88 a distinct transition of each. */

#include "twinbed/os/trace.h"

/* One pair of calls, for order 1. */
struct cell {
    uint64_t count;
    uint64_t first;
};

/* Transitions of one order in one range of positions. */
struct transition_counter {
    struct tb_transitions transitions;
    struct cell *cells; /* owned; order 1: a square of the sequence's columns; NULL: all are in transitions */
};

struct portion {
    int64_t id; /* of the tb_portion it becomes */
    uint64_t calls;
    struct transition_counter *counters; /* owned; one an order, without cells */
};

/* The portions of one sequence while it is counted. */
struct portions {
    struct portion *items; /* owned; in the order of their first calls */
    size_t count;
    size_t capacity;
    size_t most;           /* from this many on, further ones share one, with id -1; 0: no bound */
    struct tb_index index; /* of ids */
};

void portions_free(struct portions *portions, size_t order_count);

/* The portion of an id, which is made when it is new: *place. */
TB_MUST_USE enum tb_status portions_find(struct portions *portions, const struct tb_trace_request *request, int64_t id,
                                         uint32_t *place, struct tb_error *error);

/* Moves what was counted to portions as a sequence has them. */
TB_MUST_USE enum tb_status portions_finish(struct portions *portions, size_t order_count, struct tb_portion **items,
                                           size_t *count, struct tb_error *error);

/* Releases finished ones. */
void portion_list_free(struct tb_portion *items, size_t count, size_t order_count);

#endif
