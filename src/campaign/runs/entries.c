/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the directories of runs, and the marks that the manifest puts on them. */
#include "entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "discovery.h"
#include "twinbed/base/containers.h"
#include "twinbed/base/nearest.h"

struct finding {
    struct manifest *manifest;
    const struct run_item *item;
    struct entries *entries;
    const char **values; /* what the item and the pattern bind */
    bool files;          /* a run is a file, and its directory the one that holds it */
    size_t found;
};

void tb_entries_free(struct entries *entries)
{
    free(entries->items);
    *entries = (struct entries){0};
}

static enum tb_status out_of_memory(const struct manifest *manifest)
{
    return tb_error_memory(manifest->document.error, "the campaign's runs");
}

static bool is_wanted(const struct finding *finding, const char *path)
{
    const char *full = tb_path_join(&finding->manifest->arena, finding->manifest->campaign->root, path);
    struct stat about;
    return full != NULL && stat(full, &about) == 0 &&
           (finding->files ? S_ISREG(about.st_mode) : S_ISDIR(about.st_mode)) != 0;
}

static const char *directory_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "." : tb_arena_copy(arena, path, (size_t)(slash - path));
}

/* A component that names the pair alone falls away; where it names more, the pair becomes a star. */
static const char *path_without_pair(struct manifest *manifest, const struct run_item *item, const char **values)
{
    if (!tb_pattern_has_field(&item->pattern, FIELD_PAIR))
        return NULL;
    const char *path = ".";
    const char *pair = values[FIELD_PAIR];
    values[FIELD_PAIR] = "*";
    for (size_t i = 0; i < item->pattern.component_count && path != NULL; i++) {
        const struct pattern_component *component = &item->pattern.components[i];
        size_t fields = 0;
        for (size_t j = 0; j < component->part_count; j++)
            fields += component->parts[j].kind == PART_FIELD ? 1 : 0;
        if (fields == 1 && tb_component_has_field(component, FIELD_PAIR))
            continue;
        const char *name = tb_component_fill(component, values, &manifest->arena);
        path = name == NULL ? NULL : tb_path_join(&manifest->arena, path, name);
    }
    values[FIELD_PAIR] = pair;
    return path;
}

static enum tb_status check_levels(const struct finding *finding, const char *path, const char *const *values)
{
    const struct manifest *manifest = finding->manifest;
    for (size_t i = 0; i < manifest->factor_count; i++) {
        const struct manifest_factor *factor = &manifest->factors[i];
        const char *text = values[FIELD_FIRST_FACTOR + i];
        double number;
        if (text != NULL && factor->level_count > 0 && !tb_factor_number(factor, text, strlen(text), &number))
            return tb_yaml_fail_key(&manifest->document, factor->node,
                                    "factors: %.60s: level '%.60s' of '%.200s' is not in levels; expected a number for "
                                    "it there",
                                    factor->name, text, path);
    }
    return TB_OK;
}

static enum tb_status add_entry(void *context, const char *path)
{
    struct finding *finding = context;
    struct manifest *manifest = finding->manifest;
    struct entries *entries = finding->entries;
    if (!is_wanted(finding, path))
        return TB_OK;
    const size_t fields = FIELD_FIRST_FACTOR + manifest->factor_count;
    const char **values = tb_arena_allocate(&manifest->arena, fields, sizeof *values);
    struct entry *entry = tb_arena_allocate(&manifest->arena, 1, sizeof *entry);
    if (values == NULL || entry == NULL ||
        !tb_array_reserve(&entries->items, &entries->capacity, entries->count + 1, sizeof(struct entry *)))
        return out_of_memory(manifest);
    for (size_t i = 0; i < fields; i++)
        values[i] = finding->values[i] != NULL ? finding->values[i] : manifest->constants[i];
    if (values[FIELD_REPETITION] == NULL)
        values[FIELD_REPETITION] = "1";
    *entry = (struct entry){.item = finding->item,
                            .values = values,
                            .place = path,
                            .directory = finding->files ? directory_of(&manifest->arena, path) : path};
    entry->run_path = path_without_pair(manifest, finding->item, values);
    if (entry->run_path == NULL)
        entry->run_path = path;
    entries->items[entries->count++] = entry;
    finding->found++;
    return manifest->arena.failed ? out_of_memory(manifest) : check_levels(finding, path, values);
}

