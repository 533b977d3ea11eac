/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_PROCESS_TABLE_H
#define TWINBED_OS_PROCESS_TABLE_H

/* The threads and processes of one section, by tid and pid.
 *
 * Entries are never moved out: a thread that ended keeps its place until its
 * tid comes back. Growth: about 150 bytes a thread id seen, 40 a process. */

#include "descriptors.h"

enum { THREAD_NONE = UINT32_MAX, PENDING_NONE = UINT16_MAX, THREAD_NAME_SIZE = 64, DIRECT_SLOTS = 1024 };

/* What every event of a thread touches. */
struct thread {
    int64_t tid;
    int64_t pid;
    uint64_t pending_value; /* first parameter of the enter at hand, when it is an integer */
    uint32_t life;          /* the first of its lives in sequences, or LIFE_NONE */
    uint32_t process;       /* place in processes */
    uint32_t marks;         /* losses of events that this thread knows of */
    uint16_t pending;       /* event number of the enter without exit so far, or PENDING_NONE */
    uint16_t pending_id;    /* of a generic one */
    uint16_t pending_native;
    uint16_t pending_port;   /* of a connect */
    uint8_t pending_command; /* of a fcntl */
    uint16_t last_exit;
    bool pending_native_known;
    bool alive;
    bool settled;     /* an event of it was seen, so that a lone exit is a loss */
    bool announced;   /* begun by its parent's exit, its own not seen yet */
    bool unannounced; /* begun by its own exit, its parent's not seen yet */
};

struct process {
    int64_t pid;
    uint32_t threads;     /* alive */
    uint32_t exec_thread; /* the last to enter an execve */
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
    size_t descriptor_budget;
    uint32_t direct[DIRECT_SLOTS]; /* last place found for a tid of these low bits */
};

void process_table_init(struct process_table *table, size_t text_words);
void process_table_free(struct process_table *table);
/* Forgets everything, as a new section demands. */
void process_table_reset(struct process_table *table);

/* The place of a tid, or THREAD_NONE. */
uint32_t process_table_search(struct process_table *table, int64_t tid);

static inline uint32_t process_table_find(struct process_table *table, int64_t tid)
{
    const uint32_t place = table->direct[(uint64_t)tid % DIRECT_SLOTS];
    if (place < table->thread_count && table->threads[place].tid == tid)
        return place;
    return process_table_search(table, tid);
}

/* The place of a tid, which is made, not alive and without a name, when it is new. THREAD_NONE without memory. */
uint32_t process_table_add(struct process_table *table, int64_t tid);

/* Begins a thread at place in a process; the process is made when it is new. False without memory. */
TB_MUST_USE bool process_table_begin(struct process_table *table, uint32_t place, int64_t pid);
/* Moves a live thread to another process. */
TB_MUST_USE bool process_table_move(struct process_table *table, uint32_t place, int64_t pid);
/* Ends a thread; the descriptors go with the last one of a process. */
void process_table_end(struct process_table *table, uint32_t place);

#endif
