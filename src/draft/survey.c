/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survey.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "campaign/layouts/layout_writer.h"
#include "campaign/manifest/pattern.h"
#include "decode/file_kind.h"
#include "twinbed/base/utf8.h"

static enum tb_status out_of_memory(struct tb_error *error)
{
    return tb_error_memory(error, "the files of a directory");
}

void tb_survey_free(struct survey *survey)
{
    free(survey->files);
    tb_index_free(&survey->visited);
    tb_arena_free(&survey->arena);
    *survey = (struct survey){0};
}

bool tb_survey_is_of_other_tool(const struct survey_file *file)
{
    return file->kind == TB_ARTIFACT_AB && strstr(file->what, "ApacheBench") == NULL;
}

const char *tb_survey_path(struct survey *survey, const struct survey_file *file)
{
    return tb_path_join(&survey->arena, survey->roots[file->root], file->path);
}

static enum tb_status add_file(struct survey *survey, const struct survey_file *file, struct tb_error *error)
{
    if (survey->count == SURVEY_MOST_FILES) {
        survey->limited = true;
        return TB_OK;
    }
    if (file->path == NULL ||
        !tb_array_reserve(&survey->files, &survey->capacity, survey->count + 1, sizeof *survey->files))
        return out_of_memory(error);
    survey->files[survey->count++] = *file;
    return TB_OK;
}

static enum tb_status look_at_file(struct survey *survey, const char *below, const char *full, uint64_t size,
                                   struct tb_error *error)
{
    struct file_kind found;
    const enum tb_status status = tb_file_kind_find(full, &found, error);
    if (status == TB_MEMORY)
        return status;
    if (status != TB_OK) {
        survey->unreadable++;
        return TB_OK;
    }
    const struct survey_file file = {
        .root = survey->root_count - 1, .path = below, .kind = found.kind, .what = found.what, .size = size};
    return add_file(survey, &file, error);
}

static bool has_name(const struct layout_names *names, const char *wanted)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], wanted) == 0)
            return true;
    return false;
}

/* "before.stat" beside "after.stat": the one half of a pair of snapshots, whose other half is there. */
static bool is_snapshot(const struct layout_names *names, const char *name)
{
    static const char *const starts[] = {"before.", "after."};
    static const char *const ends[] = {"stat", "diskstats", "vmstat", "interrupts"};
    for (size_t i = 0; i < 2; i++) {
        const size_t length = strlen(starts[i]);
        char other[32];
        if (strncmp(name, starts[i], length) != 0)
            continue;
        for (size_t j = 0; j < 4; j++) {
            snprintf(other, sizeof other, "%s%s", starts[1 - i], ends[j]);
            if (strcmp(name + length, ends[j]) == 0)
                return has_name(names, other);
        }
    }
    return false;
}

/* True the first time that the directory is seen. */
static bool visit_once(struct survey *survey, const struct stat *about, struct tb_error *error, enum tb_status *status)
{
    const struct tb_key key = {.high = about->st_dev, .low = about->st_ino};
    const uint64_t number = survey->visited.count;
    const int64_t item = tb_index_add(&survey->visited, key, number);
    *status = item == TB_INDEX_ABSENT ? out_of_memory(error) : TB_OK;
    return item >= 0 && (uint64_t)item == number;
}

