/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_DECODER_H
#define TWINBED_TRACE_DECODER_H

/* One pass over a trace: the decoder, and the steps that its sources share.
 *
 * A decoder reads blocks from its walker (or lines of a text), turns them into events, and changes
 * three things by each event: who is who (threads.h), what descriptors stand for (descriptors.h),
 * and what was counted (sequence.h).
 *
 *       reader -> walker -> block --> usual events           tb_decoder_take_fast_path   fast_path.c
 *                              \---> all others             tb_decoder_take_block       trace.c
 *       reader -> lines of a text --> the same events        tb_decoder_take_lines       text_lines.c
 *                                         |
 *                                  tb_decoder_take_event     decoder_events.c
 *                                         |
 *               threads, names      descriptors, ports      calls of sequences
 *                 threads.c           exit_effects.c          sequence.c
 *
 * Read process_table.h and descriptors.h first, then threads.h and sequence.h, then this header
 * from struct decoder on, and speculation.h last. tb_trace_read (trace.c) is the shortest example:
 * start, take the rest, finish.
 *
 * Nothing here knows of other threads of twinbed: one decoder is used by one of them at a time. All
 * numbers that come from the file were checked by the walker and by scap_event_parameters before
 * they get here; what they say may still be nonsense. Where nothing else stands, a function that
 * can fail does so with TB_MEMORY or with what the reader met; the decoder is then only to be
 * finished. */

#include "call/call_table.h"
#include "fast_path.h"
#include "threads.h"

/* Bytes moved by a call whose enter, with its descriptor, was before the place where a speculation
 * began. Which kind of descriptor it was is only known when the speculation is committed. */
struct unplaced_transfer {
    uint32_t thread; /* Place of the thread in the table. */
    bool read;       /* A read, else a write. */
    uint64_t bytes;
};

/* Everything that one pass over a trace holds. Some 16 KiB, so it is allocated, zeroed;
 * tb_decoder_start fills it. */
struct decoder {
    /* Owns the reader; tells the byte order of the section at hand. Its account is that of trace. */
    struct scap_walker walker;
    /* Owned until tb_decoder_take_rest hands it on: the account of bytes, and counts of events of
     * all threads. */
    struct tb_trace *trace;
    /* The calls of the threads that are chosen. Its marks grow by one with each loss of events,
     * whatever lost them. */
    struct sequences sequences;
    /* All threads of the section at hand, chosen or not. It refers to sequences above. */
    struct threads threads;
    /* What each event number means in the section at hand; only four of them depend on its version. */
    struct tb_event_meaning meanings[EVENT_NUMBERS];
    struct fast_event usual[EVENT_NUMBERS]; /* The same, as the fast path looks at it. */
    /* Owned; of a trace that is a text. NULL for scap files, and the walker's blocks are taken. */
    struct text_lines *lines;
    /* Borrowed; of a speculation, the table as it was taken to be where it began to count. NULL for
     * a decoder that reads from the beginning, whose table is not assumed but known. */
    struct process_table *assumed;
    struct unplaced_transfer *unplaced; /* Owned; empty unless assumed is set. */
    size_t unplaced_count;
    size_t unplaced_capacity;
    /* Shown every call of every thread, for tb_trace_visit; NULL otherwise. With it the fast path
     * is closed. */
    bool (*visit)(void *context, const struct tb_call_record *record);
    void *context;
    uint16_t minor_version; /* Of the section at hand. */
    /* The section at hand has had an event. A list of threads or descriptors after that begins
     * another section. */
    bool events_seen;
    /* A block was met that only scap has. Without any, a file with foreign blocks is a pcapng
     * capture. */
    bool scap_seen;
    bool foreign_seen; /* A block was met that scap does not have. */
    /* An enter was met that new drivers do not write: the file is of the style with enters. */
    bool enters_ordinary;
    /* Of a speculation in a file with enters: the first exit of a thread has an enter before the
     * beginning, and it is taken to be the right one. The commit checks that. */
    bool assume_enters;
    bool stopped; /* visit wants no more. */
    bool timed;   /* An event with a time was seen, so first_time of the trace is set. */
};

/* Notes the time of an event, in nanoseconds since the epoch. Of events that are taken together the
 * first and the last will do. */
static inline void decoder_note_time(struct decoder *decoder, uint64_t time)
{
    if (!decoder->timed)
        decoder->trace->first_time = time;
    decoder->trace->last_time = time;
    decoder->timed = true;
}

