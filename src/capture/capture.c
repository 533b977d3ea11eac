/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one capture, with one thread or several: chunks are parsed ahead and committed in file
 * order, and shards of the flows take the packets of committed chunks (chunks/chunks.h). Whole
 * chunks go straight to the flows.
 *
 *       chunk parsed ahead:  speculate -> batch of its slot -> validate -> place_packets -> take, shard by shard -> flows
 *       whole chunk:         decode_whole: record -> packet, in the place where its flow's batch wants it -> flows
 *
 * What belongs to the whole file is done by the leader, chunk after chunk: numbers of packets, the
 * clock, datagrams of fragments, test packets (place_packets). The mutex guards only what those who
 * parse ahead begin with (known); everything else belongs to the leader, to a slot or to a shard. */
#include "twinbed/capture/capture.h"

#include <pthread.h>
#include <stdlib.h>

#include "capture_chunk.h"
#include "capture_flows.h"
#include "flow_merge.h"

/* Larger chunks, and more of them, only take memory. */
enum { CHUNK_MOST = 1 << 30, AHEAD_MOST = 1 << 12 };

struct reading {
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
    struct tb_shard_range own;
    struct tb_flows **shards; /* owned; its own ones */
};

/* What those who parse ahead begin with. */
static void publish(struct reading *reading)
{
    pthread_mutex_lock(&reading->mutex);
    reading->is_known = tb_packet_file_copy(&reading->decoder.file, &reading->known);
    pthread_mutex_unlock(&reading->mutex);
}

static void speculate(void *file, struct tb_chunk *range, unsigned worker)
{
    struct reading *const reading = file;
    struct tb_capture_chunk *const chunk = &reading->chunks[range->slot];
    struct tb_reader *const reader = &reading->readers[worker];
    const bool open = reader->buffer != NULL || tb_reader_open_again(reader, reading->source, NULL) == TB_OK;
    pthread_mutex_lock(&reading->mutex);
    tb_capture_chunk_start(chunk, open && reading->is_known ? &reading->known : NULL);
    pthread_mutex_unlock(&reading->mutex);
    tb_capture_chunk_speculate(chunk, range, reader);
}

/* Those behind a chunk that is refused were mostly parsed from another place in the file, and may hold. */
static enum tb_status validate(void *file, struct tb_chunk *range, enum tb_chunk_verdict *verdict,
                               struct tb_error *error)
{
    struct reading *const reading = file;
    struct tb_capture_chunk *const chunk = &reading->chunks[range->slot];
    (void)error;
    if (!range->speculated)
        tb_capture_chunk_start(chunk, NULL);
    *verdict = tb_capture_chunk_validate(chunk, &reading->decoder) ? TB_CHUNK_HOLDS : TB_CHUNK_REFUSED;
    return TB_OK;
}

static enum tb_status no_memory_for_tests(struct tb_error *error)
{
    return tb_error_memory(error, "the test packets of a capture");
}

static enum tb_status no_memory_for_flows(struct tb_error *error)
{
    return tb_error_memory(error, "the flows of a capture");
}

/* Tells the packets of a chunk what only those before it could say. */
static bool place_packets(struct reading *reading, struct tb_capture_chunk *chunk)
{
    chunk->batch.first_number = reading->capture->packets;
    chunk->batch.clock = reading->capture->last_time;
    tb_packet_batch_name_datagrams(&chunk->batch, &reading->slots);
    tb_capture_add_counts(reading->capture, &chunk->counts);
    return tb_packet_batch_track_tests(&chunk->batch, &reading->tests);
}

static enum tb_status decode_for_shards(struct reading *reading, struct tb_chunk *range, struct tb_error *error)
{
    struct tb_capture_chunk *const chunk = &reading->chunks[range->slot];
    const enum tb_status status = tb_capture_chunk_decode(chunk, &reading->decoder, range, error);
    if (status == TB_END && !place_packets(reading, chunk))
        return no_memory_for_tests(error);
    return status;
}

