/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sequence_portions.h"

#include <stdlib.h>

enum { SEVERAL = -1 };

void tb_thread_groups_free(struct thread_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        tb_transition_counter_free(&groups->items[i].counter);
    free(groups->items);
    tb_index_free(&groups->index);
    *groups = (struct thread_groups){.most = groups->most};
}

enum tb_status tb_thread_groups_find(struct thread_groups *groups, int64_t pid, unsigned highest_order, uint32_t *place,
                                     struct tb_error *error)
{
    int64_t found = tb_index_find(&groups->index, (struct tb_key){.low = (uint64_t)pid});
    if (found == TB_INDEX_ABSENT) {
        if (groups->most != 0 && groups->count >= groups->most)
            pid = SEVERAL;
        found = tb_index_add(&groups->index, (struct tb_key){.low = (uint64_t)pid}, groups->count);
    }
    if (found == TB_INDEX_ABSENT ||
        ((size_t)found == groups->count &&
         !tb_array_reserve(&groups->items, &groups->capacity, groups->count + 1, sizeof *groups->items)))
        return tb_error_memory(error, "thread groups");
    if ((size_t)found == groups->count)
        groups->items[groups->count++] = (struct thread_group){.pid = pid, .counter.highest_order = highest_order};
    *place = (uint32_t)found;
    return TB_OK;
}

void tb_stretches_free(struct stretches *stretches)
{
    for (size_t i = 0; i < stretches->end_count; i++)
        tb_step_counts_free(&stretches->ends[i]);
    free(stretches->ends);
    *stretches = (struct stretches){0};
}

size_t tb_stretches_room(const struct stretches *stretches, uint64_t position, size_t calls)
{
    const uint64_t left = stretches->length == 0 ? UINT64_MAX : stretches->length - position % stretches->length;
    return left < calls ? (size_t)left : calls;
}

enum tb_status tb_stretches_reach(struct stretches *stretches, uint64_t position,
                                  const struct transition_counter *counter, struct tb_error *error)
{
    if (stretches->length == 0 || position / stretches->length == stretches->end_count)
        return TB_OK;
    if (!tb_array_reserve(&stretches->ends, &stretches->end_capacity, stretches->end_count + 1,
                          sizeof *stretches->ends) ||
        !tb_transition_counter_note(counter, &stretches->ends[stretches->end_count]))
        return tb_error_memory(error, "stretches of a sequence");
    stretches->end_count++;
    return TB_OK;
}

void tb_portion_list_free(struct tb_portion *portions, size_t count, size_t order_count)
{
    for (size_t i = 0; portions != NULL && i < count; i++) {
        for (size_t order = 0; portions[i].transitions != NULL && order < order_count; order++)
            tb_transitions_free(&portions[i].transitions[order]);
        free(portions[i].transitions);
    }
    free(portions);
}

/* Portions with empty tables. */
static enum tb_status begin_portions(const struct tb_trace_request *request, size_t count, struct tb_portion **portions,
                                     struct tb_error *error)
{
    struct tb_portion *const begun = calloc(count + 1, sizeof *begun);
    bool good = begun != NULL;
    for (size_t i = 0; good && i < count; i++) {
        begun[i].transitions = calloc(request->order_count + 1, sizeof *begun[i].transitions);
        good = begun[i].transitions != NULL;
        for (size_t order = 0; good && order < request->order_count; order++)
            tb_transitions_init(&begun[i].transitions[order], request->orders[order]);
    }
    if (!good) {
        tb_portion_list_free(begun, count, request->order_count);
        return tb_error_memory(error, "portions of a sequence");
    }
    *portions = begun;
    return TB_OK;
}

/* Hands finished portions to the caller, or nothing when reading them failed. */
static enum tb_status end_portions(enum tb_status status, const struct tb_trace_request *request,
                                   struct tb_portion *read, size_t read_count, struct tb_portion **portions,
                                   size_t *count)
{
    if (status != TB_OK) {
        tb_portion_list_free(read, read_count, request->order_count);
        return status;
    }
    *portions = read;
    *count = read_count;
    return TB_OK;
}

enum tb_status tb_thread_groups_read(const struct thread_groups *groups, const tb_symbol *symbols,
                                     const struct tb_trace_request *request, struct tb_portion **portions,
                                     size_t *count, struct tb_error *error)
{
    struct tb_portion *read;
    enum tb_status status = begin_portions(request, groups->count, &read, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < groups->count; i++) {
        read[i].id = groups->items[i].pid;
        read[i].calls = groups->items[i].calls;
        for (size_t order = 0; status == TB_OK && order < request->order_count; order++) {
            status = tb_transition_counter_read(&groups->items[i].counter, symbols, &read[i].transitions[order], error);
            tb_transitions_finish(&read[i].transitions[order]);
        }
    }
    return end_portions(status, request, read, groups->count, portions, count);
}

enum tb_status tb_stretches_read(const struct stretches *stretches, const struct transition_counter *counter,
                                 uint64_t calls, const tb_symbol *symbols, const struct tb_trace_request *request,
                                 struct tb_portion **portions, size_t *count, struct tb_error *error)
{
    const size_t all = stretches->length == 0 || calls == 0 ? 0 : stretches->end_count + 1;
    struct tb_portion *read;
    enum tb_status status = begin_portions(request, all, &read, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < all; i++) {
        const struct step_counts *const since = i == 0 ? NULL : &stretches->ends[i - 1];
        const struct step_counts *const until = i + 1 == all ? NULL : &stretches->ends[i];
        const uint64_t begin = i * stretches->length;
        read[i].id = (int64_t)begin;
        read[i].calls = i + 1 == all ? calls - begin : stretches->length;
        for (size_t order = 0; status == TB_OK && order < request->order_count; order++) {
            status = tb_transition_counter_read_between(counter, symbols, since, until, begin,
                                                        &read[i].transitions[order], error);
            tb_transitions_finish(&read[i].transitions[order]);
        }
    }
    return end_portions(status, request, read, all, portions, count);
}
