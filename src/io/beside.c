/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "beside.h"

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

static void wake_all(struct beside *beside)
{
    for (int i = 0; i < beside->count; i++)
        pthread_cond_signal(&beside->decompressors[i]->wake);
}

static void offer_piece(struct beside *beside, uint64_t begin)
{
    beside->next = NEXT_FOUND;
    beside->next_begin = begin;
    wake_all(beside);
}

/* Waits for a piece to be there. Under the mutex; false when none is wanted any more. */
static bool wait_for_piece(struct decompressor *decompressor)
{
    struct beside *const beside = decompressor->beside;
    while (beside->next != NEXT_FOUND && !beside->closing)
        pthread_cond_wait(&decompressor->wake, &beside->mutex);
    if (beside->closing)
        return false;
    beside->next = NEXT_SEARCHED;
    decompressor->begin = beside->next_begin;
    return true;
}

/* Where the next piece may begin; false when that is not found, and then a little behind where it cannot. */
static bool search_end(struct decompressor *decompressor, uint64_t *end)
{
    const struct beside *const beside = decompressor->beside;
    const uint64_t from = decompressor->begin + beside->piece_least;
    if (beside->count > 1 &&
        tb_member_search(beside->kind, &decompressor->raw, from, from + SEARCH_MOST, decompressor->view, end))
        return true;
    *end = beside->count > 1 ? from + SEARCH_MOST : UINT64_MAX;
    return false;
}

static bool take_piece(struct decompressor *decompressor)
{
    struct beside *const beside = decompressor->beside;
    pthread_mutex_lock(&beside->mutex);
    const bool wanted = wait_for_piece(decompressor);
    pthread_mutex_unlock(&beside->mutex);
    if (!wanted)
        return false;
    uint64_t end;
    const bool found = search_end(decompressor, &end);
    pthread_mutex_lock(&beside->mutex);
    decompressor->end = end;
    decompressor->holds = decompressor->begins = true;
    decompressor->ended = false;
    beside->pieces[beside->held++] = decompressor;
    beside->next = NEXT_OPEN;
    if (found)
        offer_piece(beside, end);
    pthread_cond_signal(&beside->filled);
    pthread_mutex_unlock(&beside->mutex);
    return true;
}

static bool has_room(struct decompressor *decompressor)
{
    const struct beside *const beside = decompressor->beside;
    const size_t most = beside->count > 1 ? BLOCKS_MOST : BLOCKS_ALONE;
    return decompressor->unused != NULL || (decompressor->blocks < most && allocate_block(decompressor));
}

/* A block to fill for the piece, which is begun when that is due; NULL when the piece is not wanted any more. */
static struct block *wait_for_room(struct decompressor *decompressor)
{
    struct beside *const beside = decompressor->beside;
    struct block *block = NULL;
    pthread_mutex_lock(&beside->mutex);
    while (!beside->closing && decompressor->holds &&
           ((decompressor->ended && !decompressor->begins) || !has_room(decompressor)))
        pthread_cond_wait(&decompressor->wake, &beside->mutex);
    if (!beside->closing && decompressor->holds) {
        block = decompressor->unused;
        decompressor->unused = block->next;
        if (decompressor->begins)
            beside->kind->begin(decompressor->state, decompressor->begin, decompressor->end);
        decompressor->begins = decompressor->ended = false;
    }
    pthread_mutex_unlock(&beside->mutex);
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
    struct beside *const beside = decompressor->beside;
    decompressor->ended = true;
    if (beside->next == NEXT_OPEN && beside->pieces[beside->held - 1] == decompressor && block->status == TB_OK &&
        block->consumed < beside->size)
        offer_piece(beside, block->consumed);
}

/* Meanwhile the reader may have found the piece wrong. */
static void hand_over(struct decompressor *decompressor, struct block *block)
{
    struct beside *const beside = decompressor->beside;
    pthread_mutex_lock(&beside->mutex);
    if (decompressor->begins || !decompressor->holds) {
        block->next = decompressor->unused;
        decompressor->unused = block;
    } else {
        append_block(decompressor, block);
        if (block->last)
            end_piece(decompressor, block);
        if (beside->pieces[0] == decompressor)
            pthread_cond_signal(&beside->filled);
    }
    pthread_mutex_unlock(&beside->mutex);
}

