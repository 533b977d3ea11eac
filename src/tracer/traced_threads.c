/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traced_threads.h"

#include <stdlib.h>
#include <string.h>

#include "twinbed/base/containers.h"

enum { FIRST_SLOTS = 64 };

static const struct traced_call no_call = {.call = TB_CALL_NONE};

void tb_traced_image_free(struct traced_image *image)
{
    if (image != NULL && --image->users == 0)
        free(image);
}

void tb_traced_threads_free(struct traced_threads *threads)
{
    for (size_t i = 0; i < threads->count; i++) {
        tb_traced_image_free(threads->items[i].image);
        tb_traced_image_free(threads->items[i].executes);
    }
    free(threads->items);
    free(threads->slots);
    *threads = (struct traced_threads){0};
}

/* The slot that holds tid, or the free one where it would go. */
static size_t find_slot(const struct traced_threads *threads, int64_t tid)
{
    uint64_t mixed = (uint64_t)tid * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed >> 32) & (threads->slot_count - 1);
    while (threads->slots[slot] != 0 && threads->items[threads->slots[slot] - 1].tid != tid)
        slot = (slot + 1) & (threads->slot_count - 1);
    return slot;
}

struct traced_thread *tb_traced_thread_find(struct traced_threads *threads, int64_t tid)
{
    if (threads->count == 0)
        return NULL;
    if (threads->items[threads->last].tid == tid)
        return &threads->items[threads->last];
    const uint32_t place = threads->slots[find_slot(threads, tid)];
    if (place == 0)
        return NULL;
    threads->last = place - 1;
    return &threads->items[place - 1];
}

static bool reserve(struct traced_threads *threads)
{
    if (!tb_array_reserve(&threads->items, &threads->capacity, threads->count + 1, sizeof *threads->items) ||
        threads->count >= UINT32_MAX - 1)
        return false;
    if (threads->count < threads->slot_count / 2)
        return true;
    const size_t count = threads->slot_count == 0 ? FIRST_SLOTS : threads->slot_count * 2;
    uint32_t *const slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(threads->slots);
    threads->slots = slots;
    threads->slot_count = count;
    for (size_t i = 0; i < threads->count; i++)
        slots[find_slot(threads, threads->items[i].tid)] = (uint32_t)i + 1;
    return true;
}

struct traced_thread *tb_traced_thread_add(struct traced_threads *threads, int64_t tid)
{
    struct traced_thread *const found = tb_traced_thread_find(threads, tid);
    if (found != NULL)
        return found;
    if (!reserve(threads))
        return NULL;
    struct traced_thread *const thread = &threads->items[threads->count++];
    *thread = (struct traced_thread){.tid = tid, .pid = tid, .pending = no_call, .descriptor = -1};
    threads->slots[find_slot(threads, tid)] = (uint32_t)threads->count;
    threads->last = (uint32_t)threads->count - 1;
    return thread;
}

void tb_traced_thread_end_call(struct traced_threads *threads, struct traced_thread *thread)
{
    threads->open_clones -= traced_thread_is_in(thread, KIND_CLONE) && !thread->child_seen;
    tb_traced_image_free(thread->executes);
    thread->executes = NULL;
    thread->pending = no_call;
}

void tb_traced_thread_end(struct traced_threads *threads, struct traced_thread *thread)
{
    const int64_t tid = thread->tid;
    tb_traced_thread_end_call(threads, thread);
    tb_traced_image_free(thread->image);
    *thread = (struct traced_thread){.tid = tid, .pid = tid, .pending = no_call, .descriptor = -1};
}

void tb_traced_thread_take_over(struct traced_threads *threads, struct traced_thread *thread, int64_t other)
{
    struct traced_thread *const caller = tb_traced_thread_find(threads, other);
    tb_traced_thread_end_call(threads, thread);
    if (caller == NULL || caller == thread)
        return;
    thread->pending = caller->pending;
    thread->executes = caller->executes;
    caller->executes = NULL;
    caller->pending.call = TB_CALL_NONE;
    tb_traced_thread_end(threads, caller);
}

void tb_traced_thread_set_comm(struct traced_thread *thread, struct scap_text name)
{
    const size_t size = name.size < TRACED_COMM_SIZE ? name.size : TRACED_COMM_SIZE - 1;
    memset(thread->comm, 0, sizeof thread->comm);
    if (size > 0)
        memcpy(thread->comm, name.data, size);
}

void tb_traced_thread_inherit(struct traced_thread *thread, const struct traced_thread *parent, bool same_process)
{
    thread->parent = parent->tid;
    thread->pid = same_process ? parent->pid : thread->tid;
    memcpy(thread->comm, parent->comm, sizeof thread->comm);
    tb_traced_image_free(thread->image);
    thread->image = parent->image;
    if (thread->image != NULL)
        thread->image->users++;
}
