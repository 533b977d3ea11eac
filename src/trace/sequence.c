/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting calls, in batches of up to RUN_MAX that share what has to be looked up for them.
 *
 * Of a batch first the columns are found, then totals by column are added, then what each life
 * keeps, then transitions. Calls of one life in a row are one run for the transition counter, which
 * then follows one history. Where several lives take turns, each call has its own history, and the
 * counter takes all of them in one go, because branches on where a turn ends would be foreseen by
 * no processor.
 *
 * Calls of a window are a part of a run: position and skip say which. Everything that is not
 * transitions of the whole sequence (windows, thread groups, the list of calls) is counted aside,
 * as most traces want none of it. */
#include "sequence.h"

#include <stdlib.h>
#include <string.h>

/* Two bits a selector, of arguments and of its cgroup, in words of 64. */
size_t tb_sequences_text_words(const struct tb_trace_request *request)
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

/* How many of a sequence's first calls a window holds. */
static uint64_t calls_inside(struct tb_window window, uint64_t calls)
{
    const uint64_t after = calls > window.skip ? calls - window.skip : 0;
    return after < window.limit ? after : window.limit;
}

static bool init_one(struct sequence *sequence, const struct tb_trace_request *request, size_t selector,
                     unsigned highest_order)
{
    const size_t ranges = request->window_count + 1;
    sequence->column_of = calloc(TB_SYMBOL_LIMIT, sizeof *sequence->column_of);
    sequence->windows = calloc(ranges, sizeof *sequence->windows);
    sequence->counters = calloc(ranges, sizeof *sequence->counters);
    if (sequence->column_of == NULL || sequence->windows == NULL || sequence->counters == NULL)
        return false;
    for (size_t i = 0; i < request->window_count; i++)
        sequence->windows[i] = window_of(request, selector, i);
    for (size_t i = 0; i < ranges; i++)
        sequence->counters[i].highest_order = highest_order;
    sequence->groups.most = TB_THREAD_GROUPS_MAX;
    sequence->intervals.length = request->interval == NULL ? 0 : request->interval[selector];
    return true;
}

enum tb_status tb_sequences_init(struct sequences *sequences, const struct tb_trace_request *request,
                                 struct tb_error *error)
{
    *sequences = (struct sequences){.request = request};
    for (size_t i = 0; i < request->order_count; i++)
        if (request->orders[i] > sequences->highest_order)
            sequences->highest_order = request->orders[i];
    sequences->items = calloc(request->selector_count + 1, sizeof *sequences->items);
    bool good = sequences->items != NULL;
    for (size_t i = 0; good && i < request->selector_count; i++)
        good = init_one(&sequences->items[i], request, i, sequences->highest_order);
    if (good)
        return TB_OK;
    tb_sequences_free(sequences);
    return tb_error_memory(error, "the sequences of a trace");
}

static void free_counters(struct sequence *sequence, size_t count)
{
    for (size_t i = 0; sequence->counters != NULL && i < count; i++)
        tb_transition_counter_free(&sequence->counters[i]);
    free(sequence->counters);
}

void tb_sequences_free(struct sequences *sequences)
{
    const struct tb_trace_request *const request = sequences->request;
    for (size_t i = 0; sequences->items != NULL && i < request->selector_count; i++) {
        struct sequence *const sequence = &sequences->items[i];
        free_counters(sequence, request->window_count + 1);
        tb_sequence_free(&sequence->total, request->order_count, request->window_count);
        tb_thread_groups_free(&sequence->groups);
        tb_intervals_free(&sequence->intervals);
        free(sequence->windows);
        free(sequence->columns);
        free(sequence->column_of);
    }
    tb_call_list_free(&sequences->list);
    free(sequences->items);
    free(sequences->lives);
    free(sequences->window_histories);
    free(sequences->heads);
    *sequences = (struct sequences){.request = request};
}

