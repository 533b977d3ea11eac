/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads, processes and descriptors as bytes.
 *
 * Processes come before threads, because a thread refers to its process; exec_thread of a process
 * refers forwards, and is checked in the end. Reading adds each entry to the table and fails when
 * it does not get the next place, as when a tid comes twice. */
#include "table_pack.h"

#include <stdlib.h>
#include <string.h>

#include "call/call_table.h"

/* What a thread and a process take at least. */
enum { PACKED_THREAD = 58, PACKED_PROCESS = 26 };

/* Capacities of all descriptors together, and of one set. A trace's own budget (process_table.c)
 * keeps below both. */
enum { MOST_DESCRIPTORS = 128 << 20, MOST_CAPACITY = 1 << 17 };

bool tb_chosen_start(struct chosen *chosen, const struct process_table *table)
{
    chosen->threads = malloc((table->thread_count + 1) * sizeof *chosen->threads);
    chosen->processes = malloc((table->process_count + 1) * sizeof *chosen->processes);
    if (chosen->threads == NULL || chosen->processes == NULL) {
        tb_chosen_free(chosen);
        return false;
    }
    for (size_t i = 0; i < table->thread_count; i++)
        chosen->threads[i] = THREAD_NONE;
    for (size_t i = 0; i < table->process_count; i++)
        chosen->processes[i] = THREAD_NONE;
    return true;
}

void tb_chosen_free(struct chosen *chosen)
{
    free(chosen->threads);
    free(chosen->processes);
    *chosen = (struct chosen){0};
}

static void number(uint32_t *places, size_t count)
{
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++)
        if (places[i] != THREAD_NONE)
            places[i] = next++;
}

void tb_chosen_number(struct chosen *chosen, const struct process_table *table)
{
    number(chosen->threads, table->thread_count);
    number(chosen->processes, table->process_count);
}

static size_t count_chosen(const uint32_t *places, size_t count)
{
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++)
        chosen += places[i] != THREAD_NONE;
    return chosen;
}

static uint32_t place_among(const uint32_t *places, uint32_t place)
{
    return place == THREAD_NONE ? THREAD_NONE : places[place];
}

static bool kinds_are_good(const uint8_t *kinds, uint32_t count)
{
    enum { BITS = DESCRIPTOR_KIND | DESCRIPTOR_READ | DESCRIPTOR_WRITTEN | DESCRIPTOR_CONNECTING };
    for (uint32_t i = 0; i < count; i++)
        if ((kinds[i] & ~BITS) != 0 || (kinds[i] & DESCRIPTOR_KIND) > TB_DESCRIPTOR_KINDS ||
            ((kinds[i] & DESCRIPTOR_CONNECTING) != 0 && (kinds[i] & DESCRIPTOR_KIND) == 0))
            return false;
    return true;
}

/* Bytes behind the last one that is not 0 are left out. room: capacity that all descriptors together may still have. */
static void describe_descriptors(struct tb_archive *archive, struct descriptors *descriptors, size_t *room)
{
    uint32_t capacity = descriptors->capacity, used = capacity;
    while (used > 0 && descriptors->kinds[used - 1] == 0)
        used--;
    tb_archive_u8(archive, &descriptors->seen);
    tb_archive_u32(archive, &capacity);
    tb_archive_u32(archive, &used);
    tb_archive_require(archive,
                       used <= capacity && used <= archive->in.left && capacity <= MOST_CAPACITY && capacity <= *room);
    if (tb_archive_reads(archive) && capacity > 0)
        tb_archive_items(archive, &descriptors->kinds, capacity, 1);
    tb_archive_bytes(archive, descriptors->kinds, used);
    if (!tb_archive_reads(archive) || archive->failed)
        return;
    descriptors->capacity = capacity;
    *room -= capacity;
    archive->failed = !kinds_are_good(descriptors->kinds, used);
}

/* The process that stands at place in the table, or, when reading, is made there. */
static void describe_process(struct tb_archive *archive, struct process_table *table, uint32_t place,
                             const struct chosen *chosen, size_t *room)
{
    const bool reads = tb_archive_reads(archive);
    struct process process = reads ? (struct process){0} : table->processes[place];
    if (!reads)
        process.exec_thread = place_among(chosen->threads, process.exec_thread);
    tb_archive_i64(archive, &process.pid);
    tb_archive_u32(archive, &process.threads);
    tb_archive_u32(archive, &process.exec_thread);
    tb_archive_u8(archive, &process.seen);
    if (reads && !archive->failed)
        archive->failed = tb_process_table_add_process(table, process.pid) != place;
    if (archive->failed)
        return;
    if (reads)
        table->processes[place] = process;
    describe_descriptors(archive, &table->processes[place].descriptors, room);
}

