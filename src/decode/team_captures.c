/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "team_captures.h"

#include <stdlib.h>
#include <string.h>

#include "twinbed/base/log.h"
#include "twinbed/capture/capture_team.h"
#include "twinbed/io/source.h"

/* What the lead asks for. Behind FLOWS and ROWS comes the number of the rank whose flows it wants. */
enum { ROUND = 'r', FLOWS = 'f', ROWS = 'w' };

/* Packets from each to each. begins: room for twice one more than the team's ranks. member NULL: this rank neither has
 * nor wants any. */
static enum tb_status exchange_packets(const struct tb_team *team, struct tb_capture_member *member, uint64_t *begins,
                                       struct tb_error *error)
{
    uint64_t *const sent_begins = begins + team->size + 1;
    struct tb_buffer sent = {0}, received = {0};
    sent_begins[0] = 0;
    for (int rank = 0; rank < team->size; rank++) {
        if (member != NULL)
            tb_capture_member_send(member, (size_t)rank, &sent);
        sent_begins[rank + 1] = sent.size;
    }
    /* Those who need what is missing then say so. */
    if (sent.failed) {
        tb_buffer_free(&sent);
        memset(sent_begins, 0, ((size_t)team->size + 1) * sizeof *sent_begins);
    }
    const enum tb_status status = tb_team_exchange(team, &sent, sent_begins, &received, begins, error);
    tb_buffer_free(&sent);
    if (status == TB_OK && member != NULL)
        tb_capture_member_take(member, &received, begins);
    tb_buffer_free(&received);
    return status;
}

static enum tb_status lead_round(struct team_talk *talk, struct tb_capture_lead *lead, uint64_t *begins,
                                 struct tb_error *error)
{
    struct tb_buffer offer = {0};
    struct tb_error own = {0};
    tb_team_call_begin(&offer, ROUND);
    const size_t kind = offer.size;
    enum tb_status status = tb_capture_lead_offer(lead, &offer, error);
    /* Nothing was sent yet: the others still wait for what comes first. */
    if (status == TB_OK)
        status = tb_team_talk_call(talk, &offer, error);
    if (status != TB_OK) {
        tb_buffer_free(&offer);
        return status;
    }
    const enum tb_status work = tb_capture_lead_work(lead, tb_bytes_packed(offer.data + kind, offer.size - kind), &own);
    tb_buffer_free(&offer);
    status = exchange_packets(talk->team, tb_capture_lead_member(lead), begins, error);
    if (status == TB_OK)
        status = tb_team_talk_hear(talk, error);
    if (work != TB_OK) {
        *error = own;
        return work;
    }
    return status == TB_OK ? tb_capture_lead_settle(lead, talk->views, error) : status;
}

/* What one rank answers to FLOWS or ROWS. */
static enum tb_status ask_rank(struct team_talk *talk, uint8_t kind, int rank, struct tb_error *error)
{
    struct tb_buffer call = {0};
    tb_team_call_begin(&call, kind);
    tb_buffer_put_u64(&call, (uint64_t)rank);
    enum tb_status status = tb_team_talk_call(talk, &call, error);
    tb_buffer_free(&call);
    return status == TB_OK ? tb_team_talk_hear(talk, error) : status;
}

static enum tb_status collect_rows(struct team_talk *talk, struct tb_capture_lead *lead, int rank,
                                   struct tb_error *error)
{
    enum tb_status status = TB_OK;
    bool more = true;
    while (status == TB_OK && more) {
        status = ask_rank(talk, ROWS, rank, error);
        if (status == TB_OK)
            status = tb_capture_lead_add_rows(lead, (size_t)rank, talk->views[rank], &more, error);
        tb_buffer_free(&talk->replies);
    }
    return status;
}

/* The flows of one rank after the other, so that no more than those of one are held twice. */
static enum tb_status collect_flows(struct team_talk *talk, struct tb_capture_lead *lead, bool rows,
                                    struct tb_error *error)
{
    enum tb_status status = TB_OK;
    bool wanted = true;
    for (int rank = 1; status == TB_OK && wanted && rank < talk->team->size; rank++) {
        if (talk->threads[rank] == 0)
            continue;
        status = ask_rank(talk, FLOWS, rank, error);
        if (status == TB_OK)
            wanted = tb_capture_lead_add(lead, (size_t)rank, talk->views[rank]);
        tb_buffer_free(&talk->replies);
        if (status == TB_OK && wanted && rows)
            status = collect_rows(talk, lead, rank, error);
    }
    return status;
}

