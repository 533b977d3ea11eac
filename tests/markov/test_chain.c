/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "twinbed/markov/chain.h"
#include "twinbed/markov/walk.h"

#define assert_near(value, expected, tolerance) assert_true(fabs((value) - (expected)) <= (tolerance))

static struct tb_key key_of(const char *const *names, unsigned count)
{
    tb_symbol calls[TB_ORDER_MAX + 1];
    for (unsigned i = 0; i < count; i++) {
        calls[i] = tb_symbol_of_call(tb_call_find(names[i]));
        assert_int_not_equal(calls[i], TB_CALL_NONE);
    }
    return tb_key_of_symbols(calls, count);
}

static void add_pair(struct tb_transitions *transitions, const char *from, const char *to, uint64_t count,
                     uint64_t position)
{
    const char *const names[] = {from, to};
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(tb_transitions_add(transitions, key_of(names, 2), position, NULL), TB_OK);
}

static void add_start(struct tb_transitions *transitions, const char *name, uint64_t position)
{
    assert_int_equal(tb_transitions_add_start(transitions, key_of(&name, 1), position, NULL), TB_OK);
}

/* The published example: open is followed by read (.99) or an error (.01), read by read (.75) or close (.25). The
 * error stands as exit here, since states are calls. */
static struct tb_transitions published(void)
{
    struct tb_transitions transitions;
    tb_transitions_init(&transitions, 1);
    add_pair(&transitions, "open", "read", 99, 1);
    add_pair(&transitions, "open", "exit", 1, 2);
    add_pair(&transitions, "read", "read", 75, 3);
    add_pair(&transitions, "read", "close", 25, 4);
    add_start(&transitions, "open", 0);
    tb_transitions_finish(&transitions);
    return transitions;
}

static double weight(const struct tb_chain *chain, const char *from, const char *to, bool pruned)
{
    const char *const names[] = {from, to};
    size_t edge = 0;
    while (edge < chain->edge_count && tb_key_compare(chain->edges[edge].transition, key_of(names, 2)) != 0)
        edge++;
    assert_true(edge < chain->edge_count);
    return pruned ? chain->edges[edge].pruned_weight : chain->edges[edge].weight;
}

static void weights_are_shares_of_what_leaves_a_state(void **state)
{
    (void)state;
    struct tb_transitions transitions = published();
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(&transitions, 0, &chain, NULL), TB_OK);
    assert_int_equal(chain.edge_count, 4);
    assert_int_equal(chain.state_count, 4);
    assert_near(weight(&chain, "open", "read", false), 0.99, 0);
    assert_near(weight(&chain, "open", "exit", false), 0.01, 0);
    assert_near(weight(&chain, "read", "read", false), 0.75, 0);
    assert_near(weight(&chain, "read", "close", false), 0.25, 0);
    assert_near(weight(&chain, "open", "exit", true), 0.01, 0);
    tb_chain_free(&chain);
    tb_transitions_free(&transitions);
}

static void pruning_drops_lighter_edges_and_shares_the_rest(void **state)
{
    (void)state;
    struct tb_transitions transitions = published();
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(&transitions, 0.25, &chain, NULL), TB_OK);
    assert_near(weight(&chain, "open", "exit", false), 0.01, 0);
    assert_near(weight(&chain, "open", "exit", true), 0, 0);
    assert_near(weight(&chain, "open", "read", true), 1, 0);
    assert_near(weight(&chain, "read", "close", true), 0.25, 0); /* exactly the threshold stays */
    tb_chain_free(&chain);
    tb_transitions_free(&transitions);
}

/* A life of so many calls, scored. */
static struct tb_walk walk(const struct tb_chain *chain, const char *const *names, unsigned count)
{
    struct tb_transitions sequence;
    struct tb_walk scored;
    tb_transitions_init(&sequence, 1);
    add_start(&sequence, names[0], 0);
    for (unsigned i = 1; i < count; i++)
        add_pair(&sequence, names[i - 1], names[i], 1, i);
    tb_transitions_finish(&sequence);
    tb_walk_score(chain, &sequence, &scored);
    tb_transitions_free(&sequence);
    return scored;
}

static void the_published_walks_have_their_probabilities(void **state)
{
    (void)state;
    struct tb_transitions transitions = published();
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(&transitions, 0, &chain, NULL), TB_OK);
    const char *const reads[] = {"open", "read", "read", "read"};
    const char *const closed[] = {"open", "read", "read", "close"};
    struct tb_walk scored = walk(&chain, reads, 4);
    assert_true(scored.valid);
    assert_int_equal(scored.transitions, 3);
    assert_near(scored.log10_probability, log10(.99 * .75 * .75), 1e-15);
    scored = walk(&chain, closed, 4);
    assert_true(scored.valid);
    assert_near(scored.log10_probability, log10(.99 * .75 * .25), 1e-15);
    tb_chain_free(&chain);
    tb_transitions_free(&transitions);
}

