/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stage over all artifacts of a plan.
 *
 *       1. files of teams, in the order of the plan: each rank leads or follows
 *       2. from the queue, files that all threads of a rank share, one after the other
 *       3. from the queue, the others: each thread takes the next
 *
 * A failure or a signal stops what is not begun; ranks agree in the end. */
#include "shares.h"

#include <omp.h>
#include <stdlib.h>

#include "artifact_kinds.h"
#include "teams.h"
#include "twinbed/parallel/queue.h"

struct stage {
    const struct decoding *decoding;
    const struct share_work *work;
    struct tb_progress progress; /* rank 0: of all ranks */
    size_t *order;               /* owned; artifacts as the queue has them */
    size_t count;                /* of these */
    uint64_t *costs;             /* owned; of these */
    size_t shared_count;         /* of these: so many are for all threads of a rank together */
    struct tb_queue *queue;      /* owned */
    enum tb_status status;       /* first local failure */
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

static void decode_one(struct stage *stage, size_t artifact, const struct workers *workers)
{
    const struct share_work *const work = stage->work;
    struct tb_error error = {0};
    if (!goes_on(stage))
        return;
    const bool skipped = work->skip(work->context, artifact);
    if (!skipped)
        note(stage, work->decode(work->context, artifact, workers, &error), &error);
    tb_queue_note(stage->queue, amount_of(stage, artifact), skipped);
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
        decode_one(stage, planned->artifact, &workers);
        tb_team_dismiss(&team);
    } else {
        const enum tb_artifact_kind kind = decoding->campaign->artifacts[planned->artifact].kind;
        tb_artifact_kind_at(kind)->follow(decoding, planned->artifact, !stage->work->again, &team, begins);
    }
    tb_team_finish(&team);
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
        if (!stage->work->skip(stage->work->context, planned->artifact))
            status = take_part(stage, planned, begins, error);
        else if (decoding->plan.team_ranks[planned->first] == decoding->team->rank)
            tb_queue_note(stage->queue, amount_of(stage, planned->artifact), true);
    }
    free(begins);
    return status;
}

/* The next item; behind the last one after a failure or a signal, too. */
static size_t take_next(struct stage *stage)
{
    size_t item = stage->count;
    struct tb_error error = {0};
    if (goes_on(stage))
        note(stage, tb_queue_next(stage->queue, &item, &error), &error);
    return item;
}

/* One of a rank's threads: decodes what it has, and takes the next, until the list is at its end. Near the end threads outnumber
 * files; those without one decompress for the others. A decoder that waits for them leaves its processor, so they are not
 * fewer for it. busy: threads that have a file. */
static void decode_as_thread(struct stage *stage, size_t item, int *busy)
{
    const int threads = stage->decoding->team->threads;
    for (; item < stage->count; item = take_next(stage)) {
        int now;
#pragma omp atomic read
        now = *busy;
        const struct workers workers = {.threads = 1, .decompressors = 2 * now <= threads ? threads / now : 0};
        decode_one(stage, stage->order[item], &workers);
    }
#pragma omp atomic
    (*busy)--;
}

/* Files that all threads share come first in the list. */
static void decode_from_queue(struct stage *stage)
{
    const int threads = stage->decoding->team->threads;
    const struct workers all = {.threads = threads, .decompressors = threads};
    size_t item = take_next(stage);
    for (; item < stage->shared_count; item = take_next(stage))
        decode_one(stage, stage->order[item], &all);
    int busy = threads;
#pragma omp parallel num_threads(threads)
    decode_as_thread(stage, omp_get_thread_num() == 0 ? item : take_next(stage), &busy);
}

