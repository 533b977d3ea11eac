/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_PROCESS_TABLE_H
#define TWINBED_TRACE_PROCESS_TABLE_H

/* The threads and processes of one section, by tid and pid.
 *
 * Entries stand in two arrays and are called by their places, which never change: a thread that
 * ended keeps its place until its tid comes back. Growth: about 150 bytes a thread id seen, 40 a
 * process, and what its descriptors take.
 *
 * A look-up of a tid takes three ways, from the fastest on: table.direct, a small table of the last
 * place found for each value of the low bits; the hash map by_tid; a new entry.
 *
 * Marks. When a speculation begins to count (speculation.h), the marks of all threads, processes
 * and descriptors are wiped: seen is 0. From then on each field that matters to what is counted
 * sets its mark. A field matters when it is looked at before it was set anew; so the commit
 * compares only what has a mark. A decoder that reads from the beginning sets marks as well, and
 * nobody looks at them.
 *
 * None of the functions may be called by several threads for one table. Those that only have a
 * const table may, as long as none changes it. */

#include "descriptors.h"

enum {
    THREAD_NONE = UINT32_MAX,
    PENDING_NONE = UINT16_MAX,
    THREAD_NAME_SIZE = TB_PROCESS_NAME_SIZE,
    DIRECT_SLOTS = 1024 /* A power of two; the places take 4 KiB. */
};

/* Which of a thread's fields mattered since the marks were wiped, as they were then. */
enum {
    THREAD_MET = 1, /* That it is alive, its process and its lives. */
    /* It had an enter or exit of its own, or began: nothing that was before matters any more but
     * what has a mark already. */
    THREAD_OWN_EVENT = 2,
    /* All but the enter at hand: name, texts, and how it began. It may have been changed, too. */
    THREAD_IDENTITY = 4,
    THREAD_PENDING = 8,       /* The enter at hand, with its values. */
    THREAD_PENDING_KIND = 16, /* Only which call the enter at hand is of. */
    THREAD_WAITS = 32,        /* Only whether there is an enter whose exit must come. */
    /* last_exit: whether one more exit of the same number is a further message of the same call. */
    THREAD_LAST_EXIT = 64
};

/* The same for a process. Its descriptors keep marks of their own. */
enum {
    PROCESS_MEMBERS = 1, /* How many threads it has. */
    PROCESS_EXEC = 2     /* exec_thread. */
};

/* What every event of a thread touches. Names and texts are in arrays of their own, so that this
 * stays small. */
struct thread {
    int64_t tid;
    int64_t pid;
    /* First parameter of the enter at hand, mostly a descriptor; UINT64_MAX when it is no integer.
     * Of no meaning for generic enters. */
    uint64_t pending_value;
    /* Enters and exits that are in no total yet; tb_threads_add_up adds them to the thread's name
     * and sequences. */
    uint64_t events;
    /* The first of its lives in sequences, or LIFE_NONE: no selector matches, or it is not alive.
     * Lives of one thread are linked. */
    uint32_t life;
    uint32_t process; /* Place in processes; THREAD_NONE until the thread has begun for the first time. */
    /* How many losses of events this thread knows of. When it lags behind sequences.marks, what it
     * was doing is forgotten at its next event. */
    uint32_t marks;
    uint16_t pending;    /* Event number of the enter without exit so far, or PENDING_NONE. */
    uint16_t pending_id; /* Of a generic enter (number 0): the id of the call in the tables of the format. */
    /* Of a generic enter: the number of the call on the machine, if pending_native_known. */
    uint16_t pending_native;
    uint16_t pending_port;   /* Of a connect: the port that the address names, 0 when it is not of IP. */
    uint8_t pending_command; /* Of a fcntl: the command, as the format numbers it. */
    uint16_t last_exit;      /* Event number of the latest exit. */
    uint8_t seen;            /* THREAD_... marks. */
    bool pending_native_known;
    bool alive; /* It has begun and has not ended. An entry may stand for a tid that was only looked up. */
    /* An event of it was seen since it began or since events were lost, so that an exit without an
     * enter tells of a loss. */
    bool settled;
    bool announced; /* Begun by its parent's exit, its own not seen yet. */
    /* Begun by its own exit, its parent's not seen yet. It stays set when the thread ends before
     * that. */
    bool unannounced;
};

/* Takes over another's enter at hand and last exit; who the thread is stays. */
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

/* A process: who is in it, and its descriptors, which all its threads share. */
struct process {
    int64_t pid;
    uint32_t threads; /* Threads that are alive. */
    /* Place of the thread that entered an execve last, or THREAD_NONE. If it is not the first of
     * its process it ends with the exit. */
    uint32_t exec_thread;
    uint8_t seen; /* PROCESS_... marks. */
    struct descriptors descriptors;
};

