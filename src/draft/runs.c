/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "field_names.h"

/* A directory and what lies in it or below. */
struct place {
    size_t anchors;   /* files of the kind by which runs are found */
    size_t direct;    /* of these, in the directory itself */
    size_t numbered;  /* of these, whose names count repetitions: "3.scap", "run-3.pcap" */
    size_t artifacts; /* of any kind */
    bool has_run;     /* it is one, or one lies below */
    bool is_run;
};

struct search {
    struct survey *survey;
    struct draft_runs *runs;
    struct tb_index index; /* of directories */
    struct place *places;  /* owned */
    size_t count, capacity;
    size_t run_capacity;
};

static enum tb_status out_of_memory(struct tb_error *error)
{
    return tb_error_memory(error, "the runs of a directory");
}

/* The length of the directory that holds what the first bytes of path name; 0: the root. */
static size_t parent_length(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length > 0 ? length - 1 : 0;
}

/* The directory of a file; of counters, which are one, itself. */
static size_t directory_length(const struct survey_file *file)
{
    const size_t length = strlen(file->path);
    if (file->kind == TB_ARTIFACT_COUNTERS)
        return strcmp(file->path, ".") == 0 ? 0 : length;
    return parent_length(file->path, length);
}

/* The directory's entry, made when there is none; NULL when memory is short. It moves when others are made. */
static struct place *place_at(struct search *search, size_t root, const char *path, size_t length)
{
    char name[PATH_MAX] = ".";
    if (length >= sizeof name)
        return NULL;
    if (length > 0)
        memcpy(name, path, length);
    name[length > 0 ? length : 1] = '\0';
    const int64_t at = tb_index_add(&search->index, tb_key_of_text(name, root), search->count);
    if (at < 0 || !tb_array_reserve(&search->places, &search->capacity, search->count + 1, sizeof *search->places))
        return NULL;
    if ((size_t)at == search->count)
        search->places[search->count++] = (struct place){.anchors = 0};
    return &search->places[at];
}

/* "3.scap", "run3.pcap", "link-3.pcap", but not "eth3.pcap": which of several interfaces. */
static bool counts_repetitions(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct tokens tokens;
    tb_tokens_split(slash == NULL ? path : slash + 1, true, &tokens);
    for (size_t i = 0; i < tokens.count; i++) {
        char prefix[TOKEN_WORD_SIZE] = "";
        const struct token *const token = &tokens.items[i];
        if (token->class != TOKEN_NUMBER || token->type != TB_FACTOR_NUMBER || token->prefix >= sizeof prefix)
            continue;
        memcpy(prefix, token->text, token->prefix);
        const char *name = tb_field_name_known(prefix);
        if (prefix[0] == '\0' || (name != NULL && strcmp(name, "rep") == 0))
            return true;
    }
    return false;
}

/* Counts a file in all directories above it. */
static bool count_file(struct search *search, const struct survey_file *file, bool is_anchor)
{
    size_t length = directory_length(file);
    for (bool direct = true;; direct = false) {
        struct place *const place = place_at(search, file->root, file->path, length);
        if (place == NULL)
            return false;
        place->artifacts += !is_anchor;
        place->anchors += is_anchor;
        place->direct += is_anchor && direct;
        place->numbered += is_anchor && direct && counts_repetitions(file->path);
        if (length == 0)
            return true;
        length = parent_length(file->path, length);
    }
}

/* Some run holds the file. */
static bool is_in_run(struct search *search, const struct survey_file *file)
{
    size_t length = directory_length(file);
    for (;;) {
        const struct place *const place = place_at(search, file->root, file->path, length);
        if (place == NULL || place->is_run)
            return place != NULL;
        if (length == 0)
            return false;
        length = parent_length(file->path, length);
    }
}

static bool is_anchor(struct search *search, const struct survey_file *file, enum tb_artifact_kind kind)
{
    return file->kind == kind && !is_in_run(search, file);
}

/* How far up from an anchor's directory its run lies: where the last of what belongs to it alone is found. */
static size_t climb(struct search *search, const struct survey_file *file)
{
    size_t length = directory_length(file), levels = 0, best = 0;
    const struct place *place = place_at(search, file->root, file->path, length);
    const size_t anchors = place == NULL ? 0 : place->anchors;
    size_t artifacts = place == NULL ? 0 : place->artifacts;
    while (length > 0) {
        length = parent_length(file->path, length);
        levels++;
        place = place_at(search, file->root, file->path, length);
        if (place == NULL || place->anchors != anchors || place->has_run)
            break;
        if (place->artifacts > artifacts) {
            artifacts = place->artifacts;
            best = levels;
        }
    }
    return best;
}

static bool add_run(struct search *search, size_t root, const char *path)
{
    struct draft_runs *const runs = search->runs;
    struct shape_run *items = runs->items;
    if (runs->count == search->run_capacity) {
        search->run_capacity = search->run_capacity == 0 ? 64 : 2 * search->run_capacity;
        items = tb_arena_allocate(&search->survey->arena, search->run_capacity, sizeof *items);
        if (items == NULL)
            return false;
        if (runs->count > 0)
            memcpy(items, runs->items, runs->count * sizeof *items);
        runs->items = items;
    }
    runs->items[runs->count++] = (struct shape_run){.root = root, .path = path};
    return path != NULL;
}