static enum tb_status decode_share(struct stage *stage, struct tb_error *error)
{
    const enum tb_status status = stage->work->alone ? TB_OK : decode_in_teams(stage, error);
    if (status != TB_OK)
        return status;
    decode_from_queue(stage);
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

/* --- the list --- */

struct listed {
    size_t artifact;
    uint64_t cost;
    bool shared;
};

/* What all threads share before others: so it is the small files that fill what is left in the end. */
static int compare_listed(const void *a, const void *b)
{
    const struct listed *const x = a, *const y = b;
    if (x->shared != y->shared)
        return x->shared ? -1 : 1;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return (x->artifact > y->artifact) - (x->artifact < y->artifact);
}

/* threads: of a rank, the same on all. */
static struct listed describe(const struct stage *stage, const struct tb_segment *segment, int threads)
{
    const struct tb_campaign *const campaign = stage->decoding->campaign;
    return (struct listed){.artifact = segment->artifact,
                           .cost = tb_plan_cost(&campaign->artifacts[segment->artifact]),
                           .shared = !stage->work->alone &&
                                     tb_plan_is_shared(campaign, &stage->decoding->plan, segment, threads)};
}

/* Where each file is for one thread alone, those of teams are in the list. */
static size_t describe_all(const struct stage *stage, int threads, struct listed *list)
{
    const struct tb_plan *const plan = &stage->decoding->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->segment_count; i++)
        list[count++] = describe(stage, &plan->segments[i], threads);
    for (size_t i = 0; i < plan->team_count && stage->work->alone; i++)
        list[count++] = describe(stage, &(struct tb_segment){.artifact = plan->teams[i].artifact}, threads);
    return count;
}

static bool make_list(struct stage *stage, int threads)
{
    const size_t most = stage->decoding->plan.segment_count + stage->decoding->plan.team_count;
    struct listed *const list = calloc(most + 1, sizeof *list);
    stage->order = calloc(most + 1, sizeof *stage->order);
    stage->costs = calloc(most + 1, sizeof *stage->costs);
    const bool good = list != NULL && stage->order != NULL && stage->costs != NULL;
    stage->count = good ? describe_all(stage, threads, list) : 0;
    if (stage->count > 1)
        qsort(list, stage->count, sizeof *list, compare_listed);
    for (size_t i = 0; i < stage->count; i++) {
        stage->order[i] = list[i].artifact;
        stage->costs[i] = list[i].cost;
        stage->shared_count += list[i].shared;
    }
    free(list);
    return good;
}

/* Rank 0's, for all: ranks may have different numbers of threads, but must have one list. */
static enum tb_status agree_on_threads(const struct tb_team *team, uint32_t *threads, struct tb_error *error)
{
    struct tb_buffer buffer = {0};
    if (team->rank == 0)
        tb_buffer_put_u32(&buffer, (uint32_t)team->threads);
    const enum tb_status status = tb_team_broadcast(team, &buffer, error);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    if (status == TB_OK && !tb_bytes_take_u32(&bytes, threads))
        *threads = 1;
    tb_buffer_free(&buffer);
    return status;
}

static enum tb_status open_queue(struct stage *stage, struct tb_error *error)
{
    const struct decoding *const decoding = stage->decoding;
    uint32_t threads = 1;
    enum tb_status status = agree_on_threads(decoding->team, &threads, error);
    if (status != TB_OK)
        return status;
    const bool good = make_list(stage, (int)threads);
    status = tb_team_agree(decoding->team, good ? TB_OK : tb_error_memory(error, "the list of files to decode"), error);
    if (status != TB_OK)
        return status;
    return tb_queue_open(decoding->team, stage->costs, stage->count,
                         decoding->team->rank == 0 ? &stage->progress : NULL, &stage->queue, error);
}

static enum tb_status run(struct stage *stage, struct tb_error *error)
{
    enum tb_status status = open_queue(stage, error);
    if (status != TB_OK)
        return status;
    status = decode_share(stage, error);
    struct tb_error own = {0};
    const enum tb_status closed = tb_queue_close(stage->queue, status != TB_OK, &own);
    if (status == TB_OK && closed != TB_OK) {
        *error = own;
        status = closed;
    }
    return tb_team_agree(stage->decoding->team, status, error);
}

enum tb_status tb_shares_decode(const struct decoding *decoding, const struct share_work *work, struct tb_error *error)
{
    struct stage stage = {.decoding = decoding, .work = work};
    struct tb_error own = {0};
    const struct tb_plan *const plan = &decoding->plan;
    tb_progress_start(&stage.progress, work->name, work->in_bytes ? "bytes" : "files",
                      work->in_bytes ? plan->total_bytes : plan->segment_count + plan->team_count, false);
    const enum tb_status status = run(&stage, &own);
    tb_progress_finish(&stage.progress, status == TB_OK);
    if (status != TB_OK && error != NULL)
        *error = own;
    free(stage.order);
    free(stage.costs);
    return status;
}
