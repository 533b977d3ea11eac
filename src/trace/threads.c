/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is who: births, names and ends.
 *
 * Numbers of parameters are those of libscap's event table (driver/event_table.c of
 * falcosecurity/libs). The exits of execve, clone, fork and vfork begin alike in all versions:
 *
 *       0 result  1 executable  2 arguments  3 tid  4 pid  5 parent's tid  ...  13 name (from number 215 on)
 *       14 cgroups (of clone and its kin from 223 on, and of execve)
 *
 * The flags of a clone stand where the version puts them (clone_flags_place). */
#include "threads.h"

#include <string.h>

/* Places of parameters in the exits of execve, clone and their kin. */
enum {
    EXECUTABLE = 1,
    ARGUMENTS = 2,
    TID = 3,
    PID = 4,
    PARENT = 5,
    NAME = 13,
    CGROUPS = 14,
    OWN_TID = 18 /* as the thread's own pid namespace has it */
};

/* Bits of a clone's flags as libscap numbers them, which is not as Linux does: 13, the child is a
 * thread of its parent's process; 29, the child is in a pid namespace of its own. */
enum { CLONE_THREAD = 1 << 13, CLONE_IN_NAMESPACE = 1 << 29 };

static uint64_t *words_of(struct threads *threads, uint32_t place)
{
    const size_t words = threads->table.text_words;
    return words == 0 ? NULL : threads->table.texts + place * words;
}

static void set_texts(struct threads *threads, uint32_t place, const struct scap_identity *identity)
{
    if (threads->table.text_words != 0)
        tb_sequences_match_texts(threads->sequences->request, identity, words_of(threads, place));
}

static void set_name(struct threads *threads, uint32_t place, struct scap_text name)
{
    name = tb_scap_text_trim(name);
    if (name.size == 0)
        return;
    if (name.size > THREAD_NAME_SIZE - 1)
        name.size = THREAD_NAME_SIZE - 1;
    char *const stored = threads->table.names[place];
    memset(stored, 0, THREAD_NAME_SIZE);
    memcpy(stored, name.data, name.size);
}

void tb_threads_add_up(struct threads *threads, uint32_t place)
{
    struct thread *const thread = &threads->table.threads[place];
    if (thread->events == 0)
        return;
    tb_sequences_add_events(threads->sequences, thread->life, thread->events);
    tb_process_names_add(&threads->names, threads->table.names[place], thread->events);
    thread->events = 0;
}

void tb_threads_add_up_all(struct threads *threads)
{
    for (size_t i = 0; i < threads->table.thread_count; i++)
        tb_threads_add_up(threads, (uint32_t)i);
}

/* The lives of a thread that never did anything under its first name count for nothing: a child
 * bears its parent's name until it calls execve. */
static void drop_lives(struct threads *threads, uint32_t place)
{
    struct thread *const thread = &threads->table.threads[place];
    struct life *const lives = threads->sequences->lives;
    tb_threads_add_up(threads, place);
    for (uint32_t i = thread->life; i != LIFE_NONE && !thread->settled; i = lives[i].next)
        lives[i].replaced = !tb_sequences_has_calls(threads->sequences, i) && lives[i].context_switches == 0;
    thread->life = LIFE_NONE;
}

static enum tb_status begin_lives(struct threads *threads, uint32_t place, struct tb_error *error)
{
    struct thread *const thread = &threads->table.threads[place];
    return tb_sequences_begin_lives(threads->sequences, thread->tid, thread->pid, threads->table.names[place],
                                    words_of(threads, place), &thread->life, error);
}

/* Ends whatever lives at place, and begins a thread there. */
static enum tb_status begin_thread(struct threads *threads, uint32_t place, const struct scap_identity *identity,
                                   struct tb_error *error)
{
    struct process_table *const table = &threads->table;
    if (table->threads[place].alive)
        drop_lives(threads, place);
    tb_process_table_end(table, place);
    if (!tb_process_table_begin(table, place, identity->pid))
        return tb_error_memory(error, "processes");
    table->threads[place].marks = threads->sequences->marks;
    set_name(threads, place, identity->name);
    set_texts(threads, place, identity);
    return begin_lives(threads, place, error);
}

static enum tb_status add_thread(struct threads *threads, int64_t tid, uint32_t *place, struct tb_error *error)
{
    *place = tb_process_table_add(&threads->table, tid);
    if (*place == THREAD_NONE)
        return tb_error_memory(error, "threads");
    threads->table.threads[*place].seen |= THREAD_MET | THREAD_IDENTITY;
    return TB_OK;
}

