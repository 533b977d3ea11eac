/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that several artifacts of a run are read from, and whether their pairs can be told apart in them. */
#include <stdlib.h>
#include <string.h>

#include "entries.h"

static int compare_files(const void *a, const void *b, void *artifacts)
{
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;
    const struct tb_artifact *first = (const struct tb_artifact *)artifacts + x;
    const struct tb_artifact *second = (const struct tb_artifact *)artifacts + y;
    if (first->run != second->run)
        return first->run < second->run ? -1 : 1;
    if (first->kind != second->kind)
        return first->kind < second->kind ? -1 : 1;
    if (first->file != second->file)
        return first->file < second->file ? -1 : 1;
    const int order = strcmp(first->path, second->path);
    if (order == 0 && first->further_count != second->further_count)
        return first->further_count < second->further_count ? -1 : 1;
    return order != 0 ? order : x < y ? -1 : x > y ? 1 : 0;
}

enum tb_status tb_campaign_link_shared_files(const struct manifest *manifest)
{
    const struct tb_campaign *campaign = manifest->campaign;
    size_t *order = calloc(campaign->artifact_count + 1, sizeof *order);
    if (order == NULL)
        return tb_error_memory(manifest->document.error, "the campaign's artifacts");
    size_t count = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].exists)
            order[count++] = i;
    if (count > 1)
        qsort_r(order, count, sizeof *order, compare_files, campaign->artifacts);
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        struct tb_artifact *artifact = &campaign->artifacts[order[i]];
        const struct tb_artifact *earlier = &campaign->artifacts[order[first]];
        if (artifact->run == earlier->run && artifact->kind == earlier->kind && artifact->file == earlier->file &&
            artifact->further_count == earlier->further_count && strcmp(artifact->path, earlier->path) == 0)
            artifact->same_as = order[first];
        else
            first = i;
    }
    free(order);
    return TB_OK;
}

static bool is_same_process(const struct tb_process *a, const struct tb_process *b)
{
    return strcmp(a->name, b->name) == 0 && a->pid == b->pid && strcmp(a->arguments, b->arguments) == 0 &&
           strcmp(a->cgroup, b->cgroup) == 0;
}

static enum tb_status check_two(const struct manifest *manifest, const struct tb_artifact *a,
                                const struct tb_artifact *b)
{
    const struct tb_campaign *campaign = manifest->campaign;
    const struct tb_process *process = tb_campaign_process(campaign, a->pair, a->role);
    if (a->kind != TB_ARTIFACT_TRACE || b->kind != TB_ARTIFACT_TRACE || a->role != b->role || a->pair == b->pair ||
        !a->exists || !b->exists || strcmp(a->path, b->path) != 0 ||
        !is_same_process(process, tb_campaign_process(campaign, b->pair, b->role)))
        return TB_OK;
    return tb_yaml_fail(
        &manifest->document, TB_USAGE, manifest->process == NULL ? manifest->document.root : manifest->process,
        "process: pairs %zu and %zu of run '%.200s' read '%.300s' and select the same %s '%.60s'; "
        "expected a list with a selector (name, pid, arguments or cgroup) for each pair",
        a->pair + 1, b->pair + 1, campaign->runs[a->run].name, a->path, tb_role_name(a->role), process->name);
}

enum tb_status tb_campaign_check_selectors(const struct manifest *manifest)
{
    const struct tb_campaign *campaign = manifest->campaign;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct tb_run *run = &campaign->runs[i];
        const size_t end = run->pair_count < 2 ? run->first_artifact : run->first_artifact + run->artifact_count;
        for (size_t j = run->first_artifact; j < end; j++)
            for (size_t k = j + 1; k < end && status == TB_OK; k++)
                status = check_two(manifest, &campaign->artifacts[j], &campaign->artifacts[k]);
    }
    return status;
}
