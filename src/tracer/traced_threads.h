/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TRACED_THREADS_H
#define TWINBED_TRACER_TRACED_THREADS_H

/* What has to be remembered of threads from one line of a text to the next: the call that is going on, and who began whom.
 * Growth: about 150 bytes a thread id seen. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scap/scap_event.h"
#include "traced_calls.h"

enum { TRACED_COMM_SIZE = 64, TRACED_ARGUMENTS_MOST = 4 << 10 };

/* The executable that an execve names, behind it the arguments, each with a NUL. */
struct traced_image {
    uint32_t users;
    uint32_t executable; /* bytes of its name, the NUL included */
    uint32_t size;
    uint8_t text[];
};

struct traced_thread {
    int64_t tid;
    int64_t pid;
    int64_t parent;                /* tid that began it; 0: not known */
    struct traced_image *image;    /* owned with others; what the process runs, NULL: not known */
    struct traced_image *executes; /* the same; what an execve that is going on names */
    uint16_t begun_by;             /* number of the exit event of the call that began it; 0: it was there before */
    struct traced_call pending;    /* .call is TB_CALL_NONE when none is going on */
    int64_t descriptor;            /* that it is made on */
    uint64_t arguments[6];         /* numbers that it was called with, where a text tells them */
    uint16_t port;                 /* of that, or that a bind asks for; 0: not known */
    bool begins_thread;            /* it is a clone that stays in the process */
    bool child_seen;               /* it is a clone, and the child has been met */
    bool seen;                     /* the thread has had a line */
    bool announced;                /* its parent said that it began */
    char comm[TRACED_COMM_SIZE];   /* "": not known */
};

struct traced_threads {
    struct traced_thread *items; /* owned */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* owned; place + 1 */
    size_t slot_count;
    uint32_t last;      /* place found last */
    size_t open_clones; /* threads in a clone whose child has not been met */
};

void tb_traced_threads_free(struct traced_threads *threads);

/* The place of a thread; NULL when it was never met. Valid until the next is added. */
struct traced_thread *tb_traced_thread_find(struct traced_threads *threads, int64_t tid);
/* The same; made when it is new. NULL without memory. */
struct traced_thread *tb_traced_thread_add(struct traced_threads *threads, int64_t tid);

/* The thread is in no call, and the process runs what it ran. */
void tb_traced_thread_end_call(struct traced_threads *threads, struct traced_thread *thread);
/* The thread ended: who comes next with its tid is somebody else. */
void tb_traced_thread_end(struct traced_threads *threads, struct traced_thread *thread);

/* Another thread of its process did an execve, and has its tid from now on: the call that is going on is that one's. */
void tb_traced_thread_take_over(struct traced_threads *threads, struct traced_thread *thread, int64_t other);

void tb_traced_thread_set_comm(struct traced_thread *thread, struct scap_text name);
void tb_traced_thread_inherit(struct traced_thread *thread, const struct traced_thread *parent, bool same_process);

/* Drops one user. Accepts NULL. */
void tb_traced_image_free(struct traced_image *image);

static inline bool traced_thread_is_in(const struct traced_thread *thread, enum tb_event_kind kind)
{
    return thread->pending.call != TB_CALL_NONE && thread->pending.kind == kind;
}

#endif
