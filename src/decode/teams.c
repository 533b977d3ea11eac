/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape that all teams have: a handshake (who takes part, with how many threads), calls that
 * all answer, and dismissal. Every answer begins with whether its rank was asked to stop, so that
 * the lead learns of signals without a call of its own. */
#include "teams.h"

#include <stdlib.h>

#include "twinbed/base/log.h"

/* What the lead's bytes begin with, or another kind; no bytes at all dismiss the team. */
enum { HANDSHAKE = 0 };

enum tb_status tb_team_stopped(struct tb_error *error)
{
    return tb_error_set(error, TB_STOPPED, "stopped by a signal: the same command goes on from what is finished");
}

/* All answers of one kind are in. */
static enum tb_status look_at_replies(struct team_leader *leader, struct tb_error *error)
{
    for (int rank = 0; rank < leader->team->size; rank++) {
        struct tb_bytes *const view = &leader->views[rank];
        *view = tb_bytes_packed(leader->replies.data + leader->begins[rank],
                                (size_t)(leader->begins[rank + 1] - leader->begins[rank]));
        uint8_t stopped = 0;
        if (!tb_bytes_take_u8(view, &stopped))
            return tb_error_set(error, TB_INTERNAL, "a rank answers nothing");
        if (stopped != 0)
            return tb_team_stopped(error);
    }
    return TB_OK;
}

/* What a rank answers begins with whether it was asked to stop. */
static void begin_reply(struct tb_buffer *reply)
{
    tb_buffer_put_u8(reply, tb_stop_requested());
}

enum tb_status tb_team_leader_gather(struct team_leader *leader, struct tb_error *error)
{
    struct tb_buffer own = {0};
    tb_buffer_free(&leader->replies);
    begin_reply(&own);
    const enum tb_status status = tb_team_gather(leader->team, &own, false, &leader->replies, leader->begins, error);
    tb_buffer_free(&own);
    return status == TB_OK ? look_at_replies(leader, error) : status;
}

void tb_team_call_begin(struct tb_buffer *call, uint8_t kind)
{
    call->size = 0;
    tb_buffer_put_u8(call, kind);
}

enum tb_status tb_team_leader_call(const struct team_leader *leader, struct tb_buffer *call, struct tb_error *error)
{
    return tb_team_broadcast(leader->team, call, error);
}

/* How many threads a rank has for this file, and, when none, why. */
static enum tb_status take_handshake(const struct tb_bytes *view, uint32_t *threads, struct tb_error *error)
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

static enum tb_status handshake(struct team_leader *leader, struct tb_error *error)
{
    struct tb_buffer call = {0};
    tb_team_call_begin(&call, HANDSHAKE);
    enum tb_status status = tb_team_leader_call(leader, &call, error);
    tb_buffer_free(&call);
    if (status == TB_OK)
        status = tb_team_leader_gather(leader, error);
    leader->threads[0] = (uint32_t)leader->team->threads;
    for (int rank = 1; status == TB_OK && rank < leader->team->size; rank++)
        status = take_handshake(&leader->views[rank], &leader->threads[rank], error);
    return status;
}

enum tb_status tb_team_leader_begin(struct team_leader *leader, const struct tb_team *team, struct tb_error *error)
{
    const size_t ranks = (size_t)team->size;
    *leader = (struct team_leader){.team = team,
                                   .begins = calloc(ranks + 1, sizeof *leader->begins),
                                   .views = calloc(ranks, sizeof *leader->views),
                                   .threads = calloc(ranks, sizeof *leader->threads)};
    if (leader->begins == NULL || leader->views == NULL || leader->threads == NULL)
        return tb_error_memory(error, "a team");
    return handshake(leader, error);
}

void tb_team_leader_end(struct team_leader *leader)
{
    tb_buffer_free(&leader->replies);
    free(leader->begins);
    free(leader->views);
    free(leader->threads);
    *leader = (struct team_leader){0};
}

void tb_team_dismiss(const struct tb_team *team)
{
    struct tb_buffer nothing = {0};
    struct tb_error error = {0};
    if (tb_team_broadcast(team, &nothing, &error) != TB_OK)
        tb_log_warning("%s", error.text);
}

static void answer_handshake(const struct tb_team *team, const struct team_worker *worker, struct tb_buffer *reply)
{
    struct tb_error error = {0};
    const bool ready = worker->open(worker->context, &error);
    tb_buffer_put_u32(reply, ready ? (uint32_t)team->threads : 0);
    tb_buffer_put_text(reply, error.text);
}

static enum tb_status answer(const struct tb_team *team, const struct team_worker *worker, struct tb_bytes call,
                             uint64_t *begins, struct tb_error *error)
{
    struct tb_buffer reply = {0}, nothing = {0};
    uint8_t kind = HANDSHAKE;
    enum tb_status status = TB_OK;
    (void)!tb_bytes_take_u8(&call, &kind);
    begin_reply(&reply);
    if (kind == HANDSHAKE)
        answer_handshake(team, worker, &reply);
    else
        status = worker->answer(worker->context, kind, call, &reply, error);
    /* A reply that found no memory shrinks to nothing. */
    if (reply.failed) {
        tb_buffer_free(&reply);
        begin_reply(&reply);
    }
    if (status == TB_OK)
        status = tb_team_gather(team, &reply, false, &nothing, begins, error);
    tb_buffer_free(&reply);
    return status;
}

/* False when the team is dismissed, or MPI fails. What else fails is agreed on; then the lead dismisses it next. */
static bool follow_once(const struct tb_team *team, const struct team_worker *worker, uint64_t *begins)
{
    struct tb_buffer call = {0};
    struct tb_error error = {0};
    enum tb_status status = tb_team_broadcast(team, &call, &error);
    const bool dismissed = status == TB_OK && call.size == 0;
    if (status == TB_OK && !dismissed)
        status = answer(team, worker, tb_bytes_packed(call.data, call.size), begins, &error);
    tb_buffer_free(&call);
    return !dismissed && status != TB_INTERNAL;
}

void tb_team_work(const struct tb_team *team, const struct team_worker *worker, uint64_t *begins)
{
    while (follow_once(team, worker, begins))
        ;
}
