/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "source_kind.h"

enum { INPUT_SIZE = TB_BLOCK_ROOM, DECOMPRESSOR_MOST = 32 << 20 };

struct zstd_stream {
    struct tb_raw *raw; /* borrowed */
    ZSTD_DStream *decompress;
    ZSTD_inBuffer input;
    uint64_t fetched;    /* raw offset behind the input */
    size_t ahead;        /* bytes of the input to come that are passed over */
    uint64_t frames_end; /* raw offset behind the last whole frame */
    uint64_t end;        /* at or behind it no other frame begins */
    bool inside;         /* a frame has begun and not ended */
    bool ended;
    uint8_t bytes[INPUT_SIZE];
};

/* A large window is not kept for the small ones that may follow. */
static void forget_frame(struct zstd_stream *stream)
{
    ZSTD_DStream *const other =
        ZSTD_sizeof_DStream(stream->decompress) > DECOMPRESSOR_MOST ? ZSTD_createDStream() : NULL;
    if (other != NULL) {
        ZSTD_freeDStream(stream->decompress);
        stream->decompress = other;
    }
    ZSTD_DCtx_reset(stream->decompress, ZSTD_reset_session_only);
}

static void zstd_begin(void *state, uint64_t offset, uint64_t end)
{
    struct zstd_stream *stream = state;
    forget_frame(stream);
    stream->ahead = (size_t)(offset % INPUT_SIZE);
    stream->raw->position = stream->fetched = offset - stream->ahead;
    stream->input = (ZSTD_inBuffer){.src = stream->bytes};
    stream->frames_end = offset;
    stream->end = end;
    stream->inside = false;
    stream->ended = false;
}

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
    zstd_begin(stream, 0, UINT64_MAX);
    *state = stream;
    return TB_OK;
}

static uint64_t used_offset(const struct zstd_stream *stream)
{
    return stream->fetched + stream->ahead - (stream->input.size - stream->input.pos);
}

static enum tb_status fetch(struct zstd_stream *stream, struct tb_error *error)
{
    size_t got;
    const enum tb_status status = tb_raw_read(stream->raw, stream->bytes, sizeof stream->bytes, &got, error);
    if (status != TB_OK)
        return status;
    if (got <= stream->ahead)
        return TB_END;
    stream->input.size = got;
    stream->input.pos = stream->ahead;
    stream->fetched += got;
    stream->ahead = 0;
    return TB_OK;
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
        if (!stream->inside && stream->frames_end >= stream->end) {
            stream->ended = true;
            break;
        }
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

/* Frames of larger windows are not looked for: each decompressor would need as much. Nor are skippable ones. */
static bool zstd_looks_begun(const uint8_t *data, size_t size)
{
    enum { FRAME_LEAST = 9, RESERVED_BIT = 8, RESERVED_BLOCK = 3, BLOCK_MOST = 128 << 10, WINDOW_LOG_MOST = 23 };
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t dictionary_sizes[] = {0, 1, 2, 4}, content_sizes[] = {0, 2, 4, 8};
    if (size < FRAME_LEAST || memcmp(data, magic, sizeof magic) != 0 || (data[4] & RESERVED_BIT) != 0)
        return false;
    const bool single = (data[4] & 32) != 0;
    const unsigned content_size = data[4] >> 6 == 0 && single ? 1 : content_sizes[data[4] >> 6];
    if (single ? content_size == 8 : (data[5] >> 3) + 10 > WINDOW_LOG_MOST)
        return false;
    const size_t block = 5u + !single + dictionary_sizes[data[4] & 3] + content_size;
    if (block + 3 > size)
        return false;
    const uint32_t header = data[block] | (uint32_t)data[block + 1] << 8 | (uint32_t)data[block + 2] << 16;
    return (header >> 1 & 3) != RESERVED_BLOCK && header >> 3 <= BLOCK_MOST;
}

const struct tb_source_kind tb_source_zstd = {
    .compression = TB_COMPRESSION_ZSTD,
    .start = zstd_start,
    .begin = zstd_begin,
    .read = zstd_read,
    .consumed = zstd_consumed,
    .finish = zstd_finish,
    .first_byte = 0x28,
    .looks_begun = zstd_looks_begun,
};
