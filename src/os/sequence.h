/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_SEQUENCE_H
#define TWINBED_OS_SEQUENCE_H

/* Counting the calls of the threads that selectors choose.
 *
 * A life is one thread under one name in one sequence. Growth: about 100 bytes a life, 16 more a window, and
 * what the transitions take: a square of at most 256 x 256 cells for order 1, 56 to 88 bytes a distinct
 * transition for the others. */

#include "process_table.h"
#include "scap_processes.h"
#include "sequence_portions.h"
#include "twinbed/os/trace.h"

enum { LIFE_NONE = UINT32_MAX, HEAD_NONE = UINT32_MAX };

/* Calls of a life that began before the counting did: at least this many, whatever they were. */
#define LIFE_OPEN (UINT64_C(1) << 63)

/* The first calls of such a life, which finish transitions that began before. */
struct life_head {
    uint64_t positions[TB_ORDER_MAX];
    tb_symbol symbols[TB_ORDER_MAX];
    uint8_t count;
};

/* A life's calls inside one window. */
struct life_window {
    uint64_t calls;
    uint64_t run; /* without a loss of events between them */
};

struct life {
    struct tb_key history; /* the last calls, as many as the highest order */
    uint64_t calls;
    uint64_t run; /* calls since the last loss of events */
    uint64_t context_switches;
    uint64_t first_position;
    int64_t tid;
    int64_t pid;
    uint32_t sequence;
    uint32_t next;  /* the same thread's life in another sequence, or LIFE_NONE */
    uint32_t marks; /* losses of events that this life knows of */
    uint32_t head;  /* place in heads while it is short, or HEAD_NONE */
    uint32_t group; /* place among the thread groups of its sequence, + 1; 0: none so far */
    uint16_t last;  /* column of the last call */
    bool replaced;  /* began before its thread's name was known, and never lived */
};

/* Calls of one symbol. */
struct symbol_total {
    uint64_t count;
    uint64_t errors;
    uint64_t bytes;
    tb_symbol symbol;
};

/* One sequence while it is counted. */
struct sequence {
    struct tb_sequence total;            /* what is read off in the end */
    struct transition_counter *counters; /* owned; orders of the whole, then those of each window */
    struct tb_window *windows;           /* owned */
    struct symbol_total *columns;        /* owned; in the order of their first calls */
    uint16_t *column_of;                 /* owned; of each symbol, + 1; 0 when it did not occur */
    size_t column_count;
    size_t column_capacity;
    uint32_t side; /* columns of the squares of cells */
    struct portions groups;
    struct portions stretches;
};

struct sequences {
    const struct tb_trace_request *request; /* borrowed */
    struct sequence *items;                 /* owned; one a selector */
    struct life *lives;                     /* owned; in order of birth */
    struct life_window *life_windows;       /* owned; window_count of each life */
    struct life_head *heads;                /* owned; of the lives that began before, which come first */
    size_t open_count;                      /* how many these are */
    size_t life_count;
    size_t life_capacity;
    size_t life_window_capacity;
    unsigned highest_order;
    uint32_t marks; /* losses of events so far: no transition crosses one */
};

/* What a call is, beside its thread. */
struct counted_call {
    uint64_t time;
    int64_t result;
    uint64_t bytes;
    tb_symbol symbol;
};

TB_MUST_USE enum tb_status sequences_init(struct sequences *sequences, const struct tb_trace_request *request,
                                          struct tb_error *error);
void sequences_free(struct sequences *sequences);

/* Words of one thread for sequences_match_texts. */
size_t sequences_text_words(const struct tb_trace_request *request);
/* Notes which selectors' texts the arguments and cgroups hold; a text of size 0 changes nothing. */
void sequences_match_texts(const struct tb_trace_request *request, const struct scap_identity *identity,
                           uint64_t *words);

/* Begins a life in each sequence whose selector matches; *first is the chain's head. */
TB_MUST_USE enum tb_status sequences_begin_lives(struct sequences *sequences, int64_t tid, int64_t pid,
                                                 const char *name, const uint64_t *words, uint32_t *first,
                                                 struct tb_error *error);

/* Counts one call of one life. */
TB_MUST_USE enum tb_status sequences_count(struct sequences *sequences, uint32_t life, const struct counted_call *call,
                                           struct tb_error *error);

/* Steps of the counting that sequence_parts.c shares: a life more, the column of a symbol, which is made when there is
 * none, and no call before this one known any more. */
TB_MUST_USE enum tb_status sequences_add_life(struct sequences *sequences, struct life life, uint32_t *place,
                                              struct tb_error *error);
TB_MUST_USE enum tb_status sequences_column(struct sequences *sequences, struct sequence *sequence, tb_symbol symbol,
                                            uint32_t *column, struct tb_error *error);
void sequences_forget_history(struct sequences *sequences, struct life *life, struct life_window *lived);

/* Portions of a sequence: whether it has stretches; the place of a life's thread group, made at its first call; the
 * place of the stretch around a position, made when it is the first there. */
static inline bool sequences_has_stretches(const struct sequences *sequences, size_t which)
{
    return sequences->request->stretch != NULL && sequences->request->stretch[which] != 0;
}
TB_MUST_USE enum tb_status sequences_group(struct sequences *sequences, struct life *life, uint32_t *place,
                                           struct tb_error *error);
TB_MUST_USE enum tb_status sequences_stretch(struct sequences *sequences, size_t which, uint64_t position,
                                             uint32_t *place, struct tb_error *error);

/* Begins a count from zero for threads that live already: each life of from that a thread of table has goes on, open,
 * in into, and the threads are given the lives there. request is that of into. */
TB_MUST_USE enum tb_status sequences_go_on(struct sequences *into, const struct tb_trace_request *request,
                                           const struct sequences *from, struct process_table *table,
                                           struct tb_error *error);

/* Whether what part counted lies wholly inside or outside each window of sequences, after which it comes. */
bool sequences_part_fits(const struct sequences *sequences, const struct sequences *part);
/* Adds what part, which began with first_marks, counted. Its open lives are lives[i] of sequences (LIFE_NONE: it did
 * nothing), the others new ones. */
TB_MUST_USE enum tb_status sequences_add_part(struct sequences *sequences, const struct sequences *part,
                                              uint32_t first_marks, const uint32_t *lives, struct tb_error *error);

/* Moves what was counted to the caller's result, which has selector_count items. */
TB_MUST_USE enum tb_status sequences_finish(struct sequences *sequences, struct tb_sequence *results,
                                            struct tb_error *error);

/* Adds to a port's total. */
TB_MUST_USE enum tb_status port_totals_add(struct tb_port_total **totals, size_t *count, uint16_t port, uint64_t added,
                                           struct tb_error *error);

/* Releases what a finished sequence owns. */
void sequence_free(struct tb_sequence *sequence, size_t order_count, size_t window_count);

#endif
