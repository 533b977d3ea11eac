/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/manifest/pattern.h"

static enum tb_status out_of_memory(struct tb_error *error)
{
    return tb_error_memory(error, "the artifacts of runs");
}

const char *tb_literal_pattern(struct arena *arena, const char *text, size_t length, bool wildcards)
{
    char *pattern = tb_arena_allocate(arena, 2 * length + 1, 1);
    size_t used = 0;
    for (size_t i = 0; i < length && pattern != NULL; i++) {
        const char c = text[i];
        if (c == '{' || c == '}')
            pattern[used++] = c;
        pattern[used++] = c == '*' && wildcards ? '?' : c;
    }
    return pattern;
}

/* --- files and runs --- */

static struct tb_key key_of(size_t root, const char *path)
{
    return tb_key_of_text(path, root);
}

/* The run that the path is, or whose directory holds it; run_count: none. tail: what is left of the path. */
static size_t run_above(struct survey *survey, const struct tb_index *index, size_t run_count,
                        const struct survey_file *file, const char **tail)
{
    char *path = tb_arena_copy(&survey->arena, file->path, strlen(file->path));
    size_t length = path == NULL ? 0 : strlen(path);
    while (path != NULL) {
        path[length] = '\0';
        const int64_t run = tb_index_find(index, key_of(file->root, length == 0 ? "." : path));
        if (run >= 0) {
            const char *rest = file->path + length + (length > 0 && file->path[length] == '/');
            *tail = rest[0] == '\0' ? "." : rest;
            return (size_t)run;
        }
        if (length == 0)
            break;
        while (length > 0 && path[length - 1] != '/')
            length--;
        length -= length > 0;
    }
    return run_count;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static bool same_directory(const char *a, const char *b)
{
    const size_t length = (size_t)(base_name(a) - a);
    return length == (size_t)(base_name(b) - b) && strncmp(a, b, length) == 0;
}

/* NULL when the pattern is, or memory is short. */
static const char *append(struct arena *arena, const char *pattern, const char *text, size_t length)
{
    const char *literal = tb_literal_pattern(arena, text, length, true);
    return literal == NULL || pattern == NULL ? NULL : tb_arena_print(arena, "%s%s", pattern, literal);
}

/* Of a run's name the tokens that are fields, in their order. */
struct run_name {
    struct tokens tokens;
    const struct shape_item *item;
};

static const struct shape_field *field_at(const struct run_name *run, size_t column)
{
    return tb_shape_field_at(run->item, run->item->level_count - 1, column);
}

/* The column of the next field at or behind this one; the number of columns: none. */
static size_t next_field(const struct run_name *run, size_t column)
{
    while (column < run->tokens.count && field_at(run, column) == NULL)
        column++;
    return column;
}

static bool is_same_token(const struct token *a, const struct token *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* The name has all fields of the run, in their order. */
static bool has_fields_of(const struct run_name *run, const struct tokens *name)
{
    size_t wanted = next_field(run, 0);
    for (size_t i = 0; i < name->count && wanted < run->tokens.count; i++)
        if (is_same_token(&run->tokens.items[wanted], &name->items[i]))
            wanted = next_field(run, wanted + 1);
    return wanted == run->tokens.count;
}

/* "link-e1000-1.pcap" is "link-{testbed}-{rep}.pcap" to the run "ab-e1000-1.txt". */
static const char *name_with_fields(struct arena *arena, const struct run_name *run, const struct tokens *name)
{
    const char *pattern = "";
    size_t wanted = next_field(run, 0);
    for (size_t i = 0; i < name->count && pattern != NULL; i++) {
        const struct token *const token = &name->items[i];
        pattern = append(arena, pattern, token->before, token->before_length);
        if (wanted == run->tokens.count || !is_same_token(&run->tokens.items[wanted], token)) {
            pattern = append(arena, pattern, token->text, token->length);
            continue;
        }
        const struct shape_column *const column = &run->item->forms[run->item->level_count - 1]->columns[wanted];
        const bool in_parts = column->token.class == TOKEN_NUMBER;
        pattern = append(arena, pattern, token->text, in_parts ? token->prefix : 0);
        if (pattern != NULL)
            pattern = tb_arena_print(arena, "%s{%s}", pattern, field_at(run, wanted)->name);
        pattern =
            in_parts ? append(arena, pattern, token->text + token->length - token->suffix, token->suffix) : pattern;
        wanted = next_field(run, wanted + 1);
    }
    return append(arena, pattern, name->tail, strlen(name->tail));
}

static struct run_name *split_run_names(struct arena *arena, const struct shape *shape, const struct shape_run *runs,
                                        size_t run_count)
{
    struct run_name *names = tb_arena_allocate(arena, run_count, sizeof *names);
    for (size_t i = 0; i < run_count && names != NULL; i++) {
        names[i].item = &shape->items[runs[i].item];
        tb_tokens_split(base_name(runs[i].path), true, &names[i].tokens);
    }
    return names;
}

/* The run of a file where runs are files of the same directory. */
static size_t run_beside(struct survey *survey, const struct run_name *names, const struct shape_run *runs,
                         size_t run_count, const struct survey_file *file, const char **tail)
{
    struct tokens tokens;
    tb_tokens_split(base_name(file->path), true, &tokens);
    for (size_t i = 0; i < run_count; i++) {
        if (runs[i].root != file->root || !same_directory(runs[i].path, file->path) ||
            !has_fields_of(&names[i], &tokens))
            continue;
        *tail = name_with_fields(&survey->arena, &names[i], &tokens);
        return i;
    }
    return run_count;
}

enum tb_status tb_run_files_find(struct survey *survey, const struct shape *shape, const struct shape_run *runs,
                                 size_t run_count, struct run_files *files, struct tb_error *error)
{
    struct tb_index index = {0};
    const bool are_files = shape->item_count > 0 && shape->items[0].is_file;
    size_t *of = tb_arena_allocate(&survey->arena, survey->count, sizeof *of);
    *files = (struct run_files){
        .files = tb_arena_allocate(&survey->arena, survey->count, sizeof(const struct survey_file *)),
        .runs = of,
        .tails = tb_arena_allocate(&survey->arena, survey->count, sizeof(const char *))};
    const struct run_name *const names = are_files ? split_run_names(&survey->arena, shape, runs, run_count) : NULL;
    bool good = of != NULL && files->files != NULL && files->tails != NULL && (names != NULL || !are_files);
    for (size_t i = 0; i < run_count && good; i++)
        good = tb_index_add(&index, key_of(runs[i].root, runs[i].path), i) >= 0;
    for (size_t i = 0; i < survey->count && good; i++) {
        const struct survey_file *const file = &survey->files[i];
        const char *tail = NULL;
        if (file->kind == TB_ARTIFACT_KINDS)
            continue;
        const size_t run = are_files ? run_beside(survey, names, runs, run_count, file, &tail)
                                     : run_above(survey, &index, run_count, file, &tail);
        if (run == run_count)
            continue;
        files->files[files->count] = file;
        files->tails[files->count] = are_files ? tail : tb_literal_pattern(&survey->arena, tail, strlen(tail), true);
        of[files->count++] = run;
    }
    tb_index_free(&index);
    return good && !survey->arena.failed ? TB_OK : out_of_memory(error);
}

/* --- rules --- */

/* The role that a path tells: the last word of it that says one. */
static enum tb_role role_of(const char *path)
{
    static const struct {
        const char *word;
        enum tb_role role;
    } words[] = {{"client", TB_ROLE_CLIENT}, {"server", TB_ROLE_SERVER}, {"srv", TB_ROLE_SERVER}};
    enum tb_role role = TB_ROLE_NONE;
    const char *last = path;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        for (const char *at = strcasestr(path, words[i].word); at != NULL; at = strcasestr(at + 1, words[i].word))
            if (at >= last) {
                last = at;
                role = words[i].role;
            }
    return role;
}

void tb_draft_rule_describe(const struct survey_file *file, const char *tail, struct draft_rule *rule)
{
    const enum tb_role role = role_of(tail);
    *rule = (struct draft_rule){.kind = file->kind};
    if (file->kind == TB_ARTIFACT_TRACE)
        rule->role = role;
    else if (file->kind == TB_ARTIFACT_KERNEL_LOG)
        rule->role = role == TB_ROLE_NONE ? TB_ROLE_HOST : role;
    else if (file->kind == TB_ARTIFACT_CAPTURE || file->kind == TB_ARTIFACT_CAPTURE_LOG)
        rule->point = role == TB_ROLE_CLIENT   ? TB_POINT_CLIENT
                      : role == TB_ROLE_SERVER ? TB_POINT_SERVER
                                               : TB_POINT_LINK;
}

static bool is_same_rule(const struct draft_rule *a, const struct draft_rule *b)
{
    return a->kind == b->kind && a->role == b->role && a->point == b->point;
}

struct counted_pattern {
    const char *pattern;
    size_t runs; /* not covered yet that it finds a file in */
};

/* The alternatives of one rule while they are chosen. */
struct choice {
    const struct shape *shape;
    const struct shape_run *runs;
    const struct run_files *files;
    struct counted_pattern *counted; /* room for one of each file */
    size_t *last_run;                /* likewise */
    bool *covered;                   /* per run */
    const char **patterns; /* per file: its tail, or what its tail and others have in common; NULL: of another rule */
};

/* The extension behind the last dot: files of another kind of content have another. */
static const char *extension(const char *path)
{
    const char *dot = strrchr(base_name(path), '.');
    return dot == NULL ? "" : dot;
}

static size_t count_components(const char *path)
{
    size_t count = 1;
    for (; *path != '\0'; path++)
        count += *path == '/';
    return count;
}

/* What two patterns of one component have in common, with a star for what differs. */
static const char *merge_component(struct arena *arena, const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t begin = 0, end = 0;
    while (begin < a_length && begin < b_length && a[begin] == b[begin])
        begin++;
    while (end < a_length - begin && end < b_length - begin && a[a_length - end - 1] == b[b_length - end - 1])
        end++;
    if (begin == a_length && begin == b_length)
        return tb_arena_copy(arena, a, a_length);
    return tb_arena_print(arena, "%.*s*%.*s", (int)begin, a, (int)end, a + a_length - end);
}

static const char *merge_paths(struct arena *arena, const char *a, const char *b)
{
    const char *merged = "";
    while (merged != NULL) {
        const size_t a_length = strcspn(a, "/"), b_length = strcspn(b, "/");
        const char *component = merge_component(arena, a, a_length, b, b_length);
        merged =
            component == NULL ? NULL : tb_arena_print(arena, "%s%s%s", merged, merged[0] == '\0' ? "" : "/", component);
        if (a[a_length] == '\0')
            break;
        a += a_length + 1;
        b += b_length + 1;
    }
    return merged;
}

/* Files of one extension and depth. */
struct session_group {
    const char *extension;
    size_t components;
    const char *merged;
};

/* Owping leaves a file for each session, all of which count: files of one extension and depth become one pattern. */
static bool merge_sessions(struct arena *arena, struct choice *choice)
{
    enum { MOST_GROUPS = 16 };
    struct session_group groups[MOST_GROUPS];
    size_t *group_of = tb_arena_allocate(arena, choice->files->count, sizeof *group_of);
    size_t group_count = 0;
    for (size_t i = 0; i < choice->files->count && group_of != NULL; i++) {
        const char *tail = choice->files->tails[i];
        size_t at = 0;
        while (at < group_count &&
               (strcmp(groups[at].extension, extension(tail)) != 0 || groups[at].components != count_components(tail)))
            at++;
        group_of[i] = at;
        if (choice->patterns[i] == NULL || at == MOST_GROUPS)
            continue;
        if (at == group_count)
            groups[group_count++] = (struct session_group){extension(tail), count_components(tail), tail};
        else
            groups[at].merged = merge_paths(arena, groups[at].merged, tail);
        if (groups[at].merged == NULL)
            return false;
    }
    for (size_t i = 0; i < choice->files->count && group_of != NULL; i++)
        if (choice->patterns[i] != NULL && group_of[i] < group_count)
            choice->patterns[i] = groups[group_of[i]].merged;
    return group_of != NULL;
}

/* --- rotated captures --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where the name's compression begins, as ".gz". */
static size_t uncompressed_length(const char *path)
{
    static const char *const ends[] = {".gz", ".zst"};
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const size_t end = strlen(ends[i]);
        if (length > end && strcmp(path + length - end, ends[i]) == 0)
            return length - end;
    }
    return length;
}

/* The text ends in what captures are called, as "link.pcap" does. */
static bool ends_as_capture(const char *path, size_t length)
{
    static const char *const ends[] = {".pcap", ".pcapng", ".cap", ".dump"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const size_t end = strlen(ends[i]);
        if (length > end && strncmp(path + length - end, ends[i], end) == 0)
            return true;
    }
    return false;
}

/* "link.pcap12" (tcpdump -C, -W) is "link.pcap*", and so is "link.pcap", which is the first of them. */
static const char *name_of_numbered(struct arena *arena, const char *path)
{
    const size_t all = uncompressed_length(path);
    size_t length = all;
    while (length > 0 && is_digit(path[length - 1]))
        length--;
    return ends_as_capture(path, length) ? tb_arena_print(arena, "%.*s*%s", (int)length, path, path + all) : NULL;
}

/* "link_00002_20261201103000.pcap" (dumpcap -b, tcpdump -G) is "link_*_*.pcap": so many digits count, or are a time. */
static const char *name_of_dated(struct arena *arena, const char *path)
{
    enum { DIGITS_LEAST = 4 };
    char *made = tb_arena_copy(arena, path, strlen(path));
    size_t used = (size_t)(base_name(path) - path);
    bool dated = false;
    for (const char *c = base_name(path); *c != '\0' && made != NULL;) {
        const size_t digits = strspn(c, "0123456789");
        if (digits >= DIGITS_LEAST) {
            dated = true;
            made[used++] = '*';
            c += digits;
        } else {
            made[used++] = *c++;
        }
    }
    if (!dated || made == NULL)
        return NULL;
    made[used] = '\0';
    return made;
}

size_t tb_draft_process_stem(const char *path)
{
    size_t length = uncompressed_length(path);
    const size_t end = length;
    while (length > 0 && is_digit(path[length - 1]))
        length--;
    return length < end && length > 1 && path[length - 1] == '.' && path[length - 2] != '/' ? length : 0;
}

/* "client.strace.1234" (strace -ff) is "client.strace.*". */
static const char *name_of_process(struct arena *arena, const char *path)
{
    const size_t stem = tb_draft_process_stem(path);
    return stem == 0 ? NULL : tb_arena_print(arena, "%.*s*%s", (int)stem, path, path + uncompressed_length(path));
}

/* What a file is called as one of several; NULL: it is none. */
static const char *name_of_several(struct arena *arena, enum tb_artifact_kind kind, const char *path)
{
    if (kind == TB_ARTIFACT_TRACE)
        return name_of_process(arena, path);
    const char *const dated = name_of_dated(arena, path);
    return dated != NULL ? dated : name_of_numbered(arena, path);
}

/* How many files of its run have each file's name; NULL when memory is short. */
static const size_t *count_names(struct arena *arena, const struct choice *choice, const char *const *names,
                                 int64_t *places)
{
    size_t *counts = tb_arena_allocate(arena, choice->files->count, sizeof *counts);
    struct tb_index index = {0};
    size_t known = 0;
    bool good = counts != NULL;
    for (size_t i = 0; good && i < choice->files->count; i++) {
        if (names[i] == NULL)
            continue;
        places[i] = tb_index_add(&index, tb_key_of_text(names[i], choice->files->runs[i]), known);
        good = places[i] >= 0;
        if (good) {
            known += (size_t)places[i] == known;
            counts[places[i]]++;
        }
    }
    tb_index_free(&index);
    return good ? counts : NULL;
}

/* A capture in several files is one: those whose names differ only in what a capturing program counts up. So is a trace,
 * whose program puts the process at the end of each. */
static bool merge_several(struct arena *arena, enum tb_artifact_kind kind, struct choice *choice)
{
    const char **names = tb_arena_allocate(arena, choice->files->count, sizeof *names);
    int64_t *places = tb_arena_allocate(arena, choice->files->count, sizeof *places);
    for (size_t i = 0; i < choice->files->count && names != NULL; i++) {
        if (choice->patterns[i] == NULL)
            continue;
        names[i] = name_of_several(arena, kind, choice->patterns[i]);
    }
    if (names == NULL || places == NULL || arena->failed)
        return false;
    const size_t *counts = count_names(arena, choice, names, places);
    for (size_t i = 0; i < choice->files->count && counts != NULL; i++)
        if (names[i] != NULL && counts[places[i]] > 1)
            choice->patterns[i] = names[i];
    return counts != NULL;
}

/* Some run has several of the files. */
static bool has_several(struct arena *arena, const struct choice *choice, size_t run_count)
{
    bool *seen = tb_arena_allocate(arena, run_count, sizeof *seen);
    for (size_t i = 0; i < choice->files->count && seen != NULL; i++) {
        if (choice->patterns[i] == NULL)
            continue;
        if (seen[choice->files->runs[i]])
            return true;
        seen[choice->files->runs[i]] = true;
    }
    return false;
}

static int compare_counted(const void *a, const void *b)
{
    const struct counted_pattern *x = a, *y = b;
    const bool x_is_raw = strcmp(extension(x->pattern), ".owp") == 0,
               y_is_raw = strcmp(extension(y->pattern), ".owp") == 0;
    if (x_is_raw != y_is_raw)
        return x_is_raw ? 1 : -1; /* a report of the same sessions says as much, in fewer bytes */
    if (x->runs != y->runs)
        return x->runs > y->runs ? -1 : 1;
    return tb_natural_compare(x->pattern, y->pattern);
}

/* The different patterns, each with the runs it would add. NULL when memory is short. */
static const struct counted_pattern *count_patterns(const struct choice *choice, size_t *count)
{
    struct counted_pattern *counted = choice->counted;
    size_t *const last_run = choice->last_run;
    struct tb_index index = {0};
    *count = 0;
    for (size_t i = 0; i < choice->files->count; i++) {
        const size_t run = choice->files->runs[i];
        if (choice->patterns[i] == NULL || choice->covered[run])
            continue;
        const int64_t at = tb_index_add(&index, tb_key_of_text(choice->patterns[i], 0), *count);
        if (at < 0) {
            counted = NULL;
            break;
        }
        if ((size_t)at == *count) {
            counted[(*count)++] = (struct counted_pattern){.pattern = choice->patterns[i]};
            last_run[at] = SIZE_MAX;
        }
        counted[at].runs += last_run[at] != run;
        last_run[at] = run;
    }
    tb_index_free(&index);
    if (counted != NULL && *count > 1)
        qsort(counted, *count, sizeof *counted, compare_counted);
    return counted;
}

static void cover(const struct choice *choice, const char *pattern)
{
    for (size_t i = 0; i < choice->files->count; i++)
        if (choice->patterns[i] != NULL && strcmp(choice->patterns[i], pattern) == 0)
            choice->covered[choice->files->runs[i]] = true;
}

static bool is_word_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The text of a field in the run's path; "" when it has none. */
static const char *value_of(struct arena *arena, const struct shape_item *item, const struct shape_run *run,
                            const struct shape_field *field)
{
    const char *components[SHAPE_MOST_LEVELS];
    struct tokens tokens;
    size_t count;
    if (!tb_path_split(arena, run->path, components, &count) || field->level >= count)
        return "";
    const struct shape_form *const form = item->forms[field->level];
    if (form->whole)
        return components[field->level];
    tb_tokens_split(components[field->level], false, &tokens);
    const struct token *const token = &tokens.items[field->column];
    const bool in_parts = form->columns[field->column].token.class == TOKEN_NUMBER;
    const size_t begin = in_parts ? token->prefix : 0, end = in_parts ? token->suffix : 0;
    return tb_arena_copy(arena, token->text + begin, token->length - begin - end);
}

/* "e1000-1.txt" in a run of e1000 is "{testbed}-1.txt": the value where it stands by itself. */
static const char *put_field(struct arena *arena, const char *pattern, const char *value, const char *name)
{
    const char *escaped = value == NULL ? NULL : tb_literal_pattern(arena, value, strlen(value), true);
    const size_t length = escaped == NULL ? 0 : strlen(escaped);
    for (const char *at = length == 0 ? NULL : strstr(pattern, escaped); at != NULL; at = strstr(at + 1, escaped)) {
        const bool stands_alone =
            (at == pattern || (!is_word_character(at[-1]) && at[-1] != '{')) && !is_word_character(at[length]);
        if (stands_alone)
            return tb_arena_print(arena, "%.*s{%s}%s", (int)(at - pattern), pattern, name, at + length);
    }
    return pattern;
}

static const char *with_fields(struct arena *arena, const struct choice *choice, size_t file)
{
    const struct shape_run *const run = &choice->runs[choice->files->runs[file]];
    const struct shape_item *const item = &choice->shape->items[run->item];
    const char *pattern = choice->patterns[file];
    for (size_t i = 0; i < item->field_count && pattern != NULL; i++)
        pattern = put_field(arena, pattern, value_of(arena, item, run, &item->fields[i]), item->fields[i].name);
    return pattern;
}

/* "ab_2024.txt" as "ab_*.txt": where each run has a name of its own, digits do not count. */
static const char *without_digits(struct arena *arena, const char *pattern)
{
    char *made = tb_arena_copy(arena, pattern, strlen(pattern));
    size_t used = 0;
    for (const char *c = pattern; made != NULL && *c != '\0'; c++) {
        const bool is_digit = *c >= '0' && *c <= '9';
        if (!is_digit || used == 0 || made[used - 1] != '*')
            made[used++] = is_digit ? '*' : *c;
    }
    if (made != NULL)
        made[used] = '\0';
    return made;
}

/* Takes the pattern that finds most, then of what is left the next, until all runs that have the artifact are found. */
static enum tb_status choose(struct arena *arena, struct choice *choice, struct draft_rule *rule,
                             struct tb_error *error)
{
    for (unsigned tries = 0;;) {
        size_t count = 0;
        const struct counted_pattern *counted = count_patterns(choice, &count);
        if (counted == NULL)
            return out_of_memory(error);
        /* So many names are those of runs: what differs is a field, or it counts something. */
        if (count > RULE_MOST_ALTERNATIVES && rule->alternative_count == 0 && tries < 2) {
            for (size_t i = 0; i < choice->files->count; i++)
                if (choice->patterns[i] != NULL)
                    choice->patterns[i] =
                        tries == 0 ? with_fields(arena, choice, i) : without_digits(arena, choice->patterns[i]);
            if (arena->failed)
                return out_of_memory(error);
            tries++;
            continue;
        }
        if (count == 0 || rule->alternative_count == RULE_MOST_ALTERNATIVES)
            return arena->failed ? out_of_memory(error) : TB_OK;
        rule->alternatives[rule->alternative_count++] =
            (struct artifact_path){.pattern = counted[0].pattern, .files = counted[0].runs};
        rule->runs += counted[0].runs;
        cover(choice, counted[0].pattern);
    }
}

static enum tb_status fill_rule(struct survey *survey, const struct shape *shape, const struct shape_run *runs,
                                size_t run_count, const struct run_files *files, int item, struct draft_rule *rule,
                                struct tb_error *error)
{
    struct choice choice = {.shape = shape,
                            .runs = runs,
                            .files = files,
                            .counted = tb_arena_allocate(&survey->arena, files->count, sizeof *choice.counted),
                            .last_run = tb_arena_allocate(&survey->arena, files->count, sizeof *choice.last_run),
                            .covered = tb_arena_allocate(&survey->arena, run_count, sizeof(bool)),
                            .patterns = tb_arena_allocate(&survey->arena, files->count, sizeof(const char *))};
    if (choice.counted == NULL || choice.last_run == NULL || choice.covered == NULL || choice.patterns == NULL)
        return out_of_memory(error);
    for (size_t i = 0; i < files->count; i++) {
        struct draft_rule of;
        tb_draft_rule_describe(files->files[i], files->tails[i], &of);
        if (!is_same_rule(&of, rule) || (item != RULE_ANY_ITEM && runs[files->runs[i]].item != (size_t)item))
            continue;
        choice.patterns[i] = files->tails[i];
        if (rule->sample == NULL || files->files[i]->size < rule->sample->size)
            rule->sample = files->files[i];
    }
    if (rule->kind == TB_ARTIFACT_LATENCY && has_several(&survey->arena, &choice, run_count) &&
        !merge_sessions(&survey->arena, &choice))
        return out_of_memory(error);
    if ((rule->kind == TB_ARTIFACT_CAPTURE || rule->kind == TB_ARTIFACT_TRACE) &&
        has_several(&survey->arena, &choice, run_count) && !merge_several(&survey->arena, rule->kind, &choice))
        return out_of_memory(error);
    const enum tb_status status = choose(&survey->arena, &choice, rule, error);
    for (size_t i = 0; i < files->count && rule->kind == TB_ARTIFACT_TRACE; i++) {
        struct draft_rule of;
        tb_draft_rule_describe(files->files[i], files->tails[i], &of);
        if (of.kind == TB_ARTIFACT_TRACE && of.role != rule->role && !choice.covered[files->runs[i]] &&
            (item == RULE_ANY_ITEM || runs[files->runs[i]].item == (size_t)item) &&
            (rule->without == NULL || files->files[i]->size < rule->without->size))
            rule->without = files->files[i];
    }
    return status;
}

static int compare_rules(const void *a, const void *b)
{
    const struct draft_rule *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    return x->point < y->point ? -1 : x->point > y->point;
}

enum tb_status tb_draft_rules_find(struct survey *survey, const struct shape *shape, const struct shape_run *runs,
                                   size_t run_count, const struct run_files *files, int item, struct draft_rules *rules,
                                   struct tb_error *error)
{
    rules->count = 0;
    for (size_t i = 0; i < files->count; i++) {
        struct draft_rule rule;
        bool is_known = item != RULE_ANY_ITEM && runs[files->runs[i]].item != (size_t)item;
        tb_draft_rule_describe(files->files[i], files->tails[i], &rule);
        for (size_t j = 0; j < rules->count; j++)
            is_known = is_known || is_same_rule(&rules->items[j], &rule);
        if (!is_known && rules->count < RULES_MOST)
            rules->items[rules->count++] = rule;
    }
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < rules->count && status == TB_OK; i++)
        status = fill_rule(survey, shape, runs, run_count, files, item, &rules->items[i], error);
    if (rules->count > 1)
        qsort(rules->items, rules->count, sizeof rules->items[0], compare_rules);
    return status;
}
