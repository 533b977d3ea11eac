/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sequence_pack.h"

#include <stdlib.h>

#include "table_pack.h"

/* What these take at least: a life alone, one with what it counted, a call's totals. */
enum { PACKED_LIFE = 21, PACKED_COUNTED = 62, PACKED_TOTAL = 26, PACKED_GROUP = 32 };

bool tb_chosen_lives_start(struct chosen_lives *chosen, const struct sequences *sequences)
{
    const size_t count = sequences->life_count;
    *chosen = (struct chosen_lives){.places = malloc((count + 1) * sizeof *chosen->places),
                                    .order = malloc((count + 1) * sizeof *chosen->order)};
    if (chosen->places == NULL || chosen->order == NULL) {
        tb_chosen_lives_free(chosen);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        chosen->places[i] = LIFE_NONE;
    return true;
}

void tb_chosen_lives_free(struct chosen_lives *chosen)
{
    free(chosen->places);
    free(chosen->order);
    *chosen = (struct chosen_lives){0};
}

void tb_chosen_lives_add_chain(struct chosen_lives *chosen, const struct sequences *sequences, uint32_t life)
{
    for (; life != LIFE_NONE && chosen->places[life] == LIFE_NONE; life = sequences->lives[life].next) {
        chosen->places[life] = (uint32_t)chosen->count;
        chosen->order[chosen->count++] = life;
    }
}

static void pack_identity(const struct life *life, struct tb_buffer *buffer)
{
    tb_buffer_put_i64(buffer, life->tid);
    tb_buffer_put_i64(buffer, life->pid);
    tb_buffer_put_u32(buffer, life->sequence);
}

static bool take_identity(struct life *life, size_t sequences, struct tb_bytes *bytes)
{
    return tb_bytes_take_i64(bytes, &life->tid) && tb_bytes_take_i64(bytes, &life->pid) &&
           tb_bytes_take_u32(bytes, &life->sequence) && life->sequence < sequences;
}

/* Of a chain in one piece: whether the next one belongs to it. */
static void pack_link(const struct life *life, struct tb_buffer *buffer)
{
    tb_buffer_put_u8(buffer, life->next != LIFE_NONE);
}

static bool take_link(struct life *life, size_t place, size_t count, struct tb_bytes *bytes)
{
    uint8_t linked;
    if (!tb_bytes_take_u8(bytes, &linked) || (linked != 0 && place + 1 >= count))
        return false;
    life->next = linked != 0 ? (uint32_t)(place + 1) : LIFE_NONE;
    return true;
}

void tb_lives_pack(const struct sequences *sequences, const struct chosen_lives *chosen, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, chosen->count);
    for (size_t i = 0; i < chosen->count; i++) {
        pack_identity(&sequences->lives[chosen->order[i]], buffer);
        pack_link(&sequences->lives[chosen->order[i]], buffer);
    }
}

bool tb_lives_unpack(struct sequences *sequences, struct tb_bytes *bytes)
{
    size_t count;
    if (!tb_take_item_count(bytes, PACKED_LIFE, &count) || count >= LIFE_NONE)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct life life = {.head = HEAD_NONE,
                            .first_position = UINT64_MAX,
                            .marks = sequences->marks,
                            .history = HISTORY_LOST,
                            .group_history = HISTORY_LOST};
        uint32_t place;
        if (!take_identity(&life, sequences->request->selector_count, bytes) || !take_link(&life, i, count, bytes) ||
            tb_sequences_add_life(sequences, life, &place, NULL) != TB_OK)
            return false;
    }
    return true;
}

static void pack_counted(const struct life *life, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, life->calls);
    tb_buffer_put_u64(buffer, life->context_switches);
    tb_buffer_put_u64(buffer, life->first_position);
    tb_buffer_put_u32(buffer, life->marks);
    tb_buffer_put_u32(buffer, life->history);
    tb_buffer_put_u32(buffer, life->group_history);
    tb_buffer_put_u32(buffer, life->group);
    tb_buffer_put_u8(buffer, life->replaced);
}