/* A packet that stands where the next one of the first shard does; place: of its shard among the
 * own ones. */
static bool add_to_shard(struct reading *reading, uint16_t place, const struct tb_flow_packet *packet,
                         const struct tb_flow_key *key)
{
    if (place >= reading->own.count)
        return true;
    if (place > 0)
        *tb_flows_next(reading->shards[place]) = *packet;
    return tb_flows_add(reading->shards[place], key);
}

static bool add_to_shards(struct reading *reading, uint16_t shard, const struct tb_flow_packet *packet,
                          const struct tb_flow_key *key)
{
    bool added = true;
    if (shard != TB_DATAGRAM_EVERY_SHARD)
        return add_to_shard(reading, (uint16_t)(shard - reading->own.first), packet, key);
    for (uint16_t i = reading->own.count; added && i-- > 0;)
        added = add_to_shard(reading, i, packet, key);
    return added;
}

static enum tb_status take_any(struct reading *reading, struct tb_error *error)
{
    struct tb_flow_packet *const packet = tb_flows_next(reading->shards[0]);
    struct tb_flow_key key;
    const enum tb_status status = tb_capture_parser_next(&reading->decoder, packet, &key, error);
    if (status != TB_OK)
        return status;
    if (packet->packet.test_packet && !tb_test_tracker_add(&reading->tests, packet, &key))
        return no_memory_for_tests(error);
    uint16_t shard = tb_packet_shard(&key, reading->own.all);
    if (packet->packet.fragment) {
        tb_datagram_slots_take(&reading->slots, packet, &key, shard);
        shard = packet->packet.datagram_shard;
    }
    return add_to_shards(reading, shard, packet, &key) ? TB_OK : no_memory_for_flows(error);
}

/* As one loop would that knows nothing of chunks. A plain packet is decoded once, into the place
 * where it waits; of a flow that is another's only its endpoints are looked at. */
static enum tb_status decode_whole(struct reading *reading, const struct tb_chunk *range, struct tb_error *error)
{
    struct tb_capture_parser *const decoder = &reading->decoder;
    struct tb_flows *const *const shards = reading->shards;
    const struct tb_shard_range own = reading->own;
    enum tb_status status = TB_OK;
    decoder->counts = reading->capture;
    decoder->file.end = range->end;
    tb_reader_expect_end(&decoder->file.reader, range->end);
    while (status == TB_OK) {
        struct tb_packet_record record;
        struct tb_flow_key key;
        if (!tb_capture_parser_see_plain(decoder, &record)) {
            status = take_any(reading, error);
            continue;
        }
        const unsigned direction = tb_packet_plain_key(&record, &key);
        const uint16_t place = tb_packet_place(&key, &own);
        if (place >= own.count) {
            tb_capture_parser_pass_plain(decoder, &record);
            continue;
        }
        struct tb_flows *const flows = shards[place];
        tb_capture_parser_take_plain(decoder, &record, direction, tb_flows_next(flows));
        if (!tb_flows_add_whole(flows, &key))
            status = no_memory_for_flows(error);
    }
    return status;
}

static enum tb_status decode(void *file, struct tb_chunk *range, struct tb_error *error)
{
    struct reading *const reading = file;
    const enum tb_status status =
        range->whole ? decode_whole(reading, range, error) : decode_for_shards(reading, range, error);
    if (status != TB_END)
        return status;
    publish(reading);
    return tb_packet_file_is_over(&reading->decoder.file) ? TB_END : TB_OK;
}

/* What became of a shard is told when nobody works any more. */
static enum tb_status take(void *file, unsigned which, struct tb_chunk *range, struct tb_error *error)
{
    struct reading *const reading = file;
    struct tb_flows *const flows = reading->shards[which];
    const bool added = range == NULL
                           ? tb_flows_finish(flows)
                           : tb_packet_batch_add_to(&reading->chunks[range->slot].batch, (uint16_t)which, flows);
    return added ? TB_OK : no_memory_for_flows(error);
}