static void clear_identity(struct threads *threads, uint32_t place)
{
    memset(threads->table.names[place], 0, THREAD_NAME_SIZE);
    if (threads->table.text_words != 0)
        memset(words_of(threads, place), 0, threads->table.text_words * sizeof(uint64_t));
}

enum tb_status tb_threads_list(struct threads *threads, const struct scap_identity *identity, struct tb_error *error)
{
    uint32_t place;
    const enum tb_status status = add_thread(threads, identity->tid, &place, error);
    if (status != TB_OK)
        return status;
    clear_identity(threads, place);
    return begin_thread(threads, place, identity, error);
}

enum tb_status tb_threads_begin_nobody(struct threads *threads, int64_t tid, uint32_t *place, struct tb_error *error)
{
    const struct scap_identity nobody = {.tid = tid, .pid = tid};
    const enum tb_status status = add_thread(threads, tid, place, error);
    if (status != TB_OK)
        return status;
    clear_identity(threads, *place);
    return begin_thread(threads, *place, &nobody, error);
}

/* By event number: 15 is the first clone; 157, 183 and 185 are clone, fork and vfork of the next
 * version; 217, 219 and 221 have a name before; those from 223 on have cgroups, too. */
static uint32_t clone_flags_place(uint16_t type)
{
    switch (type) {
    case 15:
        return 8;
    case 157:
    case 183:
    case 185:
        return 13;
    case 217:
    case 219:
    case 221:
        return 14;
    default:
        return 15;
    }
}

static bool has_name(uint16_t type)
{
    return type >= 215;
}

static bool has_cgroups(uint16_t type)
{
    return type >= 223;
}

/* What an exit says about its own thread. pid stays as it is when it says none. */
static struct scap_identity identity_of(const struct scap_event *event, int64_t pid)
{
    struct scap_identity identity = {.tid = event->tid, .pid = pid, .parent = -1};
    uint64_t value;
    if (scap_parameter_integer(event, PID, &value))
        identity.pid = (int64_t)value;
    if (scap_parameter_integer(event, PARENT, &value))
        identity.parent = (int64_t)value;
    if (has_name(event->type))
        identity.name = tb_scap_text_trim(scap_parameter(event, NAME));
    if (identity.name.size == 0)
        identity.name = tb_scap_name_of_executable(scap_parameter(event, EXECUTABLE));
    identity.arguments = scap_parameter(event, ARGUMENTS);
    if (has_cgroups(event->type))
        identity.cgroups = scap_parameter(event, CGROUPS);
    return identity;
}

/* A thread that is not its process's first takes the first one's tid with execve: it is gone under its own. */
static void end_caller_of_exec(struct threads *threads, uint32_t place)
{
    struct process_table *const table = &threads->table;
    struct process *const process = &table->processes[table->threads[place].process];
    const uint32_t caller = process->exec_thread;
    process->seen |= PROCESS_EXEC;
    if (caller == THREAD_NONE || caller == place)
        return;
    struct thread *const thread = &table->threads[caller];
    thread->seen |= (thread->seen & THREAD_OWN_EVENT) != 0 ? THREAD_MET : THREAD_MET | THREAD_PENDING;
    if (thread->alive && thread->process == table->threads[place].process && thread->pending != PENDING_NONE)
        tb_threads_leave(threads, thread->tid);
}

enum tb_status tb_threads_exec(struct threads *threads, uint32_t place, const struct scap_event *event,
                               struct tb_error *error)
{
    struct thread *const thread = &threads->table.threads[place];
    thread->seen |= THREAD_MET | THREAD_IDENTITY;
    const struct scap_identity identity = identity_of(event, thread->pid);
    if (!tb_process_table_move(&threads->table, place, identity.pid))
        return tb_error_memory(error, "processes");
    end_caller_of_exec(threads, place);
    threads->table.processes[thread->process].exec_thread = THREAD_NONE;
    drop_lives(threads, place);
    set_name(threads, place, identity.name);
    set_texts(threads, place, &identity);
    return begin_lives(threads, place, error);
}

/* A new process begins with a copy of its parent's descriptors. */
static void inherit_descriptors(struct threads *threads, uint32_t child, uint32_t parent)
{
    struct process_table *const table = &threads->table;
    if (parent == THREAD_NONE || !table->threads[parent].alive)
        return;
    const uint32_t from = table->threads[parent].process, into = table->threads[child].process;
    if (from != into)
        tb_descriptors_copy(&table->processes[into].descriptors, &table->processes[from].descriptors, &table->budget);
}

