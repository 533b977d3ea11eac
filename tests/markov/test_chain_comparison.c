/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected numbers are worked out by hand; G and X^2 also by scipy's chi2_contingency, state by state. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/markov/chain_comparison.h"
#include "twinbed/markov/walk.h"
#include "twinbed/markov/walk_difference.h"

#define assert_near(value, expected)                                                                                   \
    do {                                                                                                               \
        if (!(fabs((value) - (expected)) <= 1e-12 * fmax(1, fabs((double)(expected)))))                                \
            fail_msg("%s is %.17g, expected %.17g", #value, (double)(value), (double)(expected));                      \
    } while (0)

struct step {
    const char *from, *to;
    uint64_t count;
};

static struct tb_transitions table_of(const struct step *steps, size_t count)
{
    struct tb_transitions transitions;
    tb_transitions_init(&transitions, 1);
    for (size_t i = 0; i < count; i++) {
        const tb_symbol calls[] = {tb_symbol_of_call(tb_call_find(steps[i].from)),
                                   tb_symbol_of_call(tb_call_find(steps[i].to))};
        for (uint64_t j = 0; j < steps[i].count; j++)
            assert_int_equal(tb_transitions_add(&transitions, tb_key_of_symbols(calls, 2), i, NULL), TB_OK);
    }
    tb_transitions_finish(&transitions);
    return transitions;
}

/* Two small chains: three edges in common, one in each alone. */
static const struct step some[] = {{"open", "read", 3}, {"open", "exit", 1}, {"read", "read", 2}, {"read", "close", 2}};
static const struct step other[] = {
    {"open", "read", 4}, {"read", "close", 3}, {"read", "read", 1}, {"read", "write", 2}};

static struct tb_chain chain_of(const struct tb_transitions *transitions, double prune)
{
    struct tb_chain chain;
    assert_int_equal(tb_chain_build(transitions, prune, &chain, NULL), TB_OK);
    return chain;
}

static void edges_in_one_only_are_counted_before_and_after_pruning(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4), b = table_of(other, 4);
    /* At 0.3 open>exit (1/4) goes from one chain, read>read (1/6) from the other; read>write (1/3) stays. */
    struct tb_chain chain = chain_of(&a, 0.3), reference = chain_of(&b, 0.3);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&chain, &reference, &comparison);
    assert_int_equal(comparison.edges.common, 3);
    assert_int_equal(comparison.edges.only, 1);
    assert_int_equal(comparison.edges.reference_only, 1);
    assert_near(comparison.edges.share, 2.0 / 5);
    assert_int_equal(comparison.pruned.common, 2);
    assert_int_equal(comparison.pruned.only, 1);
    assert_int_equal(comparison.pruned.reference_only, 1);
    assert_near(comparison.pruned.share, 2.0 / 4);
    /* 0.75 and 1, 0.5 and 1/6, 0.5 and 0.5 */
    assert_near(comparison.mean_weight_difference, 7.0 / 36);
    assert_near(comparison.greatest_weight_difference, 1.0 / 3);
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

static void divergences_are_those_of_the_formulas(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4), b = table_of(other, 4);
    struct tb_chain chain = chain_of(&a, 0), reference = chain_of(&b, 0);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&chain, &reference, &comparison);
    assert_near(comparison.divergence, 0.1883865087463596);
    assert_near(tb_transitions_divergence(&a, &b), 0.1883865087463596);
    assert_near(tb_transitions_divergence(&b, &a), 0.1883865087463596);
    /* open: 4 of 8 and 4 of 10; read: 4 of 8 and 6 of 10 */
    assert_near(comparison.state_distance, 0.1);
    assert_near(comparison.entropy_rate, 0.9056390622295665);
    assert_near(comparison.reference_entropy_rate, 0.8754887502163469);
    assert_true(isinf(comparison.cross_entropy));
    assert_true(isinf(comparison.divergence_rate));
    assert_true(isnan(comparison.smoothed_cross_entropy));
    /* open>exit is 1 of 8 windows; read>write is 2 of 10 */
    assert_near(comparison.unseen_share, 1.0 / 8);
    assert_near(comparison.reference_unseen_share, 2.0 / 10);
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

