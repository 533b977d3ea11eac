/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and directories that lie beside what the manifest matches. A file in a run's directory is one that an artifact
 * was read from, or would have been had an earlier alternative not been there, or is one of another repetition, or
 * nothing asks for it. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "findings.h"
#include "twinbed/base/containers.h"

enum { MOST_DEPTH = 8, MOST_FILES = 200 * 1000, MOST_GROUPS = 512 };

struct path_set {
    const char **items; /* owned array; sorted once it is complete */
    size_t count;
    size_t capacity;
};

/* Files of one kind of name: digits do not count, so that ethtool.1 and ethtool.2 are alike. */
struct file_group {
    enum tb_finding_kind kind;
    const char *key;
    const char *name;    /* of the first */
    const char *example; /* its path */
    bool is_record;      /* it ends as some artifact does */
    uint64_t count;
};

/* A directory of a run or of a pair of it. */
struct run_place {
    const char *path;
    const struct entry *entry;
    size_t order;
};

struct unmatched_search {
    const struct finding_search *search;
    struct arena *arena;
    struct path_set known;          /* files and directories that artifacts are read from, and directories of runs */
    struct path_set above;          /* directories that hold them, directly or not */
    struct path_set parents;        /* of these, those that hold runs */
    struct path_set endings;        /* ".pcap": of files that artifacts are read from */
    const struct run_place *places; /* the runs that have the directory at hand; borrowed */
    size_t place_count;
    struct file_group *groups; /* owned */
    size_t group_count;
    size_t group_capacity;
    uint64_t files; /* looked at */
    uint64_t ungrouped;
    bool failed; /* memory is short */
};

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_path(struct unmatched_search *search, struct path_set *set, const char *path)
{
    if (path == NULL || !tb_array_reserve(&set->items, &set->capacity, set->count + 1, sizeof *set->items))
        search->failed = true;
    else
        set->items[set->count++] = path;
}

static void sort_paths(struct path_set *set)
{
    size_t kept = 0;
    if (set->count > 1)
        qsort(set->items, set->count, sizeof *set->items, compare_paths);
    for (size_t i = 0; i < set->count; i++)
        if (kept == 0 || strcmp(set->items[i], set->items[kept - 1]) != 0)
            set->items[kept++] = set->items[i];
    set->count = kept;
}

static bool holds(const struct path_set *set, const char *path)
{
    return set->count > 0 && bsearch(&path, set->items, set->count, sizeof *set->items, compare_paths) != NULL;
}