static enum tb_status fail_nothing_found(const struct manifest *manifest, const struct run_item *item)
{
    return tb_yaml_fail(&manifest->document, TB_USAGE, item->node,
                        item->pattern.has_fields
                            ? "runs: pattern '%.300s' matches no directory and no file below '%.300s'"
                            : "runs: '%.300s' is no directory below '%.300s'",
                        item->pattern.text, manifest->campaign->root);
}

/* The name of each file that it matches says which run the file is of. */
static bool ends_in_field(const struct pattern *pattern)
{
    const struct pattern_component *last =
        pattern->component_count == 0 ? NULL : &pattern->components[pattern->component_count - 1];
    for (size_t i = 0; last != NULL && i < last->part_count; i++)
        if (last->parts[i].kind == PART_FIELD)
            return true;
    return false;
}

/* Directories; files where no directory matches. */
static enum tb_status find_item(struct manifest *manifest, const struct run_item *item, struct entries *entries)
{
    const char *values[MANIFEST_MOST_FIELDS];
    memcpy(values, item->values, sizeof values);
    struct finding finding = {.manifest = manifest, .item = item, .entries = entries, .values = values};
    /* Read into an error of its own, so that the place in the manifest can go before the sentence. */
    struct tb_error error = {0};
    struct tb_error *outer = manifest->document.error;
    struct discovery discovery = {.pattern = &item->pattern,
                                  .root = manifest->campaign->root,
                                  .start = ".",
                                  .accept = tb_manifest_accept,
                                  .accept_context = manifest,
                                  .values = values,
                                  .arena = &manifest->arena,
                                  .error = &error,
                                  .visit = add_entry,
                                  .context = &finding};
    enum tb_status status = tb_discover(&discovery);
    if (status == TB_OK && finding.found == 0 && ends_in_field(&item->pattern)) {
        finding.files = true;
        status = tb_discover(&discovery);
    }
    if (status != TB_OK && error.status != TB_OK)
        return status == TB_USAGE ? tb_yaml_fail(&manifest->document, status, item->node, "runs: %s", error.text)
                                  : tb_error_set(outer, status, "%s", error.text);
    if (status == TB_OK && finding.found == 0)
        return fail_nothing_found(manifest, item);
    return status;
}

static int compare_directories(const void *a, const void *b)
{
    const struct entry *const *x = a;
    const struct entry *const *y = b;
    const int order = strcmp((*x)->place, (*y)->place);
    if (order != 0)
        return order;
    return (*x)->item < (*y)->item ? -1 : (*x)->item > (*y)->item ? 1 : 0;
}

static enum tb_status check_directories_differ(const struct manifest *manifest, const struct entries *entries)
{
    qsort(entries->items, entries->count, sizeof(struct entry *), compare_directories);
    for (size_t i = 1; i < entries->count; i++) {
        const struct entry *first = entries->items[i - 1];
        const struct entry *second = entries->items[i];
        /* Runs that are listed one by one may share a directory; each then has artifacts of its own. */
        if (strcmp(first->place, second->place) == 0 &&
            (first->item->pattern.has_fields || second->item->pattern.has_fields))
            return tb_yaml_fail(&manifest->document, TB_USAGE, second->item->node,
                                "runs: directory '%.300s' is matched by '%.150s' (line %u) and by '%.150s' (line %u); "
                                "expected one",
                                first->place, first->item->pattern.text, first->item->node->line,
                                second->item->pattern.text, second->item->node->line);
    }
    return TB_OK;
}

enum tb_status tb_entries_find(struct manifest *manifest, struct entries *entries)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < manifest->item_count && status == TB_OK; i++)
        status = find_item(manifest, &manifest->items[i], entries);
    return status == TB_OK ? check_directories_differ(manifest, entries) : status;
}

