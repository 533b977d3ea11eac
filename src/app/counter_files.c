/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_files.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "twinbed/base/containers.h"

enum { FILES_MOST = 1024 };

static bool is_there(const char *directory, const char *when, const char *name)
{
    char path[PATH_MAX];
    struct stat about;
    const int length = snprintf(path, sizeof path, "%s/%s%s", directory, when, name);
    return length > 0 && (size_t)length < sizeof path && stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static bool is_known(const char *name, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, known[i]) == 0)
            return true;
    return false;
}

/* What the name of an entry tells; false when it is told by another, or is none to be read. */
static bool describe(const char *directory, const char *entry, struct counter_file *file)
{
    const bool before = strncmp(entry, "before.", 7) == 0, after = strncmp(entry, "after.", 6) == 0;
    const char *const name = entry + (before ? 7 : after ? 6 : 0);
    if (entry[0] == '.' || strlen(entry) >= sizeof file->name || !is_there(directory, "", entry))
        return false;
    const bool both = (before || after) && is_there(directory, before ? "after." : "before.", name);
    file->kind = both ? COUNTER_FILE_PAIR : before || after ? COUNTER_FILE_ALONE : COUNTER_FILE_SINGLE;
    snprintf(file->name, sizeof file->name, "%s", both ? name : entry);
    return !both || before;
}

static int compare(const void *a, const void *b)
{
    const struct counter_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

enum tb_status tb_counter_files_list(const char *directory, const char *const *known, size_t known_count,
                                     struct counter_files *files, struct tb_error *error)
{
    *files = (struct counter_files){.items = NULL};
    DIR *const opened = opendir(directory);
    const struct dirent *entry;
    bool memory = true;
    while (opened != NULL && memory && (entry = readdir(opened)) != NULL) {
        struct counter_file file;
        if (!describe(directory, entry->d_name, &file) ||
            (file.kind == COUNTER_FILE_PAIR && is_known(file.name, known, known_count)))
            continue;
        memory = tb_array_reserve(&files->items, &files->capacity, files->count + 1, sizeof file);
        if (memory)
            files->items[files->count++] = file;
    }
    if (opened != NULL)
        closedir(opened);
    if (!memory)
        return tb_error_memory(error, "counters");
    if (files->count > 1)
        qsort(files->items, files->count, sizeof *files->items, compare);
    files->left_out = files->count > FILES_MOST ? files->count - FILES_MOST : 0;
    files->count -= files->left_out;
    return TB_OK;
}
