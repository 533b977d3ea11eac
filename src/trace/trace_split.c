/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one plain trace with several workers: while the leader reads on, others decode chunks
 * ahead of it, each from a copy of what was known furthest ahead, and these are committed in file
 * order (chunks/chunks.h). So the decoder always is where one that reads alone would be, and so is
 * its result.
 *
 *       leader     decoder ====>            commits A, then B, when it comes there
 *       worker 1          furthest --gap--> [ A ] --+ known at its end
 *       worker 2                                    +--gap--> [ B ] --+ known at its end
 *
 * What was known at a place (struct known) is shared: the slot of a chunk holds one, and so does
 * furthest. Who uses one counts as a user; the last to leave frees it. Its speculation is written
 * by one worker before it is published, and only read afterwards, until the leader commits it. The
 * mutex guards furthest, mistakes and all counts of users. */
#include <pthread.h>
#include <stdlib.h>

#include "trace_team.h"
#include "twinbed/io/source.h"

/* What was known at a place in the file: a speculation that has ended there, or only been started.
 * It does not change once it is published. */
struct known {
    struct speculation speculation;
    unsigned users; /* under the mutex */
};

/* What a worker elsewhere is at work on. */
struct asked {
    bool sent;
    unsigned mistakes; /* so often something had proved wrong then */
};

struct split {
    struct decoder *decoder;  /* borrowed */
    struct tb_source *source; /* borrowed */
    struct known **slots;     /* owned; what was speculated of the chunk that has the slot; NULL: nothing */
    size_t slot_count;
    struct tb_reader *readers; /* owned, with their sources; one a worker, opened when it is needed */
    unsigned workers;
    const struct tb_trace_transport *transport; /* borrowed; NULL: all workers are threads */
    struct asked *asked;                        /* owned; by worker elsewhere */
    struct tb_trace_request request;            /* without windows */
    uint64_t warm_up;
    bool doubtful; /* the chunk before had assumed something wrong */
    pthread_mutex_t mutex;
    struct known *furthest; /* under the mutex: what is known furthest ahead; NULL without memory */
    unsigned mistakes;      /* under the mutex: so often what was thought to be known proved wrong */
};

static struct known *make_known(void)
{
    struct known *const known = calloc(1, sizeof *known);
    if (known != NULL)
        known->users = 1;
    return known;
}

static void leave(struct split *split, struct known *known)
{
    pthread_mutex_lock(&split->mutex);
    const bool last = known != NULL && --known->users == 0;
    pthread_mutex_unlock(&split->mutex);
    if (!last)
        return;
    tb_speculation_free(&known->speculation);
    free(known);
}

static struct known *enter_furthest(struct split *split, unsigned *mistakes)
{
    pthread_mutex_lock(&split->mutex);
    struct known *const known = split->furthest;
    if (known != NULL)
        known->users++;
    *mistakes = split->mistakes;
    pthread_mutex_unlock(&split->mutex);
    return known;
}

/* Who begins behind goes on from here, unless somebody is further, or it was begun before the latest mistake was seen. */
static void publish(struct split *split, struct known *known, unsigned mistakes)
{
    struct known *before = NULL;
    if (!known->speculation.complete)
        return;
    pthread_mutex_lock(&split->mutex);
    if (mistakes == split->mistakes &&
        (split->furthest == NULL || split->furthest->speculation.end < known->speculation.end)) {
        before = split->furthest;
        split->furthest = known;
        known->users++;
    }
    pthread_mutex_unlock(&split->mutex);
    leave(split, before);
}

/* Publishes the decoder's own knowledge. wrong: what was thought to be known ahead of it is not, so
 * whoever begins anew begins behind the decoder, and who began before that publishes nothing any
 * more. */
static void publish_decoder(struct split *split, bool wrong)
{
    struct known *const known = make_known();
    struct known *passed = NULL;
    pthread_mutex_lock(&split->mutex);
    if (wrong) {
        passed = split->furthest;
        split->furthest = NULL;
        split->mistakes++;
    }
    pthread_mutex_unlock(&split->mutex);
    leave(split, passed);
    if (known == NULL)
        return;
    tb_speculation_start(&known->speculation, split->decoder);
    publish(split, known, split->mistakes);
    leave(split, known);
}

static void speculate_here(struct split *split, const struct known *before, struct known *known, struct tb_chunk *chunk,
                           struct tb_reader *reader)
{
    if (reader->buffer == NULL && tb_reader_open_again(reader, split->source, NULL) != TB_OK)
        return;
    tb_speculation_start_behind(&known->speculation, &before->speculation);
    tb_speculation_run(&known->speculation, reader, chunk, split->warm_up);
}

