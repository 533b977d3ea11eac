/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries messages of a capture's team (capture/capture_team.h) between ranks: one call tells all
 * to read; what they come to travels on a channel. */
#include "team_captures.h"

#include <stdlib.h>

#include "twinbed/base/log.h"
#include "twinbed/capture/capture_team.h"
#include "twinbed/io/source.h"

/* All are told to read, and how many threads each rank has for that. What the others come to travels on a channel. */
enum { READ = 'r', CHANNEL = 0 };

/* --- who leads --- */

static enum tb_status receive(void *context, size_t member, struct tb_buffer *bytes, struct tb_error *error)
{
    const struct team_leader *const leader = context;
    return tb_team_receive(leader->team, (int)member, CHANNEL, bytes, error);
}

static enum tb_status call_all(const struct team_leader *leader, struct tb_error *error)
{
    struct tb_buffer call = {0};
    tb_team_call_begin(&call, READ);
    for (int rank = 0; rank < leader->team->size; rank++)
        tb_buffer_put_u32(&call, leader->threads[rank]);
    enum tb_status status = tb_buffer_check(&call, "a team", error);
    if (status == TB_OK)
        status = tb_team_leader_call(leader, &call, error);
    tb_buffer_free(&call);
    return status;
}

static void log_outcome(const struct team_leader *leader, const struct tb_source *source,
                        const struct tb_capture_team_outcome *outcome)
{
    if (outcome->alone)
        tb_log_warning("%s: %s; one rank decoded it alone", tb_source_name(source), outcome->reason);
    tb_log_debug("%s: %d ranks, of the chunks that the first decoded ahead %llu were committed, %llu repeated",
                 tb_source_name(source), leader->team->size, (unsigned long long)outcome->chunks.committed,
                 (unsigned long long)outcome->chunks.repeated);
}

/* A signal lets the file in hand be finished: the next one is not begun. */
static enum tb_status lead(struct team_leader *leader, struct tb_source *source,
                           const struct tb_capture_request *request, struct tb_capture **capture,
                           struct tb_error *error)
{
    const struct tb_capture_members members = {.threads = leader->threads, .count = (size_t)leader->team->size};
    const struct tb_capture_transport transport = {.receive = receive, .context = leader};
    struct tb_capture_team_outcome outcome;
    struct tb_error own = {0};
    enum tb_status status = call_all(leader, error);
    if (status != TB_OK)
        return status;
    const struct tb_capture_split how = tb_capture_split_for(leader->team->threads);
    const enum tb_status read =
        tb_capture_read_together(source, request, &how, &members, &transport, &outcome, capture, &own);
    status = tb_team_leader_gather(leader, error);
    if (read != TB_OK)
        *error = own;
    else if (status != TB_OK && status != TB_STOPPED)
        tb_capture_free(*capture);
    else
        log_outcome(leader, source, &outcome);
    return read == TB_OK && status != TB_STOPPED ? status : read;
}

enum tb_status tb_team_read_capture(const struct tb_team *team, struct tb_source *source,
                                    const struct tb_capture_request *request, struct tb_capture **capture,
                                    struct tb_error *error)
{
    struct tb_error own = {0};
    struct team_leader leader;
    enum tb_status status = tb_team_leader_begin(&leader, team, &own);
    if (status == TB_OK)
        status = lead(&leader, source, request, capture, &own);
    tb_team_leader_end(&leader);
    if (status != TB_OK && error != NULL)
        *error = own;
    return status;
}

/* --- one of the others --- */

struct following {
    const struct tb_team *team;
    const char *path;
    uint64_t size; /* that the file has for all */
    const struct tb_capture_request *request;
    struct tb_source *source; /* owned; NULL when it cannot be read */
    uint32_t *threads;        /* owned; of each rank */
    struct tb_sending sending;
};

static bool open_capture(void *context, struct tb_error *error)
{
    struct following *const following = context;
    following->threads = calloc((size_t)following->team->size, sizeof *following->threads);
    if (following->threads == NULL || tb_source_open(following->path, &following->source, error) != TB_OK)
        return false;
    if (tb_source_size(following->source) == following->size)
        return true;
    (void)tb_error_set(error, TB_CORRUPT, "%s: one rank sees another file", following->path);
    return false;
}

/* While one message travels the next is made. */
static enum tb_status send(void *context, struct tb_buffer *bytes, struct tb_error *error)
{
    struct following *const following = context;
    const enum tb_status status = tb_team_send_end(&following->sending, error);
    return status == TB_OK ? tb_team_send(following->team, 0, CHANNEL, bytes, &following->sending, error) : status;
}

static enum tb_status read_share(void *context, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply,
                                 struct tb_error *error)
{
    struct following *const following = context;
    const struct tb_capture_members members = {.threads = following->threads, .count = (size_t)following->team->size};
    const struct tb_capture_transport transport = {.send = send, .context = following};
    const struct tb_capture_split how = tb_capture_split_for(following->team->threads);
    const size_t member = (size_t)following->team->rank;
    enum tb_status status = TB_OK;
    (void)kind;
    (void)reply;
    for (size_t i = 0; status == TB_OK && following->source != NULL && i < members.count; i++)
        if (!tb_bytes_take_u32(&call, &following->threads[i]))
            status = tb_error_set(error, TB_INTERNAL, "a team does not say who takes part");
    if (status == TB_OK && following->source != NULL && following->threads[member] > 0)
        status =
            tb_capture_read_share(following->source, following->request, &how, &members, member, &transport, error);
    return status == TB_OK ? tb_team_send_end(&following->sending, error) : status;
}

void tb_team_follow_capture(const struct tb_team *team, const struct tb_artifact *artifact,
                            const struct tb_capture_request *request, uint64_t *begins)
{
    struct following following = {.team = team, .path = artifact->path, .size = artifact->size, .request = request};
    const struct team_worker worker = {.open = open_capture, .answer = read_share, .context = &following};
    tb_team_work(team, &worker, begins);
    tb_source_close(following.source);
    free(following.threads);
}
