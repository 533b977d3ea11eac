/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table from steps to counts, in one of two shapes.
 *
 * With rows, place = history * 2^side_bits + column: no key is compared, and nothing collides. That
 * is the case for nearly all traces, which know some dozens of calls and of order 1 as many
 * histories. Where rows would take more than 2^ROWS_BITS places (2 MiB), they become a hash table
 * with linear probing, at most half full.
 *
 * A counter never forgets: steps and histories only become more, so the order in which steps were
 * made is a stable number for each (made), by which notes of intervals go. */
#include "transition_counter.h"

#include <stdlib.h>

/* Rows begin with 16 columns and 16 histories, a hash table with 256 places. 2^31 places are more
 * than there is memory for. */
enum { FIRST_SIDE_BITS = 4, FIRST_BITS = 8, ROWS_BITS = 16, HASH_BITS = 31 };

/* A history is stored as the key of its columns. The bits above the longest history's tell how many these are, and
 * whether the life began with them. */
enum { LENGTH_SHIFT = TB_ORDER_MAX * TB_SYMBOL_BITS - 64, BORN_SHIFT = LENGTH_SHIFT + 8 };

_Static_assert(BORN_SHIFT < 64, "a history and its kind fit a key");

static unsigned history_length(struct tb_key history)
{
    return history.high >> LENGTH_SHIFT & 0xFF;
}

static bool history_is_born(struct tb_key history)
{
    return (history.high >> BORN_SHIFT & 1) != 0;
}

static struct tb_key history_columns(struct tb_key history)
{
    return (struct tb_key){.high = history.high & ((UINT64_C(1) << LENGTH_SHIFT) - 1), .low = history.low};
}

static struct tb_key make_history(struct tb_key columns, unsigned length, bool born)
{
    columns.high |= (uint64_t)length << LENGTH_SHIFT | (uint64_t)born << BORN_SHIFT;
    return columns;
}

/* Of the longest histories nobody asks any more how they began. */
static struct tb_key history_push(struct tb_key history, uint16_t column, unsigned highest_order)
{
    const unsigned length = history_length(history);
    const struct tb_key columns = history_columns(history);
    if (length + 1 >= highest_order)
        return make_history(tb_key_push(columns, column, highest_order), highest_order, false);
    return make_history(tb_key_push(columns, column, length + 1), length + 1, history_is_born(history));
}

static uint64_t step_key(uint32_t history, uint16_t column)
{
    return (uint64_t)(column + 1U) << 32 | history;
}

static uint32_t key_history(uint64_t key)
{
    return (uint32_t)key;
}

static uint16_t key_column(uint64_t key)
{
    return (uint16_t)((key >> 32) - 1);
}

/* Every bit of a number takes part in the place of its steps. The multipliers are those of
 * MurmurHash3's final step. */
static uint32_t mix(uint32_t number)
{
    number = (number ^ number >> 16) * UINT32_C(0x85EBCA6B);
    number = (number ^ number >> 13) * UINT32_C(0xC2B2AE35);
    return number ^ number >> 16;
}

/* Where the steps of a history are. */
static uint32_t base_of(const struct transition_counter *counter, uint32_t history)
{
    return counter->hashed ? mix(history) : history << counter->side_bits;
}

/* The place of a step, or the free one where it would go. With rows it is there at once. */
static inline size_t find_step(const struct transition_counter *counter, uint32_t base, uint64_t key)
{
    const size_t mask = ((size_t)1 << counter->bits) - 1;
    size_t place = (base + key_column(key) * counter->factor) >> counter->shift;
    while (counter->steps[place].key != key && counter->steps[place].key != 0)
        place = (place + 1) & mask;
    return place;
}

static const struct step *made_step(const struct transition_counter *counter, size_t which)
{
    const uint64_t key = counter->made[which];
    return &counter->steps[find_step(counter, base_of(counter, key_history(key)), key)];
}

