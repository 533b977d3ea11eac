/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of sequences as bytes.
 *
 * Writing goes by chosen (sequence_pack.h); reading makes everything anew in the order of the
 * bytes, through the functions that count, so that indexes and maps come right by themselves, and
 * checks that each thing gets the place it had.
 *
 * The numbers in PACKED_... are the least bytes that an item takes. With them an archive refuses a
 * count that the bytes left could not hold, before any memory is taken for it. */
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

static void describe_identity(struct tb_archive *archive, struct life *life, size_t sequences)
{
    tb_archive_i64(archive, &life->tid);
    tb_archive_i64(archive, &life->pid);
    tb_archive_u32(archive, &life->sequence);
    tb_archive_require(archive, life->sequence < sequences);
}

/* Of a chain in one piece: whether the next one belongs to it. */
static void describe_link(struct tb_archive *archive, struct life *life, size_t place, size_t count)
{
    bool linked = !tb_archive_reads(archive) && life->next != LIFE_NONE;
    tb_archive_bool(archive, &linked);
    tb_archive_require(archive, !linked || place + 1 < count);
    if (tb_archive_reads(archive))
        life->next = linked ? (uint32_t)(place + 1) : LIFE_NONE;
}

static void add_life(struct tb_archive *archive, struct sequences *sequences, struct life life)
{
    uint32_t place;
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = tb_sequences_add_life(sequences, life, &place, NULL) != TB_OK;
}

/* A life of which nothing was counted. */
static struct life uncounted_life(const struct sequences *sequences)
{
    return (struct life){.head = HEAD_NONE,
                         .first_position = UINT64_MAX,
                         .marks = sequences->marks,
                         .history = HISTORY_LOST,
                         .group_history = HISTORY_LOST};
}

void tb_lives_describe(struct tb_archive *archive, struct sequences *sequences, const struct chosen_lives *chosen)
{
    const bool reads = tb_archive_reads(archive);
    size_t count = reads ? 0 : chosen->count;
    tb_archive_count(archive, &count, PACKED_LIFE);
    tb_archive_require(archive, count < LIFE_NONE);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct life life = reads ? uncounted_life(sequences) : sequences->lives[chosen->order[i]];
        describe_identity(archive, &life, sequences->request->selector_count);
        describe_link(archive, &life, i, count);
        add_life(archive, sequences, life);
    }
}

static void describe_counted(struct tb_archive *archive, struct life *life)
{
    TB_ARCHIVE_U64S(archive, &life->calls, &life->context_switches, &life->first_position);
    tb_archive_u32(archive, &life->marks);
    tb_archive_u32(archive, &life->history);
    tb_archive_u32(archive, &life->group_history);
    tb_archive_u32(archive, &life->group);
    tb_archive_bool(archive, &life->replaced);
}

static bool has_history(const struct transition_counter *counter, uint32_t history)
{
    return history <= HISTORY_LOST || history < counter->history_count;
}

/* A life refers to histories that its counters know. A part's group is of one process, so places of
 * groups are checked as well. */
static bool counted_is_sound(const struct life *life, const struct sequences *part, bool open)
{
    const struct sequence *const sequence = &part->items[life->sequence];
    return (!open || life->calls >= LIFE_OPEN) && has_history(sequence->counters, life->history) &&
           (life->group == 0 ? life->group_history <= HISTORY_LOST
                             : life->group <= sequence->groups.count &&
                                   has_history(&sequence->groups.items[life->group - 1].counter, life->group_history));
}