static bool holds(const char *directory, const char *path)
{
    const size_t length = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
    return strncmp(directory, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* A link to a directory is followed where it leads out of the tree. What it leads to inside is looked at anyway, and
 * where it leads upwards there is no end. */
static bool leads_out(const struct survey *survey, const char *full)
{
    const char *root = survey->roots[survey->root_count - 1];
    char *target = realpath(full, NULL);
    const bool leads = target != NULL && !holds(root, target) && !holds(target, root);
    free(target);
    return leads;
}

static enum tb_status look_into(struct survey *survey, const char *below, unsigned depth, struct tb_error *error);

static enum tb_status look_at_directory(struct survey *survey, const char *below, const char *full, bool is_link,
                                        unsigned depth, struct tb_error *error)
{
    struct stat about;
    enum tb_status status = TB_OK;
    if (is_link && !leads_out(survey, full)) {
        survey->loops++;
        return TB_OK;
    }
    if (stat(full, &about) != 0 || !visit_once(survey, &about, error, &status))
        return status;
    if (depth == SURVEY_MOST_DEPTH || survey->directories == SURVEY_MOST_DIRECTORIES) {
        survey->limited = true;
        return TB_OK;
    }
    return look_into(survey, below, depth + 1, error);
}

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static enum tb_status look_at(struct survey *survey, const char *directory, const char *name, unsigned depth,
                              struct tb_error *error)
{
    const char *below = tb_path_join(&survey->arena, directory, name);
    const char *full =
        below == NULL ? NULL : tb_path_join(&survey->arena, survey->roots[survey->root_count - 1], below);
    struct stat about, target;
    if (full == NULL)
        return out_of_memory(error);
    if (!tb_utf8_is_text(name)) {
        survey->odd_names++;
        return TB_OK;
    }
    /* Devices and pipes are no records, and opening some of them never ends. */
    if (lstat(full, &about) != 0 || stat(full, &target) != 0)
        return TB_OK;
    if (ends_with(name, ".parts") || ends_with(name, ".partial"))
        return TB_OK; /* what twinbed itself leaves or writes */
    if (S_ISREG(target.st_mode))
        return look_at_file(survey, below, full, (uint64_t)target.st_size, error);
    if (!S_ISDIR(target.st_mode))
        return TB_OK;
    survey->has_loop_name =
        survey->has_loop_name || (strncmp(name, "loop-", 5) == 0 && strstr(name, "-count-") != NULL);
    survey->has_responses = survey->has_responses || strcmp(name, "miniccc_responses") == 0;
    return look_at_directory(survey, below, full, S_ISLNK(about.st_mode), depth, error);
}

static enum tb_status look_into(struct survey *survey, const char *below, unsigned depth, struct tb_error *error)
{
    const char *full = tb_path_join(&survey->arena, survey->roots[survey->root_count - 1], below);
    struct layout_names names;
    struct tb_error ignored;
    bool has_counters = false;
    if (full == NULL)
        return out_of_memory(error);
    survey->directories++;
    const enum tb_status listed = tb_layout_list(&survey->arena, full, false, &names, &ignored);
    if (listed == TB_MEMORY)
        return out_of_memory(error);
    if (listed != TB_OK) {
        survey->unreadable++;
        return TB_OK;
    }
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < names.count && status == TB_OK; i++) {
        if (is_snapshot(&names, names.items[i]))
            has_counters = true;
        else
            status = look_at(survey, below, names.items[i], depth, error);
    }
    const struct survey_file counters = {
        .root = survey->root_count - 1, .path = below, .kind = TB_ARTIFACT_COUNTERS, .what = "snapshots of /proc"};
    return status == TB_OK && has_counters ? add_file(survey, &counters, error) : status;
}

/* A file stands for the directory that holds it, of which nothing else is looked at. */
static enum tb_status add_root(struct survey *survey, char *absolute, struct tb_error *error)
{
    struct stat about = {0};
    enum tb_status status = TB_OK;
    const bool is_file = stat(absolute, &about) == 0 && S_ISREG(about.st_mode);
    char *const slash = strrchr(absolute, '/');
    const char *directory =
        is_file ? (slash == absolute ? "/" : tb_arena_copy(&survey->arena, absolute, (size_t)(slash - absolute)))
                : tb_arena_copy(&survey->arena, absolute, strlen(absolute));
    const char *name = is_file ? tb_arena_copy(&survey->arena, slash + 1, strlen(slash + 1)) : "";
    if (directory == NULL || name == NULL)
        return out_of_memory(error);
    survey->roots[survey->root_count] = directory;
    survey->root_is_file[survey->root_count++] = is_file;
    if (is_file)
        return look_at_file(survey, name, absolute, (uint64_t)about.st_size, error);
    if (!S_ISDIR(about.st_mode))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: neither a directory nor a file", absolute);
    (void)visit_once(survey, &about, error, &status);
    return status == TB_OK ? look_into(survey, ".", 1, error) : status;
}

enum tb_status tb_survey_add(struct survey *survey, const char *path, struct tb_error *error)
{
    char *absolute = realpath(path, NULL);
    if (absolute == NULL)
        return tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", path,
                            strerror(errno));
    const enum tb_status status =
        tb_utf8_is_text(absolute)
            ? add_root(survey, absolute, error)
            : tb_error_set(error, TB_UNSUPPORTED, "%s: the name is not UTF-8, which a campaign file must be", path);
    free(absolute);
    return status;
}
