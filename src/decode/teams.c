/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "teams.h"

#include <stdlib.h>

#include "twinbed/base/log.h"

/* What the lead's bytes begin with, or another kind; no bytes at all dismiss the team. */
enum { MUSTER = 0 };

enum tb_status tb_team_talk_stop(struct tb_error *error)
{
    return tb_error_set(error, TB_STOPPED, "stopped by a signal: the same command goes on from what is finished");
}

/* All answers of one kind are in. */
static enum tb_status look_at_replies(struct team_talk *talk, struct tb_error *error)
{
    for (int rank = 0; rank < talk->team->size; rank++) {
        struct tb_bytes *const view = &talk->views[rank];
        *view = tb_bytes_packed(talk->replies.data + talk->begins[rank],
                                (size_t)(talk->begins[rank + 1] - talk->begins[rank]));
        uint8_t stopped = 0;
        if (!tb_bytes_take_u8(view, &stopped))
            return tb_error_set(error, TB_INTERNAL, "a rank answers nothing");
        if (stopped != 0)
            return tb_team_talk_stop(error);
    }
    return TB_OK;
}

/* What a rank answers begins with whether it was asked to stop. */
static void begin_reply(struct tb_buffer *reply)
{
    tb_buffer_put_u8(reply, tb_stop_requested());
}

enum tb_status tb_team_talk_hear(struct team_talk *talk, struct tb_error *error)
{
    struct tb_buffer own = {0};
    tb_buffer_free(&talk->replies);
    begin_reply(&own);
    const enum tb_status status = tb_team_gather(talk->team, &own, false, &talk->replies, talk->begins, error);
    tb_buffer_free(&own);
    return status == TB_OK ? look_at_replies(talk, error) : status;
}

void tb_team_call_begin(struct tb_buffer *call, uint8_t kind)
{
    call->size = 0;
    tb_buffer_put_u8(call, kind);
}

enum tb_status tb_team_talk_call(const struct team_talk *talk, struct tb_buffer *call, struct tb_error *error)
{
    return tb_team_broadcast(talk->team, call, error);
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

static enum tb_status muster(struct team_talk *talk, struct tb_error *error)
{
    struct tb_buffer call = {0};
    tb_team_call_begin(&call, MUSTER);
    enum tb_status status = tb_team_talk_call(talk, &call, error);
    tb_buffer_free(&call);
    if (status == TB_OK)
        status = tb_team_talk_hear(talk, error);
    talk->threads[0] = (uint32_t)talk->team->threads;
    for (int rank = 1; status == TB_OK && rank < talk->team->size; rank++)
        status = take_muster(&talk->views[rank], &talk->threads[rank], error);
    return status;
}

enum tb_status tb_team_talk_begin(struct team_talk *talk, const struct tb_team *team, struct tb_error *error)
{
    const size_t ranks = (size_t)team->size;
    *talk = (struct team_talk){.team = team,
                               .begins = calloc(ranks + 1, sizeof *talk->begins),
                               .views = calloc(ranks, sizeof *talk->views),
                               .threads = calloc(ranks, sizeof *talk->threads)};
    if (talk->begins == NULL || talk->views == NULL || talk->threads == NULL)
        return tb_error_memory(error, "a team");
    return muster(talk, error);
}

void tb_team_talk_end(struct team_talk *talk)
{
    tb_buffer_free(&talk->replies);
    free(talk->begins);
    free(talk->views);
    free(talk->threads);
    *talk = (struct team_talk){0};
}

void tb_team_dismiss(const struct tb_team *team)
{
    struct tb_buffer nothing = {0};
    struct tb_error error = {0};
    if (tb_team_broadcast(team, &nothing, &error) != TB_OK)
        tb_log_warning("%s", error.text);
}

static void answer_muster(const struct tb_team *team, const struct team_follower *follower, struct tb_buffer *reply)
{
    struct tb_error error = {0};
    const bool ready = follower->open(follower->context, &error);
    tb_buffer_put_u32(reply, ready ? (uint32_t)team->threads : 0);
    tb_buffer_put_text(reply, error.text);
}

static enum tb_status answer(const struct tb_team *team, const struct team_follower *follower, struct tb_bytes call,
                             uint64_t *begins, struct tb_error *error)
{
    struct tb_buffer reply = {0}, nothing = {0};
    uint8_t kind = MUSTER;
    enum tb_status status = TB_OK;
    (void)!tb_bytes_take_u8(&call, &kind);
    begin_reply(&reply);
    if (kind == MUSTER)
        answer_muster(team, follower, &reply);
    else
        status = follower->answer(follower->context, kind, call, &reply, error);
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
static bool follow_once(const struct tb_team *team, const struct team_follower *follower, uint64_t *begins)
{
    struct tb_buffer call = {0};
    struct tb_error error = {0};
    enum tb_status status = tb_team_broadcast(team, &call, &error);
    const bool dismissed = status == TB_OK && call.size == 0;
    if (status == TB_OK && !dismissed)
        status = answer(team, follower, tb_bytes_packed(call.data, call.size), begins, &error);
    tb_buffer_free(&call);
    return !dismissed && status != TB_INTERNAL;
}

void tb_team_follow(const struct tb_team *team, const struct team_follower *follower, uint64_t *begins)
{
    while (follow_once(team, follower, begins))
        ;
}