static void invalid_transitions_and_starts_are_listed(void **state)
{
    (void)state;
    struct tb_transitions transitions = published();
    struct tb_transitions sequence, invalid;
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(&transitions, 0, &chain, NULL), TB_OK);
    tb_transitions_init(&sequence, 1);
    add_start(&sequence, "open", 0);
    add_start(&sequence, "write", 7);
    add_pair(&sequence, "open", "read", 5, 1);
    add_pair(&sequence, "open", "write", 2, 3);
    add_pair(&sequence, "close", "read", 4, 9);
    tb_transitions_finish(&sequence);
    struct tb_walk scored, listed;
    tb_walk_score(&chain, &sequence, &scored);
    assert_int_equal(tb_walk_score_listing(&chain, &sequence, &listed, &invalid, NULL), TB_OK);
    assert_int_equal(listed.transitions, scored.transitions);
    assert_int_equal(listed.invalid_transitions, scored.invalid_transitions);
    assert_int_equal(listed.invalid_distinct, invalid.count);
    assert_int_equal(listed.first_invalid, scored.first_invalid);
    assert_true(listed.log10_probability == scored.log10_probability);
    assert_int_equal(invalid.count, 2);
    assert_int_equal(invalid.total, 6);
    const char *const first[] = {"close", "read"}, *const second[] = {"open", "write"};
    assert_int_equal(tb_key_compare(invalid.counts[0].key, key_of(first, 2)), 0);
    assert_int_equal(invalid.counts[0].count, 4);
    assert_int_equal(invalid.counts[0].first, 9);
    assert_int_equal(tb_key_compare(invalid.counts[1].key, key_of(second, 2)), 0);
    assert_int_equal(invalid.counts[1].count, 2);
    assert_int_equal(invalid.start_count, 1);
    assert_int_equal(tb_key_compare(invalid.starts[0].key, key_of(second + 1, 1)), 0);
    tb_transitions_free(&invalid);
    tb_transitions_free(&sequence);
    tb_chain_free(&chain);
    tb_transitions_free(&transitions);
}

static void invalid_transitions_and_starts_are_counted(void **state)
{
    (void)state;
    struct tb_transitions transitions = published();
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(&transitions, 0, &chain, NULL), TB_OK);
    const char *const names[] = {"open", "read", "open", "close", "open", "close", "exit"};
    struct tb_walk scored = walk(&chain, names, 7);
    assert_false(scored.valid);
    assert_int_equal(scored.transitions, 6);
    assert_int_equal(scored.invalid_transitions, 5); /* all but the first */
    assert_int_equal(scored.invalid_distinct, 4);
    assert_int_equal(scored.invalid_starts, 0);
    assert_int_equal(scored.first_invalid, 2);
    const char *const first[] = {"read", "open"};
    assert_int_equal(tb_key_compare(scored.first_invalid_key, key_of(first, 2)), 0);
    assert_near(scored.log10_probability, log10(.99), 1e-15);
    const char *const start[] = {"write"};
    scored = walk(&chain, start, 1);
    assert_false(scored.valid);
    assert_int_equal(scored.invalid_starts, 1);
    assert_int_equal(scored.first_invalid, 0);
    tb_chain_free(&chain);
    tb_transitions_free(&transitions);
}

static void means_stay_in_the_log_domain(void **state)
{
    (void)state;
    const double logs[] = {-5531, -5532, -1, -5531};
    const bool valid[] = {true, true, false, true};
    struct tb_walk_mean mean;
    tb_walk_average(logs, valid, 4, &mean);
    assert_int_equal(mean.walks, 4);
    assert_int_equal(mean.valid, 3);
    assert_near(mean.log10_mean_probability, -5531 + log10(2.1 / 4), 1e-11);
    assert_near(mean.mean_log10_probability, -(5531 + 5532 + 5531) / 3.0, 1e-11);
    tb_walk_average(logs, (const bool[]){false, false}, 2, &mean);
    assert_true(isinf(mean.log10_mean_probability) && mean.log10_mean_probability < 0);
    assert_true(isnan(mean.mean_log10_probability));
    tb_walk_average(NULL, NULL, 0, &mean);
    assert_true(isnan(mean.log10_mean_probability) && isnan(mean.mean_log10_probability));
}

static void labels_join_names(void **state)
{
    (void)state;
    const char *const names[] = {"open", "read", "close"};
    char label[64], small[6];
    assert_int_equal(tb_key_label(key_of(names, 3), 3, label, sizeof label), 15);
    assert_string_equal(label, "open>read>close");
    assert_int_equal(tb_key_label(key_of(names, 3), 3, small, sizeof small), 15);
    assert_string_equal(small, "open>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_shares_of_what_leaves_a_state),
        cmocka_unit_test(pruning_drops_lighter_edges_and_shares_the_rest),
        cmocka_unit_test(the_published_walks_have_their_probabilities),
        cmocka_unit_test(invalid_transitions_and_starts_are_counted),
        cmocka_unit_test(invalid_transitions_and_starts_are_listed),
        cmocka_unit_test(means_stay_in_the_log_domain),
        cmocka_unit_test(labels_join_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