/* The number of a history, which is added where it is not known. */
static enum tb_status number_history(struct transition_counter *counter, struct tb_key history, uint32_t *number,
                                     struct tb_error *error)
{
    const size_t count = counter->history_count;
    const int64_t place = count == UINT32_MAX ? TB_INDEX_ABSENT : tb_index_add(&counter->index, history, count);
    if (place == TB_INDEX_ABSENT ||
        ((size_t)place == count &&
         !tb_array_reserve(&counter->histories, &counter->history_capacity, count + 1, sizeof *counter->histories)))
        return tb_error_memory(error, "transition counts");
    if ((size_t)place == count)
        counter->histories[counter->history_count++] = history;
    *number = (uint32_t)place;
    return TB_OK;
}

/* The history after a step. Those of order 1 have the numbers of their columns, after the first two. */
static enum tb_status number_next(struct transition_counter *counter, uint32_t history, uint16_t column, uint32_t *next,
                                  struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (status == TB_OK && counter->highest_order == 1 && counter->history_count < column + (size_t)3)
        status = number_history(counter, history_push((struct tb_key){0}, (uint16_t)(counter->history_count - 2), 1),
                                next, error);
    const struct tb_key before = counter->histories[history];
    return status == TB_OK ? number_history(counter, history_push(before, column, counter->highest_order), next, error)
                           : status;
}

/* Other dimensions, with the same steps in them. */
static enum tb_status lay_out(struct transition_counter *counter, struct transition_counter larger,
                              struct tb_error *error)
{
    larger.shift = larger.hashed ? 32 - larger.bits : 0;
    larger.factor = larger.hashed ? UINT32_C(0x9E3779B1) : 1;
    larger.steps = larger.bits > HASH_BITS ? NULL : calloc((size_t)1 << larger.bits, sizeof *larger.steps);
    if (larger.steps == NULL)
        return tb_error_memory(error, "transition counts");
    for (size_t i = 0; i < counter->made_count; i++) {
        const struct step *const made = made_step(counter, i);
        struct step *const step =
            &larger.steps[find_step(&larger, base_of(&larger, key_history(made->key)), made->key)];
        *step = *made;
        step->next_base = base_of(&larger, step->next);
    }
    free(counter->steps);
    *counter = larger;
    return TB_OK;
}

static enum tb_status start(struct transition_counter *counter, struct tb_error *error)
{
    struct transition_counter empty = *counter;
    uint32_t number;
    enum tb_status status = number_history(&empty, make_history((struct tb_key){0}, 0, true), &number, error);
    if (status == TB_OK)
        status = number_history(&empty, make_history((struct tb_key){0}, 0, false), &number, error);
    empty.side_bits = FIRST_SIDE_BITS;
    empty.bits = FIRST_BITS;
    *counter = empty;
    return status == TB_OK ? lay_out(counter, empty, error) : status;
}

void tb_transition_counter_free(struct transition_counter *counter)
{
    free(counter->steps);
    free(counter->made);
    free(counter->histories);
    tb_index_free(&counter->index);
    *counter = (struct transition_counter){0};
}

/* Room for one step more, to a history that may be a new one. Of order 1 all columns have their
 * histories at once, as number_next makes them, so rows go by the column. */
static enum tb_status make_room(struct transition_counter *counter, uint16_t column, struct tb_error *error)
{
    struct transition_counter larger = *counter;
    size_t rows = counter->history_count + 1;
    if (!tb_array_reserve(&counter->made, &counter->made_capacity, counter->made_count + 1, sizeof *counter->made))
        return tb_error_memory(error, "transition counts");
    larger.made = counter->made;
    larger.made_capacity = counter->made_capacity;
    if (counter->highest_order == 1 && rows < column + (size_t)3)
        rows = column + (size_t)3;
    if (!counter->hashed) {
        while (column >> larger.side_bits != 0) {
            larger.side_bits++;
            larger.bits++;
        }
        while (rows > (size_t)1 << (larger.bits - larger.side_bits))
            larger.bits++;
        larger.hashed = larger.bits > ROWS_BITS;
        larger.bits = larger.hashed ? FIRST_BITS : larger.bits;
    }
    while (larger.hashed && counter->made_count + 1 > (size_t)1 << (larger.bits - 1))
        larger.bits++;
    return larger.bits == counter->bits && larger.hashed == counter->hashed ? TB_OK : lay_out(counter, larger, error);
}

