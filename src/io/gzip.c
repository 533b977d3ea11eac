/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

enum { INPUT_SIZE = 256 * 1024 };

struct gzip_stream {
    struct tb_raw *raw; /* borrowed */
    struct inflate_state inflate;
    uint64_t fetched;     /* raw bytes put into input so far */
    uint64_t members_end; /* raw offset behind the last whole member */
    bool inside;          /* some bytes of a member have been used */
    bool ended;
    uint8_t input[INPUT_SIZE];
};

static void start_member(struct gzip_stream *stream)
{
    uint8_t *next = stream->inflate.next_in;
    const uint32_t available = stream->inflate.avail_in;
    isal_inflate_reset(&stream->inflate);
    stream->inflate.crc_flag = ISAL_GZIP;
    stream->inflate.next_in = next;
    stream->inflate.avail_in = available;
    stream->inside = false;
}

static enum tb_status gzip_start(struct tb_raw *raw, void **state, struct tb_error *error)
{
    struct gzip_stream *stream = malloc(sizeof *stream);
    if (stream == NULL)
        return tb_error_memory(error, "a gzip stream");
    stream->raw = raw;
    stream->fetched = 0;
    stream->members_end = 0;
    stream->inside = false;
    stream->ended = false;
    isal_inflate_init(&stream->inflate);
    stream->inflate.crc_flag = ISAL_GZIP;
    stream->inflate.avail_in = 0;
    *state = stream;
    return TB_OK;
}

static uint64_t used_offset(const struct gzip_stream *stream)
{
    return stream->fetched - stream->inflate.avail_in;
}

static enum tb_status fetch(struct gzip_stream *stream, struct tb_error *error)
{
    size_t got;
    const enum tb_status status = tb_raw_read(stream->raw, stream->input, sizeof stream->input, &got, error);
    if (status != TB_OK)
        return status;
    stream->inflate.next_in = stream->input;
    stream->inflate.avail_in = (uint32_t)got;
    stream->fetched += got;
    return got == 0 ? TB_END : TB_OK;
}

/* Between members: another member, or bytes that are none, which stay left. */
static enum tb_status next_member(struct gzip_stream *stream, struct tb_error *error)
{
    stream->members_end = used_offset(stream);
    if (stream->inflate.avail_in == 0) {
        const enum tb_status status = fetch(stream, error);
        if (status == TB_END)
            stream->ended = true;
        if (status != TB_OK)
            return status;
    }
    if (stream->inflate.next_in[0] != 0x1f) {
        stream->ended = true;
        return tb_error_set(error, TB_CORRUPT, "%s: bytes after the gzip data at file offset %llu", stream->raw->name,
                            (unsigned long long)stream->members_end);
    }
    start_member(stream);
    return TB_OK;
}

/* One call of the decompressor; TB_OK also when it gave nothing yet. */
static enum tb_status inflate_some(struct gzip_stream *stream, struct tb_error *error)
{
    if (stream->inflate.avail_in == 0) {
        const enum tb_status status = fetch(stream, error);
        if (status == TB_END)
            return tb_error_set(error, TB_TRUNCATED, "%s: the gzip data ends early, at file offset %llu",
                                stream->raw->name, (unsigned long long)stream->raw->size);
        if (status != TB_OK)
            return status;
    }
    stream->inside = true;
    const int result = isal_inflate(&stream->inflate);
    if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT)
        return tb_error_set(error, TB_CORRUPT, "%s: broken gzip data near file offset %llu", stream->raw->name,
                            (unsigned long long)used_offset(stream));
    return TB_OK;
}

static enum tb_status gzip_read(void *state, void *data, size_t size, size_t *got, struct tb_error *error)
{
    struct gzip_stream *stream = state;
    *got = 0;
    if (stream->ended)
        return TB_OK;
    const uint32_t room = size > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)size;
    stream->inflate.next_out = data;
    stream->inflate.avail_out = room;
    enum tb_status status = TB_OK;
    while (status == TB_OK && stream->inflate.avail_out == room && room != 0) {
        if (stream->inside && stream->inflate.block_state == ISAL_BLOCK_FINISH)
            status = next_member(stream, error);
        else
            status = inflate_some(stream, error);
    }
    *got = room - stream->inflate.avail_out;
    if (status == TB_END)
        return TB_OK;
    if (status != TB_OK)
        stream->ended = true;
    return status;
}

static uint64_t gzip_consumed(const void *state)
{
    const struct gzip_stream *stream = state;
    return stream->ended ? stream->members_end : used_offset(stream);
}

static void gzip_finish(void *state)
{
    free(state);
}

const struct tb_source_kind tb_source_gzip = {
    .compression = TB_COMPRESSION_GZIP,
    .start = gzip_start,
    .read = gzip_read,
    .consumed = gzip_consumed,
    .finish = gzip_finish,
};
