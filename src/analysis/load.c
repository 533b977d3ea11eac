/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First stage: the campaign reaches every rank, the output is claimed, the work
 * is shared out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/job/custom_metrics.h"
#include "decode/file_kind.h"
#include "load.h"
#include "twinbed/base/archive.h"
#include "twinbed/base/log.h"
#include "twinbed/base/output_file.h"
#include "twinbed/campaign/outside.h"
#include "twinbed/checkpoint/parts.h"
#include "twinbed/decode/identify.h"

/* What the job reads: the campaign file and every artifact that is there. The caller frees the list, not the paths. */
static const char **list_inputs(const struct job *job, size_t *count)
{
    const struct tb_campaign *campaign = job->campaign;
    const char **inputs = malloc((campaign->artifact_count + 1) * sizeof *inputs);
    if (inputs == NULL)
        return NULL;
    *count = 0;
    inputs[(*count)++] = job->options->campaign_path;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].exists)
            inputs[(*count)++] = campaign->artifacts[i].path;
    return inputs;
}

/* The file of --timings is opened when the job ends; that it may be written is known before. */
static enum tb_status claim_timings(struct job *job, const struct tb_output_request *results, struct tb_error *error)
{
    struct tb_output_request request = *results;
    char *target = NULL;
    request.path = job->options->timings_path;
    if (tb_output_is_standard(request.path))
        return TB_OK;
    enum tb_status status = tb_output_claim(&request, &target, error);
    if (status == TB_OK && strcmp(target, job->output) == 0)
        status = tb_error_set(error, TB_CONFLICT, "%s: results and timings cannot be one file", request.path);
    free(target);
    return status;
}

/* On rank 0: what must be true before anything is read. */
static enum tb_status claim_outputs(struct job *job, struct tb_error *error)
{
    struct tb_output_request request = {.path = job->options->output_path, .replace = job->options->force};
    const char **inputs = list_inputs(job, &request.input_count);
    if (inputs == NULL)
        return tb_error_memory(error, "the list of inputs");
    request.inputs = inputs;
    enum tb_status status = tb_output_claim(&request, &job->output, error);
    if (status == TB_OK && job->options->timings_path != NULL)
        status = claim_timings(job, &request, error);
    free(inputs);
    return status;
}

/* Every rank writes to the place that rank 0 found. */
static enum tb_status share_output(struct job *job, struct tb_error *error)
{
    struct tb_buffer packed = {0};
    if (job->team->rank == 0)
        tb_buffer_put_text(&packed, job->output);
    enum tb_status status = tb_team_agree(job->team, tb_buffer_check(&packed, "a path", error), error);
    if (status == TB_OK)
        status = tb_team_broadcast(job->team, &packed, error);
    if (status == TB_OK && job->team->rank != 0) {
        struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
        if (!tb_bytes_take_text(&bytes, &job->output))
            status = tb_error_memory(error, "a path");
    }
    tb_buffer_free(&packed);
    return tb_team_agree(job->team, status, error);
}

static enum tb_status read_campaign(struct job *job, struct tb_buffer *packed, struct tb_error *error)
{
    struct tb_campaign *campaign;
    const enum tb_status status = tb_campaign_load(job->options->campaign_path, &job->options->only, &campaign, error);
    if (status != TB_OK)
        return tb_file_kind_explain(job->options->campaign_path, status, error);
    const enum tb_status kept = tb_campaign_check_paths(campaign, job->options->confined, error);
    if (kept != TB_OK) {
        tb_campaign_free(campaign);
        return kept;
    }
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
        status =
            tb_team_agree(job->team, unpacked ? TB_OK : tb_error_unpack(error, "the campaign does not unpack"), error);
    }
    tb_buffer_free(&packed);
    if (status != TB_OK)
        return status;
    return tb_team_agree(job->team, tb_custom_metrics_register(job->campaign, &job->registry, error), error);
}

static void describe_look(struct tb_archive *archive, size_t *index, struct tb_artifact *artifact)
{
    tb_archive_size(archive, index);
    tb_archive_bool(archive, &artifact->plain);
    tb_archive_bool(archive, &artifact->members);
}

static enum tb_status take_looks(void *context, struct tb_bytes all, struct tb_error *error)
{
    struct tb_campaign *const campaign = context;
    struct tb_archive archive = tb_archive_reader(&all);
    while (archive.in.left > 0) {
        struct tb_artifact seen = {0};
        size_t index = 0;
        describe_look(&archive, &index, &seen);
        if (archive.failed || index >= campaign->artifact_count)
            return tb_error_unpack(error, "what large files are does not unpack");
        campaign->artifacts[index].plain = seen.plain;
        campaign->artifacts[index].members = seen.members;
    }
    return TB_OK;
}

/* Each rank looks at its share of the large files: one that looked at all of them would let the others wait for a minute. */
static enum tb_status look(struct job *job, struct tb_error *error)
{
    struct tb_buffer local = {0};
    struct tb_archive archive = tb_archive_writer(&local);
    tb_artifacts_look(job->campaign, (size_t)job->team->rank, (size_t)job->team->size);
    for (size_t i = 0; i < job->campaign->artifact_count; i++)
        if (job->campaign->artifacts[i].plain || job->campaign->artifacts[i].members)
            describe_look(&archive, &i, &job->campaign->artifacts[i]);
    const enum tb_status status =
        tb_team_collect(job->team, TB_OK, &local, "what large files are", true, take_looks, job->campaign, error);
    tb_buffer_free(&local);
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
    return tb_decoding_plan(&job->decoding, job->team, campaign, job->options->task, error);
}

/* OUTPUT.parts, unless others are asked for. */
static enum tb_status open_parts(struct job *job, struct tb_error *error)
{
    char *directory;
    if (job->options->parts_count > 0)
        return tb_parts_open(job->options->parts, job->options->parts_count, &job->decoding.parts, error);
    if (asprintf(&directory, "%s.parts", job->options->output_path) < 0)
        return tb_error_memory(error, "a path");
    const enum tb_status status = tb_parts_open((const char *const[]){directory}, 1, &job->decoding.parts, error);
    free(directory);
    return status;
}

enum tb_status tb_job_load(struct job *job, struct tb_error *error)
{
    enum tb_status status = tb_team_agree(job->team, open_parts(job, error), error);
    if (status == TB_OK)
        status = share_campaign(job, error);
    if (status == TB_OK)
        status = look(job, error);
    if (status == TB_OK)
        status = tb_team_agree(job->team, allocate(job, error), error);
    return status;
}

enum tb_status tb_job_claim(struct job *job, struct tb_error *error)
{
    const enum tb_status status =
        tb_team_agree(job->team, job->team->rank == 0 ? claim_outputs(job, error) : TB_OK, error);
    return status == TB_OK ? share_output(job, error) : status;
}

enum tb_status tb_job_find_parts(struct job *job, struct tb_error *error)
{
    const enum tb_status status =
        tb_team_agree(job->team, job->team->rank == 0 ? tb_parts_find(job->decoding.parts, error) : TB_OK, error);
    return status == TB_OK ? tb_decoding_share_parts(&job->decoding, error) : status;
}
