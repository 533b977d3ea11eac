/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sequence.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIDE = 64, LAST_SIDE = 256 };

size_t sequences_text_words(const struct tb_trace_request *request)
{
    bool any = false;
    for (size_t i = 0; i < request->selector_count; i++) {
        const struct tb_process_selector *const selector = &request->selectors[i];
        any = any || (selector->arguments != NULL && selector->arguments[0] != '\0') ||
              (selector->cgroup != NULL && selector->cgroup[0] != '\0');
    }
    return any ? 2 * ((request->selector_count + 63) / 64) : 0;
}

static struct tb_window window_of(const struct tb_trace_request *request, size_t selector, size_t window)
{
    return request->selector_windows != NULL ? request->selector_windows[selector * request->window_count + window]
                                             : request->windows[window];
}

static bool init_one(struct sequence *sequence, const struct tb_trace_request *request, size_t selector)
{
    const size_t ranges = request->window_count + 1;
    sequence->side = FIRST_SIDE;
    sequence->column_of = calloc(TB_SYMBOL_LIMIT, sizeof *sequence->column_of);
    sequence->windows = calloc(ranges, sizeof *sequence->windows);
    sequence->counters = calloc(ranges * request->order_count + 1, sizeof *sequence->counters);
    if (sequence->column_of == NULL || sequence->windows == NULL || sequence->counters == NULL)
        return false;
    sequence->groups.most = TB_THREAD_GROUPS_MAX;
    for (size_t i = 0; i < request->window_count; i++)
        sequence->windows[i] = window_of(request, selector, i);
    for (size_t i = 0; i < ranges * request->order_count; i++) {
        struct transition_counter *const counter = &sequence->counters[i];
        tb_transitions_init(&counter->transitions, request->orders[i % request->order_count]);
        if (counter->transitions.order != 1)
            continue;
        counter->cells = calloc((size_t)FIRST_SIDE * FIRST_SIDE, sizeof *counter->cells);
        if (counter->cells == NULL)
            return false;
    }
    return true;
}

enum tb_status sequences_init(struct sequences *sequences, const struct tb_trace_request *request,
                              struct tb_error *error)
{
    *sequences = (struct sequences){.request = request};
    for (size_t i = 0; i < request->order_count; i++)
        if (request->orders[i] > sequences->highest_order)
            sequences->highest_order = request->orders[i];
    sequences->items = calloc(request->selector_count + 1, sizeof *sequences->items);
    bool good = sequences->items != NULL;
    for (size_t i = 0; good && i < request->selector_count; i++)
        good = init_one(&sequences->items[i], request, i);
    if (good)
        return TB_OK;
    sequences_free(sequences);
    return tb_error_memory(error, "the sequences of a trace");
}

static void free_counters(struct sequence *sequence, size_t count)
{
    for (size_t i = 0; sequence->counters != NULL && i < count; i++) {
        tb_transitions_free(&sequence->counters[i].transitions);
        free(sequence->counters[i].cells);
    }
    free(sequence->counters);
}

void sequences_free(struct sequences *sequences)
{
    const struct tb_trace_request *const request = sequences->request;
    for (size_t i = 0; sequences->items != NULL && i < request->selector_count; i++) {
        struct sequence *const sequence = &sequences->items[i];
        free_counters(sequence, (request->window_count + 1) * request->order_count);
        sequence_free(&sequence->total, request->order_count, request->window_count);
        portions_free(&sequence->groups, request->order_count);
        portions_free(&sequence->stretches, request->order_count);
        free(sequence->windows);
        free(sequence->columns);
        free(sequence->column_of);
    }
    free(sequences->items);
    free(sequences->lives);
    free(sequences->life_windows);
    free(sequences->heads);
    *sequences = (struct sequences){.request = request};
}