/* One exit while it is looked at: what the event says, and what the decoder has found out about it
 * so far. It lives on the stack of who takes the exit. */
struct exit_view {
    /* Borrowed. NULL on the fast path until somebody needs more than the first parameter. */
    const struct scap_event *event;
    const struct tb_event_meaning *meaning; /* Borrowed; of the class EVENT_EXIT. */
    /* What the call returned, negative for an error; 0 when the event has none, as generic ones in
     * scap files. */
    int64_t result;
    bool has_result;
    bool matched; /* The thread's pending enter is this exit's own, so its values may be used. */
    /* matched is taken to be so, but what the enter said is not known: the transfer waits in
     * decoder.unplaced. */
    bool unplaced;
    /* The kind of descriptor that the call is made on, for the call's symbol. Unknown unless the
     * vocabulary tells descriptors apart. */
    enum tb_descriptor_kind descriptor;
};

/* Counts and applies one event of a thread, the general way. The event's parameters are known to
 * fit the event. meaning is that of its number, of any class but EVENT_NEVER and EVENT_OTHER. event
 * is borrowed for the call. Bytes and trace.events are counted by the caller. */
TB_MUST_USE enum tb_status tb_decoder_take_event(struct decoder *decoder, const struct scap_event *event,
                                                 const struct tb_event_meaning *meaning, struct tb_error *error);

/* Takes events that begin before offset end as long as they are of the usual kind, whole in the
 * reader's window, and nothing is wrong with them. What stops it is left to tb_decoder_take_block,
 * so taking nothing is TB_OK, too. Accounts for all bytes it passes. */
TB_MUST_USE enum tb_status tb_decoder_take_ready_events(struct decoder *decoder, uint64_t end, struct tb_error *error);

/* Whether a call has an enter but no exit of its own: exit, exit_group, rt_sigreturn. Such calls
 * count nowhere, in no file. */
bool tb_call_never_returns(unsigned call);
/* Whether an enter of this number tells that the file has enters. New drivers still write those of
 * open, connect, creat, openat, openat2 and the two of execve when they are asked to keep state, so
 * these seven do not tell the style of a file. */
bool tb_enter_is_ordinary(uint16_t type);
/* One of those seven, of a thread: counts for the sequences of its lives, if it has any. */
void tb_thread_note_kept_enter(struct decoder *decoder, const struct thread *thread);
/* An exit without its enter, of a thread that is counted: events were lost, unless the thread is
 * seen for the first time since the last loss, or the exit is one more message of the same call. */
void tb_thread_note_lone_exit(struct decoder *decoder, const struct thread *thread, uint16_t type);

/* Keeps what an enter says beyond its first parameter, as far as its exit needs it: the port of a
 * connect, the command of a fcntl. */
void tb_thread_note_second(struct thread *thread, const struct scap_event *event,
                           const struct tb_event_meaning *meaning);
/* What an exit does to the descriptors of its process, and the ports it counts. Not for execve and
 * clone, which change who is who (threads.h). */
TB_MUST_USE enum tb_status tb_exit_apply_to_descriptors(struct decoder *decoder, const struct thread *thread,
                                                        const struct exit_view *view, struct tb_error *error);
/* A thread left the processor: counts for the trace and, unless state_only, for the sequences of
 * the thread's lives. A thread that is not known is not begun by it. */
void tb_decoder_take_switch(struct decoder *decoder, int64_t tid, bool state_only);

/* Whether the thread's pending enter belongs to this exit: its number is one less; for generic
 * calls the same id, too; any execve belongs to any other, as a successful execveat ends as execve. */
bool tb_exit_has_enter(const struct decoder *decoder, const struct thread *thread, const struct exit_view *view);
/* Whether the thread has a pending enter whose exit must come: if another enter comes first, events
 * were lost. */
bool tb_thread_waits_for_exit(const struct decoder *decoder, const struct thread *thread);

/* A thread's first event of its own since the marks were wiped (begin_counting in speculation.c):
 * notes which of the thread's fields matter to it, so that the commit can compare them. ready: the
 * event is such that nothing of the enter at hand does. Without a speculation they only mark that
 * the thread had an event. For enters and for exits; the latter also puts the enter that must have
 * been before the beginning, into the thread and into what is assumed. */
