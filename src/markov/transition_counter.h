/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_TRANSITION_COUNTER_H
#define TWINBED_MARKOV_TRANSITION_COUNTER_H

/* Counts transitions of all orders at once, with one look-up a call.
 *
 * Calls are columns here: small numbers that a sequence gives them in the order in which they occur. The counter
 * numbers histories: the last columns of a life, as many as the highest order, or fewer where the life is younger or
 * events were lost. A life keeps the number of its history. A step is a history and the column after it; one table
 * leads from a step to its count and to the number of the next history, so that no key is built or hashed while one
 * counts. A history of n columns and the one after it are one transition of each order up to n; these are added up in
 * the end.
 *
 * While there are few histories and columns the table has a row for each history and is at most 2 MiB; then steps are
 * hashed. Growth: 72 to 136 bytes a step of the highest order and 64 to 112 a history of it, once for all orders. */

#include "twinbed/markov/transitions.h"

/* Histories that every counter knows: no call since the life began, and none since events were lost. */
enum { HISTORY_BORN, HISTORY_LOST };

/* Columns that can be added in one piece. */
enum { RUN_MAX = 64 };

struct step {
    uint64_t key;       /* of history and column; 0: free */
    uint64_t count;     /* how often; 0 where all were moved */
    uint64_t first;     /* least position */
    uint32_t next;      /* the history with the column at its end */
    uint32_t next_base; /* where the steps of that one are */
};

/* Zero it to start, but for highest_order. */
struct transition_counter {
    struct step *steps;       /* owned; a power of two, or NULL before the first step */
    uint64_t *made;           /* owned; keys of the steps in the order in which they were made */
    struct tb_key *histories; /* owned; by number: columns, and what kind they are */
    struct tb_index index;    /* of histories */
    size_t made_count;
    size_t made_capacity;
    size_t history_count;
    size_t history_capacity;
    unsigned highest_order; /* columns of the longest history, at least 1 */
    unsigned side_bits;     /* a row has 2 to so many places */
    unsigned bits;          /* the table has 2 to so many places */
    unsigned shift;         /* from a hash to a place; 0 with rows */
    uint32_t factor;        /* what a column's part of a place is multiplied by; 1 with rows */
    bool hashed;
};

void tb_transition_counter_free(struct transition_counter *counter);

/* Counts columns in a row after *history, the first of them at a position, none before those counted. Takes *history
 * on. count: at most RUN_MAX. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transition_counter_add_run(struct transition_counter *counter, uint32_t *history,
                                                         const uint16_t *columns, size_t count, uint64_t position,
                                                         struct tb_error *error);

/* The same for several histories that take turns: a column after each of histories, which may be alike. */
TB_MUST_USE enum tb_status tb_transition_counter_add_turns(struct transition_counter *counter,
                                                           uint32_t *const *histories, const uint16_t *columns,
                                                           size_t count, uint64_t position, struct tb_error *error);

/* The history of a life after a loss of events. Before its first call it has none to lose. */
static inline uint32_t history_after_loss(uint32_t history)
{
    return history == HISTORY_BORN ? HISTORY_BORN : HISTORY_LOST;
}

/* A part: a counter of the same order whose column c is columns[c] here. */
struct counted_part {
    const struct transition_counter *counter;
    const uint16_t *columns;
    uint64_t before; /* its positions begin here */
};

/* The number here of a history of a part. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transition_counter_translate(struct transition_counter *counter,
                                                           const struct counted_part *part, uint32_t history,
                                                           uint32_t *translated, struct tb_error *error);
/* Adds all that a part counted. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transition_counter_add_part(struct transition_counter *counter,
                                                          const struct counted_part *part, struct tb_error *error);
/* What a part counted once after *cut, a history that begins where the part does, came after *history, which goes on
 * before: the count moves there. Both go on. To be called after the part was added. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transition_counter_move(struct transition_counter *counter, uint32_t *cut,
                                                      uint32_t *history, uint16_t column, uint64_t position,
                                                      struct tb_error *error);

/* Describes a counter for an archive. column_count: all columns are below. Reading goes into one that is zeroed but for
 * highest_order. */
void tb_transition_counter_describe(struct tb_archive *archive, struct transition_counter *counter,
                                    size_t column_count);
/* Whether the counter has this step after *cut, which then goes on. */
bool tb_transition_counter_has(const struct transition_counter *counter, uint32_t *cut, uint16_t column);

/* Adds the transitions and first states of one order, at most the highest, to a table. symbols: of each column.
 * TB_MEMORY. */
TB_MUST_USE enum tb_status tb_transition_counter_read(const struct transition_counter *counter,
                                                      const tb_symbol *symbols, struct tb_transitions *transitions,
                                                      struct tb_error *error);

/* The counts of a counter's steps at one moment, in the order in which they were made. */
struct step_counts {
    uint64_t *counts; /* owned */
    size_t count;
};

/* Notes the counts as they are. False when memory is short. */
TB_MUST_USE bool tb_transition_counter_note(const struct transition_counter *counter, struct step_counts *noted);
void tb_step_counts_free(struct step_counts *noted);

/* As tb_transition_counter_read, what was counted after one moment (NULL: the beginning) and up to another (NULL: now).
 * first: what the first positions are said to be. */
TB_MUST_USE enum tb_status tb_transition_counter_read_between(const struct transition_counter *counter,
                                                              const tb_symbol *symbols, const struct step_counts *since,
                                                              const struct step_counts *until, uint64_t first,
                                                              struct tb_transitions *transitions,
                                                              struct tb_error *error);

#endif
