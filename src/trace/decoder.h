/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_DECODER_H
#define TWINBED_TRACE_DECODER_H

/* One pass over a trace: what its parts share. */

#include "call/call_table.h"
#include "fast_path.h"
#include "threads.h"

/* Bytes moved by a call whose enter, with its descriptor, was before the beginning. */
struct unplaced_transfer {
    uint32_t thread; /* place */
    bool read;
    uint64_t bytes;
};

/* Everything that one pass over a trace holds. */
struct decoder {
    struct scap_walker walker;
    struct tb_trace *trace;
    struct sequences sequences;
    struct threads threads;
    struct tb_event_meaning meanings[EVENT_NUMBERS]; /* of the section at hand */
    struct fast_event usual[EVENT_NUMBERS];          /* the same */
    struct text_lines *lines;                        /* owned; of a trace that is a text, else NULL */
    struct process_table *assumed; /* borrowed; the table as it was taken to be where this decoder began, or NULL */
    struct unplaced_transfer *unplaced; /* owned; only with assumed */
    size_t unplaced_count;
    size_t unplaced_capacity;
    bool (*visit)(void *context, const struct tb_call_record *record);
    void *context;
    uint16_t minor_version;
    bool events_seen;     /* in the section at hand */
    bool scap_seen;       /* a block that only scap has */
    bool foreign_seen;    /* a block that scap does not have */
    bool enters_ordinary; /* an enter that new drivers do not write */
    bool assume_enters;   /* an exit whose enter was before the beginning has one */
    bool stopped;         /* visit wants no more */
    bool timed;           /* an event with a time was seen */
};

/* Notes the time of an event. Of those that are taken together the first and the last will do. */
static inline void decoder_note_time(struct decoder *decoder, uint64_t time)
{
    if (!decoder->timed)
        decoder->trace->first_time = time;
    decoder->trace->last_time = time;
    decoder->timed = true;
}

/* One exit while it is looked at. */
struct exit_view {
    const struct scap_event *event;
    const struct tb_event_meaning *meaning;
    int64_t result;
    bool has_result;
    bool matched;                       /* the thread's pending enter is its own */
    bool unplaced;                      /* which is not known but for that */
    enum tb_descriptor_kind descriptor; /* that the call is made on, where the vocabulary tells them apart */
};

/* Counts and applies one event whose parameters are known to fit. meaning is of a class that is needed. */
TB_MUST_USE enum tb_status tb_decoder_take_event(struct decoder *decoder, const struct scap_event *event,
                                                 const struct tb_event_meaning *meaning, struct tb_error *error);

/* Takes events that begin before offset end as long as they are of the usual kind and whole in the window, and nothing
 * is wrong with them. What stops it is left to tb_decoder_take_block. */
TB_MUST_USE enum tb_status tb_decoder_take_ready_events(struct decoder *decoder, uint64_t end, struct tb_error *error);

bool tb_call_never_returns(unsigned call);
/* New drivers still write some enters when asked to keep state, so they do not tell the style of a file. */
bool tb_enter_is_ordinary(uint16_t type);
/* One of them, of a thread that may be counted. */
void tb_thread_note_kept_enter(struct decoder *decoder, const struct thread *thread);
/* An exit without its enter, of a thread that is counted: events were lost. */
void tb_thread_note_lone_exit(struct decoder *decoder, const struct thread *thread, uint16_t type);

/* What an enter says beyond its first parameter, as far as its exit needs it. */
void tb_thread_note_second(struct thread *thread, const struct scap_event *event,
                           const struct tb_event_meaning *meaning);
/* What an exit, but for those that change who is who, does to descriptors, and the ports it counts. */
TB_MUST_USE enum tb_status tb_exit_apply_to_descriptors(struct decoder *decoder, const struct thread *thread,
                                                        const struct exit_view *view, struct tb_error *error);
void tb_decoder_take_switch(struct decoder *decoder, int64_t tid, bool state_only);

bool tb_exit_has_enter(const struct decoder *decoder, const struct thread *thread, const struct exit_view *view);
bool tb_thread_waits_for_exit(const struct decoder *decoder, const struct thread *thread);

/* A thread's first event of its own since the marks were wiped: notes which of its fields matter. With ready nothing
 * of the enter at hand does. */
void tb_assume_enter(struct decoder *decoder, uint32_t place, bool ready);
TB_MUST_USE enum tb_status tb_assume_exit(struct decoder *decoder, uint32_t place, struct exit_view *view, bool ready,
                                          struct tb_error *error);

/* A decoder at the beginning of a source. To be finished whatever comes back. */
TB_MUST_USE enum tb_status tb_decoder_start(struct decoder *decoder, struct tb_source *source,
                                            const struct tb_trace_request *request, struct tb_error *error);
void tb_decoder_finish(struct decoder *decoder);
TB_MUST_USE enum tb_status tb_decoder_check_request(const struct tb_source *source,
                                                    const struct tb_trace_request *request, struct tb_error *error);
/* What event numbers mean in a section of minor_version. */
void tb_decoder_set_meanings(struct decoder *decoder);
/* Takes all blocks that are left, and moves the result to the caller. */
TB_MUST_USE enum tb_status tb_decoder_take_rest(struct decoder *decoder, struct tb_trace **trace,
                                                struct tb_error *error);

/* Moves what was counted to a trace. */
TB_MUST_USE enum tb_status tb_trace_take_sequences(struct tb_trace *trace, struct sequences *sequences,
                                                   struct tb_error *error);

/* Takes blocks that begin before offset end; TB_OK also when the stream ends before it. */
TB_MUST_USE enum tb_status tb_decoder_take_blocks(struct decoder *decoder, uint64_t end, struct tb_error *error);
TB_MUST_USE enum tb_status tb_decoder_take_block(struct decoder *decoder, const struct scap_block *block,
                                                 struct tb_error *error);

/* The port of an address or, with tuple, of a tuple's second end; false unless it is of IP. */
bool tb_exit_port(const struct scap_event *event, uint32_t which, bool tuple, uint16_t *port);
/* What a successful call does to the descriptors of its process. */
void tb_exit_change_descriptors(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);
/* Counts a connection made, or taken, by port. */
TB_MUST_USE enum tb_status tb_exit_take_connect(struct decoder *decoder, const struct thread *thread,
                                                const struct exit_view *view, struct tb_error *error);
TB_MUST_USE enum tb_status tb_exit_take_accept(struct decoder *decoder, const struct thread *thread,
                                               const struct exit_view *view, struct tb_error *error);
/* The kind of the descriptor that a call is made on; unknown for calls that are made on none, or of which the trace does
 * not tell it. */
enum tb_descriptor_kind tb_exit_descriptor(struct decoder *decoder, const struct thread *thread,
                                           const struct exit_view *view);
/* Counts a read or write by the kind of its descriptor. */
void tb_exit_count_transfer(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);

static inline void thread_count_transfer(struct decoder *decoder, const struct thread *thread, bool read,
                                         int64_t descriptor, uint64_t bytes)
{
    const struct life *const lives = decoder->sequences.lives;
    struct descriptors *const descriptors = &decoder->threads.table.processes[thread->process].descriptors;
    const enum tb_descriptor_kind kind = descriptors_get(descriptors, descriptor);
    for (uint32_t i = thread->life; i != LIFE_NONE; i = lives[i].next) {
        struct tb_sequence *const total = &decoder->sequences.items[lives[i].sequence].total;
        struct tb_transfer *const transfer = read ? &total->reads[kind] : &total->writes[kind];
        transfer->calls++;
        transfer->bytes += bytes;
    }
}

#endif