static void describe_head(struct tb_archive *archive, struct life_head *head, const struct sequences *part,
                          const struct sequence *sequence)
{
    tb_archive_u32(archive, &head->marks);
    tb_archive_u8(archive, &head->count);
    tb_archive_require(archive, head->count <= part->highest_order);
    for (size_t i = 0; i < head->count && !archive->failed; i++) {
        tb_archive_u64(archive, &head->positions[i]);
        tb_archive_u16(archive, &head->symbols[i]);
        tb_archive_require(archive, head->symbols[i] < TB_SYMBOL_LIMIT && sequence->column_of[head->symbols[i]] != 0);
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

/* What a head says was counted must have been counted: else moving those counts on commit would
 * take from others. */
static bool head_is_sound(const struct life_head *head, const struct sequences *part, const struct life *life)
{
    const struct sequence *const sequence = &part->items[life->sequence];
    return head_was_counted(head, sequence, sequence->counters) &&
           (life->group == 0 ? head->count == 0 || !part->request->thread_groups
                             : sequence->groups.items[life->group - 1].pid == life->pid &&
                                   head_was_counted(head, sequence, &sequence->groups.items[life->group - 1].counter));
}

/* A chosen life at its packed place, of count. chosen: NULL when reading. */
static void describe_open_life(struct tb_archive *archive, struct sequences *part, const struct chosen_lives *chosen,
                               size_t place, size_t count)
{
    const bool reads = tb_archive_reads(archive);
    const size_t at = reads ? place : chosen->order[place];
    struct life life = reads ? (struct life){.head = HEAD_NONE} : part->lives[at];
    describe_identity(archive, &life, part->request->selector_count);
    describe_link(archive, &life, place, count);
    describe_counted(archive, &life);
    if (reads && !archive->failed)
        archive->failed = !counted_is_sound(&life, part, true);
    if (archive->failed)
        return;
    describe_head(archive, &part->heads[at], part, &part->items[life.sequence]);
    if (reads && !archive->failed)
        archive->failed = !head_is_sound(&part->heads[at], part, &life);
    add_life(archive, part, life);
}

/* One of the part's own, of those that stand at place; its chain goes back. */
static void describe_own_life(struct tb_archive *archive, struct sequences *part, const struct chosen_lives *chosen,
                              size_t place)
{
    const bool reads = tb_archive_reads(archive);
    struct life life = reads ? (struct life){.head = HEAD_NONE} : part->lives[place];
    if (!reads)
        life.next = life.next == LIFE_NONE ? LIFE_NONE : chosen->places[life.next];
    describe_identity(archive, &life, part->request->selector_count);
    tb_archive_u32(archive, &life.next);
    tb_archive_require(archive,
                       life.next == LIFE_NONE || (life.next >= part->open_count && life.next < part->life_count));
    describe_counted(archive, &life);
    if (reads && !archive->failed)
        archive->failed = !counted_is_sound(&life, part, false);
    add_life(archive, part, life);
}

/* The part's own lives follow the chosen open ones. chosen, which is NULL when reading, gets their places. */
static void describe_part_lives(struct tb_archive *archive, struct sequences *part, struct chosen_lives *chosen)
{
    const bool reads = tb_archive_reads(archive);
    size_t open = reads ? 0 : chosen->count;
    size_t own = reads ? 0 : part->life_count - part->open_count;
    tb_archive_count(archive, &open, PACKED_COUNTED);
    tb_archive_items(archive, &part->heads, open, sizeof *part->heads);
    for (size_t i = 0; i < open && !archive->failed; i++)
        describe_open_life(archive, part, chosen, i, open);
    if (reads)
        part->open_count = part->life_count;
    tb_archive_count(archive, &own, PACKED_COUNTED);
    for (size_t i = 0; i < own && !archive->failed; i++) {
        if (!reads)
            chosen->places[part->open_count + i] = (uint32_t)(open + i);
        describe_own_life(archive, part, chosen, part->open_count + i);
    }
}

/* The column of a symbol, which stands at place or is made there. */
static void describe_column(struct tb_archive *archive, struct sequence *sequence, size_t place)
{
    tb_symbol symbol = tb_archive_reads(archive) ? 0 : sequence->columns[place].symbol;
    uint16_t column = (uint16_t)place;
    tb_archive_u16(archive, &symbol);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = symbol >= TB_SYMBOL_LIMIT || sequence->column_of[symbol] != 0 ||
                          tb_sequence_column(sequence, symbol, &column, NULL) != TB_OK || column != place;
    if (archive->failed)
        return;
    struct symbol_total *const total = &sequence->columns[place];
    TB_ARCHIVE_U64S(archive, &total->count, &total->errors, &total->bytes);
}

static void describe_columns(struct tb_archive *archive, struct sequence *sequence)
{
    size_t count = sequence->column_count;
    tb_archive_count(archive, &count, PACKED_TOTAL);
    tb_archive_require(archive, count <= TB_SYMBOL_LIMIT);
    for (size_t i = 0; i < count && !archive->failed; i++)
        describe_column(archive, sequence, i);
}

/* The group of a process, which stands at place or is made there. */
static void describe_group(struct tb_archive *archive, struct sequence *sequence, unsigned highest_order, size_t place)
{
    struct thread_groups *const groups = &sequence->groups;
    int64_t pid = tb_archive_reads(archive) ? 0 : groups->items[place].pid;
    uint32_t found;
    tb_archive_i64(archive, &pid);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = tb_thread_groups_find(groups, pid, highest_order, &found, NULL) != TB_OK || found != place;
    if (archive->failed)
        return;
    tb_archive_u64(archive, &groups->items[place].calls);
    tb_transition_counter_describe(archive, &groups->items[place].counter, sequence->column_count);
}

static void describe_groups(struct tb_archive *archive, struct sequence *sequence, unsigned highest_order)
{
    size_t count = sequence->groups.count;
    /* Which of them share one is known only when the part is added. */
    if (tb_archive_reads(archive))
        sequence->groups.most = 0;
    tb_archive_count(archive, &count, PACKED_GROUP);
    for (size_t i = 0; i < count && !archive->failed; i++)
        describe_group(archive, sequence, highest_order, i);
}

static void describe_totals(struct tb_archive *archive, struct sequence *sequence, unsigned highest_order)
{
    struct tb_sequence *const total = &sequence->total;
    TB_ARCHIVE_U64S(archive, &total->calls, &total->events, &total->first_time, &total->last_time,
                    &total->context_switches, &total->exits_without_enter, &total->enters_without_exit,
                    &sequence->exits_beyond_calls, &sequence->kept_enters);
    tb_closes_describe(archive, total->closes);
    tb_transfers_describe(archive, total->reads);
    tb_transfers_describe(archive, total->writes);
    tb_ports_describe(archive, &total->connects, &total->connect_count);
    tb_ports_describe(archive, &total->accepts, &total->accept_count);
    describe_columns(archive, sequence);
    tb_transition_counter_describe(archive, sequence->counters, sequence->column_count);
    describe_groups(archive, sequence, highest_order);
}

/* The runs of a list under the places that lives have in the bytes; lives and columns are not told, as the part tells them. */
static bool rename_runs(const struct call_list *list, const struct chosen_lives *chosen, struct call_list *renamed)
{
    struct tb_bytes bytes = tb_bytes_packed(list->block.data, list->block.size);
    struct list_record record;
    while (bytes.left > 0) {
        if (!tb_call_list_take(&bytes, &record))
            return false;
        if (record.kind != LIST_RUN)
            continue;
        const uint32_t life = chosen->places[record.life];
        if (life == LIFE_NONE)
            return false;
        tb_call_list_add_run(
            renamed,
            &(struct listed_run){.life = life, .lost = record.lost, .columns = record.columns, .count = record.count});
    }
    return call_list_wanted(renamed);
}

/* What it says is checked when it is added to that of the whole. */
static void describe_list(struct tb_archive *archive, struct sequences *part, const struct chosen_lives *chosen)
{
    struct call_list renamed = {.wanted = false};
    struct call_list *const list = tb_archive_reads(archive) ? &part->list : &renamed;
    bool wanted = false;
    if (!tb_archive_reads(archive) && call_list_wanted(&part->list)) {
        tb_call_list_keep(&renamed);
        wanted = rename_runs(&part->list, chosen, &renamed);
    }
    tb_archive_bool(archive, &wanted);
    if (wanted && !archive->failed) {
        if (tb_archive_reads(archive))
            tb_call_list_keep(list);
        tb_archive_array(archive, &list->block.data, &list->block.size, 1, 1);
        if (!archive->failed)
            tb_archive_bytes(archive, list->block.data, list->block.size);
    }
    tb_call_list_free(&renamed);
}

void tb_part_describe(struct tb_archive *archive, struct sequences *part, struct chosen_lives *chosen)
{
    tb_archive_u32(archive, &part->marks);
    for (size_t i = 0; i < part->request->selector_count && !archive->failed; i++)
        describe_totals(archive, &part->items[i], part->highest_order);
    describe_part_lives(archive, part, chosen);
    if (!archive->failed)
        describe_list(archive, part, chosen);
}
