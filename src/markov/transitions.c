/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of counts: while they grow, a list in the order of first occurrence with an index of keys;
 * finished, a list in the order of keys.
 *
 * Merging is a merge of sorted lists, so sums of tables do not depend on the order in which they
 * are added. */
#include "twinbed/markov/transitions.h"

#include <stdlib.h>
#include <string.h>

/* Keys are 128-bit numbers, high word first. */

static struct tb_key keep_calls(struct tb_key key, unsigned count)
{
    const unsigned bits = count * TB_SYMBOL_BITS;
    if (bits < 64)
        return (struct tb_key){.low = key.low & ((UINT64_C(1) << bits) - 1)};
    if (bits < 128)
        key.high &= (UINT64_C(1) << (bits - 64)) - 1;
    return key;
}

struct tb_key tb_key_push(struct tb_key key, tb_symbol symbol, unsigned count)
{
    const struct tb_key pushed = {.high = (key.high << TB_SYMBOL_BITS) | (key.low >> (64 - TB_SYMBOL_BITS)),
                                  .low = (key.low << TB_SYMBOL_BITS) | symbol};
    return keep_calls(pushed, count);
}

struct tb_key tb_key_of_symbols(const tb_symbol *symbols, unsigned count)
{
    struct tb_key key = {0};
    for (unsigned i = 0; i < count; i++)
        key = tb_key_push(key, symbols[i], count);
    return key;
}

struct tb_key tb_key_source(struct tb_key transition)
{
    return (struct tb_key){.high = transition.high >> TB_SYMBOL_BITS,
                           .low = (transition.low >> TB_SYMBOL_BITS) | (transition.high << (64 - TB_SYMBOL_BITS))};
}

struct tb_key tb_key_target(struct tb_key transition, unsigned order)
{
    return keep_calls(transition, order);
}

void tb_key_to_symbols(struct tb_key key, unsigned count, tb_symbol *symbols)
{
    for (unsigned i = count; i-- > 0; key = tb_key_source(key))
        symbols[i] = (tb_symbol)(key.low & ((1U << TB_SYMBOL_BITS) - 1));
}

void tb_transitions_init(struct tb_transitions *transitions, unsigned order)
{
    *transitions = (struct tb_transitions){.order = order};
}

void tb_transitions_free(struct tb_transitions *transitions)
{
    free(transitions->counts);
    free(transitions->starts);
    tb_index_free(&transitions->index);
    tb_index_free(&transitions->start_index);
    *transitions = (struct tb_transitions){0};
}

/* A list of counts while it grows: transitions or first states of one table. */
struct list {
    struct tb_count **items;
    size_t *count;
    size_t *capacity;
    struct tb_index *index;
};

static enum tb_status add_to(struct list list, struct tb_key key, uint64_t times, uint64_t position,
                             struct tb_error *error)
{
    const int64_t place = tb_index_add(list.index, key, *list.count);
    if (place == TB_INDEX_ABSENT ||
        ((size_t)place == *list.count &&
         !tb_array_reserve(list.items, list.capacity, *list.count + 1, sizeof **list.items)))
        return tb_error_memory(error, "transition counts");
    struct tb_count *const item = &(*list.items)[place];
    if ((size_t)place == *list.count) {
        *item = (struct tb_count){.key = key, .count = 0, .first = position};
        (*list.count)++;
    }
    item->count += times;
    if (position < item->first)
        item->first = position;
    return TB_OK;
}

enum tb_status tb_transitions_add_count(struct tb_transitions *transitions, const struct tb_count *count,
                                        struct tb_error *error)
{
    const struct list list = {&transitions->counts, &transitions->count, &transitions->capacity, &transitions->index};
    const enum tb_status status = add_to(list, count->key, count->count, count->first, error);
    if (status == TB_OK)
        transitions->total += count->count;
    return status;
}

enum tb_status tb_transitions_add(struct tb_transitions *transitions, struct tb_key key, uint64_t position,
                                  struct tb_error *error)
{
    return tb_transitions_add_count(transitions, &(struct tb_count){.key = key, .count = 1, .first = position}, error);
}

enum tb_status tb_transitions_add_start_count(struct tb_transitions *transitions, const struct tb_count *count,
                                              struct tb_error *error)
{
    const struct list list = {&transitions->starts, &transitions->start_count, &transitions->start_capacity,
                              &transitions->start_index};
    return add_to(list, count->key, count->count, count->first, error);
}

enum tb_status tb_transitions_add_start(struct tb_transitions *transitions, struct tb_key state, uint64_t position,
                                        struct tb_error *error)
{
    const struct tb_count start = {.key = state, .count = 1, .first = position};
    return tb_transitions_add_start_count(transitions, &start, error);
}

static int compare_counts(const void *a, const void *b)
{
    const struct tb_count *const first = a, *const second = b;
    return tb_key_compare(first->key, second->key);
}

void tb_transitions_finish(struct tb_transitions *transitions)
{
    if (transitions->count > 1)
        qsort(transitions->counts, transitions->count, sizeof *transitions->counts, compare_counts);
    if (transitions->start_count > 1)
        qsort(transitions->starts, transitions->start_count, sizeof *transitions->starts, compare_counts);
    tb_index_free(&transitions->index);
    tb_index_free(&transitions->start_index);
}

