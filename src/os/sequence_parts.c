/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting one trace in parts: a part is counted from zero, with the lives that began before it left open, and then
 * added to what was counted before. Positions of the part follow those before it; the first calls of an open life
 * finish the transitions that cross the cut. */
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
                              .head = into->highest_order == 0 ? HEAD_NONE : (uint32_t)into->life_count};
    return sequences_add_life(into, life, place, error);
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

enum tb_status sequences_go_on(struct sequences *into, const struct tb_trace_request *request,
                               const struct sequences *from, struct process_table *table, struct tb_error *error)
{
    const uint32_t marks = from->marks;
    enum tb_status status = sequences_init(into, request, error);
    if (status != TB_OK)
        return status;
    into->marks = marks;
    /* Which thread groups have no place of their own is known only when the part is added. */
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
    return into->heads == NULL ? tb_error_memory(error, "thread lives") : TB_OK;
}

/* Where the calls of a part lie, for one sequence and one window. */
enum place_of_part { PART_OUTSIDE, PART_INSIDE, PART_CUT };

static enum place_of_part place_in_window(struct tb_window window, uint64_t before, uint64_t calls)
{
    const uint64_t end = window.limit > UINT64_MAX - window.skip ? UINT64_MAX : window.skip + window.limit;
    if (calls == 0 || before + calls <= window.skip || before >= end)
        return PART_OUTSIDE;
    return before >= window.skip && before + calls <= end ? PART_INSIDE : PART_CUT;
}

/* A part lies in one stretch, or has no calls. */
static bool fits_stretch(const struct sequences *sequences, size_t which, uint64_t calls)
{
    if (calls == 0 || !sequences_has_stretches(sequences, which))
        return true;
    const uint64_t length = sequences->request->stretch[which], before = sequences->items[which].total.calls;
    return before / length == (before + calls - 1) / length;
}

bool sequences_part_fits(const struct sequences *sequences, const struct sequences *part)
{
    for (size_t i = 0; i < sequences->request->selector_count; i++)
        if (!fits_stretch(sequences, i, part->items[i].total.calls))
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
    uint32_t marks;       /* of into, before the part */
    uint32_t first_marks; /* of part, where it began */
    size_t orders;
};

static bool range_gets_part(const struct addition *addition, size_t sequence, size_t range)
{
    const struct tb_sequence *const part = &addition->part->items[sequence].total;
    return range == 0 || place_in_window(addition->into->items[sequence].windows[range - 1], addition->before[sequence],
                                         part->calls) == PART_INSIDE;
}

/* The columns of both symbols are there. */
static enum tb_status add_pair(struct sequence *sequence, struct transition_counter *counter, tb_symbol from,
                               tb_symbol to, struct cell added, struct tb_error *error)
{
    const uint32_t row = (uint32_t)sequence->column_of[from] - 1, column = (uint32_t)sequence->column_of[to] - 1;
    if (counter->cells == NULL || row >= sequence->side || column >= sequence->side) {
        const tb_symbol pair[2] = {from, to};
        const struct tb_count count = {.key = tb_key_of_symbols(pair, 2), .count = added.count, .first = added.first};
        return tb_transitions_add_count(&counter->transitions, &count, error);
    }
    struct cell *const cell = &counter->cells[(size_t)row * sequence->side + column];
    if (cell->count == 0 || added.first < cell->first)
        cell->first = added.first;
    cell->count += added.count;
    return TB_OK;
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
        status = port_totals_add(into, count, part[i].port, part[i].count, error);
    return status;
}

static enum tb_status add_columns(struct sequences *sequences, struct sequence *into, const struct sequence *part,
                                  struct tb_error *error)
{
    for (size_t i = 0; i < part->column_count; i++) {
        const struct symbol_total *const added = &part->columns[i];
        uint32_t column;
        const enum tb_status status = sequences_column(sequences, into, added->symbol, &column, error);
        if (status != TB_OK)
            return status;
        struct symbol_total *const total = &into->columns[column];
        total->count += added->count;
        total->errors += added->errors;
        total->bytes += added->bytes;
    }
    return TB_OK;
}

