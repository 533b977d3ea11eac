/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names stand in the order of their bytes, and of more than TB_PROCESS_NAMES_MAX the last gives
 * way. A name that gave way never comes back, as those that are kept only grow smaller: so the
 * counts that are kept are whole, whatever order events come in. That makes parts add up. */
#include "process_names.h"

#include <stdlib.h>
#include <string.h>

void tb_process_names_free(struct process_names *names)
{
    free(names->items);
    *names = (struct process_names){0};
}

/* Where a name stands, or would. */
static size_t place_of(const struct process_names *names, const char *name)
{
    size_t first = 0, end = names->count;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (strcmp(names->items[middle].name, name) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* The array has room for one more than are kept, so that the last can be moved out of the way
 * without a special case. */
static void insert(struct process_names *names, size_t place, const char *name, uint64_t events)
{
    if (!tb_array_reserve(&names->items, &names->capacity, names->count + 1, sizeof *names->items)) {
        names->failed = true;
        return;
    }
    struct tb_process_name *const item = &names->items[place];
    names->count -= names->count == TB_PROCESS_NAMES_MAX;
    memmove(item + 1, item, (names->count - place) * sizeof *item);
    *item = (struct tb_process_name){.events = events};
    memcpy(item->name, name, strnlen(name, sizeof item->name - 1));
    names->count++;
}

void tb_process_names_add(struct process_names *names, const char *name, uint64_t events)
{
    if (name[0] == '\0')
        names->unnamed += events;
    if (name[0] == '\0' || events == 0)
        return;
    const size_t place = place_of(names, name);
    if (place < names->count && strcmp(names->items[place].name, name) == 0)
        names->items[place].events += events;
    else if (place < TB_PROCESS_NAMES_MAX)
        insert(names, place, name, events);
}

void tb_process_names_merge(struct process_names *names, const struct process_names *part)
{
    for (size_t i = 0; i < part->count; i++)
        tb_process_names_add(names, part->items[i].name, part->items[i].events);
    names->unnamed += part->unnamed;
    names->failed = names->failed || part->failed;
}

static int compare_events(const void *a, const void *b)
{
    const struct tb_process_name *const first = a, *const second = b;
    if (first->events != second->events)
        return first->events > second->events ? -1 : 1;
    return strcmp(first->name, second->name);
}

enum tb_status tb_process_names_finish(struct process_names *names, struct tb_trace *trace, struct tb_error *error)
{
    if (names->failed)
        return tb_error_memory(error, "process names");
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_events);
    trace->process_names = names->items;
    trace->process_name_count = names->count;
    trace->unnamed_events = names->unnamed;
    *names = (struct process_names){0};
    return TB_OK;
}

void tb_process_name_list_describe(struct tb_archive *archive, struct tb_process_name **items, size_t *count)
{
    enum { PACKED_NAME = 1 + 1 + 8 };
    tb_archive_array(archive, items, count, sizeof **items, PACKED_NAME);
    tb_archive_require(archive, *count <= TB_PROCESS_NAMES_MAX);
    for (size_t i = 0; i < *count && !archive->failed; i++) {
        struct tb_process_name *const item = &(*items)[i];
        tb_archive_short_text(archive, item->name, sizeof item->name);
        tb_archive_u64(archive, &item->events);
        tb_archive_require(archive, item->name[0] != '\0' && item->events > 0);
    }
}

void tb_process_names_describe(struct tb_archive *archive, struct process_names *names)
{
    tb_process_name_list_describe(archive, &names->items, &names->count);
    if (tb_archive_reads(archive))
        names->capacity = names->count;
    for (size_t i = 1; i < names->count && !archive->failed; i++)
        tb_archive_require(archive, strcmp(names->items[i - 1].name, names->items[i].name) < 0);
    tb_archive_u64(archive, &names->unnamed);
}
