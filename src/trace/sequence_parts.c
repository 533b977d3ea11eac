/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting one trace in parts: a part is counted from zero, with the lives that began before it
 * left open, and then added to what was counted before it.
 *
 *       before   ... a b c |                  life L: history "b c"
 *       part               | d e f g ...      L is open: its head keeps "d e" (order 2)
 *       added    ... a b c | d e f g          "b c" -> d and "c d" -> e cross the cut: tb_transition_counter_move
 *
 * Positions of the part follow those before it. The part has counted its first calls as coming
 * after a cut (HISTORY_LOST); the head says which they are, and each such count is moved to the
 * history that the life really had. Numbers of columns, histories and thread groups are a counter's
 * own, so they are translated by what they stand for. */
#include <stdlib.h>
#include <string.h>

#include "sequence.h"

static enum tb_status open_life(struct sequences *into, const struct life *from, uint32_t next, uint32_t *place,
                                struct tb_error *error)
{
    const struct life life = {.calls = LIFE_OPEN,
                              .first_position = UINT64_MAX,
                              .tid = from->tid,
                              .pid = from->pid,
                              .sequence = from->sequence,
                              .next = next,
                              .marks = into->marks,
                              .history = HISTORY_LOST,
                              .group_history = HISTORY_LOST,
                              .head = into->highest_order == 0 ? HEAD_NONE : (uint32_t)into->life_count};
    return tb_sequences_add_life(into, life, place, error);
}

/* The chain of lives that begins at place, in the same order. */
static enum tb_status open_chain(struct sequences *into, const struct life *lives, uint32_t place, uint32_t *first,
                                 struct tb_error *error)
{
    enum tb_status status = open_life(into, &lives[place], LIFE_NONE, first, error);
    uint32_t last = *first;
    for (place = lives[place].next; status == TB_OK && place != LIFE_NONE; place = lives[place].next) {
        uint32_t added = LIFE_NONE;
        status = open_life(into, &lives[place], LIFE_NONE, &added, error);
        into->lives[last].next = added;
        last = added;
    }
    return status;
}

enum tb_status tb_sequences_go_on(struct sequences *into, const struct tb_trace_request *request,
                                  const struct sequences *from, struct process_table *table, struct tb_error *error)
{
    const uint32_t marks = from->marks;
    enum tb_status status = tb_sequences_init(into, request, error);
    if (status != TB_OK)
        return status;
    into->marks = marks;
    /* Which thread groups share one is known only when the part is added. */
    for (size_t i = 0; i < request->selector_count; i++)
        into->items[i].groups.most = 0;
    for (size_t i = 0; status == TB_OK && i < table->thread_count; i++) {
        struct thread *const thread = &table->threads[i];
        if (thread->life != LIFE_NONE)
            status = open_chain(into, from->lives, thread->life, &thread->life, error);
    }
    if (status != TB_OK)
        return status;
    into->open_count = into->life_count;
    into->heads = calloc(into->open_count + 1, sizeof *into->heads);
    if (into->heads == NULL)
        return tb_error_memory(error, "thread lives");
    for (size_t i = 0; i < into->open_count; i++)
        into->heads[i].marks = marks;
    return TB_OK;
}

/* Where the calls of a part lie, for one sequence and one window. A part that is cut cannot be
 * added: it did not note which of its transitions lie on which side. */
enum place_of_part { PART_OUTSIDE, PART_INSIDE, PART_CUT };

static enum place_of_part place_in_window(struct tb_window window, uint64_t before, uint64_t calls)
{
    const uint64_t end = window.limit > UINT64_MAX - window.skip ? UINT64_MAX : window.skip + window.limit;
    if (calls == 0 || before + calls <= window.skip || before >= end)
        return PART_OUTSIDE;
    return before >= window.skip && before + calls <= end ? PART_INSIDE : PART_CUT;
}

static bool fits_interval(const struct sequence *sequence, uint64_t calls)
{
    const uint64_t length = sequence->intervals.length, before = sequence->total.calls;
    return calls == 0 || length == 0 || before / length == (before + calls - 1) / length;
}

