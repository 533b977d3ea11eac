/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SEQUENCE_H
#define TWINBED_TRACE_SEQUENCE_H

/* Counting the calls of the threads that selectors choose.
 *
 * A life is one thread under one name in one sequence. Growth: about 80 bytes a life, 4 more a window, and
 * what the transitions take (transition_counter.h, sequence_subtotals.h). */

#include "call_list.h"
#include "markov/transition_counter.h"
#include "process_table.h"
#include "scap/scap_processes.h"
#include "sequence_subtotals.h"
#include "twinbed/trace/trace.h"

enum { LIFE_NONE = UINT32_MAX, HEAD_NONE = UINT32_MAX };

/* Calls of a life that began before the counting did: at least this many, whatever they were. */
#define LIFE_OPEN (UINT64_C(1) << 63)

/* The first calls of such a life, which finish transitions that began before. */
struct life_head {
    uint64_t positions[TB_ORDER_MAX];
    tb_symbol symbols[TB_ORDER_MAX];
    uint32_t marks; /* losses of events before the first of them */
    uint8_t count;
};

struct life {
    uint64_t calls;
    uint64_t context_switches;
    uint64_t first_position;
    int64_t tid;
    int64_t pid;
    uint32_t sequence;
    uint32_t next;          /* the same thread's life in another sequence, or LIFE_NONE */
    uint32_t marks;         /* losses of events that this life knows of */
    uint32_t head;          /* place in heads while it is short, or HEAD_NONE */
    uint32_t history;       /* its last calls, as the counter of the whole sequence numbers them */
    uint32_t group_history; /* the same, by the counter of its thread group */
    uint32_t group;         /* place of its thread group, + 1; 0: none so far */
    bool replaced;          /* began before its thread's name was known, and never lived */
};

/* Calls of one symbol. */
struct symbol_total {
    uint64_t count;
    uint64_t errors;
    uint64_t bytes;
    tb_symbol symbol;
};

/* What a call is, beside its sequence. */
struct counted_call {
    uint64_t time;
    int64_t result;
    uint64_t bytes;
    uint32_t life;
    tb_symbol symbol;
};

/* Calls of a sequence, in file order, to be counted together: they share what has to be looked up for them. */
struct waiting_calls {
    struct counted_call calls[RUN_MAX];
    size_t count;
    uint32_t marks; /* losses of events before the first of them; none lie between */
};

/* One sequence while it is counted. */
struct sequence {
    struct tb_sequence total;            /* what is read off in the end */
    struct transition_counter *counters; /* owned; of the whole, then one a window */
    struct tb_window *windows;           /* owned */
    struct symbol_total *columns;        /* owned; in the order of their first calls */
    uint16_t *column_of;                 /* owned; of each symbol, + 1; 0 when it did not occur */
    size_t column_count;
    size_t column_capacity;
    size_t listed_columns; /* how many the list of calls has */
    struct thread_groups groups;
    struct intervals intervals;
    struct waiting_calls waiting;
    uint64_t exits_beyond_calls; /* exit events that are no calls */
    uint64_t kept_enters;        /* enter events of the kinds that new drivers keep */
};

struct sequences {
    const struct tb_trace_request *request; /* borrowed */
    struct call_list list;                  /* of what is counted, if wanted: tb_call_list_start */
    struct sequence *items;                 /* owned; one a selector */
    struct life *lives;                     /* owned; in order of birth */
    uint32_t *window_histories;             /* owned; of each life one a window, as its counter numbers them */
    struct life_head *heads;                /* owned; of the lives that began before, which come first */
    size_t open_count;                      /* how many these are */
    size_t life_count;
    size_t life_capacity;
    size_t window_history_capacity;
    unsigned highest_order;
    uint32_t marks; /* losses of events so far: no transition crosses one */
};

TB_MUST_USE enum tb_status tb_sequences_init(struct sequences *sequences, const struct tb_trace_request *request,
                                             struct tb_error *error);
void tb_sequences_free(struct sequences *sequences);

/* Words of one thread for tb_sequences_match_texts. */
size_t tb_sequences_text_words(const struct tb_trace_request *request);
/* Notes which selectors' texts the arguments and cgroups hold; a text of size 0 changes nothing. */
void tb_sequences_match_texts(const struct tb_trace_request *request, const struct scap_identity *identity,
                              uint64_t *words);

/* Who a life belongs to: a thread, and which sequence. next: the thread's life in another, or LIFE_NONE. */
struct life_owner {
    int64_t tid;
    int64_t pid;
    uint32_t sequence;
    uint32_t next;
};

/* Begins one life. */
TB_MUST_USE enum tb_status tb_sequences_begin_life(struct sequences *sequences, const struct life_owner *owner,
                                                   uint32_t *place, struct tb_error *error);
