/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_chunk.h"

/* A segment whose first record begins further behind its beginning is not guessed at. */
enum { SEARCHED = 256 << 10 };

enum tb_status tb_capture_chunk_open(struct tb_capture_chunk *segment, const struct tb_source *source,
                                     const char *filter, uint16_t shards, struct tb_error *error)
{
    tb_filter_start(&segment->parser.filter, filter);
    segment->parser.counts = &segment->counts;
    segment->parser.file.account = &segment->counts.account;
    for (unsigned i = 0; i < 2; i++)
        if (!tb_packet_batch_prepare(&segment->batches[i], shards))
            return tb_error_memory(error, "the packets of a segment");
    const enum tb_status status = tb_source_open_again(source, &segment->source, error);
    return status == TB_OK ? tb_reader_start(&segment->parser.file.reader, segment->source, error) : status;
}

void tb_capture_chunk_close(struct tb_capture_chunk *segment)
{
    tb_capture_parser_free(&segment->parser);
    tb_source_close(segment->source);
    for (unsigned i = 0; i < 2; i++)
        tb_packet_batch_free(&segment->batches[i]);
}

static void empty(struct tb_capture_chunk *segment, unsigned batch)
{
    segment->counts = (struct tb_capture){0};
    segment->parser.filter.tried = false;
    tb_packet_batch_empty(&segment->batches[batch]);
}

void tb_capture_chunk_start(struct tb_capture_chunk *segment, const struct tb_capture_parser *decoder, uint64_t begin,
                            uint64_t end, unsigned batch, bool guess)
{
    empty(segment, batch);
    segment->begin = begin;
    segment->end = end;
    segment->guessed = guess && tb_packet_file_copy(&decoder->file, &segment->parser.file);
}

bool tb_capture_chunk_find(struct tb_capture_chunk *segment)
{
    struct tb_packet_file *file = &segment->parser.file;
    const uint64_t size = segment->end - segment->begin;
    size_t place;
    tb_packet_file_begin_at(file, segment->begin, segment->end);
    const enum tb_status status = tb_reader_need(&file->reader, size < SEARCHED ? (size_t)size : SEARCHED, NULL);
    if ((status != TB_OK && status != TB_END) ||
        !tb_packet_file_find(file, file->reader.data, file->reader.available, segment->begin, &place) || place >= size)
        return false;
    tb_packet_file_begin_at(file, segment->begin + place, segment->end);
    return true;
}

void tb_capture_chunk_guess(struct tb_capture_chunk *segment, unsigned batch)
{
    if (!segment->guessed)
        return;
    segment->guessed = tb_capture_chunk_find(segment) &&
                       tb_packet_batch_fill(&segment->batches[batch], &segment->parser, NULL) == TB_END;
}

enum tb_status tb_capture_chunk_settle(struct tb_capture_chunk *segment, struct tb_capture_parser *decoder,
                                       unsigned batch, bool *joined, struct tb_error *error)
{
    *joined = segment->guessed && tb_packet_file_agrees(&decoder->file, &segment->parser.file);
    if (*joined) {
        tb_packet_file_follow(&decoder->file, &segment->parser.file);
        decoder->filter.tried = decoder->filter.tried || segment->parser.filter.tried;
    } else {
        empty(segment, batch);
    }
    decoder->counts = &segment->counts;
    decoder->file.end = segment->end;
    tb_reader_expect_end(&decoder->file.reader, segment->end);
    return tb_packet_batch_fill(&segment->batches[batch], decoder, error);
}