/* A step that was not made so far. */
static enum tb_status make_step(struct transition_counter *counter, uint32_t history, uint16_t column,
                                struct step **step, struct tb_error *error)
{
    const uint64_t key = step_key(history, column);
    uint32_t next = 0;
    enum tb_status status = make_room(counter, column, error);
    if (status == TB_OK)
        status = number_next(counter, history, column, &next, error);
    if (status != TB_OK)
        return status;
    counter->made[counter->made_count++] = key;
    *step = &counter->steps[find_step(counter, base_of(counter, history), key)];
    **step = (struct step){.key = key, .first = UINT64_MAX, .next = next, .next_base = base_of(counter, next)};
    return TB_OK;
}

/* Whether the table has the rows and columns that steps from a history by these columns would be in. */
static bool run_fits(const struct transition_counter *counter, uint32_t history, const uint16_t *columns, size_t count)
{
    unsigned any = 0;
    for (size_t i = 0; i < count; i++)
        any |= columns[i];
    return counter->steps != NULL && (counter->hashed || (any >> counter->side_bits == 0 &&
                                                          history >> (counter->bits - counter->side_bits) == 0));
}

/* So many times a column after *history, which goes on. */
static enum tb_status add_times(struct transition_counter *counter, uint32_t *history, uint16_t column, uint64_t times,
                                uint64_t first, struct tb_error *error)
{
    const uint64_t key = step_key(*history, column);
    struct step *step = NULL;
    enum tb_status status = counter->steps == NULL ? start(counter, error) : TB_OK;
    if (status == TB_OK && run_fits(counter, *history, &column, 1))
        step = &counter->steps[find_step(counter, base_of(counter, *history), key)];
    if (status == TB_OK && (step == NULL || step->key == 0))
        status = make_step(counter, *history, column, &step, error);
    if (status != TB_OK)
        return status;
    step->count += times;
    step->first = first < step->first ? first : step->first;
    *history = step->next;
    return TB_OK;
}

/* The places of steps that were made before, as far as these go. Takes *history on. Counting comes
 * later, for all of them (count_places). */
static size_t find_run(const struct transition_counter *counter, uint32_t *history, const uint16_t *columns,
                       size_t count, uint32_t *places)
{
    uint32_t number = *history, base = base_of(counter, number);
    size_t found = 0;
    for (; found < count; found++) {
        const uint64_t key = step_key(number, columns[found]);
        const size_t place = find_step(counter, base, key);
        const struct step *const step = &counter->steps[place];
        if (step->key != key)
            break;
        places[found] = (uint32_t)place;
        number = step->next;
        base = step->next_base;
    }
    *history = number;
    return found;
}

/* The same for order 1 with rows, where a column alone tells the next history: no look-up waits for the one before. */
static size_t find_pairs(const struct transition_counter *counter, uint32_t *history, const uint16_t *columns,
                         size_t count, uint32_t *places)
{
    const struct step *const steps = counter->steps;
    const unsigned side_bits = counter->side_bits;
    uint32_t number = *history;
    size_t found = 0;
    for (; found < count; found++) {
        const size_t place = ((size_t)number << side_bits) + columns[found];
        if (steps[place].key == 0)
            break;
        places[found] = (uint32_t)place;
        number = columns[found] + 2U;
    }
    *history = number;
    return found;
}

/* A load waits for the addresses of all stores before it where processors are told not to guess them, as on many
 * virtual machines. So several places are loaded before the first count is stored. */
