/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places by number: two hash maps with open addressing, whose slots hold a place + 1.
 *
 * Entries are never taken out of a map, because threads and processes keep their places; so a
 * search may stop at the first free slot, and there are no marks of removed ones. Maps are at most
 * half full, which keeps searches short. */
#include "process_table.h"

#include <stdlib.h>
#include <string.h>

#include "sequence.h"

/* 64 MiB for all descriptors of a section: in a hostile trace one event could else make the set of
 * each of its processes 128 KiB large. */
enum { DESCRIPTOR_BUDGET = 64 << 20, FIRST_MAP = 256 };

void tb_process_table_init(struct process_table *table, size_t text_words)
{
    *table = (struct process_table){.text_words = text_words, .budget = {.left = DESCRIPTOR_BUDGET}};
}

void tb_process_table_free(struct process_table *table)
{
    for (size_t i = 0; i < table->process_count; i++)
        tb_descriptors_free(&table->processes[i].descriptors, &table->budget);
    free(table->threads);
    free(table->names);
    free(table->texts);
    free(table->processes);
    free(table->by_tid.places);
    free(table->by_pid.places);
    *table = (struct process_table){0};
}

void tb_process_table_reset(struct process_table *table)
{
    const size_t text_words = table->text_words;
    if (table->thread_count == 0 && table->process_count == 0)
        return;
    tb_process_table_free(table);
    tb_process_table_init(table, text_words);
}

/* Mixes all bits, so that no file's numbering makes long runs by itself. */
static uint64_t mix(uint64_t value)
{
    value ^= value >> 31;
    value *= UINT64_C(0x7fb5d329728ea185);
    value ^= value >> 27;
    value *= UINT64_C(0x81dadef4bc2dd44d);
    return value ^ (value >> 33);
}

/* The number a place stands for: a tid or a pid. */
typedef int64_t number_of(const struct process_table *table, uint32_t place);

static int64_t tid_of(const struct process_table *table, uint32_t place)
{
    return table->threads[place].tid;
}

static int64_t pid_of(const struct process_table *table, uint32_t place)
{
    return table->processes[place].pid;
}

/* The slot that holds number, or the free one where it would go. */
static uint32_t map_slot(const struct place_map *map, const struct process_table *table, number_of *number_at,
                         int64_t number)
{
    uint32_t slot = (uint32_t)mix((uint64_t)number) & (map->capacity - 1);
    while (map->places[slot] != 0 && number_at(table, map->places[slot] - 1) != number)
        slot = (slot + 1) & (map->capacity - 1);
    return slot;
}

static uint32_t map_find(const struct place_map *map, const struct process_table *table, number_of *number_at,
                         int64_t number)
{
    return map->capacity == 0 ? THREAD_NONE : map->places[map_slot(map, table, number_at, number)] - 1;
}

static bool map_reserve(struct place_map *map, const struct process_table *table, number_of *number_at)
{
    if (map->count < map->capacity / 2)
        return true;
    if (map->capacity >= UINT32_C(1) << 31)
        return false;
    struct place_map larger = {.capacity = map->capacity == 0 ? FIRST_MAP : map->capacity * 2, .count = map->count};
    larger.places = calloc(larger.capacity, sizeof *larger.places);
    if (larger.places == NULL)
        return false;
    for (uint32_t i = 0; i < map->capacity; i++)
        if (map->places[i] != 0)
            larger.places[map_slot(&larger, table, number_at, number_at(table, map->places[i] - 1))] = map->places[i];
    free(map->places);
    *map = larger;
    return true;
}

uint32_t tb_process_table_peek(const struct process_table *table, int64_t tid)
{
    return map_find(&table->by_tid, table, tid_of, tid);
}

uint32_t tb_process_table_search(struct process_table *table, int64_t tid)
{
    const uint32_t place = map_find(&table->by_tid, table, tid_of, tid);
    if (place != THREAD_NONE)
        table->direct[(uint64_t)tid % DIRECT_SLOTS] = place;
    return place;
}

static bool reserve_thread(struct process_table *table)
{
    const size_t needed = table->thread_count + 1;
    return needed < THREAD_NONE &&
           tb_array_reserve(&table->threads, &table->thread_capacity, needed, sizeof *table->threads) &&
           tb_array_reserve(&table->names, &table->name_capacity, needed, sizeof *table->names) &&
           (table->text_words == 0 ||
            tb_array_reserve(&table->texts, &table->text_capacity, needed, table->text_words * sizeof *table->texts)) &&
           map_reserve(&table->by_tid, table, tid_of);
}

/* A tid without a thread is in a process of its own until something says otherwise, so pid is tid. */
uint32_t tb_process_table_add(struct process_table *table, int64_t tid)
{
    const uint32_t found = process_table_find(table, tid);
    if (found != THREAD_NONE)
        return found;
    if (!reserve_thread(table))
        return THREAD_NONE;
    const uint32_t place = (uint32_t)table->thread_count;
    table->by_tid.places[map_slot(&table->by_tid, table, tid_of, tid)] = place + 1;
    table->by_tid.count++;
    table->threads[place] =
        (struct thread){.tid = tid, .pid = tid, .life = LIFE_NONE, .process = THREAD_NONE, .pending = PENDING_NONE};
    memset(table->names[place], 0, sizeof table->names[place]);
    if (table->text_words != 0)
        memset(table->texts + place * table->text_words, 0, table->text_words * sizeof *table->texts);
    table->thread_count++;
    table->direct[(uint64_t)tid % DIRECT_SLOTS] = place;
    return place;
}