static enum tb_status add_totals(struct sequences *sequences, struct sequence *into, const struct sequence *counted,
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
    enum tb_status status =
        add_ports(&total->connects, &total->connect_count, part->connects, part->connect_count, error);
    if (status == TB_OK)
        status = add_ports(&total->accepts, &total->accept_count, part->accepts, part->accept_count, error);
    return status == TB_OK ? add_columns(sequences, into, counted, error) : status;
}

static enum tb_status add_cells(struct sequence *into, struct transition_counter *counter, const struct sequence *part,
                                const struct cell *cells, uint64_t before, struct tb_error *error)
{
    const struct symbol_total *const columns = part->columns;
    const size_t count = part->column_count < part->side ? part->column_count : part->side;
    enum tb_status status = TB_OK;
    for (size_t from = 0; from < count; from++)
        for (size_t to = 0; status == TB_OK && to < count; to++) {
            struct cell cell = cells[from * part->side + to];
            cell.first += before;
            if (cell.count > 0)
                status = add_pair(into, counter, columns[from].symbol, columns[to].symbol, cell, error);
        }
    return status;
}

static enum tb_status add_list(struct sequence *into, struct transition_counter *counter,
                               const struct tb_transitions *part, uint64_t before, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < part->count; i++) {
        struct tb_count count = part->counts[i];
        count.first += before;
        if (part->order == 1) {
            tb_symbol pair[2];
            tb_key_to_symbols(count.key, 2, pair);
            status = add_pair(into, counter, pair[0], pair[1],
                              (struct cell){.count = count.count, .first = count.first}, error);
        } else {
            status = tb_transitions_add_count(&counter->transitions, &count, error);
        }
    }
    for (size_t i = 0; status == TB_OK && i < part->start_count; i++) {
        struct tb_count count = part->starts[i];
        count.first += before;
        status = tb_transitions_add_start_count(&counter->transitions, &count, error);
    }
    return status;
}

/* What some counters of the part hold, one an order, to those of a range of the whole. */
static enum tb_status add_counters(const struct addition *addition, size_t which, struct transition_counter *counters,
                                   const struct transition_counter *added, struct tb_error *error)
{
    struct sequence *const into = &addition->into->items[which];
    const struct sequence *const part = &addition->part->items[which];
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < addition->orders; i++) {
        if (added[i].cells != NULL)
            status = add_cells(into, &counters[i], part, added[i].cells, addition->before[which], error);
        if (status == TB_OK)
            status = add_list(into, &counters[i], &added[i].transitions, addition->before[which], error);
    }
    return status;
}

/* The part lies in one stretch. */
static enum tb_status add_to_stretch(const struct addition *addition, size_t which, struct tb_error *error)
{
    struct sequence *const into = &addition->into->items[which];
    const struct sequence *const part = &addition->part->items[which];
    uint32_t place;
    if (part->total.calls == 0 || !sequences_has_stretches(addition->into, which))
        return TB_OK;
    const enum tb_status status = sequences_stretch(addition->into, which, addition->before[which], &place, error);
    if (status != TB_OK)
        return status;
    into->stretches.items[place].calls += part->total.calls;
    return add_counters(addition, which, into->stretches.items[place].counters, part->counters, error);
}

static enum tb_status add_groups(const struct addition *addition, size_t which, struct tb_error *error)
{
    struct portions *const groups = &addition->into->items[which].groups;
    const struct portions *const added = &addition->part->items[which].groups;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < added->count; i++) {
        uint32_t place;
        status = portions_find(groups, addition->into->request, added->items[i].id, &place, error);
        if (status != TB_OK)
            return status;
        groups->items[place].calls += added->items[i].calls;
        status = add_counters(addition, which, groups->items[place].counters, added->items[i].counters, error);
    }
    return status;
}

