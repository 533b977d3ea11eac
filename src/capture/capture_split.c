/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one capture with several threads: chunks are parsed ahead and committed in file order, and shards of the flows
 * take the packets of committed chunks (chunks/chunks.h). */
#include <pthread.h>
#include <stdlib.h>

#include "capture_chunk.h"
#include "flow_merge.h"

/* Larger chunks, and more of them, only take memory. */
enum { CHUNK_MOST = 1 << 30, AHEAD_MOST = 1 << 12 };

struct split {
    struct tb_capture_parser decoder;
    struct tb_capture *capture; /* borrowed */
    struct tb_source *source;   /* borrowed */
    struct tb_datagram_slots slots;
    struct tb_test_tracker tests;
    pthread_mutex_t mutex;
    struct tb_packet_file known;     /* under the mutex: as the decoder knew the file after the latest chunk */
    bool is_known;                   /* under the mutex */
    struct tb_capture_chunk *chunks; /* owned; one a slot */
    size_t chunk_count;
    struct tb_reader *readers; /* owned, with their sources; one a worker, opened when it is needed */
    unsigned workers;
    struct tb_flows **shards; /* owned */
    uint16_t shard_count;
};

/* What those who parse ahead begin with. */
static void publish(struct split *split)
{
    pthread_mutex_lock(&split->mutex);
    split->is_known = tb_packet_file_copy(&split->decoder.file, &split->known);
    pthread_mutex_unlock(&split->mutex);
}

static void speculate(void *file, struct tb_chunk *range, unsigned worker)
{
    struct split *const split = file;
    struct tb_capture_chunk *const chunk = &split->chunks[range->slot];
    struct tb_reader *const reader = &split->readers[worker];
    const bool open = reader->buffer != NULL || tb_reader_open_again(reader, split->source, NULL) == TB_OK;
    pthread_mutex_lock(&split->mutex);
    tb_capture_chunk_start(chunk, open && split->is_known ? &split->known : NULL);
    pthread_mutex_unlock(&split->mutex);
    tb_capture_chunk_speculate(chunk, range, reader);
}

/* Those behind a chunk that is refused were mostly parsed from another place in the file, and may hold. */
static enum tb_status validate(void *file, struct tb_chunk *range, enum tb_chunk_verdict *verdict,
                               struct tb_error *error)
{
    struct split *const split = file;
    struct tb_capture_chunk *const chunk = &split->chunks[range->slot];
    (void)error;
    if (!range->speculated)
        tb_capture_chunk_start(chunk, NULL);
    *verdict = tb_capture_chunk_validate(chunk, &split->decoder) ? TB_CHUNK_HOLDS : TB_CHUNK_REFUSED;
    return TB_OK;
}

/* Tells the packets of a chunk what only those before it could say. */
static bool place_packets(struct split *split, struct tb_capture_chunk *chunk)
{
    chunk->batch.first_number = split->capture->packets;
    chunk->batch.clock = split->capture->last_time;
    tb_packet_batch_name_datagrams(&chunk->batch, &split->slots);
    tb_capture_add_counts(split->capture, &chunk->counts);
    return tb_packet_batch_track_tests(&chunk->batch, &split->tests);
}

static enum tb_status decode(void *file, struct tb_chunk *range, struct tb_error *error)
{
    struct split *const split = file;
    struct tb_capture_chunk *const chunk = &split->chunks[range->slot];
    const enum tb_status status = tb_capture_chunk_decode(chunk, &split->decoder, range, error);
    if (status != TB_END)
        return status;
    if (!place_packets(split, chunk))
        return tb_error_memory(error, "the test packets of a capture");
    publish(split);
    return tb_packet_file_is_over(&split->decoder.file) ? TB_END : TB_OK;
}

static enum tb_status take(void *file, unsigned which, struct tb_chunk *range, struct tb_error *error)
{
    struct split *const split = file;
    struct tb_flows *const flows = split->shards[which];
    const bool added = range == NULL
                           ? tb_flows_finish(flows)
                           : tb_packet_batch_add_to(&split->chunks[range->slot].batch, (uint16_t)which, flows);
    return added ? TB_OK : tb_flows_failure(flows, error);
}

static const struct tb_chunk_decoder chunk_decoder = {
    .speculate = speculate, .validate = validate, .decode = decode, .take = take};

static enum tb_status prepare_chunks(struct split *split, const char *filter, size_t count, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    split->chunks = calloc(count, sizeof split->chunks[0]);
    split->readers = calloc(split->workers, sizeof split->readers[0]);
    if (split->chunks == NULL || split->readers == NULL)
        return tb_error_memory(error, "the chunks of a capture");
    for (; status == TB_OK && split->chunk_count < count; split->chunk_count++)
        status = tb_capture_chunk_prepare(&split->chunks[split->chunk_count], filter, split->shard_count, error);
    return status;
}

