/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks down the directories that a pattern matches: one component after the other, each name read
 * in at most one way. A component without anything open is no listing, just a path. */
#include "discovery.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/containers.h"
#include "twinbed/campaign/campaign.h"

struct listing {
    char **names; /* owned; in the arena */
    size_t count;
    size_t capacity;
};

static int compare_names(const void *a, const void *b)
{
    return tb_natural_compare(*(char *const *)a, *(char *const *)b);
}

static enum tb_status read_names(DIR *directory, const char *path, struct arena *arena, struct listing *listing,
                                 struct tb_error *error)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL && errno != 0)
            return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot list: %s", path, strerror(errno));
        if (entry == NULL)
            return TB_OK;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *name = tb_arena_copy(arena, entry->d_name, strlen(entry->d_name));
        if (name == NULL || !tb_array_reserve(&listing->names, &listing->capacity, listing->count + 1, sizeof name))
            return tb_error_memory(error, "a directory's names");
        listing->names[listing->count++] = name;
    }
}

/* Lists a directory in natural order; one that is not there is empty. */
static enum tb_status list(const char *path, struct arena *arena, struct listing *listing, struct tb_error *error)
{
    *listing = (struct listing){0};
    DIR *directory = opendir(path);
    if (directory == NULL && (errno == ENOENT || errno == ENOTDIR))
        return TB_OK;
    if (directory == NULL)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot list: %s", path, strerror(errno));
    const enum tb_status status = read_names(directory, path, arena, listing, error);
    closedir(directory);
    if (listing->count > 1)
        qsort(listing->names, listing->count, sizeof listing->names[0], compare_names);
    return status;
}

/* "size=500B, clients=4" for one reading of a name. */
static void describe_reading(const struct pattern_component *component, const char *name, const struct span *spans,
                             char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < component->part_count && used < size; i++) {
        const struct pattern_part *part = &component->parts[i];
        if (part->kind == PART_FIELD)
            used += (size_t)snprintf(out + used, size - used, "%s%s='%.*s'", used == 0 ? "" : ", ", part->text,
                                     (int)spans[i].length, name + spans[i].begin);
    }
}

static enum tb_status fail_ambiguous(const struct discovery *discovery, const struct pattern_component *component,
                                     const char *path, const char *name, struct span readings[2][PATTERN_MOST_PARTS])
{
    char one[300];
    char other[300];
    describe_reading(component, name, readings[0], one, sizeof one);
    describe_reading(component, name, readings[1], other, sizeof other);
    return tb_error_set(discovery->error, TB_USAGE,
                        "pattern '%.150s' is ambiguous: it reads '%.200s' as %s and as %s; declare the type of a "
                        "factor or use other separators",
                        discovery->pattern->text, path, one, other);
}

static enum tb_status descend(struct discovery *discovery, size_t depth, const char *path);

/* Binds the fields of one reading, goes on below, and unbinds them again. */
static enum tb_status descend_with(struct discovery *discovery, size_t depth, const char *path, const char *name,
                                   const struct span *spans)
{
    const struct pattern_component *component = &discovery->pattern->components[depth];
    size_t newly_bound[PATTERN_MOST_PARTS];
    size_t count = 0;
    for (size_t i = 0; i < component->part_count; i++) {
        const struct pattern_part *part = &component->parts[i];
        if (part->kind != PART_FIELD || discovery->values[part->field] != NULL)
            continue;
        discovery->values[part->field] = tb_arena_copy(discovery->arena, name + spans[i].begin, spans[i].length);
        newly_bound[count++] = part->field;
    }
    const enum tb_status status = discovery->arena->failed ? tb_error_memory(discovery->error, "the campaign's paths")
                                                           : descend(discovery, depth + 1, path);
    while (count > 0)
        discovery->values[newly_bound[--count]] = NULL;
    return status;
}

static enum tb_status try_name(struct discovery *discovery, size_t depth, const char *path, const char *name)
{
    const struct pattern_component *component = &discovery->pattern->components[depth];
    struct span readings[2][PATTERN_MOST_PARTS];
    const unsigned count =
        tb_component_match(component, name, discovery->values, discovery->accept, discovery->accept_context, readings);
    if (count == 0)
        return TB_OK;
    const char *below = tb_path_join(discovery->arena, path, name);
    if (below == NULL)
        return tb_error_memory(discovery->error, "the campaign's paths");
    if (count > 1)
        return fail_ambiguous(discovery, component, below, name, readings);
    return descend_with(discovery, depth, below, name, readings[0]);
}

static enum tb_status descend_open(struct discovery *discovery, size_t depth, const char *path)
{
    const char *directory = path[0] == '/' ? path : tb_path_join(discovery->arena, discovery->root, path);
    struct listing listing;
    if (directory == NULL)
        return tb_error_memory(discovery->error, "the campaign's paths");
    enum tb_status status = list(directory, discovery->arena, &listing, discovery->error);
    for (size_t i = 0; i < listing.count && status == TB_OK; i++)
        status = try_name(discovery, depth, path, listing.names[i]);
    free(listing.names);
    return status;
}

static enum tb_status descend(struct discovery *discovery, size_t depth, const char *path)
{
    if (depth == discovery->pattern->component_count)
        return discovery->visit(discovery->context, path);
    const struct pattern_component *component = &discovery->pattern->components[depth];
    if (!tb_component_is_closed(component, discovery->values))
        return descend_open(discovery, depth, path);
    const char *name = tb_component_fill(component, discovery->values, discovery->arena);
    const char *below = name == NULL ? NULL : tb_path_join(discovery->arena, path, name);
    if (below == NULL)
        return tb_error_memory(discovery->error, "the campaign's paths");
    return descend(discovery, depth + 1, below);
}

enum tb_status tb_discover(struct discovery *discovery)
{
    return descend(discovery, 0, discovery->pattern->absolute ? "/" : discovery->start);
}