void sequence_free(struct tb_sequence *sequence, size_t order_count, size_t window_count)
{
    free(sequence->call_totals);
    free(sequence->threads);
    free(sequence->connects);
    free(sequence->accepts);
    for (size_t i = 0; sequence->transitions != NULL && i < order_count; i++)
        tb_transitions_free(&sequence->transitions[i]);
    free(sequence->transitions);
    for (size_t w = 0; sequence->windows != NULL && w < window_count; w++) {
        for (size_t i = 0; sequence->windows[w].transitions != NULL && i < order_count; i++)
            tb_transitions_free(&sequence->windows[w].transitions[i]);
        free(sequence->windows[w].transitions);
    }
    free(sequence->windows);
    portion_list_free(sequence->thread_groups, sequence->thread_group_count, order_count);
    portion_list_free(sequence->stretches, sequence->stretch_count, order_count);
    *sequence = (struct tb_sequence){0};
}

/* Whether text, its NULs read as spaces, holds wanted. */
static bool text_holds(struct scap_text text, const char *wanted)
{
    const size_t size = strlen(wanted);
    for (size_t start = 0; start + size <= text.size; start++) {
        size_t same = 0;
        while (same < size && (char)(text.data[start + same] == '\0' ? ' ' : text.data[start + same]) == wanted[same])
            same++;
        if (same == size)
            return true;
    }
    return false;
}

static void match_text(struct scap_text text, const char *wanted, uint64_t *word, uint64_t bit)
{
    if (text.size == 0 || wanted == NULL)
        return;
    *word = text_holds(scap_text_trim(text), wanted) ? *word | bit : *word & ~bit;
}

void sequences_match_texts(const struct tb_trace_request *request, const struct scap_identity *identity,
                           uint64_t *words)
{
    const size_t half = (request->selector_count + 63) / 64;
    for (size_t i = 0; i < request->selector_count; i++) {
        const uint64_t bit = UINT64_C(1) << (i % 64);
        match_text(identity->arguments, request->selectors[i].arguments, &words[i / 64], bit);
        match_text(identity->cgroups, request->selectors[i].cgroup, &words[half + i / 64], bit);
    }
}

static bool text_agrees(const char *wanted, const uint64_t *words, size_t word, size_t selector)
{
    return wanted == NULL || wanted[0] == '\0' || (words[word] >> (selector % 64) & 1) != 0;
}

static bool selector_matches(const struct tb_trace_request *request, size_t which, int64_t pid, const char *name,
                             const uint64_t *words)
{
    const struct tb_process_selector *const selector = &request->selectors[which];
    const size_t half = (request->selector_count + 63) / 64;
    return strcmp(selector->name, name) == 0 && (selector->pid < 0 || selector->pid == pid) &&
           text_agrees(selector->arguments, words, which / 64, which) &&
           text_agrees(selector->cgroup, words, half + which / 64, which);
}

enum tb_status sequences_add_life(struct sequences *sequences, struct life life, uint32_t *place,
                                  struct tb_error *error)
{
    const size_t windows = sequences->request->window_count;
    const size_t count = sequences->life_count;
    if (count + 1 >= LIFE_NONE ||
        !tb_array_reserve(&sequences->lives, &sequences->life_capacity, count + 1, sizeof *sequences->lives) ||
        !tb_array_reserve(&sequences->life_windows, &sequences->life_window_capacity, (count + 1) * windows,
                          sizeof *sequences->life_windows))
        return tb_error_memory(error, "thread lives");
    sequences->lives[count] = life;
    for (size_t i = 0; i < windows; i++)
        sequences->life_windows[count * windows + i] = (struct life_window){0};
    sequences->life_count++;
    *place = (uint32_t)count;
    return TB_OK;
}

