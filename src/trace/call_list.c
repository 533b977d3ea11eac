/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes lists of calls, reads them, and counts them again.
 *
 * Writing fills one block after another; a record that might not fit begins the next. Reading
 * replays the list through tb_sequences_count_calls, by which the trace itself was counted, so both
 * come to the same bits. A list comes from a file: each number is checked, and the lengths at its
 * end must be what was counted. */
#include "call_list.h"

#include <stdlib.h>
#include <string.h>

#include "decoder.h"

/* The most that a record takes: a run, or two numbers. */
enum { NUMBER_MOST = 10, RECORD_MOST = 1 + NUMBER_MOST + 3 * RUN_MAX };

_Static_assert((int)RUN_MAX <= (int)LIST_LOST, "a run's length fits beside its marks");
_Static_assert(TB_SYMBOL_LIMIT <= 1 << 21, "a column takes three bytes at most");
_Static_assert((int)RECORD_MOST <= (int)TB_CALL_LIST_BLOCK, "a record fits a block");

void tb_call_list_start(struct call_list *list, const struct tb_call_sink *sink)
{
    *list = (struct call_list){.sink = sink, .wanted = sink != NULL};
    if (sink == NULL)
        return;
    list->block = (struct tb_buffer){.data = malloc(TB_CALL_LIST_BLOCK), .capacity = TB_CALL_LIST_BLOCK};
    if (list->block.data == NULL)
        tb_call_list_free(list);
}

void tb_call_list_keep(struct call_list *list)
{
    *list = (struct call_list){.wanted = true};
}

void tb_call_list_free(struct call_list *list)
{
    tb_buffer_free(&list->block);
    *list = (struct call_list){0};
}

static void hand_on(struct call_list *list)
{
    if (list->block.size > 0 && !list->sink->take(list->sink->context, &list->block))
        tb_call_list_free(list);
    else
        list->block.size = 0;
}

static void grow(struct call_list *list)
{
    enum { LEAST = 64 << 10 };
    const size_t capacity = list->block.capacity == 0 ? LEAST : 2 * list->block.capacity;
    uint8_t *const data = realloc(list->block.data, capacity);
    if (data == NULL) {
        tb_call_list_free(list);
        return;
    }
    list->block.data = data;
    list->block.capacity = capacity;
}

/* Where the next record goes; NULL when the list is wanted no more. There is room for the longest
 * record, so those that write need not look. */
static uint8_t *begin_record(struct call_list *list)
{
    if (call_list_wanted(list) && list->block.size + RECORD_MOST > list->block.capacity) {
        if (list->sink == NULL)
            grow(list);
        else
            hand_on(list);
    }
    return call_list_wanted(list) ? list->block.data + list->block.size : NULL;
}

static void end_record(struct call_list *list, const uint8_t *end)
{
    list->block.size = (size_t)(end - list->block.data);
}

