/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "packed.h"

#include <stdlib.h>
#include <string.h>

#include "read_ahead.h"

struct tb_packed {
    const struct tb_source_kind *kind;
    struct tb_raw raw;
    size_t room;               /* that the decompressor is given at a time */
    void *state;               /* owned; NULL when there are decompressors beside */
    struct block *own;         /* owned; what the reader fills itself; NULL until it does */
    struct read_ahead *ahead;  /* owned; NULL: none */
    const struct block *block; /* that is being read; NULL: none */
    size_t given;              /* bytes of it that were read */
    uint64_t consumed;         /* of the file, with what was read last */
    uint64_t proven;           /* a member begins there, and all before has been read */
    bool ended;                /* the reader has met the end, or an error */
};

enum tb_status tb_packed_open(const struct tb_source_kind *kind, const struct tb_raw *raw, size_t room,
                              struct tb_packed **packed, struct tb_error *error)
{
    struct tb_packed *const opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return tb_error_memory(error, raw->name);
    opened->kind = kind;
    opened->room = room;
    opened->raw = *raw;
    opened->raw.position = 0;
    const enum tb_status status = kind->start(&opened->raw, &opened->state, error);
    if (status == TB_OK)
        *packed = opened;
    else
        free(opened);
    return status;
}

void tb_packed_start_threads(struct tb_packed *packed, int threads, uint64_t piece_least)
{
    struct read_ahead *const ahead = threads > 0 && packed->ahead == NULL ? malloc(sizeof *ahead) : NULL;
    if (ahead == NULL)
        return;
    if (tb_read_ahead_start(ahead, packed->kind, &packed->raw, threads, piece_least) == 0) {
        tb_read_ahead_stop(ahead);
        free(ahead);
        return;
    }
    packed->ahead = ahead;
    packed->kind->finish(packed->state);
    packed->state = NULL;
}

void tb_packed_close(struct tb_packed *packed)
{
    if (packed == NULL)
        return;
    if (packed->ahead != NULL)
        tb_read_ahead_stop(packed->ahead);
    if (packed->state != NULL)
        packed->kind->finish(packed->state);
    free(packed->ahead);
    free(packed->own);
    free(packed);
}

/* Without a block in between: when there is room for as much as a decompressor is given, or little is wanted at all. */
static bool is_read_directly(const struct tb_packed *packed, size_t size)
{
    return packed->block == NULL && packed->ahead == NULL && (size >= packed->room || packed->room < TB_BLOCK_ROOM);
}

static enum tb_status read_directly(struct tb_packed *packed, void *data, size_t size, size_t *got,
                                    struct tb_error *error)
{
    const size_t room = size < packed->room ? size : packed->room;
    const enum tb_status status = packed->kind->read(packed->state, data, room, got, error);
    packed->consumed = packed->kind->consumed(packed->state);
    packed->ended = status != TB_OK || *got == 0;
    return status;
}

static enum tb_status next_block(struct tb_packed *packed, struct tb_error *error)
{
    packed->given = 0;
    if (packed->ahead != NULL) {
        packed->block = tb_read_ahead_take(packed->ahead, packed->proven);
        return TB_OK;
    }
    if (packed->own == NULL)
        packed->own = malloc(sizeof *packed->own);
    if (packed->own == NULL)
        return tb_error_memory(error, packed->raw.name);
    tb_block_fill(packed->own, packed->kind, packed->state);
    packed->block = packed->own;
    return TB_OK;
}

static size_t copy_from_block(struct tb_packed *packed, void *data, size_t size)
{
    const size_t left = packed->block->size - packed->given;
    const size_t count = size < left ? size : left;
    memcpy(data, packed->block->data + packed->given, count);
    packed->given += count;
    packed->consumed = packed->block->consumed;
    return count;
}

/* A piece that ends without having come further met the end of a file that is shorter than it was. */
static bool ends_stream(const struct tb_packed *packed, const struct block *block)
{
    if (block->status != TB_OK || packed->ahead == NULL)
        return block->last;
    return block->last && (block->consumed >= packed->raw.size || block->consumed == packed->proven);
}

/* An error is given with the last bytes before it, as the decompressor does. */
static enum tb_status leave_block(struct tb_packed *packed, struct tb_error *error)
{
    const struct block *const block = packed->block;
    const enum tb_status status = block->status;
    if (status != TB_OK && error != NULL)
        *error = block->error;
    packed->ended = ends_stream(packed, block);
    if (block->last)
        packed->proven = block->consumed;
    packed->block = NULL;
    if (packed->ahead != NULL)
        tb_read_ahead_release(packed->ahead);
    return status;
}

enum tb_status tb_packed_read(struct tb_packed *packed, void *data, size_t size, size_t *got, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    *got = 0;
    while (status == TB_OK && *got == 0 && size != 0 && !packed->ended) {
        if (is_read_directly(packed, size))
            return read_directly(packed, data, size, got, error);
        if (packed->block == NULL)
            status = next_block(packed, error);
        if (status != TB_OK)
            return status;
        *got = copy_from_block(packed, data, size);
        if (packed->given == packed->block->size)
            status = leave_block(packed, error);
    }
    return status;
}

uint64_t tb_packed_consumed(const struct tb_packed *packed)
{
    return packed->consumed;
}

struct tb_pieces tb_packed_pieces(const struct tb_packed *packed)
{
    return packed->ahead == NULL ? (struct tb_pieces){0} : packed->ahead->pieces_passed;
}