/* Begins a life in each sequence whose selector matches; *first is the chain's head. */
TB_MUST_USE enum tb_status tb_sequences_begin_lives(struct sequences *sequences, int64_t tid, int64_t pid,
                                                    const char *name, const uint64_t *words, uint32_t *first,
                                                    struct tb_error *error);

/* Adds events of a thread to the sequences of its lives, life and those linked to it. */
void tb_sequences_add_events(struct sequences *sequences, uint32_t life, uint64_t events);

/* Counts calls that one life made in a row. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_sequences_count_calls(struct sequences *sequences, uint32_t life,
                                                    const struct counted_call *calls, size_t count,
                                                    struct tb_error *error);
/* Counts the calls that wait. To be called before anything that was counted is read. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_sequences_settle(struct sequences *sequences, struct tb_error *error);
/* The same for those of one sequence. */
TB_MUST_USE enum tb_status tb_sequences_count_waiting(struct sequences *sequences, struct sequence *sequence,
                                                      struct tb_error *error);
/* Whether a life has made a call, those that wait included. */
bool tb_sequences_has_calls(const struct sequences *sequences, uint32_t life);

/* Counts one call of one life, call->life, together with those of its sequence before and after it. TB_MEMORY. */
TB_MUST_USE static inline enum tb_status sequences_count(struct sequences *sequences, const struct counted_call *call,
                                                         struct tb_error *error)
{
    struct sequence *const sequence = &sequences->items[sequences->lives[call->life].sequence];
    struct waiting_calls *const waiting = &sequence->waiting;
    if (waiting->count == RUN_MAX || waiting->marks != sequences->marks) {
        const enum tb_status status = tb_sequences_count_waiting(sequences, sequence, error);
        if (status != TB_OK)
            return status;
    }
    /* Field by field: a copy in one piece would wait until all the fields, just written, are in the cache. */
    struct counted_call *const noted = &waiting->calls[waiting->count++];
    noted->time = call->time;
    noted->result = call->result;
    noted->bytes = call->bytes;
    noted->life = call->life;
    noted->symbol = call->symbol;
    return TB_OK;
}

/* Steps of the counting that sequence_parts.c shares: a life more, the column of a symbol (which is made when
 * there is none), the thread group of a life (made at its first call), and no call before this one known any more. */
TB_MUST_USE enum tb_status tb_sequences_add_life(struct sequences *sequences, struct life life, uint32_t *place,
                                                 struct tb_error *error);
TB_MUST_USE enum tb_status tb_sequence_column(struct sequence *sequence, tb_symbol symbol, uint16_t *column,
                                              struct tb_error *error);
TB_MUST_USE enum tb_status tb_sequences_group(struct sequences *sequences, struct life *life,
                                              struct thread_group **group, struct tb_error *error);
void tb_sequences_forget_history(struct sequences *sequences, uint32_t place, uint32_t marks);

/* A life's history in the whole sequence (range 0), or in one window. */
static inline uint32_t *sequences_history(const struct sequences *sequences, uint32_t life, size_t range)
{
    return range == 0 ? &sequences->lives[life].history
                      : &sequences->window_histories[life * sequences->request->window_count + range - 1];
}

/* Begins a count from zero for threads that live already: each life of from that a thread of table has goes on, open,
 * in into, and the threads are given the lives there. request is that of into. */
TB_MUST_USE enum tb_status tb_sequences_go_on(struct sequences *into, const struct tb_trace_request *request,
                                              const struct sequences *from, struct process_table *table,
                                              struct tb_error *error);

/* Whether what part counted lies wholly inside or outside each window of sequences, after which it comes, and in one
 * interval. */
bool tb_sequences_part_fits(const struct sequences *sequences, const struct sequences *part);
/* Adds what part, which is settled and began with first_marks, counted. Its open lives are lives[i] of sequences
 * (LIFE_NONE: it did nothing), the others new ones. */
TB_MUST_USE enum tb_status tb_sequences_add_part(struct sequences *sequences, const struct sequences *part,
                                                 uint32_t first_marks, const uint32_t *lives, struct tb_error *error);

/* Moves what was counted to the caller's result, which has selector_count items. */
TB_MUST_USE enum tb_status tb_sequences_finish(struct sequences *sequences, struct tb_sequence *results,
                                               struct tb_error *error);

/* Adds to a port's total. */
TB_MUST_USE enum tb_status tb_port_totals_add(struct tb_port_total **totals, size_t *count, uint16_t port,
                                              uint64_t added, struct tb_error *error);

/* Releases what a finished sequence owns. */
void tb_sequence_free(struct tb_sequence *sequence, size_t order_count, size_t window_count);

#endif