/* Called by a worker. The slot is that of its chunk, so nobody else has it. */
static void speculate(void *file, struct tb_chunk *chunk, unsigned worker)
{
    struct split *const split = file;
    unsigned mistakes;
    struct known *const before = enter_furthest(split, &mistakes);
    struct known *const known = before == NULL ? NULL : make_known();
    leave(split, split->slots[chunk->slot]);
    split->slots[chunk->slot] = known;
    if (known != NULL) {
        speculate_here(split, before, known, chunk, &split->readers[worker]);
        publish(split, known, mistakes);
    }
    leave(split, before);
}

/* What cannot be sent is not expected back. */
static enum tb_status send(void *file, struct tb_chunk *chunk, unsigned worker, uint64_t stop, struct tb_error *error)
{
    struct split *const split = file;
    struct asked *const asked = &split->asked[worker];
    struct known *const before = enter_furthest(split, &asked->mistakes);
    struct tb_buffer request = {0};
    enum tb_status status = TB_OK;
    const struct trace_call call = {.begin = chunk->begin,
                                    .stop = stop,
                                    .warm_up = split->warm_up,
                                    .reply_most = TB_TRACE_REPLIES_MOST / split->slot_count};
    asked->sent = before != NULL && tb_trace_call_pack(&call, &before->speculation, &request);
    if (asked->sent)
        status = split->transport->send(split->transport->context, worker, &request, error);
    tb_buffer_free(&request);
    leave(split, before);
    return status;
}

/* The answer tells what was counted, and apart from that what is known behind. */
static void take_reply(struct split *split, struct tb_chunk *chunk, unsigned mistakes, const struct tb_buffer *reply)
{
    struct known *const known = make_known(), *const behind = make_known();
    leave(split, split->slots[chunk->slot]);
    split->slots[chunk->slot] = known;
    if (known != NULL && behind != NULL &&
        tb_trace_reply_unpack(&known->speculation, &behind->speculation, &split->request, reply)) {
        (void)tb_chunk_goes_on(chunk, known->speculation.end);
        publish(split, behind, mistakes);
    }
    leave(split, behind);
}

static enum tb_status receive(void *file, struct tb_chunk *chunk, unsigned worker, bool *here, struct tb_error *error)
{
    struct split *const split = file;
    const struct asked *const asked = &split->asked[worker];
    struct tb_buffer reply = {0};
    enum tb_status status = TB_OK;
    *here = !asked->sent;
    if (asked->sent)
        status = split->transport->receive(split->transport->context, worker, &reply, here, error);
    if (status == TB_OK && *here)
        take_reply(split, chunk, asked->mistakes, &reply);
    tb_buffer_free(&reply);
    return status;
}

/* Where a window cuts the chunk, the decoder counts position by position, and those behind are as good as before. What
 * did not begin where the decoder stands says nothing about them either. What was assumed wrong mostly is one thread's
 * enter, or what one process opened in the gap, which matters to none of those behind; so only a second mistake at once
 * costs them, too. */
static enum tb_status validate(void *file, struct tb_chunk *chunk, enum tb_chunk_verdict *verdict,
                               struct tb_error *error)
{
    struct split *const split = file;
    struct known *const known = split->slots[chunk->slot];
    enum tb_status status = TB_OK;
    bool doubtful = false;
    *verdict = TB_CHUNK_REFUSED;
    if (chunk->speculated && known != NULL && known->speculation.complete) {
        const struct speculation *const speculation = &known->speculation;
        if (tb_speculation_holds(speculation, split->decoder)) {
            *verdict = TB_CHUNK_HOLDS;
            status = tb_speculation_commit(&known->speculation, split->decoder, error);
        } else if (speculation->begin == split->decoder->walker.reader.offset &&
                   !tb_speculation_agrees(speculation, split->decoder)) {
            *verdict = split->doubtful ? TB_CHUNK_WRONG : TB_CHUNK_REFUSED;
            doubtful = !split->doubtful;
        }
    }
    split->doubtful = doubtful;
    leave(split, known);
    split->slots[chunk->slot] = NULL;
    if (*verdict != TB_CHUNK_HOLDS)
        publish_decoder(split, *verdict == TB_CHUNK_WRONG);
    return status;
}

/* One step, as the end of the chunk may come nearer meanwhile. */
static enum tb_status decode(void *file, struct tb_chunk *chunk, struct tb_error *error)
{
    enum { STEP = 512 << 10 };
    struct split *const split = file;
    struct tb_reader *const reader = &split->decoder->walker.reader;
    if (!tb_chunk_goes_on(chunk, reader->offset))
        return TB_OK;
    const uint64_t end = atomic_load_explicit(&chunk->end, memory_order_relaxed);
    const uint64_t to = end - reader->offset < STEP ? end : reader->offset + STEP;
    tb_reader_expect_end(reader, to);
    const enum tb_status status = tb_decoder_take_blocks(split->decoder, to, error);
    (void)tb_chunk_goes_on(chunk, reader->offset);
    return status == TB_OK && reader->offset < to ? TB_END : status;
}

