/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "twinbed/stats/summary.h"

#define COUNT(values) (sizeof(values) / sizeof(values)[0])

static void assert_close(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

/* Reference numbers: R, mean, sd, qt(0.975, 9) = 2.262157162798204. */
static void ten_values(void **state)
{
    (void)state;
    const double values[] = {5.1, 4.9, 5.6, 5.8, 6.0, 5.5, 5.3, 5.7, 5.9, 6.2};
    struct tb_summary summary;
    tb_summary_compute(values, COUNT(values), &summary);
    assert_int_equal(summary.n, 10);
    assert_close(summary.mean, 5.6);
    assert_close(summary.deviation, 0.40824829046386302);
    assert_close(summary.minimum, 4.9);
    assert_close(summary.maximum, 6.2);
    assert_close(summary.median, 5.65);
    const double error = 0.40824829046386302 / sqrt(10);
    assert_close(summary.normal.low, 5.6 - 1.96 * error);
    assert_close(summary.normal.high, 5.6 + 1.96 * error);
    assert_close(summary.t.low, 5.6 - 2.262157162798204 * error);
    assert_close(summary.t.high, 5.6 + 2.262157162798204 * error);
}

static void few_values(void **state)
{
    (void)state;
    struct tb_summary summary;
    tb_summary_compute(NULL, 0, &summary);
    assert_int_equal(summary.n, 0);
    assert_true(isnan(summary.mean) && isnan(summary.median) && isnan(summary.minimum) && isnan(summary.t.low));
    const double gaps[] = {NAN, 3.5, NAN};
    tb_summary_compute(gaps, 3, &summary);
    assert_int_equal(summary.n, 1);
    assert_true(summary.mean == 3.5 && summary.median == 3.5 && summary.minimum == 3.5 && summary.maximum == 3.5);
    assert_true(isnan(summary.deviation) && isnan(summary.normal.low) && isnan(summary.t.high));
    const double nothing[] = {NAN, NAN};
    tb_summary_compute(nothing, 2, &summary);
    assert_int_equal(summary.n, 0);
    assert_true(isnan(summary.mean) && isnan(summary.deviation));
}

/* Whatever n: a sum of n times 0.1 divided by n need not be 0.1. */
static void equal_values_have_no_deviation(void **state)
{
    (void)state;
    double values[100];
    for (size_t n = 2; n <= COUNT(values); n++) {
        for (size_t i = 0; i < n; i++)
            values[i] = 0.1;
        struct tb_summary summary;
        tb_summary_compute(values, n, &summary);
        assert_true(summary.mean == 0.1 && summary.deviation == 0 && summary.median == 0.1);
        assert_true(summary.t.low == 0.1 && summary.t.high == 0.1);
    }
}

static void small_parts_are_not_lost(void **state)
{
    (void)state;
    const double values[] = {1e16, 1, 1, 1, 1, -1e16};
    struct tb_summary summary;
    tb_summary_compute(values, COUNT(values), &summary);
    assert_true(summary.mean == 4.0 / 6);
    const double shifted[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    tb_summary_compute(shifted, COUNT(shifted), &summary);
    assert_close(summary.deviation, sqrt(30));
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void median_is_the_middle_of_the_sorted(void **state)
{
    (void)state;
    srand(7);
    double values[41], sorted[41];
    for (size_t n = 1; n <= COUNT(values); n++) {
        for (size_t i = 0; i < n; i++)
            sorted[i] = values[i] = ldexp((double)(rand() % 41 - 20), rand() % 9 - 4);
        qsort(sorted, n, sizeof *sorted, compare);
        struct tb_summary summary;
        tb_summary_compute(values, n, &summary);
        assert_true(summary.median == (sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
        assert_true(summary.minimum == sorted[0] && summary.maximum == sorted[n - 1]);
    }
}

static void infinite_values(void **state)
{
    (void)state;
    const double values[] = {-INFINITY, 1, 2};
    struct tb_summary summary;
    tb_summary_compute(values, COUNT(values), &summary);
    assert_int_equal(summary.n, 3);
    assert_true(summary.mean == -INFINITY);
    assert_true(summary.median == 1);
    assert_true(isnan(summary.deviation) && isnan(summary.t.low));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_values),
        cmocka_unit_test(few_values),
        cmocka_unit_test(equal_values_have_no_deviation),
        cmocka_unit_test(small_parts_are_not_lost),
        cmocka_unit_test(median_is_the_middle_of_the_sorted),
        cmocka_unit_test(infinite_values),
    };
    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
