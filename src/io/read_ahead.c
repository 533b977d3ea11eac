/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "read_ahead.h"

#include <stdlib.h>
#include <string.h>

/* How far behind a piece the next one is searched for: a member that is near; a place inside a member; a member. What has none
 * for longer is decompressed by one thread. */
enum { NEAR_MOST = TB_SEARCH_VIEW - TB_SEARCH_BEHIND, INSIDE_MOST = 1 << 20, SEARCH_MOST = 16 << 20 };
/* Pieces that lack their window take about half as long again, so where decompressors are fewer one of them has a member alone. */
enum { INSIDE_LEAST = 3 };

void tb_block_fill(struct block *block, const struct tb_source_kind *kind, void *state)
{
    size_t got;
    block->size = 0;
    block->error = (struct tb_error){0};
    do {
        got = 0;
        block->status = kind->read(state, block->data + block->size, TB_BLOCK_ROOM, &got, &block->error);
        block->size += got;
        block->joint = kind->joint == NULL ? (struct tb_joint){0} : kind->joint(state);
    } while (block->status == TB_OK && got != 0 && block->size < TB_BLOCK_ROOM && !block->joint.ends);
    block->last = block->status != TB_OK || (got == 0 && !block->joint.ends);
    block->consumed = kind->consumed(state);
    block->place = kind->place(state);
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

static void offer_piece(struct read_ahead *ahead, struct tb_place begin)
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

static bool search_member(struct decompressor *decompressor, uint64_t from, uint64_t to, struct tb_place *place)
{
    uint64_t offset;
    if (!tb_member_search(decompressor->ahead->kind, &decompressor->raw, from, to, decompressor->view, &offset))
        return false;
    *place = tb_place_between(offset);
    return true;
}

static bool search_inside(struct decompressor *decompressor, uint64_t from, struct tb_place *place)
{
    const struct read_ahead *const ahead = decompressor->ahead;
    place->inside = true;
    return ahead->count >= INSIDE_LEAST &&
           tb_inside_search(ahead->kind, &decompressor->raw, from, from + INSIDE_MOST, decompressor->view, &place->bit);
}

/* Where the next piece may begin; false when that is not found, and then a little behind where it cannot. A piece that has its
 * window costs less, so a member that is near is taken first. */
static bool search_end(struct decompressor *decompressor, struct tb_place *end)
{
    const struct read_ahead *const ahead = decompressor->ahead;
    const uint64_t from = decompressor->begin.bit / 8 + ahead->piece_least, near = from + NEAR_MOST;
    if (ahead->count > 1 && (search_member(decompressor, from, near, end) || search_inside(decompressor, from, end) ||
                             search_member(decompressor, near, from + SEARCH_MOST, end)))
        return true;
    end->bit = ahead->count > 1 ? 8 * (from + SEARCH_MOST) : UINT64_MAX;
    return false;
}

/* Under the mutex. */
static void copy_window(struct window *to, const struct window *from, struct tb_place place)
{
    if (!from->known || !tb_place_is(from->place, place))
        return;
    to->known = true;
    to->place = place;
    to->size = from->size;
    memcpy(to->bytes, from->bytes, from->size);
}

/* From the piece before, or the reader. */
static void find_window(struct read_ahead *ahead, int index)
{
    struct decompressor *const decompressor = ahead->pieces[index];
    decompressor->before.known = decompressor->behind.known = false;
    copy_window(&decompressor->before, index == 0 ? &ahead->proven : &ahead->pieces[index - 1]->behind,
                decompressor->begin);
}

static bool take_piece(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    pthread_mutex_lock(&ahead->mutex);
    const bool wanted = wait_for_piece(decompressor);
    pthread_mutex_unlock(&ahead->mutex);
    if (!wanted)
        return false;
    struct tb_place end;
    const bool found = search_end(decompressor, &end);
    pthread_mutex_lock(&ahead->mutex);
    decompressor->end_bit = end.bit;
    decompressor->holds = decompressor->begins = true;
    decompressor->ended = false;
    ahead->pieces[ahead->held++] = decompressor;
    find_window(ahead, ahead->held - 1);
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

static void begin_piece(struct decompressor *decompressor)
{
    decompressor->ahead->kind->begin(decompressor->state, decompressor->begin, decompressor->end_bit);
    decompressor->begins = decompressor->ended = decompressor->behind.known = false;
    decompressor->lacks_window = decompressor->speculates = decompressor->begin.inside;
}

/* Tells the next piece the window that it lacks, when this one has ended, as soon as it is known. */
static void tell_window(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    struct window *const behind = &decompressor->behind;
    if (behind->known || ahead->kind->window == NULL ||
        !ahead->kind->window(decompressor->state, behind->bytes, &behind->size))
        return;
    behind->known = true;
    behind->place = ahead->kind->place(decompressor->state);
    for (int i = 0; i + 1 < ahead->held; i++)
        if (ahead->pieces[i] == decompressor) {
            copy_window(&ahead->pieces[i + 1]->before, behind, ahead->pieces[i + 1]->begin);
            pthread_cond_signal(&ahead->pieces[i + 1]->wake);
        }
}

/* Goes on with a piece that lacks its window, which is told now, or not yet. */
static void go_on_ahead(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    if (decompressor->before.known) {
        ahead->kind->supply(decompressor->state, decompressor->before.bytes, decompressor->before.size);
        decompressor->lacks_window = false;
        tell_window(decompressor);
        return;
    }
    pthread_mutex_unlock(&ahead->mutex);
    const bool more = ahead->kind->speculate(decompressor->state);
    pthread_mutex_lock(&ahead->mutex);
    decompressor->speculates = more;
}

/* Nothing can be done for the piece now. */
static bool is_idle(struct decompressor *decompressor)
{
    if (decompressor->begins)
        return false;
    if (decompressor->lacks_window)
        return !decompressor->before.known && !decompressor->speculates;
    return decompressor->ended || !has_room(decompressor);
}

static struct block *take_unused(struct decompressor *decompressor)
{
    struct block *const block = decompressor->unused;
    decompressor->unused = block->next;
    return block;
}

/* A block to fill for the piece, which is begun when that is due; NULL when the piece is not wanted any more. */
static struct block *wait_for_room(struct decompressor *decompressor)
{
    struct read_ahead *const ahead = decompressor->ahead;
    struct block *block = NULL;
    pthread_mutex_lock(&ahead->mutex);
    while (!ahead->closing && decompressor->holds && block == NULL)
        if (is_idle(decompressor))
            pthread_cond_wait(&decompressor->wake, &ahead->mutex);
        else if (decompressor->begins)
            begin_piece(decompressor);
        else if (decompressor->lacks_window)
            go_on_ahead(decompressor);
        else
            block = take_unused(decompressor);
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
    tell_window(decompressor);
    if (ahead->next == NEXT_OPEN && ahead->pieces[ahead->held - 1] == decompressor && block->status == TB_OK &&
        block->place.bit < 8 * ahead->size)
        offer_piece(ahead, block->place);
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
        return ahead->pieces[1]->begin.bit;
    return ahead->next == NEXT_OPEN ? ahead->pieces[0]->end_bit : ahead->next_begin.bit;
}

static void begin_first_piece_again(struct read_ahead *ahead, struct tb_place begin, uint64_t end_bit)
{
    struct decompressor *const first = ahead->pieces[0];
    drop_blocks(first);
    first->begin = begin;
    first->end_bit = end_bit;
    first->begins = true;
    find_window(ahead, 0);
    pthread_cond_signal(&first->wake);
}

/* What was told by a piece that is no more is not told again. */
static struct decompressor *with_window(struct read_ahead *ahead)
{
    struct decompressor *const first = ahead->pieces[0];
    if (!first->before.known) {
        copy_window(&first->before, &ahead->proven, first->begin);
        pthread_cond_signal(&first->wake);
    }
    return first;
}

/* The piece that begins where the one before ended. */
static struct decompressor *prove_piece(struct read_ahead *ahead, struct tb_place proven)
{
    while (ahead->held == 0 || !tb_place_is(ahead->pieces[0]->begin, proven)) {
        if (ahead->held > 0) {
            const uint64_t end = end_of_first_piece(ahead);
            ahead->pieces_passed.repeated++;
            if (proven.bit < end)
                begin_first_piece_again(ahead, proven, end);
            else
                pass_first_piece(ahead);
        } else {
            ahead->pieces_passed.repeated += ahead->next == NEXT_FOUND && !tb_place_is(ahead->next_begin, proven);
            if (ahead->next != NEXT_SEARCHED)
                offer_piece(ahead, proven);
            pthread_cond_wait(&ahead->filled, &ahead->mutex);
        }
    }
    return with_window(ahead);
}

const struct block *tb_read_ahead_take(struct read_ahead *ahead, struct tb_place proven)
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
        copy_window(&ahead->proven, &first->behind, block->place);
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
