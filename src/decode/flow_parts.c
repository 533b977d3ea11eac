/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of rows as parts, then a list of how many rows each has. The list is saved last, so where
 * it is there all was saved; each block may still be broken, which its reader finds out. */
#include "flow_parts.h"

#include <stdlib.h>
#include <string.h>

#include "part_keys.h"

enum { COUNT_SIZE = 8 }; /* bytes of a number of rows in the list */

/* The key of one block. */
static enum tb_status make_key(const char *key, size_t block, struct tb_buffer *block_key, struct tb_error *error)
{
    tb_key_add(block_key, "block %zu of ", block);
    tb_buffer_put(block_key, key, strlen(key));
    return tb_key_end(block_key, error);
}

/* --- saving --- */

static enum tb_status take_block(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct flow_part *const part = context;
    struct tb_buffer key = {0};
    /* A view: what is saved is not changed. */
    const struct tb_buffer content = {.data = (uint8_t *)(uintptr_t)block->data, .size = block->size};
    enum tb_status status = make_key(part->key, part->list.size / COUNT_SIZE, &key, error);
    if (status == TB_OK)
        status = tb_part_save(part->parts, (const char *)key.data, &content, error);
    if (status == TB_OK)
        tb_buffer_put_u64(&part->list, block->rows);
    tb_buffer_free(&key);
    return status;
}

void tb_flow_part_start(struct tb_parts *parts, const char *key, struct flow_part *part)
{
    *part = (struct flow_part){
        .sink = {.take = take_block, .context = part, .directory = tb_parts_directory(parts)},
        .parts = parts,
        .key = key,
    };
}

enum tb_status tb_flow_part_finish(struct flow_part *part, struct tb_error *error)
{
    return tb_part_save(part->parts, part->key, &part->list, error);
}

void tb_flow_part_free(struct flow_part *part)
{
    tb_buffer_free(&part->list);
}

/* --- reading --- */

enum tb_status tb_flow_reader_open(struct tb_parts *parts, const char *key, struct flow_reader *reader,
                                   struct tb_error *error)
{
    tb_flow_reader_close(reader);
    *reader = (struct flow_reader){.parts = parts, .key = strdup(key)};
    enum tb_status status = reader->key == NULL ? tb_error_memory(error, "the rows of flows")
                                                : tb_part_load(parts, key, &reader->list, error);
    if (status == TB_OK && reader->list.size % COUNT_SIZE != 0)
        status = tb_error_set(error, TB_NOT_FOUND, "the list of the rows of flows has a part of a number");
    if (status != TB_OK)
        tb_flow_reader_close(reader);
    return status;
}

void tb_flow_reader_close(struct flow_reader *reader)
{
    tb_buffer_free(&reader->list);
    free(reader->key);
    *reader = (struct flow_reader){0};
}

bool tb_flow_reader_look(const struct flow_reader *reader, uint64_t *rows)
{
    const size_t at = reader->next * COUNT_SIZE;
    if (at >= reader->list.size)
        return false;
    struct tb_bytes bytes = tb_bytes_packed(reader->list.data + at, COUNT_SIZE);
    return tb_bytes_take_u64(&bytes, rows);
}

void tb_flow_reader_skip(struct flow_reader *reader)
{
    reader->next++;
}

enum tb_status tb_flow_reader_take(struct flow_reader *reader, struct tb_buffer *block, struct tb_error *error)
{
    struct tb_buffer key = {0};
    tb_buffer_free(block);
    enum tb_status status = make_key(reader->key, reader->next, &key, error);
    if (status == TB_OK)
        status = tb_part_load(reader->parts, (const char *)key.data, block, error);
    if (status == TB_OK)
        reader->next++;
    tb_buffer_free(&key);
    return status;
}

bool tb_flow_part_exists(struct tb_parts *parts, const char *key)
{
    struct flow_reader reader = {0};
    uint64_t rows;
    bool exists = tb_flow_reader_open(parts, key, &reader, NULL) == TB_OK;
    while (exists && tb_flow_reader_look(&reader, &rows)) {
        struct tb_buffer block_key = {0};
        exists = make_key(key, reader.next, &block_key, NULL) == TB_OK &&
                 tb_part_exists(parts, (const char *)block_key.data);
        tb_buffer_free(&block_key);
        tb_flow_reader_skip(&reader);
    }
    tb_flow_reader_close(&reader);
    return exists;
}