static void log_outcome(const struct team_talk *talk, const struct tb_source *source,
                        const struct tb_capture_team_outcome *outcome)
{
    if (outcome->alone)
        tb_log_warning("%s: %s; one rank decoded it alone", tb_source_name(source), outcome->reason);
    tb_log_debug("%s: %d ranks, %llu rounds; of the segments parsed ahead %llu joined, %llu did not",
                 tb_source_name(source), talk->team->size, (unsigned long long)outcome->rounds,
                 (unsigned long long)outcome->joined, (unsigned long long)outcome->repeated);
}

static enum tb_status lead_rounds(struct team_talk *talk, struct tb_source *source,
                                  const struct tb_capture_request *request, struct tb_capture **capture,
                                  struct tb_error *error)
{
    const struct tb_capture_team_cut cut = {0};
    struct tb_capture_team_outcome outcome;
    struct tb_capture_lead *lead = NULL;
    uint64_t *const begins = calloc(2 * ((size_t)talk->team->size + 1), sizeof *begins);
    if (begins == NULL)
        return tb_error_memory(error, "a team");
    enum tb_status status =
        tb_capture_lead_start(source, request, talk->threads, (size_t)talk->team->size, &cut, &lead, error);
    while (status == TB_OK && tb_capture_lead_goes_on(lead))
        status = lead_round(talk, lead, begins, error);
    if (status == TB_OK)
        status = collect_flows(talk, lead, request->rows == TB_FLOW_ROWS_ALL, error);
    if (status == TB_OK)
        status = tb_capture_lead_finish(lead, capture, &outcome, error);
    if (status == TB_OK)
        log_outcome(talk, source, &outcome);
    tb_capture_lead_free(lead);
    free(begins);
    return status;
}

enum tb_status tb_team_read_capture(const struct tb_team *team, struct tb_source *source,
                                    const struct tb_capture_request *request, struct tb_capture **capture,
                                    struct tb_error *error)
{
    struct tb_error own = {0};
    struct team_talk talk;
    enum tb_status status = tb_team_talk_begin(&talk, team, &own);
    if (status == TB_OK)
        status = lead_rounds(&talk, source, request, capture, &own);
    tb_team_talk_end(&talk);
    if (status != TB_OK && error != NULL)
        *error = own;
    return status;
}

/* One of the others: its view of the file. */
struct following {
    const struct tb_team *team;
    const char *path;
    const struct tb_capture_request *request;
    uint64_t *begins;                 /* borrowed */
    struct tb_source *source;         /* owned; NULL when it cannot be read */
    struct tb_capture_member *member; /* owned; NULL then */
};

static bool open_capture(void *context, struct tb_error *error)
{
    struct following *const following = context;
    return following->member != NULL ||
           (tb_source_open(following->path, &following->source, error) == TB_OK &&
            tb_capture_member_start(following->source, following->request, (size_t)following->team->rank,
                                    (uint32_t)following->team->threads, &following->member, error) == TB_OK);
}

static enum tb_status answer_round(struct following *following, struct tb_bytes offer, struct tb_buffer *reply,
                                   struct tb_error *error)
{
    struct tb_capture_member *const member = following->member;
    if (member != NULL)
        tb_capture_member_work(member, offer);
    const enum tb_status status = exchange_packets(following->team, member, following->begins, error);
    if (status == TB_OK && member != NULL)
        tb_capture_member_reply(member, reply);
    return status;
}

static void answer_flows(const struct following *following, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply)
{
    uint64_t rank;
    if (following->member == NULL || !tb_bytes_take_u64(&call, &rank) || rank != (uint64_t)following->team->rank)
        return;
    if (kind == ROWS)
        tb_capture_member_rows(following->member, reply);
    else
        tb_capture_member_result(following->member, reply);
}

static enum tb_status answer(void *context, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply,
                             struct tb_error *error)
{
    if (kind == ROUND)
        return answer_round(context, call, reply, error);
    answer_flows(context, kind, call, reply);
    return TB_OK;
}

void tb_team_follow_capture(const struct tb_team *team, const char *path, const struct tb_capture_request *request,
                            uint64_t *begins)
{
    struct following following = {.team = team, .path = path, .request = request, .begins = begins};
    const struct team_follower follower = {.open = open_capture, .answer = answer, .context = &following};
    tb_team_follow(team, &follower, begins);
    tb_capture_member_free(following.member);
    tb_source_close(following.source);
}
