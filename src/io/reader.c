/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

/* A plain source tells its size: a small file needs no large buffer. One byte more than the file, so that its end is seen
 * without growing; and never so little that a file that grows meanwhile is read in crumbs. */
static size_t first_capacity(const struct tb_source *source)
{
    enum { LEAST = 4096 };
    const uint64_t size = tb_source_size(source) + 1;
    if (tb_source_compression(source) != TB_COMPRESSION_NONE || size > TB_READER_BLOCK_SIZE)
        return TB_READER_BLOCK_SIZE;
    return size < LEAST ? LEAST : (size_t)size;
}

enum tb_status tb_reader_start(struct tb_reader *reader, struct tb_source *source, struct tb_error *error)
{
    const size_t capacity = first_capacity(source);
    uint8_t *buffer = malloc(capacity);
    if (buffer == NULL)
        return tb_error_memory(error, "a read buffer");
    *reader = (struct tb_reader){
        .data = buffer, .source = source, .buffer = buffer, .capacity = capacity, .stream_status = TB_OK};
    return TB_OK;
}

void tb_reader_finish(struct tb_reader *reader)
{
    free(reader->buffer);
    *reader = (struct tb_reader){0};
}

enum tb_status tb_reader_open_again(struct tb_reader *reader, const struct tb_source *source, struct tb_error *error)
{
    struct tb_source *again;
    *reader = (struct tb_reader){0};
    enum tb_status status = tb_source_open_again(source, &again, error);
    if (status != TB_OK)
        return status;
    status = tb_reader_start(reader, again, error);
    if (status != TB_OK)
        tb_source_close(again);
    return status;
}

void tb_reader_close(struct tb_reader *reader)
{
    tb_source_close(reader->source);
    tb_reader_finish(reader);
}

/* Doubles as data arrives, so a record that lies about its length costs no
 * more memory than twice the bytes that really are there. */
static enum tb_status make_room(struct tb_reader *reader, struct tb_error *error)
{
    if (reader->data != reader->buffer) {
        memmove(reader->buffer, reader->data, reader->available);
        reader->data = reader->buffer;
    }
    if (reader->available < reader->capacity)
        return TB_OK;
    uint8_t *buffer = realloc(reader->buffer, reader->capacity * 2);
    if (buffer == NULL)
        return tb_error_set(error, TB_MEMORY, "%s: out of memory for a record of more than %zu bytes at offset %llu",
                            tb_source_name(reader->source), reader->capacity, (unsigned long long)reader->offset);
    reader->buffer = buffer;
    reader->data = buffer;
    reader->capacity *= 2;
    return TB_OK;
}

static size_t read_size(const struct tb_reader *reader)
{
    enum { STEP = 16 << 10 };
    const size_t room = reader->capacity - reader->available;
    const uint64_t at = reader->offset + reader->available;
    if (reader->wanted_end == 0)
        return room;
    const uint64_t wanted = (reader->wanted_end > at ? reader->wanted_end - at : 0) + STEP;
    return wanted < room ? (size_t)wanted : room;
}

/* One read into the free end of the buffer; notes the end of the stream. */
static void read_more(struct tb_reader *reader)
{
    size_t got = 0;
    const enum tb_status status = tb_source_read(reader->source, reader->buffer + reader->available, read_size(reader),
                                                 &got, &reader->stream_error);
    reader->available += got;
    if (status == TB_OK && got != 0)
        return;
    reader->ended = true;
    reader->stream_status = status == TB_OK ? TB_END : status;
}

enum tb_status tb_reader_fill(struct tb_reader *reader, size_t count, struct tb_error *error)
{
    while (reader->available < count && !reader->ended) {
        const enum tb_status status = make_room(reader, error);
        if (status != TB_OK)
            return status;
        read_more(reader);
    }
    return reader->available >= count ? TB_OK : TB_END;
}

uint64_t tb_reader_skip(struct tb_reader *reader, uint64_t count)
{
    uint64_t left = count;
    for (;;) {
        const size_t step = left < reader->available ? (size_t)left : reader->available;
        tb_reader_pass(reader, step);
        left -= step;
        if (left == 0 || reader->ended)
            return count - left;
        reader->data = reader->buffer;
        read_more(reader);
    }
}

void tb_reader_seek(struct tb_reader *reader, uint64_t offset)
{
    if (offset >= reader->offset && offset - reader->offset <= reader->available) {
        tb_reader_pass(reader, (size_t)(offset - reader->offset));
        return;
    }
    tb_source_move(reader->source, offset);
    reader->data = reader->buffer;
    reader->available = 0;
    reader->offset = offset;
    reader->ended = false;
    reader->stream_status = TB_OK;
}

void tb_reader_expect_end(struct tb_reader *reader, uint64_t end)
{
    reader->wanted_end = end;
}
