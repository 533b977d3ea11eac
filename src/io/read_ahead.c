/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "read_ahead.h"

#include <stdlib.h>
#include <string.h>

/* How far behind a piece the next one is searched for. A member that is longer is decompressed by one thread. */
enum { SEARCH_MOST = 16 << 20 };

void tb_block_fill(struct block *block, const struct tb_source_kind *kind, void *state)
{
    size_t got;
    block->size = 0;
    block->error = (struct tb_error){0};
    do {
        got = 0;
        block->status = kind->read(state, block->data + block->size, TB_BLOCK_ROOM, &got, &block->error);
        block->size += got;
    } while (block->status == TB_OK && got != 0 && block->size < TB_BLOCK_ROOM);
    block->last = block->status != TB_OK || got == 0;
    block->consumed = kind->consumed(state);
}

static bool allocate_block(struct decompressor *decompressor)
{
    struct block *const block = malloc(sizeof *block);
    if (block == NULL)
        return false;
    block->next = decompressor->unused;
    decompressor->unused = block;
    decompressor->blocks++;
    return true;
}

/* --- what decompressors do -------------------------------------------------- */

static void wake_all(struct read_ahead *ahead)
{
    for (int i = 0; i < ahead->count; i++)
        pthread_cond_signal(&ahead->decompressors[i]->wake);
}

static void offer_piece(struct read_ahead *ahead, uint64_t begin)
{
    ahead->next = NEXT_FOUND;
    ahead->next_begin = begin;
    wake_all(ahead);
}

/* Waits for a piece to be there. Under the mutex; false when none is wanted any more. */
static bool wait_for_piece(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    while (ahead->next != NEXT_FOUND && !ahead->closing)
        pthread_cond_wait(&decompressor->wake, &ahead->mutex);
    if (ahead->closing)
        return false;
    ahead->next = NEXT_SEARCHED;
    decompressor->begin = ahead->next_begin;
    return true;
}

/* Where the next piece may begin; false when that is not found, and then a little behind where it cannot. */
static bool search_end(struct decompressor *decompressor, uint64_t *end)
{
    const struct read_ahead *const ahead = decompressor->ahead;
    const uint64_t from = decompressor->begin + ahead->piece_least;
    if (ahead->count > 1 &&
        tb_member_search(ahead->kind, &decompressor->raw, from, from + SEARCH_MOST, decompressor->view, end))
        return true;
    *end = ahead->count > 1 ? from + SEARCH_MOST : UINT64_MAX;
    return false;
}

static bool take_piece(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    pthread_mutex_lock(&ahead->mutex);
    const bool wanted = wait_for_piece(decompressor);
    pthread_mutex_unlock(&ahead->mutex);
    if (!wanted)
        return false;
    uint64_t end;
    const bool found = search_end(decompressor, &end);
    pthread_mutex_lock(&ahead->mutex);
    decompressor->end = end;
    decompressor->holds = decompressor->begins = true;
    decompressor->ended = false;
    ahead->pieces[ahead->held++] = decompressor;
    ahead->next = NEXT_OPEN;
    if (found)
        offer_piece(ahead, end);
    pthread_cond_signal(&ahead->filled);
    pthread_mutex_unlock(&ahead->mutex);
    return true;
}

static bool has_room(struct decompressor *decompressor)
{
    const struct read_ahead *const ahead = decompressor->ahead;
    const size_t most = ahead->count > 1 ? BLOCKS_MOST : BLOCKS_ALONE;
    return decompressor->unused != NULL || (decompressor->blocks < most && allocate_block(decompressor));
}