static inline uint8_t *put_number(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

void tb_call_list_add_life(struct call_list *list, uint32_t sequence)
{
    uint8_t *at = begin_record(list);
    if (at == NULL)
        return;
    *at++ = LIST_LIFE;
    end_record(list, put_number(at, sequence));
}

void tb_call_list_add_column(struct call_list *list, uint32_t sequence, tb_symbol symbol)
{
    uint8_t *at = begin_record(list);
    if (at == NULL)
        return;
    *at++ = LIST_COLUMN;
    end_record(list, put_number(put_number(at, sequence), symbol));
}

void tb_call_list_add_run(struct call_list *list, const struct listed_run *run)
{
    uint8_t *at = begin_record(list);
    if (at == NULL)
        return;
    *at++ = (uint8_t)(LIST_RUN | (run->lost ? LIST_LOST : 0) | (run->count - 1));
    at = put_number(at, run->life);
    for (size_t i = 0; i < run->count; i++)
        at = put_number(at, run->columns[i]);
    end_record(list, at);
}

void tb_call_list_add_length(struct call_list *list, uint64_t length)
{
    uint8_t *at = begin_record(list);
    if (at == NULL)
        return;
    *at++ = LIST_LENGTH;
    end_record(list, put_number(at, length));
}

void tb_call_list_end(struct call_list *list)
{
    if (call_list_wanted(list))
        hand_on(list);
}

/* --- reading --- */

static bool take_long_number(struct tb_bytes *bytes, uint64_t *number)
{
    uint8_t byte = 0x80;
    *number = 0;
    for (unsigned shift = 0; byte >= 0x80; shift += 7) {
        if (shift >= 7 * NUMBER_MOST || !tb_bytes_take_u8(bytes, &byte))
            return false;
        *number |= (uint64_t)(byte & 0x7F) << shift;
    }
    return true;
}

/* Most take a byte. */
static inline bool take_number(struct tb_bytes *bytes, uint64_t *number)
{
    if (bytes->left == 0 || *bytes->data >= 0x80)
        return take_long_number(bytes, number);
    *number = *bytes->data++;
    bytes->left--;
    return true;
}

static inline bool take_below(struct tb_bytes *bytes, uint64_t limit, uint32_t *number)
{
    uint64_t taken;
    if (!take_number(bytes, &taken) || taken >= limit)
        return false;
    *number = (uint32_t)taken;
    return true;
}

static bool take_run(struct tb_bytes *bytes, uint8_t head, struct list_record *record)
{
    uint32_t column;
    record->kind = LIST_RUN;
    record->lost = (head & LIST_LOST) != 0;
    record->count = (head & (LIST_LOST - 1)) + (size_t)1;
    if (!take_below(bytes, LIFE_NONE, &record->life))
        return false;
    for (size_t i = 0; i < record->count; i++) {
        if (!take_below(bytes, TB_SYMBOL_LIMIT, &column))
            return false;
        record->columns[i] = (uint16_t)column;
    }
    return true;
}

bool tb_call_list_take(struct tb_bytes *bytes, struct list_record *record)
{
    if (bytes->left == 0)
        return false;
    const uint8_t head = *bytes->data++;
    bytes->left--;
    if (head >= LIST_RUN)
        return take_run(bytes, head, record);
    *record = (struct list_record){.kind = head};
    switch (head) {
    case LIST_LIFE:
        return take_below(bytes, UINT32_MAX, &record->sequence);
    case LIST_COLUMN:
        return take_below(bytes, UINT32_MAX, &record->sequence) && take_below(bytes, TB_SYMBOL_LIMIT, &record->symbol);
    case LIST_LENGTH:
        return take_number(bytes, &record->length);
    default:
        return false;
    }
}

/* --- counting again --- */

/* A list while it is counted again. */
struct recount {
    struct sequences sequences;
    size_t ended; /* sequences whose lengths were found right */
};

/* TB_NOT_FOUND: to the caller a list that is broken is one that is not there. */
static enum tb_status broken(struct tb_error *error)
{
    return tb_error_set(error, TB_NOT_FOUND, "no whole list of calls");
}

static enum tb_status count_life(struct recount *recount, const struct list_record *record, struct tb_error *error)
{
    uint32_t place;
    if (record->sequence >= recount->sequences.request->selector_count)
        return broken(error);
    const struct life_owner owner = {.sequence = record->sequence, .next = LIFE_NONE};
    return tb_sequences_begin_life(&recount->sequences, &owner, &place, error);
}

static enum tb_status count_column(struct recount *recount, const struct list_record *record, struct tb_error *error)
{
    uint16_t column;
    if (record->sequence >= recount->sequences.request->selector_count)
        return broken(error);
    struct sequence *const sequence = &recount->sequences.items[record->sequence];
    return sequence->column_of[record->symbol] != 0
               ? broken(error)
               : tb_sequence_column(sequence, (tb_symbol)record->symbol, &column, error);
}

/* Calls that wait come before the loss. */
static enum tb_status lose_history(struct sequences *sequences, uint32_t life, struct tb_error *error)
{
    const enum tb_status status = tb_sequences_settle(sequences, error);
    if (status == TB_OK)
        tb_sequences_forget_history(sequences, life, sequences->marks);
    return status;
}

static enum tb_status count_run(struct recount *recount, const struct list_record *record, struct tb_error *error)
{
    struct sequences *const sequences = &recount->sequences;
    struct counted_call calls[RUN_MAX];
    if (record->life >= sequences->life_count)
        return broken(error);
    const struct sequence *const sequence = &sequences->items[sequences->lives[record->life].sequence];
    for (size_t i = 0; i < record->count; i++) {
        if (record->columns[i] >= sequence->column_count)
            return broken(error);
        calls[i] = (struct counted_call){.symbol = sequence->columns[record->columns[i]].symbol};
    }
    const enum tb_status status = record->lost ? lose_history(sequences, record->life, error) : TB_OK;
    if (status != TB_OK)
        return status;
    return tb_sequences_count_calls(sequences, record->life, calls, record->count, error);
}

static enum tb_status check_length(struct recount *recount, const struct list_record *record, struct tb_error *error)
{
    const enum tb_status status = tb_sequences_settle(&recount->sequences, error);
    if (status != TB_OK)
        return status;
    if (recount->ended >= recount->sequences.request->selector_count ||
        record->length != recount->sequences.items[recount->ended].total.calls)
        return broken(error);
    recount->ended++;
    return TB_OK;
}

static enum tb_status take_record(struct recount *recount, struct tb_bytes *bytes, struct tb_error *error)
{
    struct list_record record;
    if (!tb_call_list_take(bytes, &record) || (recount->ended > 0 && record.kind != LIST_LENGTH))
        return broken(error);
    switch (record.kind) {
    case LIST_LIFE:
        return count_life(recount, &record, error);
    case LIST_COLUMN:
        return count_column(recount, &record, error);
    case LIST_LENGTH:
        return check_length(recount, &record, error);
    default:
        return count_run(recount, &record, error);
    }
}

static enum tb_status take_blocks(struct recount *recount, const struct tb_call_blocks *blocks, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK && recount->ended < recount->sequences.request->selector_count) {
        struct tb_buffer block = {0};
        if (!blocks->next(blocks->context, &block))
            status = broken(error);
        struct tb_bytes bytes = tb_bytes_packed(block.data, block.size);
        while (status == TB_OK && bytes.left > 0)
            status = take_record(recount, &bytes, error);
        tb_buffer_free(&block);
    }
    return status;
}

