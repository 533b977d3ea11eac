/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "twinbed/stats/sensitivity.h"

enum { CELLS = 12, VALUES = 8, TERMS = 9 };

struct study {
    size_t cells, factors;
    size_t levels[CELLS * 4];
    size_t counts[CELLS];
    double values[CELLS][VALUES];
};

struct answer {
    struct tb_metric_sensitivity about;
    struct tb_term_result terms[TERMS];
};

static struct answer analyse(const struct study *study)
{
    struct tb_summary summaries[CELLS];
    struct answer answer;
    struct tb_error error = {0};
    const struct tb_layout layout = {.cells = study->cells, .factors = study->factors, .levels = study->levels};
    for (size_t cell = 0; cell < study->cells; cell++)
        tb_summary_compute(study->values[cell], study->counts[cell], &summaries[cell]);
    assert_int_equal(tb_sensitivity_compute(&layout, summaries, 1, 1, NULL, &answer.about, answer.terms, &error),
                     TB_OK);
    return answer;
}

static void assert_number(double value, double expected)
{
    if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= 1e-11 * fmax(1, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void assert_term(const struct tb_term_result *term, double sum, size_t freedom, double share, double f)
{
    assert_number(term->sum_of_squares, sum);
    assert_int_equal(term->freedom, freedom);
    assert_number(term->share, share);
    assert_number(term->f, f);
}

/* Two testbeds, one factor of two levels, two runs a cell. Cell means 2 4 / 6 12, grand mean 6:
 * testbed 4 (9 + 9) = 72, factor 4 (4 + 4) = 32, interaction 8 1 = 8, within 4 2 = 8. */
static const struct study balanced = {
    .cells = 4,
    .factors = 1,
    .levels = {0, 0, 0, 1, 1, 0, 1, 1},
    .counts = {2, 2, 2, 2},
    .values = {{1, 3}, {3, 5}, {5, 7}, {11, 13}},
};

static void balanced_cells_by_hand(void **state)
{
    (void)state;
    const struct answer a = analyse(&balanced);
    assert_true(a.about.balanced);
    assert_int_equal(a.about.error, TB_ERROR_REPETITION);
    assert_term(&a.terms[0], 72, 1, 0.6, 36);
    assert_term(&a.terms[1], 32, 1, 32.0 / 120, 16);
    assert_term(&a.terms[2], 8, 1, 8.0 / 120, 4);
    assert_term(&a.terms[3], NAN, 0, NAN, NAN); /* nothing remains */
    assert_int_equal(a.terms[3].reason, TB_TERM_CONFOUNDED);
    assert_term(&a.terms[4], 8, 4, 8.0 / 120, NAN);
    assert_number(a.terms[0].omega_squared, 70.0 / 122);
    assert_number(a.terms[2].omega_squared, 6.0 / 122);
    /* With one degree of freedom F is the square of t: p of t = 2 and 4 degrees of freedom. */
    assert_number(a.terms[2].p, 0.11611652351681557);
    static const size_t ranks[] = {1, 2, 3, 0, 4};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(a.terms[i].rank, ranks[i]);
}

/* Adding a constant and scaling changes no share, however large the constant. */
static void shares_do_not_depend_on_the_unit(void **state)
{
    (void)state;
    struct study study = balanced;
    for (size_t cell = 0; cell < 4; cell++)
        for (size_t i = 0; i < 2; i++)
            study.values[cell][i] = 4096 * study.values[cell][i] + 1048576;
    const struct answer a = analyse(&balanced), b = analyse(&study);
    for (size_t i = 0; i < 5; i++) {
        assert_number(b.terms[i].share, a.terms[i].share);
        assert_number(b.terms[i].p, a.terms[i].p);
    }
}

/* Reference numbers: R 4.2, Type II by anova(lm) of nested models, over the within-cell mean square. */
static void unbalanced_cells_as_in_r(void **state)
{
    (void)state;
    static const struct study study = {
        .cells = 6,
        .factors = 1,
        .levels = {0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2},
        .counts = {3, 2, 1, 2, 4, 2},
        .values = {{10, 11, 12.5}, {14, 15}, {21}, {9, 10.5}, {16, 18, 17, 15}, {25, 27}},
    };
    const struct answer a = analyse(&study);
    assert_false(a.about.balanced);
    assert_term(&a.terms[0], 5.778124999999978, 1, 5.778124999999978 / 389.85714285714283, 3.9201413427561698);
    assert_term(&a.terms[1], 322.75520833333326, 2, 322.75520833333326 / 389.85714285714283, 109.48586572438163);
    assert_term(&a.terms[2], 18.630208333333339, 2, 18.630208333333339 / 389.85714285714283, 6.3197879858657275);
    assert_term(&a.terms[4], 11.791666666666664, 8, 11.791666666666664 / 389.85714285714283, NAN);
    assert_number(a.terms[0].p, 0.083057112048380927);
    assert_number(a.terms[2].p, 0.022571315176051019);
}

/* Two factors whose interaction belongs to no term: 1 1 1 5 in both testbeds. */
static void interactions_of_factors_remain(void **state)
{
    (void)state;
    static const struct study study = {
        .cells = 8,
        .factors = 2,
        .levels = {0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1},
        .counts = {2, 2, 2, 2, 2, 2, 2, 2},
        .values = {{0, 2}, {0, 2}, {0, 2}, {4, 6}, {0, 2}, {0, 2}, {0, 2}, {4, 6}},
    };
    const struct answer a = analyse(&study);
    assert_true(a.about.balanced);
    assert_term(&a.terms[0], 0, 1, 0, 0);
    assert_term(&a.terms[1], 16, 1, 0.25, 8);
    assert_term(&a.terms[2], 16, 1, 0.25, 8);
    assert_term(&a.terms[3], 0, 1, 0, 0);
    assert_term(&a.terms[4], 0, 1, 0, 0);
    assert_term(&a.terms[5], 16, 2, 0.25, 4);
    assert_term(&a.terms[6], 16, 8, 0.25, NAN);
}

/* A small effect beside a very large one, as payload bytes have it. */
static void small_effects_keep_their_digits(void **state)
{
    (void)state;
    struct study study = balanced;
    for (size_t i = 0; i < 2; i++) {
        study.values[0][i] = (i == 0 ? 1 : -1);
        study.values[1][i] = 1e9 + (i == 0 ? 1 : -1);
        study.values[2][i] = 3 + (i == 0 ? 1 : -1);
        study.values[3][i] = 1e9 + 3 + (i == 0 ? 1 : -1);
    }
    const struct answer a = analyse(&study);
    assert_true(fabs(a.terms[0].sum_of_squares - 18) < 1e-6);
    assert_true(fabs(a.terms[0].f - 9) < 1e-6);
    assert_true(a.terms[2].sum_of_squares < 1e-12);
    assert_true(a.terms[2].p > 0.99);
}

struct degenerate {
    const char *what;
    struct study study;
    enum tb_error_term error;
    enum tb_term_reason reasons[5];
    double p[5];
};

static void degenerate_designs(void **state)
{
    (void)state;
    static const struct degenerate cases[] = {
        {"no values",
         {.cells = 2, .factors = 1, .levels = {0, 0, 1, 0}},
         TB_ERROR_NONE,
         {1, 1, 1, 1, 1},
         {NAN, NAN, NAN, NAN, NAN}},
        {"no cells", {.cells = 0, .factors = 1}, TB_ERROR_NONE, {1, 1, 1, 1, 1}, {NAN, NAN, NAN, NAN, NAN}},
        {"one value",
         {.cells = 1, .factors = 1, .levels = {0, 0}, .counts = {1}, .values = {{5}}},
         TB_ERROR_NONE,
         {1, 1, 1, 1, 1},
         {NAN, NAN, NAN, NAN, NAN}},
        {"an infinite value",
         {.cells = 2, .factors = 1, .levels = {0, 0, 1, 0}, .counts = {2, 2}, .values = {{5, INFINITY}, {1, 2}}},
         TB_ERROR_NONE,
         {1, 1, 1, 1, 1},
         {NAN, NAN, NAN, NAN, NAN}},
        {"constant",
         {.cells = 2, .factors = 1, .levels = {0, 0, 1, 0}, .counts = {2, 2}, .values = {{0.1, 0.1}, {0.1, 0.1}}},
         TB_ERROR_NONE,
         {2, 2, 2, 2, 2},
         {NAN, NAN, NAN, NAN, NAN}},
        {"one cell",
         {.cells = 1, .factors = 1, .levels = {0, 0}, .counts = {3}, .values = {{1, 2, 3}}},
         TB_ERROR_REPETITION,
         {3, 3, 3, 4, 0},
         {NAN, NAN, NAN, NAN, NAN}},
        {"one testbed",
         {.cells = 2, .factors = 1, .levels = {0, 0, 0, 1}, .counts = {2, 2}, .values = {{1, 2}, {1, 2}}},
         TB_ERROR_REPETITION,
         {3, 0, 3, 4, 0},
         {NAN, 1, NAN, NAN, NAN}},
        {"one level",
         {.cells = 2, .factors = 1, .levels = {0, 0, 1, 0}, .counts = {2, 2}, .values = {{1, 2}, {1, 2}}},
         TB_ERROR_REPETITION,
         {0, 3, 3, 4, 0},
         {1, NAN, NAN, NAN, NAN}},
        /* testbed 0 has level 0 only, testbed 1 level 1 only: neither adds to the other */
        {"confounded",
         {.cells = 2, .factors = 1, .levels = {0, 0, 1, 1}, .counts = {2, 2}, .values = {{1, 2}, {3, 4}}},
         TB_ERROR_REPETITION,
         {4, 4, 4, 4, 0},
         {NAN, NAN, NAN, NAN, NAN}},
        /* one repetition, and the interaction takes all that is left */
        {"one repetition",
         {.cells = 4,
          .factors = 1,
          .levels = {0, 0, 0, 1, 1, 0, 1, 1},
          .counts = {1, 1, 1, 1},
          .values = {{1}, {2}, {3}, {7}}},
         TB_ERROR_NONE,
         {5, 5, 5, 4, 3},
         {NAN, NAN, NAN, NAN, NAN}},
        /* no deviation within cells: what there is, is certain */
        {"no deviation",
         {.cells = 4,
          .factors = 1,
          .levels = {0, 0, 0, 1, 1, 0, 1, 1},
          .counts = {2, 2, 2, 2},
          .values = {{1, 1}, {2, 2}, {1, 1}, {2, 2}}},
         TB_ERROR_REPETITION,
         {0, 0, 0, 4, 0},
         {1, 0, 1, NAN, NAN}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer a = analyse(&cases[i].study);
        if (a.about.error != cases[i].error)
            fail_msg("%s: error term %d", cases[i].what, (int)a.about.error);
        for (size_t term = 0; term < 5; term++) {
            const struct tb_term_result *t = &a.terms[term];
            if (t->reason != cases[i].reasons[term])
                fail_msg("%s: term %zu has reason %d", cases[i].what, term, (int)t->reason);
            assert_number(t->p, cases[i].p[term]);
            const bool has_share = t->reason == TB_TERM_TESTED || t->reason == TB_TERM_NO_ERROR;
            assert_int_equal(isnan(t->share), !has_share);
            assert_int_equal(t->rank > 0, has_share);
        }
    }
}

/* One repetition, but two factors: their interaction is what F is taken against. */
static void remaining_stands_in_for_repetition(void **state)
{
    (void)state;
    static const struct study study = {
        .cells = 8,
        .factors = 2,
        .levels = {0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1},
        .counts = {1, 1, 1, 1, 1, 1, 1, 1},
        .values = {{1}, {3}, {4}, {4}, {5}, {7}, {8}, {8}},
    };
    const struct answer a = analyse(&study);
    assert_int_equal(a.about.error, TB_ERROR_REMAINING);
    assert_term(&a.terms[0], 32, 1, 32.0 / 44, 32);
    assert_term(&a.terms[1], 8, 1, 8.0 / 44, 8);
    assert_term(&a.terms[2], 2, 1, 2.0 / 44, 2);
    assert_term(&a.terms[5], 2, 2, 2.0 / 44, NAN);
    assert_int_equal(a.terms[6].reason, TB_TERM_ONE_LEVEL);
}

static void the_campaign_is_ranked(void **state)
{
    (void)state;
    const struct tb_layout layout = {.factors = 1};
    struct tb_term_result results[3][5];
    static const double shares[3][5] = {
        {0.5, 0.1, 0.2, NAN, 0.2}, {0.1, 0.8, 0.05, NAN, 0.05}, {NAN, NAN, NAN, NAN, NAN}};
    static const size_t ranks[3][5] = {{1, 4, 2, 0, 3}, {2, 1, 3, 0, 4}, {0}};
    for (size_t m = 0; m < 3; m++)
        for (size_t term = 0; term < 5; term++)
            results[m][term] = (struct tb_term_result){.share = shares[m][term], .rank = ranks[m][term]};
    struct tb_term_overall overall[5];
    tb_sensitivity_rank(&layout, &results[0][0], 3, overall);
    static const struct tb_term_overall expected[] = {
        {2, 0.3, 1, 2}, {2, 0.45, 1, 1}, {2, 0.125, 0, 3}, {0, NAN, 0, 0}, {2, 0.125, 0, 4}};
    for (size_t term = 0; term < 5; term++) {
        assert_int_equal(overall[term].metrics, expected[term].metrics);
        assert_number(overall[term].mean_share, expected[term].mean_share);
        assert_int_equal(overall[term].first, expected[term].first);
        assert_int_equal(overall[term].rank, expected[term].rank);
    }
}

/* Metrics share the work; what one lacks does not reach the others. */
static void metrics_do_not_disturb_each_other(void **state)
{
    (void)state;
    enum { METRICS = 4 };
    struct tb_summary summaries[4 * METRICS];
    struct tb_metric_sensitivity about[METRICS];
    struct tb_term_result results[METRICS * 5];
    struct tb_error error = {0};
    static const int withdrawn[METRICS] = {0, 1, 0, 0};
    for (size_t cell = 0; cell < 4; cell++)
        for (size_t m = 0; m < METRICS; m++)
            tb_summary_compute(balanced.values[cell], m == 2 && cell == 0 ? 1 : 2, &summaries[cell * METRICS + m]);
    const struct tb_layout layout = {.cells = 4, .factors = 1, .levels = balanced.levels};
    assert_int_equal(tb_sensitivity_compute(&layout, summaries, METRICS, METRICS, withdrawn, about, results, &error),
                     TB_OK);
    const struct answer alone = analyse(&balanced);
    for (size_t m = 0; m < METRICS; m += 3)
        for (size_t term = 0; term < 5; term++) {
            assert_number(results[m * 5 + term].share, alone.terms[term].share);
            assert_number(results[m * 5 + term].p, alone.terms[term].p);
        }
    assert_int_equal(results[5].reason, TB_TERM_WITHDRAWN);
    assert_false(about[2].balanced);
    assert_int_equal(results[14].freedom, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced_cells_by_hand),
        cmocka_unit_test(shares_do_not_depend_on_the_unit),
        cmocka_unit_test(unbalanced_cells_as_in_r),
        cmocka_unit_test(interactions_of_factors_remain),
        cmocka_unit_test(small_effects_keep_their_digits),
        cmocka_unit_test(degenerate_designs),
        cmocka_unit_test(remaining_stands_in_for_repetition),
        cmocka_unit_test(the_campaign_is_ranked),
        cmocka_unit_test(metrics_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests_name("sensitivity", tests, NULL, NULL);
}
