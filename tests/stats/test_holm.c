/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "twinbed/stats/comparison.h"

enum { MOST = 8 };

static void adjusted_values(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        double p[MOST];
        double expected[MOST];
    } cases[] = {
        {0, {0}, {0}},
        {1, {0.04}, {0.04}},
        {4, {0.01, 0.04, 0.03, 0.005}, {0.03, 0.06, 0.06, 0.02}},
        {3, {0.02, 0.02, 0.02}, {0.06, 0.06, 0.06}},
        {3, {0.5, 0.6, 0.7}, {1, 1, 1}},
        {4, {NAN, 0.01, NAN, 0.02}, {NAN, 0.02, NAN, 0.02}},
        {2, {NAN, NAN}, {NAN, NAN}},
        {3, {0, 1, 0}, {0, 1, 0}},
        {8, {8e-3, 7e-3, 6e-3, 5e-3, 4e-3, 3e-3, 2e-3, 1e-3}, {2e-2, 2e-2, 2e-2, 2e-2, 2e-2, 18e-3, 14e-3, 8e-3}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t scratch[MOST];
        double adjusted[MOST];
        tb_holm_adjust(cases[i].p, cases[i].count, scratch, adjusted);
        for (size_t j = 0; j < cases[i].count; j++) {
            if (isnan(cases[i].expected[j]))
                assert_true(isnan(adjusted[j]));
            else if (!(fabs(adjusted[j] - cases[i].expected[j]) < 1e-15))
                fail_msg("case %zu: value %zu is %g", i, j, adjusted[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(adjusted_values)};
    return cmocka_run_group_tests_name("holm", tests, NULL, NULL);
}