static struct tb_count merge_counts(struct tb_count a, struct tb_count b)
{
    return (struct tb_count){.key = a.key, .count = a.count + b.count, .first = a.first < b.first ? a.first : b.first};
}

/* Merges two sorted lists into *merged, which is the caller's to free. False without memory. */
static bool merge_lists(const struct tb_count *a, size_t a_count, const struct tb_count *b, size_t b_count,
                        struct tb_count **merged, size_t *merged_count)
{
    *merged = malloc((a_count + b_count + 1) * sizeof **merged);
    if (*merged == NULL)
        return false;
    size_t i = 0, j = 0, count = 0;
    while (i < a_count || j < b_count) {
        const int order = i == a_count ? 1 : j == b_count ? -1 : tb_key_compare(a[i].key, b[j].key);
        if (order < 0)
            (*merged)[count++] = a[i++];
        else if (order > 0)
            (*merged)[count++] = b[j++];
        else
            (*merged)[count++] = merge_counts(a[i++], b[j++]);
    }
    *merged_count = count;
    return true;
}

enum tb_status tb_transitions_merge(struct tb_transitions *into, const struct tb_transitions *from,
                                    struct tb_error *error)
{
    struct tb_count *counts, *starts;
    size_t count, start_count;
    if (!merge_lists(into->counts, into->count, from->counts, from->count, &counts, &count))
        return tb_error_memory(error, "merged transitions");
    if (!merge_lists(into->starts, into->start_count, from->starts, from->start_count, &starts, &start_count)) {
        free(counts);
        return tb_error_memory(error, "merged transitions");
    }
    const uint64_t total = into->total + from->total;
    const unsigned order = into->order;
    tb_transitions_free(into);
    *into = (struct tb_transitions){.order = order,
                                    .counts = counts,
                                    .count = count,
                                    .capacity = count,
                                    .total = total,
                                    .starts = starts,
                                    .start_count = start_count,
                                    .start_capacity = start_count};
    return TB_OK;
}

/* A merge with nothing. */
enum tb_status tb_transitions_copy(struct tb_transitions *copy, const struct tb_transitions *from,
                                   struct tb_error *error)
{
    struct tb_transitions made;
    tb_transitions_init(&made, from->order);
    const enum tb_status status = tb_transitions_merge(&made, from, error);
    if (status == TB_OK)
        *copy = made;
    return status;
}

static void mark_symbols(const struct tb_count *items, size_t count, unsigned calls, bool *seen)
{
    tb_symbol symbols[TB_ORDER_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        tb_key_to_symbols(items[i].key, calls, symbols);
        for (unsigned j = 0; j < calls; j++)
            seen[symbols[j] % TB_SYMBOL_LIMIT] = true;
    }
}

size_t tb_vocabulary_count(const struct tb_transitions *const *tables, size_t count)
{
    bool seen[TB_SYMBOL_LIMIT] = {false};
    size_t symbols = 0;
    for (size_t i = 0; i < count; i++) {
        mark_symbols(tables[i]->counts, tables[i]->count, tables[i]->order + 1, seen);
        mark_symbols(tables[i]->starts, tables[i]->start_count, tables[i]->order, seen);
    }
    for (size_t i = 0; i < TB_SYMBOL_LIMIT; i++)
        symbols += seen[i];
    return symbols;
}

/* Every symbol of 14 bits is one, so only what lies above them can be wrong. */
static bool key_is_calls(struct tb_key key, unsigned count)
{
    return tb_key_compare(key, keep_calls(key, count)) == 0;
}

/* A sorted list of keys of so many calls; *total is the sum of its counts. */
static void describe_list(struct tb_archive *archive, unsigned calls, struct tb_count **items, size_t *count,
                          uint64_t *total)
{
    enum { PACKED_COUNT = 32 };
    tb_archive_array(archive, items, count, sizeof **items, PACKED_COUNT);
    *total = 0;
    for (size_t i = 0; i < *count && !archive->failed; i++) {
        struct tb_count *const item = &(*items)[i];
        TB_ARCHIVE_U64S(archive, &item->key.high, &item->key.low, &item->count, &item->first);
        tb_archive_require(archive, item->count > 0 && key_is_calls(item->key, calls) &&
                                        (i == 0 || tb_key_compare(item[-1].key, item->key) < 0) &&
                                        !__builtin_add_overflow(*total, item->count, total));
    }
}

void tb_transitions_describe(struct tb_archive *archive, struct tb_transitions *transitions)
{
    struct tb_transitions described = *transitions;
    uint64_t starts;
    tb_archive_u32(archive, &described.order);
    tb_archive_require(archive, described.order >= 1 && described.order <= TB_ORDER_MAX);
    describe_list(archive, described.order + 1, &described.counts, &described.count, &described.total);
    describe_list(archive, described.order, &described.starts, &described.start_count, &starts);
    described.capacity = described.count;
    described.start_capacity = described.start_count;
    if (tb_archive_reads(archive))
        *transitions = described;
}