static void count_places(struct step *steps, const uint32_t *places, size_t count)
{
    enum { AT_ONCE = 8 };
    size_t done = 0;
    for (; done + AT_ONCE <= count; done += AT_ONCE) {
        struct step *at[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++)
            at[i] = &steps[places[done + (size_t)i]];
        for (int i = 0; i < AT_ONCE; i++)
            at[i]->count++;
    }
    for (; done < count; done++)
        steps[places[done]].count++;
}

enum tb_status tb_transition_counter_add_run(struct transition_counter *counter, uint32_t *history,
                                             const uint16_t *columns, size_t count, uint64_t position,
                                             struct tb_error *error)
{
    uint32_t places[RUN_MAX];
    enum tb_status status = TB_OK;
    for (size_t done = 0; status == TB_OK && done < count; done++) {
        size_t found = 0;
        if (run_fits(counter, *history, columns + done, count - done))
            found = counter->highest_order == 1 && !counter->hashed
                        ? find_pairs(counter, history, columns + done, count - done, places)
                        : find_run(counter, history, columns + done, count - done, places);
        count_places(counter->steps, places, found);
        done += found;
        if (done < count)
            status = add_times(counter, history, columns[done], 1, position + done, error);
    }
    return status;
}

/* As find_run, of several histories. */
static size_t find_turns(const struct transition_counter *counter, uint32_t *const *histories, const uint16_t *columns,
                         size_t count, uint32_t *places)
{
    size_t found = 0;
    for (; found < count; found++) {
        const uint32_t history = *histories[found];
        const uint64_t key = step_key(history, columns[found]);
        const size_t place = find_step(counter, base_of(counter, history), key);
        const struct step *const step = &counter->steps[place];
        if (step->key != key)
            break;
        places[found] = (uint32_t)place;
        *histories[found] = step->next;
    }
    return found;
}

/* The same with rows. */
static size_t find_turns_in_rows(const struct transition_counter *counter, uint32_t *const *histories,
                                 const uint16_t *columns, size_t count, uint32_t *places)
{
    const struct step *const steps = counter->steps;
    const unsigned side_bits = counter->side_bits;
    const uint64_t rows = UINT64_C(1) << (counter->bits - side_bits), side = UINT64_C(1) << side_bits;
    size_t found = 0;
    for (; found < count && steps != NULL; found++) {
        const uint32_t history = *histories[found], column = columns[found];
        const size_t place = ((size_t)history << side_bits) + column;
        if (history >= rows || column >= side || steps[place].key == 0)
            break;
        places[found] = (uint32_t)place;
        *histories[found] = steps[place].next;
    }
    return found;
}

enum tb_status tb_transition_counter_add_turns(struct transition_counter *counter, uint32_t *const *histories,
                                               const uint16_t *columns, size_t count, uint64_t position,
                                               struct tb_error *error)
{
    uint32_t places[RUN_MAX];
    enum tb_status status = TB_OK;
    for (size_t done = 0; status == TB_OK && done < count; done++) {
        const size_t found = counter->hashed
                                 ? find_turns(counter, histories + done, columns + done, count - done, places)
                                 : find_turns_in_rows(counter, histories + done, columns + done, count - done, places);
        count_places(counter->steps, places, found);
        done += found;
        if (done < count)
            status = add_times(counter, histories[done], columns[done], 1, position + done, error);
    }
    return status;
}

/* Of order 1 histories have the numbers of their columns, so they are made in that order. */
enum tb_status tb_transition_counter_translate(struct transition_counter *counter, const struct counted_part *part,
                                               uint32_t history, uint32_t *translated, struct tb_error *error)
{
    *translated = history;
    if (history <= HISTORY_LOST)
        return TB_OK;
    const enum tb_status status = counter->steps == NULL ? start(counter, error) : TB_OK;
    if (status != TB_OK)
        return status;
    const struct tb_key there = part->counter->histories[history];
    const unsigned length = history_length(there);
    tb_symbol columns[TB_ORDER_MAX];
    tb_key_to_symbols(history_columns(there), length, columns);
    for (unsigned i = 0; i < length; i++)
        columns[i] = part->columns[columns[i]];
    if (counter->highest_order == 1)
        return number_next(counter, HISTORY_LOST, columns[0], translated, error);
    return number_history(counter, make_history(tb_key_of_symbols(columns, length), length, history_is_born(there)),
                          translated, error);
}

