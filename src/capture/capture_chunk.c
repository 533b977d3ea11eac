/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses chunks of a capture ahead, and checks what it came to.
 *
 * A chunk stops where the file would have to be known better: at a new section or interface, and at
 * damage (tb_packet_file.described). Parsing goes in steps, between which the engine may say that
 * the leader has come. */
#include "capture_chunk.h"

/* Nobody speculates about a chunk whose first record begins further behind its beginning. So many bytes are parsed at a
 * time, in some 20 microseconds. */
enum { SEARCHED = 256 << 10, STEP = 16 << 10 };

enum tb_status tb_capture_chunk_prepare(struct tb_capture_chunk *chunk, const struct tb_capture_request *request,
                                        const struct tb_shard_range *range, struct tb_error *error)
{
    tb_capture_parser_ask(&chunk->parser, request);
    chunk->parser.counts = &chunk->counts;
    chunk->parser.file.account = &chunk->counts.account;
    return tb_packet_batch_prepare(&chunk->batch, range) ? TB_OK : tb_error_memory(error, "the packets of a chunk");
}

void tb_capture_chunk_free(struct tb_capture_chunk *chunk)
{
    tb_capture_parser_free(&chunk->parser);
    tb_packet_batch_free(&chunk->batch);
}

static void empty(struct tb_capture_chunk *chunk)
{
    chunk->counts = (struct tb_capture){0};
    chunk->parser.filter.tried = false;
    tb_packet_batch_empty(&chunk->batch);
}

void tb_capture_chunk_start(struct tb_capture_chunk *chunk, const struct tb_packet_file *known)
{
    empty(chunk);
    chunk->speculated = known != NULL && tb_packet_file_copy(known, &chunk->parser.file);
}

/* Leaves the chunk's reader at the first place in its range that looks like a record. False when there is none. */
static bool find_record(struct tb_capture_chunk *chunk, uint64_t begin, uint64_t end)
{
    struct tb_packet_file *const file = &chunk->parser.file;
    const uint64_t size = end - begin;
    size_t place;
    tb_packet_file_begin_at(file, begin, end);
    const enum tb_status status = tb_reader_need(&file->reader, size < SEARCHED ? (size_t)size : SEARCHED, NULL);
    if ((status != TB_OK && status != TB_END) ||
        !tb_packet_file_find(file, file->reader.data, file->reader.available, begin, &place) || place >= size)
        return false;
    tb_packet_file_begin_at(file, begin + place, end);
    return true;
}

/* In steps, up to the end of the range or as far as it goes on. TB_END when that went well. */
static enum tb_status parse(struct tb_capture_chunk *chunk, struct tb_capture_parser *parser, struct tb_chunk *range,
                            struct tb_error *error)
{
    const uint64_t end = atomic_load_explicit(&range->end, memory_order_relaxed);
    uint64_t reached = tb_packet_file_reached(&parser->file);
    enum tb_status status;
    do {
        parser->file.end = reached < end && end - reached > STEP ? reached + STEP : end;
        status = tb_packet_batch_fill(&chunk->batch, parser, error);
        reached = tb_packet_file_reached(&parser->file);
    } while (status == TB_END && !tb_packet_file_is_over(&parser->file) && tb_chunk_goes_on(range, reached));
    return status;
}

void tb_capture_chunk_speculate(struct tb_capture_chunk *chunk, struct tb_chunk *range, struct tb_reader *reader)
{
    struct tb_reader *const own = &chunk->parser.file.reader;
    *own = *reader;
    chunk->speculated = chunk->speculated && find_record(chunk, range->begin, range->end) &&
                        parse(chunk, &chunk->parser, range, NULL) == TB_END;
    *reader = *own;
    *own = (struct tb_reader){0};
}

bool tb_capture_chunk_validate(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder)
{
    const bool holds = chunk->speculated && tb_packet_file_agrees(&decoder->file, &chunk->parser.file);
    if (holds) {
        tb_packet_file_follow(&decoder->file, &chunk->parser.file);
        decoder->filter.tried = decoder->filter.tried || chunk->parser.filter.tried;
    } else {
        empty(chunk);
    }
    return holds;
}

enum tb_status tb_capture_chunk_decode(struct tb_capture_chunk *chunk, struct tb_capture_parser *decoder,
                                       struct tb_chunk *range, struct tb_error *error)
{
    decoder->counts = &chunk->counts;
    tb_reader_expect_end(&decoder->file.reader, range->end);
    return parse(chunk, decoder, range, error);
}
