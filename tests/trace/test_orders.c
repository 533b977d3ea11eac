/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transitions of every order from a written trace, against a plain count over the calls that were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/trace_fixture.h"
#include "twinbed/markov/chain.h"
#include "twinbed/markov/chain_comparison.h"
#include "twinbed/markov/walk.h"

enum { CALLS = 4000, THREADS = 3, NAMES = 5, FIRST_NATIVE = 1000, WINDOWS = 2 };

static const struct tb_window windows[WINDOWS] = {{100, 1500}, {3, TB_WINDOW_WHOLE}};
static const unsigned orders[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* What was written: the thread and the name of each call. */
struct script {
    int thread[CALLS];
    int name[CALLS];
};

static unsigned draw(uint32_t *seed, unsigned limit)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 16) % limit;
}

/* Calls that mostly follow each other in turn, in threads that take turns. */
static void make_script(struct script *script)
{
    uint32_t seed = 5;
    int last[THREADS] = {0};
    for (size_t i = 0; i < CALLS; i++) {
        const unsigned thread = draw(&seed, THREADS);
        last[thread] = draw(&seed, 4) == 0 ? (int)draw(&seed, NAMES) : (last[thread] + 1) % NAMES;
        script->thread[i] = (int)thread;
        script->name[i] = last[thread];
    }
}

static struct tb_trace *read_script(const struct script *script)
{
    const struct tb_process_selector selector = {.name = "ab", .pid = -1};
    struct scap_writer writer = scap_writer_start(2, false);
    for (int thread = 0; thread < THREADS; thread++)
        scap_put_process(&writer, 7 + thread, 7, "ab", "", "");
    for (size_t i = 0; i < CALLS; i++)
        scap_put_generic(&writer, 7 + script->thread[i], 0, FIRST_NATIVE + script->name[i]);
    struct tb_trace *trace = read_request(&writer, &(struct tb_trace_request){.selectors = &selector,
                                                                              .selector_count = 1,
                                                                              .orders = orders,
                                                                              .order_count = TB_ORDER_MAX,
                                                                              .windows = windows,
                                                                              .window_count = WINDOWS});
    scap_writer_free(&writer);
    return trace;
}

/* The plain count: all calls of one thread inside the window, and each run of count of them. */
static struct tb_transitions plain_count(const struct script *script, unsigned order, struct tb_window window)
{
    struct tb_transitions counted;
    tb_transitions_init(&counted, order);
    for (int thread = 0; thread < THREADS; thread++) {
        tb_symbol calls[CALLS];
        size_t lived = 0;
        for (size_t i = window.skip; i < CALLS && (window.limit == TB_WINDOW_WHOLE || i < window.skip + window.limit);
             i++) {
            if (script->thread[i] != thread)
                continue;
            calls[lived++] = tb_symbol_of_call(tb_call_native((uint16_t)(FIRST_NATIVE + script->name[i])));
            if (lived == order)
                assert_int_equal(tb_transitions_add_start(&counted, tb_key_of_symbols(calls, order), i, NULL), TB_OK);
            else if (lived > order)
                assert_int_equal(
                    tb_transitions_add(&counted, tb_key_of_symbols(calls + lived - order - 1, order + 1), i, NULL),
                    TB_OK);
        }
    }
    tb_transitions_finish(&counted);
    return counted;
}

static void assert_same(const struct tb_transitions *found, const struct tb_transitions *expected)
{
    assert_int_equal(found->order, expected->order);
    assert_int_equal(found->total, expected->total);
    assert_int_equal(found->count, expected->count);
    assert_int_equal(found->start_count, expected->start_count);
    assert_memory_equal(found->counts, expected->counts, expected->count * sizeof *expected->counts);
    assert_memory_equal(found->starts, expected->starts, expected->start_count * sizeof *expected->starts);
}

static void every_order_counts_what_was_written(void **state)
{
    (void)state;
    struct script script;
    make_script(&script);
    struct tb_trace *trace = read_script(&script);
    assert_int_equal(trace->sequences[0].calls, CALLS);
    for (size_t i = 0; i < TB_ORDER_MAX; i++) {
        struct tb_transitions expected = plain_count(&script, orders[i], (struct tb_window){0, TB_WINDOW_WHOLE});
        assert_same(&trace->sequences[0].transitions[i], &expected);
        tb_transitions_free(&expected);
        for (size_t w = 0; w < WINDOWS; w++) {
            expected = plain_count(&script, orders[i], windows[w]);
            assert_same(&trace->sequences[0].windows[w].transitions[i], &expected);
            tb_transitions_free(&expected);
        }
    }
    tb_trace_free(trace);
}

/* A longer memory never makes the chain's own sequence less probable, and walks of a chain on its own sequence hold. */
static void every_order_walks_its_own_sequence(void **state)
{
    (void)state;
    struct script script;
    make_script(&script);
    struct tb_trace *trace = read_script(&script);
    const struct tb_transitions *tables = trace->sequences[0].transitions;
    double before = -1e300;
    for (size_t i = 0; i < TB_ORDER_MAX; i++) {
        struct tb_chain chain;
        struct tb_walk walk;
        struct tb_order_score score;
        assert_int_equal(tb_chain_build(&tables[i], 0.001, &chain, NULL), TB_OK);
        tb_walk_score(&chain, &tables[i], &walk);
        assert_true(walk.valid);
        assert_int_equal(walk.transitions, CALLS - THREADS * orders[i]);
        assert_int_equal(tb_order_score_compute(&tables[TB_ORDER_MAX - 1], orders[i], &score, NULL), TB_OK);
        assert_int_equal(score.transitions, CALLS - THREADS * TB_ORDER_MAX);
        assert_true(score.log_likelihood >= before);
        before = score.log_likelihood;
        tb_chain_free(&chain);
    }
    tb_trace_free(trace);
}

/* The written calls have a memory of one. */
static void the_written_order_has_the_least_bic(void **state)
{
    (void)state;
    struct script script;
    make_script(&script);
    struct tb_trace *trace = read_script(&script);
    struct tb_order_score first, other;
    const struct tb_transitions *highest = &trace->sequences[0].transitions[TB_ORDER_MAX - 1];
    assert_int_equal(tb_order_score_compute(highest, 1, &first, NULL), TB_OK);
    for (unsigned order = 2; order <= TB_ORDER_MAX; order++) {
        assert_int_equal(tb_order_score_compute(highest, order, &other, NULL), TB_OK);
        assert_true(first.bic < other.bic);
    }
    tb_trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_counts_what_was_written),
        cmocka_unit_test(every_order_walks_its_own_sequence),
        cmocka_unit_test(the_written_order_has_the_least_bic),
    };
    return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