enum tb_status tb_transition_counter_add_part(struct transition_counter *counter, const struct counted_part *part,
                                              struct tb_error *error)
{
    const struct transition_counter *const from = part->counter;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < from->made_count; i++) {
        const struct step *const step = made_step(from, i);
        uint32_t history = 0;
        status = tb_transition_counter_translate(counter, part, key_history(step->key), &history, error);
        if (status == TB_OK)
            status = add_times(counter, &history, part->columns[key_column(step->key)], step->count,
                               part->before + step->first, error);
    }
    return status;
}

enum tb_status tb_transition_counter_move(struct transition_counter *counter, uint32_t *cut, uint32_t *history,
                                          uint16_t column, uint64_t position, struct tb_error *error)
{
    const enum tb_status status = add_times(counter, history, column, 1, position, error);
    uint32_t there = *cut;
    if (status != TB_OK)
        return status;
    if (!tb_transition_counter_has(counter, &there, column))
        return tb_error_set(error, TB_INTERNAL, "what crosses a cut was not counted");
    /* What is left keeps its first position, though that may be the moved one's: every transition it stands for is the
     * moved one's too, so that the least of both is right. */
    struct step *const step = &counter->steps[find_step(counter, base_of(counter, *cut), step_key(*cut, column))];
    step->count--;
    *cut = step->next;
    return TB_OK;
}

static bool history_is_sound(const struct transition_counter *counter, struct tb_key history, size_t column_count)
{
    const unsigned length = history_length(history);
    tb_symbol columns[TB_ORDER_MAX];
    if (length > counter->highest_order || length > TB_ORDER_MAX)
        return false;
    tb_key_to_symbols(history_columns(history), length, columns);
    for (unsigned i = 0; i < length; i++)
        if (columns[i] >= column_count)
            return false;
    return tb_key_compare(make_history(tb_key_of_symbols(columns, length), length, history_is_born(history)),
                          history) == 0;
}

/* The history that stands at place, or is made there. */
static void describe_history(struct tb_archive *archive, struct transition_counter *counter, size_t place,
                             size_t column_count)
{
    struct tb_key history = tb_archive_reads(archive) ? (struct tb_key){0} : counter->histories[place];
    uint32_t number = 0;
    TB_ARCHIVE_U64S(archive, &history.high, &history.low);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = !history_is_sound(counter, history, column_count) ||
                          number_history(counter, history, &number, NULL) != TB_OK || number != place;
}

/* Made anew in the order of the bytes, so a step that comes twice, or leads nowhere, is no counter. */
static bool add_step(struct transition_counter *counter, const struct step *read, size_t column_count)
{
    uint32_t history = key_history(read->key);
    struct step *step;
    if (history >= counter->history_count || (read->key >> 32) == 0 || (read->key >> 32) > column_count ||
        tb_transition_counter_has(counter, &history, key_column(read->key)) ||
        make_step(counter, key_history(read->key), key_column(read->key), &step, NULL) != TB_OK)
        return false;
    step->count = read->count;
    step->first = read->first;
    return true;
}

/* The step that was, or is, made at place. */
static void describe_step(struct tb_archive *archive, struct transition_counter *counter, size_t place,
                          size_t column_count)
{
    struct step step = tb_archive_reads(archive) ? (struct step){0} : *made_step(counter, place);
    TB_ARCHIVE_U64S(archive, &step.key, &step.count, &step.first);
    if (tb_archive_reads(archive) && !archive->failed)
        archive->failed = !add_step(counter, &step, column_count);
}