static bool take_counted(struct life *life, struct tb_bytes *bytes)
{
    uint8_t replaced;
    if (!tb_bytes_take_u64(bytes, &life->calls) || !tb_bytes_take_u64(bytes, &life->context_switches) ||
        !tb_bytes_take_u64(bytes, &life->first_position) || !tb_bytes_take_u32(bytes, &life->marks) ||
        !tb_bytes_take_u32(bytes, &life->history) || !tb_bytes_take_u32(bytes, &life->group_history) ||
        !tb_bytes_take_u32(bytes, &life->group) || !tb_bytes_take_u8(bytes, &replaced))
        return false;
    life->replaced = replaced != 0;
    return true;
}

static bool has_history(const struct transition_counter *counter, uint32_t history)
{
    return history <= HISTORY_LOST || history < counter->history_count;
}

/* A life refers to histories that its counters know. */
static bool counted_is_sound(const struct life *life, const struct sequences *part, bool open)
{
    const struct sequence *const sequence = &part->items[life->sequence];
    return (!open || life->calls >= LIFE_OPEN) && has_history(sequence->counters, life->history) &&
           (life->group == 0 ? life->group_history <= HISTORY_LOST
                             : life->group <= sequence->groups.count &&
                                   has_history(&sequence->groups.items[life->group - 1].counter, life->group_history));
}

static void pack_head(const struct life_head *head, struct tb_buffer *buffer)
{
    tb_buffer_put_u32(buffer, head->marks);
    tb_buffer_put_u8(buffer, head->count);
    for (size_t i = 0; i < head->count; i++) {
        tb_buffer_put_u64(buffer, head->positions[i]);
        tb_buffer_put_u16(buffer, head->symbols[i]);
    }
}

/* The calls of a head were counted as one after the other, from where the life was cut. */
static bool head_was_counted(const struct life_head *head, const struct sequence *sequence,
                             const struct transition_counter *counter)
{
    uint32_t cut = HISTORY_LOST;
    for (size_t i = 0; i < head->count; i++)
        if (!tb_transition_counter_has(counter, &cut, sequence->column_of[head->symbols[i]] - 1))
            return false;
    return true;
}

static bool take_head(struct life_head *head, const struct sequences *part, const struct life *life,
                      struct tb_bytes *bytes)
{
    const struct sequence *const sequence = &part->items[life->sequence];
    if (!tb_bytes_take_u32(bytes, &head->marks) || !tb_bytes_take_u8(bytes, &head->count) ||
        head->count > part->highest_order)
        return false;
    for (size_t i = 0; i < head->count; i++)
        if (!tb_bytes_take_u64(bytes, &head->positions[i]) || !tb_bytes_take_u16(bytes, &head->symbols[i]) ||
            head->symbols[i] >= TB_SYMBOL_LIMIT || sequence->column_of[head->symbols[i]] == 0)
            return false;
    return head_was_counted(head, sequence, sequence->counters) &&
           (life->group == 0 ? head->count == 0 || !part->request->thread_groups
                             : sequence->groups.items[life->group - 1].pid == life->pid &&
                                   head_was_counted(head, sequence, &sequence->groups.items[life->group - 1].counter));
}

/* The part's own lives follow the chosen open ones; their chains go back. */
static void pack_part_lives(const struct sequences *part, struct chosen_lives *chosen, struct tb_buffer *buffer)
{
    const size_t open = chosen->count;
    tb_buffer_put_u64(buffer, open);
    for (size_t i = 0; i < open; i++) {
        const struct life *const life = &part->lives[chosen->order[i]];
        pack_identity(life, buffer);
        pack_link(life, buffer);
        pack_counted(life, buffer);
        pack_head(&part->heads[chosen->order[i]], buffer);
    }
    tb_buffer_put_u64(buffer, part->life_count - part->open_count);
    for (size_t i = part->open_count; i < part->life_count; i++) {
        const struct life *const life = &part->lives[i];
        chosen->places[i] = (uint32_t)(open + i - part->open_count);
        pack_identity(life, buffer);
        tb_buffer_put_u32(buffer, life->next == LIFE_NONE ? LIFE_NONE : chosen->places[life->next]);
        pack_counted(life, buffer);
    }
}

