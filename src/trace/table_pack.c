/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table_pack.h"

#include <stdlib.h>
#include <string.h>

#include "call/call_table.h"

/* What a thread and a process take at least. */
enum { PACKED_THREAD = 58, PACKED_PROCESS = 26 };

/* The capacities of all descriptors together, which a trace's own budget keeps below this as well. */
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

static uint64_t count_chosen(const uint32_t *places, size_t count)
{
    uint64_t chosen = 0;
    for (size_t i = 0; i < count; i++)
        chosen += places[i] != THREAD_NONE;
    return chosen;
}

bool tb_take_item_count(struct tb_bytes *bytes, size_t size, size_t *count)
{
    uint64_t stored;
    if (!tb_bytes_take_u64(bytes, &stored) || stored > bytes->left / size)
        return false;
    *count = (size_t)stored;
    return true;
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

/* A process that stands at place in the table, or, when reading, is made there. exec_thread: its packed place. */
static void describe_process(struct tb_archive *archive, struct process_table *table, uint32_t place,
                             uint32_t exec_thread, size_t *room)
{
    const bool reads = tb_archive_reads(archive);
    struct process process = reads ? (struct process){0} : table->processes[place];
    tb_archive_i64(archive, &process.pid);
    tb_archive_u32(archive, &process.threads);
    tb_archive_u32(archive, &exec_thread);
    tb_archive_u8(archive, &process.seen);
    if (reads && !archive->failed)
        archive->failed = tb_process_table_add_process(table, process.pid) != place;
    if (archive->failed)
        return;
    struct process *const made = &table->processes[place];
    if (reads) {
        made->threads = process.threads;
        made->exec_thread = exec_thread;
        made->seen = process.seen;
    }
    describe_descriptors(archive, &made->descriptors, room);
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

static bool thread_is_sound(const struct thread *thread, size_t process_count, size_t life_count)
{
    return (thread->pending == PENDING_NONE || thread->pending + 1 < EVENT_NUMBERS) &&
           (thread->process == THREAD_NONE || thread->process < process_count) &&
           (thread->life == LIFE_NONE || (thread->alive && thread->life < life_count)) &&
           (!thread->alive || thread->process != THREAD_NONE);
}

/* A thread, whose life and process are packed places already, and the texts of the one that stands at place in the
 * table, or, when reading, is made there. */
static void describe_thread(struct tb_archive *archive, struct process_table *table, struct thread *thread,
                            uint32_t place, size_t life_count)
{
    describe_thread_fields(archive, thread);
    if (tb_archive_reads(archive) && !archive->failed) {
        archive->failed = !thread_is_sound(thread, table->process_count, life_count) ||
                          tb_process_table_add(table, thread->tid) != place;
        if (!archive->failed)
            table->threads[place] = *thread;
    }
    if (archive->failed)
        return;
    tb_archive_short_text(archive, table->names[place], THREAD_NAME_SIZE);
    for (size_t i = 0; i < table->text_words; i++)
        tb_archive_u64(archive, &table->texts[place * table->text_words + i]);
}

static void describe_budget(struct tb_archive *archive, size_t *left, size_t *grown)
{
    tb_archive_size(archive, left);
    tb_archive_size(archive, grown);
    tb_archive_require(archive, *left <= MOST_DESCRIPTORS);
}

void tb_table_pack(const struct process_table *table, const struct chosen *chosen, const uint32_t *lives,
                   struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct process_table copy = *table;
    size_t room = MOST_DESCRIPTORS, processes = count_chosen(chosen->processes, table->process_count),
           threads = count_chosen(chosen->threads, table->thread_count);
    describe_budget(&archive, &copy.budget.left, &copy.budget.grown);
    tb_archive_count(&archive, &processes, PACKED_PROCESS);
    for (size_t i = 0; i < table->process_count; i++)
        if (chosen->processes[i] != THREAD_NONE)
            describe_process(&archive, &copy, (uint32_t)i,
                             place_among(chosen->threads, table->processes[i].exec_thread), &room);
    tb_archive_count(&archive, &threads, PACKED_THREAD);
    for (size_t i = 0; i < table->thread_count; i++) {
        struct thread thread = table->threads[i];
        if (chosen->threads[i] == THREAD_NONE)
            continue;
        thread.life = thread.life == LIFE_NONE ? LIFE_NONE : lives[thread.life];
        thread.process = place_among(chosen->processes, thread.process);
        describe_thread(&archive, &copy, &thread, (uint32_t)i, 0);
    }
}

static bool callers_exist(const struct process_table *table)
{
    for (size_t i = 0; i < table->process_count; i++)
        if (table->processes[i].exec_thread != THREAD_NONE && table->processes[i].exec_thread >= table->thread_count)
            return false;
    return true;
}

bool tb_table_unpack(struct process_table *table, size_t text_words, size_t life_count, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    size_t count = 0, room = MOST_DESCRIPTORS, left = 0, grown = 0;
    tb_process_table_init(table, text_words);
    describe_budget(&archive, &left, &grown);
    tb_archive_count(&archive, &count, PACKED_PROCESS);
    for (size_t i = 0; i < count && !archive.failed; i++)
        describe_process(&archive, table, (uint32_t)i, THREAD_NONE, &room);
    count = 0;
    tb_archive_count(&archive, &count, PACKED_THREAD);
    for (size_t i = 0; i < count && !archive.failed; i++) {
        struct thread thread = {0};
        describe_thread(&archive, table, &thread, (uint32_t)i, life_count);
    }
    if (archive.failed || !callers_exist(table))
        return false;
    table->budget.left = left;
    table->budget.grown = grown;
    return tb_archive_end(&archive, bytes);
}
