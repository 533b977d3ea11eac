/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "comparison_source.h"

#include <errno.h>
#include <ftw.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode/file_kind.h"
#include "job.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"
#include "twinbed/base/utf8.h"
#include "twinbed/draft/draft.h"

/* What one of the two is. */
struct compared {
    bool is_directory;
    bool is_results; /* or something that nothing is known of: the reader of results will say */
    struct file_kind file;
    struct stat about;
};

static void look(const char *path, struct compared *found)
{
    *found = (struct compared){.is_results = true};
    if (stat(path, &found->about) != 0)
        return;
    found->is_directory = S_ISDIR(found->about.st_mode) != 0;
    if (found->is_directory)
        found->is_results = false;
    else if (S_ISREG(found->about.st_mode) && tb_file_kind_find(path, &found->file, NULL) == TB_OK)
        found->is_results = found->file.what[0] == '\0' || found->file.kind == TB_ARTIFACT_KINDS;
}

static const char *describe(const struct compared *compared)
{
    if (compared->is_directory)
        return "a directory";
    return compared->file.what != NULL && compared->file.what[0] != '\0' ? compared->file.what
                                                                         : "nothing that is known";
}

static enum tb_status check_kinds(const char *const paths[2], const struct compared found[2], struct tb_error *error)
{
    if (found[0].about.st_ino == found[1].about.st_ino && found[0].about.st_dev == found[1].about.st_dev)
        return tb_error_set(error, TB_USAGE, "%s and %s are one and the same", paths[0], paths[1]);
    if (found[0].is_directory == found[1].is_directory && found[0].is_results == found[1].is_results &&
        (found[0].is_directory || found[0].file.kind == found[1].file.kind))
        return TB_OK;
    return tb_error_set(
        error, TB_USAGE,
        "%.300s is %s, but %.300s is %s; expected two results files, two directories, or two files of one "
        "kind",
        paths[0], describe(&found[0]), paths[1], describe(&found[1]));
}

/* --- the campaign of two testbeds --- */

/* Takes the last component off a path of length bytes, slashes too; where it begins, and its length. */
static const char *take_component(const char *path, size_t *length, size_t *taken)
{
    while (*length > 0 && path[*length - 1] == '/')
        --*length;
    size_t begin = *length;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    *taken = *length - begin;
    *length = begin;
    return path + begin;
}

/* The last components in which the paths differ: e1000 and virtio of e1000/1/ab.txt and virtio/1/ab.txt. All of the paths
 * where they differ in nothing that can be named. */
static bool copy_names(const char *const paths[2], char *names[2])
{
    size_t left[2] = {strlen(paths[0]), strlen(paths[1])}, lengths[2];
    const char *ends[2];
    do {
        for (int i = 0; i < 2; i++)
            ends[i] = take_component(paths[i], &left[i], &lengths[i]);
    } while (left[0] > 0 && left[1] > 0 && lengths[0] == lengths[1] && memcmp(ends[0], ends[1], lengths[0]) == 0);
    const bool differ = lengths[0] != lengths[1] || memcmp(ends[0], ends[1], lengths[0]) != 0;
    const bool are_names = differ && lengths[0] > 0 && lengths[1] > 0 && ends[0][0] != '.' && ends[1][0] != '.';
    for (int i = 0; i < 2; i++)
        names[i] = are_names ? strndup(ends[i], lengths[i]) : strdup(paths[i]);
    return names[0] != NULL && names[1] != NULL;
}

/* Names of files may hold any bytes, results only text. */
static bool name_testbeds(const char *const paths[2], struct comparison_source *source)
{
    bool good = copy_names(paths, source->names);
    for (int i = 0; i < 2 && good; i++) {
        char *repaired = NULL;
        good = tb_utf8_repair(source->names[i], &repaired);
        if (repaired != NULL) {
            free(source->names[i]);
            source->names[i] = repaired;
        }
        source->testbeds[i] = source->names[i];
    }
    return good;
}