static bool take_open_life(struct sequences *part, size_t i, size_t count, struct tb_bytes *bytes)
{
    struct life life = {.head = HEAD_NONE};
    uint32_t place;
    return take_identity(&life, part->request->selector_count, bytes) && take_link(&life, i, count, bytes) &&
           take_counted(&life, bytes) && counted_is_sound(&life, part, true) &&
           take_head(&part->heads[i], part, &life, bytes) && tb_sequences_add_life(part, life, &place, NULL) == TB_OK;
}

static bool take_own_life(struct sequences *part, struct tb_bytes *bytes)
{
    struct life life = {.head = HEAD_NONE};
    uint32_t place;
    return take_identity(&life, part->request->selector_count, bytes) && tb_bytes_take_u32(bytes, &life.next) &&
           (life.next == LIFE_NONE || (life.next >= part->open_count && life.next < part->life_count)) &&
           take_counted(&life, bytes) && counted_is_sound(&life, part, false) &&
           tb_sequences_add_life(part, life, &place, NULL) == TB_OK;
}

static bool take_part_lives(struct sequences *part, struct tb_bytes *bytes)
{
    size_t count;
    if (!tb_take_item_count(bytes, PACKED_COUNTED, &count))
        return false;
    part->heads = calloc(count + 1, sizeof *part->heads);
    for (size_t i = 0; i < count; i++)
        if (part->heads == NULL || !take_open_life(part, i, count, bytes))
            return false;
    part->open_count = part->life_count;
    if (part->heads == NULL || !tb_take_item_count(bytes, PACKED_COUNTED, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_own_life(part, bytes))
            return false;
    return true;
}

static void pack_columns(const struct sequence *sequence, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, sequence->column_count);
    for (size_t i = 0; i < sequence->column_count; i++) {
        tb_buffer_put_u16(buffer, sequence->columns[i].symbol);
        tb_buffer_put_u64(buffer, sequence->columns[i].count);
        tb_buffer_put_u64(buffer, sequence->columns[i].errors);
        tb_buffer_put_u64(buffer, sequence->columns[i].bytes);
    }
}

static bool take_column(struct sequence *sequence, size_t place, struct tb_bytes *bytes)
{
    tb_symbol symbol;
    uint16_t column;
    if (!tb_bytes_take_u16(bytes, &symbol) || symbol >= TB_SYMBOL_LIMIT || sequence->column_of[symbol] != 0 ||
        tb_sequence_column(sequence, symbol, &column, NULL) != TB_OK || column != place)
        return false;
    struct symbol_total *const total = &sequence->columns[column];
    return tb_bytes_take_u64(bytes, &total->count) && tb_bytes_take_u64(bytes, &total->errors) &&
           tb_bytes_take_u64(bytes, &total->bytes);
}

static bool take_columns(struct sequence *sequence, struct tb_bytes *bytes)
{
    size_t count;
    if (!tb_take_item_count(bytes, PACKED_TOTAL, &count) || count > TB_SYMBOL_LIMIT)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_column(sequence, i, bytes))
            return false;
    return true;
}

static void pack_groups(const struct thread_groups *groups, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, groups->count);
    for (size_t i = 0; i < groups->count; i++) {
        tb_buffer_put_i64(buffer, groups->items[i].pid);
        tb_buffer_put_u64(buffer, groups->items[i].calls);
        tb_transition_counter_pack(&groups->items[i].counter, buffer);
    }
}

