/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "twinbed/stats/robust.h"

enum { MOST = 12 };

static void assert_number(double value, double expected, const char *what, size_t i)
{
    if (isnan(expected) ? !isnan(value) : !(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("case %zu: %s is %.17g, not %.17g", i, what, value, expected);
}

/* Places as in the tables of Hollander, Wolfe and Chicken; what is covered as 1 - 2 P(U < place). */
static void places_in_the_ordered_differences(void **state)
{
    (void)state;
    static const struct {
        size_t n, m, place;
        double confidence;
    } cases[] = {
        {0, 5, 0, NAN},
        {1, 1, 0, NAN},
        {1, 38, 0, NAN},
        {1, 39, 1, 1 - 2.0 / 40},
        {3, 3, 0, NAN},
        {3, 4, 0, NAN},
        {4, 4, 1, 1 - 2.0 / 70},
        {3, 5, 1, 1 - 2.0 / 56},
        {5, 5, 3, 1 - 2 * 4.0 / 252}, /* U = 0, 1, 2: 1 + 1 + 2 ways of 252 */
        {10, 10, 24, 0.95674},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double confidence;
        assert_int_equal(tb_shift_place(cases[i].n, cases[i].m, &confidence), cases[i].place);
        if (cases[i].n == 10)
            assert_true(fabs(confidence - cases[i].confidence) < 1e-4);
        else
            assert_number(confidence, cases[i].confidence, "confidence", i);
        assert_int_equal(tb_shift_place(cases[i].m, cases[i].n, &confidence), cases[i].place);
    }
}

/* Above the limit of the exact distribution the places go on smoothly. */
static void large_numbers_use_the_normal_approximation(void **state)
{
    (void)state;
    double exact, approximate;
    const size_t below = tb_shift_place(30, 30, &exact);
    const size_t above = tb_shift_place(30, 31, &approximate);
    assert_true(above > below && above < below + 15);
    assert_true(exact >= 0.95 && exact < 0.955 && approximate >= 0.95 && approximate < 0.955);
    assert_true(tb_shift_place(1000000, 1000000, &approximate) > 0);
    assert_int_equal(tb_shift_place(1, 60, &approximate), 1);
}

static void shifts(void **state)
{
    (void)state;
    static const struct {
        enum tb_scale scale;
        double cell[MOST], reference[MOST];
        size_t cell_count, reference_count;
        double median_difference, median_ratio, estimate, low, high;
    } cases[] = {
        /* differences 3 2 1 0 | 4 3 2 1 | 5 4 3 2 | 6 5 4 3, the least and the greatest of 16 */
        {TB_SCALE_RATIO, {4, 5, 6, 7}, {1, 2, 3, 4}, 4, 4, 3, 2.2, 3, 0, 6},
        {TB_SCALE_DIFFERENCE, {4, 5, 6, 7}, {1, 2, 3, 4}, 4, 4, 3, NAN, 3, 0, 6},
        /* one wild run moves neither */
        {TB_SCALE_RATIO, {4, 5, 6, 1e9}, {1, 2, 3, 4}, 4, 4, 3, 2.2, 3, 0, 1e9 - 1},
        /* an even number of differences: the middle of the two in the middle */
        {TB_SCALE_RATIO, {1, 4}, {0}, 2, 1, 2.5, NAN, 2.5, NAN, NAN},
        {TB_SCALE_RATIO, {-1, -4}, {-5}, 2, 1, 2.5, 0.5, 2.5, NAN, NAN},
        /* missing values are left out */
        {TB_SCALE_RATIO, {NAN, 4, 5, 6, 7}, {1, 2, NAN, 3, 4}, 5, 5, 3, 2.2, 3, 0, 6},
        /* too few for an interval */
        {TB_SCALE_RATIO, {4, 5, 6}, {1, 2, 3}, 3, 3, 3, 2.5, 3, NAN, NAN},
        {TB_SCALE_RATIO, {5}, {4}, 1, 1, 1, 1.25, 1, NAN, NAN},
        /* without deviation */
        {TB_SCALE_RATIO, {5, 5, 5, 5}, {4, 4, 4, 4}, 4, 4, 1, 1.25, 1, 1, 1},
        {TB_SCALE_RATIO, {5, 5}, {4, 4}, 2, 2, 1, 1.25, 1, NAN, NAN},
        {TB_SCALE_RATIO, {0, 0, 0, 0}, {0, 0, 0, 0}, 4, 4, 0, NAN, 0, 0, 0},
        {TB_SCALE_RATIO, {-0.0, -0.0, 0, 0}, {0, 0, -0.0, 0}, 4, 4, 0, NAN, 0, 0, 0},
        {TB_SCALE_RATIO, {5, 5, 5, 5}, {1, 2, 3, 4}, 4, 4, 2.5, 2, 2.5, 1, 4},
        /* nothing on a side, or an infinite value */
        {TB_SCALE_RATIO, {0}, {1, 2}, 0, 2, NAN, NAN, NAN, NAN, NAN},
        {TB_SCALE_RATIO, {1, 2}, {NAN, NAN}, 2, 2, NAN, NAN, NAN, NAN, NAN},
        {TB_SCALE_RATIO, {1, INFINITY}, {1, 2}, 2, 2, NAN, NAN, NAN, NAN, NAN},
        {TB_SCALE_RATIO, {1, 2}, {-INFINITY, 2}, 2, 2, NAN, NAN, NAN, NAN, NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double scratch[2 * MOST];
        struct tb_shift shift;
        tb_shift_compute(cases[i].cell, cases[i].cell_count, cases[i].reference, cases[i].reference_count,
                         cases[i].scale, scratch, &shift);
        assert_number(shift.median_difference, cases[i].median_difference, "difference of medians", i);
        assert_number(shift.median_ratio, cases[i].median_ratio, "ratio of medians", i);
        assert_number(shift.estimate, cases[i].estimate, "shift", i);
        assert_number(shift.interval.low, cases[i].low, "lower end", i);
        assert_number(shift.interval.high, cases[i].high, "upper end", i);
        assert_int_equal(isnan(shift.confidence), isnan(cases[i].low));
        assert_false(shift.estimate == 0 && signbit(shift.estimate));
    }
}

/* All differences, sorted, as the definition says. */
static void selection_equals_sorting(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t trial = 0; trial < 200; trial++) {
        double cell[MOST], reference[MOST], all[MOST * MOST], scratch[2 * MOST];
        const size_t n = 1 + trial % MOST, m = 1 + trial / MOST % MOST;
        for (size_t i = 0; i < n; i++)
            cell[i] = (double)((seed = seed * 1664525u + 1013904223u) >> 20) / 7;
        for (size_t i = 0; i < m; i++)
            reference[i] = (double)((seed = seed * 1664525u + 1013904223u) >> 20) / 3;
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < m; j++) {
                size_t place = count++;
                for (; place > 0 && all[place - 1] > cell[i] - reference[j]; place--)
                    all[place] = all[place - 1];
                all[place] = cell[i] - reference[j];
            }
        struct tb_shift shift;
        double confidence;
        tb_shift_compute(cell, n, reference, m, TB_SCALE_RATIO, scratch, &shift);
        const size_t place = tb_shift_place(n, m, &confidence);
        assert_number(shift.estimate, all[(count - 1) / 2] / 2 + all[count / 2] / 2, "shift", trial);
        assert_number(shift.interval.low, place == 0 ? NAN : all[place - 1], "lower end", trial);
        assert_number(shift.interval.high, place == 0 ? NAN : all[count - place], "upper end", trial);
    }
}

static void outlying_values(void **state)
{
    (void)state;
    static const struct {
        double values[MOST];
        size_t count;
        int32_t outlying[MOST];
        size_t scored; /* a value and its score */
        double score;
    } cases[] = {
        /* median 3, absolute deviations 2 1 0 1 97: MAD 1 */
        {{1, 2, 3, 4, 100}, 5, {0, 0, 0, 0, 1}, 4, 0.6745 * 97},
        {{-100, 2, 3, 4, 5}, 5, {1, 0, 0, 0, 0}, 0, -0.6745 * 103},
        /* just below and just above 3.5 = 0.6745 * 5.189 */
        {{1, 2, 3, 4, 8.18}, 5, {0, 0, 0, 0, 0}, 4, 0.6745 * 5.18},
        {{1, 2, 3, 4, 8.20}, 5, {0, 0, 0, 0, 1}, 4, 0.6745 * 5.2},
        /* four values say nothing */
        {{1, 2, 3, 1000}, 4, {-1, -1, -1, -1}, 0, NAN},
        {{1, 2, NAN, 3, 1000}, 5, {-1, -1, -1, -1, -1}, 2, NAN},
        {{0}, 0, {0}, 0, NAN},
        /* a missing value is not judged, and not counted */
        {{1, 2, 3, NAN, 4, 100}, 6, {0, 0, 0, -1, 0, 1}, 3, NAN},
        /* all equal */
        {{7, 7, 7, 7, 7}, 5, {0, 0, 0, 0, 0}, 0, 0},
        {{0, 0, 0, 0, 0}, 5, {0, 0, 0, 0, 0}, 0, 0},
        /* MAD 0: the mean absolute deviation is 10 / 5 */
        {{7, 7, 7, 7, 17}, 5, {0, 0, 0, 0, 1}, 4, 10 / (1.2533141373155003 * 2)},
        /* MAD 0, but two of five are away: mean 20 / 5 */
        {{7, 7, 7, -3, 17}, 5, {0, 0, 0, 0, 0}, 4, 10 / (1.2533141373155003 * 4)},
        /* the last bits are no deviation */
        {{7, 7, 7, 7, 7.0000000000001}, 5, {0, 0, 0, 0, 0}, 4, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double scratch[MOST], scores[MOST];
        int32_t outlying[MOST];
        tb_outliers_find(cases[i].values, cases[i].count, scratch, scores, outlying);
        for (size_t j = 0; j < cases[i].count; j++)
            if (outlying[j] != cases[i].outlying[j])
                fail_msg("case %zu: value %zu is flagged %d", i, j, (int)outlying[j]);
        if (cases[i].count > 0)
            assert_number(scores[cases[i].scored], cases[i].score, "score", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_in_the_ordered_differences),
        cmocka_unit_test(large_numbers_use_the_normal_approximation),
        cmocka_unit_test(shifts),
        cmocka_unit_test(selection_equals_sorting),
        cmocka_unit_test(outlying_values),
    };
    return cmocka_run_group_tests_name("robust", tests, NULL, NULL);
}
