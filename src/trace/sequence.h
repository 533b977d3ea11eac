/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SEQUENCE_H
#define TWINBED_TRACE_SEQUENCE_H

/* Counting the calls of the threads that selectors choose.
 *
 * A sequence is what one selector of the request takes: calls of all threads of that name, in file
 * order. A life is one thread under one name in one sequence; transitions are counted along lives,
 * never from one to another. A thread that several selectors match has several lives, linked by
 * next.
 *
 *       sequences_count(call) -> waiting calls of the sequence, up to RUN_MAX
 *               |  when they are many, or events were lost, or somebody wants to read
 *       tb_sequences_count_waiting -> totals by symbol (columns)
 *                                  -> what each life keeps: calls, first position, head
 *                                  -> counters: whole sequence, windows, thread group (markov/transition_counter.h)
 *                                  -> the list of calls, if wanted (call_list.h)
 *
 * Order to learn it in: tb_sequences_init, tb_sequences_begin_lives, sequences_count,
 * tb_sequences_finish are one trace in one piece. tb_sequences_go_on, tb_sequences_part_fits and
 * tb_sequences_add_part are for traces that are decoded in parts (speculation.h).
 *
 * A symbol is the number of a call (call/symbols.h). A column is the number that a sequence gives a
 * symbol when it meets it first; columns are small, so tables by column are small, too.
 *
 * Growth: about 80 bytes a life, 4 more a window, and what the transitions take
 * (transition_counter.h, sequence_subtotals.h). Functions that fail do so with TB_MEMORY; what was
 * counted is then only to be freed. One thread of twinbed at a time. */

#include "call_list.h"
#include "markov/transition_counter.h"
#include "process_table.h"
#include "scap/scap_processes.h"
#include "sequence_subtotals.h"
#include "twinbed/trace/trace.h"

/* No life, and no head. */
enum { LIFE_NONE = UINT32_MAX, HEAD_NONE = UINT32_MAX };

/* Added to the calls of a life that began before the counting did: at least this many, whatever
 * they were. */
#define LIFE_OPEN (UINT64_C(1) << 63)

/* The first calls of such a life, at most as many as the highest order. They finish transitions
 * that began before the part. */
struct life_head {
    uint64_t positions[TB_ORDER_MAX]; /* In the part's sequence, from 0 on. */
    tb_symbol symbols[TB_ORDER_MAX];
    uint32_t marks; /* losses of events before the first of them */
    uint8_t count;  /* How many calls it has. */
};

/* One thread under one name in one sequence. */
struct life {
    uint64_t calls;
    uint64_t context_switches; /* Times that the thread left a processor. */
    uint64_t first_position;   /* Of its first call in the sequence; UINT64_MAX before it. */
    int64_t tid;
    int64_t pid;
    uint32_t sequence; /* Place in items, which is the selector's. */
    uint32_t next;     /* The same thread's life in another sequence, or LIFE_NONE. */
    /* How many losses of events this life knows of. When it lags behind, its history is lost at its
     * next call. */
    uint32_t marks;
    uint32_t head;          /* Place in heads while it takes calls; HEAD_NONE when it is full or there is none. */
    uint32_t history;       /* Its last calls, as the counter of the whole sequence numbers them. */
    uint32_t group_history; /* The same, as the counter of its thread group numbers them. */
    uint32_t group;         /* Place of its thread group, + 1; 0: none so far. */
    bool replaced;          /* Its thread got another name before it did anything; the life is not in the results. */
};

/* Calls of one symbol. */
struct symbol_total {
    uint64_t count;
    uint64_t errors; /* Calls with a negative result. */
    uint64_t bytes;  /* Sum of what reads and writes have moved. */
    tb_symbol symbol;
};

/* What a call is, beside its sequence. */
struct counted_call {
    uint64_t time; /* Of its exit, in nanoseconds since the epoch; 0 when nobody tells it. */
    int64_t result;
    uint64_t bytes; /* Moved by a read or write, else 0. */
    uint32_t life;
    tb_symbol symbol;
};

/* Calls of a sequence, in file order, to be counted together: they share what has to be looked up
 * for them. */
struct waiting_calls {
    struct counted_call calls[RUN_MAX];
    size_t count;
    uint32_t marks; /* Losses of events before the first of them; none lie between. */
};

