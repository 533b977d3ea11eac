/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stage over all artifacts of a plan.
 *
 *       1. files of teams, in the order of the plan: each rank leads or follows
 *       2. files that all threads of a rank share, one after the other
 *       3. the others: each thread takes the next largest
 *
 * A failure or a signal stops what is not begun; ranks agree in the end. */
#include "shares.h"

#include <stdlib.h>

#include "artifact_kinds.h"
#include "teams.h"
#include "twinbed/base/progress.h"

struct stage {
    const struct decoding *decoding;
    const struct share_work *work;
    struct tb_progress progress;
    enum tb_status status; /* first local failure */
    struct tb_error error;
};

static bool goes_on(const struct stage *stage)
{
    bool failed;
#pragma omp critical(share_failure)
    failed = stage->status != TB_OK;
    return !failed && !tb_stop_requested();
}

static void note(struct stage *stage, enum tb_status status, const struct tb_error *error)
{
#pragma omp critical(share_failure)
    if (status != TB_OK && stage->status == TB_OK) {
        stage->status = status;
        stage->error = *error;
    }
}

static uint64_t amount_of(const struct stage *stage, size_t artifact)
{
    return stage->work->in_bytes ? stage->decoding->campaign->artifacts[artifact].size : 1;
}

static void decode_one(struct stage *stage, size_t artifact, uint64_t amount, const struct workers *workers)
{
    const struct share_work *const work = stage->work;
    struct tb_error error = {0};
    if (!goes_on(stage))
        return;
    if (work->skip(work->context, artifact)) {
        tb_progress_skip(&stage->progress, amount);
        return;
    }
    note(stage, work->decode(work->context, artifact, workers, &error), &error);
    tb_progress_add(&stage->progress, amount);
}

/* Files of teams are not among those that a rank counts. */
static uint64_t share_of(const struct stage *stage, const struct tb_plan_team *planned)
{
    return stage->work->in_bytes ? planned->bytes / (uint64_t)planned->count : 0;
}

static enum tb_status take_part(struct stage *stage, const struct tb_plan_team *planned, uint64_t *begins,
                                struct tb_error *error)
{
    const struct decoding *const decoding = stage->decoding;
    struct tb_team team = {0};
    const int *const ranks = decoding->plan.team_ranks + planned->first;
    const enum tb_status status = tb_team_part(decoding->team, ranks, planned->count, &team, error);
    if (status != TB_OK)
        return status;
    if (team.rank == 0) {
        const struct workers workers = {.threads = team.threads, .team = &team};
        decode_one(stage, planned->artifact, 0, &workers);
        tb_team_dismiss(&team);
    } else {
        const enum tb_artifact_kind kind = decoding->campaign->artifacts[planned->artifact].kind;
        tb_artifact_kind_at(kind)->follow(decoding, planned->artifact, !stage->work->again, &team, begins);
    }
    tb_team_finish(&team);
    tb_progress_add(&stage->progress, share_of(stage, planned));
    return TB_OK;
}

/* The files that teams decode, in their order: leads where this rank leads, follows where it does not. */
static enum tb_status decode_in_teams(struct stage *stage, struct tb_error *error)
{
    const struct decoding *const decoding = stage->decoding;
    if (decoding->plan.team_count == 0)
        return TB_OK;
    uint64_t *const begins = calloc((size_t)decoding->team->size + 1, sizeof *begins);
    enum tb_status status =
        tb_team_agree(decoding->team, begins == NULL ? tb_error_memory(error, "a team") : TB_OK, error);
    for (size_t i = 0; status == TB_OK && i < decoding->plan.team_count; i++) {
        const struct tb_plan_team *const planned = &decoding->plan.teams[i];
        if (!tb_plan_takes_part(&decoding->plan, planned, decoding->team->rank))
            continue;
        if (stage->work->skip(stage->work->context, planned->artifact))
            tb_progress_skip(&stage->progress, share_of(stage, planned));
        else
            status = take_part(stage, planned, begins, error);
    }
    free(begins);
    return status;
}

/* How many threads are to decode the file of a segment of this rank: all, or one. */
static int threads_of(const struct decoding *decoding, const struct tb_segment *segment)
{
    const int threads = decoding->team->threads;
    return tb_plan_is_shared(decoding->campaign, &decoding->plan, segment, threads) ? threads : 1;
}

/* For each of the files that are left: none where every thread has one to decode. A decoder that waits for them leaves its
 * processor, so they are not fewer for it. */
static int spare_decompressors(int threads, size_t left)
{
    return 2 * left <= (size_t)threads ? threads / (int)left : 0;
}

/* First the files that all threads share, one after another; then from all threads, each with the next largest of the
 * others. Workers get a second thread to decompress when so few are left that there is one. */
static void decode_alone(struct stage *stage)
{
    const struct decoding *const decoding = stage->decoding;
    const struct tb_segment *const segments = decoding->plan.segments;
    const size_t begin = decoding->plan.rank_begin[decoding->team->rank];
    const size_t end = decoding->plan.rank_begin[decoding->team->rank + 1];
    const int threads = decoding->team->threads;
    const struct workers all = {.threads = threads, .decompressors = threads};
    size_t left = 0;
    for (size_t i = begin; i < end; i++)
        if (threads_of(decoding, &segments[i]) > 1)
            decode_one(stage, segments[i].artifact, amount_of(stage, segments[i].artifact), &all);
        else
            left++;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = begin; i < end; i++) {
        if (threads_of(decoding, &segments[i]) > 1)
            continue;
        size_t now;
#pragma omp atomic read
        now = left;
        const struct workers workers = {.threads = 1, .decompressors = spare_decompressors(threads, now)};
        decode_one(stage, segments[i].artifact, amount_of(stage, segments[i].artifact), &workers);
#pragma omp atomic
        left--;
    }
}

static enum tb_status decode_share(struct stage *stage, struct tb_error *error)
{
    const enum tb_status status = decode_in_teams(stage, error);
    if (status != TB_OK)
        return status;
    decode_alone(stage);
    if (stage->status != TB_OK) {
        *error = stage->error;
        return stage->status;
    }
    if (tb_stop_requested())
        return tb_error_set(error, TB_STOPPED,
                            "stopped by a signal: what is finished is kept in %s; the same command goes on from there",
                            tb_parts_directory(stage->decoding->parts));
    return TB_OK;
}

enum tb_status tb_shares_decode(const struct decoding *decoding, const struct share_work *work, struct tb_error *error)
{
    struct stage stage = {.decoding = decoding, .work = work};
    struct tb_error own = {0};
    const struct tb_plan *const plan = &decoding->plan;
    const int rank = decoding->team->rank;
    tb_progress_start(&stage.progress, work->name, work->in_bytes ? "bytes" : "files",
                      work->in_bytes ? plan->rank_bytes[rank] : plan->rank_begin[rank + 1] - plan->rank_begin[rank],
                      decoding->team->size > 1);
    const enum tb_status status = decode_share(&stage, &own);
    tb_progress_finish(&stage.progress, status == TB_OK);
    if (status != TB_OK && error != NULL)
        *error = own;
    return tb_team_agree(decoding->team, status, error);
}
