/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "states.h"

#include <stdlib.h>

#include "twinbed/base/archive.h"
#include "twinbed/markov/transitions.h"

void tb_state_list_free(struct state_list *list)
{
    free(list->items);
    *list = (struct state_list){0};
}

enum tb_status tb_state_list_add(struct state_list *list, unsigned order, struct tb_key key, struct tb_error *error)
{
    if (!tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return tb_error_memory(error, "states of chains");
    list->items[list->count++] = (struct state){order, key};
    return TB_OK;
}

static int compare_states(const void *a, const void *b)
{
    const struct state *left = a;
    const struct state *right = b;
    if (left->order != right->order)
        return left->order < right->order ? -1 : 1;
    return tb_key_compare(left->key, right->key);
}

void tb_state_list_sort(struct state_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_states);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (compare_states(&list->items[i], &list->items[kept - 1]) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static void describe_state(struct tb_archive *archive, struct state *state)
{
    TB_ARCHIVE_U64S(archive, &state->order, &state->key.high, &state->key.low);
}

void tb_state_list_pack(const struct state_list *list, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    size_t count = list->count;
    tb_archive_size(&archive, &count);
    for (size_t i = 0; i < list->count; i++)
        describe_state(&archive, &list->items[i]);
}

enum tb_status tb_state_list_take(struct state_list *list, struct tb_bytes *bytes, struct tb_error *error)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    size_t count = 0;
    tb_archive_size(&archive, &count);
    for (size_t i = 0; i < count && !archive.failed; i++) {
        struct state state = {0};
        describe_state(&archive, &state);
        const enum tb_status status =
            archive.failed ? TB_OK : tb_state_list_add(list, (unsigned)state.order, state.key, error);
        if (status != TB_OK)
            return status;
    }
    return tb_archive_end(&archive, bytes) ? TB_OK : tb_error_unpack(error, "states of chains do not unpack");
}

static enum tb_status take_all(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct state_list *const list = context;
    while (bytes.left > 0) {
        const enum tb_status status = tb_state_list_take(list, &bytes, error);
        if (status != TB_OK)
            return status;
    }
    tb_state_list_sort(list);
    return TB_OK;
}

enum tb_status tb_state_list_share(const struct tb_team *team, const struct state_list *own, enum tb_status status,
                                   struct state_list *all, struct tb_error *error)
{
    struct tb_buffer local = {0};
    tb_state_list_pack(own, &local);
    status = tb_team_collect(team, status, &local, "states of chains", true, take_all, all, error);
    tb_buffer_free(&local);
    return status;
}

int64_t tb_state_list_find(const struct state_list *list, unsigned order, struct tb_key key)
{
    const struct state wanted = {order, key};
    const struct state *found =
        list->count == 0 ? NULL : bsearch(&wanted, list->items, list->count, sizeof wanted, compare_states);
    return found == NULL ? -1 : found - list->items;
}