void tb_sequence_free(struct tb_sequence *sequence, size_t order_count, size_t window_count)
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
    tb_subtotal_list_free(sequence->thread_groups, sequence->thread_group_count, order_count);
    tb_subtotal_list_free(sequence->intervals, sequence->interval_count, order_count);
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
    *word = text_holds(tb_scap_text_trim(text), wanted) ? *word | bit : *word & ~bit;
}

void tb_sequences_match_texts(const struct tb_trace_request *request, const struct scap_identity *identity,
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

void tb_sequences_add_events(struct sequences *sequences, uint32_t life, uint64_t events)
{
    for (; life != LIFE_NONE; life = sequences->lives[life].next)
        sequences->items[sequences->lives[life].sequence].total.events += events;
}

enum tb_status tb_sequences_add_life(struct sequences *sequences, struct life life, uint32_t *place,
                                     struct tb_error *error)
{
    const size_t windows = sequences->request->window_count;
    const size_t count = sequences->life_count;
    if (count + 1 >= LIFE_NONE ||
        !tb_array_reserve(&sequences->lives, &sequences->life_capacity, count + 1, sizeof *sequences->lives) ||
        !tb_array_reserve(&sequences->window_histories, &sequences->window_history_capacity, (count + 1) * windows,
                          sizeof *sequences->window_histories))
        return tb_error_memory(error, "thread lives");
    sequences->lives[count] = life;
    for (size_t i = 0; i < windows; i++)
        sequences->window_histories[count * windows + i] = HISTORY_BORN;
    sequences->life_count++;
    *place = (uint32_t)count;
    return TB_OK;
}

enum tb_status tb_sequences_begin_life(struct sequences *sequences, const struct life_owner *owner, uint32_t *place,
                                       struct tb_error *error)
{
    const struct life life = {.tid = owner->tid,
                              .pid = owner->pid,
                              .sequence = owner->sequence,
                              .next = owner->next,
                              .marks = sequences->marks,
                              .head = HEAD_NONE,
                              .history = HISTORY_BORN,
                              .group_history = HISTORY_BORN,
                              .first_position = UINT64_MAX};
    const enum tb_status status = tb_sequences_add_life(sequences, life, place, error);
    if (status == TB_OK && call_list_wanted(&sequences->list))
        tb_call_list_add_life(&sequences->list, owner->sequence);
    return status;
}

/* From the last selector to the first, so that a thread's chain is in the order of selectors. */
enum tb_status tb_sequences_begin_lives(struct sequences *sequences, int64_t tid, int64_t pid, const char *name,
                                        const uint64_t *words, uint32_t *first, struct tb_error *error)
{
    *first = LIFE_NONE;
    if (name[0] == '\0')
        return TB_OK;
    for (size_t i = sequences->request->selector_count; i-- > 0;) {
        if (!selector_matches(sequences->request, i, pid, name, words))
            continue;
        const struct life_owner owner = {.tid = tid, .pid = pid, .sequence = (uint32_t)i, .next = *first};
        const enum tb_status status = tb_sequences_begin_life(sequences, &owner, first, error);
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

enum tb_status tb_sequence_column(struct sequence *sequence, tb_symbol symbol, uint16_t *column, struct tb_error *error)
{
    const size_t count = sequence->column_count;
    if (sequence->column_of[symbol] == 0) {
        if (!tb_array_reserve(&sequence->columns, &sequence->column_capacity, count + 1, sizeof *sequence->columns))
            return tb_error_memory(error, "call totals");
        sequence->columns[count] = (struct symbol_total){.symbol = symbol};
        sequence->column_count++;
        sequence->column_of[symbol] = (uint16_t)(count + 1);
    }
    *column = sequence->column_of[symbol] - 1;
    return TB_OK;
}

enum tb_status tb_sequences_group(struct sequences *sequences, struct life *life, struct thread_group **group,
                                  struct tb_error *error)
{
    struct thread_groups *const groups = &sequences->items[life->sequence].groups;
    uint32_t place = life->group - 1;
    if (life->group == 0) {
        const enum tb_status status = tb_thread_groups_find(groups, life->pid, sequences->highest_order, &place, error);
        if (status != TB_OK)
            return status;
        life->group = place + 1;
    }
    *group = &groups->items[place];
    return TB_OK;
}

/* A head that has no call yet can still begin, with the losses that are known now; one that has
 * begun ends, since what follows does not continue what was before the part. */
void tb_sequences_forget_history(struct sequences *sequences, uint32_t place, uint32_t marks)
{
    struct life *const life = &sequences->lives[place];
    life->marks = marks;
    for (size_t range = 0; range <= sequences->request->window_count; range++) {
        uint32_t *const history = sequences_history(sequences, place, range);
        *history = history_after_loss(*history);
    }
    life->group_history = history_after_loss(life->group_history);
    if (life->head != HEAD_NONE && sequences->heads[life->head].count == 0)
        sequences->heads[life->head].marks = marks;
    else
        life->head = HEAD_NONE;
}

static void note_head(struct sequences *sequences, struct life *life, const struct counted_call *calls, size_t count,
                      uint64_t position)
{
    struct life_head *const head = &sequences->heads[life->head];
    for (size_t i = 0; i < count && head->count < sequences->highest_order; i++) {
        head->symbols[head->count] = calls[i].symbol;
        head->positions[head->count++] = position + i;
    }
    if (head->count == sequences->highest_order)
        life->head = HEAD_NONE;
}

/* The column of each call. */
static enum tb_status find_columns(struct sequence *sequence, const struct counted_call *calls, size_t count,
                                   uint16_t *columns, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < count; i++) {
        const uint16_t known = sequence->column_of[calls[i].symbol];
        columns[i] = known - 1;
        if (known == 0)
            status = tb_sequence_column(sequence, calls[i].symbol, &columns[i], error);
    }
    return status;
}

/* Several totals are looked up before the first is stored, for the reason that transition_counter.c gives. */
static void add_to_totals(struct symbol_total *totals, const uint16_t *columns, const struct counted_call *calls,
                          size_t count)
{
    enum { AT_ONCE = 4 };
    struct symbol_total *at[AT_ONCE];
    for (size_t done = 0; done < count; done += AT_ONCE) {
        const size_t now = count - done < AT_ONCE ? count - done : AT_ONCE;
        for (size_t i = 0; i < now; i++)
            at[i] = &totals[columns[done + i]];
        for (size_t i = 0; i < now; i++) {
            at[i]->count++;
            at[i]->errors += calls[done + i].result < 0;
            at[i]->bytes += calls[done + i].bytes;
        }
    }
}

/* Calls in a row of one life. */
struct call_run {
    uint32_t life;
    const uint16_t *columns;
    size_t count;
    uint64_t position; /* of the first */
};

/* The transitions of a run, in the thread group of the life. */
static enum tb_status count_in_group(struct sequences *sequences, const struct call_run *run, struct tb_error *error)
{
    struct life *const life = &sequences->lives[run->life];
    struct thread_group *group;
    const enum tb_status status = tb_sequences_group(sequences, life, &group, error);
    if (status != TB_OK)
        return status;
    group->calls += run->count;
    return tb_transition_counter_add_run(&group->counter, &life->group_history, run->columns, run->count, run->position,
                                         error);
}

/* The same in each window, and in the thread group if these are wanted. */
static enum tb_status count_in_subtotals(struct sequences *sequences, const struct call_run *run,
                                         struct tb_error *error)
{
    const struct sequence *const sequence = &sequences->items[sequences->lives[run->life].sequence];
    const uint64_t position = run->position, end = position + run->count;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < sequences->request->window_count; i++) {
        const struct tb_window window = sequence->windows[i];
        const uint64_t before = window.skip > position ? window.skip - position : 0;
        const size_t inside = (size_t)(calls_inside(window, end) - calls_inside(window, position));
        if (inside > 0)
            status = tb_transition_counter_add_run(&sequence->counters[i + 1],
                                                   sequences_history(sequences, run->life, i + 1),
                                                   run->columns + before, inside, position + before, error);
    }
    if (status == TB_OK && sequences->request->thread_groups)
        status = count_in_group(sequences, run, error);
    return status;
}

void tb_sequences_list_columns(struct sequences *sequences, uint32_t which)
{
    struct sequence *const sequence = &sequences->items[which];
    for (; sequence->listed_columns < sequence->column_count; sequence->listed_columns++)
        tb_call_list_add_column(&sequences->list, which, sequence->columns[sequence->listed_columns].symbol);
}

static void list_run(struct sequences *sequences, const struct call_run *run, bool lost)
{
    tb_sequences_list_columns(sequences, sequences->lives[run->life].sequence);
    tb_call_list_add_run(
        &sequences->list,
        &(struct listed_run){.life = run->life, .lost = lost, .columns = run->columns, .count = run->count});
}

/* What a life keeps of its calls, the first at a position. Whether events were lost before them. */
static inline bool note_in_life(struct sequences *sequences, const struct counted_call *calls, size_t count,
                                uint64_t position, uint32_t marks)
{
    struct life *const life = &sequences->lives[calls->life];
    const bool lost = life->marks != marks;
    if (lost)
        tb_sequences_forget_history(sequences, calls->life, marks);
    if (life->first_position == UINT64_MAX)
        life->first_position = position;
    life->calls += count;
    if (life->head != HEAD_NONE)
        note_head(sequences, life, calls, count, position);
    return lost;
}

/* What only some want to know of a run. */
static enum tb_status count_aside(struct sequences *sequences, const struct call_run *run, bool lost,
                                  struct tb_error *error)
{
    if (call_list_wanted(&sequences->list))
        list_run(sequences, run, lost);
    return sequences->highest_order == 0 ? TB_OK : count_in_subtotals(sequences, run, error);
}

static size_t run_length(const struct counted_call *calls, size_t count)
{
    size_t length = 1;
    while (length < count && calls[length].life == calls[0].life)
        length++;
    return length;
}

/* Calls of one life. */
static enum tb_status count_run(struct sequences *sequences, struct sequence *sequence, const struct call_run *run,
                                const struct counted_call *calls, struct tb_error *error)
{
    const bool lost = note_in_life(sequences, calls, run->count, run->position, sequence->waiting.marks);
    const enum tb_status status = count_aside(sequences, run, lost, error);
    if (status != TB_OK || sequences->highest_order == 0)
        return status;
    return tb_transition_counter_add_run(sequence->counters, &sequences->lives[run->life].history, run->columns,
                                         run->count, run->position, error);
}

/* Calls that several lives made in turns. Turns are short, and nobody can foresee where they end: what all calls need is
 * done call by call. */
static enum tb_status count_turns(struct sequences *sequences, struct sequence *sequence,
                                  const struct counted_call *calls, const uint16_t *columns, size_t count,
                                  uint64_t position, struct tb_error *error)
{
    const bool aside =
        call_list_wanted(&sequences->list) || sequences->request->window_count > 0 || sequences->request->thread_groups;
    uint32_t *histories[RUN_MAX];
    bool lost[RUN_MAX];
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count; i++) {
        lost[i] = note_in_life(sequences, &calls[i], 1, position + i, sequence->waiting.marks);
        histories[i] = &sequences->lives[calls[i].life].history;
    }
    for (size_t done = 0, now; aside && status == TB_OK && done < count; done += now) {
        now = run_length(calls + done, count - done);
        const struct call_run run = {
            .life = calls[done].life, .columns = columns + done, .count = now, .position = position + done};
        status = count_aside(sequences, &run, lost[done], error);
    }
    if (status != TB_OK || sequences->highest_order == 0)
        return status;
    return tb_transition_counter_add_turns(sequence->counters, histories, columns, count, position, error);
}