static enum tb_status make_shards(struct split *split, const struct tb_capture_request *request, struct tb_error *error)
{
    split->shards = calloc(split->shard_count, sizeof split->shards[0]);
    for (uint16_t i = 0; split->shards != NULL && i < split->shard_count; i++) {
        split->shards[i] = calloc(1, sizeof *split->shards[i]);
        if (split->shards[i] == NULL || !tb_flows_start(split->shards[i], request))
            return tb_error_memory(error, "the flows of a capture");
    }
    return split->shards == NULL ? tb_error_memory(error, "the flows of a capture") : TB_OK;
}

static void free_split(struct split *split)
{
    for (size_t i = 0; i < split->chunk_count; i++)
        tb_capture_chunk_free(&split->chunks[i]);
    free(split->chunks);
    for (unsigned i = 0; split->readers != NULL && i < split->workers; i++)
        tb_reader_close(&split->readers[i]);
    free(split->readers);
    for (uint16_t i = 0; split->shards != NULL && i < split->shard_count; i++) {
        if (split->shards[i] != NULL)
            tb_flows_free(split->shards[i]);
        free(split->shards[i]);
    }
    free(split->shards);
    tb_test_tracker_free(&split->tests);
    tb_packet_file_close(&split->known);
    tb_capture_parser_free(&split->decoder);
    pthread_mutex_destroy(&split->mutex);
}

static enum tb_status complete(struct split *split, struct tb_error *error)
{
    if (!tb_test_tracker_finish(&split->tests, &split->capture->tests))
        return tb_error_memory(error, "the test packets of a capture");
    const enum tb_status status = tb_filter_check(&split->decoder.filter, error);
    if (status != TB_OK)
        return status;
    split->decoder.file.end = UINT64_MAX;
    tb_reader_expect_end(&split->decoder.file.reader, 0);
    tb_capture_parser_complete(&split->decoder, split->capture);
    return tb_flows_merge(split->shards, split->shard_count, split->capture, error);
}

/* A chunk begins where the one before it ends. Of a compressed file none is parsed ahead. */
static struct tb_chunk_plan make_plan(struct split *split, const struct tb_capture_split *how)
{
    const bool plain = tb_source_compression(split->source) == TB_COMPRESSION_NONE;
    return (struct tb_chunk_plan){.decoder = &chunk_decoder,
                                  .file = split,
                                  .workers = split->workers,
                                  .shards = split->shard_count,
                                  .ahead = how->ahead < AHEAD_MOST ? how->ahead : AHEAD_MOST,
                                  .begin = tb_packet_file_reached(&split->decoder.file),
                                  .end = plain ? tb_source_size(split->source) : 0,
                                  .gap = UINT64_MAX,
                                  .chunk_most = how->chunk_most < CHUNK_MOST ? how->chunk_most : CHUNK_MOST};
}

/* The capture, whose members are already there, is filled. */
static enum tb_status read_split(struct split *split, const struct tb_capture_request *request,
                                 const struct tb_capture_split *how, struct tb_chunk_outcome *outcome,
                                 struct tb_error *error)
{
    tb_filter_start(&split->decoder.filter, request->filter);
    enum tb_status status = tb_packet_file_open(&split->decoder.file, split->source, &split->capture->account, error);
    const struct tb_chunk_plan plan = make_plan(split, how);
    if (status == TB_OK)
        status = make_shards(split, request, error);
    if (status == TB_OK)
        status = prepare_chunks(split, request->filter, tb_chunk_slots(&plan), error);
    if (status != TB_OK)
        return status;
    publish(split);
    status = tb_chunks_run(&plan, outcome, error);
    return status == TB_OK ? complete(split, error) : status;
}

static bool is_split(const struct tb_capture_split *how)
{
    return how->threads > 0 && how->threads < TB_DATAGRAM_EVERY_SHARD && how->ahead != 0 && how->chunk_most != 0;
}

enum tb_status tb_capture_read_split(struct tb_source *source, const struct tb_capture_request *request,
                                     const struct tb_capture_split *how, struct tb_chunk_outcome *outcome,
                                     struct tb_capture **capture, struct tb_error *error)
{
    struct tb_chunk_outcome unused;
    outcome = outcome == NULL ? &unused : outcome;
    *outcome = (struct tb_chunk_outcome){0};
    if (!is_split(how))
        return tb_capture_read(source, request, capture, error);
    struct tb_capture *read = calloc(1, sizeof *read);
    struct split *split = calloc(1, sizeof *split);
    if (read == NULL || split == NULL) {
        free(read);
        free(split);
        return tb_error_memory(error, "a capture");
    }
    read->rules = request->rules;
    *split = (struct split){.capture = read,
                            .source = source,
                            .mutex = PTHREAD_MUTEX_INITIALIZER,
                            .workers = (unsigned)how->threads,
                            .shard_count = (uint16_t)how->threads};
    const enum tb_status status = read_split(split, request, how, outcome, error);
    free_split(split);
    free(split);
    if (status == TB_OK)
        *capture = read;
    else
        tb_capture_free(read);
    return status;
}
