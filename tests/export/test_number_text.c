/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/number_text.h"

static void assert_comes_back(double number)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    tb_number_text(number, 0, text);
    const double found = strtod(text, NULL);
    assert_memory_equal(&found, &number, sizeof number);
}

static void numbers_come_back_bit_by_bit(void **state)
{
    (void)state;
    static const double numbers[] = {0.0,        -0.0,   0.1,     0.1 + 0.2, 1e23,      DBL_MAX,
                                     -DBL_MIN,   5e-324, 1 / 3.0, 1e6,       123456789, 9007199254740993.0,
                                     DBL_EPSILON};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_comes_back(numbers[i]);
    uint64_t bits = 88172645463325252;
    for (int i = 0; i < 200000; i++) {
        double number;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&number, &bits, sizeof number);
        if (!isnan(number))
            assert_comes_back(number);
    }
}

static void assert_is(double number, int digits, const char *expected)
{
    char text[TB_EXPORT_NUMBER_SIZE];
    assert_string_equal(tb_number_text(number, digits, text), expected);
}

static void numbers_are_as_short_as_they_can_be(void **state)
{
    (void)state;
    assert_is(0.1, 0, "0.1");
    assert_is(0.1 + 0.2, 0, "0.30000000000000004");
    assert_is(100, 0, "100");
    assert_is(1e22, 0, "1e+22");
    assert_is(-2.5e-7, 0, "-2.5e-07");
    assert_is(INFINITY, 0, "inf");
    assert_is(-INFINITY, 3, "-inf");
    assert_is(3.14159, 3, "3.14");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back_bit_by_bit),
        cmocka_unit_test(numbers_are_as_short_as_they_can_be),
    };
    return cmocka_run_group_tests_name("number text", tests, NULL, NULL);
}
