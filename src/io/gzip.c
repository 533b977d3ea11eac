/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

enum { INPUT_SIZE = TB_BLOCK_ROOM, HEADER_SIZE = 10, MEMBER_LEAST = 18 };

struct gzip_stream {
    struct tb_raw *raw; /* borrowed */
    struct inflate_state inflate;
    uint64_t fetched;     /* raw offset behind the input */
    size_t ahead;         /* bytes of the input to come that are passed over */
    uint64_t members_end; /* raw offset behind the last whole member */
    uint64_t end;         /* at or behind it no other member begins */
    bool between;         /* members: the next one is yet to begin */
    bool ended;
    uint32_t room; /* of this read */
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
    stream->between = false;
}

static void gzip_begin(void *state, uint64_t offset, uint64_t end)
{
    struct gzip_stream *stream = state;
    stream->ahead = (size_t)(offset % INPUT_SIZE);
    stream->raw->position = stream->fetched = offset - stream->ahead;
    stream->members_end = offset;
    stream->end = end;
    stream->between = true;
    stream->ended = false;
    stream->inflate.avail_in = 0;
}

static enum tb_status gzip_start(struct tb_raw *raw, void **state, struct tb_error *error)
{
    struct gzip_stream *stream = malloc(sizeof *stream);
    if (stream == NULL)
        return tb_error_memory(error, "a gzip stream");
    stream->raw = raw;
    isal_inflate_init(&stream->inflate);
    gzip_begin(stream, 0, UINT64_MAX);
    *state = stream;
    return TB_OK;
}

static uint64_t used_offset(const struct gzip_stream *stream)
{
    return stream->fetched + stream->ahead - stream->inflate.avail_in;
}

/* ISA-L decompresses further than there is room, into room of its own; where only a beginning is wanted it is given no more
 * than makes about as much. */
static size_t input_wanted(const struct gzip_stream *stream)
{
    enum { USUAL_RATIO = 8, LEAST = 1 << 10 };
    const size_t usual = stream->room / USUAL_RATIO;
    return stream->room >= TB_BLOCK_ROOM ? sizeof stream->input : usual > LEAST ? usual : LEAST;
}

static enum tb_status fetch(struct gzip_stream *stream, struct tb_error *error)
{
    size_t got;
    const enum tb_status status = tb_raw_read(stream->raw, stream->input, input_wanted(stream), &got, error);
    if (status != TB_OK)
        return status;
    if (got <= stream->ahead)
        return TB_END;
    stream->inflate.next_in = stream->input + stream->ahead;
    stream->inflate.avail_in = (uint32_t)(got - stream->ahead);
    stream->fetched += got;
    stream->ahead = 0;
    return TB_OK;
}

/* Between members: another member, or bytes that are none, which stay left. */
static enum tb_status next_member(struct gzip_stream *stream, struct tb_error *error)
{
    stream->members_end = used_offset(stream);
    if (stream->members_end >= stream->end) {
        stream->ended = true;
        return TB_END;
    }
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

/* A copy that is refused counts as given, though nobody wrote its bytes. Its length is not told, and may be of a symbol that
 * there is not, so as much as the largest can stand for is taken back. */
static void take_back_copy(struct gzip_stream *stream)
{
    enum { LONGEST_COPY = 1 << 10 };
    const uint32_t given = stream->room - stream->inflate.avail_out;
    stream->inflate.avail_out += given < LONGEST_COPY ? given : LONGEST_COPY;
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
    const int result = isal_inflate(&stream->inflate);
    if (result == ISAL_INVALID_LOOKBACK || result == ISAL_INVALID_SYMBOL)
        take_back_copy(stream);
    if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT)
        return tb_error_set(error, TB_CORRUPT, "%s: broken gzip data near file offset %llu", stream->raw->name,
                            (unsigned long long)used_offset(stream));
    stream->between = stream->inflate.block_state == ISAL_BLOCK_FINISH;
    return TB_OK;
}

static enum tb_status gzip_read(void *state, void *data, size_t size, size_t *got, struct tb_error *error)
{
    struct gzip_stream *stream = state;
    *got = 0;
    if (stream->ended)
        return TB_OK;
    stream->room = size > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)size;
    stream->inflate.next_out = data;
    stream->inflate.avail_out = stream->room;
    enum tb_status status = TB_OK;
    while (status == TB_OK && stream->inflate.avail_out == stream->room && stream->room != 0) {
        if (stream->between)
            status = next_member(stream, error);
        else
            status = inflate_some(stream, error);
    }
    *got = stream->room - stream->inflate.avail_out;
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

/* Of the whole member, as block gzip (BGZF) says in an extra field; 0: it does not. */
static size_t stated_size(const uint8_t *data, size_t size)
{
    enum { HAS_EXTRA = 4 };
    if ((data[3] & HAS_EXTRA) == 0)
        return 0;
    size_t extra_end = HEADER_SIZE + 2 + (data[10] | (size_t)data[11] << 8);
    extra_end = extra_end < size ? extra_end : size;
    for (size_t at = HEADER_SIZE + 2; at + 4 <= extra_end;) {
        const size_t length = data[at + 2] | (size_t)data[at + 3] << 8;
        if (data[at] == 'B' && data[at + 1] == 'C' && length == 2 && at + 6 <= extra_end)
            return (data[at + 4] | (size_t)data[at + 5] << 8) + 1;
        at += 4 + length;
    }
    return 0;
}

static bool gzip_looks_begun(const uint8_t *data, size_t size)
{
    enum { DEFLATED = 8, RESERVED_FLAGS = 0xe0, LAST_SYSTEM = 13, UNKNOWN_SYSTEM = 255 };
    if (size < MEMBER_LEAST || data[0] != 0x1f || data[1] != 0x8b || data[2] != DEFLATED ||
        (data[3] & RESERVED_FLAGS) != 0)
        return false;
    const uint8_t effort = data[8];
    if ((effort != 0 && effort != 2 && effort != 4) || (data[9] > LAST_SYSTEM && data[9] != UNKNOWN_SYSTEM))
        return false;
    const size_t next = stated_size(data, size);
    return next == 0 || next + 2 > size || (data[next] == 0x1f && data[next + 1] == 0x8b);
}

const struct tb_source_kind tb_source_gzip = {
    .compression = TB_COMPRESSION_GZIP,
    .start = gzip_start,
    .begin = gzip_begin,
    .read = gzip_read,
    .consumed = gzip_consumed,
    .finish = gzip_finish,
    .first_byte = 0x1f,
    .looks_begun = gzip_looks_begun,
};
