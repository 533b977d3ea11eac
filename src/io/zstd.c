/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <zstd.h>

#include "source_kind.h"

enum { INPUT_SIZE = 256 * 1024 };

struct zstd_stream {
    struct tb_raw *raw; /* borrowed */
    ZSTD_DStream *decompress;
    ZSTD_inBuffer input;
    uint64_t fetched;    /* raw bytes put into input so far */
    uint64_t frames_end; /* raw offset behind the last whole frame */
    bool inside;         /* a frame has begun and not ended */
    bool ended;
    uint8_t bytes[INPUT_SIZE];
};

static enum tb_status zstd_start(struct tb_raw *raw, void **state, struct tb_error *error)
{
    struct zstd_stream *stream = malloc(sizeof *stream);
    ZSTD_DStream *decompress = ZSTD_createDStream();
    if (stream == NULL || decompress == NULL) {
        free(stream);
        ZSTD_freeDStream(decompress);
        return tb_error_memory(error, "a zstd stream");
    }
    stream->raw = raw;
    stream->decompress = decompress;
    stream->input = (ZSTD_inBuffer){.src = stream->bytes};
    stream->fetched = 0;
    stream->frames_end = 0;
    stream->inside = false;
    stream->ended = false;
    *state = stream;
    return TB_OK;
}

static uint64_t used_offset(const struct zstd_stream *stream)
{
    return stream->fetched - (stream->input.size - stream->input.pos);
}

static enum tb_status fetch(struct zstd_stream *stream, struct tb_error *error)
{
    size_t got;
    const enum tb_status status = tb_raw_read(stream->raw, stream->bytes, sizeof stream->bytes, &got, error);
    if (status != TB_OK)
        return status;
    stream->input.size = got;
    stream->input.pos = 0;
    stream->fetched += got;
    return got == 0 ? TB_END : TB_OK;
}

static enum tb_status decompress_some(struct zstd_stream *stream, ZSTD_outBuffer *output, struct tb_error *error)
{
    const size_t result = ZSTD_decompressStream(stream->decompress, output, &stream->input);
    if (ZSTD_isError(result))
        return tb_error_set(error, TB_CORRUPT, "%s: broken zstd data near file offset %llu: %s", stream->raw->name,
                            (unsigned long long)used_offset(stream), ZSTD_getErrorName(result));
    stream->inside = result != 0;
    if (result == 0)
        stream->frames_end = used_offset(stream);
    return TB_OK;
}

static enum tb_status zstd_read(void *state, void *data, size_t size, size_t *got, struct tb_error *error)
{
    struct zstd_stream *stream = state;
    ZSTD_outBuffer output = {.dst = data, .size = size};
    enum tb_status status = TB_OK;
    while (!stream->ended && status == TB_OK && output.pos == 0 && size != 0) {
        /* With the input used up the decompressor may still hold output. */
        if (stream->input.pos == stream->input.size)
            status = fetch(stream, error);
        if (status == TB_END && !stream->inside) {
            stream->ended = true;
            status = TB_OK;
            break;
        }
        const bool starved = status == TB_END;
        if (status == TB_OK || starved)
            status = decompress_some(stream, &output, error);
        if (starved && status == TB_OK && output.pos == 0)
            status = tb_error_set(error, TB_TRUNCATED, "%s: the zstd data ends early, at file offset %llu",
                                  stream->raw->name, (unsigned long long)stream->raw->size);
    }
    *got = output.pos;
    if (status != TB_OK)
        stream->ended = true;
    return status;
}

static uint64_t zstd_consumed(const void *state)
{
    const struct zstd_stream *stream = state;
    return stream->ended ? stream->frames_end : used_offset(stream);
}

static void zstd_finish(void *state)
{
    struct zstd_stream *stream = state;
    ZSTD_freeDStream(stream->decompress);
    free(stream);
}

const struct tb_source_kind tb_source_zstd = {
    .compression = TB_COMPRESSION_ZSTD,
    .start = zstd_start,
    .read = zstd_read,
    .consumed = zstd_consumed,
    .finish = zstd_finish,
};
