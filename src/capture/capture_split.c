/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one capture with several threads, in rounds. In each round the segments of the next piece of the file are
 * parsed, the first one by the decoder, which stands where everything before was read, the others from guesses; and at
 * the same time each shard of the flows takes its packets from the segments of the round before. Then the segments are
 * settled in file order, which says what holds of the guesses. */
#include <stdlib.h>

#include "capture_chunk.h"
#include "flow_merge.h"

/* Larger segments, and more of them, only take memory. Rounds that are smaller than that much are not worth waking
 * other threads. */
enum { SEGMENT_MAX = 1 << 30, SEGMENTS_MAX = 1 << 12, SHARED_ROUND_LEAST = 64 << 10 };

struct round {
    uint64_t begin;
    size_t segments; /* in use */
};

struct split {
    struct tb_capture_parser decoder;
    struct tb_capture *capture; /* borrowed */
    struct tb_datagram_slots slots;
    struct tb_test_tracker tests;
    struct tb_capture_chunk *segments; /* owned */
    size_t segment_count;
    uint64_t segment_size;
    uint64_t guess_end;       /* behind it nothing is guessed at: the size of a plain file */
    struct tb_flows **shards; /* owned */
    uint16_t shard_count;
    bool shared;               /* a round is worth several threads */
    bool failed;               /* a shard: short of memory, or a row could not be kept */
    enum tb_status read_first; /* what came of the round's first segment */
    struct tb_error first_error;
    struct tb_capture_split_outcome *outcome;
};

static uint64_t begin_of(const struct split *split, const struct round *round, size_t segment)
{
    return round->begin + segment * split->segment_size;
}

static void add_to_shard(struct split *split, const struct round *last, uint16_t shard, unsigned batch)
{
    bool added = true;
    for (size_t i = 0; added && i < last->segments; i++)
        added = tb_packet_batch_add_to(&split->segments[i].batches[batch], shard, split->shards[shard]);
    if (!added) {
#pragma omp atomic write
        split->failed = true;
    }
}

static void parse_segment(struct split *split, size_t which, unsigned batch)
{
    bool joined;
    if (which > 0)
        tb_capture_chunk_guess(&split->segments[which], batch);
    else
        split->read_first =
            tb_capture_chunk_settle(&split->segments[0], &split->decoder, batch, &joined, &split->first_error);
}

/* Shards first: one of them may have more to do than all that is to be parsed. */
static void run_round(struct split *split, const struct round *round, const struct round *last, unsigned batch)
{
    const int shards = split->shard_count;
    const int work = shards + (int)round->segments;
    for (size_t i = 0; i < round->segments; i++)
        tb_capture_chunk_start(&split->segments[i], &split->decoder, begin_of(split, round, i),
                               begin_of(split, round, i + 1), batch, i > 0);
#pragma omp parallel for schedule(dynamic, 1) num_threads(shards) if (split->shared)
    for (int i = 0; i < work; i++) {
        if (i < shards)
            add_to_shard(split, last, (uint16_t)i, !batch);
        else
            parse_segment(split, (size_t)(i - shards), batch);
    }
}

/* A settled segment tells its packets what only those before it could say. */
static void place_segment(struct split *split, struct tb_capture_chunk *segment, unsigned batch)
{
    segment->batches[batch].first_number = split->capture->packets;
    segment->batches[batch].clock = split->capture->last_time;
    tb_packet_batch_name_datagrams(&segment->batches[batch], &split->slots);
    if (!tb_packet_batch_track_tests(&segment->batches[batch], &split->tests))
        split->failed = true;
    tb_capture_add_counts(split->capture, &segment->counts);
}

static enum tb_status settle_segment(struct split *split, size_t which, unsigned batch, struct tb_error *error)
{
    bool joined;
    const enum tb_status status =
        tb_capture_chunk_settle(&split->segments[which], &split->decoder, batch, &joined, error);
    split->outcome->joined += joined;
    split->outcome->repeated += !joined;
    return status;
}

/* TB_OK when there may be more. */
static enum tb_status settle_round(struct split *split, struct round *round, unsigned batch, struct tb_error *error)
{
    enum tb_status status = split->read_first;
    if (status != TB_END && error != NULL)
        *error = split->first_error;
    bool over = false;
    for (size_t i = 0; status == TB_END && !over && i < round->segments; i++) {
        if (i > 0)
            status = settle_segment(split, i, batch, error);
        over = tb_packet_file_is_over(&split->decoder.file);
        place_segment(split, &split->segments[i], batch);
        if (over)
            round->segments = i + 1;
    }
    return status != TB_END ? status : over ? TB_END : TB_OK;
}

/* Segments behind the end of the file are none, but the first always is: it finds out where the file ends. */
static struct round next_round(const struct split *split)
{
    struct round round = {.begin = tb_packet_file_reached(&split->decoder.file), .segments = 1};
    while (round.segments < split->segment_count && begin_of(split, &round, round.segments) < split->guess_end)
        round.segments++;
    return round;
}

static enum tb_status failure(const struct split *split, struct tb_error *error)
{
    for (uint16_t i = 0; i < split->shard_count; i++)
        if (split->shards[i]->over.status != TB_OK)
            return tb_flows_failure(split->shards[i], error);
    return tb_error_memory(error, "the flows of a capture");
}