void tb_transition_counter_describe(struct tb_archive *archive, struct transition_counter *counter, size_t column_count)
{
    enum { PACKED_HISTORY = 16, PACKED_STEP = 24 };
    size_t histories = counter->history_count, steps = counter->made_count;
    tb_archive_count(archive, &histories, PACKED_HISTORY);
    tb_archive_require(archive, histories <= UINT32_MAX / 2);
    if (tb_archive_reads(archive) && !archive->failed && histories > 0)
        archive->failed = start(counter, NULL) != TB_OK;
    for (size_t i = 0; i < histories && !archive->failed; i++)
        describe_history(archive, counter, i, column_count);
    tb_archive_count(archive, &steps, PACKED_STEP);
    for (size_t i = 0; i < steps && !archive->failed; i++)
        describe_step(archive, counter, i, column_count);
}

bool tb_transition_counter_has(const struct transition_counter *counter, uint32_t *cut, uint16_t column)
{
    if (!run_fits(counter, *cut, &column, 1))
        return false;
    const struct step *const step = &counter->steps[find_step(counter, base_of(counter, *cut), step_key(*cut, column))];
    *cut = step->next;
    return step->key != 0;
}

/* What so many occurrences of a step say about one order: with a history as long as the order or
 * longer, a transition; with one that is shorter by one and began with the life, a first state;
 * else nothing. */
static enum tb_status read_step(const struct transition_counter *counter, uint64_t key, uint64_t times, uint64_t first,
                                const tb_symbol *symbols, struct tb_transitions *transitions, struct tb_error *error)
{
    const unsigned order = transitions->order;
    const struct tb_key history = counter->histories[key_history(key)];
    const unsigned length = history_length(history);
    struct tb_count count = {.count = times, .first = first};
    tb_symbol columns[TB_ORDER_MAX + 1];
    if (length + 1 < order || times == 0)
        return TB_OK;
    tb_key_to_symbols(history_columns(history), length, columns);
    columns[length] = key_column(key);
    for (unsigned i = 0; i <= length; i++)
        columns[i] = symbols[columns[i]];
    if (length >= order) {
        count.key = tb_key_of_symbols(columns + length - order, order + 1);
        return tb_transitions_add_count(transitions, &count, error);
    }
    count.key = tb_key_of_symbols(columns, order);
    return history_is_born(history) ? tb_transitions_add_start_count(transitions, &count, error) : TB_OK;
}

enum tb_status tb_transition_counter_read(const struct transition_counter *counter, const tb_symbol *symbols,
                                          struct tb_transitions *transitions, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < counter->made_count; i++) {
        const struct step *const step = made_step(counter, i);
        status = read_step(counter, step->key, step->count, step->first, symbols, transitions, error);
    }
    return status;
}

bool tb_transition_counter_note(const struct transition_counter *counter, struct step_counts *noted)
{
    uint64_t *const counts = malloc((counter->made_count + 1) * sizeof *counts);
    for (size_t i = 0; counts != NULL && i < counter->made_count; i++)
        counts[i] = made_step(counter, i)->count;
    *noted = (struct step_counts){.counts = counts, .count = counts == NULL ? 0 : counter->made_count};
    return counts != NULL;
}

void tb_step_counts_free(struct step_counts *noted)
{
    free(noted->counts);
    *noted = (struct step_counts){0};
}

enum tb_status tb_transition_counter_read_between(const struct transition_counter *counter, const tb_symbol *symbols,
                                                  const struct step_counts *since, const struct step_counts *until,
                                                  uint64_t first, struct tb_transitions *transitions,
                                                  struct tb_error *error)
{
    const size_t count = until == NULL ? counter->made_count : until->count;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < count; i++) {
        const uint64_t before = since != NULL && i < since->count ? since->counts[i] : 0;
        const uint64_t after = until != NULL ? until->counts[i] : made_step(counter, i)->count;
        status = read_step(counter, counter->made[i], after - before, first, symbols, transitions, error);
    }
    return status;
}
