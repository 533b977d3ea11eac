/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting all orders with one look-up a call gives what counting each order by its definition gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "markov/transition_counter.h"

enum { LIVES = 3, CALLS = 6000, CALL_MAX = TB_SYMBOL_LIMIT / 2 };

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

static tb_symbol call_of(uint16_t column)
{
    return (tb_symbol)(CALL_MAX - 1 - column);
}

/* The calls of one life since its birth and since the last loss. */
struct lived {
    tb_symbol calls[CALLS];
    size_t count;
    size_t run;
};

/* By definition: the call at the end of what was lived. */
static void count_plainly(struct tb_transitions *tables, unsigned highest_order, const struct lived *lived,
                          uint64_t position)
{
    for (unsigned order = 1; order <= highest_order; order++) {
        const tb_symbol *const end = lived->calls + lived->count;
        if (lived->run > order)
            assert_int_equal(
                tb_transitions_add(&tables[order], tb_key_of_symbols(end - order - 1, order + 1), position, NULL),
                TB_OK);
        else if (lived->count == order && lived->run == order)
            assert_int_equal(
                tb_transitions_add_start(&tables[order], tb_key_of_symbols(end - order, order), position, NULL), TB_OK);
    }
}

static void expect_same_list(const struct tb_count *a, size_t a_count, const struct tb_count *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    if (a_count > 0)
        assert_memory_equal(a, b, a_count * sizeof *a);
}

static void expect_same(const struct transition_counter *counter, struct tb_transitions *tables)
{
    static tb_symbol calls[CALL_MAX];
    for (size_t i = 0; i < CALL_MAX; i++)
        calls[i] = call_of((uint16_t)i);
    for (unsigned order = 1; order <= counter->highest_order; order++) {
        struct tb_transitions read;
        tb_transitions_init(&read, order);
        assert_int_equal(tb_transition_counter_read(counter, calls, &read, NULL), TB_OK);
        tb_transitions_finish(&read);
        tb_transitions_finish(&tables[order]);
        expect_same_list(read.counts, read.count, tables[order].counts, tables[order].count);
        expect_same_list(read.starts, read.start_count, tables[order].starts, tables[order].start_count);
        assert_int_equal(read.total, tables[order].total);
        tb_transitions_free(&read);
        tb_transitions_free(&tables[order]);
    }
}

/* Runs of all lengths by three lives, with a loss now and then, over so many columns, of which few follow each other
 * mostly. Returns whether steps were hashed in the end. */
static bool count_both_ways(unsigned highest_order, uint32_t columns)
{
    static struct lived lives[LIVES];
    struct transition_counter counter = {.highest_order = highest_order};
    struct tb_transitions tables[TB_ORDER_MAX + 1];
    uint32_t histories[LIVES] = {HISTORY_BORN, HISTORY_BORN, HISTORY_BORN};
    for (unsigned order = 1; order <= highest_order; order++)
        tb_transitions_init(&tables[order], order);
    memset(lives, 0, sizeof lives);
    for (uint64_t position = 0; position < CALLS;) {
        const uint32_t which = random_below(LIVES);
        struct lived *const lived = &lives[which];
        uint16_t run[RUN_MAX];
        const size_t count = random_below(RUN_MAX + 1) < CALLS - position ? random_below(RUN_MAX + 1) : 1;
        if (random_below(20) == 0) {
            histories[which] = history_after_loss(histories[which]);
            lived->run = 0;
        }
        const size_t added = position + count > CALLS ? CALLS - position : count;
        for (size_t i = 0; i < added; i++) {
            run[i] = (uint16_t)random_below(random_below(8) == 0 ? columns : (columns < 3 ? columns : 3));
            lived->calls[lived->count++] = call_of(run[i]);
            lived->run++;
            count_plainly(tables, highest_order, lived, position + i);
        }
        assert_int_equal(tb_transition_counter_add_run(&counter, &histories[which], run, added, position, NULL), TB_OK);
        position += added;
    }
    const bool hashed = counter.hashed;
    expect_same(&counter, tables);
    tb_transition_counter_free(&counter);
    return hashed;
}

static void all_orders_and_numbers_of_calls(void **state)
{
    static const uint32_t columns[] = {1, 2, 15, 16, 17, 200, 300, 5000};
    (void)state;
    size_t hashed = 0, tried = 0;
    for (unsigned order = 1; order <= TB_ORDER_MAX; order++)
        for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++, tried++)
            hashed += count_both_ways(order, columns[i]);
    /* Both forms of the table were in use. */
    assert_true(hashed > 5 && tried - hashed > 5);
}

static void nothing_counted_is_nothing_read(void **state)
{
    (void)state;
    struct transition_counter counter = {.highest_order = 2};
    struct tb_transitions tables[TB_ORDER_MAX + 1];
    tb_transitions_init(&tables[1], 1);
    tb_transitions_init(&tables[2], 2);
    expect_same(&counter, tables);
    tb_transition_counter_free(&counter);
}

/* A life cut after every number of calls: the part begins without a past, gives its own numbers to calls and histories,
 * and what crosses the cut is moved. */
static void a_part_joins_what_was_before(void **state)
{
    static const uint16_t columns[] = {0, 1, 0, 2, 2, 1, 0, 3, 0, 1, 0, 2, 2, 1, 4, 0, 0, 0};
    enum { COUNT = sizeof columns / sizeof columns[0] };
    (void)state;
    for (unsigned order = 1; order <= TB_ORDER_MAX; order++)
        for (size_t cut = 0; cut <= COUNT; cut++) {
            struct transition_counter whole = {.highest_order = order}, first = whole, second = whole;
            uint32_t history = HISTORY_BORN, there = HISTORY_BORN, own = HISTORY_LOST, begun = HISTORY_LOST;
            uint16_t own_columns[COUNT], back[5];
            struct tb_transitions tables[TB_ORDER_MAX + 1];
            static tb_symbol calls[CALL_MAX];
            for (uint16_t i = 0; i < CALL_MAX; i++)
                calls[i] = call_of(i);
            for (uint16_t i = 0; i < 5; i++)
                back[i] = 4 - i;
            for (size_t i = 0; i < COUNT; i++)
                own_columns[i] = 4 - columns[i];
            assert_int_equal(tb_transition_counter_add_run(&whole, &history, columns, COUNT, 0, NULL), TB_OK);
            assert_int_equal(tb_transition_counter_add_run(&first, &there, columns, cut, 0, NULL), TB_OK);
            assert_int_equal(tb_transition_counter_add_run(&second, &own, own_columns + cut, COUNT - cut, 0, NULL),
                             TB_OK);
            const struct counted_part part = {.counter = &second, .columns = back, .before = cut};
            assert_int_equal(tb_transition_counter_add_part(&first, &part, NULL), TB_OK);
            for (size_t i = cut; i < COUNT && i < cut + order; i++)
                assert_int_equal(tb_transition_counter_move(&first, &begun, &there, columns[i], i, NULL), TB_OK);
            for (unsigned i = 1; i <= order; i++) {
                tb_transitions_init(&tables[i], i);
                assert_int_equal(tb_transition_counter_read(&whole, calls, &tables[i], NULL), TB_OK);
            }
            expect_same(&first, tables);
            tb_transition_counter_free(&whole);
            tb_transition_counter_free(&first);
            tb_transition_counter_free(&second);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_orders_and_numbers_of_calls),
        cmocka_unit_test(nothing_counted_is_nothing_read),
        cmocka_unit_test(a_part_joins_what_was_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
