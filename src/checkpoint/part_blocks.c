/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/checkpoint/part_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/durable.h"
#include "part_file.h"

/* A block is a head and its bytes. All integers are little-endian.
 *   0  8  items
 *   8  8  size of the bytes
 *  16  8  XXH3 of the bytes, seeded with the items
 *  24     bytes */
enum { BLOCK_HEAD = 24 };

/* --- writing --- */

struct tb_part_writer {
    char *key;
    char *path;
    char *partial;
    int file; /* -1: none */
    uint64_t size;
    XXH3_state_t *state; /* of the content so far */
};

static struct tb_part_writer *make_writer(const char *directory, const char *key)
{
    struct tb_part_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->file = -1;
    writer->key = strdup(key);
    writer->path = tb_part_path(directory, key);
    writer->partial = tb_part_partial_path(directory, key);
    writer->state = XXH3_createState();
    if (writer->key != NULL && writer->path != NULL && writer->partial != NULL && writer->state != NULL)
        return writer;
    tb_part_abandon(writer);
    return NULL;
}

static void free_writer(struct tb_part_writer *writer)
{
    if (writer->file >= 0)
        close(writer->file);
    XXH3_freeState(writer->state);
    free(writer->key);
    free(writer->path);
    free(writer->partial);
    free(writer);
}

void tb_part_abandon(struct tb_part_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->file >= 0)
        unlink(writer->partial);
    free_writer(writer);
}

/* The head that belongs to what is there so far. */
static enum tb_status pack_head(const struct tb_part_writer *writer, struct tb_buffer *head, struct tb_error *error)
{
    struct tb_part_content content = {.size = writer->size};
    tb_part_hash_canonical(XXH3_128bits_digest(writer->state), content.hash);
    return tb_part_pack_head(writer->key, &content, head) ? TB_OK : tb_error_memory(error, "the head of a part");
}

