/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries requests and answers of a trace's workers (trace/trace_team.h) between ranks. Each thread
 * of another rank is a worker with a channel of its own, and listens there until an empty call
 * comes. */
#include "team_traces.h"

#include <omp.h>
#include <stdlib.h>

#include "twinbed/base/log.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace_team.h"

/* To begin with, all threads of all ranks but the lead are told to listen, each on a channel of its own, until an empty call. */
enum { LISTEN = 'l' };

/* One worker elsewhere, and what is on its way to it. */
struct seat {
    int rank;
    unsigned channel;
    struct tb_sending sending;
};

/* Who leads, and what it knows of the others. */
struct leading {
    const struct tb_team *team;
    struct seat *seats; /* owned; one a worker elsewhere */
};

static enum tb_status call_worker(void *context, unsigned worker, struct tb_buffer *request, struct tb_error *error)
{
    const struct leading *const leading = context;
    struct seat *const seat = &leading->seats[worker];
    return tb_team_send(leading->team, seat->rank, seat->channel, request, &seat->sending, error);
}

/* What an answer ends with is whether its rank was asked to stop. */
static enum tb_status hear_worker(void *context, unsigned worker, struct tb_buffer *reply, bool *here,
                                  struct tb_error *error)
{
    const struct leading *const leading = context;
    struct seat *const seat = &leading->seats[worker];
    enum tb_status status = tb_team_poll(leading->team, seat->rank, seat->channel, reply, here, error);
    if (status == TB_OK && *here)
        status = tb_team_send_end(&seat->sending, error);
    if (status != TB_OK || !*here)
        return status;
    const bool stopped = reply->size > 0 && reply->data[--reply->size] != 0;
    return stopped || tb_stop_requested() ? tb_team_stopped(error) : TB_OK;
}

static enum tb_status find_seats(struct leading *leading, const struct team_leader *leader, unsigned *count,
                                 struct tb_error *error)
{
    unsigned most = 0;
    for (int rank = 1; rank < leader->team->size; rank++)
        most += leader->threads[rank];
    leading->seats = calloc((size_t)most + 1, sizeof *leading->seats);
    if (leading->seats == NULL)
        return tb_error_memory(error, "a team");
    for (int rank = 1; rank < leader->team->size; rank++)
        for (unsigned channel = 0; channel < leader->threads[rank]; channel++)
            leading->seats[(*count)++] = (struct seat){.rank = rank, .channel = channel};
    return TB_OK;
}

/* Whatever came of the reading, those who listen are let go. */
static enum tb_status end_listening(struct leading *leading, struct team_leader *leader, unsigned count,
                                    struct tb_error *error)
{
    struct tb_buffer nothing = {0};
    enum tb_status status = TB_OK;
    for (unsigned i = 0; i < count && status == TB_OK; i++)
        status = call_worker(leading, i, &nothing, error);
    for (unsigned i = 0; i < count && status == TB_OK; i++)
        status = tb_team_send_end(&leading->seats[i].sending, error);
    return status == TB_OK ? tb_team_leader_gather(leader, error) : status;
}

static enum tb_status lead(struct leading *leading, struct team_leader *leader, struct tb_source *source,
                           const struct tb_trace_request *request, struct tb_trace **trace, struct tb_error *error)
{
    struct tb_trace_transport transport = {.send = call_worker, .receive = hear_worker, .context = leading};
    struct tb_chunk_outcome outcome = {0};
    struct tb_error own = {0};
    struct tb_buffer call = {0};
    enum tb_status status = find_seats(leading, leader, &transport.workers, error);
    if (status != TB_OK)
        return status;
    tb_team_call_begin(&call, LISTEN);
    status = tb_team_leader_call(leader, &call, error);
    tb_buffer_free(&call);
    if (status != TB_OK)
        return status;
    const struct tb_split split = tb_split_for_team(leader->team->threads, &transport, tb_source_size(source));
    const enum tb_status read = tb_trace_read_split(source, request, &split, &outcome, trace, &own);
    status = end_listening(leading, leader, transport.workers, error);
    tb_log_debug("%s: %d ranks, of the chunks decoded ahead %llu were committed, %llu repeated, %llu overdue",
                 tb_source_name(source), leader->team->size, (unsigned long long)outcome.committed,
                 (unsigned long long)outcome.repeated, (unsigned long long)outcome.overdue);
    if (read != TB_OK)
        *error = own;
    else if (status != TB_OK)
        tb_trace_free(*trace);
    return read != TB_OK ? read : status;
}

