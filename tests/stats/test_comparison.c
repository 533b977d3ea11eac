/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "twinbed/stats/comparison.h"

enum { MOST = 6 };

static struct tb_comparison compare_by(const double *cell, size_t cell_count, const double *reference,
                                       size_t reference_count, struct tb_closeness closeness)
{
    struct tb_summary left, right;
    struct tb_comparison comparison;
    tb_summary_compute(cell, cell_count, &left);
    tb_summary_compute(reference, reference_count, &right);
    tb_comparison_compute(&left, &right, &closeness, &comparison);
    return comparison;
}

/* With the least replication that can be asked for. */
static struct tb_comparison compare(const double *cell, size_t cell_count, const double *reference,
                                    size_t reference_count, enum tb_scale scale, double threshold)
{
    return compare_by(cell, cell_count, reference, reference_count, (struct tb_closeness){scale, threshold, 2});
}

static void assert_close(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-10 * fmax(1, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* Thresholds and values as far out as numbers go: GSL's own handler ended the program at them. */
static void nothing_ends_the_program(void **state)
{
    (void)state;
    static const double extremes[] = {0, 1e-308, 1, 1e200, DBL_MAX, INFINITY, NAN};
    enum { EXTREMES = sizeof extremes / sizeof extremes[0] };
    for (size_t i = 0; i < EXTREMES * EXTREMES * EXTREMES; i++) {
        const double one = extremes[i % EXTREMES], other = extremes[i / EXTREMES % EXTREMES];
        const double threshold = extremes[i / EXTREMES / EXTREMES];
        const double cell[] = {1, one, 2, 3}, reference[] = {other, 1, 2, 4};
        for (int scale = TB_SCALE_RATIO; scale <= TB_SCALE_DIFFERENCE; scale++) {
            const struct tb_comparison c = compare(cell, 4, reference, 4, (enum tb_scale)scale, threshold);
            assert_non_null(tb_verdict_name(c.verdict));
        }
    }
}

/* Reference numbers: scipy.stats.ttest_ind(equal_var=False) its t
 * quantiles after a further Newton step, since they are good to 1e-10 only. */
static void welch(void **state)
{
    (void)state;
    const double cell[] = {10.1, 10.4, 9.8, 10.6, 10.2};
    const double reference[] = {9.7, 10.9, 10.0, 9.2};
    const struct tb_comparison c = compare(cell, 5, reference, 4, TB_SCALE_RATIO, 0.1);
    assert_close(c.difference, 0.27);
    assert_close(c.ratio, 10.22 / 9.95);
    assert_close(c.welch_p, 0.5199032314213333);
    assert_close(c.welch.low, -0.8049478411365749);
    assert_close(c.welch.high, 1.344947841136574);
    assert_close(c.equivalence_p, 0.08068752066964109);
    assert_close(c.fieller.low, 0.9479562571688739);
    assert_close(c.fieller.high, 1.1187385963019572);
    assert_int_equal(c.close, 1);
    assert_int_equal(c.intervals_overlap, 1);
    const struct tb_comparison d = compare(cell, 5, reference, 4, TB_SCALE_DIFFERENCE, 1.5);
    assert_close(d.welch_p, 0.5199032314213333);
    assert_close(d.equivalence_p, 0.016931710483315068);
    assert_true(isnan(d.ratio) && isnan(d.fieller.low));
}

static void verdicts(void **state)
{
    (void)state;
    static const struct {
        enum tb_scale scale;
        double threshold;
        double cell[MOST], reference[MOST];
        size_t cell_count, reference_count;
        enum tb_verdict verdict;
        int close;
        int overlap;
    } cases[] = {
        /* estimated */
        {TB_SCALE_RATIO, 0.1, {100, 101, 99}, {100, 101, 99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 0.1, {150, 151, 149}, {100, 101, 99}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {50, 51, 49}, {100, 101, 99}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {100, 150, 50}, {100, 101, 99}, 3, 3, TB_VERDICT_UNDECIDED, 1, 1},
        {TB_SCALE_RATIO, 0.1, {-100, -101, -99}, {-100, -101, -99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 0.1, {-150, -151, -149}, {-100, -101, -99}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {100, 101, 99}, {-100, -101, -99}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        /* a reference that is not told from 0: no Fieller interval */
        {TB_SCALE_RATIO, 0.1, {1000, 1001, 999}, {-1, 0.5, 2}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {1, 2, 0}, {-1, 0.5, 2}, 3, 3, TB_VERDICT_UNDECIDED, 0, 1},
        {TB_SCALE_DIFFERENCE, 0.5, {1.0, 1.1, 0.9}, {1.0, 1.1, 0.9}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_DIFFERENCE, 0.5, {5.0, 5.1, 4.9}, {1.0, 1.1, 0.9}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_DIFFERENCE, 0.5, {1.0, 3.0, -1.0}, {1.0, 1.1, 0.9}, 3, 3, TB_VERDICT_UNDECIDED, 1, 1},
        {TB_SCALE_DIFFERENCE, 0.5, {0, 0.1, -0.1}, {0, 0.1, -0.1}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        /* one side constant */
        {TB_SCALE_RATIO, 0.1, {100, 100, 100}, {100, 101, 99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 0.1, {100, 101, 99}, {100, 100, 100}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 0.1, {0, 0, 0}, {100, 101, 99}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 1.0, {0, 0, 0}, {100, 101, 99}, 3, 3, TB_VERDICT_UNDECIDED, 1, 0},
        {TB_SCALE_RATIO, 0.1, {0, 0, 0}, {-1, 0.5, 2}, 3, 3, TB_VERDICT_UNDECIDED, 0, 1},
        {TB_SCALE_DIFFERENCE, 0.5, {1, 1, 1}, {5, 5.1, 4.9}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        /* both constant */
        {TB_SCALE_RATIO, 0.1, {105, 105}, {100, 100}, 2, 2, TB_VERDICT_SIMILAR, 1, 0},
        {TB_SCALE_RATIO, 0.1, {0.33, 0.33}, {0.3, 0.3}, 2, 2, TB_VERDICT_SIMILAR, 1, 0}, /* on the margin */
        {TB_SCALE_RATIO, 0.1, {111, 111}, {100, 100}, 2, 2, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {100, 100}, {100, 100}, 2, 2, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_DIFFERENCE, 0.5, {1.5, 1.5}, {1, 1}, 2, 2, TB_VERDICT_SIMILAR, 1, 0},
        {TB_SCALE_DIFFERENCE, 0.5, {1.6, 1.6}, {1, 1}, 2, 2, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_DIFFERENCE, 0.0, {1, 1}, {1, 1}, 2, 2, TB_VERDICT_SIMILAR, 1, 1},
        /* equal but for the last bits */
        {TB_SCALE_RATIO, 0, {0.1 + 0.2, 0.3, 0.3}, {0.3, 0.3, 0.1 + 0.2}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        /* one value on a side */
        {TB_SCALE_RATIO, 0.1, {100}, {100, 100}, 1, 2, TB_VERDICT_UNDECIDED, 1, -1},
        {TB_SCALE_RATIO, 0.1, {100, 101}, {200}, 2, 1, TB_VERDICT_UNDECIDED, 0, -1},
        {TB_SCALE_DIFFERENCE, 0.5, {1}, {1}, 1, 1, TB_VERDICT_UNDECIDED, 1, -1},
        {TB_SCALE_RATIO, 0.1, {0}, {0, 0}, 1, 2, TB_VERDICT_UNDECIDED, 1, -1},
        /* no value on a side */
        {TB_SCALE_RATIO, 0.1, {0}, {1, 2}, 0, 2, TB_VERDICT_NONE, -1, -1},
        {TB_SCALE_RATIO, 0.1, {1, 2}, {NAN, NAN}, 2, 2, TB_VERDICT_NONE, -1, -1},
        {TB_SCALE_DIFFERENCE, 0.1, {0}, {0}, 0, 0, TB_VERDICT_NONE, -1, -1},
        /* reference mean 0 */
        {TB_SCALE_RATIO, 0.1, {0, 0, 0}, {0, 0, 0}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 0.1, {5, 5, 5}, {0, 0, 0}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {5, 5.1, 4.9}, {0, 0, 0}, 3, 3, TB_VERDICT_DIFFERENT, 0, 0},
        {TB_SCALE_RATIO, 0.1, {0, 0, 1}, {0, 0, 0}, 3, 3, TB_VERDICT_UNDECIDED, 0, 1},
        {TB_SCALE_RATIO, 0.1, {0, 0, 0}, {-1, 0, 1}, 3, 3, TB_VERDICT_UNDECIDED, 0, 1},
        {TB_SCALE_RATIO, 0.1, {-1, 0, 1}, {-1, 0, 1}, 3, 3, TB_VERDICT_UNDECIDED, 0, 1},
        /* not finite, or so large or small that squares are not */
        {TB_SCALE_RATIO, 0.1, {INFINITY, 1}, {1, 2}, 2, 2, TB_VERDICT_UNDECIDED, -1, -1},
        {TB_SCALE_DIFFERENCE, 1, {-INFINITY, -INFINITY}, {-INFINITY, -INFINITY}, 2, 2, TB_VERDICT_UNDECIDED, -1, 1},
        {TB_SCALE_RATIO, 0.1, {1e300, 1.1e300}, {1e300, 1.1e300}, 2, 2, TB_VERDICT_UNDECIDED, 1, 1},
        /* thresholds beyond all reason: whatever is measured is within them, and nothing ends the program */
        {TB_SCALE_RATIO, 1e200, {100, 200, 300}, {100, 101, 99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 1e200, {100, 200, 300}, {100, 100, 100}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_RATIO, 1e308, {100, 200, 300}, {100, 101, 99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        {TB_SCALE_DIFFERENCE, 1e308, {100, 200, 300}, {100, 101, 99}, 3, 3, TB_VERDICT_SIMILAR, 1, 1},
        /* a ratio whose square is no number */
        {TB_SCALE_RATIO, 0.1, {1e150, 2e150}, {1e-150, 2e-150}, 2, 2, TB_VERDICT_UNDECIDED, 0, 0},
        {TB_SCALE_RATIO, 0.1, {1e-200, 1.1e-200}, {1e-200, 1.1e-200}, 2, 2, TB_VERDICT_SIMILAR, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tb_comparison c = compare(cases[i].cell, cases[i].cell_count, cases[i].reference,
                                               cases[i].reference_count, cases[i].scale, cases[i].threshold);
        if (c.verdict != cases[i].verdict || c.close != cases[i].close || c.intervals_overlap != cases[i].overlap)
            fail_msg("case %zu: %s, close %d, overlap %d", i, tb_verdict_name(c.verdict), c.close, c.intervals_overlap);
    }
}

/* The numbers of the table in comparison.h. */
static void numbers_without_deviation(void **state)
{
    (void)state;
    const double five[] = {5, 5}, six[] = {6, 6}, zero[] = {0, 0}, one[] = {5};
    struct tb_comparison c = compare(six, 2, five, 2, TB_SCALE_RATIO, 0.1);
    assert_true(c.welch.low == 1 && c.welch.high == 1 && c.welch_p == 0 && c.equivalence_p == 1);
    assert_true(c.fieller.low == 1.2 && c.fieller.high == 1.2 && c.ratio == 1.2);
    c = compare(five, 2, five, 2, TB_SCALE_RATIO, 0.1);
    assert_true(c.welch_p == 1 && c.equivalence_p == 0 && c.ratio == 1);
    c = compare(five, 2, five, 2, TB_SCALE_DIFFERENCE, 0.1);
    assert_true(c.welch_p == 1 && c.equivalence_p == 0 && isnan(c.ratio) && isnan(c.fieller.low));
    c = compare(zero, 2, zero, 2, TB_SCALE_RATIO, 0.1);
    assert_true(c.welch.low == 0 && c.welch_p == 1 && isnan(c.ratio) && isnan(c.fieller.high));
    assert_true(isnan(c.equivalence_p));
    c = compare(five, 2, zero, 2, TB_SCALE_RATIO, 0.1);
    assert_true(c.welch.low == 5 && c.welch_p == 0 && isnan(c.ratio) && isnan(c.equivalence_p));
    c = compare(one, 1, five, 2, TB_SCALE_RATIO, 0.1);
    assert_true(c.difference == 0 && c.ratio == 1 && isnan(c.welch.low) && isnan(c.welch_p));
    assert_true(isnan(c.fieller.low) && isnan(c.equivalence_p));
    c = compare(one, 0, five, 2, TB_SCALE_RATIO, 0.1);
    assert_true(isnan(c.difference) && isnan(c.ratio));
}

/* Too few values decide nothing, however near they lie; the numbers stand. */
static void few_values_are_undecided(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t replication;
        double cell[MOST], reference[MOST];
        size_t cell_count, reference_count;
        enum tb_verdict verdict;
        bool few;
        bool tested;
    } cases[] = {
        {"equal constants", 3, {5, 5}, {5, 5}, 2, 2, TB_VERDICT_UNDECIDED, true, false},
        {"different constants", 3, {5, 5, 5}, {6, 6}, 3, 2, TB_VERDICT_UNDECIDED, true, false},
        {"zeros", 3, {0}, {0, 0, 0}, 1, 3, TB_VERDICT_UNDECIDED, true, false},
        {"far apart", 3, {100, 101}, {1, 2, 3}, 2, 3, TB_VERDICT_UNDECIDED, true, false},
        {"as many as asked for", 3, {5, 5, 5}, {5, 5, 5}, 3, 3, TB_VERDICT_SIMILAR, false, false},
        {"constants apart", 3, {5, 5, 5}, {6, 6, 6}, 3, 3, TB_VERDICT_DIFFERENT, false, true},
        {"more are asked for", 5, {5, 5, 5, 5}, {5, 5, 5, 5, 5}, 4, 5, TB_VERDICT_UNDECIDED, true, false},
        {"a deviation on one side", 3, {5, 5, 5}, {5, 5, 5.1}, 3, 3, TB_VERDICT_SIMILAR, false, true},
        {"no values are not few", 3, {NAN}, {5, 5, 5}, 1, 3, TB_VERDICT_NONE, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tb_comparison c =
            compare_by(cases[i].cell, cases[i].cell_count, cases[i].reference, cases[i].reference_count,
                       (struct tb_closeness){TB_SCALE_RATIO, 0.1, cases[i].replication});
        if (c.verdict != cases[i].verdict || c.few_values != cases[i].few || c.tested != cases[i].tested)
            fail_msg("%s: %s, few %d, tested %d", cases[i].what, tb_verdict_name(c.verdict), c.few_values, c.tested);
    }
    const double two[] = {5, 5.1}, three[] = {5, 5.2, 5.4};
    const struct tb_comparison few = compare_by(two, 2, three, 3, (struct tb_closeness){TB_SCALE_RATIO, 0.1, 3});
    assert_true(isfinite(few.welch_p) && isfinite(few.equivalence_p) && few.close == 1 && few.intervals_overlap == 1);
}

/* Similar means that the interval of the ratio lies inside the margins; the
 * two use slightly different degrees of freedom, so near the margin they may part. */
static void verdict_and_interval_agree(void **state)
{
    (void)state;
    for (int step = 0; step <= 400; step++) {
        const double mean = 80 + 0.1 * step;
        const double cell[] = {mean - 1, mean, mean + 1, mean + 2, mean - 2};
        const double reference[] = {98, 99, 100, 101, 102};
        const struct tb_comparison c = compare(cell, 5, reference, 5, TB_SCALE_RATIO, 0.1);
        if (c.fieller.low > 0.901 && c.fieller.high < 1.099)
            assert_int_equal(c.verdict, TB_VERDICT_SIMILAR);
        if (c.fieller.low < 0.899 && c.fieller.high > 0.901)
            assert_int_equal(c.verdict, TB_VERDICT_UNDECIDED);
        if (c.fieller.low > 1.1 || c.fieller.high < 0.9)
            assert_int_equal(c.verdict, TB_VERDICT_DIFFERENT);
        assert_true(c.fieller.low < c.ratio && c.ratio < c.fieller.high);
    }
}

/* The quantiles of the library hold over the degrees of freedom that can come. */
static void any_degrees_of_freedom(void **state)
{
    (void)state;
    double cell[MOST] = {1, 2, 3, 4, 5, 6}, reference[MOST] = {1, 2, 3, 4, 5, 6};
    for (int exponent = -150; exponent <= 150; exponent++) {
        for (size_t i = 0; i < MOST; i++)
            reference[i] = 4 + (double)i * pow(10, exponent);
        const struct tb_comparison c = compare(cell, MOST, reference, 2 + (size_t)(exponent & 3), TB_SCALE_RATIO, 0.1);
        assert_int_not_equal(c.verdict, TB_VERDICT_NONE);
        if (exponent < 140)
            assert_true(isfinite(c.welch_p) && isfinite(c.equivalence_p) && isfinite(c.welch.low));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(numbers_without_deviation),
        cmocka_unit_test(few_values_are_undecided),
        cmocka_unit_test(verdict_and_interval_agree),
        cmocka_unit_test(any_degrees_of_freedom),
        cmocka_unit_test(nothing_ends_the_program),
    };
    return cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
}
