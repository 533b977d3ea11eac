/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "left_files.h"

#include <stdlib.h>
#include <string.h>

/* Of more kinds of names no more are told apart. */
enum { MOST_GROUPS = 4096 };

/* The name without its directory, "#" for digits in a row, behind what the file is. */
static const char *group_key(struct arena *arena, const struct survey_file *file)
{
    const char *slash = strrchr(file->path, '/');
    const char *name = slash == NULL ? file->path : slash + 1;
    char *key = tb_arena_print(arena, "%s/%s", file->what, name);
    size_t used = 0;
    for (const char *c = key; c != NULL && *c != '\0'; c++) {
        const bool is_digit = *c >= '0' && *c <= '9';
        if (!is_digit || used == 0 || key[used - 1] != '#')
            key[used++] = is_digit ? '#' : *c;
    }
    if (key != NULL)
        key[used] = '\0';
    return key;
}

static bool add(struct tb_draft *draft, size_t *capacity, struct tb_index *groups, struct arena *arena,
                const struct survey_file *file)
{
    const char *key = group_key(arena, file);
    const int64_t at = key == NULL ? -1 : tb_index_add(groups, tb_key_of_text(key, 0), draft->left_count);
    if (at < 0)
        return false;
    if ((size_t)at < draft->left_count) {
        draft->left[at].count++;
        return true;
    }
    if (!tb_array_reserve(&draft->left, capacity, draft->left_count + 1, sizeof *draft->left))
        return false;
    struct tb_draft_left *const left = &draft->left[draft->left_count];
    *left = (struct tb_draft_left){
        .example = strdup(file->path), .what = file->what, .is_artifact = file->kind != TB_ARTIFACT_KINDS, .count = 1};
    draft->left_count += left->example != NULL;
    return left->example != NULL;
}

/* Artifacts first, then what is known, then the rest; in the order of the survey. */
static int compare(const void *a, const void *b)
{
    const struct tb_draft_left *const x = a, *const y = b;
    if (x->is_artifact != y->is_artifact)
        return x->is_artifact ? -1 : 1;
    if ((x->what[0] == '\0') != (y->what[0] == '\0'))
        return x->what[0] == '\0' ? 1 : -1;
    return tb_natural_compare(x->example, y->example);
}

enum tb_status tb_left_files_find(struct survey *survey, struct tb_draft *draft, struct tb_error *error)
{
    struct tb_index used = {0}, groups = {0};
    size_t capacity = 0;
    bool good = true;
    for (size_t i = 0; i < draft->campaign->artifact_count && good; i++)
        if (draft->campaign->artifacts[i].exists)
            good = tb_index_add(&used, tb_key_of_text(draft->campaign->artifacts[i].path, 0), i) >= 0;
    for (size_t i = 0; i < survey->count && good; i++) {
        const char *path = tb_survey_path(survey, &survey->files[i]);
        good = path != NULL;
        if (good && tb_index_find(&used, tb_key_of_text(path, 0)) < 0 && draft->left_count < MOST_GROUPS)
            good = add(draft, &capacity, &groups, &survey->arena, &survey->files[i]);
    }
    if (draft->left_count > 1)
        qsort(draft->left, draft->left_count, sizeof *draft->left, compare);
    tb_index_free(&used);
    tb_index_free(&groups);
    return good ? TB_OK : tb_error_memory(error, "the files that are left");
}