/* One that never holds keeps the place of the head. */
static enum tb_status open_file(struct tb_part_writer *writer, struct tb_error *error)
{
    struct tb_buffer head = {0};
    writer->file = open(writer->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (writer->file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create: %s", writer->partial, strerror(errno));
    enum tb_status status = pack_head(writer, &head, error);
    if (status == TB_OK) {
        memset(head.data, 0, head.size);
        status = tb_write_all(writer->file, writer->partial, head.data, head.size, error);
    }
    tb_buffer_free(&head);
    return status;
}

enum tb_status tb_part_begin(const char *directory, const char *key, struct tb_part_writer **writer,
                             struct tb_error *error)
{
    struct tb_part_writer *made = make_writer(directory, key);
    if (made == NULL)
        return tb_error_memory(error, "a part");
    XXH3_128bits_reset(made->state);
    const enum tb_status status = open_file(made, error);
    if (status == TB_OK)
        *writer = made;
    else
        tb_part_abandon(made);
    return status;
}

static enum tb_status put(struct tb_part_writer *writer, const void *data, size_t size, struct tb_error *error)
{
    XXH3_128bits_update(writer->state, data, size);
    writer->size += size;
    return tb_write_all(writer->file, writer->partial, data, size, error);
}

enum tb_status tb_part_put(struct tb_part_writer *writer, uint64_t items, const void *data, size_t size,
                           struct tb_error *error)
{
    struct tb_buffer head = {0};
    tb_buffer_put_u64(&head, items);
    tb_buffer_put_u64(&head, size);
    tb_buffer_put_u64(&head, XXH3_64bits_withSeed(data, size, items));
    enum tb_status status = tb_buffer_check(&head, "a block of a part", error);
    if (status == TB_OK)
        status = put(writer, head.data, head.size, error);
    if (status == TB_OK && size != 0)
        status = put(writer, data, size, error);
    tb_buffer_free(&head);
    return status;
}

static enum tb_status write_head(struct tb_part_writer *writer, struct tb_error *error)
{
    struct tb_buffer head = {0};
    enum tb_status status = pack_head(writer, &head, error);
    if (status == TB_OK && lseek(writer->file, 0, SEEK_SET) != 0)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", writer->partial, strerror(errno));
    if (status == TB_OK)
        status = tb_write_all(writer->file, writer->partial, head.data, head.size, error);
    tb_buffer_free(&head);
    return status;
}

/* Not synced: see parts.h. Some file systems say only here that the disk is full. */
static enum tb_status close_file(struct tb_part_writer *writer, struct tb_error *error)
{
    const int failed = close(writer->file);
    writer->file = -1;
    if (failed != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", writer->partial, strerror(errno));
    if (rename(writer->partial, writer->path) != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot rename to %s: %s", writer->partial, writer->path,
                            strerror(errno));
    return TB_OK;
}

enum tb_status tb_part_end(struct tb_part_writer *writer, struct tb_error *error)
{
    enum tb_status status = write_head(writer, error);
    if (status == TB_OK) {
        status = close_file(writer, error);
        if (status != TB_OK)
            unlink(writer->partial);
    }
    if (status == TB_OK)
        free_writer(writer);
    else
        tb_part_abandon(writer);
    return status;
}

/* --- reading --- */

struct tb_part_reader {
    char *path;
    struct tb_open_part part; /* file -1: none */
    uint64_t at;              /* of the next block, in the content */
    uint64_t items;           /* of the next block, once it was looked at */
    uint64_t size;            /* of its bytes */
    uint64_t hash;
};

void tb_part_close(struct tb_part_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->part.file >= 0)
        close(reader->part.file);
    free(reader->path);
    free(reader);
}

enum tb_status tb_part_open(const char *directory, const char *key, struct tb_part_reader **reader,
                            struct tb_error *error)
{
    struct tb_part_reader *made = calloc(1, sizeof *made);
    char *path = tb_part_path(directory, key);
    if (made == NULL || path == NULL) {
        free(made);
        free(path);
        return tb_error_memory(error, "a part");
    }
    made->path = path;
    made->part.file = -1;
    const enum tb_status status = tb_part_open_file(path, key, &made->part, error);
    if (status == TB_OK) {
        *reader = made;
        return TB_OK;
    }
    made->part.file = -1;
    tb_part_close(made);
    return status;
}

static enum tb_status corrupt(const struct tb_part_reader *reader, struct tb_error *error)
{
    return tb_error_set(error, TB_CORRUPT, "%s: the block at offset %llu does not hold what was written", reader->path,
                        (unsigned long long)(reader->part.content_at + reader->at));
}

enum tb_status tb_part_look(struct tb_part_reader *reader, uint64_t *items, struct tb_error *error)
{
    uint8_t head[BLOCK_HEAD];
    const uint64_t left = reader->part.content.size - reader->at;
    if (left == 0)
        return TB_END;
    if (left < BLOCK_HEAD ||
        tb_read_all(reader->part.file, reader->part.content_at + reader->at, head, BLOCK_HEAD) != BLOCK_HEAD)
        return corrupt(reader, error);
    struct tb_bytes bytes = tb_bytes_packed(head, sizeof head);
    const bool taken = tb_bytes_take_u64(&bytes, &reader->items) && tb_bytes_take_u64(&bytes, &reader->size) &&
                       tb_bytes_take_u64(&bytes, &reader->hash);
    *items = reader->items;
    return taken && reader->size <= left - BLOCK_HEAD ? TB_OK : corrupt(reader, error);
}

void tb_part_skip(struct tb_part_reader *reader)
{
    reader->at += BLOCK_HEAD + reader->size;
}

enum tb_status tb_part_take(struct tb_part_reader *reader, struct tb_buffer *block, struct tb_error *error)
{
    const size_t size = (size_t)reader->size;
    if (size > block->capacity) {
        tb_buffer_free(block);
        block->data = malloc(size);
        block->capacity = block->data == NULL ? 0 : size;
    }
    if (size > block->capacity)
        return tb_error_memory(error, "a block of a part");
    block->size = size;
    if (tb_read_all(reader->part.file, reader->part.content_at + reader->at + BLOCK_HEAD, block->data, size) !=
            (ssize_t)size ||
        XXH3_64bits_withSeed(block->data, size, reader->items) != reader->hash)
        return corrupt(reader, error);
    tb_part_skip(reader);
    return TB_OK;
}
