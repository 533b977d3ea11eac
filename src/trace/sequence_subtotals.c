/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thread groups have a counter each; intervals are differences of one counter.
 *
 * Of an interval only the counts at its end are noted, step by step in the order in which steps
 * were made. Steps that were made later had 0 then. So an interval costs 8 bytes a step that
 * exists, and nothing while one counts. */
#include "sequence_subtotals.h"

#include <stdlib.h>

/* The process id of the group that all those share for which there is none left; no process has it. */
enum { SEVERAL = -1 };

void tb_thread_groups_free(struct thread_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        tb_transition_counter_free(&groups->items[i].counter);
    free(groups->items);
    tb_index_free(&groups->index);
    *groups = (struct thread_groups){.most = groups->most};
}

/* The index maps a process without a group of its own to the shared one only by way of SEVERAL, so
 * each such look-up takes two steps. */
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

void tb_intervals_free(struct intervals *intervals)
{
    for (size_t i = 0; i < intervals->end_count; i++)
        tb_step_counts_free(&intervals->ends[i]);
    free(intervals->ends);
    *intervals = (struct intervals){0};
}

size_t tb_intervals_room(const struct intervals *intervals, uint64_t position, size_t calls)
{
    const uint64_t left = intervals->length == 0 ? UINT64_MAX : intervals->length - position % intervals->length;
    return left < calls ? (size_t)left : calls;
}

/* Calls come one interval after the other (tb_intervals_room cuts runs), so at most one end is new. */
enum tb_status tb_intervals_reach(struct intervals *intervals, uint64_t position,
                                  const struct transition_counter *counter, struct tb_error *error)
{
    if (intervals->length == 0 || position / intervals->length == intervals->end_count)
        return TB_OK;
    if (!tb_array_reserve(&intervals->ends, &intervals->end_capacity, intervals->end_count + 1,
                          sizeof *intervals->ends) ||
        !tb_transition_counter_note(counter, &intervals->ends[intervals->end_count]))
        return tb_error_memory(error, "intervals of a sequence");
    intervals->end_count++;
    return TB_OK;
}

void tb_subtotal_list_free(struct tb_subtotal *subtotals, size_t count, size_t order_count)
{
    for (size_t i = 0; subtotals != NULL && i < count; i++) {
        for (size_t order = 0; subtotals[i].transitions != NULL && order < order_count; order++)
            tb_transitions_free(&subtotals[i].transitions[order]);
        free(subtotals[i].transitions);
    }
    free(subtotals);
}

/* Subtotals with empty tables. */
static enum tb_status begin_subtotals(const struct tb_trace_request *request, size_t count,
                                      struct tb_subtotal **subtotals, struct tb_error *error)
{
    struct tb_subtotal *const begun = calloc(count + 1, sizeof *begun);
    bool good = begun != NULL;
    for (size_t i = 0; good && i < count; i++) {
        begun[i].transitions = calloc(request->order_count + 1, sizeof *begun[i].transitions);
        good = begun[i].transitions != NULL;
        for (size_t order = 0; good && order < request->order_count; order++)
            tb_transitions_init(&begun[i].transitions[order], request->orders[order]);
    }
    if (!good) {
        tb_subtotal_list_free(begun, count, request->order_count);
        return tb_error_memory(error, "subtotals of a sequence");
    }
    *subtotals = begun;
    return TB_OK;
}

/* Hands finished subtotals to the caller, or nothing when reading them failed. */
static enum tb_status end_subtotals(enum tb_status status, const struct tb_trace_request *request,
                                    struct tb_subtotal *read, size_t read_count, struct tb_subtotal **subtotals,
                                    size_t *count)
{
    if (status != TB_OK) {
        tb_subtotal_list_free(read, read_count, request->order_count);
        return status;
    }
    *subtotals = read;
    *count = read_count;
    return TB_OK;
}

enum tb_status tb_thread_groups_read(const struct thread_groups *groups, const tb_symbol *symbols,
                                     const struct tb_trace_request *request, struct tb_subtotal **subtotals,
                                     size_t *count, struct tb_error *error)
{
    struct tb_subtotal *read;
    enum tb_status status = begin_subtotals(request, groups->count, &read, error);
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
    return end_subtotals(status, request, read, groups->count, subtotals, count);
}

enum tb_status tb_intervals_read(const struct intervals *intervals, const struct transition_counter *counter,
                                 uint64_t calls, const tb_symbol *symbols, const struct tb_trace_request *request,
                                 struct tb_subtotal **subtotals, size_t *count, struct tb_error *error)
{
    const size_t all = intervals->length == 0 || calls == 0 ? 0 : intervals->end_count + 1;
    struct tb_subtotal *read;
    enum tb_status status = begin_subtotals(request, all, &read, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < all; i++) {
        const struct step_counts *const since = i == 0 ? NULL : &intervals->ends[i - 1];
        const struct step_counts *const until = i + 1 == all ? NULL : &intervals->ends[i];
        const uint64_t begin = i * intervals->length;
        read[i].id = (int64_t)begin;
        read[i].calls = i + 1 == all ? calls - begin : intervals->length;
        for (size_t order = 0; status == TB_OK && order < request->order_count; order++) {
            status = tb_transition_counter_read_between(counter, symbols, since, until, begin,
                                                        &read[i].transitions[order], error);
            tb_transitions_finish(&read[i].transitions[order]);
        }
    }
    return end_subtotals(status, request, read, all, subtotals, count);
}