/* Adds the directories between the root and what lies at path. */
static void add_above(struct unmatched_search *search, struct path_set *set, const char *path)
{
    const char *root = search->search->manifest->campaign->root;
    const size_t length = strlen(root);
    const size_t begin = strcmp(root, ".") == 0 ? 0 : length;
    if (begin > 0 && (strncmp(path, root, length) != 0 || path[length] != '/'))
        return;
    for (const char *slash = strchr(path + begin + (begin > 0), '/'); slash != NULL; slash = strchr(slash + 1, '/'))
        add_path(search, set, tb_arena_copy(search->arena, path, (size_t)(slash - path)));
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* ".pcap" of "link.pcap" and of "link.pcap.gz"; "" for none. The text lives in buffer. */
static const char *ending_of(const char *path, char buffer[32])
{
    const char *name = base_name(path);
    size_t length = strlen(name);
    static const char *const compressed[] = {".gz", ".zst"};
    for (size_t i = 0; i < 2; i++)
        if (length > strlen(compressed[i]) && strcmp(name + length - strlen(compressed[i]), compressed[i]) == 0)
            length -= strlen(compressed[i]);
    size_t dot = length;
    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    snprintf(buffer, 32, "%.*s", dot == 0 ? 0 : (int)(length - dot + 1), dot == 0 ? "" : name + dot - 1);
    return buffer;
}

/* As the paths of artifacts are spelt: a run that is the root itself adds nothing. */
static const char *path_of(const struct unmatched_search *search, const char *below_root)
{
    return tb_path_join(search->arena, search->search->manifest->campaign->root,
                        strcmp(below_root, ".") == 0 ? "" : below_root);
}

/* The directory that all files of the entry's run lie in. */
static const char *run_directory(const struct unmatched_search *search, const struct entry *entry)
{
    struct stat about;
    const char *path = path_of(search, entry->run_path);
    if (path != NULL && stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return path;
    return path_of(search, entry->directory);
}

static void collect_known(struct unmatched_search *search)
{
    const struct tb_campaign *campaign = search->search->manifest->campaign;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        char ending[32];
        if (!artifact->exists)
            continue;
        add_path(search, &search->known, artifact->path);
        for (size_t j = 0; j < artifact->further_count; j++)
            add_path(search, &search->known, artifact->further[j].path);
        add_above(search, &search->above, artifact->path);
        if (ending_of(artifact->path, ending)[0] != '\0' && artifact->kind != TB_ARTIFACT_COUNTERS)
            add_path(search, &search->endings, tb_arena_copy(search->arena, ending, strlen(ending)));
    }
    for (size_t i = 0; i < search->search->entries->count && !search->failed; i++) {
        const char *path = path_of(search, search->search->entries->items[i]->directory);
        const char *run = run_directory(search, search->search->entries->items[i]);
        add_path(search, &search->known, path);
        add_path(search, &search->known, run);
        if (!search->failed)
            add_above(search, &search->parents, path);
    }
    add_path(search, &search->parents, search->search->manifest->campaign->root);
    sort_paths(&search->parents);
    sort_paths(&search->known);
    sort_paths(&search->above);
    sort_paths(&search->endings);
}

/* "ethtool.#" */
static const char *group_key(struct arena *arena, const char *name)
{
    char *key = tb_arena_copy(arena, name, strlen(name));
    size_t used = 0;
    for (size_t i = 0; key != NULL && name[i] != '\0'; i++) {
        const bool digit = name[i] >= '0' && name[i] <= '9';
        if (!digit || used == 0 || key[used - 1] != '#')
            key[used++] = digit ? '#' : name[i];
    }
    if (key != NULL)
        key[used] = '\0';
    return key;
}

static void add_to_group(struct unmatched_search *search, enum tb_finding_kind kind, const char *path)
{
    char ending[32];
    const char *key = group_key(search->arena, base_name(path));
    for (size_t i = 0; i < search->group_count && key != NULL; i++) {
        if (search->groups[i].kind == kind && strcmp(search->groups[i].key, key) == 0) {
            search->groups[i].count++;
            return;
        }
    }
    if (search->group_count == MOST_GROUPS) {
        search->ungrouped++;
        return;
    }
    if (key == NULL ||
        !tb_array_reserve(&search->groups, &search->group_capacity, search->group_count + 1, sizeof *search->groups)) {
        search->failed = true;
        return;
    }
    search->groups[search->group_count++] =
        (struct file_group){.kind = kind,
                            .key = key,
                            .name = base_name(path),
                            .example = path,
                            .is_record = holds(&search->endings, ending_of(path, ending)),
                            .count = 1};
}

/* The pattern matches the path below the run's directory when fields have these texts, or any where they are NULL. */
static bool pattern_matches(const struct unmatched_search *search, const struct pattern *pattern, const char *below,
                            const char *const *values)
{
    struct span readings[2][PATTERN_MOST_PARTS];
    for (size_t i = 0; i < pattern->component_count; i++) {
        char name[PATTERN_MOST_NAME + 1];
        const size_t length = strcspn(below, "/");
        if (length == 0 || length > PATTERN_MOST_NAME)
            return false;
        snprintf(name, sizeof name, "%.*s", (int)length, below);
        if (tb_component_match(&pattern->components[i], name, values, tb_manifest_accept, search->search->manifest,
                               readings) == 0)
            return false;
        below += length;
        below += below[0] == '/';
    }
    return below[0] == '\0' && !pattern->absolute;
}

static bool some_pattern_matches(const struct unmatched_search *search, const struct entry *entry, const char *below,
                                 const char *const *values)
{
    const struct artifact_rules *rules = entry->item->rules;
    for (size_t i = 0; i < rules->count; i++)
        for (size_t j = 0; j < rules->rules[i].alternative_count; j++)
            if (pattern_matches(search, &rules->rules[i].alternatives[j], below, values))
                return true;
    return false;
}

static bool knows_repetitions(const struct entry *entry)
{
    return entry->item->values[FIELD_REPETITION] != NULL ||
           tb_pattern_has_field(&entry->item->pattern, FIELD_REPETITION);
}

/* What a file, below the directory of the run, is to one run. */
static enum tb_finding_kind judge_file(const struct unmatched_search *search, const struct entry *entry,
                                       const char *below)
{
    const char *values[MANIFEST_MOST_FIELDS] = {NULL};
    const size_t fields = FIELD_FIRST_FACTOR + search->search->manifest->factor_count;
    memcpy(values, entry->values, fields * sizeof values[0]);
    values[FIELD_PAIR] = NULL;
    if (some_pattern_matches(search, entry, below, values))
        return TB_FINDING_LATER_ALTERNATIVE;
    values[FIELD_REPETITION] = NULL;
    return !knows_repetitions(entry) && some_pattern_matches(search, entry, below, values)
               ? TB_FINDING_OTHER_REPETITIONS
               : TB_FINDING_UNMATCHED_FILE;
}

static void look_at_file(struct unmatched_search *search, const char *path)
{
    const char *directory = search->places->path;
    const char *below = strcmp(directory, ".") == 0 ? path : path + strlen(directory) + 1;
    enum tb_finding_kind kind = TB_FINDING_UNMATCHED_FILE;
    for (size_t i = 0; i < search->place_count && kind == TB_FINDING_UNMATCHED_FILE; i++)
        kind = judge_file(search, search->places[i].entry, below);
    add_to_group(search, kind, path);
}

static bool is_own_file(const struct unmatched_search *search, const char *path, const char *name)
{
    const size_t length = strlen(name);
    struct stat manifest;
    struct stat about;
    if (length > 6 && strcmp(name + length - 6, ".parts") == 0)
        return true;
    return strcmp(name, base_name(search->search->manifest->campaign->manifest_path)) == 0 && stat(path, &about) == 0 &&
           stat(search->search->manifest->campaign->manifest_path, &manifest) == 0 && about.st_ino == manifest.st_ino;
}

/* The names in a directory in their natural order, hidden ones left out; NULL ends them. A directory that cannot be
 * listed is empty. */
static const char **list_names(struct unmatched_search *search, const char *path)
{
    struct path_set names = {0};
    DIR *directory = opendir(path);
    for (const struct dirent *entry = directory == NULL ? NULL : readdir(directory); entry != NULL;
         entry = readdir(directory))
        if (entry->d_name[0] != '.')
            add_path(search, &names, tb_arena_copy(search->arena, entry->d_name, strlen(entry->d_name)));
    if (directory != NULL)
        closedir(directory);
    sort_paths(&names);
    if (!tb_array_reserve(&names.items, &names.capacity, names.count + 1, sizeof *names.items)) {
        search->failed = true;
        free(names.items);
        return NULL;
    }
    names.items[names.count] = NULL;
    return names.items;
}

static void look_into(struct unmatched_search *search, const char *path, unsigned depth)
{
    const char **names = list_names(search, path);
    for (size_t i = 0; names != NULL && names[i] != NULL && !search->failed; i++) {
        struct stat about;
        const char *below = tb_path_join(search->arena, path, names[i]);
        if (below == NULL || search->files >= MOST_FILES)
            break;
        if (holds(&search->known, below) || is_own_file(search, below, names[i]) || lstat(below, &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode)) {
            if (depth < MOST_DEPTH)
                look_into(search, below, depth + 1);
            continue;
        }
        search->files++;
        look_at_file(search, below);
    }
    free(names);
}

static int compare_groups(const void *a, const void *b)
{
    const struct file_group *x = a;
    const struct file_group *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->is_record != y->is_record)
        return x->is_record ? -1 : 1;
    const int order = tb_natural_compare(x->key, y->key);
    return order != 0 ? order : strcmp(x->example, y->example);
}

