/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A decompressor in a thread of its own. It fills blocks of a ring, which the reader takes in order; each waits for the
 * other on a condition, never in a loop. What the decompressor said with a block (its status and sentence, how much of
 * the file it had used) stays with that block, so the reader learns it when it gets there, and the result is that of
 * decompressing in between. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

enum { BLOCKS = 8, BLOCK_SIZE = 256 << 10 };

/* What one call of the decompressor gave. */
struct block {
    size_t size;
    enum tb_status status;
    struct tb_error error;
    uint64_t consumed; /* of the file, then */
    uint8_t data[BLOCK_SIZE];
};

struct beside {
    const struct tb_source_kind *kind;
    void *state; /* owned; the thread's alone while it runs */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_cond_t freed;
    size_t first; /* block that is read next */
    size_t count; /* filled ones */
    bool closing;
    bool ended;        /* the reader has met the end, or an error */
    size_t given;      /* bytes of the first block that were read */
    uint64_t consumed; /* with the last block that was read from */
    struct block blocks[BLOCKS];
};

static void fill(struct beside *beside, struct block *block)
{
    block->size = 0;
    block->error = (struct tb_error){0};
    block->status = beside->kind->read(beside->state, block->data, sizeof block->data, &block->size, &block->error);
    block->consumed = beside->kind->consumed(beside->state);
}

/* The next free block, or NULL when none is wanted any more. */
static struct block *wait_for_room(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    while (beside->count == BLOCKS && !beside->closing)
        pthread_cond_wait(&beside->freed, &beside->mutex);
    struct block *const block = beside->closing ? NULL : &beside->blocks[(beside->first + beside->count) % BLOCKS];
    pthread_mutex_unlock(&beside->mutex);
    return block;
}

static void hand_over(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    beside->count++;
    pthread_cond_signal(&beside->filled);
    pthread_mutex_unlock(&beside->mutex);
}

/* Goes on to the end of the stream, or to what it could not read. */
static void *decompress(void *argument)
{
    struct beside *const beside = argument;
    struct block *block;
    bool more = true;
    while (more && (block = wait_for_room(beside)) != NULL) {
        fill(beside, block);
        more = block->status == TB_OK && block->size > 0;
        hand_over(beside);
    }
    return NULL;
}

static const struct block *wait_for_block(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    while (beside->count == 0)
        pthread_cond_wait(&beside->filled, &beside->mutex);
    pthread_mutex_unlock(&beside->mutex);
    return &beside->blocks[beside->first];
}

static void free_block(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    beside->first = (beside->first + 1) % BLOCKS;
    beside->count--;
    beside->given = 0;
    pthread_cond_signal(&beside->freed);
    pthread_mutex_unlock(&beside->mutex);
}

/* An error is given with the last bytes before it, as the decompressor does. */
static enum tb_status end_with(struct beside *beside, const struct block *block, struct tb_error *error)
{
    beside->ended = true;
    if (block->status != TB_OK && error != NULL)
        *error = block->error;
    return block->status;
}

static enum tb_status beside_read(void *state, void *data, size_t size, size_t *got, struct tb_error *error)
{
    struct beside *const beside = state;
    *got = 0;
    if (beside->ended || size == 0)
        return TB_OK;
    const struct block *const block = wait_for_block(beside);
    const size_t left = block->size - beside->given;
    *got = size < left ? size : left;
    memcpy(data, block->data + beside->given, *got);
    beside->given += *got;
    beside->consumed = block->consumed;
    if (beside->given < block->size)
        return TB_OK;
    if (block->status != TB_OK || block->size == 0)
        return end_with(beside, block, error);
    free_block(beside);
    return TB_OK;
}

static uint64_t beside_consumed(const void *state)
{
    const struct beside *const beside = state;
    return beside->consumed;
}

static void beside_finish(void *state)
{
    struct beside *const beside = state;
    pthread_mutex_lock(&beside->mutex);
    beside->closing = true;
    pthread_cond_signal(&beside->freed);
    pthread_mutex_unlock(&beside->mutex);
    pthread_join(beside->thread, NULL);
    beside->kind->finish(beside->state);
    pthread_cond_destroy(&beside->filled);
    pthread_cond_destroy(&beside->freed);
    pthread_mutex_destroy(&beside->mutex);
    free(beside);
}

static const struct tb_source_kind kinds[] = {
    [TB_COMPRESSION_GZIP] = {.compression = TB_COMPRESSION_GZIP,
                             .read = beside_read,
                             .consumed = beside_consumed,
                             .finish = beside_finish},
    [TB_COMPRESSION_ZSTD] = {.compression = TB_COMPRESSION_ZSTD,
                             .read = beside_read,
                             .consumed = beside_consumed,
                             .finish = beside_finish},
};

const struct tb_source_kind *tb_start_beside(const struct tb_source_kind *kind, void **state)
{
    struct beside *const beside = malloc(sizeof *beside);
    if (beside == NULL)
        return kind;
    memset(beside, 0, offsetof(struct beside, blocks));
    beside->kind = kind;
    beside->state = *state;
    pthread_mutex_init(&beside->mutex, NULL);
    pthread_cond_init(&beside->filled, NULL);
    pthread_cond_init(&beside->freed, NULL);
    if (pthread_create(&beside->thread, NULL, decompress, beside) != 0) {
        pthread_cond_destroy(&beside->filled);
        pthread_cond_destroy(&beside->freed);
        pthread_mutex_destroy(&beside->mutex);
        free(beside);
        return kind;
    }
    *state = beside;
    return &kinds[kind->compression];
}