/* At most RUN_MAX calls, all of one interval. */
static enum tb_status count_in_interval(struct sequences *sequences, struct sequence *sequence,
                                        const struct counted_call *calls, size_t count, struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    const uint64_t position = total->calls;
    uint16_t columns[RUN_MAX];
    enum tb_status status = tb_intervals_reach(&sequence->intervals, position, sequence->counters, error);
    if (status == TB_OK)
        status = find_columns(sequence, calls, count, columns, error);
    if (status != TB_OK)
        return status;
    add_to_totals(sequence->columns, columns, calls, count);
    if (position == 0)
        total->first_time = calls[0].time;
    total->last_time = calls[count - 1].time;
    total->calls += count;
    if (run_length(calls, count) < count)
        return count_turns(sequences, sequence, calls, columns, count, position, error);
    const struct call_run run = {.life = calls[0].life, .columns = columns, .count = count, .position = position};
    return count_run(sequences, sequence, &run, calls, error);
}

enum tb_status tb_sequences_count_waiting(struct sequences *sequences, struct sequence *sequence,
                                          struct tb_error *error)
{
    struct waiting_calls *const waiting = &sequence->waiting;
    const size_t count = waiting->count;
    enum tb_status status = TB_OK;
    waiting->count = 0;
    for (size_t done = 0, now; status == TB_OK && done < count; done += now) {
        now = tb_intervals_room(&sequence->intervals, sequence->total.calls, count - done);
        status = count_in_interval(sequences, sequence, waiting->calls + done, now, error);
    }
    waiting->marks = sequences->marks;
    return status;
}