/* One sequence while it is counted. */
struct sequence {
    /* What is read off in the end. Its totals by call and its transitions are empty until then. */
    struct tb_sequence total;
    struct transition_counter *counters; /* Owned; that of the whole sequence, then one a window. */
    struct tb_window *windows;           /* Owned; window_count of the request, as they are for this selector. */
    struct symbol_total *columns;        /* Owned; column_count items, in the order of their first calls. */
    /* Owned; TB_SYMBOL_LIMIT items: the column of each symbol, + 1; 0 when it did not occur. */
    uint16_t *column_of;
    size_t column_count;
    size_t column_capacity;
    size_t listed_columns;       /* How many columns the list of calls has been told. */
    struct thread_groups groups; /* Empty unless the request wants thread groups. */
    struct intervals intervals;  /* Of length 0 unless the request wants intervals. */
    struct waiting_calls waiting;
    /* Exit events that are no calls: of clone children, and of calls that never return. */
    uint64_t exits_beyond_calls;
    uint64_t kept_enters; /* Enter events of the kinds that new drivers keep. */
};

/* All sequences of one trace, or of one part of it. */
struct sequences {
    const struct tb_trace_request *request; /* Borrowed as long as this lives. */
    struct call_list list;                  /* Of what is counted, if wanted: tb_call_list_start. */
    struct sequence *items;                 /* Owned; one a selector. */
    struct life *lives; /* Owned; life_count items, in order of birth. May move when a life begins. */
    /* Owned; window_count of each life: its last calls, as the counter of that window numbers them. */
    uint32_t *window_histories;
    /* Owned; open_count items, of the lives that began before, which come first. NULL when nothing
     * was before. */
    struct life_head *heads;
    size_t open_count; /* How many lives began before the counting did. */
    size_t life_count;
    size_t life_capacity;
    size_t window_history_capacity;
    unsigned highest_order; /* Of the request; 0 when it asks for no transitions. */
    uint32_t marks;         /* Losses of events so far, whoever saw them: no transition crosses one. */
};

/* Begins sequences for a request that was checked (tb_decoder_check_request). What sequences held
 * before is overwritten, not freed. On failure it is empty, and may be freed all the same. */
TB_MUST_USE enum tb_status tb_sequences_init(struct sequences *sequences, const struct tb_trace_request *request,
                                             struct tb_error *error);
/* Frees all but the list's sink; the request stays noted. */
void tb_sequences_free(struct sequences *sequences);

/* How many words of one thread tb_sequences_match_texts fills; 0 when no selector asks for
 * arguments or a cgroup. */
size_t tb_sequences_text_words(const struct tb_trace_request *request);
/* Notes which selectors' texts a thread's arguments and cgroups hold: in the first half of words
 * those of arguments, one bit a selector, in the second those of cgroups. A text of size 0 is not
 * known, and leaves its bits as they were. */
void tb_sequences_match_texts(const struct tb_trace_request *request, const struct scap_identity *identity,
                              uint64_t *words);

/* Who a life belongs to: a thread, and which sequence. */
struct life_owner {
    int64_t tid;
    int64_t pid;
    uint32_t sequence;
    uint32_t next; /* The thread's life in another sequence, or LIFE_NONE. */
};

/* Begins one life; *place is its place. */
TB_MUST_USE enum tb_status tb_sequences_begin_life(struct sequences *sequences, const struct life_owner *owner,
                                                   uint32_t *place, struct tb_error *error);
/* Begins a life in each sequence whose selector matches: its name, and as far as it asks for them
 * its pid, arguments and cgroup. *first is the chain's head, LIFE_NONE when none matches or the
 * name is "". words: of tb_sequences_match_texts; NULL when there are 0. */
TB_MUST_USE enum tb_status tb_sequences_begin_lives(struct sequences *sequences, int64_t tid, int64_t pid,
                                                    const char *name, const uint64_t *words, uint32_t *first,
                                                    struct tb_error *error);

/* Adds enter and exit events of a thread to the sequences of its lives: life and those linked to
 * it. LIFE_NONE: to none. */
void tb_sequences_add_events(struct sequences *sequences, uint32_t life, uint64_t events);