void tb_assume_enter(struct decoder *decoder, uint32_t place, bool ready);
TB_MUST_USE enum tb_status tb_assume_exit(struct decoder *decoder, uint32_t place, struct exit_view *view, bool ready,
                                          struct tb_error *error);

/* Begins a decoder, which is zeroed, at the beginning of a source. request and source are borrowed
 * until it is finished, which is to be done whatever comes back. TB_TRUNCATED: the file is empty;
 * TB_UNSUPPORTED: it begins neither as a scap file nor as a text that a tracer wrote. */
TB_MUST_USE enum tb_status tb_decoder_start(struct decoder *decoder, struct tb_source *source,
                                            const struct tb_trace_request *request, struct tb_error *error);
/* Frees all that the decoder owns, but not the structure, which is not to be used afterwards. The
 * trace goes with it unless it was handed on. */
void tb_decoder_finish(struct decoder *decoder);
/* TB_USAGE, with the source's name, when a selector has no name, the vocabulary is unknown, or an
 * order is 0 or beyond TB_ORDER_MAX. */
TB_MUST_USE enum tb_status tb_decoder_check_request(const struct tb_source *source,
                                                    const struct tb_trace_request *request, struct tb_error *error);
/* Fills meanings and usual as the decoder's minor_version demands. */
void tb_decoder_set_meanings(struct decoder *decoder);
/* Takes all blocks that are left, and moves the result to the caller, who frees it with
 * tb_trace_free. *trace is set only on TB_OK. A pcapng capture, which begins like a scap file, is
 * told here: TB_UNSUPPORTED. */
TB_MUST_USE enum tb_status tb_decoder_take_rest(struct decoder *decoder, struct tb_trace **trace,
                                                struct tb_error *error);

/* Moves what was counted to a trace, with the orders of the request. The trace is to be freed by
 * tb_trace_free whatever comes back. */
TB_MUST_USE enum tb_status tb_trace_take_sequences(struct tb_trace *trace, struct sequences *sequences,
                                                   struct tb_error *error);

/* Takes blocks, or lines, that begin before offset end; TB_OK also when the stream ends before it,
 * or when visit wanted no more. On TB_OK no call waits any more, so all counts can be read. */
TB_MUST_USE enum tb_status tb_decoder_take_blocks(struct decoder *decoder, uint64_t end, struct tb_error *error);
/* Takes one block that the walker has found, and passes it; each of its bytes goes to the account
 * as decoded, skipped or damaged. */
TB_MUST_USE enum tb_status tb_decoder_take_block(struct decoder *decoder, const struct scap_block *block,
                                                 struct tb_error *error);

/* The port that parameter number which holds: of an address, or with tuple of the second end of a
 * pair of them. False, and *port as it was, when the parameter is absent, too short, or not of IP.
 * Layout: one byte of address family (2: IPv4, 10: IPv6), the address, the port; a tuple has both
 * addresses with their ports behind the family. */
bool tb_exit_port(const struct scap_event *event, uint32_t which, bool tuple, uint16_t *port);
/* What a successful call does to the descriptors of its process: opens, closes, duplicates. A close
 * counts for the sequences of the thread. */
void tb_exit_change_descriptors(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);
/* Counts a connection begun, by the port it goes to, and marks its descriptor as of the network. A
 * connect in progress counts when it is begun, and the second connect that asks for its outcome
 * does not. */
TB_MUST_USE enum tb_status tb_exit_take_connect(struct decoder *decoder, const struct thread *thread,
                                                const struct exit_view *view, struct tb_error *error);
/* Counts a connection taken, by the local port. */
TB_MUST_USE enum tb_status tb_exit_take_accept(struct decoder *decoder, const struct thread *thread,
                                               const struct exit_view *view, struct tb_error *error);
/* The kind of the descriptor that a call is made on, as it is before the call changes it; unknown
 * for calls that are made on none, or of which the trace does not tell it. */
enum tb_descriptor_kind tb_exit_descriptor(struct decoder *decoder, const struct thread *thread,
                                           const struct exit_view *view);
/* Counts a read or write, and the bytes it moved, by the kind of its descriptor. */
void tb_exit_count_transfer(struct decoder *decoder, const struct thread *thread, const struct exit_view *view);

/* The same when the descriptor is known; -1 or any other number that is out of range counts as of
 * unknown kind. Here, because the fast path takes it for most reads and writes. */
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
