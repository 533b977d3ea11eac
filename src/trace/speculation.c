/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a speculation: a copy of what is known, a warm-up that is not counted, then counting with
 * marks.
 *
 * The copy is wrong where something happened in the gap that nobody has read. Most of what matters
 * shows itself again soon: which enter a thread is in, who is alive, what is busy. That is why some
 * bytes before the chunk are decoded first. What is still wrong afterwards is found by the commit
 * (speculation_commit.c).
 *
 * Only events are taken. A new section, a list or damage is left to the decoder, for which all of
 * that is in order. */
#include "speculation.h"

#include <stdlib.h>
#include <string.h>

struct tb_trace_request tb_request_without_cuts(const struct tb_trace_request *request)
{
    struct tb_trace_request without = *request;
    without.windows = without.selector_windows = NULL;
    without.window_count = 0;
    without.interval = NULL;
    return without;
}

void tb_speculation_start(struct speculation *speculation, const struct decoder *decoder)
{
    const uint64_t stood = decoder->walker.reader.offset;
    *speculation = (struct speculation){.sections = decoder->trace->sections, .stood = stood, .end = stood};
    struct decoder *const own = &speculation->decoder;
    speculation->request = tb_request_without_cuts(decoder->sequences.request);
    memcpy(own->meanings, decoder->meanings, sizeof own->meanings);
    memcpy(own->usual, decoder->usual, sizeof own->usual);
    own->minor_version = decoder->minor_version;
    own->events_seen = true;
    own->assume_enters = decoder->enters_ordinary;
    own->walker.swap = decoder->walker.swap;
    own->threads.sequences = &own->sequences;
    own->trace = calloc(1, sizeof *own->trace);
    speculation->complete = own->trace != NULL && tb_process_table_copy(&own->threads.table, &decoder->threads.table) &&
                            tb_sequences_go_on(&own->sequences, &speculation->request, &decoder->sequences,
                                               &own->threads.table, NULL) == TB_OK;
    if (own->trace != NULL)
        own->walker.account = &own->trace->account;
}

void tb_speculation_start_behind(struct speculation *speculation, const struct speculation *before)
{
    tb_speculation_start(speculation, &before->decoder);
    speculation->sections = before->sections;
    speculation->stood = speculation->end = before->end;
    speculation->decoder.assume_enters |= before->decoder.assume_enters;
}

void tb_speculation_free(struct speculation *speculation)
{
    tb_process_table_free(&speculation->assumed);
    free(speculation->decoder.unplaced);
    tb_decoder_finish(&speculation->decoder);
    *speculation = (struct speculation){0};
}

/* Takes the next block if it is an event that nothing is wrong before. TB_END: it is none, and nothing has changed. */
static enum tb_status take_event(struct speculation *speculation, struct tb_error *error)
{
    struct scap_block block;
    struct decoder *const decoder = &speculation->decoder;
    struct tb_account *const account = &decoder->trace->account;
    if (!scap_block_is_ready(&decoder->walker, &block)) {
        const struct tb_account before = *account;
        const uint64_t offset = decoder->walker.reader.offset;
        const enum tb_status status = tb_scap_find_block(&decoder->walker, &block, error);
        if (status != TB_OK || block.offset != offset || block.data == NULL || account->damage != before.damage) {
            *account = before;
            return status == TB_OK ? TB_END : status;
        }
    }
    if (block.meaning->kind != SCAP_EVENT)
        return TB_END;
    return tb_decoder_take_block(decoder, &block, error);
}

/* Where take_event stopped, *offset says. */
static enum tb_status take_events(struct speculation *speculation, uint64_t end, uint64_t *offset,
                                  struct tb_error *error)
{
    struct decoder *const decoder = &speculation->decoder;
    enum tb_status status = TB_OK;
    *offset = decoder->walker.reader.offset;
    while (status == TB_OK && *offset < end) {
        status = tb_decoder_take_ready_events(decoder, end, error);
        if (status == TB_OK && decoder->walker.reader.offset == *offset)
            status = take_event(speculation, error);
        if (status == TB_OK)
            *offset = decoder->walker.reader.offset;
    }
    const enum tb_status settled = tb_sequences_settle(&decoder->sequences, error);
    return settled == TB_OK ? status : settled;
}

/* From here on it counts: what it has come to is what it assumes. The table is copied twice: one
 * copy stays as assumed, the other loses its marks. */
