/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process_table.h"

#include <stdlib.h>
#include <string.h>

#include "sequence.h"

enum { DESCRIPTOR_BUDGET = 64 << 20, FIRST_MAP = 256, KEPT_MAP = 4096 };

void process_table_init(struct process_table *table, size_t text_words)
{
    *table = (struct process_table){.text_words = text_words, .descriptor_budget = DESCRIPTOR_BUDGET};
}

void process_table_free(struct process_table *table)
{
    for (size_t i = 0; i < table->process_count; i++)
        descriptors_free(&table->processes[i].descriptors, &table->descriptor_budget);
    free(table->threads);
    free(table->names);
    free(table->texts);
    free(table->processes);
    free(table->by_tid.places);
    free(table->by_pid.places);
    *table = (struct process_table){0};
}

void process_table_reset(struct process_table *table)
{
    const size_t text_words = table->text_words;
    if (table->thread_count == 0 && table->process_count == 0)
        return;
    process_table_free(table);
    process_table_init(table, text_words);
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

uint32_t process_table_search(struct process_table *table, int64_t tid)
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

uint32_t process_table_add(struct process_table *table, int64_t tid)
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

static uint32_t add_process(struct process_table *table, int64_t pid)
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

bool process_table_begin(struct process_table *table, uint32_t place, int64_t pid)
{
    const uint32_t process = add_process(table, pid);
    if (process == THREAD_NONE)
        return false;
    struct thread *const thread = &table->threads[place];
    *thread = (struct thread){.tid = thread->tid,
                              .pid = pid,
                              .life = LIFE_NONE,
                              .process = process,
                              .pending = PENDING_NONE,
                              .marks = thread->marks,
                              .alive = true};
    table->processes[process].threads++;
    return true;
}

void process_table_end(struct process_table *table, uint32_t place)
{
    struct thread *const thread = &table->threads[place];
    if (!thread->alive)
        return;
    thread->alive = false;
    struct process *const process = &table->processes[thread->process];
    if (--process->threads > 0)
        return;
    descriptors_free(&process->descriptors, &table->descriptor_budget);
    process->exec_thread = THREAD_NONE;
}

bool process_table_move(struct process_table *table, uint32_t place, int64_t pid)
{
    struct thread *const thread = &table->threads[place];
    if (thread->pid == pid)
        return true;
    const uint32_t process = add_process(table, pid);
    if (process == THREAD_NONE)
        return false;
    struct process *const old = &table->processes[thread->process];
    if (--old->threads == 0) {
        if (table->processes[process].threads == 0) {
            descriptors_free(&table->processes[process].descriptors, &table->descriptor_budget);
            table->processes[process].descriptors = old->descriptors;
            old->descriptors = (struct descriptors){0};
        } else {
            descriptors_free(&old->descriptors, &table->descriptor_budget);
        }
    }
    table->processes[process].threads++;
    thread->process = process;
    thread->pid = pid;
    return true;
}