enum tb_status sequences_begin_lives(struct sequences *sequences, int64_t tid, int64_t pid, const char *name,
                                     const uint64_t *words, uint32_t *first, struct tb_error *error)
{
    *first = LIFE_NONE;
    if (name[0] == '\0')
        return TB_OK;
    for (size_t i = sequences->request->selector_count; i-- > 0;) {
        if (!selector_matches(sequences->request, i, pid, name, words))
            continue;
        const struct life life = {.tid = tid,
                                  .pid = pid,
                                  .sequence = (uint32_t)i,
                                  .next = *first,
                                  .marks = sequences->marks,
                                  .head = HEAD_NONE,
                                  .first_position = UINT64_MAX};
        const enum tb_status status = sequences_add_life(sequences, life, first, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

/* Larger squares with the same cells in them. */
static bool widen(struct sequence *sequence, const struct tb_trace_request *request)
{
    const uint32_t old = sequence->side, side = old * 2;
    for (size_t i = 0; i < (request->window_count + 1) * request->order_count; i++) {
        struct transition_counter *const counter = &sequence->counters[i];
        if (counter->cells == NULL)
            continue;
        struct cell *const cells = calloc((size_t)side * side, sizeof *cells);
        if (cells == NULL)
            return false;
        for (uint32_t row = 0; row < old; row++)
            memcpy(cells + (size_t)row * side, counter->cells + (size_t)row * old, old * sizeof *cells);
        free(counter->cells);
        counter->cells = cells;
    }
    sequence->side = side;
    return true;
}

/* A column for a symbol that did not occur so far. */
static enum tb_status add_column(struct sequences *sequences, struct sequence *sequence, tb_symbol symbol,
                                 struct tb_error *error)
{
    const size_t count = sequence->column_count;
    if (!tb_array_reserve(&sequence->columns, &sequence->column_capacity, count + 1, sizeof *sequence->columns) ||
        (count == sequence->side && count < LAST_SIDE && !widen(sequence, sequences->request)))
        return tb_error_memory(error, "call totals");
    sequence->columns[count] = (struct symbol_total){.symbol = symbol};
    sequence->column_count++;
    sequence->column_of[symbol] = (uint16_t)(count + 1);
    return TB_OK;
}

enum tb_status sequences_column(struct sequences *sequences, struct sequence *sequence, tb_symbol symbol,
                                uint32_t *column, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (sequence->column_of[symbol] == 0)
        status = add_column(sequences, sequence, symbol, error);
    *column = (uint32_t)sequence->column_of[symbol] - 1;
    return status;
}

/* The calls of a life that a range of positions holds. */
struct range {
    struct transition_counter *counters; /* one an order */
    uint64_t calls;                      /* of the life before this one */
    uint64_t run;                        /* of them, since the last loss */
};

/* The call at hand. */
struct step {
    struct tb_key history; /* with it at the end */
    uint64_t position;
    uint32_t from; /* columns of the call before and of this one */
    uint32_t to;
};

static enum tb_status count_order(const struct range *range, struct transition_counter *counter, uint32_t side,
                                  const struct step *step, struct tb_error *error)
{
    const unsigned order = counter->transitions.order;
    if (range->run >= order) {
        if (counter->cells != NULL && step->from < side && step->to < side) {
            struct cell *const cell = &counter->cells[(size_t)step->from * side + step->to];
            if (cell->count++ == 0)
                cell->first = step->position;
            return TB_OK;
        }
        return tb_transitions_add(&counter->transitions, tb_key_target(step->history, order + 1), step->position,
                                  error);
    }
    if (range->calls == order - 1 && range->run == order - 1)
        return tb_transitions_add_start(&counter->transitions, tb_key_target(step->history, order), step->position,
                                        error);
    return TB_OK;
}

static enum tb_status count_range(const struct range *range, size_t order_count, uint32_t side, const struct step *step,
                                  struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < order_count; i++)
        status = count_order(range, &range->counters[i], side, step, error);
    return status;
}

static enum tb_status count_windows(struct sequences *sequences, struct sequence *sequence, struct life_window *lived,
                                    const struct step *step, struct tb_error *error)
{
    const struct tb_trace_request *const request = sequences->request;
    for (size_t i = 0; i < request->window_count; i++) {
        const struct tb_window window = sequence->windows[i];
        if (step->position < window.skip || step->position - window.skip >= window.limit)
            continue;
        const struct range range = {.counters = sequence->counters + (i + 1) * request->order_count,
                                    .calls = lived[i].calls,
                                    .run = lived[i].run};
        const enum tb_status status = count_range(&range, request->order_count, sequence->side, step, error);
        if (status != TB_OK)
            return status;
        lived[i].calls++;
        lived[i].run++;
    }
    return TB_OK;
}

/* The portion of a kind that the life's next call belongs to. */
static enum tb_status count_portion(const struct sequences *sequences, struct portions *portions, uint32_t place,
                                    const struct life *life, uint32_t side, const struct step *step,
                                    struct tb_error *error)
{
    const struct range range = {.counters = portions->items[place].counters, .calls = life->calls, .run = life->run};
    portions->items[place].calls++;
    return count_range(&range, sequences->request->order_count, side, step, error);
}

enum tb_status sequences_group(struct sequences *sequences, struct life *life, uint32_t *place, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    *place = life->group - 1;
    if (life->group == 0)
        status = portions_find(&sequences->items[life->sequence].groups, sequences->request, life->pid, place, error);
    if (status == TB_OK)
        life->group = *place + 1;
    return status;
}

enum tb_status sequences_stretch(struct sequences *sequences, size_t which, uint64_t position, uint32_t *place,
                                 struct tb_error *error)
{
    const uint64_t length = sequences->request->stretch[which];
    struct portions *const stretches = &sequences->items[which].stretches;
    const uint64_t begin = position - position % length;
    *place = (uint32_t)stretches->count - 1;
    if (stretches->count > 0 && (uint64_t)stretches->items[*place].id == begin)
        return TB_OK;
    return portions_find(stretches, sequences->request, (int64_t)begin, place, error);
}

static enum tb_status count_portions(struct sequences *sequences, struct life *life, const struct step *step,
                                     struct tb_error *error)
{
    struct sequence *const sequence = &sequences->items[life->sequence];
    enum tb_status status = TB_OK;
    uint32_t place;
    if (sequences->request->thread_groups) {
        status = sequences_group(sequences, life, &place, error);
        if (status == TB_OK)
            status = count_portion(sequences, &sequence->groups, place, life, sequence->side, step, error);
    }
    if (status == TB_OK && sequences_has_stretches(sequences, life->sequence)) {
        status = sequences_stretch(sequences, life->sequence, step->position, &place, error);
        if (status == TB_OK)
            status = count_portion(sequences, &sequence->stretches, place, life, sequence->side, step, error);
    }
    return status;
}

void sequences_forget_history(struct sequences *sequences, struct life *life, struct life_window *lived)
{
    life->marks = sequences->marks;
    life->run = 0;
    life->head = HEAD_NONE;
    for (size_t i = 0; i < sequences->request->window_count; i++)
        lived[i].run = 0;
}

static void note_head(struct sequences *sequences, struct life *life, tb_symbol symbol, uint64_t position)
{
    struct life_head *const head = &sequences->heads[life->head];
    head->symbols[head->count] = symbol;
    head->positions[head->count++] = position;
    if (head->count == sequences->highest_order)
        life->head = HEAD_NONE;
}

enum tb_status sequences_count(struct sequences *sequences, uint32_t place, const struct counted_call *call,
                               struct tb_error *error)
{
    struct life *const life = &sequences->lives[place];
    struct sequence *const sequence = &sequences->items[life->sequence];
    struct tb_sequence *const total = &sequence->total;
    const size_t windows = sequences->request->window_count;
    struct life_window *const lived = windows == 0 ? NULL : sequences->life_windows + place * windows;
    if (life->marks != sequences->marks)
        sequences_forget_history(sequences, life, lived);
    uint32_t column;
    enum tb_status status = sequences_column(sequences, sequence, call->symbol, &column, error);
    if (status != TB_OK)
        return status;

    struct symbol_total *const symbol_total = &sequence->columns[column];
    symbol_total->count++;
    symbol_total->errors += call->result < 0;
    symbol_total->bytes += call->bytes;

    life->history = tb_key_push(life->history, call->symbol, sequences->highest_order + 1);
    const struct step step = {.history = life->history, .position = total->calls, .from = life->last, .to = column};
    const struct range whole = {.counters = sequence->counters, .calls = life->calls, .run = life->run};
    status = count_range(&whole, sequences->request->order_count, sequence->side, &step, error);
    if (status == TB_OK)
        status = count_windows(sequences, sequence, lived, &step, error);
    if (status == TB_OK)
        status = count_portions(sequences, life, &step, error);

    if (total->calls == 0)
        total->first_time = call->time;
    total->last_time = call->time;
    if (life->first_position == UINT64_MAX)
        life->first_position = total->calls;
    if (life->head != HEAD_NONE)
        note_head(sequences, life, call->symbol, total->calls);
    total->calls++;
    life->calls++;
    life->run++;
    life->last = (uint16_t)column;
    return status;
}

enum tb_status port_totals_add(struct tb_port_total **totals, size_t *count, uint16_t port, uint64_t added,
                               struct tb_error *error)
{
    size_t place = 0;
    while (place < *count && (*totals)[place].port < port)
        place++;
    if (place == *count || (*totals)[place].port != port) {
        struct tb_port_total *const grown = realloc(*totals, (*count + 1) * sizeof *grown);
        if (grown == NULL)
            return tb_error_memory(error, "ports");
        memmove(grown + place + 1, grown + place, (*count - place) * sizeof *grown);
        grown[place] = (struct tb_port_total){.port = port};
        *totals = grown;
        (*count)++;
    }
    (*totals)[place].count += added;
    return TB_OK;
}

/* Turns the cells of order 1 into counts, and sorts. */
static enum tb_status finish_counter(const struct sequence *sequence, struct transition_counter *counter,
                                     struct tb_error *error)
{
    struct tb_transitions *const transitions = &counter->transitions;
    const size_t columns = sequence->column_count < sequence->side ? sequence->column_count : sequence->side;
    for (size_t from = 0; counter->cells != NULL && from < columns; from++) {
        for (size_t to = 0; to < columns; to++) {
            const struct cell cell = counter->cells[from * sequence->side + to];
            if (cell.count == 0)
                continue;
            if (!tb_array_reserve(&transitions->counts, &transitions->capacity, transitions->count + 1,
                                  sizeof *transitions->counts))
                return tb_error_memory(error, "transition counts");
            const tb_symbol pair[2] = {sequence->columns[from].symbol, sequence->columns[to].symbol};
            transitions->counts[transitions->count++] =
                (struct tb_count){.key = tb_key_of_symbols(pair, 2), .count = cell.count, .first = cell.first};
            transitions->total += cell.count;
        }
    }
    tb_transitions_finish(transitions);
    return TB_OK;
}

/* Moves the transitions of one range out of its counters. */
static struct tb_transitions *take_transitions(struct transition_counter *counters, size_t order_count,
                                               struct tb_error *error)
{
    struct tb_transitions *const taken = calloc(order_count + 1, sizeof *taken);
    if (taken == NULL) {
        (void)tb_error_memory(error, "transition counts");
        return NULL;
    }
    for (size_t i = 0; i < order_count; i++) {
        taken[i] = counters[i].transitions;
        tb_transitions_init(&counters[i].transitions, taken[i].order);
    }
    return taken;
}

static uint64_t calls_inside(struct tb_window window, uint64_t calls)
{
    const uint64_t after = calls > window.skip ? calls - window.skip : 0;
    return after < window.limit ? after : window.limit;
}

static bool window_reached(struct tb_window window, uint64_t calls)
{
    if (window.limit == TB_WINDOW_WHOLE)
        return calls > window.skip;
    return calls >= window.skip && calls - window.skip >= window.limit;
}

static enum tb_status finish_windows(struct sequence *sequence, const struct tb_trace_request *request,
                                     struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    total->windows = calloc(request->window_count + 1, sizeof *total->windows);
    if (total->windows == NULL)
        return tb_error_memory(error, "windows");
    for (size_t i = 0; i < request->window_count; i++) {
        struct tb_window_counts *const window = &total->windows[i];
        window->window = sequence->windows[i];
        window->calls = calls_inside(window->window, total->calls);
        window->reached = window_reached(window->window, total->calls);
        window->transitions =
            take_transitions(sequence->counters + (i + 1) * request->order_count, request->order_count, error);
        if (window->transitions == NULL)
            return TB_MEMORY;
    }
    return TB_OK;
}

static int compare_columns(const void *a, const void *b)
{
    const struct symbol_total *const first = a, *const second = b;
    return (first->symbol > second->symbol) - (first->symbol < second->symbol);
}

/* Adds up the symbols of each call. Columns are sorted by it, and of no use after that. */
static enum tb_status finish_calls(struct sequence *sequence, struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    total->call_totals = calloc(sequence->column_count + 1, sizeof *total->call_totals);
    if (total->call_totals == NULL)
        return tb_error_memory(error, "call totals");
    if (sequence->column_count > 1)
        qsort(sequence->columns, sequence->column_count, sizeof *sequence->columns, compare_columns);
    for (size_t i = 0; i < sequence->column_count; i++) {
        const struct symbol_total *const column = &sequence->columns[i];
        const tb_call call = tb_symbol_call(column->symbol);
        if (total->call_total_count == 0 || total->call_totals[total->call_total_count - 1].call != call)
            total->call_totals[total->call_total_count++].call = call;
        struct tb_call_total *const into = &total->call_totals[total->call_total_count - 1];
        into->count += column->count;
        into->errors += column->errors;
        into->bytes += column->bytes;
    }
    return TB_OK;
}

static enum tb_status finish_portions(struct sequence *sequence, size_t order_count, struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    const enum tb_status status =
        portions_finish(&sequence->groups, order_count, &total->thread_groups, &total->thread_group_count, error);
    if (status != TB_OK)
        return status;
    return portions_finish(&sequence->stretches, order_count, &total->stretches, &total->stretch_count, error);
}

static enum tb_status finish_sequence(struct sequence *sequence, const struct tb_trace_request *request,
                                      struct tb_error *error)
{
    for (size_t i = 0; i < (request->window_count + 1) * request->order_count; i++) {
        const enum tb_status status = finish_counter(sequence, &sequence->counters[i], error);
        if (status != TB_OK)
            return status;
    }
    struct tb_sequence *const total = &sequence->total;
    enum tb_status status = finish_calls(sequence, error);
    if (status == TB_OK)
        status = finish_portions(sequence, request->order_count, error);
    if (status != TB_OK)
        return status;
    total->transitions = take_transitions(sequence->counters, request->order_count, error);
    return total->transitions == NULL ? TB_MEMORY : finish_windows(sequence, request, error);
}

/* Gives each sequence its thread lives, in order of birth. */
static enum tb_status finish_lives(struct sequences *sequences, struct tb_error *error)
{
    for (size_t i = 0; i < sequences->life_count; i++)
        sequences->items[sequences->lives[i].sequence].total.thread_count += !sequences->lives[i].replaced;
    for (size_t i = 0; i < sequences->request->selector_count; i++) {
        struct tb_sequence *const total = &sequences->items[i].total;
        total->threads = calloc(total->thread_count + 1, sizeof *total->threads);
        if (total->threads == NULL)
            return tb_error_memory(error, "thread lives");
        total->thread_count = 0;
    }
    for (size_t i = 0; i < sequences->life_count; i++) {
        const struct life *const life = &sequences->lives[i];
        struct tb_sequence *const total = &sequences->items[life->sequence].total;
        if (life->replaced)
            continue;
        total->threads[total->thread_count++] = (struct tb_thread_total){.tid = life->tid,
                                                                         .pid = life->pid,
                                                                         .calls = life->calls,
                                                                         .context_switches = life->context_switches,
                                                                         .first_position = life->first_position};
    }
    return TB_OK;
}

enum tb_status sequences_finish(struct sequences *sequences, struct tb_sequence *results, struct tb_error *error)
{
    enum tb_status status = finish_lives(sequences, error);
    for (size_t i = 0; status == TB_OK && i < sequences->request->selector_count; i++)
        status = finish_sequence(&sequences->items[i], sequences->request, error);
    for (size_t i = 0; status == TB_OK && i < sequences->request->selector_count; i++) {
        results[i] = sequences->items[i].total;
        sequences->items[i].total = (struct tb_sequence){0};
    }
    return status;
}

uint64_t tb_port_count(const struct tb_port_total *ports, size_t count, uint16_t port)
{
    for (size_t i = 0; i < count; i++)
        if (ports[i].port == port)
            return ports[i].count;
    return 0;
}
