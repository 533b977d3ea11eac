/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_THREADS_H
#define TWINBED_TRACE_THREADS_H

/* Who is who: what the lists and events of a section do to threads, their names, and their lives in
 * sequences.
 *
 * The process table (process_table.h) only knows places, tids and pids. This adds what they mean: a
 * thread that is listed, born, renamed by execve or gone gets or loses its lives in the sequences
 * whose selectors match its name (sequence.h).
 *
 * A birth is told twice: by the exit of the clone in the parent, and by the child's own return from
 * it. Either may come first, or be the only one in the file. The first one to come begins the
 * thread, and notes in thread.announced or thread.unannounced that the other is still to come.
 *
 * Every function that may begin a thread may move the arrays of the table and of the lives:
 * pointers into them are to be fetched again from their places. All that fail do so with TB_MEMORY.
 * One decoder's threads are used by one thread of twinbed at a time. */

#include "process_names.h"
#include "process_table.h"
#include "scap/scap_event.h"
#include "scap/scap_processes.h"
#include "sequence.h"

/* The threads of a decoder. Zero it, set sequences, and initialise the table. */
struct threads {
    struct process_table table;
    struct sequences *sequences; /* Borrowed; where lives are, and what the selectors ask for. */
    struct process_names names;  /* Events by process name, up to when each thread was added up last. */
};

/* Adds the events that a thread has counted (thread.events) to its name and to the sequences of its
 * lives, and sets them to 0. To be done before either changes, so that each event counts for who
 * the thread was then. */
void tb_threads_add_up(struct threads *threads, uint32_t place);
/* The same for all threads. To be called before they are forgotten, and before totals are read. */
void tb_threads_add_up_all(struct threads *threads);

/* A thread that a process list names. Who had its tid before ends without a word. */
TB_MUST_USE enum tb_status tb_threads_list(struct threads *threads, const struct scap_identity *identity,
                                           struct tb_error *error);

/* A thread without a name begins, with a tid that no live one has: an event told of it, and nothing
 * before did. It has no lives until something gives it a name. */
TB_MUST_USE enum tb_status tb_threads_begin_nobody(struct threads *threads, int64_t tid, uint32_t *place,
                                                   struct tb_error *error);

/* The place of a live thread with this tid; one without a name begins when there is none. */
TB_MUST_USE static inline enum tb_status threads_meet(struct threads *threads, int64_t tid, uint32_t *place,
                                                      struct tb_error *error)
{
    *place = process_table_meet(&threads->table, tid);
    if (*place != THREAD_NONE && threads->table.threads[*place].alive)
        return TB_OK;
    return tb_threads_begin_nobody(threads, tid, place, error);
}

/* A successful execve exit: the thread at place has a new name, and a new life. When another thread
 * of the process called it, that one is gone. A life in which nothing was done is marked as
 * replaced. */
TB_MUST_USE enum tb_status tb_threads_exec(struct threads *threads, uint32_t place, const struct scap_event *event,
                                           struct tb_error *error);

/* The exit of a clone, fork or vfork in the parent, at place, which gave the child's tid. Does
 * nothing when the child lives in a pid namespace, where its events bear another tid than the one
 * that the parent is given. */
TB_MUST_USE enum tb_status tb_threads_clone_parent(struct threads *threads, uint32_t place, int64_t child,
                                                   const struct scap_event *event, struct tb_error *error);
/* The same exit in the child; *place is set to its place, which is made when it is new. */
TB_MUST_USE enum tb_status tb_threads_clone_child(struct threads *threads, const struct scap_event *event,
                                                  uint32_t *place, struct tb_error *error);

/* The thread ends: it has no lives any more. Nothing happens when none of this tid is alive. */
void tb_threads_leave(struct threads *threads, int64_t tid);

#endif