static void smoothing_leaves_no_transition_impossible(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4), b = table_of(other, 4);
    struct tb_chain chain = chain_of(&a, 0), reference = chain_of(&b, 0);
    const struct tb_transitions *const tables[] = {&a, &b};
    assert_int_equal(tb_vocabulary_count(tables, 2), 5);
    assert_int_equal(tb_vocabulary_count(tables, 1), 4);
    assert_int_equal(tb_chain_smooth(&reference, 0.5, 5, NULL), TB_OK);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&chain, &reference, &comparison);
    /* open>read 4.5/6.5, open>exit 0.5/6.5, read>read 1.5/8.5, read>close 3.5/8.5 */
    assert_near(comparison.smoothed_cross_entropy, 1.6071500484601584);
    assert_near(comparison.smoothed_divergence_rate, 1.6071500484601584 - 0.9056390622295665);
    struct tb_walk walk;
    tb_walk_score(&reference, &a, &walk);
    assert_false(walk.valid);
    assert_near(walk.log10_smoothed, -1.6071500484601584 * 8 * log10(2));
    /* close leaves no edge in the chain (5 calls, 0.5 each), exit is no state of it. */
    const struct step strange[] = {{"close", "open", 1}, {"exit", "open", 1}};
    struct tb_transitions c = table_of(strange, 2);
    tb_walk_score(&reference, &c, &walk);
    assert_near(walk.log10_smoothed, 2 * log10(0.2));
    tb_walk_score(&chain, &c, &walk);
    assert_true(isnan(walk.log10_smoothed));
    tb_transitions_free(&c);
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

static void calls_behind_a_walk_are_ranked(void **state)
{
    (void)state;
    static const struct {
        const char *call;
        uint64_t count, reference_count;
        double bits;
    } expected[] = {
        {"exit", 1, 0, 0.125 * 3.700439718141092},        /* open>exit is unseen: 0.5 / 6.5 */
        {"read", 5, 5, (0.25 - 0.1) * 2.584962500721156}, /* open>read has weight 1, read>read 1/6 */
        {"write", 0, 2, -0.2 * 1.584962500721156},        /* read>write 1/3 */
        {"close", 2, 3, (0.25 - 0.3) * 1},                /* read>close 1/2 */
    };
    const double all = 0.4625549647676365 + 0.3877443751081734 + 0.3169925001442312 + 0.05;
    struct tb_transitions a = table_of(some, 4), b = table_of(other, 4);
    struct tb_chain chain = chain_of(&a, 0), reference = chain_of(&b, 0);
    assert_int_equal(tb_chain_smooth(&reference, 0.5, 5, NULL), TB_OK);
    struct tb_walk_difference *calls;
    size_t count;
    assert_int_equal(tb_walk_difference_rank(&chain, &reference, &calls, &count, NULL), TB_OK);
    assert_int_equal(count, 4);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(calls[i].call, tb_call_find(expected[i].call));
        assert_int_equal(calls[i].count, expected[i].count);
        assert_int_equal(calls[i].reference_count, expected[i].reference_count);
        assert_near(calls[i].bits, expected[i].bits);
        assert_near(calls[i].share, fabs(expected[i].bits) / all);
        sum += calls[i].bits;
    }
    /* Bits per transition of the one sequence minus those of the other, on the reference's weights. */
    assert_near(sum, 3.700439718141092 / 8 + 2.584962500721156 / 4 + 1.0 / 4 - 0.8754887502163469);
    free(calls);
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