bool tb_sequences_part_fits(const struct sequences *sequences, const struct sequences *part)
{
    for (size_t i = 0; i < sequences->request->selector_count; i++)
        if (!fits_interval(&sequences->items[i], part->items[i].total.calls))
            return false;
    for (size_t i = 0; i < sequences->request->selector_count; i++)
        for (size_t w = 0; w < sequences->request->window_count; w++)
            if (place_in_window(sequences->items[i].windows[w], sequences->items[i].total.calls,
                                part->items[i].total.calls) == PART_CUT)
                return false;
    return true;
}

/* A part while it is added. */
struct addition {
    struct sequences *into;
    const struct sequences *part;
    uint64_t *before;     /* owned; calls of each sequence before the part */
    uint16_t *columns;    /* owned; of each sequence's columns in part, those in into */
    size_t column_count;  /* so many of each sequence */
    uint32_t marks;       /* of into, before the part */
    uint32_t first_marks; /* of part, where it began */
};

static bool range_gets_part(const struct addition *addition, size_t sequence, size_t range)
{
    const struct tb_sequence *const part = &addition->part->items[sequence].total;
    return range == 0 || place_in_window(addition->into->items[sequence].windows[range - 1], addition->before[sequence],
                                         part->calls) == PART_INSIDE;
}

static void add_transfers(struct tb_transfer *into, const struct tb_transfer *part)
{
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++) {
        into[i].calls += part[i].calls;
        into[i].bytes += part[i].bytes;
    }
}

static enum tb_status add_ports(struct tb_port_total **into, size_t *count, const struct tb_port_total *part,
                                size_t part_count, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < part_count; i++)
        status = tb_port_totals_add(into, count, part[i].port, part[i].count, error);
    return status;
}

/* columns: of each column of the part, the one here. */
static enum tb_status add_columns(struct sequence *into, const struct sequence *part, uint16_t *columns,
                                  struct tb_error *error)
{
    for (size_t i = 0; i < part->column_count; i++) {
        const struct symbol_total *const added = &part->columns[i];
        const enum tb_status status = tb_sequence_column(into, added->symbol, &columns[i], error);
        if (status != TB_OK)
            return status;
        struct symbol_total *const total = &into->columns[columns[i]];
        total->count += added->count;
        total->errors += added->errors;
        total->bytes += added->bytes;
    }
    return TB_OK;
}

static enum tb_status add_totals(struct sequence *into, const struct sequence *counted, uint16_t *columns,
                                 struct tb_error *error)
{
    struct tb_sequence *const total = &into->total;
    const struct tb_sequence *const part = &counted->total;
    if (part->calls > 0) {
        total->first_time = total->calls == 0 ? part->first_time : total->first_time;
        total->last_time = part->last_time;
    }
    total->calls += part->calls;
    total->events += part->events;
    total->context_switches += part->context_switches;
    total->exits_without_enter += part->exits_without_enter;
    total->enters_without_exit += part->enters_without_exit;
    add_transfers(total->reads, part->reads);
    add_transfers(total->writes, part->writes);
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++)
        total->closes[i] += part->closes[i];
    into->exits_beyond_calls += counted->exits_beyond_calls;
    into->kept_enters += counted->kept_enters;
    enum tb_status status =
        add_ports(&total->connects, &total->connect_count, part->connects, part->connect_count, error);
    if (status == TB_OK)
        status = add_ports(&total->accepts, &total->accept_count, part->accepts, part->accept_count, error);
    return status == TB_OK ? add_columns(into, counted, columns, error) : status;
}

/* What a counter of the part counted of one sequence. columns: here, of those in the part. */
static struct counted_part part_of(const struct addition *addition, size_t which,
                                   const struct transition_counter *counter)
{
    return (struct counted_part){.counter = counter,
                                 .columns = addition->columns + which * addition->column_count,
                                 .before = addition->before[which]};
}