/* The transitions that lie in the part, to the whole sequence and to each window around the part. */
static enum tb_status add_transitions(const struct addition *addition, size_t which, struct tb_error *error)
{
    struct sequence *const into = &addition->into->items[which];
    const struct sequence *const part = &addition->part->items[which];
    enum tb_status status = TB_OK;
    for (size_t range = 0; status == TB_OK && range <= addition->into->request->window_count; range++)
        if (range_gets_part(addition, which, range))
            status = add_counters(addition, which, into->counters + range * addition->orders, part->counters, error);
    if (status == TB_OK)
        status = add_groups(addition, which, error);
    return status == TB_OK ? add_to_stretch(addition, which, error) : status;
}

/* One of an open life's first calls: what crosses the cut is finished. calls and run: before the part. */
static enum tb_status add_crossing(struct sequence *into, struct transition_counter *counter, const struct life *life,
                                   const struct life_head *head, size_t which, uint64_t calls, uint64_t run,
                                   uint64_t before, struct tb_error *error)
{
    const unsigned order = counter->transitions.order;
    const uint64_t position = before + head->positions[which];
    const tb_symbol last = which > 0 ? head->symbols[which - 1] : into->columns[life->last].symbol;
    if (which >= order)
        return TB_OK;
    if (run + which >= order && order == 1)
        return add_pair(into, counter, last, head->symbols[which], (struct cell){.count = 1, .first = position}, error);
    if (run + which >= order)
        return tb_transitions_add(&counter->transitions, tb_key_target(life->history, order + 1), position, error);
    if (calls + which == order - 1 && run + which == order - 1)
        return tb_transitions_add_start(&counter->transitions, tb_key_target(life->history, order), position, error);
    return TB_OK;
}

static struct life_window *windows_of(struct sequences *sequences, size_t life)
{
    const size_t windows = sequences->request->window_count;
    return windows == 0 ? NULL : sequences->life_windows + life * windows;
}

/* To all counters of a range, one an order. */
static enum tb_status add_crossings(const struct addition *addition, const struct life *life,
                                    struct transition_counter *counters, const struct life_head *head, size_t which,
                                    uint64_t calls, uint64_t run, struct tb_error *error)
{
    struct sequence *const sequence = &addition->into->items[life->sequence];
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < addition->orders; i++)
        status = add_crossing(sequence, &counters[i], life, head, which, calls, run, addition->before[life->sequence],
                              error);
    return status;
}

/* To the portions that the call belongs to. */
static enum tb_status add_portion_crossings(const struct addition *addition, struct life *life,
                                            const struct life_head *head, size_t which, struct tb_error *error)
{
    struct sequences *const into = addition->into;
    struct sequence *const sequence = &into->items[life->sequence];
    enum tb_status status = TB_OK;
    uint32_t place;
    if (into->request->thread_groups) {
        status = sequences_group(into, life, &place, error);
        if (status == TB_OK)
            status = add_crossings(addition, life, sequence->groups.items[place].counters, head, which, life->calls,
                                   life->run, error);
    }
    if (status == TB_OK && sequences_has_stretches(into, life->sequence)) {
        status = sequences_stretch(into, life->sequence, addition->before[life->sequence], &place, error);
        if (status == TB_OK)
            status = add_crossings(addition, life, sequence->stretches.items[place].counters, head, which, life->calls,
                                   life->run, error);
    }
    return status;
}