static void *decompress(void *argument)
{
    struct decompressor *const decompressor = argument;
    while (take_piece(decompressor)) {
        struct block *block;
        while ((block = wait_for_room(decompressor)) != NULL) {
            tb_block_fill(block, decompressor->beside->kind, decompressor->state);
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

static void pass_first_piece(struct beside *beside)
{
    struct decompressor *const first = beside->pieces[0];
    drop_blocks(first);
    first->holds = false;
    beside->held--;
    memmove(beside->pieces, beside->pieces + 1, (size_t)beside->held * sizeof beside->pieces[0]);
    pthread_cond_signal(&first->wake);
}

/* The next piece begins there, as far as is known. */
static uint64_t end_of_first_piece(const struct beside *beside)
{
    if (beside->held > 1)
        return beside->pieces[1]->begin;
    return beside->next == NEXT_OPEN ? beside->pieces[0]->end : beside->next_begin;
}

static void begin_first_piece_again(struct beside *beside, uint64_t begin, uint64_t end)
{
    struct decompressor *const first = beside->pieces[0];
    drop_blocks(first);
    first->begin = begin;
    first->end = end;
    first->begins = true;
    pthread_cond_signal(&first->wake);
}

/* The piece that begins where the one before ended. */
static struct decompressor *prove_piece(struct beside *beside, uint64_t proven)
{
    while (beside->held == 0 || beside->pieces[0]->begin != proven) {
        if (beside->held > 0) {
            const uint64_t end = end_of_first_piece(beside);
            beside->pieces_passed.repeated++;
            if (proven < end)
                begin_first_piece_again(beside, proven, end);
            else
                pass_first_piece(beside);
        } else {
            beside->pieces_passed.repeated += beside->next == NEXT_FOUND && beside->next_begin != proven;
            if (beside->next != NEXT_SEARCHED)
                offer_piece(beside, proven);
            pthread_cond_wait(&beside->filled, &beside->mutex);
        }
    }
    return beside->pieces[0];
}

const struct block *tb_beside_take(struct beside *beside, uint64_t proven)
{
    pthread_mutex_lock(&beside->mutex);
    const struct decompressor *const first = prove_piece(beside, proven);
    while (first->filled == NULL)
        pthread_cond_wait(&beside->filled, &beside->mutex);
    pthread_mutex_unlock(&beside->mutex);
    return first->filled;
}

void tb_beside_release(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    struct decompressor *const first = beside->pieces[0];
    struct block *const block = first->filled;
    first->filled = block->next;
    block->next = first->unused;
    first->unused = block;
    beside->pieces_passed.taken += block->last;
    if (block->last)
        pass_first_piece(beside);
    else
        pthread_cond_signal(&first->wake);
    pthread_mutex_unlock(&beside->mutex);
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
static struct decompressor *make_decompressor(struct beside *beside, const struct tb_raw *raw)
{
    struct decompressor *const made = malloc(sizeof *made);
    if (made == NULL)
        return NULL;
    memset(made, 0, offsetof(struct decompressor, view));
    made->beside = beside;
    made->raw = *raw;
    pthread_cond_init(&made->wake, NULL);
    if (!allocate_block(made)) {
        free_decompressor(made);
        return NULL;
    }
    return made;
}

static bool start_decompressor(struct beside *beside, const struct tb_raw *raw)
{
    struct decompressor *const started = make_decompressor(beside, raw);
    if (started == NULL)
        return false;
    if (beside->kind->start(&started->raw, &started->state, NULL) != TB_OK) {
        free_decompressor(started);
        return false;
    }
    if (pthread_create(&started->thread, NULL, decompress, started) != 0) {
        beside->kind->finish(started->state);
        free_decompressor(started);
        return false;
    }
    beside->decompressors[beside->count++] = started;
    return true;
}

int tb_beside_start(struct beside *beside, const struct tb_source_kind *kind, const struct tb_raw *raw, int count,
                    uint64_t piece_least)
{
    *beside = (struct beside){.kind = kind, .size = raw->size, .piece_least = piece_least == 0 ? 1 : piece_least};
    pthread_mutex_init(&beside->mutex, NULL);
    pthread_cond_init(&beside->filled, NULL);
    /* None of them looks at the others before all are there. */
    pthread_mutex_lock(&beside->mutex);
    const int most = count < TB_DECOMPRESSORS_MOST ? count : TB_DECOMPRESSORS_MOST;
    while (beside->count < most && start_decompressor(beside, raw))
        continue;
    pthread_mutex_unlock(&beside->mutex);
    return beside->count;
}

void tb_beside_stop(struct beside *beside)
{
    pthread_mutex_lock(&beside->mutex);
    beside->closing = true;
    wake_all(beside);
    pthread_mutex_unlock(&beside->mutex);
    /* Each may wake any other until all have ended. */
    for (int i = 0; i < beside->count; i++)
        pthread_join(beside->decompressors[i]->thread, NULL);
    for (int i = 0; i < beside->count; i++) {
        beside->kind->finish(beside->decompressors[i]->state);
        free_decompressor(beside->decompressors[i]);
    }
    pthread_cond_destroy(&beside->filled);
    pthread_mutex_destroy(&beside->mutex);
}