/* Keeps what depends on windows and intervals; all else was counted by the first pass, and a list
 * does not tell it. */
static void forget_sequence(struct tb_sequence *sequence, size_t order_count)
{
    struct tb_sequence kept = {.calls = sequence->calls,
                               .transitions = sequence->transitions,
                               .windows = sequence->windows,
                               .intervals = sequence->intervals,
                               .interval_count = sequence->interval_count};
    for (size_t i = 0; i < order_count; i++) {
        const unsigned order = kept.transitions[i].order;
        tb_transitions_free(&kept.transitions[i]);
        tb_transitions_init(&kept.transitions[i], order);
    }
    sequence->transitions = NULL;
    sequence->windows = NULL;
    sequence->intervals = NULL;
    sequence->interval_count = 0;
    tb_sequence_free(sequence, order_count, 0);
    *sequence = kept;
}

void tb_trace_keep_cuts(struct tb_trace *trace)
{
    struct tb_trace kept = {.order_count = trace->order_count,
                            .window_count = trace->window_count,
                            .sequences = trace->sequences,
                            .sequence_count = trace->sequence_count};
    memcpy(kept.orders, trace->orders, sizeof kept.orders);
    for (size_t i = 0; i < kept.sequence_count; i++)
        forget_sequence(&kept.sequences[i], kept.order_count);
    free(trace->process_names);
    *trace = kept;
}

enum tb_status tb_trace_recount(const struct tb_call_blocks *blocks, const struct tb_trace_request *request,
                                struct tb_trace **trace, struct tb_error *error)
{
    struct tb_trace_request wanted = *request;
    struct recount recount = {.ended = 0};
    wanted.thread_groups = false;
    wanted.calls = NULL;
    struct tb_trace *const counted = calloc(1, sizeof *counted);
    if (counted == NULL)
        return tb_error_memory(error, "a trace");
    enum tb_status status = tb_sequences_init(&recount.sequences, &wanted, error);
    if (status == TB_OK)
        status = take_blocks(&recount, blocks, error);
    if (status == TB_OK)
        status = tb_trace_take_sequences(counted, &recount.sequences, error);
    tb_sequences_free(&recount.sequences);
    if (status != TB_OK) {
        tb_trace_free(counted);
        return status;
    }
    tb_trace_keep_cuts(counted);
    *trace = counted;
    return TB_OK;
}