static enum tb_status add_groups(const struct addition *addition, size_t which, struct tb_error *error)
{
    struct thread_groups *const groups = &addition->into->items[which].groups;
    const struct thread_groups *const added = &addition->part->items[which].groups;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < added->count; i++) {
        const struct counted_part part = part_of(addition, which, &added->items[i].counter);
        uint32_t place;
        status = tb_thread_groups_find(groups, added->items[i].pid, addition->into->highest_order, &place, error);
        if (status != TB_OK)
            return status;
        groups->items[place].calls += added->items[i].calls;
        status = tb_transition_counter_add_part(&groups->items[place].counter, &part, error);
    }
    return status;
}

/* The transitions that lie in the part, to the whole sequence, to each window around the part, and to thread groups. */
static enum tb_status add_transitions(const struct addition *addition, size_t which, struct tb_error *error)
{
    struct sequence *const into = &addition->into->items[which];
    const struct counted_part part = part_of(addition, which, addition->part->items[which].counters);
    enum tb_status status = TB_OK;
    if (addition->part->items[which].total.calls > 0)
        status = tb_intervals_reach(&into->intervals, addition->before[which], into->counters, error);
    for (size_t range = 0; status == TB_OK && range <= addition->into->request->window_count; range++)
        if (range_gets_part(addition, which, range))
            status = tb_transition_counter_add_part(&into->counters[range], &part, error);
    return status == TB_OK ? add_groups(addition, which, error) : status;
}

/* An open life's first calls: what crosses the cut is finished, in a counter and the life's history
 * there. cut follows the part's own idea of it, from nothing known on. */
static enum tb_status add_head(const struct addition *addition, uint32_t which, struct transition_counter *counter,
                               uint32_t *history, const struct life_head *head, struct tb_error *error)
{
    const struct sequence *const sequence = &addition->into->items[which];
    uint32_t cut = HISTORY_LOST;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < head->count; i++)
        status = tb_transition_counter_move(counter, &cut, history, sequence->column_of[head->symbols[i]] - 1,
                                            addition->before[which] + head->positions[i], error);
    return status;
}

static enum tb_status add_head_to_group(const struct addition *addition, uint32_t place, const struct life_head *head,
                                        struct tb_error *error)
{
    struct life *const life = &addition->into->lives[place];
    struct thread_group *group;
    if (!addition->into->request->thread_groups)
        return TB_OK;
    const enum tb_status status = tb_sequences_group(addition->into, life, &group, error);
    return status == TB_OK ? add_head(addition, life->sequence, &group->counter, &life->group_history, head, error)
                           : status;
}

/* A life's history in its thread group; those without calls have none that is numbered. */
static enum tb_status take_group_history(const struct addition *addition, uint32_t place, const struct life *part,
                                         struct tb_error *error)
{
    struct life *const life = &addition->into->lives[place];
    struct thread_group *group;
    if (part->group == 0)
        return TB_OK;
    const struct counted_part counted =
        part_of(addition, part->sequence, &addition->part->items[part->sequence].groups.items[part->group - 1].counter);
    const enum tb_status status = tb_sequences_group(addition->into, life, &group, error);
    if (status != TB_OK)
        return status;
    return tb_transition_counter_translate(&group->counter, &counted, part->group_history, &life->group_history, error);
}

/* A life's history is what it was at the end of the part, in each range around the part. */
static enum tb_status take_history(const struct addition *addition, uint32_t place, const struct life *life,
                                   struct tb_error *error)
{
    const struct counted_part part = part_of(addition, life->sequence, addition->part->items[life->sequence].counters);
    struct transition_counter *const counters = addition->into->items[life->sequence].counters;
    enum tb_status status = TB_OK;
    for (size_t range = 0; status == TB_OK && range <= addition->into->request->window_count; range++)
        if (range_gets_part(addition, life->sequence, range))
            status = tb_transition_counter_translate(&counters[range], &part, life->history,
                                                     sequences_history(addition->into, place, range), error);
    return status == TB_OK ? take_group_history(addition, place, life, error) : status;
}