static void describe_thread_fields(struct tb_archive *archive, struct thread *thread)
{
    tb_archive_i64(archive, &thread->tid);
    tb_archive_i64(archive, &thread->pid);
    TB_ARCHIVE_U64S(archive, &thread->pending_value, &thread->events);
    tb_archive_u32(archive, &thread->life);
    tb_archive_u32(archive, &thread->process);
    tb_archive_u32(archive, &thread->marks);
    tb_archive_u16(archive, &thread->pending);
    tb_archive_u16(archive, &thread->pending_id);
    tb_archive_u16(archive, &thread->pending_native);
    tb_archive_u16(archive, &thread->pending_port);
    tb_archive_u8(archive, &thread->pending_command);
    tb_archive_u16(archive, &thread->last_exit);
    tb_archive_u8(archive, &thread->seen);
    TB_ARCHIVE_FLAGS(archive, &thread->alive, &thread->settled, &thread->announced, &thread->unannounced,
                     &thread->pending_native_known);
}

/* pending + 1 is the event number of the exit, by which tables are looked up. */
static bool thread_is_sound(const struct thread *thread, size_t process_count, size_t life_count)
{
    return (thread->pending == PENDING_NONE || thread->pending + 1 < EVENT_NUMBERS) &&
           (thread->process == THREAD_NONE || thread->process < process_count) &&
           (thread->life == LIFE_NONE || (thread->alive && thread->life < life_count)) &&
           (!thread->alive || thread->process != THREAD_NONE);
}

/* The thread that stands at place in the table, or, when reading, is made there. Its life and process are packed as
 * places among the chosen. */
static void describe_thread(struct tb_archive *archive, struct process_table *table, uint32_t place,
                            const struct chosen *chosen, size_t life_count)
{
    const bool reads = tb_archive_reads(archive);
    struct thread thread = reads ? (struct thread){0} : table->threads[place];
    if (!reads) {
        thread.life = place_among(chosen->lives, thread.life);
        thread.process = place_among(chosen->processes, thread.process);
    }
    describe_thread_fields(archive, &thread);
    if (reads && !archive->failed)
        archive->failed = !thread_is_sound(&thread, table->process_count, life_count) ||
                          tb_process_table_add(table, thread.tid) != place;
    if (archive->failed)
        return;
    if (reads)
        table->threads[place] = thread;
    tb_archive_short_text(archive, table->names[place], THREAD_NAME_SIZE);
    for (size_t i = 0; i < table->text_words; i++)
        tb_archive_u64(archive, &table->texts[place * table->text_words + i]);
}

static bool callers_exist(const struct process_table *table)
{
    for (size_t i = 0; i < table->process_count; i++)
        if (table->processes[i].exec_thread != THREAD_NONE && table->processes[i].exec_thread >= table->thread_count)
            return false;
    return true;
}

static bool is_chosen(const uint32_t *places, size_t place)
{
    return places[place] != THREAD_NONE;
}

void tb_table_describe(struct tb_archive *archive, struct process_table *table, const struct chosen *chosen,
                       size_t life_count)
{
    const bool reads = tb_archive_reads(archive);
    size_t processes = reads ? 0 : count_chosen(chosen->processes, table->process_count);
    size_t threads = reads ? 0 : count_chosen(chosen->threads, table->thread_count);
    size_t room = MOST_DESCRIPTORS;
    tb_archive_size(archive, &table->budget.left);
    tb_archive_size(archive, &table->budget.grown);
    tb_archive_require(archive, table->budget.left <= MOST_DESCRIPTORS);
    tb_archive_count(archive, &processes, PACKED_PROCESS);
    for (uint32_t i = 0; processes > 0 && !archive->failed; i++) {
        if (!reads && !is_chosen(chosen->processes, i))
            continue;
        describe_process(archive, table, i, chosen, &room);
        processes--;
    }
    tb_archive_count(archive, &threads, PACKED_THREAD);
    for (uint32_t i = 0; threads > 0 && !archive->failed; i++) {
        if (!reads && !is_chosen(chosen->threads, i))
            continue;
        describe_thread(archive, table, i, chosen, life_count);
        threads--;
    }
    if (reads && !archive->failed)
        archive->failed = !callers_exist(table);
}