uint32_t tb_process_table_add_process(struct process_table *table, int64_t pid)
{
    const uint32_t found = map_find(&table->by_pid, table, pid_of, pid);
    if (found != THREAD_NONE)
        return found;
    if (!tb_array_reserve(&table->processes, &table->process_capacity, table->process_count + 1,
                          sizeof *table->processes) ||
        !map_reserve(&table->by_pid, table, pid_of))
        return THREAD_NONE;
    const uint32_t place = (uint32_t)table->process_count;
    table->by_pid.places[map_slot(&table->by_pid, table, pid_of, pid)] = place + 1;
    table->by_pid.count++;
    table->processes[place] = (struct process){.pid = pid, .exec_thread = THREAD_NONE};
    table->process_count++;
    return place;
}

uint32_t tb_process_table_find_process(const struct process_table *table, int64_t pid)
{
    return map_find(&table->by_pid, table, pid_of, pid);
}

/* The first count items of an array, in one as large. */
static bool copy_items(void *into, size_t *capacity, const void *from, size_t count, size_t item_size)
{
    if (count == 0)
        return true;
    if (!tb_array_reserve(into, capacity, count, item_size))
        return false;
    void *copy;
    memcpy(&copy, into, sizeof copy);
    memcpy(copy, from, count * item_size);
    return true;
}

static bool copy_map(struct place_map *into, const struct place_map *from)
{
    if (from->capacity == 0)
        return true;
    into->places = malloc(from->capacity * sizeof *into->places);
    if (into->places == NULL)
        return false;
    memcpy(into->places, from->places, from->capacity * sizeof *into->places);
    into->capacity = from->capacity;
    into->count = from->count;
    return true;
}

static bool copy_processes(struct process_table *into, const struct process_table *from)
{
    if (from->process_count > 0 &&
        !tb_array_reserve(&into->processes, &into->process_capacity, from->process_count, sizeof *into->processes))
        return false;
    for (size_t i = 0; i < from->process_count; i++) {
        struct process *const process = &into->processes[i];
        *process = from->processes[i];
        process->seen = 0;
        into->process_count++;
        if (!tb_descriptors_duplicate(&process->descriptors, &from->processes[i].descriptors))
            return false;
    }
    return true;
}

/* Marks and events that are not added up yet belong to the original. */
bool tb_process_table_copy(struct process_table *into, const struct process_table *from)
{
    tb_process_table_init(into, from->text_words);
    into->budget.left = from->budget.left;
    memcpy(into->direct, from->direct, sizeof into->direct);
    const size_t count = from->thread_count;
    if (!copy_items(&into->threads, &into->thread_capacity, from->threads, count, sizeof *into->threads) ||
        !copy_items(&into->names, &into->name_capacity, from->names, count, sizeof *into->names) ||
        (from->text_words != 0 &&
         !copy_items(&into->texts, &into->text_capacity, from->texts, count, from->text_words * sizeof *into->texts)) ||
        !copy_map(&into->by_tid, &from->by_tid) || !copy_map(&into->by_pid, &from->by_pid) ||
        !copy_processes(into, from))
        return false;
    into->thread_count = count;
    for (size_t i = 0; i < count; i++) {
        into->threads[i].seen = 0;
        into->threads[i].events = 0;
    }
    return true;
}

bool tb_process_table_begin(struct process_table *table, uint32_t place, int64_t pid)
{
    const uint32_t process = tb_process_table_add_process(table, pid);
    if (process == THREAD_NONE)
        return false;
    struct thread *const thread = &table->threads[place];
    *thread = (struct thread){.tid = thread->tid,
                              .pid = pid,
                              .life = LIFE_NONE,
                              .process = process,
                              .pending = PENDING_NONE,
                              .marks = thread->marks,
                              .seen = thread->seen | THREAD_MET | THREAD_OWN_EVENT | THREAD_IDENTITY,
                              .alive = true};
    table->processes[process].threads++;
    table->processes[process].seen |= PROCESS_MEMBERS;
    return true;
}

void tb_process_table_end(struct process_table *table, uint32_t place)
{
    struct thread *const thread = &table->threads[place];
    thread->seen |= THREAD_MET | THREAD_IDENTITY;
    if (!thread->alive)
        return;
    thread->alive = false;
    struct process *const process = &table->processes[thread->process];
    process->seen |= PROCESS_MEMBERS;
    if (--process->threads > 0)
        return;
    process->seen |= PROCESS_EXEC;
    tb_descriptors_free(&process->descriptors, &table->budget);
    process->exec_thread = THREAD_NONE;
}

/* Where both processes have threads, each keeps its own descriptors: the thread now sees those of
 * the new one. */
bool tb_process_table_move(struct process_table *table, uint32_t place, int64_t pid)
{
    struct thread *const thread = &table->threads[place];
    thread->seen |= THREAD_MET | THREAD_IDENTITY;
    if (thread->pid == pid)
        return true;
    const uint32_t process = tb_process_table_add_process(table, pid);
    if (process == THREAD_NONE)
        return false;
    struct process *const old = &table->processes[thread->process];
    old->seen |= PROCESS_MEMBERS;
    table->processes[process].seen |= PROCESS_MEMBERS;
    if (--old->threads == 0) {
        tb_descriptors_note_replaced(&old->descriptors);
        if (table->processes[process].threads == 0) {
            tb_descriptors_free(&table->processes[process].descriptors, &table->budget);
            const uint8_t seen = table->processes[process].descriptors.seen;
            table->processes[process].descriptors = old->descriptors;
            table->processes[process].descriptors.seen = seen;
            old->descriptors = (struct descriptors){.seen = old->descriptors.seen};
        } else {
            tb_descriptors_free(&old->descriptors, &table->budget);
        }
    }
    table->processes[process].threads++;
    thread->process = process;
    thread->pid = pid;
    return true;
}