/* In a pid namespace the parent learns a tid that is not the one that the child's events bear. */
static bool child_tid_is_foreign(const struct scap_event *event, uint64_t flags)
{
    uint64_t tid, own;
    if ((flags & CLONE_IN_NAMESPACE) != 0)
        return true;
    return has_cgroups(event->type) && scap_parameter_integer(event, TID, &tid) &&
           scap_parameter_integer(event, OWN_TID, &own) && tid != own;
}

/* A child takes its name, texts and descriptors from the parent until its own exit or an execve
 * says otherwise. */
enum tb_status tb_threads_clone_parent(struct threads *threads, uint32_t place, int64_t child_tid,
                                       const struct scap_event *event, struct tb_error *error)
{
    uint64_t flags = 0;
    (void)scap_parameter_integer(event, clone_flags_place(event->type), &flags);
    if (child_tid_is_foreign(event, flags))
        return TB_OK;
    threads->table.threads[place].seen |= THREAD_IDENTITY;
    uint32_t child;
    enum tb_status status = add_thread(threads, child_tid, &child, error);
    if (status != TB_OK)
        return status;
    struct process_table *const table = &threads->table;
    /* The child was faster; it may even have ended. */
    if (table->threads[child].unannounced) {
        table->threads[child].unannounced = false;
        return TB_OK;
    }
    if (child == place)
        return TB_OK;
    struct scap_identity identity = identity_of(event, table->threads[place].pid);
    if ((flags & CLONE_THREAD) == 0)
        identity.pid = child_tid;
    memcpy(table->names[child], table->names[place], THREAD_NAME_SIZE);
    if (table->text_words != 0)
        memcpy(words_of(threads, child), words_of(threads, place), table->text_words * sizeof(uint64_t));
    status = begin_thread(threads, child, &identity, error);
    if (status != TB_OK)
        return status;
    table->threads[child].announced = true;
    inherit_descriptors(threads, child, place);
    return TB_OK;
}

/* With selectors that look at texts lives are begun anew, because the child's exit may tell other
 * texts than the parent's. */
static bool same_identity(struct threads *threads, uint32_t place, const struct scap_identity *identity)
{
    const char *const name = threads->table.names[place];
    return threads->table.threads[place].pid == identity->pid && threads->table.text_words == 0 &&
           strlen(name) == identity->name.size && memcmp(name, identity->name.data, identity->name.size) == 0;
}

/* A thread that lives, with no event yet, is one that a list or another event named: its name is
 * kept. One that has had events ended without a word, and its tid came back. */
enum tb_status tb_threads_clone_child(struct threads *threads, const struct scap_event *event, uint32_t *place,
                                      struct tb_error *error)
{
    enum tb_status status = add_thread(threads, event->tid, place, error);
    if (status != TB_OK)
        return status;
    struct process_table *const table = &threads->table;
    struct thread *const thread = &table->threads[*place];
    const bool announced = thread->alive && thread->announced;
    const bool untouched = thread->alive && !thread->settled;
    const struct scap_identity identity = identity_of(event, thread->alive ? thread->pid : event->tid);
    if (announced) {
        thread->announced = false;
        if (same_identity(threads, *place, &identity))
            return TB_OK;
        if (!tb_process_table_move(table, *place, identity.pid))
            return tb_error_memory(error, "processes");
        drop_lives(threads, *place);
        set_name(threads, *place, identity.name);
        set_texts(threads, *place, &identity);
        return begin_lives(threads, *place, error);
    }
    if (!untouched)
        clear_identity(threads, *place);
    const uint32_t parent = process_table_meet(table, identity.parent);
    status = begin_thread(threads, *place, &identity, error);
    if (status != TB_OK)
        return status;
    table->threads[*place].unannounced = true;
    inherit_descriptors(threads, *place, parent);
    return TB_OK;
}

void tb_threads_leave(struct threads *threads, int64_t tid)
{
    const uint32_t place = process_table_meet(&threads->table, tid);
    if (place == THREAD_NONE || !threads->table.threads[place].alive)
        return;
    tb_threads_add_up(threads, place);
    threads->table.threads[place].life = LIFE_NONE;
    tb_process_table_end(&threads->table, place);
}
