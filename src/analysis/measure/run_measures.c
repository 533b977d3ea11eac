/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_measures.h"

#include <stdlib.h>
#include <string.h>

const char *tb_artifact_relative_path(const struct tb_campaign *campaign, size_t artifact)
{
    return tb_campaign_relative_path(campaign, campaign->artifacts[artifact].path);
}

const char *tb_campaign_relative_path(const struct tb_campaign *campaign, const char *path)
{
    const size_t length = strlen(campaign->root);
    if (strncmp(path, campaign->root, length) == 0 && path[length] == '/')
        return path + length + 1;
    return path;
}

const struct artifact_content *tb_run_artifact_content(const struct run_measures *measures, size_t place)
{
    const struct run_artifact *holder = &measures->artifacts[measures->artifacts[place].content_of];
    return holder->loaded ? &holder->content : NULL;
}

size_t tb_run_capture_log(const struct job *job, const struct run_measures *run, size_t place)
{
    const size_t first = job->campaign->runs[run->run].first_artifact;
    const size_t log = tb_campaign_capture_log(job->campaign, run->artifacts[place].artifact);
    return log == TB_NO_INDEX || tb_run_artifact_content(run, log - first) == NULL ? TB_NO_INDEX : log - first;
}

const struct tb_sequence *tb_run_artifact_sequence(const struct run_measures *measures, size_t place)
{
    const struct artifact_content *content = tb_run_artifact_content(measures, place);
    if (content == NULL || content->trace == NULL ||
        measures->artifacts[place].sequence >= content->trace->sequence_count)
        return NULL;
    return &content->trace->sequences[measures->artifacts[place].sequence];
}

void tb_run_measures_free(struct run_measures *measures)
{
    for (size_t i = 0; measures->artifacts != NULL && i < measures->artifact_count; i++)
        if (measures->artifacts[i].loaded)
            tb_artifact_content_free(&measures->artifacts[i].content);
    for (size_t i = 0; measures->pairs != NULL && i < measures->pair_count; i++) {
        free(measures->pairs[i].sessions);
        free(measures->pairs[i].custom);
    }
    free(measures->artifacts);
    free(measures->pairs);
    free(measures->checks);
    *measures = (struct run_measures){0};
}
