/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "team_traces.h"

#include "twinbed/base/log.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace_team.h"

enum { ROUND = 'r' };

static enum tb_status lead_round(struct team_talk *talk, struct tb_trace_lead *lead, struct tb_error *error)
{
    struct tb_buffer offer = {0};
    tb_team_call_begin(&offer, ROUND);
    enum tb_status status = tb_trace_lead_offer(lead, &offer, error);
    /* Nothing was sent yet: the others still wait for what comes first. */
    if (status == TB_OK)
        status = tb_team_talk_call(talk, &offer, error);
    tb_buffer_free(&offer);
    if (status != TB_OK)
        return status;
    struct tb_error own = {0};
    const enum tb_status work = tb_trace_lead_work(lead, &own);
    status = tb_team_talk_hear(talk, error);
    if (work != TB_OK) {
        *error = own;
        return work;
    }
    return status == TB_OK ? tb_trace_lead_join(lead, talk->views, error) : status;
}

static enum tb_status lead_rounds(struct team_talk *talk, struct tb_source *source,
                                  const struct tb_trace_request *request, struct tb_trace **trace,
                                  struct tb_error *error)
{
    const struct tb_team_cut cut = {0};
    struct tb_split_outcome outcome;
    struct tb_trace_lead *lead = NULL;
    enum tb_status status =
        tb_trace_lead_start(source, request, talk->threads, (size_t)talk->team->size, &cut, &lead, error);
    while (status == TB_OK && tb_trace_lead_goes_on(lead))
        status = lead_round(talk, lead, error);
    if (status == TB_OK)
        status = tb_trace_lead_finish(lead, trace, &outcome, error);
    if (status == TB_OK)
        tb_log_debug("%s: %d ranks, %llu rounds; of the segments decoded ahead %llu joined, %llu did not",
                     tb_source_name(source), talk->team->size, (unsigned long long)outcome.rounds,
                     (unsigned long long)outcome.joined, (unsigned long long)outcome.repeated);
    tb_trace_lead_free(lead);
    return status;
}

enum tb_status tb_team_read_trace(const struct tb_team *team, struct tb_source *source,
                                  const struct tb_trace_request *request, struct tb_trace **trace,
                                  struct tb_error *error)
{
    struct tb_error own = {0};
    struct team_talk talk;
    enum tb_status status = tb_team_talk_begin(&talk, team, &own);
    if (status == TB_OK)
        status = lead_rounds(&talk, source, request, trace, &own);
    tb_team_talk_end(&talk);
    if (status != TB_OK && error != NULL)
        *error = own;
    return status;
}

/* One of the others: its view of the file. */
struct following {
    const struct tb_team *team;
    const char *path;
    const struct tb_trace_request *request;
    struct tb_source *source;           /* owned; NULL when it cannot be read */
    struct tb_trace_follower *follower; /* owned; NULL then */
};

static bool open_trace(void *context, struct tb_error *error)
{
    struct following *const following = context;
    return following->follower != NULL ||
           (tb_source_open(following->path, &following->source, error) == TB_OK &&
            tb_trace_follower_start(following->source, following->request, (size_t)following->team->rank,
                                    (uint32_t)following->team->threads, &following->follower, error) == TB_OK);
}

static enum tb_status answer_round(void *context, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply,
                                   struct tb_error *error)
{
    struct following *const following = context;
    (void)kind;
    (void)error;
    if (following->follower != NULL)
        tb_trace_follow(following->follower, call, reply);
    return TB_OK;
}

void tb_team_follow_trace(const struct tb_team *team, const char *path, const struct tb_trace_request *request,
                          uint64_t *begins)
{
    struct following following = {.team = team, .path = path, .request = request};
    const struct team_follower follower = {.open = open_trace, .answer = answer_round, .context = &following};
    tb_team_follow(team, &follower, begins);
    tb_trace_follower_free(following.follower);
    tb_source_close(following.source);
}