/* Open addressing from a number to a place, at most half full. The numbers themselves stand in the
 * entries, so a map holds 4 bytes for each. */
struct place_map {
    uint32_t *places;  /* Owned; capacity items: place + 1, and 0 is free. */
    uint32_t capacity; /* A power of two, or 0 before the first entry. */
    uint32_t count;
};

/* All threads and processes of a section. tb_process_table_init starts it. */
struct process_table {
    struct thread *threads;          /* Owned; thread_count entries, never moved out or reordered. */
    char (*names)[THREAD_NAME_SIZE]; /* Owned; of each thread, NUL-ended, "" when it is not known. */
    /* Owned; text_words of each thread: one bit a selector, set when the thread's arguments hold
     * what the selector asks for, and as many words for its cgroups. NULL when no selector asks for
     * either. */
    uint64_t *texts;
    size_t text_words; /* What tb_sequences_text_words says; the same as long as the table lives. */
    size_t thread_count;
    size_t thread_capacity; /* Of the three arrays each grows by itself. */
    size_t name_capacity;
    size_t text_capacity;
    struct process *processes; /* Owned; process_count entries. */
    size_t process_count;
    size_t process_capacity;
    struct place_map by_tid;
    struct place_map by_pid;
    /* What the descriptors of all processes may take together: 64 MiB to begin with. */
    struct descriptor_budget budget;
    /* Of a speculation that counts: tids that are looked up in vain become entries that are not
     * alive, so that the commit can check that they were unknown to the decoder, too. */
    bool noted;
    bool short_of_memory; /* There was no memory for such an entry; the speculation cannot be committed. */
    /* Last place found for a tid of these low bits. It may be of another tid: the entry says which. */
    uint32_t direct[DIRECT_SLOTS];
};

/* Begins an empty table; nothing is allocated. text_words: of tb_sequences_text_words. */
void tb_process_table_init(struct process_table *table, size_t text_words);
/* Frees all that it owns. A zeroed one may be freed, too. */
void tb_process_table_free(struct process_table *table);
/* Forgets everything, as a new section demands. */
void tb_process_table_reset(struct process_table *table);

/* The place of a tid, or THREAD_NONE. Notes it in direct. */
uint32_t tb_process_table_search(struct process_table *table, int64_t tid);

/* The same, without a trace of it: nothing of the table changes. For the commit, which looks at two
 * tables. */
uint32_t tb_process_table_peek(const struct process_table *table, int64_t tid);

/* The same as tb_process_table_search, mostly without a call. */
static inline uint32_t process_table_find(struct process_table *table, int64_t tid)
{
    const uint32_t place = table->direct[(uint64_t)tid % DIRECT_SLOTS];
    if (place < table->thread_count && table->threads[place].tid == tid)
        return place;
    return tb_process_table_search(table, tid);
}

/* The place of a tid, which is made, not alive and without a name, when it is new. THREAD_NONE
 * without memory. May move the arrays. */
uint32_t tb_process_table_add(struct process_table *table, int64_t tid);

/* The place of a tid whose state matters to what is counted, or THREAD_NONE. Marks it as met. */
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

/* The place of a pid, which is made, without threads, when it is new. THREAD_NONE without memory.
 * May move the array of processes. */
uint32_t tb_process_table_add_process(struct process_table *table, int64_t pid);
/* The place of a pid, or THREAD_NONE. */
uint32_t tb_process_table_find_process(const struct process_table *table, int64_t pid);

/* A copy without marks, and without events that are to be added up. False without memory; into,
 * which may hold anything before, is then to be freed all the same. */
TB_MUST_USE bool tb_process_table_copy(struct process_table *into, const struct process_table *from);

/* Begins a thread at place, which is not alive, in a process; the process is made when it is new.
 * Of what the entry said only its tid, its losses and its marks are kept; the name is the caller's
 * affair. False without memory. */
TB_MUST_USE bool tb_process_table_begin(struct process_table *table, uint32_t place, int64_t pid);
/* Moves a live thread to another process, which takes the descriptors along when the thread was the
 * only one of the old, and will be the only one of the new. False without memory. */
TB_MUST_USE bool tb_process_table_move(struct process_table *table, uint32_t place, int64_t pid);
/* Ends a thread; the descriptors go with the last one of a process. Nothing happens but a mark when
 * it is not alive. */
void tb_process_table_end(struct process_table *table, uint32_t place);

#endif