enum tb_status tb_sequences_settle(struct sequences *sequences, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < sequences->request->selector_count; i++)
        if (sequences->items[i].waiting.count > 0)
            status = tb_sequences_count_waiting(sequences, &sequences->items[i], error);
    return status;
}

bool tb_sequences_has_calls(const struct sequences *sequences, uint32_t life)
{
    const struct waiting_calls *const waiting = &sequences->items[sequences->lives[life].sequence].waiting;
    bool any = sequences->lives[life].first_position != UINT64_MAX;
    for (size_t i = 0; !any && i < waiting->count; i++)
        any = waiting->calls[i].life == life;
    return any;
}

enum tb_status tb_sequences_count_calls(struct sequences *sequences, uint32_t life, const struct counted_call *calls,
                                        size_t count, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < count; i++) {
        struct counted_call call = calls[i];
        call.life = life;
        status = sequences_count(sequences, &call, error);
    }
    return status;
}

/* A sorted array and a linear search: a trace has few ports. At most 65,536, so a hostile one
 * cannot take much memory, only time. */
enum tb_status tb_port_totals_add(struct tb_port_total **totals, size_t *count, uint16_t port, uint64_t added,
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

/* The transitions of one range, one table an order. */
static enum tb_status read_counter(const struct transition_counter *counter, const tb_symbol *symbols,
                                   const struct tb_trace_request *request, struct tb_transitions **tables,
                                   struct tb_error *error)
{
    struct tb_transitions *const read = calloc(request->order_count + 1, sizeof *read);
    if (read == NULL)
        return tb_error_memory(error, "transition counts");
    *tables = read;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < request->order_count; i++) {
        tb_transitions_init(&read[i], request->orders[i]);
        status = tb_transition_counter_read(counter, symbols, &read[i], error);
        tb_transitions_finish(&read[i]);
    }
    return status;
}