static enum tb_status take_rounds(struct split *split, struct tb_error *error)
{
    struct round last = {.segments = 0};
    enum tb_status status = TB_OK;
    unsigned batch = 0;
    while (status == TB_OK) {
        struct round round = next_round(split);
        run_round(split, &round, &last, batch);
        status = settle_round(split, &round, batch, error);
        if (split->failed)
            return failure(split, error);
        split->outcome->rounds++;
        last = round;
        batch = !batch;
    }
    if (status != TB_END)
        return status;
    const struct round none = {.segments = 0};
    run_round(split, &none, &last, batch);
    return TB_OK;
}

static void finish_shards(struct split *split)
{
    const int shards = split->shard_count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(shards) if (split->shared)
    for (int i = 0; i < shards; i++)
        if (!tb_flows_finish(split->shards[i])) {
#pragma omp atomic write
            split->failed = true;
        }
}

static enum tb_status read_flows(struct split *split, struct tb_error *error)
{
    enum tb_status status = take_rounds(split, error);
    if (status != TB_OK)
        return status;
    finish_shards(split);
    if (split->failed || !tb_test_tracker_finish(&split->tests, &split->capture->tests))
        return failure(split, error);
    return tb_filter_check(&split->decoder.filter, error);
}

static enum tb_status open_segments(struct split *split, struct tb_source *source, const char *filter,
                                    struct tb_error *error)
{
    enum tb_status status = TB_OK;
    split->segments = calloc(split->segment_count, sizeof split->segments[0]);
    if (split->segments == NULL)
        return tb_error_memory(error, "the segments of a capture");
    for (size_t i = 0; status == TB_OK && i < split->segment_count; i++)
        status = tb_capture_chunk_open(&split->segments[i], source, filter, split->shard_count, error);
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
    for (size_t i = 0; split->segments != NULL && i < split->segment_count; i++)
        tb_capture_chunk_close(&split->segments[i]);
    free(split->segments);
    for (uint16_t i = 0; split->shards != NULL && i < split->shard_count; i++) {
        if (split->shards[i] != NULL)
            tb_flows_free(split->shards[i]);
        free(split->shards[i]);
    }
    free(split->shards);
    tb_test_tracker_free(&split->tests);
    tb_capture_parser_free(&split->decoder);
}

static enum tb_status complete(struct split *split, struct tb_error *error)
{
    split->decoder.file.end = UINT64_MAX;
    tb_reader_expect_end(&split->decoder.file.reader, 0);
    tb_capture_parser_complete(&split->decoder, split->capture);
    return tb_flows_merge(split->shards, split->shard_count, split->capture, error);
}

/* One capture, whose members are already there, is filled. */
static enum tb_status read_split(struct split *split, struct tb_source *source,
                                 const struct tb_capture_request *request, struct tb_error *error)
{
    tb_filter_start(&split->decoder.filter, request->filter);
    enum tb_status status = tb_packet_file_open(&split->decoder.file, source, &split->capture->account, error);
    if (status == TB_OK)
        status = make_shards(split, request, error);
    if (status == TB_OK)
        status = open_segments(split, source, request->filter, error);
    if (status == TB_OK)
        status = read_flows(split, error);
    return status == TB_OK ? complete(split, error) : status;
}

static bool is_split(const struct tb_capture_split *how)
{
    return how->threads > 1 && how->threads < TB_DATAGRAM_EVERY_SHARD && how->segments != 0 && how->segment_size != 0;
}

enum tb_status tb_capture_read_split(struct tb_source *source, const struct tb_capture_request *request,
                                     const struct tb_capture_split *how, struct tb_capture_split_outcome *outcome,
                                     struct tb_capture **capture, struct tb_error *error)
{
    struct tb_capture_split_outcome unused;
    outcome = outcome == NULL ? &unused : outcome;
    *outcome = (struct tb_capture_split_outcome){0};
    if (!is_split(how))
        return tb_capture_read(source, request, capture, error);
    const bool plain = tb_source_compression(source) == TB_COMPRESSION_NONE;
    struct tb_capture *read = calloc(1, sizeof *read);
    struct split *split = calloc(1, sizeof *split);
    if (read == NULL || split == NULL) {
        free(read);
        free(split);
        return tb_error_memory(error, "a capture");
    }
    read->rules = request->rules;
    split->capture = read;
    split->segment_count = !plain ? 1 : how->segments < SEGMENTS_MAX ? how->segments : SEGMENTS_MAX;
    split->segment_size = how->segment_size < SEGMENT_MAX ? how->segment_size : SEGMENT_MAX;
    split->shared = split->segment_count * split->segment_size >= SHARED_ROUND_LEAST;
    split->guess_end = plain ? tb_source_size(source) : 0;
    split->shard_count = (uint16_t)how->threads;
    split->outcome = outcome;
    const enum tb_status status = read_split(split, source, request, error);
    free_split(split);
    free(split);
    if (status == TB_OK)
        *capture = read;
    else
        tb_capture_free(read);
    return status;
}
