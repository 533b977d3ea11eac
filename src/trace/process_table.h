/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_PROCESS_TABLE_H
#define TWINBED_TRACE_PROCESS_TABLE_H

/* The threads and processes of one section, by tid and pid.
 *
 * Entries are never moved out: a thread that ended keeps its place until its
 * tid comes back. Growth: about 150 bytes a thread id seen, 40 a process. */

#include "descriptors.h"

enum {
    THREAD_NONE = UINT32_MAX,
    PENDING_NONE = UINT16_MAX,
    THREAD_NAME_SIZE = TB_PROCESS_NAME_SIZE,
    DIRECT_SLOTS = 1024
};

/* Which of a thread's fields mattered since the marks were wiped, as they were then. */
enum {
    THREAD_MET = 1,           /* that it is alive, its process and its lives */
    THREAD_OWN_EVENT = 2,     /* it had an enter or exit, or began: nothing before it matters any more */
    THREAD_IDENTITY = 4,      /* all but the enter at hand; it may have changed, too */
    THREAD_PENDING = 8,       /* the enter at hand, with its values */
    THREAD_PENDING_KIND = 16, /* which the enter at hand is */
    THREAD_WAITS = 32,        /* whether there is one whose exit must come */
    THREAD_LAST_EXIT = 64
};

/* The same for a process. Its descriptors keep marks of their own. */
enum {
    PROCESS_MEMBERS = 1,
    PROCESS_EXEC = 2 /* exec_thread */
};

/* What every event of a thread touches. */
struct thread {
    int64_t tid;
    int64_t pid;
    uint64_t pending_value; /* first parameter of the enter at hand, when it is an integer */
    uint64_t events;        /* enters and exits that are in no total yet: tb_threads_add_up */
    uint32_t life;          /* the first of its lives in sequences, or LIFE_NONE */
    uint32_t process;       /* place in processes */
    uint32_t marks;         /* losses of events that this thread knows of */
    uint16_t pending;       /* event number of the enter without exit so far, or PENDING_NONE */
    uint16_t pending_id;    /* of a generic one */
    uint16_t pending_native;
    uint16_t pending_port;   /* of a connect */
    uint8_t pending_command; /* of a fcntl */
    uint16_t last_exit;
    uint8_t seen;
    bool pending_native_known;
    bool alive;
    bool settled;     /* an event of it was seen, so that a lone exit is a loss */
    bool announced;   /* begun by its parent's exit, its own not seen yet */
    bool unannounced; /* begun by its own exit, its parent's not seen yet */
};

/* Another's enter at hand and last exit; who the thread is stays. */
static inline void thread_take_events(struct thread *thread, const struct thread *other)
{
    thread->pending_value = other->pending_value;
    thread->pending = other->pending;
    thread->pending_id = other->pending_id;
    thread->pending_native = other->pending_native;
    thread->pending_port = other->pending_port;
    thread->pending_command = other->pending_command;
    thread->last_exit = other->last_exit;
    thread->pending_native_known = other->pending_native_known;
    thread->settled = other->settled;
}

struct process {
    int64_t pid;
    uint32_t threads;     /* alive */
    uint32_t exec_thread; /* the last to enter an execve */
    uint8_t seen;
    struct descriptors descriptors;
};

/* Open addressing from a number to a place. */
struct place_map {
    uint32_t *places; /* owned; place + 1, 0 is free */
    uint32_t capacity;
    uint32_t count;
};

struct process_table {
    struct thread *threads;          /* owned */
    char (*names)[THREAD_NAME_SIZE]; /* owned; of each thread, NUL-ended */
    uint64_t *texts;                 /* owned; text_words of each thread: which selectors' texts it holds */
    size_t text_words;
    size_t thread_count;
    size_t thread_capacity;
    size_t name_capacity;
    size_t text_capacity;
    struct process *processes; /* owned */
    size_t process_count;
    size_t process_capacity;
    struct place_map by_tid;
    struct place_map by_pid;
    struct descriptor_budget budget;
    bool noted; /* tids that are looked up in vain become entries, so that this can be checked */
    bool short_of_memory;
    uint32_t direct[DIRECT_SLOTS]; /* last place found for a tid of these low bits */
};

void tb_process_table_init(struct process_table *table, size_t text_words);
void tb_process_table_free(struct process_table *table);
/* Forgets everything, as a new section demands. */
void tb_process_table_reset(struct process_table *table);

/* The place of a tid, or THREAD_NONE. */
uint32_t tb_process_table_search(struct process_table *table, int64_t tid);

/* The same, without a trace of it. */
uint32_t tb_process_table_peek(const struct process_table *table, int64_t tid);

static inline uint32_t process_table_find(struct process_table *table, int64_t tid)
{
    const uint32_t place = table->direct[(uint64_t)tid % DIRECT_SLOTS];
    if (place < table->thread_count && table->threads[place].tid == tid)
        return place;
    return tb_process_table_search(table, tid);
}

/* The place of a tid, which is made, not alive and without a name, when it is new. THREAD_NONE without memory. */
uint32_t tb_process_table_add(struct process_table *table, int64_t tid);

/* The place of a tid whose state matters, or THREAD_NONE. */
static inline uint32_t process_table_meet(struct process_table *table, int64_t tid)
{
    uint32_t place = process_table_find(table, tid);
    if (place == THREAD_NONE && table->noted)
        place = tb_process_table_add(table, tid);
    if (place != THREAD_NONE)
        table->threads[place].seen |= THREAD_MET;
    else
        table->short_of_memory = table->noted;
    return place;
}

/* The place of a pid, which is made, without threads, when it is new. THREAD_NONE without memory. */
uint32_t tb_process_table_add_process(struct process_table *table, int64_t pid);
uint32_t tb_process_table_find_process(const struct process_table *table, int64_t pid);

/* A copy without marks, and without events that are to be added up. False without memory; into is then to be freed all
 * the same. */
TB_MUST_USE bool tb_process_table_copy(struct process_table *into, const struct process_table *from);

/* Begins a thread at place in a process; the process is made when it is new. False without memory. */
TB_MUST_USE bool tb_process_table_begin(struct process_table *table, uint32_t place, int64_t pid);
/* Moves a live thread to another process. */
TB_MUST_USE bool tb_process_table_move(struct process_table *table, uint32_t place, int64_t pid);
/* Ends a thread; the descriptors go with the last one of a process. */
void tb_process_table_end(struct process_table *table, uint32_t place);

#endif
