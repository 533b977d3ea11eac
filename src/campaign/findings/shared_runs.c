/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that several runs have, by a forgotten {rep} or a link: what is measured on them is no repetition. */
#include <stdio.h>
#include <stdlib.h>

#include "findings.h"
#include "twinbed/campaign/presence.h"

/* Artifacts that are one file: a part of the list that is ordered by file, in the order of the campaign. */
struct shared_file {
    const struct tb_artifact *const *first;
    const struct tb_artifact *const *end;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_by_file(const void *a, const void *b)
{
    const struct tb_artifact *x = *(const struct tb_artifact *const *)a;
    const struct tb_artifact *y = *(const struct tb_artifact *const *)b;
    const int device = compare_numbers(x->device, y->device);
    const int inode = compare_numbers(x->inode, y->inode);
    return device != 0 ? device : inode != 0 ? inode : x < y ? -1 : x > y;
}

/* The first artifact behind this one that is of another run. */
static const struct tb_artifact *const *next_run(const struct shared_file *file, const struct tb_artifact *const *at)
{
    const size_t run = (*at)->run;
    while (at < file->end && (*at)->run == run)
        at++;
    return at;
}

/* By the runs that share them: the artifacts of a linked directory stand together. */
static int compare_runs(const struct shared_file *x, const struct shared_file *y)
{
    const struct tb_artifact *const *one = x->first;
    const struct tb_artifact *const *other = y->first;
    while (one < x->end && other < y->end && (*one)->run == (*other)->run) {
        one = next_run(x, one);
        other = next_run(y, other);
    }
    if (one == x->end || other == y->end)
        return (one < x->end) - (other < y->end);
    return compare_numbers((*one)->run, (*other)->run);
}

static int compare_shared(const void *a, const void *b)
{
    const struct shared_file *x = a;
    const struct shared_file *y = b;
    const int runs = compare_runs(x, y);
    return runs != 0 ? runs : *x->first < *y->first ? -1 : *x->first > *y->first;
}

/* The first of count files that have the same runs. */
static enum tb_status note_shared(const struct finding_search *search, const struct shared_file *file, size_t count)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    const struct tb_artifact *about = *file->first;
    const struct tb_asked asked = tb_asked_of(campaign, about);
    struct name_list names = {.count = 0};
    char name[TB_ASKED_NAME_SIZE], more[48] = "";
    const char *example = about->path;
    for (const struct tb_artifact *const *at = file->first; at < file->end; at = next_run(file, at)) {
        tb_name_list_add(&names, campaign->runs[(*at)->run].name);
        example = (*at)->path;
    }
    tb_asked_name(&asked, name);
    if (count > 1)
        snprintf(more, sizeof more, " and %zu more", count - 1);
    const uint64_t runs = names.count;
    return tb_findings_add(search->manifest, TB_FINDING_SHARED_FILES, runs, example,
                           "%s%s: the same %s for %s: their values are not independent", name, more,
                           count > 1 ? "files" : "file", tb_name_list_text(&names));
}

/* Files of several runs, in order of their runs; how many. */
static size_t find_shared(const struct tb_artifact *const *artifacts, size_t count, struct shared_file *files)
{
    size_t found = 0, first = 0;
    for (size_t i = 1; i <= count; i++) {
        if (i < count && artifacts[i]->device == artifacts[first]->device &&
            artifacts[i]->inode == artifacts[first]->inode)
            continue;
        if (artifacts[first]->run != artifacts[i - 1]->run)
            files[found++] = (struct shared_file){&artifacts[first], &artifacts[i]};
        first = i;
    }
    if (found > 1)
        qsort(files, found, sizeof *files, compare_shared);
    return found;
}

static enum tb_status note_all(const struct finding_search *search, const struct shared_file *files, size_t count)
{
    enum tb_status status = TB_OK;
    size_t first = 0;
    for (size_t i = 1; i <= count && status == TB_OK; i++) {
        if (i < count && compare_runs(&files[first], &files[i]) == 0)
            continue;
        status = note_shared(search, &files[first], i - first);
        first = i;
    }
    return status;
}

enum tb_status tb_findings_note_shared(const struct finding_search *search)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    const struct tb_artifact **artifacts = calloc(campaign->artifact_count + 1, sizeof(const struct tb_artifact *));
    struct shared_file *files = calloc(campaign->artifact_count + 1, sizeof *files);
    enum tb_status status = TB_OK;
    size_t count = 0;
    for (size_t i = 0; artifacts != NULL && i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].exists && !campaign->runs[campaign->artifacts[i].run].discarded)
            artifacts[count++] = &campaign->artifacts[i];
    if (artifacts == NULL || files == NULL) {
        status = tb_error_memory(search->manifest->document.error, "the campaign's artifacts");
    } else if (count > 1) {
        qsort(artifacts, count, sizeof(const struct tb_artifact *), compare_by_file);
        status = note_all(search, files, find_shared(artifacts, count, files));
    }
    free(artifacts);
    free(files);
    return status;
}
