/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_TRANSITION_COUNTER_H
#define TWINBED_MARKOV_TRANSITION_COUNTER_H

/* Counts transitions of all orders at once, with one look-up a call.
 *
 * Calls are columns here: small numbers that a sequence gives them in the order in which they
 * occur. The counter numbers histories: the last columns of a life, as many as the highest order,
 * or fewer where the life is younger or events were lost. A life keeps the number of its history. A
 * step is a history and the column after it; one table leads from a step to its count and to the
 * number of the next history, so that no key is built or hashed while one counts.
 *
 *       highest order 2, columns a b c:   a b c b c
 *
 *       history   born   a    ab   bc   cb   bc
 *       step        a    b    c    b    c
 *       counts    born-a  a-b  ab-c  bc-b  cb-c      each once, at positions 0 .. 4
 *
 * A history of n columns and the one after it are one transition of each order up to n; these are
 * added up in the end (tb_transition_counter_read).
 *
 * While there are few histories and columns the table has a row for each history and is at most 2
 * MiB; then steps are hashed. Growth: 72 to 136 bytes a step of the highest order and 64 to 112 a
 * history of it, once for all orders.
 *
 * Order to learn it in: tb_transition_counter_add_run and _read are all that one sequence needs.
 * add_part, translate and move put parts together (trace/sequence_parts.c). note and read_between
 * give intervals. Functions that fail do so with TB_MEMORY; the counter is then only to be freed.
 * One thread at a time. */

#include "twinbed/markov/transitions.h"

/* Histories that every counter knows: no call since the life began, and none since events were lost. */
enum { HISTORY_BORN, HISTORY_LOST };

/* Columns that can be added in one piece. */
enum { RUN_MAX = 64 };

/* A step that was made: a history and the column after it. */
struct step {
    /* The column + 1 in the high half, the history in the low one; 0: this place of the table is
     * free. */
    uint64_t key;
    uint64_t count;     /* how often; 0 where all were moved */
    uint64_t first;     /* least position */
    uint32_t next;      /* Number of the history with the column at its end. */
    uint32_t next_base; /* Where the steps of that one are, so that the next look-up need not wait for it. */
};

/* Zero it to start, but for highest_order. */
struct transition_counter {
    struct step *steps;       /* owned; a power of two, or NULL before the first step */
    uint64_t *made;           /* owned; keys of the steps in the order in which they were made */
    struct tb_key *histories; /* owned; by number: columns, and what kind they are */
    struct tb_index index;    /* From a history's key to its number. */
    size_t made_count;
    size_t made_capacity;
    size_t history_count;
    size_t history_capacity;
    unsigned highest_order; /* columns of the longest history, at least 1 */
    unsigned side_bits;     /* A row has 2 to so many places, one a column. */
    unsigned bits;          /* the table has 2 to so many places */
    unsigned shift;         /* from a hash to a place; 0 with rows */
    uint32_t factor;        /* what a column's part of a place is multiplied by; 1 with rows */
    bool hashed;            /* The table has no rows any more. */
};

/* Frees all; it is zeroed then, highest_order too. */
void tb_transition_counter_free(struct transition_counter *counter);

/* Counts columns in a row after *history, the first of them at a position, none before those
 * counted. Takes *history on. count: at most RUN_MAX. */
TB_MUST_USE enum tb_status tb_transition_counter_add_run(struct transition_counter *counter, uint32_t *history,
                                                         const uint16_t *columns, size_t count, uint64_t position,
                                                         struct tb_error *error);

/* The same for several histories that take turns: column i comes after *histories[i], at position +
 * i. The same history may stand there more than once. */
TB_MUST_USE enum tb_status tb_transition_counter_add_turns(struct transition_counter *counter,
                                                           uint32_t *const *histories, const uint16_t *columns,
                                                           size_t count, uint64_t position, struct tb_error *error);

/* The history of a life after a loss of events. Before its first call it has none to lose. */
static inline uint32_t history_after_loss(uint32_t history)
{
    return history == HISTORY_BORN ? HISTORY_BORN : HISTORY_LOST;
}

/* A part: a counter of the same highest order that counted from zero, whose column c is columns[c]
 * here. */
struct counted_part {
    const struct transition_counter *counter; /* Borrowed, and not changed. */
    const uint16_t *columns;
    uint64_t before; /* Positions of the part begin here. */
};

/* The number that a history of a part has here, which is made when it is new. */
TB_MUST_USE enum tb_status tb_transition_counter_translate(struct transition_counter *counter,
                                                           const struct counted_part *part, uint32_t history,
                                                           uint32_t *translated, struct tb_error *error);
/* Adds all that a part counted, its positions moved. */
TB_MUST_USE enum tb_status tb_transition_counter_add_part(struct transition_counter *counter,
                                                          const struct counted_part *part, struct tb_error *error);
/* What a part counted once after *cut, a history that begins where the part does, came after
 * *history, which goes on before: the count moves there. Both go on. To be called after the part
 * was added. TB_INTERNAL when the part did not count it. */
TB_MUST_USE enum tb_status tb_transition_counter_move(struct transition_counter *counter, uint32_t *cut,
                                                      uint32_t *history, uint16_t column, uint64_t position,
                                                      struct tb_error *error);

/* Describes a counter for an archive. column_count: all columns are below. Reading goes into one
 * that is zeroed but for highest_order, and checks that the bytes are a counter that could have
 * been made here. */
void tb_transition_counter_describe(struct tb_archive *archive, struct transition_counter *counter,
                                    size_t column_count);
/* Whether the counter has this step after *cut, which then goes on; else *cut says nothing. */
bool tb_transition_counter_has(const struct transition_counter *counter, uint32_t *cut, uint16_t column);

/* Adds the transitions and first states of one order, at most the highest, to a table, which is not
 * finished yet. symbols: of each column. */
TB_MUST_USE enum tb_status tb_transition_counter_read(const struct transition_counter *counter,
                                                      const tb_symbol *symbols, struct tb_transitions *transitions,
                                                      struct tb_error *error);

/* The counts of a counter's steps at one moment, in the order in which they were made. */
struct step_counts {
    uint64_t *counts; /* owned */
    size_t count;
};

/* Notes the counts as they are; *noted is the caller's to free. False when memory is short, and
 * there is nothing to free. */
TB_MUST_USE bool tb_transition_counter_note(const struct transition_counter *counter, struct step_counts *noted);
/* Frees the counts; it is zeroed then. */
void tb_step_counts_free(struct step_counts *noted);

/* As tb_transition_counter_read, what was counted after one moment (NULL: the beginning) and up to another (NULL: now).
 * first: what the first positions are said to be. */
TB_MUST_USE enum tb_status tb_transition_counter_read_between(const struct transition_counter *counter,
                                                              const tb_symbol *symbols, const struct step_counts *since,
                                                              const struct step_counts *until, uint64_t first,
                                                              struct tb_transitions *transitions,
                                                              struct tb_error *error);

#endif
