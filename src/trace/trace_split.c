/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one plain trace with several threads. Each round takes as many segments as there are threads: the decoder
 * reads the first of them, the other threads speculate about theirs from where the decoder stood; then their results
 * join in file order, as far as they hold, and the next round begins where that ended. So the decoder always is where
 * one that reads alone would be, and so is its result. */
#include <stdlib.h>

#include "speculation.h"
#include "twinbed/io/source.h"

struct split {
    struct decoder *decoder;
    struct speculation *speculations; /* owned; one for each segment of a round but its first */
    struct tb_source **sources;       /* owned; one for each */
    size_t ahead;                     /* how many these are */
    uint64_t size;                    /* of the file */
    uint64_t wanted;                  /* length of segments */
    uint64_t segment;                 /* the same, in the round at hand */
    uint64_t warm_up;
    bool arrived; /* the decoder is at the end of its segment */
    struct tb_split_outcome *outcome;
};

/* Where a segment of a round ends. The first has no warm-up, so it is as much longer. */
static uint64_t end_of(const struct split *split, uint64_t begin, size_t which)
{
    return begin + split->warm_up + (which + 1) * split->segment;
}

/* The last of a round has none behind it: it goes on while the decoder is on its way, and ends when that has arrived. So
 * nobody waits for the other. */
static void speculate(struct split *split, size_t which, uint64_t begin)
{
    const uint64_t from = end_of(split, begin, which);
    struct speculation *const speculation = &split->speculations[which];
    const bool *const enough = which + 1 == split->ahead ? &split->arrived : NULL;
    tb_speculation_run(speculation, split->sources[which], from, from + split->segment, split->warm_up, enough);
    if (enough != NULL)
        tb_speculation_go_on(speculation, from + 2 * split->segment, enough);
}

static enum tb_status lead_round(struct split *split, uint64_t begin, struct tb_error *error)
{
    const enum tb_status status = tb_decoder_take_blocks(split->decoder, end_of(split, begin, 0), error);
#pragma omp atomic write
    split->arrived = true;
    return status;
}

/* Reads the round's first segment, and speculates about the others at the same time. */
static enum tb_status read_round(struct split *split, uint64_t begin, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    const int threads = (int)split->ahead + 1;
    split->arrived = false;
    tb_reader_expect_end(&split->decoder->walker.reader, end_of(split, begin, 0));
    for (size_t i = 0; i < split->ahead; i++)
        tb_speculation_start(&split->speculations[i], split->decoder);
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (int i = 0; i < threads; i++) {
        if (i == 0)
            status = lead_round(split, begin, error);
        else
            speculate(split, (size_t)i - 1, begin);
    }
    return status;
}

/* In file order, up to the first that does not hold: what the decoder then reads tells those behind more. */
static enum tb_status join_round(struct split *split, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    size_t joined = 0;
    while (status == TB_OK && joined < split->ahead &&
           tb_speculation_holds(&split->speculations[joined], split->decoder)) {
        status = tb_speculation_join(&split->speculations[joined], split->decoder, error);
        joined++;
    }
    for (size_t i = 0; i < split->ahead; i++)
        tb_speculation_free(&split->speculations[i]);
    split->outcome->joined += joined;
    split->outcome->repeated += split->ahead - joined;
    return status;
}

static enum tb_status take_rounds(struct split *split, struct tb_error *error)
{
    const struct tb_reader *const reader = &split->decoder->walker.reader;
    enum tb_status status = TB_OK;
    uint64_t begin = UINT64_MAX;
    while (status == TB_OK && reader->offset < split->size && reader->offset != begin) {
        begin = reader->offset;
        split->segment = tb_trace_segment(split->size - begin, (int)split->ahead + 1, split->wanted);
        split->outcome->rounds++;
        status = read_round(split, begin, error);
        if (status == TB_OK)
            status = join_round(split, error);
    }
    return status;
}

/* The lists that a trace begins with, from which nothing can be read ahead. */
static enum tb_status take_lists(struct decoder *decoder, struct tb_error *error)
{
    const struct tb_reader *const reader = &decoder->walker.reader;
    enum tb_status status = TB_OK;
    uint64_t offset = UINT64_MAX;
    while (status == TB_OK && !decoder->events_seen && reader->offset != offset) {
        offset = reader->offset;
        status = tb_decoder_take_blocks(decoder, offset + 1, error);
    }
    return status;
}

static enum tb_status open_sources(struct split *split, const struct tb_source *source, struct tb_error *error)
{
    split->speculations = calloc(split->ahead, sizeof *split->speculations);
    split->sources = calloc(split->ahead, sizeof *split->sources);
    if (split->speculations == NULL || split->sources == NULL)
        return tb_error_memory(error, "segments");
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < split->ahead; i++)
        status = tb_source_open_again(source, &split->sources[i], error);
    return status;
}

static void close_sources(struct split *split)
{
    for (size_t i = 0; split->sources != NULL && i < split->ahead; i++)
        tb_source_close(split->sources[i]);
    free(split->sources);
    free(split->speculations);
}

uint64_t tb_trace_segment(uint64_t size, int threads, uint64_t wanted)
{
    const uint64_t count = threads < 1 ? 1 : (uint64_t)threads;
    const uint64_t round = wanted > UINT64_MAX / count ? UINT64_MAX : wanted * count;
    const uint64_t rounds = round == 0 || size == 0 ? 1 : size / round + (size % round != 0);
    const uint64_t segments = rounds * count;
    return size / segments + 1;
}

static enum tb_status read_split(struct decoder *decoder, struct tb_source *source,
                                 const struct tb_trace_request *request, const struct tb_split *how,
                                 struct tb_split_outcome *outcome, struct tb_trace **trace, struct tb_error *error)
{
    struct split split = {.decoder = decoder,
                          .ahead = how->segments - 1,
                          .size = tb_source_size(source),
                          .wanted = how->segment_size,
                          .warm_up = how->warm_up == 0 ? TB_SPLIT_WARM_UP : how->warm_up,
                          .outcome = outcome};
    enum tb_status status = tb_decoder_start(decoder, source, request, error);
    if (status == TB_OK)
        status = open_sources(&split, source, error);
    if (status == TB_OK)
        status = take_lists(decoder, error);
    if (status == TB_OK)
        status = take_rounds(&split, error);
    tb_reader_expect_end(&decoder->walker.reader, 0);
    if (status == TB_OK)
        status = tb_decoder_take_rest(decoder, trace, error);
    close_sources(&split);
    return status;
}

enum tb_status tb_trace_read_split(struct tb_source *source, const struct tb_trace_request *request,
                                   const struct tb_split *how, struct tb_split_outcome *outcome,
                                   struct tb_trace **trace, struct tb_error *error)
{
    struct tb_split_outcome unused;
    outcome = outcome == NULL ? &unused : outcome;
    *outcome = (struct tb_split_outcome){0};
    if (how->segments < 2 || how->segment_size == 0 || tb_source_compression(source) != TB_COMPRESSION_NONE)
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