static int compare_discarded(const void *a, const void *b)
{
    return strcmp(((const struct discarded_run *)a)->run, ((const struct discarded_run *)b)->run);
}

/* "./e1000/rep-1/" is meant as "e1000/rep-1". */
static const char *plain_path(struct arena *arena, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return tb_arena_copy(arena, path, length);
}

static enum tb_status sort_discarded(struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->discarded_count; i++) {
        manifest->discarded[i].run = plain_path(&manifest->arena, manifest->discarded[i].run);
        if (manifest->discarded[i].run == NULL)
            return out_of_memory(manifest);
    }
    if (manifest->discarded_count > 1)
        qsort(manifest->discarded, manifest->discarded_count, sizeof *manifest->discarded, compare_discarded);
    for (size_t i = 1; i < manifest->discarded_count; i++)
        if (compare_discarded(&manifest->discarded[i - 1], &manifest->discarded[i]) == 0)
            return tb_yaml_fail(&manifest->document, TB_USAGE, manifest->discarded[i].node,
                                "discard: run '%.300s' stands twice", manifest->discarded[i].run);
    return TB_OK;
}

enum tb_status tb_entries_discard(struct manifest *manifest, const struct entries *entries)
{
    if (manifest->discarded_count == 0)
        return TB_OK;
    const enum tb_status status = sort_discarded(manifest);
    bool *is_used = tb_arena_allocate(&manifest->arena, manifest->discarded_count, sizeof *is_used);
    if (status != TB_OK || is_used == NULL)
        return status != TB_OK ? status : out_of_memory(manifest);
    for (size_t i = 0; i < entries->count; i++) {
        struct entry *entry = entries->items[i];
        const struct discarded_run wanted = {.run = entry->run_path};
        const struct discarded_run *found = bsearch(&wanted, manifest->discarded, manifest->discarded_count,
                                                    sizeof *manifest->discarded, compare_discarded);
        if (found == NULL)
            continue;
        entry->discard_reason = found->reason;
        is_used[found - manifest->discarded] = true;
    }
    for (size_t i = 0; i < manifest->discarded_count; i++)
        if (!is_used[i])
            return tb_yaml_fail(&manifest->document, TB_USAGE, manifest->discarded[i].node,
                                "discard: there is no run '%.300s'; expected a run's directory below the root",
                                manifest->discarded[i].run);
    return TB_OK;
}

static enum tb_status fail_baseline(const struct manifest *manifest, const struct entries *entries, const char *wanted)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(wanted);
    for (size_t i = 0; i < entries->count; i++)
        tb_nearest_offer(&nearest, entries->items[i]->values[FIELD_TESTBED]);
    return tb_yaml_fail(&manifest->document, TB_USAGE, manifest->baseline,
                        "baseline: no run belongs to the testbed '%.60s'%s; expected a testbed such as '%.60s'", wanted,
                        tb_nearest_hint(&nearest, hint), entries->items[0]->values[FIELD_TESTBED]);
}

enum tb_status tb_entries_baseline(struct manifest *manifest, const struct entries *entries, const char **baseline)
{
    const char *first = entries->items[0]->values[FIELD_TESTBED];
    const char *wanted = manifest->baseline == NULL ? NULL : manifest->baseline->text;
    const char *other = NULL;
    *baseline = wanted == NULL ? first : wanted;
    for (size_t i = 0; i < entries->count; i++) {
        const char *testbed = entries->items[i]->values[FIELD_TESTBED];
        if (wanted != NULL && strcmp(testbed, wanted) == 0)
            return TB_OK;
        if (strcmp(testbed, first) != 0)
            other = testbed;
    }
    if (wanted != NULL)
        return fail_baseline(manifest, entries, wanted);
    if (other != NULL)
        return tb_yaml_fail(&manifest->document, TB_USAGE, manifest->document.root,
                            "key 'baseline' is missing; expected a testbed such as '%.60s' or '%.60s'", first, other);
    return TB_OK;
}