/* A block to fill for the piece, which is begun when that is due; NULL when the piece is not wanted any more. */
static struct block *wait_for_room(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    struct block *block = NULL;
    pthread_mutex_lock(&ahead->mutex);
    while (!ahead->closing && decompressor->holds &&
           ((decompressor->ended && !decompressor->begins) || !has_room(decompressor)))
        pthread_cond_wait(&decompressor->wake, &ahead->mutex);
    if (!ahead->closing && decompressor->holds) {
        block = decompressor->unused;
        decompressor->unused = block->next;
        if (decompressor->begins)
            ahead->kind->begin(decompressor->state, decompressor->begin, decompressor->end);
        decompressor->begins = decompressor->ended = false;
    }
    pthread_mutex_unlock(&ahead->mutex);
    return block;
}

static void append_block(struct decompressor *decompressor, struct block *block)
{
    block->next = NULL;
    if (decompressor->filled == NULL)
        decompressor->filled = block;
    else
        decompressor->last->next = block;
    decompressor->last = block;
}

static void end_piece(struct decompressor *decompressor, const struct block *block)
{
    struct read_ahead *const ahead = decompressor->ahead;
    decompressor->ended = true;
    if (ahead->next == NEXT_OPEN && ahead->pieces[ahead->held - 1] == decompressor && block->status == TB_OK &&
        block->consumed < ahead->size)
        offer_piece(ahead, block->consumed);
}

/* Meanwhile the reader may have found the piece wrong. */
static void hand_over(struct decompressor *decompressor, struct block *block)
{
    struct read_ahead *const ahead = decompressor->ahead;
    pthread_mutex_lock(&ahead->mutex);
    if (decompressor->begins || !decompressor->holds) {
        block->next = decompressor->unused;
        decompressor->unused = block;
    } else {
        append_block(decompressor, block);
        if (block->last)
            end_piece(decompressor, block);
        if (ahead->pieces[0] == decompressor)
            pthread_cond_signal(&ahead->filled);
    }
    pthread_mutex_unlock(&ahead->mutex);
}

static void *decompress(void *argument)
{
    struct decompressor *const decompressor = argument;
    while (take_piece(decompressor)) {
        struct block *block;
        while ((block = wait_for_room(decompressor)) != NULL) {
            tb_block_fill(block, decompressor->ahead->kind, decompressor->state);
            hand_over(decompressor, block);
        }
    }
    return NULL;
}

/* --- what the reader does --------------------------------------------------- */

static void drop_blocks(struct decompressor *decompressor)
{
    if (decompressor->filled == NULL)
        return;
    decompressor->last->next = decompressor->unused;
    decompressor->unused = decompressor->filled;
    decompressor->filled = NULL;
}

static void pass_first_piece(struct read_ahead *ahead)
{
    struct decompressor *const first = ahead->pieces[0];
    drop_blocks(first);
    first->holds = false;
    ahead->held--;
    memmove(ahead->pieces, ahead->pieces + 1, (size_t)ahead->held * sizeof ahead->pieces[0]);
    pthread_cond_signal(&first->wake);
}

/* The next piece begins there, as far as is known. */
static uint64_t end_of_first_piece(const struct read_ahead *ahead)
{
    if (ahead->held > 1)
        return ahead->pieces[1]->begin;
    return ahead->next == NEXT_OPEN ? ahead->pieces[0]->end : ahead->next_begin;
}

static void begin_first_piece_again(struct read_ahead *ahead, uint64_t begin, uint64_t end)
{
    struct decompressor *const first = ahead->pieces[0];
    drop_blocks(first);
    first->begin = begin;
    first->end = end;
    first->begins = true;
    pthread_cond_signal(&first->wake);
}

/* The piece that begins where the one before ended. */
static struct decompressor *prove_piece(struct read_ahead *ahead, uint64_t proven)
{
    while (ahead->held == 0 || ahead->pieces[0]->begin != proven) {
        if (ahead->held > 0) {
            const uint64_t end = end_of_first_piece(ahead);
            ahead->pieces_passed.repeated++;
            if (proven < end)
                begin_first_piece_again(ahead, proven, end);
            else
                pass_first_piece(ahead);
        } else {
            ahead->pieces_passed.repeated += ahead->next == NEXT_FOUND && ahead->next_begin != proven;
            if (ahead->next != NEXT_SEARCHED)
                offer_piece(ahead, proven);
            pthread_cond_wait(&ahead->filled, &ahead->mutex);
        }
    }
    return ahead->pieces[0];
}