static bool begin_counting(struct speculation *speculation)
{
    struct decoder *const decoder = &speculation->decoder;
    struct process_table *const table = &decoder->threads.table;
    struct sequences before = decoder->sequences;
    struct process_table wiped;
    decoder->sequences = (struct sequences){.request = &speculation->request};
    bool good = tb_sequences_go_on(&decoder->sequences, &speculation->request, &before, table, NULL) == TB_OK;
    tb_sequences_free(&before);
    if (speculation->request.calls != NULL)
        tb_call_list_keep(&decoder->sequences.list);
    good = tb_process_table_copy(&speculation->assumed, table) && good;
    good = tb_process_table_copy(&wiped, table) && good;
    tb_process_table_free(table);
    *table = wiped;
    table->noted = true;
    *decoder->trace = (struct tb_trace){0};
    tb_process_names_free(&decoder->threads.names);
    decoder->timed = false;
    decoder->enters_ordinary = false;
    decoder->scap_seen = false;
    decoder->assumed = &speculation->assumed;
    speculation->marks = decoder->sequences.marks;
    speculation->swap = decoder->walker.swap;
    return good;
}

/* TB_OK: the window is at a block at or behind begin, as far as structure tells. */
static enum tb_status warm_up(struct speculation *speculation, uint64_t begin, uint64_t end, uint64_t bytes,
                              struct tb_error *error)
{
    enum { ALIGNMENT = 4 };
    struct scap_walker *const walker = &speculation->decoder.walker;
    tb_reader_expect_end(&walker->reader, begin);
    const uint64_t from = begin > bytes ? begin - bytes : 0;
    tb_reader_seek(&walker->reader, (from + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    const enum tb_status status = tb_scap_find_start(walker, end, error);
    if (status != TB_OK)
        return status;
    tb_speculation_meet_strangers(speculation, begin);
    return take_events(speculation, begin, &speculation->begin, error);
}

/* Takes events up to end. */
static void count_events(struct speculation *speculation, uint64_t end)
{
    struct tb_error error;
    const enum tb_status status = take_events(speculation, end, &speculation->end, &error);
    const struct process_table *const table = &speculation->decoder.threads.table;
    speculation->stopped = status != TB_OK;
    speculation->complete = (status == TB_OK || status == TB_END) && !table->budget.refused &&
                            !table->short_of_memory && !speculation->decoder.threads.names.failed &&
                            speculation->end > speculation->begin;
}

/* In steps, as long as the chunk goes on; something in any case. Little is read that may not be
 * needed: the reader is told to look ahead by READ_AHEAD only, and after each STEP the chunk is
 * asked whether the leader has come. */
static void count_chunk(struct speculation *speculation, struct tb_chunk *chunk)
{
    enum { STEP = 64 << 10, READ_AHEAD = 256 << 10 };
    speculation->end = speculation->begin;
    do {
        const uint64_t left = atomic_load_explicit(&chunk->end, memory_order_relaxed) - speculation->end;
        tb_reader_expect_end(&speculation->decoder.walker.reader, speculation->end + READ_AHEAD);
        count_events(speculation, speculation->end + (left < STEP ? left : STEP));
    } while (tb_chunk_goes_on(chunk, speculation->end) && speculation->complete && !speculation->stopped);
}

static void run(struct speculation *speculation, struct tb_chunk *chunk, uint64_t warm_up_bytes)
{
    struct tb_error error;
    const bool adjacent = speculation->stood >= chunk->begin;
    const uint64_t begin = adjacent ? speculation->stood : chunk->begin;
    const uint64_t end = atomic_load_explicit(&chunk->end, memory_order_relaxed);
    if (begin >= end || warm_up(speculation, begin, end, adjacent ? 0 : warm_up_bytes, &error) != TB_OK ||
        speculation->begin >= end || !begin_counting(speculation))
        return;
    count_chunk(speculation, chunk);
}

void tb_speculation_run(struct speculation *speculation, struct tb_reader *reader, struct tb_chunk *chunk,
                        uint64_t warm_up_bytes)
{
    struct tb_reader *const own = &speculation->decoder.walker.reader;
    if (!speculation->complete)
        return;
    speculation->complete = false;
    *own = *reader;
    run(speculation, chunk, warm_up_bytes);
    /* Only the place is left. */
    *reader = *own;
    *own = (struct tb_reader){.offset = reader->offset, .source = reader->source};
}

/* Of a thread whose enter may have been lost in the gap the decoder will know whether one waits;
 * here it is taken that none does. */
void tb_assume_enter(struct decoder *decoder, uint32_t place, bool ready)
{
    struct thread *const thread = &decoder->threads.table.threads[place];
    thread->seen |= THREAD_OWN_EVENT;
    if (decoder->assumed == NULL || ready || thread->life == LIFE_NONE)
        return;
    thread->seen |= THREAD_WAITS;
    if (decoder->assume_enters)
        thread->pending = decoder->assumed->threads[place].pending = PENDING_NONE;
}

/* Exits of sendmmsg (51) and recvmmsg (55) come one a message, and need no enter. */
static bool needs_enter(uint16_t type)
{
    return type != 51 && type != 55;
}

/* An enter as this exit needs one, whose values are not known. */
static void put_enter(struct thread *thread, const struct exit_view *view)
{
    uint64_t id = 0;
    thread->pending = view->event->type - 1;
    thread->pending_value = UINT64_MAX;
    thread->pending_port = 0;
    thread->pending_command = 0;
    thread->pending_native_known = false;
    thread->pending_native = 0;
    if (view->meaning->kind != KIND_GENERIC)
        return;
    thread->pending = 0;
    thread->pending_id = scap_parameter_integer(view->event, 0, &id) ? (uint16_t)id : 0;
}

/* Whether the exit's own parameters leave something for those of its enter to say. */
static uint8_t use_of_enter(const struct thread *thread, const struct exit_view *view)
{
    uint64_t value;
    const uint8_t selected = thread->life != LIFE_NONE ? THREAD_PENDING_KIND : 0;
    if (!needs_enter(view->event->type))
        return THREAD_PENDING | THREAD_LAST_EXIT;
    switch (view->meaning->kind) {
    case KIND_PLAIN:
    case KIND_CLONE:
    case KIND_OPEN:
    case KIND_OPEN_OTHER:
    case KIND_OPEN_PAIR:
    case KIND_ACCEPT:
    case KIND_CLOSE_RANGE:
        return selected;
    case KIND_GENERIC:
        /* The native number is looked at only when the generic one says nothing. */
        if (scap_parameter_integer(view->event, 0, &value) && value > 0 && value < GENERIC_IDS)
            return selected;
        return selected == 0 || scap_parameter_integer(view->event, 1, &value) ? selected : THREAD_PENDING;
    case KIND_READ:
    case KIND_WRITE:
        if (selected == 0)
            return 0;
        return view->meaning->descriptor != 0 && scap_parameter_integer(view->event, view->meaning->descriptor, &value)
                   ? selected
                   : THREAD_PENDING;
    default:
        return THREAD_PENDING;
    }
}

static enum tb_status add_unplaced(struct decoder *decoder, uint32_t place, const struct exit_view *view,
                                   struct tb_error *error)
{
    if (!tb_array_reserve(&decoder->unplaced, &decoder->unplaced_capacity, decoder->unplaced_count + 1,
                          sizeof *decoder->unplaced))
        return tb_error_memory(error, "a segment");
    decoder->unplaced[decoder->unplaced_count++] =
        (struct unplaced_transfer){.thread = place,
                                   .read = view->meaning->kind == KIND_READ,
                                   .bytes = view->result > 0 ? (uint64_t)view->result : 0};
    return TB_OK;
}

/* The first exit of a thread whose enter lies before begin. In a file with enters there must have
 * been one, so it is put into what is assumed as well, and the commit compares it with what the
 * decoder has. A read whose descriptor only that enter knows waits until then. */
enum tb_status tb_assume_exit(struct decoder *decoder, uint32_t place, struct exit_view *view, bool ready,
                              struct tb_error *error)
{
    struct thread *const thread = &decoder->threads.table.threads[place];
    thread->seen |= THREAD_OWN_EVENT;
    if (decoder->assumed == NULL || ready)
        return TB_OK;
    const uint8_t use = use_of_enter(thread, view);
    thread->seen |= use;
    if (!decoder->assume_enters || !needs_enter(view->event->type) || tb_exit_has_enter(decoder, thread, view))
        return TB_OK;
    put_enter(thread, view);
    put_enter(&decoder->assumed->threads[place], view);
    const bool moves = view->meaning->kind == KIND_READ || view->meaning->kind == KIND_WRITE;
    /* A vocabulary that asks for the descriptor cannot name the call without. */
    const bool named = (decoder->sequences.request->vocabulary & TB_VOCABULARY_DESCRIPTOR) == 0;
    if (use != THREAD_PENDING || !moves || !named || (view->event->flags & SCAP_STATE_ONLY) != 0)
        return TB_OK;
    thread->seen = (uint8_t)((thread->seen & ~THREAD_PENDING) | THREAD_PENDING_KIND);
    view->unplaced = true;
    return add_unplaced(decoder, place, view, error);
}