static char *join(const char *directory, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static enum tb_status make_directory(struct comparison_source *source, struct tb_error *error)
{
    const char *named = getenv("TMPDIR");
    source->directory = join(named != NULL && named[0] != '\0' ? named : "/tmp", "twinbed-compare-XXXXXX");
    if (source->directory == NULL)
        return tb_error_memory(error, "a path");
    if (mkdtemp(source->directory) != NULL)
        return TB_OK;
    const enum tb_status status =
        tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot make a directory: %s", source->directory, strerror(errno));
    free(source->directory);
    source->directory = NULL;
    return status;
}

static enum tb_status write_campaign(const char *path, const struct tb_draft *draft, struct tb_error *error)
{
    FILE *file = fopen(path, "w");
    const bool written = file != NULL && fwrite(draft->text, 1, draft->size, file) == draft->size;
    if ((file == NULL || fclose(file) == 0) && written)
        return TB_OK;
    return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
}

static bool holds_traces_only(const struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].exists && campaign->artifacts[i].kind != TB_ARTIFACT_TRACE)
            return false;
    return true;
}

static enum tb_status draft_campaign(const char *const paths[2], struct comparison_source *source,
                                     const char *campaign_path, struct tb_error *error)
{
    const struct tb_draft_request request = {
        .paths = {paths[0], paths[1]}, .testbeds = {source->names[0], source->names[1]}, .count = 2};
    struct tb_draft draft;
    enum tb_status status = tb_draft_make(&request, &draft, error);
    if (status != TB_OK)
        return status;
    tb_log_info("%zu runs of %s and %s", draft.campaign->run_count, source->names[0], source->names[1]);
    source->are_traces = holds_traces_only(draft.campaign);
    status = write_campaign(campaign_path, &draft, error);
    tb_draft_free(&draft);
    return status;
}

/* --- its results --- */

static enum tb_status analyze(const char *campaign_path, const char *results_path, struct tb_error *error)
{
    const struct tb_analysis_options options = {.campaign_path = campaign_path,
                                                .output_path = results_path,
                                                .task = {.count = 1},
                                                .command_line = "twinbed compare"};
    struct tb_analysis_outcome outcome = {0};
    struct tb_team team = {0};
    tb_stop_catch();
    enum tb_status status = tb_team_start(&team, error);
    team.threads = omp_get_max_threads();
    tb_log_configure(TB_LOG_WARNING, team.rank == 0);
    if (status == TB_OK)
        status = tb_analysis_run(&team, &options, &outcome, error);
    tb_log_configure(TB_LOG_INFO, team.rank == 0);
    job_end(&team);
    return status;
}

static enum tb_status make_results(const char *const paths[2], struct comparison_source *source, struct tb_error *error)
{
    enum tb_status status =
        name_testbeds(paths, source) ? make_directory(source, error) : tb_error_memory(error, "names of testbeds");
    if (status != TB_OK)
        return status;
    char *campaign = join(source->directory, "campaign.yaml");
    source->made = join(source->directory, "results.h5");
    status = campaign == NULL || source->made == NULL ? tb_error_memory(error, "a path")
                                                      : draft_campaign(paths, source, campaign, error);
    if (status == TB_OK)
        status = analyze(campaign, source->made, error);
    free(campaign);
    source->results[0] = source->results[1] = source->made;
    return status;
}

enum tb_status comparison_source_open(const char *const paths[2], struct comparison_source *source,
                                      struct tb_error *error)
{
    struct compared found[2];
    *source = (struct comparison_source){.results = {paths[0], paths[1]}};
    for (int i = 0; i < 2; i++)
        look(paths[i], &found[i]);
    if (found[0].is_results && found[1].is_results)
        return TB_OK;
    const enum tb_status status = check_kinds(paths, found, error);
    return status == TB_OK ? make_results(paths, source, error) : status;
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

void comparison_source_close(struct comparison_source *source)
{
    enum { OPEN_AT_ONCE = 8 };
    if (source->directory != NULL && nftw(source->directory, remove_entry, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS) != 0)
        tb_log_warning("%s: cannot remove all of it: %s", source->directory, strerror(errno));
    free(source->directory);
    free(source->made);
    free(source->names[0]);
    free(source->names[1]);
    *source = (struct comparison_source){.results = {NULL, NULL}};
}
