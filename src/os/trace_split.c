/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes one plain trace with several threads. Each round takes as many segments as there are threads: the decoder
 * reads the first of them, the other threads speculate about theirs from where the decoder stood; then their results
 * join in file order, and what does not hold is read by the decoder. So the decoder always is where one that reads
 * alone would be, and so is its result. */
#include <stdlib.h>

#include "speculation.h"
#include "twinbed/io/source.h"

struct split {
    struct decoder *decoder;
    struct speculation *speculations; /* owned; one for each segment of a round but its first */
    struct tb_source **sources;       /* owned; one for each */
    size_t ahead;                     /* how many these are */
    uint64_t segment;
    uint64_t warm_up;
    struct tb_split_outcome *outcome;
};

/* Where a segment of a round ends. The first has no warm-up, so it is as much longer. */
static uint64_t end_of(const struct split *split, uint64_t begin, size_t which)
{
    return begin + split->warm_up + (which + 1) * split->segment;
}

static void speculate(struct split *split, size_t which, uint64_t begin)
{
    const uint64_t from = end_of(split, begin, which);
    speculation_run(&split->speculations[which], split->sources[which], from, from + split->segment, split->warm_up);
}

/* Reads the round's first segment, and speculates about the others at the same time. */
static enum tb_status read_round(struct split *split, uint64_t begin, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    const int threads = (int)split->ahead + 1;
    tb_reader_expect_end(&split->decoder->walker.reader, end_of(split, begin, 0));
    for (size_t i = 0; i < split->ahead; i++)
        speculation_start(&split->speculations[i], split->decoder);
#pragma omp parallel for schedule(static, 1) num_threads(threads)
    for (int i = 0; i < threads; i++) {
        if (i == 0)
            status = decoder_take_blocks(split->decoder, end_of(split, begin, 0), error);
        else
            speculate(split, (size_t)i - 1, begin);
    }
    return status;
}

static enum tb_status join_round(struct split *split, uint64_t begin, enum tb_status status, struct tb_error *error)
{
    for (size_t i = 0; status == TB_OK && i < split->ahead; i++) {
        const bool holds = speculation_holds(&split->speculations[i], split->decoder);
        if (holds)
            status = speculation_join(&split->speculations[i], split->decoder, error);
        split->outcome->joined += holds;
        split->outcome->repeated += !holds;
        tb_reader_expect_end(&split->decoder->walker.reader, end_of(split, begin, i + 1));
        if (status == TB_OK)
            status = decoder_take_blocks(split->decoder, end_of(split, begin, i + 1), error);
    }
    for (size_t i = 0; i < split->ahead; i++)
        speculation_free(&split->speculations[i]);
    return status;
}

static enum tb_status take_rounds(struct split *split, uint64_t size, struct tb_error *error)
{
    const uint64_t round = split->warm_up + split->segment * (split->ahead + 1);
    enum tb_status status = TB_OK;
    for (uint64_t begin = 0; status == TB_OK && begin < size; begin += round) {
        split->outcome->rounds++;
        status = join_round(split, begin, read_round(split, begin, error), error);
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
                          .segment = how->segment_size,
                          .warm_up = how->warm_up == 0 ? TB_SPLIT_WARM_UP : how->warm_up,
                          .outcome = outcome};
    enum tb_status status = decoder_start(decoder, source, request, error);
    if (status == TB_OK)
        status = open_sources(&split, source, error);
    if (status == TB_OK)
        status = take_rounds(&split, tb_source_size(source), error);
    tb_reader_expect_end(&decoder->walker.reader, 0);
    if (status == TB_OK)
        status = decoder_take_rest(decoder, trace, error);
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
    enum tb_status status = decoder_check_request(source, request, error);
    if (status != TB_OK)
        return status;
    struct decoder *const decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL)
        return tb_error_memory(error, "a trace");
    status = read_split(decoder, source, request, how, outcome, trace, error);
    decoder_finish(decoder);
    free(decoder);
    return status;
}