/* Frequencies count, not lengths: every count ten times as large. */
static void no_call_is_behind_walks_that_are_equal(void **state)
{
    (void)state;
    const struct step longer[] = {
        {"open", "read", 30}, {"open", "exit", 10}, {"read", "read", 20}, {"read", "close", 20}};
    struct tb_transitions a = table_of(some, 4), b = table_of(longer, 4), none = table_of(NULL, 0);
    struct tb_chain chain = chain_of(&a, 0), reference = chain_of(&b, 0), empty = chain_of(&none, 0);
    assert_int_equal(tb_chain_smooth(&reference, 0.5, 4, NULL), TB_OK);
    struct tb_walk_difference *calls;
    size_t count;
    assert_int_equal(tb_walk_difference_rank(&chain, &reference, &calls, &count, NULL), TB_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_true(calls[i].bits == 0);
        assert_true(isnan(calls[i].share));
        assert_true(i == 0 || calls[i - 1].call < calls[i].call);
    }
    free(calls);
    assert_int_equal(tb_walk_difference_rank(&empty, &reference, &calls, &count, NULL), TB_OK);
    assert_int_equal(count, 0);
    free(calls);
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_chain_free(&empty);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
    tb_transitions_free(&none);
}

static void a_chain_does_not_differ_from_itself(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4);
    struct tb_chain chain = chain_of(&a, 0);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&chain, &chain, &comparison);
    assert_int_equal(comparison.edges.common, 4);
    assert_true(comparison.edges.share <= 0);
    assert_true(comparison.divergence <= 0);
    assert_true(comparison.state_distance <= 0);
    assert_near(comparison.cross_entropy, comparison.entropy_rate);
    assert_near(comparison.divergence_rate, 0);
    tb_chain_free(&chain);
    tb_transitions_free(&a);
}

static void chains_without_a_common_edge_are_one_bit_apart(void **state)
{
    (void)state;
    const struct step here[] = {{"open", "read", 5}, {"read", "open", 4}}, there[] = {{"write", "close", 3}};
    struct tb_transitions a = table_of(here, 2), b = table_of(there, 1);
    struct tb_chain chain = chain_of(&a, 0), reference = chain_of(&b, 0);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&chain, &reference, &comparison);
    assert_near(comparison.divergence, 1);
    assert_near(comparison.state_distance, 1);
    assert_near(comparison.edges.share, 1);
    assert_near(comparison.unseen_share, 1);
    assert_true(isnan(comparison.mean_weight_difference));
    tb_chain_free(&chain);
    tb_chain_free(&reference);
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

static void empty_tables_have_no_values(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4), none = table_of(NULL, 0);
    struct tb_chain chain = chain_of(&a, 0), nothing = chain_of(&none, 0);
    struct tb_chain_comparison comparison;
    tb_chain_compare(&nothing, &chain, &comparison);
    assert_true(isnan(comparison.divergence));
    assert_true(isnan(comparison.state_distance));
    assert_true(isnan(comparison.entropy_rate));
    assert_true(isnan(comparison.unseen_share));
    assert_near(comparison.edges.share, 1);
    tb_chain_compare(&nothing, &nothing, &comparison);
    assert_true(isnan(comparison.edges.share));
    tb_chain_free(&chain);
    tb_chain_free(&nothing);
    tb_transitions_free(&a);
    tb_transitions_free(&none);
}

static void homogeneity_is_tested_state_by_state(void **state)
{
    (void)state;
    struct tb_transitions a = table_of(some, 4), b = table_of(other, 4);
    const struct tb_transitions *const tables[] = {&a, &b}, *const same[] = {&a, &a, &a};
    struct tb_homogeneity test;
    assert_int_equal(tb_homogeneity_compute(tables, 2, &test, NULL), TB_OK);
    assert_int_equal(test.transitions, 18);
    assert_int_equal(test.degrees, 1 + 2); /* open: read, exit; read: read, close, write */
    assert_near(test.likelihood_ratio, 4.4406730834762085);
    assert_near(test.pearson, 3.365079365079365);
    assert_near(test.effect, 0.4218522989197703);
    assert_near(test.cramers_v, 0.4298756106657853);
    assert_int_equal(tb_homogeneity_compute(same, 3, &test, NULL), TB_OK);
    assert_int_equal(test.degrees, 2 + 2);
    assert_near(test.likelihood_ratio, 0);
    assert_near(test.pearson, 0);
    assert_int_equal(tb_homogeneity_compute(same, 1, &test, NULL), TB_OK);
    assert_int_equal(test.degrees, 0);
    assert_true(isnan(test.cramers_v));
    tb_transitions_free(&a);
    tb_transitions_free(&b);
}

