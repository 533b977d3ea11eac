/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker in another process: a request comes in as bytes, a speculation is run, an answer goes
 * out as bytes. An answer that cannot be made, or would be too large, is empty, and its caller
 * decodes the chunk itself. So nothing here can make a trace fail. */
#include "trace_team.h"

#include <stdlib.h>

#include "twinbed/io/source.h"

/* What is known of a place in the file does not travel beyond this size, which is that of the
 * longest chunk it could be for (TB_SPLIT_CHUNK). */
enum { STATE_MOST = 64 << 20 };

struct tb_trace_worker {
    struct tb_trace_request request; /* without windows */
    struct tb_reader reader;         /* owned, with its source */
};

enum tb_status tb_trace_worker_start(const struct tb_source *source, const struct tb_trace_request *request,
                                     struct tb_trace_worker **worker, struct tb_error *error)
{
    enum tb_status status = tb_decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    if (tb_source_compression(source) != TB_COMPRESSION_NONE)
        return tb_error_set(error, TB_USAGE, "%s: only a plain trace can be cut", tb_source_name(source));
    struct tb_trace_worker *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a trace");
    made->request = tb_request_without_cuts(request);
    status = tb_reader_open_again(&made->reader, source, error);
    if (status == TB_OK)
        *worker = made;
    else
        free(made);
    return status;
}

void tb_trace_worker_free(struct tb_trace_worker *worker)
{
    if (worker == NULL)
        return;
    tb_reader_close(&worker->reader);
    free(worker);
}

struct tb_split tb_split_for_team(int threads, const struct tb_trace_transport *transport, uint64_t size)
{
    /* An answer takes some 0.2 ms to be seen, so gaps are long; but each worker is to begin some times. */
    enum { GAP_MOST = 8 << 20, BEGINNINGS = 4 };
    const size_t workers = (size_t)threads + transport->workers;
    const uint64_t share = size / (workers * BEGINNINGS);
    struct tb_split split = tb_split_for(threads);
    split.ahead = workers > 1 ? workers * 2 : 0;
    split.gap = share < TB_SPLIT_GAP ? TB_SPLIT_GAP : share < GAP_MOST ? share : GAP_MOST;
    split.transport = transport;
    return split;
}

static void describe_call(struct tb_archive *archive, struct trace_call *call, uint64_t *place)
{
    TB_ARCHIVE_U64S(archive, &call->begin, &call->stop, &call->warm_up, &call->reply_most, place);
    tb_archive_require(archive, call->begin < call->stop);
}

bool tb_trace_call_pack(const struct trace_call *call, struct speculation *before, struct tb_buffer *request)
{
    struct tb_archive archive = tb_archive_writer(request);
    struct trace_call packed = *call;
    uint64_t place = before->end;
    describe_call(&archive, &packed, &place);
    return tb_speculation_pack_state(before, request) && request->size <= STATE_MOST;
}

/* A speculation that is started. */
static bool take_call(const struct tb_trace_worker *worker, struct trace_call *call, struct speculation *speculation,
                      struct tb_bytes *request)
{
    struct tb_archive archive = tb_archive_reader(request);
    uint64_t place = 0;
    describe_call(&archive, call, &place);
    return tb_archive_end(&archive, request) &&
           tb_speculation_unpack_state(speculation, &worker->request, place, request);
}

void tb_trace_work(struct tb_trace_worker *worker, struct tb_bytes request, struct tb_buffer *reply)
{
    struct speculation *const speculation = calloc(1, sizeof *speculation);
    struct trace_call call = {.begin = 0};
    const size_t before = reply->size;
    if (speculation == NULL)
        return;
    if (take_call(worker, &call, speculation, &request)) {
        struct tb_chunk chunk = {.begin = call.begin, .end = call.stop};
        tb_speculation_run(speculation, &worker->reader, &chunk, call.warm_up);
        if (!speculation->complete || !tb_speculation_pack_state(speculation, reply) ||
            !tb_speculation_pack(speculation, reply) || reply->size - before > call.reply_most)
            reply->size = before;
    }
    tb_speculation_free(speculation);
    free(speculation);
}

bool tb_trace_reply_unpack(struct speculation *speculation, struct speculation *state,
                           const struct tb_trace_request *request, const struct tb_buffer *reply)
{
    struct tb_bytes bytes = tb_bytes_packed(reply->data, reply->size);
    const bool good =
        tb_speculation_unpack_state(state, request, 0, &bytes) && tb_speculation_unpack(speculation, request, &bytes);
    state->stood = state->end = speculation->end;
    return good;
}