/* Of a window without limit nothing tells that it is full; it is reached as soon as it has a call. */
static bool window_reached(struct tb_window window, uint64_t calls)
{
    if (window.limit == TB_WINDOW_WHOLE)
        return calls > window.skip;
    return calls >= window.skip && calls - window.skip >= window.limit;
}

static enum tb_status finish_windows(struct sequence *sequence, const tb_symbol *symbols,
                                     const struct tb_trace_request *request, struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    total->windows = calloc(request->window_count + 1, sizeof *total->windows);
    if (total->windows == NULL)
        return tb_error_memory(error, "windows");
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < request->window_count; i++) {
        struct tb_window_counts *const window = &total->windows[i];
        window->window = sequence->windows[i];
        window->calls = calls_inside(window->window, total->calls);
        window->reached = window_reached(window->window, total->calls);
        status = read_counter(&sequence->counters[i + 1], symbols, request, &window->transitions, error);
    }
    return status;
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

static enum tb_status finish_subtotals(struct sequence *sequence, const tb_symbol *symbols,
                                       const struct tb_trace_request *request, struct tb_error *error)
{
    struct tb_sequence *const total = &sequence->total;
    const enum tb_status status = tb_thread_groups_read(&sequence->groups, symbols, request, &total->thread_groups,
                                                        &total->thread_group_count, error);
    if (status != TB_OK)
        return status;
    return tb_intervals_read(&sequence->intervals, sequence->counters, total->calls, symbols, request,
                             &total->intervals, &total->interval_count, error);
}