static struct tb_transitions order_two(const char *const *names, size_t count)
{
    struct tb_transitions transitions;
    tb_transitions_init(&transitions, 2);
    struct tb_key key = {0};
    for (size_t i = 0; i < count; i++) {
        key = tb_key_push(key, tb_symbol_of_call(tb_call_find(names[i])), 3);
        if (i >= 2)
            assert_int_equal(tb_transitions_add(&transitions, key, i, NULL), TB_OK);
    }
    tb_transitions_finish(&transitions);
    return transitions;
}

static void orders_are_scored_on_the_same_transitions(void **state)
{
    (void)state;
    static const char *const names[] = {"open", "read", "read",  "close", "open",  "read", "close", "open",
                                        "read", "read", "close", "open",  "close", "open", "read"};
    struct tb_transitions table = order_two(names, sizeof names / sizeof names[0]);
    static const struct {
        uint64_t contexts, parameters;
        double log_likelihood, aic, bic;
    } expected[] = {{3, 6, -5.614398913521516, 23.22879782704303, 26.618493971812253},
                    {5, 10, -4.158883083359672, 28.317766166719345, 33.967259741334715}};
    for (unsigned order = 1; order <= 2; order++) {
        struct tb_order_score score;
        assert_int_equal(tb_order_score_compute(&table, order, &score, NULL), TB_OK);
        assert_int_equal(score.order, order);
        assert_int_equal(score.transitions, 13);
        assert_int_equal(score.contexts, expected[order - 1].contexts);
        assert_int_equal(score.parameters, expected[order - 1].parameters);
        assert_near(score.log_likelihood, expected[order - 1].log_likelihood);
        assert_near(score.aic, expected[order - 1].aic);
        assert_near(score.bic, expected[order - 1].bic);
    }
    tb_transitions_free(&table);
}

/* After open, read: read again, then close, in turn. Order 1 cannot tell the two reads apart; order 2 can. */
static void the_true_order_wins(void **state)
{
    (void)state;
    static const char *const cycle[] = {"open", "read", "read", "close"};
    const char *names[400];
    for (size_t i = 0; i < 400; i++)
        names[i] = cycle[i % 4];
    struct tb_transitions table = order_two(names, 400);
    struct tb_order_score first, second;
    assert_int_equal(tb_order_score_compute(&table, 1, &first, NULL), TB_OK);
    assert_int_equal(tb_order_score_compute(&table, 2, &second, NULL), TB_OK);
    assert_near(second.log_likelihood, 0);
    assert_true(second.bic < first.bic);
    assert_true(second.aic < first.aic);
    tb_transitions_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_in_one_only_are_counted_before_and_after_pruning),
        cmocka_unit_test(divergences_are_those_of_the_formulas),
        cmocka_unit_test(smoothing_leaves_no_transition_impossible),
        cmocka_unit_test(calls_behind_a_walk_are_ranked),
        cmocka_unit_test(no_call_is_behind_walks_that_are_equal),
        cmocka_unit_test(a_chain_does_not_differ_from_itself),
        cmocka_unit_test(chains_without_a_common_edge_are_one_bit_apart),
        cmocka_unit_test(empty_tables_have_no_values),
        cmocka_unit_test(homogeneity_is_tested_state_by_state),
        cmocka_unit_test(orders_are_scored_on_the_same_transitions),
        cmocka_unit_test(the_true_order_wins),
    };
    return cmocka_run_group_tests_name("chain comparison", tests, NULL, NULL);
}