static bool add_directory(struct search *search, const struct survey_file *file, size_t levels)
{
    size_t length = directory_length(file);
    for (; levels > 0 && length > 0; levels--)
        length = parent_length(file->path, length);
    struct place *place = place_at(search, file->root, file->path, length);
    if (place == NULL)
        return false;
    if (place->has_run)
        return true;
    place->is_run = true;
    if (!add_run(search, file->root, length == 0 ? "." : tb_arena_copy(&search->survey->arena, file->path, length)))
        return false;
    for (;;) {
        place = place_at(search, file->root, file->path, length);
        if (place == NULL)
            return false;
        place->has_run = true;
        if (length == 0)
            return true;
        length = parent_length(file->path, length);
    }
}

/* The number of levels that most anchors climb, the fewest of those. */
static size_t usual_climb(struct search *search, enum tb_artifact_kind kind)
{
    size_t votes[SURVEY_MOST_DEPTH + 2] = {0}, best = 0;
    for (size_t i = 0; i < search->survey->count; i++) {
        const struct survey_file *const file = &search->survey->files[i];
        if (!is_anchor(search, file, kind))
            continue;
        const size_t levels = climb(search, file);
        votes[levels < SURVEY_MOST_DEPTH ? levels : SURVEY_MOST_DEPTH]++;
    }
    for (size_t i = 1; i <= SURVEY_MOST_DEPTH; i++)
        best = votes[i] > votes[best] ? i : best;
    return best;
}

/* Two outputs of ab in one directory are two runs. Records may be of both ends of one: where they are runs their names count
 * them, or there are many in few directories. */
static bool are_runs_files(struct search *search, enum tb_artifact_kind kind)
{
    size_t anchors = 0, together = 0, directories = 0, numbered = 0;
    const size_t a_run = kind == TB_ARTIFACT_CAPTURE || kind == TB_ARTIFACT_TRACE ? 4 : 1;
    for (size_t i = 0; i < search->count; i++) {
        const struct place *const place = &search->places[i];
        anchors += place->direct;
        directories += place->direct > 0;
        together += place->direct > a_run ? place->direct : 0;
        numbered += place->numbered > 1 ? place->numbered : 0;
    }
    if (kind == TB_ARTIFACT_LATENCY || kind == TB_ARTIFACT_COUNTERS)
        return false; /* of any number a run */
    if (2 * numbered > anchors)
        return true;
    return 2 * together > anchors && (a_run == 1 || anchors > a_run * directories);
}

static bool count_all(struct search *search, enum tb_artifact_kind kind)
{
    for (size_t i = 0; i < search->count; i++)
        search->places[i] = (struct place){.has_run = search->places[i].has_run, .is_run = search->places[i].is_run};
    for (size_t i = 0; i < search->survey->count; i++) {
        const struct survey_file *const file = &search->survey->files[i];
        if (file->kind != TB_ARTIFACT_KINDS && !count_file(search, file, is_anchor(search, file, kind)))
            return false;
    }
    return true;
}

static bool has_anchor(struct search *search, enum tb_artifact_kind kind)
{
    for (size_t i = 0; i < search->survey->count; i++)
        if (is_anchor(search, &search->survey->files[i], kind))
            return true;
    return false;
}

/* The runs of one kind of anchor. */
static bool find_by(struct search *search, enum tb_artifact_kind kind)
{
    struct survey *const survey = search->survey;
    if (!has_anchor(search, kind))
        return true;
    if (!count_all(search, kind))
        return false;
    const bool files = search->runs->count == 0 && are_runs_files(search, kind);
    const size_t levels = files ? 0 : usual_climb(search, kind);
    search->runs->are_files = search->runs->are_files || files;
    bool good = true;
    for (size_t i = 0; i < survey->count && good; i++) {
        const struct survey_file *const file = &survey->files[i];
        if (is_anchor(search, file, kind))
            good = files ? add_run(search, file->root, file->path) : add_directory(search, file, levels);
    }
    return good;
}

enum tb_status tb_draft_runs_find(struct survey *survey, struct draft_runs *runs, struct tb_error *error)
{
    static const enum tb_artifact_kind anchors[] = {TB_ARTIFACT_AB,      TB_ARTIFACT_CAPTURE, TB_ARTIFACT_TRACE,
                                                    TB_ARTIFACT_AB_CSV,  TB_ARTIFACT_AB_TSV,  TB_ARTIFACT_LATENCY,
                                                    TB_ARTIFACT_COUNTERS};
    struct search search = {.survey = survey, .runs = runs};
    *runs = (struct draft_runs){.items = NULL};
    bool good = true;
    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0] && good && !runs->are_files; i++)
        good = find_by(&search, anchors[i]);
    tb_index_free(&search.index);
    free(search.places);
    return good && !survey->arena.failed ? TB_OK : out_of_memory(error);
}
