/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "team_traces.h"

#include <stdlib.h>

#include "artifact_parts.h"
#include "twinbed/base/log.h"
#include "twinbed/io/source.h"
#include "twinbed/os/trace_team.h"

/* What the lead's bytes begin with; no bytes at all dismiss the team. */
enum { MUSTER = 'm', ROUND = 'r' };

/* The lead's side of one trace. */
struct led {
    const struct tb_team *team;
    struct tb_buffer replies; /* owned; of all ranks, each after whether it was asked to stop */
    uint64_t *begins;         /* owned */
    struct tb_bytes *views;   /* owned; replies without that */
    uint32_t *threads;        /* owned; of each rank */
};

static enum tb_status stop(struct tb_error *error)
{
    return tb_error_set(error, TB_STOPPED, "stopped by a signal: the same command goes on from what is finished");
}

/* All answers of one kind are in. */
static enum tb_status look_at_replies(struct led *led, struct tb_error *error)
{
    for (int rank = 0; rank < led->team->size; rank++) {
        struct tb_bytes *const view = &led->views[rank];
        *view =
            tb_bytes_packed(led->replies.data + led->begins[rank], (size_t)(led->begins[rank + 1] - led->begins[rank]));
        uint8_t stopped = 0;
        if (!tb_bytes_take_u8(view, &stopped))
            return tb_error_set(error, TB_INTERNAL, "a rank answers nothing");
        if (stopped != 0)
            return stop(error);
    }
    return TB_OK;
}

/* What a rank answers begins with whether it was asked to stop. */
static void begin_reply(struct tb_buffer *reply)
{
    tb_buffer_put_u8(reply, tb_stop_requested());
}

static enum tb_status gather_replies(struct led *led, struct tb_error *error)
{
    struct tb_buffer own = {0};
    tb_buffer_free(&led->replies);
    begin_reply(&own);
    const enum tb_status status = tb_team_gather(led->team, &own, false, &led->replies, led->begins, error);
    tb_buffer_free(&own);
    return status == TB_OK ? look_at_replies(led, error) : status;
}

/* How many threads a rank has for this file, and, when none, why. */
static enum tb_status take_muster(const struct tb_bytes *view, uint32_t *threads, struct tb_error *error)
{
    struct tb_bytes bytes = *view;
    char *reason;
    if (!tb_bytes_take_u32(&bytes, threads) || !tb_bytes_take_text(&bytes, &reason))
        return tb_error_set(error, TB_INTERNAL, "a rank does not say how many threads it has");
    if (*threads == 0)
        tb_log_warning("%s; other ranks decode what this one should", reason);
    free(reason);
    return TB_OK;
}

/* Learns how many threads each rank has for this file. */
static enum tb_status muster(struct led *led, struct tb_error *error)
{
    struct tb_buffer call = {0};
    tb_buffer_put_u8(&call, MUSTER);
    enum tb_status status = tb_team_broadcast(led->team, &call, error);
    tb_buffer_free(&call);
    if (status == TB_OK)
        status = gather_replies(led, error);
    led->threads[0] = (uint32_t)led->team->threads;
    for (int rank = 1; status == TB_OK && rank < led->team->size; rank++)
        status = take_muster(&led->views[rank], &led->threads[rank], error);
    return status;
}

static enum tb_status lead_round(struct led *led, struct tb_trace_lead *lead, struct tb_error *error)
{
    struct tb_buffer offer = {0};
    tb_buffer_put_u8(&offer, ROUND);
    enum tb_status status = tb_trace_lead_offer(lead, &offer, error);
    /* Nothing was sent yet: the others still wait for what comes first. */
    if (status == TB_OK)
        status = tb_team_broadcast(led->team, &offer, error);
    tb_buffer_free(&offer);
    if (status != TB_OK)
        return status;
    struct tb_error own = {0};
    const enum tb_status work = tb_trace_lead_work(lead, &own);
    status = gather_replies(led, error);
    if (work != TB_OK) {
        *error = own;
        return work;
    }
    return status == TB_OK ? tb_trace_lead_join(lead, led->views, error) : status;
}

static enum tb_status lead_rounds(struct led *led, struct tb_source *source, const struct tb_trace_request *request,
                                  struct tb_trace **trace, struct tb_error *error)
{
    const struct tb_team_cut cut = {0};
    struct tb_split_outcome outcome;
    struct tb_trace_lead *lead = NULL;
    enum tb_status status = muster(led, error);
    if (status == TB_OK)
        status = tb_trace_lead_start(source, request, led->threads, (size_t)led->team->size, &cut, &lead, error);
    while (status == TB_OK && tb_trace_lead_goes_on(lead))
        status = lead_round(led, lead, error);
    if (status == TB_OK)
        status = tb_trace_lead_finish(lead, trace, &outcome, error);
    if (status == TB_OK)
        tb_log_debug("%s: %d ranks, %llu rounds; of the segments decoded ahead %llu joined, %llu did not",
                     tb_source_name(source), led->team->size, (unsigned long long)outcome.rounds,
                     (unsigned long long)outcome.joined, (unsigned long long)outcome.repeated);
    tb_trace_lead_free(lead);
    return status;
}

