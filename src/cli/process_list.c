/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process_list.h"

#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"
#include "twinbed/trace/trace_files.h"

void process_list_free(struct process_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    tb_index_free(&list->names);
    tb_index_free(&list->threads);
    *list = (struct process_list){.items = NULL};
}

/* NULL when memory is short. */
static struct listed_process *add(struct process_list *list, const char *name)
{
    char *repaired = NULL;
    if (!tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items) ||
        !tb_utf8_repair(name[0] == '\0' ? "?" : name, &repaired))
        return NULL;
    struct listed_process *const process = &list->items[list->count];
    *process = (struct listed_process){.name = repaired != NULL ? repaired : strdup(name[0] == '\0' ? "?" : name)};
    if (process->name == NULL)
        return NULL;
    list->count++;
    return process;
}

static struct listed_process *find(struct process_list *list, const char *name)
{
    const int64_t at = tb_index_add(&list->names, tb_key_of_text(name, 0), list->count);
    if (at < 0)
        return NULL;
    return (size_t)at < list->count ? &list->items[at] : add(list, name);
}

/* A tb_trace_visit visitor. */
static bool count_call(void *context, const struct tb_call_record *record)
{
    struct process_list *const list = context;
    struct listed_process *const process = find(list, record->process);
    if (process == NULL) {
        list->failed = true;
        return false;
    }
    const struct tb_key thread = {.high = (uint64_t)(process - list->items), .low = (uint64_t)record->tid};
    const uint64_t known = list->threads.count;
    list->failed = tb_index_add(&list->threads, thread, known) < 0;
    process->threads += list->threads.count > known;
    process->calls++;
    process->errors += record->result < 0;
    process->connects += record->call == list->connect;
    process->accepts += record->result >= 0 && (record->call == list->accept || record->call == list->accept4);
    return !list->failed;
}

static int compare(const void *a, const void *b)
{
    const struct listed_process *const x = a, *const y = b;
    if (x->calls != y->calls)
        return x->calls > y->calls ? -1 : 1;
    return strcmp(x->name, y->name);
}

enum tb_status process_list_read(const char *const *paths, size_t count, struct process_list *list,
                                 struct tb_account *account, struct tb_error *error)
{
    struct tb_source *source;
    *list = (struct process_list){
        .connect = tb_call_find("connect"), .accept = tb_call_find("accept"), .accept4 = tb_call_find("accept4")};
    enum tb_status status = tb_trace_open_files(paths, count, &source, error);
    if (status != TB_OK)
        return status;
    status = tb_trace_visit(source, count_call, list, account, error);
    tb_source_close(source);
    if (status == TB_OK && list->failed)
        status = tb_error_memory(error, "a list of processes");
    if (status == TB_OK && list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare);
    return status;
}