static const char *below_root(const struct unmatched_search *search, const char *path)
{
    const char *root = search->search->manifest->campaign->root;
    const size_t length = strlen(root);
    return strncmp(path, root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static enum tb_status note_group(const struct unmatched_search *search, const struct file_group *group)
{
    const char *said = group->kind == TB_FINDING_OTHER_REPETITIONS
                           ? "left out: {rep} stands in the path of an artifact, but runs have none, so that each "
                             "directory is one repetition; expected {rep} in runs"
                       : group->kind == TB_FINDING_LATER_ALTERNATIVE
                           ? "not read: an earlier alternative of the artifact is there"
                           : "in runs' directories that nothing asks for";
    return tb_findings_add(search->search->manifest, group->kind, group->count, below_root(search, group->example),
                           "%" PRIu64 " file%s %s'%.100s' %s", group->count, group->count == 1 ? "" : "s",
                           group->count == 1 ? "" : "like ", group->name, said);
}

static enum tb_status note_groups(struct unmatched_search *search)
{
    enum tb_status status = TB_OK;
    if (search->group_count > 1)
        qsort(search->groups, search->group_count, sizeof *search->groups, compare_groups);
    for (size_t i = 0; i < search->group_count && status == TB_OK; i++)
        status = note_group(search, &search->groups[i]);
    if (status == TB_OK && search->ungrouped > 0)
        status = tb_findings_add(search->search->manifest, TB_FINDING_UNMATCHED_FILE, search->ungrouped, "",
                                 "%" PRIu64 " further files of more than %d names", search->ungrouped, MOST_GROUPS);
    if (status == TB_OK && search->files >= MOST_FILES)
        status = tb_findings_add(search->search->manifest, TB_FINDING_UNMATCHED_FILE, search->files, "",
                                 "more than %d files that nothing asks for; no more were looked at", MOST_FILES);
    return status;
}

static int compare_places(const void *a, const void *b)
{
    const struct run_place *x = a;
    const struct run_place *y = b;
    const int order = strcmp(x->path, y->path);
    return order != 0 ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* Each directory of a run, of a pair of it, or of several runs once. */
static void look_at_runs(struct unmatched_search *search)
{
    const struct entries *entries = search->search->entries;
    struct run_place *places = tb_arena_allocate(search->arena, 2 * entries->count, sizeof *places);
    size_t count = 0;
    for (size_t i = 0; i < entries->count && places != NULL; i++) {
        const struct entry *entry = entries->items[i];
        const char *const paths[] = {run_directory(search, entry), path_of(search, entry->directory)};
        for (size_t j = 0; j < 2; j++)
            if (paths[j] != NULL)
                places[count++] = (struct run_place){.path = paths[j], .entry = entry, .order = i};
    }
    if (count > 1)
        qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0, end; i < count && !search->failed; i = end) {
        for (end = i + 1; end < count && strcmp(places[end].path, places[i].path) == 0;)
            end++;
        search->places = &places[i];
        search->place_count = end - i;
        look_into(search, places[i].path, 1);
    }
}

/* Directories beside those of runs, or of what holds them. */
static enum tb_status look_beside_runs(struct unmatched_search *search)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < search->parents.count && status == TB_OK; i++) {
        const char *above = search->parents.items[i];
        const char **names = holds(&search->known, above) ? NULL : list_names(search, above);
        for (size_t j = 0; names != NULL && names[j] != NULL && status == TB_OK; j++) {
            struct stat about;
            const char *path = tb_path_join(search->arena, above, names[j]);
            if (path == NULL || holds(&search->known, path) || holds(&search->above, path) ||
                holds(&search->parents, path) || is_own_file(search, path, names[j]) || stat(path, &about) != 0 ||
                !S_ISDIR(about.st_mode))
                continue;
            status = tb_findings_add(
                search->search->manifest, TB_FINDING_UNMATCHED_DIRECTORY, 1, below_root(search, path),
                "no run was found in directory '%.300s', though it lies beside some", below_root(search, path));
        }
        free(names);
    }
    return status;
}

enum tb_status tb_findings_note_unmatched(const struct finding_search *about)
{
    struct arena arena = {0};
    struct unmatched_search search = {.search = about, .arena = &arena};
    collect_known(&search);
    look_at_runs(&search);
    enum tb_status status = search.failed || arena.failed
                                ? tb_error_memory(about->manifest->document.error, "the campaign's findings")
                                : note_groups(&search);
    if (status == TB_OK)
        status = look_beside_runs(&search);
    free(search.known.items);
    free(search.above.items);
    free(search.parents.items);
    free(search.endings.items);
    free(search.groups);
    tb_arena_free(&arena);
    return status;
}
