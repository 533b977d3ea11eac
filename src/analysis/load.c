/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First stage: the campaign reaches every rank, the output is claimed, the work
 * is shared out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "twinbed/base/log.h"
#include "twinbed/checkpoint/parts.h"
#include "twinbed/decode/identify.h"

/* On rank 0: what must be true before anything is read. */
static enum tb_status claim_output(const struct job *job, struct tb_error *error)
{
    const char *output = job->options->output_path;
    struct stat found;
    if (stat(output, &found) == 0 && !S_ISREG(found.st_mode))
        return tb_error_set(error, TB_CONFLICT, "%s exists and is not a file: choose another name", output);
    if (access(output, F_OK) == 0 && !job->options->force)
        return tb_error_set(error, TB_CONFLICT, "%s exists: choose another name, or replace it with --force", output);
    return tb_parts_prepare(job->decoding.parts, error);
}

static enum tb_status read_campaign(struct job *job, struct tb_buffer *packed, struct tb_error *error)
{
    struct tb_campaign *campaign;
    const enum tb_status status = tb_campaign_load(job->options->campaign_path, &job->options->only, &campaign, error);
    if (status != TB_OK)
        return status;
    tb_artifacts_look(campaign);
    job->manifest = campaign->manifest_text;
    campaign->manifest_text = NULL;
    tb_campaign_pack(campaign, packed);
    tb_campaign_free(campaign);
    return tb_buffer_check(packed, "the campaign", error);
}

/* Every rank, rank 0 too, works on the unpacked copy. */
static enum tb_status share_campaign(struct job *job, struct tb_error *error)
{
    struct tb_buffer packed = {0};
    enum tb_status status = job->team->rank == 0 ? read_campaign(job, &packed, error) : TB_OK;
    status = tb_team_agree(job->team, status, error);
    if (status == TB_OK)
        status = tb_team_broadcast(job->team, &packed, error);
    if (status == TB_OK) {
        struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
        const bool unpacked = tb_campaign_unpack(&job->campaign, &bytes);
        status = tb_team_agree(
            job->team, unpacked ? TB_OK : tb_error_set(error, TB_INTERNAL, "the campaign does not unpack"), error);
    }
    tb_buffer_free(&packed);
    return status;
}

static enum tb_status allocate(struct job *job, struct tb_error *error)
{
    const struct tb_campaign *campaign = job->campaign;
    job->discarded = calloc(campaign->run_count + 1, sizeof *job->discarded);
    job->document_lengths = calloc(campaign->run_count + 1, sizeof *job->document_lengths);
    if (job->discarded == NULL || job->document_lengths == NULL)
        return tb_error_memory(error, "the campaign");
    for (size_t i = 0; i < campaign->run_count; i++)
        job->discarded[i] = campaign->runs[i].discarded;
    return tb_decoding_plan(&job->decoding, job->team, campaign, error);
}

enum tb_status tb_job_load(struct job *job, struct tb_error *error)
{
    const size_t length = strlen(job->options->output_path) + sizeof ".parts";
    job->decoding.parts = malloc(length);
    enum tb_status status =
        tb_team_agree(job->team, job->decoding.parts == NULL ? tb_error_memory(error, "a path") : TB_OK, error);
    if (status != TB_OK)
        return status;
    snprintf(job->decoding.parts, length, "%s.parts", job->options->output_path);
    status = share_campaign(job, error);
    if (status == TB_OK)
        status = tb_team_agree(job->team, allocate(job, error), error);
    return status;
}

enum tb_status tb_job_claim(struct job *job, struct tb_error *error)
{
    return tb_team_agree(job->team, job->team->rank == 0 ? claim_output(job, error) : TB_OK, error);
}
