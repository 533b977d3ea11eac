/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_TRANSITIONS_H
#define TWINBED_MARKOV_TRANSITIONS_H

/* Counts of the transitions of one sequence, or of several added up.
 *
 * A state of order N is N consecutive calls of one thread life; a transition
 * is a state and the call after it: N + 1 calls. Both are packed into a
 * tb_key, 14 bits a call (a tb_symbol), earliest call highest, so that keys sort
 * as the names of their calls do. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/archive.h"
#include "twinbed/base/containers.h"
#include "twinbed/call/symbols.h"

enum { TB_ORDER_MAX = 8, TB_SYMBOL_BITS = 14 };

/* A state's or transition's calls, earliest first; count = 1 .. TB_ORDER_MAX + 1. */
struct tb_key tb_key_of_symbols(const tb_symbol *symbols, unsigned count);
/* The calls of a key that holds count calls. */
void tb_key_to_symbols(struct tb_key key, unsigned count, tb_symbol *symbols);
/* The key with a call appended and only the last count calls kept. */
struct tb_key tb_key_push(struct tb_key key, tb_symbol symbol, unsigned count);
/* Of a transition of order N: the state it leaves, the state it enters. */
struct tb_key tb_key_source(struct tb_key transition);
struct tb_key tb_key_target(struct tb_key transition, unsigned order);
/* <0, 0, >0 in the order of the calls' names. */
static inline int tb_key_compare(struct tb_key a, struct tb_key b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

static inline bool tb_key_equal(struct tb_key a, struct tb_key b)
{
    return ((a.high ^ b.high) | (a.low ^ b.low)) == 0;
}

/* One distinct transition, or one distinct first state of a thread life. */
struct tb_count {
    struct tb_key key;
    uint64_t count; /* how often, > 0 */
    uint64_t first; /* position (0-based, in the sequence) of the last call of its first occurrence */
};

struct tb_transitions {
    unsigned order;          /* 1 .. TB_ORDER_MAX */
    struct tb_count *counts; /* owned; sorted by key once finished */
    size_t count;            /* distinct transitions */
    size_t capacity;
    uint64_t total;          /* sum of counts */
    struct tb_count *starts; /* owned; first states of thread lives that have N calls or more, sorted by key */
    size_t start_count;
    size_t start_capacity;
    struct tb_index index;       /* of counts, while counting */
    struct tb_index start_index; /* of starts, while counting */
};

void tb_transitions_init(struct tb_transitions *transitions, unsigned order);
void tb_transitions_free(struct tb_transitions *transitions);
/* While counting, in any order of keys; position as in tb_count. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transitions_add(struct tb_transitions *transitions, struct tb_key key, uint64_t position,
                                              struct tb_error *error);
TB_MUST_USE enum tb_status tb_transitions_add_start(struct tb_transitions *transitions, struct tb_key state,
                                                    uint64_t position, struct tb_error *error);
/* The same for several occurrences at once: count->count of them, the first at count->first. */
TB_MUST_USE enum tb_status tb_transitions_add_count(struct tb_transitions *transitions, const struct tb_count *count,
                                                    struct tb_error *error);
TB_MUST_USE enum tb_status tb_transitions_add_start_count(struct tb_transitions *transitions,
                                                          const struct tb_count *count, struct tb_error *error);
/* Sorts by key and drops the indexes. */
void tb_transitions_finish(struct tb_transitions *transitions);
/* Adds a finished table to another finished one of the same order: counts are
 * summed, first is the least. Associative and commutative. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transitions_merge(struct tb_transitions *into, const struct tb_transitions *from,
                                                struct tb_error *error);
/* Deep copy of a finished table. */
TB_MUST_USE enum tb_status tb_transitions_copy(struct tb_transitions *copy, const struct tb_transitions *from,
                                               struct tb_error *error);

/* How many different symbols occur in finished tables, first states included. */
size_t tb_vocabulary_count(const struct tb_transitions *const *tables, size_t count);

/* A finished table, as part of what is described. */
void tb_transitions_describe(struct tb_archive *archive, struct tb_transitions *transitions);

#endif
