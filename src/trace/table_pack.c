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

/* Bytes behind the last one that is not 0 are left out. */
static void pack_descriptors(const struct descriptors *descriptors, struct tb_buffer *buffer)
{
    uint32_t used = descriptors->capacity;
    while (used > 0 && descriptors->kinds[used - 1] == 0)
        used--;
    tb_buffer_put_u8(buffer, descriptors->seen);
    tb_buffer_put_u32(buffer, descriptors->capacity);
    tb_buffer_put_u32(buffer, used);
    tb_buffer_put(buffer, descriptors->kinds, used);
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

static bool unpack_descriptors(struct descriptors *descriptors, size_t *room, struct tb_bytes *bytes)
{
    uint32_t capacity, used;
    const uint8_t *kinds;
    if (!tb_bytes_take_u8(bytes, &descriptors->seen) || !tb_bytes_take_u32(bytes, &capacity) ||
        !tb_bytes_take_u32(bytes, &used) || used > capacity || capacity > MOST_CAPACITY || capacity > *room ||
        !tb_bytes_take(bytes, used, &kinds) || !kinds_are_good(kinds, used))
        return false;
    if (capacity == 0)
        return true;
    descriptors->kinds = calloc(1, capacity);
    if (descriptors->kinds == NULL)
        return false;
    memcpy(descriptors->kinds, kinds, used);
    descriptors->capacity = capacity;
    *room -= capacity;
    return true;
}

static void pack_process(const struct process *process, const struct chosen *chosen, struct tb_buffer *buffer)
{
    tb_buffer_put_i64(buffer, process->pid);
    tb_buffer_put_u32(buffer, process->threads);
    tb_buffer_put_u32(buffer, place_among(chosen->threads, process->exec_thread));
    tb_buffer_put_u8(buffer, process->seen);
    pack_descriptors(&process->descriptors, buffer);
}

static bool unpack_process(struct process_table *table, uint32_t place, size_t *room, struct tb_bytes *bytes)
{
    struct process read;
    if (!tb_bytes_take_i64(bytes, &read.pid) || !tb_bytes_take_u32(bytes, &read.threads) ||
        !tb_bytes_take_u32(bytes, &read.exec_thread) || !tb_bytes_take_u8(bytes, &read.seen) ||
        tb_process_table_add_process(table, read.pid) != place)
        return false;
    struct process *const process = &table->processes[place];
    process->threads = read.threads;
    process->exec_thread = read.exec_thread;
    process->seen = read.seen;
    return unpack_descriptors(&process->descriptors, room, bytes);
}

enum { ALIVE = 1, SETTLED = 2, ANNOUNCED = 4, UNANNOUNCED = 8, NATIVE_KNOWN = 16 };

static uint8_t flags_of(const struct thread *thread)
{
    return (uint8_t)((thread->alive ? ALIVE : 0) | (thread->settled ? SETTLED : 0) |
                     (thread->announced ? ANNOUNCED : 0) | (thread->unannounced ? UNANNOUNCED : 0) |
                     (thread->pending_native_known ? NATIVE_KNOWN : 0));
}

static void set_flags(struct thread *thread, uint8_t flags)
{
    thread->alive = (flags & ALIVE) != 0;
    thread->settled = (flags & SETTLED) != 0;
    thread->announced = (flags & ANNOUNCED) != 0;
    thread->unannounced = (flags & UNANNOUNCED) != 0;
    thread->pending_native_known = (flags & NATIVE_KNOWN) != 0;
}

static void pack_thread(const struct process_table *table, uint32_t place, const struct chosen *chosen,
                        const uint32_t *lives, struct tb_buffer *buffer)
{
    const struct thread *const thread = &table->threads[place];
    tb_buffer_put_i64(buffer, thread->tid);
    tb_buffer_put_i64(buffer, thread->pid);
    tb_buffer_put_u64(buffer, thread->pending_value);
    tb_buffer_put_u64(buffer, thread->events);
    tb_buffer_put_u32(buffer, thread->life == LIFE_NONE ? LIFE_NONE : lives[thread->life]);
    tb_buffer_put_u32(buffer, place_among(chosen->processes, thread->process));
    tb_buffer_put_u32(buffer, thread->marks);
    tb_buffer_put_u16(buffer, thread->pending);
    tb_buffer_put_u16(buffer, thread->pending_id);
    tb_buffer_put_u16(buffer, thread->pending_native);
    tb_buffer_put_u16(buffer, thread->pending_port);
    tb_buffer_put_u8(buffer, thread->pending_command);
    tb_buffer_put_u16(buffer, thread->last_exit);
    tb_buffer_put_u8(buffer, thread->seen);
    tb_buffer_put_u8(buffer, flags_of(thread));
    const size_t length = strnlen(table->names[place], THREAD_NAME_SIZE - 1);
    tb_buffer_put_u8(buffer, (uint8_t)length);
    tb_buffer_put(buffer, table->names[place], length);
    for (size_t i = 0; i < table->text_words; i++)
        tb_buffer_put_u64(buffer, table->texts[place * table->text_words + i]);
}

static bool take_thread(struct thread *thread, struct tb_bytes *bytes)
{
    uint8_t flags;
    if (!tb_bytes_take_i64(bytes, &thread->tid) || !tb_bytes_take_i64(bytes, &thread->pid) ||
        !tb_bytes_take_u64(bytes, &thread->pending_value) || !tb_bytes_take_u64(bytes, &thread->events) ||
        !tb_bytes_take_u32(bytes, &thread->life) || !tb_bytes_take_u32(bytes, &thread->process) ||
        !tb_bytes_take_u32(bytes, &thread->marks) || !tb_bytes_take_u16(bytes, &thread->pending) ||
        !tb_bytes_take_u16(bytes, &thread->pending_id) || !tb_bytes_take_u16(bytes, &thread->pending_native) ||
        !tb_bytes_take_u16(bytes, &thread->pending_port) || !tb_bytes_take_u8(bytes, &thread->pending_command) ||
        !tb_bytes_take_u16(bytes, &thread->last_exit) || !tb_bytes_take_u8(bytes, &thread->seen) ||
        !tb_bytes_take_u8(bytes, &flags))
        return false;
    set_flags(thread, flags);
    return true;
}

static bool thread_is_sound(const struct thread *thread, size_t process_count, size_t life_count)
{
    return (thread->pending == PENDING_NONE || thread->pending + 1 < EVENT_NUMBERS) &&
           (thread->process == THREAD_NONE || thread->process < process_count) &&
           (thread->life == LIFE_NONE || (thread->alive && thread->life < life_count)) &&
           (!thread->alive || thread->process != THREAD_NONE);
}

static bool take_texts(struct process_table *table, uint32_t place, struct tb_bytes *bytes)
{
    uint8_t length;
    const uint8_t *name;
    if (!tb_bytes_take_u8(bytes, &length) || length >= THREAD_NAME_SIZE || !tb_bytes_take(bytes, length, &name))
        return false;
    memcpy(table->names[place], name, length);
    for (size_t i = 0; i < table->text_words; i++)
        if (!tb_bytes_take_u64(bytes, &table->texts[place * table->text_words + i]))
            return false;
    return true;
}

static bool unpack_thread(struct process_table *table, uint32_t place, size_t life_count, struct tb_bytes *bytes)
{
    struct thread thread = {0};
    if (!take_thread(&thread, bytes) || !thread_is_sound(&thread, table->process_count, life_count) ||
        tb_process_table_add(table, thread.tid) != place)
        return false;
    table->threads[place] = thread;
    return take_texts(table, place, bytes);
}

void tb_table_pack(const struct process_table *table, const struct chosen *chosen, const uint32_t *lives,
                   struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, table->budget.left);
    tb_buffer_put_u64(buffer, table->budget.grown);
    tb_buffer_put_u64(buffer, count_chosen(chosen->processes, table->process_count));
    for (size_t i = 0; i < table->process_count; i++)
        if (chosen->processes[i] != THREAD_NONE)
            pack_process(&table->processes[i], chosen, buffer);
    tb_buffer_put_u64(buffer, count_chosen(chosen->threads, table->thread_count));
    for (size_t i = 0; i < table->thread_count; i++)
        if (chosen->threads[i] != THREAD_NONE)
            pack_thread(table, (uint32_t)i, chosen, lives, buffer);
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
    size_t count, room = MOST_DESCRIPTORS;
    uint64_t left, grown;
    tb_process_table_init(table, text_words);
    if (!tb_bytes_take_u64(bytes, &left) || !tb_bytes_take_u64(bytes, &grown) || left > MOST_DESCRIPTORS ||
        !tb_take_item_count(bytes, PACKED_PROCESS, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!unpack_process(table, (uint32_t)i, &room, bytes))
            return false;
    if (!tb_take_item_count(bytes, PACKED_THREAD, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!unpack_thread(table, (uint32_t)i, life_count, bytes))
            return false;
    table->budget.left = (size_t)left;
    table->budget.grown = (size_t)grown;
    return callers_exist(table);
}