static const struct tb_chunk_decoder chunk_decoder = {
    .speculate = speculate, .validate = validate, .decode = decode, .take = take};

static enum tb_status prepare_chunks(struct reading *reading, const struct tb_capture_request *request, size_t count,
                                     struct tb_error *error)
{
    enum tb_status status = TB_OK;
    reading->chunks = calloc(count, sizeof reading->chunks[0]);
    reading->readers = calloc(reading->workers, sizeof reading->readers[0]);
    if (reading->chunks == NULL || reading->readers == NULL)
        return tb_error_memory(error, "the chunks of a capture");
    for (; status == TB_OK && reading->chunk_count < count; reading->chunk_count++)
        status = tb_capture_chunk_prepare(&reading->chunks[reading->chunk_count], request, &reading->own, error);
    return status;
}

static enum tb_status make_shards(struct reading *reading, const struct tb_capture_request *request,
                                  struct tb_error *error)
{
    reading->shards = calloc(reading->own.count, sizeof reading->shards[0]);
    for (uint16_t i = 0; reading->shards != NULL && i < reading->own.count; i++) {
        reading->shards[i] = calloc(1, sizeof *reading->shards[i]);
        if (reading->shards[i] == NULL || !tb_flows_start(reading->shards[i], request))
            return no_memory_for_flows(error);
    }
    return reading->shards == NULL ? no_memory_for_flows(error) : TB_OK;
}

static void free_reading(struct reading *reading)
{
    for (size_t i = 0; i < reading->chunk_count; i++)
        tb_capture_chunk_free(&reading->chunks[i]);
    free(reading->chunks);
    for (unsigned i = 0; reading->readers != NULL && i < reading->workers; i++)
        tb_reader_close(&reading->readers[i]);
    free(reading->readers);
    for (uint16_t i = 0; reading->shards != NULL && i < reading->own.count; i++) {
        if (reading->shards[i] != NULL)
            tb_flows_free(reading->shards[i]);
        free(reading->shards[i]);
    }
    free(reading->shards);
    tb_test_tracker_free(&reading->tests);
    tb_packet_file_close(&reading->known);
    tb_capture_parser_free(&reading->decoder);
    pthread_mutex_destroy(&reading->mutex);
}

static enum tb_status complete(struct reading *reading, const struct tb_capture_end *end, struct tb_error *error)
{
    if (!tb_test_tracker_finish(&reading->tests, &reading->capture->tests))
        return no_memory_for_tests(error);
    const enum tb_status status = tb_filter_check(&reading->decoder.filter, error);
    if (status != TB_OK)
        return status;
    reading->decoder.file.end = UINT64_MAX;
    tb_reader_expect_end(&reading->decoder.file.reader, 0);
    tb_capture_parser_complete(&reading->decoder, reading->capture);
    return end->finish(end->context, reading->shards, reading->own.count, reading->capture, error);
}

/* A chunk begins where the one before it ends. Of a compressed file none is parsed ahead. */
static struct tb_chunk_plan make_plan(struct reading *reading, const struct tb_capture_split *how)
{
    const bool plain = tb_source_compression(reading->source) == TB_COMPRESSION_NONE;
    return (struct tb_chunk_plan){.decoder = &chunk_decoder,
                                  .file = reading,
                                  .workers = reading->workers,
                                  .shards = reading->own.count,
                                  .ahead = how->ahead < AHEAD_MOST ? how->ahead : AHEAD_MOST,
                                  .begin = tb_packet_file_reached(&reading->decoder.file),
                                  .end = plain ? tb_source_size(reading->source) : 0,
                                  .gap = UINT64_MAX,
                                  .chunk_most = how->chunk_most < CHUNK_MOST ? how->chunk_most : CHUNK_MOST};
}

