/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sequence_portions.h"

#include <stdlib.h>

enum { REST = -1 };

void portions_free(struct portions *portions, size_t order_count)
{
    for (size_t i = 0; i < portions->count; i++) {
        for (size_t order = 0; order < order_count; order++)
            tb_transitions_free(&portions->items[i].counters[order].transitions);
        free(portions->items[i].counters);
    }
    free(portions->items);
    tb_index_free(&portions->index);
    *portions = (struct portions){.most = portions->most};
}

static bool add_portion(struct portions *portions, const struct tb_trace_request *request, int64_t id)
{
    if (!tb_array_reserve(&portions->items, &portions->capacity, portions->count + 1, sizeof *portions->items))
        return false;
    struct portion *const portion = &portions->items[portions->count];
    *portion = (struct portion){.id = id, .counters = calloc(request->order_count + 1, sizeof *portion->counters)};
    if (portion->counters == NULL)
        return false;
    for (size_t i = 0; i < request->order_count; i++)
        tb_transitions_init(&portion->counters[i].transitions, request->orders[i]);
    portions->count++;
    return true;
}

enum tb_status portions_find(struct portions *portions, const struct tb_trace_request *request, int64_t id,
                             uint32_t *place, struct tb_error *error)
{
    int64_t found = tb_index_find(&portions->index, (struct tb_key){.low = (uint64_t)id});
    if (found == TB_INDEX_ABSENT) {
        if (portions->most != 0 && portions->count >= portions->most)
            id = REST;
        found = tb_index_add(&portions->index, (struct tb_key){.low = (uint64_t)id}, portions->count);
    }
    if (found == TB_INDEX_ABSENT || ((size_t)found == portions->count && !add_portion(portions, request, id)))
        return tb_error_memory(error, "portions of a sequence");
    *place = (uint32_t)found;
    return TB_OK;
}

void portion_list_free(struct tb_portion *items, size_t count, size_t order_count)
{
    for (size_t i = 0; items != NULL && i < count; i++) {
        for (size_t order = 0; items[i].transitions != NULL && order < order_count; order++)
            tb_transitions_free(&items[i].transitions[order]);
        free(items[i].transitions);
    }
    free(items);
}

/* False without memory; the portion is then unchanged. */
static bool finish_portion(struct portion *portion, size_t order_count, struct tb_portion *finished)
{
    *finished = (struct tb_portion){.id = portion->id,
                                    .calls = portion->calls,
                                    .transitions = calloc(order_count + 1, sizeof *finished->transitions)};
    for (size_t i = 0; finished->transitions != NULL && i < order_count; i++) {
        struct tb_transitions *const transitions = &portion->counters[i].transitions;
        tb_transitions_finish(transitions);
        finished->transitions[i] = *transitions;
        tb_transitions_init(transitions, transitions->order);
    }
    return finished->transitions != NULL;
}

enum tb_status portions_finish(struct portions *portions, size_t order_count, struct tb_portion **items, size_t *count,
                               struct tb_error *error)
{
    struct tb_portion *const finished = calloc(portions->count + 1, sizeof *finished);
    bool good = finished != NULL;
    for (size_t i = 0; good && i < portions->count; i++)
        good = finish_portion(&portions->items[i], order_count, &finished[i]);
    if (!good) {
        portion_list_free(finished, finished == NULL ? 0 : portions->count, order_count);
        return tb_error_memory(error, "portions of a sequence");
    }
    *items = finished;
    *count = portions->count;
    return TB_OK;
}