static enum tb_status add_head(const struct addition *addition, uint32_t place, const struct life_head *head,
                               struct tb_error *error)
{
    struct sequences *const into = addition->into;
    struct life *const life = &into->lives[place];
    struct sequence *const sequence = &into->items[life->sequence];
    const struct life_window *const lived = windows_of(into, place);
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < head->count; i++) {
        life->history = tb_key_push(life->history, head->symbols[i], into->highest_order + 1);
        for (size_t range = 0; status == TB_OK && range <= into->request->window_count; range++) {
            const uint64_t calls = range == 0 ? life->calls : lived[range - 1].calls;
            const uint64_t run = range == 0 ? life->run : lived[range - 1].run;
            if (range_gets_part(addition, life->sequence, range))
                status = add_crossings(addition, life, sequence->counters + range * addition->orders, head, i, calls,
                                       run, error);
        }
        if (status == TB_OK)
            status = add_portion_crossings(addition, life, head, i, error);
    }
    return status;
}

static uint32_t moved_marks(const struct addition *addition, uint32_t marks)
{
    return addition->marks + (marks - addition->first_marks);
}

static uint16_t moved_column(const struct addition *addition, const struct life *part)
{
    const tb_symbol symbol = addition->part->items[part->sequence].columns[part->last].symbol;
    return addition->into->items[part->sequence].column_of[symbol] - 1;
}

/* The calls of a life inside each window around the part. whole: none before the part, or a loss since, counts. */
static void add_to_windows(const struct addition *addition, uint32_t place, uint64_t calls, uint64_t run, bool whole)
{
    struct sequences *const into = addition->into;
    struct life_window *const lived = windows_of(into, place);
    for (size_t w = 0; w < into->request->window_count; w++) {
        if (!range_gets_part(addition, into->lives[place].sequence, w + 1))
            continue;
        lived[w].calls += calls;
        lived[w].run = whole ? run : lived[w].run + run;
    }
}

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
    if (life->marks != addition->marks)
        sequences_forget_history(addition->into, life, windows_of(addition->into, place));
    enum tb_status status = TB_OK;
    if (addition->part->highest_order > 0)
        status = add_head(addition, place, &addition->part->heads[which], error);
    if (status != TB_OK)
        return status;
    const bool lost = part->marks != addition->first_marks;
    if (life->calls == 0)
        life->first_position = addition->before[part->sequence] + part->first_position;
    if (lost || calls > addition->part->highest_order)
        life->history = part->history;
    life->calls += calls;
    life->run = lost ? part->run : life->run + part->run;
    life->last = moved_column(addition, part);
    life->marks = moved_marks(addition, part->marks);
    add_to_windows(addition, place, calls, part->run, lost);
    return TB_OK;
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
    if (part->calls > 0) {
        life.first_position += addition->before[part->sequence];
        life.last = moved_column(addition, part);
    }
    const enum tb_status status = sequences_add_life(addition->into, life, &place, error);
    if (status == TB_OK)
        add_to_windows(addition, place, part->calls, part->run, true);
    return status;
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

static enum tb_status add_part(const struct addition *addition, const uint32_t *lives, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    const size_t count = addition->into->request->selector_count;
    for (size_t i = 0; i < count; i++)
        addition->before[i] = addition->into->items[i].total.calls;
    for (size_t i = 0; status == TB_OK && i < count; i++)
        status = add_totals(addition->into, &addition->into->items[i], &addition->part->items[i], error);
    for (size_t i = 0; status == TB_OK && i < count; i++)
        status = add_transitions(addition, i, error);
    return status == TB_OK ? add_lives(addition, lives, error) : status;
}

enum tb_status sequences_add_part(struct sequences *sequences, const struct sequences *part, uint32_t first_marks,
                                  const uint32_t *lives, struct tb_error *error)
{
    const struct addition addition = {.into = sequences,
                                      .part = part,
                                      .before = calloc(sequences->request->selector_count + 1, sizeof(uint64_t)),
                                      .marks = sequences->marks,
                                      .first_marks = first_marks,
                                      .orders = sequences->request->order_count};
    if (addition.before == NULL)
        return tb_error_memory(error, "the counts of a segment");
    const enum tb_status status = add_part(&addition, lives, error);
    sequences->marks += part->marks - first_marks;
    free(addition.before);
    return status;
}