/* All exits but a few are calls, so that nobody has to count enters. Where they are not written none can be missed. */
static void finish_enters(struct sequence *sequence)
{
    struct tb_sequence *const total = &sequence->total;
    total->enters = total->events - total->calls - sequence->exits_beyond_calls;
    total->losses_known = total->enters > sequence->kept_enters;
    if (!total->losses_known)
        total->exits_without_enter = total->enters_without_exit = 0;
}

/* symbols takes 32 KiB of the stack. Columns are sorted last, as all that goes by column is read
 * before. */
static enum tb_status finish_sequence(struct sequence *sequence, const struct tb_trace_request *request,
                                      struct tb_error *error)
{
    tb_symbol symbols[TB_SYMBOL_LIMIT]; /* of each column */
    finish_enters(sequence);
    for (size_t i = 0; i < sequence->column_count; i++)
        symbols[i] = sequence->columns[i].symbol;
    enum tb_status status = read_counter(sequence->counters, symbols, request, &sequence->total.transitions, error);
    if (status == TB_OK)
        status = finish_windows(sequence, symbols, request, error);
    if (status == TB_OK)
        status = finish_subtotals(sequence, symbols, request, error);
    return status == TB_OK ? finish_calls(sequence, error) : status;
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

static void end_list(struct sequences *sequences)
{
    for (size_t i = 0; i < sequences->request->selector_count; i++)
        tb_call_list_add_length(&sequences->list, sequences->items[i].total.calls);
    tb_call_list_end(&sequences->list);
}

enum tb_status tb_sequences_finish(struct sequences *sequences, struct tb_sequence *results, struct tb_error *error)
{
    enum tb_status status = tb_sequences_settle(sequences, error);
    if (status == TB_OK && call_list_wanted(&sequences->list))
        end_list(sequences);
    if (status == TB_OK)
        status = finish_lives(sequences, error);
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

double tb_transfers_unknown_share(const struct tb_transfer transfers[TB_DESCRIPTOR_KINDS])
{
    const struct tb_transfer *const unknown = &transfers[TB_DESCRIPTOR_UNKNOWN];
    double calls = 0, bytes = 0;
    for (size_t i = 0; i < TB_DESCRIPTOR_KINDS; i++) {
        calls += (double)transfers[i].calls;
        bytes += (double)transfers[i].bytes;
    }
    const double of_calls = calls > 0 ? (double)unknown->calls / calls : 0;
    const double of_bytes = bytes > 0 ? (double)unknown->bytes / bytes : 0;
    return of_calls > of_bytes ? of_calls : of_bytes;
}