/* An open life's history goes on through a part. When the head has all calls that the life made
 * there, the history was taken on call by call; else it is what it was at the end of the part. */
static enum tb_status continue_history(const struct addition *addition, size_t which, uint32_t place,
                                       struct tb_error *error)
{
    const struct life *const part = &addition->part->lives[which];
    const struct life_head *const head = &addition->part->heads[which];
    enum tb_status status = TB_OK;
    if (addition->part->highest_order == 0)
        return TB_OK;
    for (size_t range = 0; status == TB_OK && range <= addition->into->request->window_count; range++)
        if (range_gets_part(addition, part->sequence, range))
            status = add_head(addition, part->sequence, &addition->into->items[part->sequence].counters[range],
                              sequences_history(addition->into, place, range), head, error);
    if (status == TB_OK)
        status = add_head_to_group(addition, place, head, error);
    if (status != TB_OK || (part->marks == head->marks && part->calls - LIFE_OPEN == head->count))
        return status;
    return take_history(addition, place, part, error);
}

/* Losses that the part saw come after those before it. */
static uint32_t moved_marks(const struct addition *addition, uint32_t marks)
{
    return addition->marks + (marks - addition->first_marks);
}

/* Events were lost between what was before and the first call of an open life. */
static bool is_cut_off(const struct addition *addition, size_t which, uint32_t place)
{
    return addition->into->lives[place].marks != addition->marks ||
           addition->part->heads[which].marks != addition->first_marks;
}

/* When events were lost between what was before and the life's first call of the part, nothing
 * crosses the cut. */
static enum tb_status add_open_life(const struct addition *addition, size_t which, uint32_t place,
                                    struct tb_error *error)
{
    const struct life *const part = &addition->part->lives[which];
    struct life *const life = &addition->into->lives[place];
    const uint64_t calls = part->calls - LIFE_OPEN;
    if (part->replaced)
        life->replaced = life->calls == 0 && life->context_switches == 0;
    life->context_switches += part->context_switches;
    if (calls == 0)
        return TB_OK;
    if (is_cut_off(addition, which, place))
        tb_sequences_forget_history(addition->into, place, addition->marks);
    if (life->calls == 0)
        life->first_position = addition->before[part->sequence] + part->first_position;
    life->calls += calls;
    life->marks = moved_marks(addition, part->marks);
    return continue_history(addition, which, place, error);
}

/* added: how far the part's own lives move. */
static enum tb_status add_own_life(const struct addition *addition, const struct life *part, int64_t moved,
                                   struct tb_error *error)
{
    struct life life = *part;
    uint32_t place;
    life.marks = moved_marks(addition, part->marks);
    life.group = 0; /* found again when it is needed */
    life.next = part->next == LIFE_NONE ? LIFE_NONE : (uint32_t)(part->next + moved);
    if (part->calls > 0)
        life.first_position += addition->before[part->sequence];
    const enum tb_status status = tb_sequences_add_life(addition->into, life, &place, error);
    return status == TB_OK ? take_history(addition, place, part, error) : status;
}

static enum tb_status add_lives(const struct addition *addition, const uint32_t *lives, struct tb_error *error)
{
    const struct sequences *const part = addition->part;
    const int64_t moved = (int64_t)addition->into->life_count - (int64_t)part->open_count;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < part->open_count; i++)
        if (lives[i] != LIFE_NONE)
            status = add_open_life(addition, i, lives[i], error);
    for (size_t i = part->open_count; status == TB_OK && i < part->life_count; i++)
        status = add_own_life(addition, &part->lives[i], moved, error);
    return status;
}

/* --- the list of calls --- */

/* A life of the part, as the whole has it once lives are added; LIFE_NONE: there is no such life. */
static uint32_t listed_life(const struct addition *addition, const uint32_t *lives, uint32_t life)
{
    const struct sequences *const part = addition->part;
    if (life >= part->life_count)
        return LIFE_NONE;
    return life < part->open_count ? lives[life] : (uint32_t)(life - part->open_count + addition->into->life_count);
}