static const struct tb_chunk_decoder chunk_decoder = {
    .speculate = speculate, .send = send, .receive = receive, .validate = validate, .decode = decode};

/* The lists that a trace begins with, from which nothing can be read ahead. */
static enum tb_status take_lists(struct decoder *decoder, struct tb_error *error)
{
    const struct tb_reader *const reader = &decoder->walker.reader;
    enum tb_status status = TB_OK;
    uint64_t offset = UINT64_MAX;
    tb_reader_expect_end(&decoder->walker.reader, 1);
    while (status == TB_OK && !decoder->events_seen && reader->offset != offset) {
        offset = reader->offset;
        status = tb_decoder_take_blocks(decoder, offset + 1, error);
    }
    return status;
}

/* A chunk takes longer to begin than an eighth of the usual gap takes to decode. */
enum { GAP_PARTS = 8 };

static enum tb_status take_chunks(struct split *split, const struct tb_split *how, struct tb_chunk_outcome *outcome,
                                  struct tb_error *error)
{
    const unsigned elsewhere = how->transport == NULL ? 0 : how->transport->workers;
    const struct tb_chunk_plan plan = {.decoder = &chunk_decoder,
                                       .file = split,
                                       .workers = split->workers,
                                       .elsewhere = elsewhere,
                                       .ahead = how->ahead,
                                       .begin = split->decoder->walker.reader.offset,
                                       .end = tb_source_size(split->source),
                                       .gap = how->gap,
                                       .gap_least = how->gap / GAP_PARTS,
                                       .chunk_most = how->chunk_most,
                                       .relay = true};
    split->slot_count = tb_chunk_slots(&plan);
    split->slots = calloc(split->slot_count, sizeof *split->slots);
    split->readers = calloc(split->workers, sizeof *split->readers);
    split->asked = calloc((size_t)elsewhere + 1, sizeof *split->asked);
    if (split->slots == NULL || split->readers == NULL || split->asked == NULL)
        return tb_error_memory(error, "chunks");
    publish_decoder(split, false);
    return tb_chunks_run(&plan, outcome, error);
}

static void free_split(struct split *split)
{
    for (size_t i = 0; split->slots != NULL && i < split->slot_count; i++)
        leave(split, split->slots[i]);
    free(split->slots);
    free(split->asked);
    for (size_t i = 0; split->readers != NULL && i < split->workers; i++)
        tb_reader_close(&split->readers[i]);
    free(split->readers);
    leave(split, split->furthest);
    pthread_mutex_destroy(&split->mutex);
}

static enum tb_status read_split(struct decoder *decoder, struct tb_source *source,
                                 const struct tb_trace_request *request, const struct tb_split *how,
                                 struct tb_chunk_outcome *outcome, struct tb_trace **trace, struct tb_error *error)
{
    struct split split = {.decoder = decoder,
                          .source = source,
                          .workers = (unsigned)how->threads,
                          .transport = how->transport,
                          .request = tb_request_without_cuts(request),
                          .warm_up = how->warm_up == 0 ? TB_SPLIT_WARM_UP : how->warm_up,
                          .mutex = PTHREAD_MUTEX_INITIALIZER};
    enum tb_status status = tb_decoder_start(decoder, source, request, error);
    if (status == TB_OK)
        tb_call_list_start(&decoder->sequences.list, request->calls);
    if (status == TB_OK)
        status = take_lists(decoder, error);
    if (status == TB_OK)
        status = take_chunks(&split, how, outcome, error);
    tb_reader_expect_end(&decoder->walker.reader, 0);
    if (status == TB_OK)
        status = tb_decoder_take_rest(decoder, trace, error);
    free_split(&split);
    return status;
}

enum tb_status tb_trace_read_split(struct tb_source *source, const struct tb_trace_request *request,
                                   const struct tb_split *how, struct tb_chunk_outcome *outcome,
                                   struct tb_trace **trace, struct tb_error *error)
{
    struct tb_chunk_outcome unused;
    outcome = outcome == NULL ? &unused : outcome;
    *outcome = (struct tb_chunk_outcome){0};
    if (how->threads == 0 || how->ahead == 0 || how->gap == 0 || how->chunk_most == 0 ||
        tb_source_compression(source) != TB_COMPRESSION_NONE)
        return tb_trace_read(source, request, trace, error);
    enum tb_status status = tb_decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return tb_error_memory(error, "a trace");
    status = read_split(decoder, source, request, how, outcome, trace, error);
    tb_decoder_finish(decoder);
    free(decoder);
    return status;
}