static bool take_groups(struct sequence *sequence, unsigned highest_order, struct tb_bytes *bytes)
{
    struct thread_groups *const groups = &sequence->groups;
    size_t count;
    /* Which of them share one is known only when the part is added. */
    groups->most = 0;
    if (!tb_take_item_count(bytes, PACKED_GROUP, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t pid;
        uint32_t place;
        if (!tb_bytes_take_i64(bytes, &pid) ||
            tb_thread_groups_find(groups, pid, highest_order, &place, NULL) != TB_OK || place != i ||
            !tb_bytes_take_u64(bytes, &groups->items[i].calls) ||
            !tb_transition_counter_unpack(&groups->items[i].counter, sequence->column_count, bytes))
            return false;
    }
    return true;
}

enum { PART_COUNTERS = 9 + TB_DESCRIPTOR_KINDS };

static void pack_totals(const struct sequence *sequence, struct tb_buffer *buffer)
{
    const struct tb_sequence *const total = &sequence->total;
    const uint64_t counters[PART_COUNTERS] = {total->calls,
                                              total->events,
                                              total->first_time,
                                              total->last_time,
                                              total->context_switches,
                                              total->exits_without_enter,
                                              total->enters_without_exit,
                                              sequence->exits_beyond_calls,
                                              sequence->kept_enters,
                                              total->closes[TB_DESCRIPTOR_NETWORK],
                                              total->closes[TB_DESCRIPTOR_FILE],
                                              total->closes[TB_DESCRIPTOR_OTHER],
                                              total->closes[TB_DESCRIPTOR_UNKNOWN]};
    for (size_t i = 0; i < PART_COUNTERS; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_transfers_pack(total->reads, buffer);
    tb_transfers_pack(total->writes, buffer);
    tb_ports_pack(total->connects, total->connect_count, buffer);
    tb_ports_pack(total->accepts, total->accept_count, buffer);
    pack_columns(sequence, buffer);
    tb_transition_counter_pack(sequence->counters, buffer);
    pack_groups(&sequence->groups, buffer);
}

static bool take_totals(struct sequence *sequence, unsigned highest_order, struct tb_bytes *bytes)
{
    struct tb_sequence *const total = &sequence->total;
    uint64_t *const counters[PART_COUNTERS] = {&total->calls,
                                               &total->events,
                                               &total->first_time,
                                               &total->last_time,
                                               &total->context_switches,
                                               &total->exits_without_enter,
                                               &total->enters_without_exit,
                                               &sequence->exits_beyond_calls,
                                               &sequence->kept_enters,
                                               &total->closes[TB_DESCRIPTOR_NETWORK],
                                               &total->closes[TB_DESCRIPTOR_FILE],
                                               &total->closes[TB_DESCRIPTOR_OTHER],
                                               &total->closes[TB_DESCRIPTOR_UNKNOWN]};
    for (size_t i = 0; i < PART_COUNTERS; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    return tb_transfers_unpack(total->reads, bytes) && tb_transfers_unpack(total->writes, bytes) &&
           tb_ports_unpack(&total->connects, &total->connect_count, bytes) &&
           tb_ports_unpack(&total->accepts, &total->accept_count, bytes) && take_columns(sequence, bytes) &&
           tb_transition_counter_unpack(sequence->counters, sequence->column_count, bytes) &&
           take_groups(sequence, highest_order, bytes);
}

void tb_part_pack(const struct sequences *part, struct chosen_lives *chosen, struct tb_buffer *buffer)
{
    tb_buffer_put_u32(buffer, part->marks);
    for (size_t i = 0; i < part->request->selector_count; i++)
        pack_totals(&part->items[i], buffer);
    pack_part_lives(part, chosen, buffer);
}

bool tb_part_unpack(struct sequences *part, const struct tb_trace_request *request, struct tb_bytes *bytes)
{
    uint32_t marks;
    if (tb_sequences_init(part, request, NULL) != TB_OK || !tb_bytes_take_u32(bytes, &marks))
        return false;
    part->marks = marks;
    for (size_t i = 0; i < request->selector_count; i++)
        if (!take_totals(&part->items[i], part->highest_order, bytes))
            return false;
    return take_part_lives(part, bytes);
}