enum tb_status team_read_trace(const struct tb_team *team, struct tb_source *source,
                               const struct tb_trace_request *request, struct tb_trace **trace, struct tb_error *error)
{
    const size_t ranks = (size_t)team->size;
    struct tb_error own = {0};
    struct led led = {.team = team,
                      .begins = calloc(ranks + 1, sizeof *led.begins),
                      .views = calloc(ranks, sizeof *led.views),
                      .threads = calloc(ranks, sizeof *led.threads)};
    enum tb_status status = TB_OK;
    if (led.begins == NULL || led.views == NULL || led.threads == NULL)
        status = tb_error_memory(&own, "a team");
    if (status == TB_OK)
        status = lead_rounds(&led, source, request, trace, &own);
    if (status != TB_OK && error != NULL)
        *error = own;
    tb_buffer_free(&led.replies);
    free(led.begins);
    free(led.views);
    free(led.threads);
    return status;
}

void team_dismiss(const struct tb_team *team)
{
    struct tb_buffer nothing = {0};
    struct tb_error error = {0};
    if (tb_team_broadcast(team, &nothing, &error) != TB_OK)
        tb_log_warning("%s", error.text);
}

/* One of the others: its view of the file. */
struct following {
    const struct tb_team *team;
    const char *path;
    const struct tb_trace_request *request;
    uint64_t *begins;                   /* borrowed; room for what a gathering says of all ranks */
    struct tb_source *source;           /* owned; NULL when it cannot be read */
    struct tb_trace_follower *follower; /* owned; NULL then */
};

static bool open_follower(struct following *following, struct tb_error *error)
{
    return following->follower != NULL ||
           (tb_source_open(following->path, &following->source, error) == TB_OK &&
            tb_trace_follower_start(following->source, following->request, (size_t)following->team->rank,
                                    (uint32_t)following->team->threads, &following->follower, error) == TB_OK);
}

static void answer_muster(struct following *following, struct tb_buffer *reply)
{
    struct tb_error error = {0};
    const bool ready = open_follower(following, &error);
    tb_buffer_put_u32(reply, ready ? (uint32_t)following->team->threads : 0);
    tb_buffer_put_text(reply, error.text);
}

/* A reply that found no memory shrinks to nothing. */
static void answer_round(struct following *following, struct tb_bytes offer, struct tb_buffer *reply)
{
    if (following->follower != NULL)
        tb_trace_follow(following->follower, offer, reply);
    if (reply->failed) {
        tb_buffer_free(reply);
        begin_reply(reply);
    }
}

static enum tb_status answer(struct following *following, struct tb_bytes call, struct tb_error *error)
{
    struct tb_buffer reply = {0}, nothing = {0};
    uint8_t kind = 0;
    (void)!tb_bytes_take_u8(&call, &kind);
    begin_reply(&reply);
    if (kind == MUSTER)
        answer_muster(following, &reply);
    else
        answer_round(following, call, &reply);
    const enum tb_status status = tb_team_gather(following->team, &reply, false, &nothing, following->begins, error);
    tb_buffer_free(&reply);
    return status;
}

/* False when the team is dismissed, or MPI fails. What else fails is agreed on; then the lead dismisses it next. */
static bool follow_once(struct following *following)
{
    struct tb_buffer call = {0};
    struct tb_error error = {0};
    enum tb_status status = tb_team_broadcast(following->team, &call, &error);
    const bool dismissed = status == TB_OK && call.size == 0;
    if (status == TB_OK && !dismissed)
        status = answer(following, tb_bytes_packed(call.data, call.size), &error);
    tb_buffer_free(&call);
    return !dismissed && status != TB_INTERNAL;
}

void team_follow_trace(const struct tb_team *team, const char *path, const struct tb_trace_request *request,
                       uint64_t *begins)
{
    struct following following = {.team = team, .path = path, .request = request, .begins = begins};
    while (follow_once(&following))
        ;
    tb_trace_follower_free(following.follower);
    tb_source_close(following.source);
}

static enum tb_status take_part(const struct job *job, const struct tb_plan_team *planned, const struct team_work *work,
                                uint64_t *begins, struct tb_error *error)
{
    struct tb_team team = {0};
    const int *const ranks = job->plan.team_ranks + planned->first;
    const enum tb_status status = tb_team_part(job->team, ranks, planned->count, &team, error);
    if (status != TB_OK)
        return status;
    if (team.rank == 0) {
        work->lead(work->context, planned->artifact, &team);
        team_dismiss(&team);
    } else {
        trace_follow(job, planned->artifact, !work->again, &team, begins);
    }
    tb_team_finish(&team);
    return TB_OK;
}

enum tb_status teams_take_part(const struct job *job, const struct team_work *work, struct tb_error *error)
{
    if (job->plan.team_count == 0)
        return TB_OK;
    uint64_t *const begins = calloc((size_t)job->team->size + 1, sizeof *begins);
    enum tb_status status = tb_team_agree(job->team, begins == NULL ? tb_error_memory(error, "a team") : TB_OK, error);
    for (size_t i = 0; status == TB_OK && i < job->plan.team_count; i++) {
        const struct tb_plan_team *const planned = &job->plan.teams[i];
        if (tb_plan_takes_part(&job->plan, planned, job->team->rank) && !work->skip(work->context, planned->artifact))
            status = take_part(job, planned, work, begins, error);
    }
    free(begins);
    return status;
}