enum tb_status tb_team_read_trace(const struct tb_team *team, struct tb_source *source,
                                  const struct tb_trace_request *request, struct tb_trace **trace,
                                  struct tb_error *error)
{
    struct leading leading = {.team = team};
    struct tb_error own = {0};
    struct team_leader leader;
    enum tb_status status = tb_team_leader_begin(&leader, team, &own);
    if (status == TB_OK)
        status = lead(&leading, &leader, source, request, trace, &own);
    tb_team_leader_end(&leader);
    free(leading.seats);
    if (status != TB_OK && error != NULL)
        *error = own;
    return status;
}

/* One of the others: its view of the file, and a worker for each of its threads. */
struct following {
    const struct tb_team *team;
    const char *path;
    const struct tb_trace_request *request;
    struct tb_source *source;         /* owned; NULL when it cannot be read */
    struct tb_trace_worker **workers; /* owned */
    bool *over;                       /* owned; the lead wants no more of it */
    int ready;                        /* so many of them listen */
};

static enum tb_status start_workers(struct following *following, struct tb_error *error)
{
    following->workers = calloc((size_t)following->team->threads, sizeof *following->workers);
    following->over = calloc((size_t)following->team->threads, sizeof *following->over);
    if (following->workers == NULL || following->over == NULL)
        return tb_error_memory(error, "a team");
    enum tb_status status = TB_OK;
    for (int i = 0; status == TB_OK && i < following->team->threads; i++)
        status = tb_trace_worker_start(following->source, following->request, &following->workers[i], error);
    following->ready = status == TB_OK ? following->team->threads : 0;
    return status;
}

static bool open_trace(void *context, struct tb_error *error)
{
    struct following *const following = context;
    return tb_source_open(following->path, &following->source, error) == TB_OK &&
           start_workers(following, error) == TB_OK;
}

/* False when the lead wants no more of this worker, or MPI fails. */
static bool answer_call(const struct following *following, unsigned channel, struct tb_bytes request)
{
    struct tb_buffer reply = {0};
    struct tb_sending sending = {.begun = false};
    struct tb_error error;
    if (request.left == 0)
        return false;
    tb_trace_work(following->workers[channel], request, &reply);
    if (reply.failed)
        tb_buffer_free(&reply);
    tb_buffer_put_u8(&reply, tb_stop_requested());
    const bool sent = tb_team_send(following->team, 0, channel, &reply, &sending, &error) == TB_OK;
    tb_buffer_free(&reply);
    return tb_team_send_end(&sending, &error) == TB_OK && sent;
}

/* One worker's next call, if it is here. */
static void listen_once(struct following *following, unsigned channel, bool *here)
{
    struct tb_buffer request = {0};
    struct tb_error error;
    const enum tb_status status = tb_team_poll(following->team, 0, channel, &request, here, &error);
    if (status != TB_OK || (*here && !answer_call(following, channel, tb_bytes_packed(request.data, request.size))))
        following->over[channel] = true;
    tb_buffer_free(&request);
}

/* One thread, for every step-th worker: there may be fewer threads to be had than workers. */
static void listen_for(struct following *following, int first, int step)
{
    unsigned tries = 0;
    for (bool open = true; open;) {
        bool any = false;
        open = false;
        for (int i = first; i < following->ready; i += step) {
            bool here = false;
            if (!following->over[i])
                listen_once(following, (unsigned)i, &here);
            any |= here;
            open |= !following->over[i];
        }
        tries = any ? 0 : tries;
        tb_team_give_way(&tries);
    }
}

static enum tb_status listen(void *context, uint8_t kind, struct tb_bytes call, struct tb_buffer *reply,
                             struct tb_error *error)
{
    struct following *const following = context;
    (void)kind;
    (void)call;
    (void)reply;
    (void)error;
#pragma omp parallel num_threads(following->team->threads)
    listen_for(following, omp_get_thread_num(), omp_get_num_threads());
    return TB_OK;
}

void tb_team_follow_trace(const struct tb_team *team, const char *path, const struct tb_trace_request *request,
                          uint64_t *begins)
{
    struct following following = {.team = team, .path = path, .request = request};
    const struct team_worker worker = {.open = open_trace, .answer = listen, .context = &following};
    tb_team_work(team, &worker, begins);
    for (int i = 0; following.workers != NULL && i < team->threads; i++)
        tb_trace_worker_free(following.workers[i]);
    free(following.workers);
    free(following.over);
    tb_source_close(following.source);
}