const struct block *tb_read_ahead_take(struct read_ahead *ahead, uint64_t proven)
{
    pthread_mutex_lock(&ahead->mutex);
    const struct decompressor *const first = prove_piece(ahead, proven);
    while (first->filled == NULL)
        pthread_cond_wait(&ahead->filled, &ahead->mutex);
    pthread_mutex_unlock(&ahead->mutex);
    return first->filled;
}

void tb_read_ahead_release(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->mutex);
    struct decompressor *const first = ahead->pieces[0];
    struct block *const block = first->filled;
    first->filled = block->next;
    block->next = first->unused;
    first->unused = block;
    ahead->pieces_passed.taken += block->last;
    if (block->last)
        pass_first_piece(ahead);
    else
        pthread_cond_signal(&first->wake);
    pthread_mutex_unlock(&ahead->mutex);
}

/* --- beginning and end ------------------------------------------------------ */

static void free_blocks(struct block *block)
{
    while (block != NULL) {
        struct block *const next = block->next;
        free(block);
        block = next;
    }
}

static void free_decompressor(struct decompressor *decompressor)
{
    free_blocks(decompressor->filled);
    free_blocks(decompressor->unused);
    pthread_cond_destroy(&decompressor->wake);
    free(decompressor);
}

/* With one block at least, so that it can always go on. */
static struct decompressor *make_decompressor(struct read_ahead *ahead, const struct tb_raw *raw)
{
    struct decompressor *const made = malloc(sizeof *made);
    if (made == NULL)
        return NULL;
    memset(made, 0, offsetof(struct decompressor, view));
    made->ahead = ahead;
    made->raw = *raw;
    pthread_cond_init(&made->wake, NULL);
    if (!allocate_block(made)) {
        free_decompressor(made);
        return NULL;
    }
    return made;
}

static bool start_decompressor(struct read_ahead *ahead, const struct tb_raw *raw)
{
    struct decompressor *const started = make_decompressor(ahead, raw);
    if (started == NULL)
        return false;
    if (ahead->kind->start(&started->raw, &started->state, NULL) != TB_OK) {
        free_decompressor(started);
        return false;
    }
    if (pthread_create(&started->thread, NULL, decompress, started) != 0) {
        ahead->kind->finish(started->state);
        free_decompressor(started);
        return false;
    }
    ahead->decompressors[ahead->count++] = started;
    return true;
}

int tb_read_ahead_start(struct read_ahead *ahead, const struct tb_source_kind *kind, const struct tb_raw *raw,
                        int count, uint64_t piece_least)
{
    *ahead = (struct read_ahead){.kind = kind, .size = raw->size, .piece_least = piece_least == 0 ? 1 : piece_least};
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    /* None of them looks at the others before all are there. */
    pthread_mutex_lock(&ahead->mutex);
    const int most = count < TB_DECOMPRESSORS_MOST ? count : TB_DECOMPRESSORS_MOST;
    while (ahead->count < most && start_decompressor(ahead, raw))
        continue;
    pthread_mutex_unlock(&ahead->mutex);
    return ahead->count;
}

void tb_read_ahead_stop(struct read_ahead *ahead)
{
    pthread_mutex_lock(&ahead->mutex);
    ahead->closing = true;
    wake_all(ahead);
    pthread_mutex_unlock(&ahead->mutex);
    /* Each may wake any other until all have ended. */
    for (int i = 0; i < ahead->count; i++)
        pthread_join(ahead->decompressors[i]->thread, NULL);
    for (int i = 0; i < ahead->count; i++) {
        ahead->kind->finish(ahead->decompressors[i]->state);
        free_decompressor(ahead->decompressors[i]);
    }
    pthread_cond_destroy(&ahead->filled);
    pthread_mutex_destroy(&ahead->mutex);
}
