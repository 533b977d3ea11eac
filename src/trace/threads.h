/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_THREADS_H
#define TWINBED_TRACE_THREADS_H

/* Who is who: what the lists and events of a section do to threads, their names, and their lives in sequences. */

#include "process_names.h"
#include "process_table.h"
#include "scap/scap_event.h"
#include "scap/scap_processes.h"
#include "sequence.h"

struct threads {
    struct process_table table;
    struct sequences *sequences; /* borrowed */
    struct process_names names;  /* events of threads, up to when they were added up last */
};

/* Adds a thread's events to its name and to the sequences of its lives. To be done before either changes. */
void tb_threads_add_up(struct threads *threads, uint32_t place);
/* The same for all threads. To be called before they are forgotten, and before totals are read. */
void tb_threads_add_up_all(struct threads *threads);

/* A thread that a process list names. */
TB_MUST_USE enum tb_status tb_threads_list(struct threads *threads, const struct scap_identity *identity,
                                           struct tb_error *error);

/* A thread without a name begins, with a tid that no live one has. */
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

/* A successful execve exit: the thread at place has a new name, and a new life. */
TB_MUST_USE enum tb_status tb_threads_exec(struct threads *threads, uint32_t place, const struct scap_event *event,
                                           struct tb_error *error);

/* The exit of a clone, fork or vfork in the parent, which gave the child's tid. */
TB_MUST_USE enum tb_status tb_threads_clone_parent(struct threads *threads, uint32_t place, int64_t child,
                                                   const struct scap_event *event, struct tb_error *error);
/* The same in the child, whose place is made when it is new. */
TB_MUST_USE enum tb_status tb_threads_clone_child(struct threads *threads, const struct scap_event *event,
                                                  uint32_t *place, struct tb_error *error);

/* The thread ends. */
void tb_threads_leave(struct threads *threads, int64_t tid);

#endif
