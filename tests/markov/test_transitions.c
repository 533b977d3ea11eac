/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/same_packed.h"
#include "twinbed/markov/transitions.h"

static struct tb_key pair(tb_symbol from, tb_symbol to)
{
    return tb_key_of_symbols((const tb_symbol[]){from, to}, 2);
}

static void a_key_gives_its_calls_back_for_every_length(void **state)
{
    (void)state;
    const tb_symbol calls[TB_ORDER_MAX + 1] = {16383, 1, 2, 0, 444, 5, 6, 16382, 16383};
    for (unsigned count = 1; count <= TB_ORDER_MAX + 1; count++) {
        tb_symbol back[TB_ORDER_MAX + 1];
        tb_key_to_symbols(tb_key_of_symbols(calls, count), count, back);
        assert_memory_equal(back, calls, count * sizeof *calls);
    }
}

static void source_and_target_are_the_ends_of_a_transition(void **state)
{
    (void)state;
    const tb_symbol calls[TB_ORDER_MAX + 1] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    for (unsigned order = 1; order <= TB_ORDER_MAX; order++) {
        const struct tb_key key = tb_key_of_symbols(calls, order + 1);
        assert_int_equal(tb_key_compare(tb_key_source(key), tb_key_of_symbols(calls, order)), 0);
        assert_int_equal(tb_key_compare(tb_key_target(key, order), tb_key_of_symbols(calls + 1, order)), 0);
        assert_int_equal(tb_key_compare(tb_key_push(tb_key_source(key), calls[order], order + 1), key), 0);
    }
}

static void keys_sort_as_their_calls_do(void **state)
{
    (void)state;
    assert_true(tb_key_compare(pair(1, 9), pair(2, 0)) < 0);
    assert_true(tb_key_compare(pair(2, 1), pair(2, 0)) > 0);
    assert_int_equal(tb_key_compare(pair(2, 1), pair(2, 1)), 0);
}

static void add_times(struct tb_transitions *transitions, struct tb_key key, unsigned times, uint64_t position)
{
    for (unsigned i = 0; i < times; i++)
        assert_int_equal(tb_transitions_add(transitions, key, position + i, NULL), TB_OK);
}

static struct tb_transitions example(unsigned first, unsigned second, uint64_t position)
{
    struct tb_transitions transitions;
    tb_transitions_init(&transitions, 1);
    add_times(&transitions, pair(5, 6), second, position + 10);
    add_times(&transitions, pair(1, 2), first, position);
    assert_int_equal(
        tb_transitions_add_start(&transitions, tb_key_of_symbols((const tb_symbol[]){1}, 1), position, NULL), TB_OK);
    tb_transitions_finish(&transitions);
    return transitions;
}

static void counting_sorts_and_keeps_the_first_position(void **state)
{
    (void)state;
    struct tb_transitions transitions = example(3, 2, 4);
    assert_int_equal(transitions.count, 2);
    assert_int_equal(transitions.total, 5);
    assert_int_equal(tb_key_compare(transitions.counts[0].key, pair(1, 2)), 0);
    assert_int_equal(transitions.counts[0].count, 3);
    assert_int_equal(transitions.counts[0].first, 4);
    assert_int_equal(transitions.counts[1].count, 2);
    assert_int_equal(transitions.counts[1].first, 14);
    assert_int_equal(transitions.start_count, 1);
    tb_transitions_free(&transitions);
}

static void pack(struct tb_transitions *transitions, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    tb_transitions_describe(&archive, transitions);
}

/* Of what cannot be unpacked nothing stays. */
static bool unpack(struct tb_transitions *transitions, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    *transitions = (struct tb_transitions){0};
    tb_transitions_describe(&archive, transitions);
    if (archive.failed)
        tb_transitions_free(transitions);
    return tb_archive_end(&archive, bytes);
}

static void assert_same(struct tb_transitions *a, struct tb_transitions *b)
{
    struct tb_buffer first = {0}, second = {0};
    pack(a, &first);
    pack(b, &second);
    assert_same_packed(&first, &second);
}

static void merging_adds_counts_in_any_order(void **state)
{
    (void)state;
    struct tb_transitions a = example(3, 2, 4), b = example(1, 1, 0), both, reverse;
    assert_int_equal(tb_transitions_copy(&both, &a, NULL), TB_OK);
    assert_same(&both, &a);
    assert_int_equal(tb_transitions_merge(&both, &b, NULL), TB_OK);
    assert_int_equal(tb_transitions_copy(&reverse, &b, NULL), TB_OK);
    assert_int_equal(tb_transitions_merge(&reverse, &a, NULL), TB_OK);
    assert_same(&both, &reverse);
    assert_int_equal(both.total, 7);
    assert_int_equal(both.counts[0].count, 4);
    assert_int_equal(both.counts[0].first, 0);
    assert_int_equal(both.counts[1].count, 3);
    assert_int_equal(both.counts[1].first, 10);
    assert_int_equal(both.starts[0].count, 2);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
    tb_transitions_free(&both);
    tb_transitions_free(&reverse);
}

static void packing_comes_back_and_cut_bytes_do_not(void **state)
{
    (void)state;
    struct tb_transitions transitions = example(3, 2, 4), read;
    struct tb_buffer packed = {0};
    pack(&transitions, &packed);
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_bytes bytes = tb_bytes_packed(packed.data, size);
        assert_false(unpack(&read, &bytes));
    }
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(unpack(&read, &bytes));
    assert_int_equal(read.total, 5);
    assert_same(&read, &transitions);
    tb_transitions_free(&read);
    packed.data[4] = 200; /* more counts than there are bytes */
    bytes = tb_bytes_packed(packed.data, packed.size);
    assert_false(unpack(&read, &bytes));
    tb_buffer_free(&packed);
    tb_transitions_free(&transitions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_gives_its_calls_back_for_every_length),
        cmocka_unit_test(source_and_target_are_the_ends_of_a_transition),
        cmocka_unit_test(keys_sort_as_their_calls_do),
        cmocka_unit_test(counting_sorts_and_keeps_the_first_position),
        cmocka_unit_test(merging_adds_counts_in_any_order),
        cmocka_unit_test(packing_comes_back_and_cut_bytes_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
