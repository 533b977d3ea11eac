/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Second stage: every artifact that exists becomes a part. Teams of ranks come
 * first, for traces and captures that are larger than a rank's share. Then each thread takes
 * the next largest file of its rank; a file that is larger than a thread's
 * share is decoded by all threads together. What went wrong with a file is its outcome;
 * only what stops the job itself (disk, memory) is an error. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "artifact_parts.h"
#include "teams.h"
#include "twinbed/base/log.h"

static bool stops_the_job(enum tb_status status)
{
    return status == TB_MEMORY || status == TB_INTERNAL || status == TB_USAGE || status == TB_STOPPED;
}

struct decode_stage {
    struct decoding *decoding;
    struct tb_progress progress;
    enum tb_status status; /* first local failure */
    struct tb_error error;
};

static bool has_failed(const struct decode_stage *stage)
{
    bool failed;
#pragma omp critical(decode_failure)
    failed = stage->status != TB_OK;
    return failed;
}

static void note_failure(struct decode_stage *stage, enum tb_status status, const struct tb_error *error)
{
#pragma omp critical(decode_failure)
    if (stage->status == TB_OK) {
        stage->status = status;
        stage->error = *error;
    }
}

static void decode_one(struct decode_stage *stage, size_t index, const struct hands *hands)
{
    struct decoding *decoding = stage->decoding;
    struct decoded *decoded = &decoding->decoded[index];
    const struct tb_artifact *artifact = &decoding->campaign->artifacts[index];
    if (decoding->campaign->runs[artifact->run].discarded)
        return;
    struct tb_error error = {0};
    struct decode_course course;
    /* Why a file cannot be read says its decoder. */
    if (tb_file_digest(artifact->path, decoded->digest, NULL) != TB_OK)
        decoded->digest[0] = '\0';
    decoded->status = tb_artifact_decode(decoding, index, hands, &course, &error);
    decoded->reused = course.reused;
    if (stops_the_job(decoded->status) || course.unsaved) {
        note_failure(stage, decoded->status, &error);
        return;
    }
    if (decoded->status != TB_OK)
        decoded->message = strdup(error.text);
    tb_progress_add(&stage->progress, artifact->size);
}

static bool skip_discarded(void *context, size_t artifact)
{
    const struct decode_stage *const stage = context;
    const struct tb_campaign *const campaign = stage->decoding->campaign;
    return campaign->runs[campaign->artifacts[artifact].run].discarded;
}

static void decode_unless_stopped(void *context, size_t artifact, const struct hands *hands)
{
    struct decode_stage *const stage = context;
    if (!has_failed(stage) && !tb_stop_requested())
        decode_one(stage, artifact, hands);
}

static void lead_team(void *context, size_t artifact, const struct tb_team *team)
{
    const struct hands hands = {.threads = team->threads, .team = team};
    decode_unless_stopped(context, artifact, &hands);
}

static enum tb_status decode_share(struct decoding *decoding, struct tb_error *error)
{
    struct decode_stage stage = {.decoding = decoding};
    const struct team_work work = {.skip = skip_discarded, .lead = lead_team, .context = &stage};
    tb_progress_start(&stage.progress, "decode", "bytes of this rank", decoding->plan.rank_bytes[decoding->team->rank]);
    const enum tb_status status = tb_teams_take_part(decoding, &work, error);
    if (status == TB_OK)
        tb_artifacts_each(decoding, decode_unless_stopped, &stage);
    tb_progress_finish(&stage.progress);
    if (stage.status != TB_OK && error != NULL)
        *error = stage.error;
    if (status != TB_OK || stage.status != TB_OK)
        return status != TB_OK ? status : stage.status;
    if (tb_stop_requested())
        return tb_error_set(error, TB_STOPPED,
                            "stopped by a signal: what is finished is kept in %s; the same command goes on from there",
                            decoding->parts);
    return TB_OK;
}

static void pack_outcome(const struct decoding *decoding, size_t artifact, struct tb_buffer *buffer)
{
    const struct decoded *decoded = &decoding->decoded[artifact];
    tb_buffer_put_u64(buffer, artifact);
    tb_buffer_put_u8(buffer, (uint8_t)decoded->status);
    tb_buffer_put_u8(buffer, decoded->reused);
    tb_buffer_put(buffer, decoded->digest, sizeof decoded->digest);
    tb_buffer_put_text(buffer, decoded->message);
}

/* Of the files of this rank, and of the teams that it leads. */
static void pack_outcomes(const struct decoding *decoding, struct tb_buffer *buffer)
{
    const struct tb_plan *const plan = &decoding->plan;
    for (size_t i = plan->rank_begin[decoding->team->rank]; i < plan->rank_begin[decoding->team->rank + 1]; i++)
        pack_outcome(decoding, plan->segments[i].artifact, buffer);
    for (size_t i = 0; i < plan->team_count; i++)
        if (plan->team_ranks[plan->teams[i].first] == decoding->team->rank)
            pack_outcome(decoding, plan->teams[i].artifact, buffer);
}

static bool unpack_outcome(struct decoding *decoding, struct tb_bytes *bytes)
{
    uint64_t artifact;
    uint8_t status, reused;
    const uint8_t *digest;
    char *message;
    if (!tb_bytes_take_u64(bytes, &artifact) || artifact >= decoding->campaign->artifact_count ||
        !tb_bytes_take_u8(bytes, &status) || !tb_bytes_take_u8(bytes, &reused) ||
        !tb_bytes_take(bytes, TB_DIGEST_TEXT_SIZE, &digest) || !tb_bytes_take_text(bytes, &message))
        return false;
    struct decoded *decoded = &decoding->decoded[artifact];
    free(decoded->message);
    *decoded = (struct decoded){.status = (enum tb_status)status, .reused = reused != 0, .message = message};
    memcpy(decoded->digest, digest, sizeof decoded->digest);
    return true;
}

/* Every rank learns the outcome of every artifact. */
static enum tb_status share_outcomes(struct decoding *decoding, struct tb_error *error)
{
    struct tb_buffer local = {0};
    struct tb_buffer all = {0};
    uint64_t *begins = calloc((size_t)decoding->team->size + 1, sizeof *begins);
    pack_outcomes(decoding, &local);
    enum tb_status status =
        begins == NULL ? tb_error_memory(error, "outcomes") : tb_buffer_check(&local, "outcomes", error);
    status = tb_team_agree(decoding->team, status, error);
    if (status == TB_OK)
        status = tb_team_gather(decoding->team, &local, true, &all, begins, error);
    if (status == TB_OK) {
        struct tb_bytes bytes = tb_bytes_packed(all.data, all.size);
        while (status == TB_OK && bytes.left > 0)
            if (!unpack_outcome(decoding, &bytes))
                status = tb_error_set(error, TB_INTERNAL, "outcomes do not unpack");
        status = tb_team_agree(decoding->team, status, error);
    }
    free(begins);
    tb_buffer_free(&local);
    tb_buffer_free(&all);
    return status;
}

enum tb_status tb_artifacts_decode(struct decoding *decoding, struct tb_error *error)
{
    enum tb_status status = tb_team_agree(decoding->team, decode_share(decoding, error), error);
    if (status == TB_OK)
        status = share_outcomes(decoding, error);
    return status;
}