/* begun: of each open life, whether it has had a run. False when the part cannot have such a run. */
static bool list_run(const struct addition *addition, const uint32_t *lives, bool *begun, struct list_record *record)
{
    const uint32_t life = listed_life(addition, lives, record->life);
    if (life == LIFE_NONE)
        return false;
    const uint32_t which = addition->part->lives[record->life].sequence;
    const uint16_t *const columns = addition->columns + which * addition->column_count;
    for (size_t i = 0; i < record->count; i++) {
        if (record->columns[i] >= addition->part->items[which].column_count)
            return false;
        record->columns[i] = columns[record->columns[i]];
    }
    bool lost = record->lost;
    if (record->life < addition->part->open_count && !begun[record->life]) {
        begun[record->life] = true;
        lost = lost || is_cut_off(addition, record->life, life);
    }
    tb_call_list_add_run(
        &addition->into->list,
        &(struct listed_run){.life = life, .lost = lost, .columns = record->columns, .count = record->count});
    return true;
}

static bool list_runs(const struct addition *addition, const uint32_t *lives)
{
    const struct sequences *const part = addition->part;
    struct tb_bytes bytes = tb_bytes_packed(part->list.block.data, part->list.block.size);
    struct list_record record;
    bool *const begun = calloc(part->open_count + 1, sizeof *begun);
    bool good = begun != NULL;
    while (good && bytes.left > 0)
        good = tb_call_list_take(&bytes, &record) &&
               (record.kind != LIST_RUN || list_run(addition, lives, begun, &record));
    free(begun);
    return good;
}

/* Columns are known already, lives are not. A list that cannot be gone on with is none. */
static void add_list(const struct addition *addition, const uint32_t *lives)
{
    struct sequences *const into = addition->into;
    const struct sequences *const part = addition->part;
    for (uint32_t i = 0; i < into->request->selector_count; i++)
        tb_sequences_list_columns(into, i);
    for (size_t i = part->open_count; i < part->life_count; i++)
        tb_call_list_add_life(&into->list, part->lives[i].sequence);
    if (!call_list_wanted(&part->list) || !list_runs(addition, lives))
        tb_call_list_free(&into->list);
}

static enum tb_status add_part(const struct addition *addition, const uint32_t *lives, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    const size_t count = addition->into->request->selector_count;
    for (size_t i = 0; i < count; i++)
        addition->before[i] = addition->into->items[i].total.calls;
    for (size_t i = 0; status == TB_OK && i < count; i++)
        status = add_totals(&addition->into->items[i], &addition->part->items[i],
                            addition->columns + i * addition->column_count, error);
    for (size_t i = 0; status == TB_OK && i < count; i++)
        status = add_transitions(addition, i, error);
    if (status == TB_OK && call_list_wanted(&addition->into->list))
        add_list(addition, lives);
    return status == TB_OK ? add_lives(addition, lives, error) : status;
}

enum tb_status tb_sequences_add_part(struct sequences *sequences, const struct sequences *part, uint32_t first_marks,
                                     const uint32_t *lives, struct tb_error *error)
{
    const size_t count = sequences->request->selector_count;
    struct addition addition = {.into = sequences, .part = part, .marks = sequences->marks, .first_marks = first_marks};
    for (size_t i = 0; i < count; i++)
        if (part->items[i].column_count > addition.column_count)
            addition.column_count = part->items[i].column_count;
    addition.before = calloc(count + 1, sizeof *addition.before);
    addition.columns = malloc((count * addition.column_count + 1) * sizeof *addition.columns);
    enum tb_status status = tb_sequences_settle(sequences, error);
    if (addition.before == NULL || addition.columns == NULL)
        status = tb_error_memory(error, "the counts of a segment");
    if (status == TB_OK)
        status = add_part(&addition, lives, error);
    sequences->marks += part->marks - first_marks;
    free(addition.before);
    free(addition.columns);
    return status;
}