/* Counts calls that one life made in a row; whose life each says is not looked at. */
TB_MUST_USE enum tb_status tb_sequences_count_calls(struct sequences *sequences, uint32_t life,
                                                    const struct counted_call *calls, size_t count,
                                                    struct tb_error *error);
/* Counts the calls that wait, of all sequences. To be called before anything that was counted is
 * read. */
TB_MUST_USE enum tb_status tb_sequences_settle(struct sequences *sequences, struct tb_error *error);
/* The same for those of one sequence, one of sequences. */
TB_MUST_USE enum tb_status tb_sequences_count_waiting(struct sequences *sequences, struct sequence *sequence,
                                                      struct tb_error *error);
/* Whether a life has made a call, those that wait included. */
bool tb_sequences_has_calls(const struct sequences *sequences, uint32_t life);

/* Counts one call of one life, call->life, together with those of its sequence before and after it. */
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

/* Steps of the counting that sequence_parts.c and sequence_pack.c share. A life more, as it is,
 * with no calls in any window. */
TB_MUST_USE enum tb_status tb_sequences_add_life(struct sequences *sequences, struct life life, uint32_t *place,
                                                 struct tb_error *error);
/* The column of a symbol, below TB_SYMBOL_LIMIT, which is made when there is none. */
TB_MUST_USE enum tb_status tb_sequence_column(struct sequence *sequence, tb_symbol symbol, uint16_t *column,
                                              struct tb_error *error);
/* The thread group of a life, which is made at its first call. *group is good until the next group
 * is made. */
TB_MUST_USE enum tb_status tb_sequences_group(struct sequences *sequences, struct life *life,
                                              struct thread_group **group, struct tb_error *error);
/* Of a life no call before this one is known any more: events were lost. marks: how many losses it
 * knows of now. */
void tb_sequences_forget_history(struct sequences *sequences, uint32_t place, uint32_t marks);

/* A life's history in the whole sequence (range 0), or in window range - 1. Good until the next
 * life begins. */
static inline uint32_t *sequences_history(const struct sequences *sequences, uint32_t life, size_t range)
{
    return range == 0 ? &sequences->lives[life].history
                      : &sequences->window_histories[life * sequences->request->window_count + range - 1];
}

/* Begins a count from zero for threads that live already: each life of from that a thread of table
 * has goes on, open, in into, and the threads are given the lives there. into is initialised for
 * request, which may have other windows than that of from; it is to be freed whatever comes back. */
TB_MUST_USE enum tb_status tb_sequences_go_on(struct sequences *into, const struct tb_trace_request *request,
                                              const struct sequences *from, struct process_table *table,
                                              struct tb_error *error);

/* Whether what part counted lies wholly inside or outside each window of sequences, after which it
 * comes, and in one interval. Else it cannot be added, because a part does not know its transitions
 * position by position. */
bool tb_sequences_part_fits(const struct sequences *sequences, const struct sequences *part);
/* Adds what part counted, which is settled and fits, and the list of its calls if one is wanted; when the part has none, the whole
 * has none from now on. It began when first_marks losses were known to
 * it. lives: its open life i is lives[i] of sequences, or LIFE_NONE: it did nothing; all its other
 * lives are new ones, and are added in their order. */
TB_MUST_USE enum tb_status tb_sequences_add_part(struct sequences *sequences, const struct sequences *part,
                                                 uint32_t first_marks, const uint32_t *lives, struct tb_error *error);

/* Tells the list of calls, which is wanted, of the columns of a sequence that it does not know. */
void tb_sequences_list_columns(struct sequences *sequences, uint32_t which);

/* Moves what was counted to the caller's results, selector_count items, each to be freed with
 * tb_sequence_free. On failure those that were not moved stay here. */
TB_MUST_USE enum tb_status tb_sequences_finish(struct sequences *sequences, struct tb_sequence *results,
                                               struct tb_error *error);

/* Adds to a port's total; *totals, owned, stays sorted by port. */
TB_MUST_USE enum tb_status tb_port_totals_add(struct tb_port_total **totals, size_t *count, uint16_t port,
                                              uint64_t added, struct tb_error *error);

/* Frees what a finished sequence owns, of a request with so many orders and windows. A zeroed one
 * may be freed, too. */
void tb_sequence_free(struct tb_sequence *sequence, size_t order_count, size_t window_count);

#endif
