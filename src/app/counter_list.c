/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/containers.h"

bool tb_counter_list_add(struct counter_list *list, struct tb_text name, uint64_t value)
{
    if (list->count == TB_NAMED_COUNTERS_MOST) {
        list->left_out++;
        return true;
    }
    if (!tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return false;
    struct counter_item *const item = &list->items[list->count++];
    tb_text_copy(tb_text_trim(name), item->name, sizeof item->name);
    item->value = value;
    return true;
}

static int compare_items(const void *a, const void *b)
{
    const struct counter_item *x = a, *y = b;
    return strcmp(x->name, y->name);
}

void tb_counter_list_sort(struct counter_list *list)
{
    size_t kept = 0;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_items);
    for (size_t i = 0; i < list->count; i++) {
        if (kept > 0 && strcmp(list->items[kept - 1].name, list->items[i].name) == 0)
            list->items[kept - 1].value += list->items[i].value;
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

const uint64_t *tb_counter_list_find(const struct counter_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i].value;
    return NULL;
}

void tb_counter_list_free(struct counter_list *list)
{
    free(list->items);
    *list = (struct counter_list){.count = 0};
}

bool tb_named_counter_add(struct tb_counters *counters, const char *file, struct tb_text name, const char *unit,
                          double value)
{
    size_t capacity = counters->named_count;
    if (counters->named_count == TB_NAMED_COUNTERS_MOST) {
        counters->left_out++;
        return true;
    }
    if (!tb_array_reserve(&counters->named, &capacity, counters->named_count + 1, sizeof *counters->named))
        return false;
    struct tb_named_counter *const named = &counters->named[counters->named_count++];
    *named = (struct tb_named_counter){.value = value};
    tb_text_copy(tb_text_of(file), named->file, sizeof named->file);
    tb_text_copy(name, named->name, sizeof named->name);
    tb_text_copy(tb_text_of(unit), named->unit, sizeof named->unit);
    return true;
}

static bool add_change(const struct counter_item *before, const struct counter_item *after, const char *file,
                       struct tb_counters *counters)
{
    if (after->value < before->value && counters->backwards++ == 0)
        snprintf(counters->first_backwards, sizeof counters->first_backwards, "%s", after->name);
    return after->value <= before->value ||
           tb_named_counter_add(counters, file, tb_text_of(after->name), "1", (double)(after->value - before->value));
}

bool tb_counter_lists_subtract(const struct counter_list *before, const struct counter_list *after, const char *file,
                               struct tb_counters *counters)
{
    bool good = true;
    counters->left_out += after->left_out;
    for (size_t i = 0, j = 0; i < before->count && j < after->count && good;) {
        const int order = strcmp(before->items[i].name, after->items[j].name);
        if (order == 0)
            good = add_change(&before->items[i], &after->items[j], file, counters);
        i += order <= 0;
        j += order >= 0;
    }
    return good;
}