/* Which is that of a shard, if one failed: a row could not be kept. */
static enum tb_status failure(const struct reading *reading, enum tb_status status, struct tb_error *error)
{
    for (uint16_t i = 0; i < reading->own.count; i++)
        if (reading->shards[i]->over.status != TB_OK)
            return tb_flows_failure(reading->shards[i], error);
    return status;
}

/* The capture, whose members are already there, is filled. */
static enum tb_status read_capture(struct reading *reading, const struct tb_capture_request *request,
                                   const struct tb_capture_split *how, const struct tb_capture_end *end,
                                   struct tb_chunk_outcome *outcome, struct tb_error *error)
{
    tb_capture_parser_ask(&reading->decoder, request);
    enum tb_status status =
        tb_packet_file_open(&reading->decoder.file, reading->source, &reading->capture->account, error);
    const struct tb_chunk_plan plan = make_plan(reading, how);
    if (status == TB_OK)
        status = make_shards(reading, request, error);
    if (status == TB_OK)
        status = prepare_chunks(reading, request, tb_chunk_slots(&plan), error);
    if (status != TB_OK)
        return status;
    publish(reading);
    status = tb_chunks_run(&plan, outcome, error);
    return status == TB_OK ? complete(reading, end, error) : failure(reading, status, error);
}

static bool is_good(const struct tb_capture_split *how)
{
    return how->threads > 0 && how->threads < TB_DATAGRAM_EVERY_SHARD && how->ahead > 0 && how->chunk_most > 0;
}

enum tb_status tb_capture_read_flows(struct tb_source *source, const struct tb_capture_request *request,
                                     const struct tb_capture_split *how, const struct tb_shard_range *range,
                                     const struct tb_capture_end *end, struct tb_chunk_outcome *outcome,
                                     struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture *const read = calloc(1, sizeof *read);
    struct reading *const reading = calloc(1, sizeof *reading);
    if (read == NULL || reading == NULL) {
        free(read);
        free(reading);
        return tb_error_memory(error, "a capture");
    }
    read->rules = request->rules;
    *reading = (struct reading){.capture = read,
                                .source = source,
                                .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .workers = (unsigned)how->threads,
                                .own = *range};
    const enum tb_status status = read_capture(reading, request, how, end, outcome, error);
    free_reading(reading);
    free(reading);
    if (status == TB_OK)
        *capture = read;
    else
        tb_capture_free(read);
    return status;
}

static enum tb_status merge_all(void *context, struct tb_flows *const shards[], uint16_t count,
                                struct tb_capture *capture, struct tb_error *error)
{
    (void)context;
    return tb_flows_merge(shards, count, NULL, capture, error);
}

enum tb_status tb_capture_read_split(struct tb_source *source, const struct tb_capture_request *request,
                                     const struct tb_capture_split *how, struct tb_chunk_outcome *outcome,
                                     struct tb_capture **capture, struct tb_error *error)
{
    static const struct tb_capture_end end = {.finish = merge_all};
    const struct tb_capture_split alone = tb_capture_split_for(1);
    const struct tb_capture_split *const good = is_good(how) ? how : &alone;
    const uint16_t shards = (uint16_t)good->threads;
    struct tb_chunk_outcome unused;
    outcome = outcome == NULL ? &unused : outcome;
    *outcome = (struct tb_chunk_outcome){0};
    return tb_capture_read_flows(source, request, good, &(struct tb_shard_range){.count = shards, .all = shards}, &end,
                                 outcome, capture, error);
}

enum tb_status tb_capture_read(struct tb_source *source, const struct tb_capture_request *request,
                               struct tb_capture **capture, struct tb_error *error)
{
    const struct tb_capture_split alone = tb_capture_split_for(1);
    return tb_capture_read_split(source, request, &alone, NULL, capture, error);
}

void tb_capture_free(struct tb_capture *capture)
{
    if (capture == NULL)
        return;
    free(capture->flows);
    tb_flow_summary_free(&capture->summary);
    tb_test_sessions_free(&capture->tests);
    tb_packet_sample_free(&capture->sample);
    free(capture);
}
