/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "report/widgets/numbers.h"

/* The narrow space, the minus sign, and plus-minus between hard spaces. */
#define T "\xE2\x80\xAF"
#define M "\xE2\x88\x92"
#define ALL " <span class=\"all\">in all runs</span>"
#define PM "\xC2\xA0\xC2\xB1\xC2\xA0"

static void intervals_end_where_their_spread_does(void **state)
{
    (void)state;
    static const struct {
        double mean, half_width;
        const char *text;
    } facts[] = {
        {14420.4, 74.3, "14" T "420" PM "74"},
        {14420, 707, "14" T "420" PM "707"},
        {112.01, 0.012, "112.010" PM "0.012"},
        {13577.4, 9.96, "13" T "577" PM "10"},
        {6.97, 0.006, "6.9700" PM "0.0060"},
        {0.1, 0, "0.1" ALL},
        {1049216, 0, "1" T "049" T "216" ALL},
        {2.5e-17, 0, "2.50000E" M "17" ALL},
        {3.1, 1e-16, "3.1" ALL},
        {-12.34, 1.5, M "12.3" PM "1.5"},
        {5, NAN, "5"},
        {NAN, NAN, "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_interval(facts[i].mean, facts[i].half_width).text, facts[i].text);
}

static void significant_digits_are_kept(void **state)
{
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } facts[] = {
        {0, 3, "0.00"},
        {1.02, 3, "1.02"},
        {99.96, 3, "100"},
        {12345.6, 3, "12" T "346"},
        {-0.00923, 2, M "0.0092"},
        {1e-9, 2, "1.0E" M "9"},
        {4e15, 2, "4.0E+15"},
        {NAN, 2, "\xE2\x80\x93"},
        {INFINITY, 2, "\xE2\x88\x9E"},
        {-INFINITY, 2, M "\xE2\x88\x9E"},
        {-1e-320, 2, M "1.0E" M "320"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_significant(facts[i].value, facts[i].digits).text, facts[i].text);
}

static void counts_are_grouped_by_three(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *text;
    } facts[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1" T "000"},
        {-1, M "1"},
        {1234567, "1" T "234" T "567"},
        {INT64_MAX, "9" T "223" T "372" T "036" T "854" T "775" T "807"},
        {INT64_MIN, M "9" T "223" T "372" T "036" T "854" T "775" T "808"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_count(facts[i].value).text, facts[i].text);
}

static void powers_of_ten_look_as_published(void **state)
{
    (void)state;
    static const struct {
        double log10_value;
        const char *text;
    } facts[] = {
        {5531.2, "E+5531"}, {-33288, "E" M "33288"}, {0.251, "E+0.25"}, {-99.5, "E" M "99.50"}, {NAN, "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_power(facts[i].log10_value).text, facts[i].text);
}

static void small_p_values_are_below_a_thousandth(void **state)
{
    (void)state;
    static const struct {
        double p;
        const char *text;
    } facts[] = {
        {0, "&lt;0.001"}, {7.2e-11, "&lt;0.001"}, {0.001, "0.001"}, {0.0016, "0.002"}, {0.043, "0.043"},
        {0.4049, "0.40"}, {0.99, "0.99"},         {1, "1"},         {0.99999, "1"},    {NAN, "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_p(facts[i].p).text, facts[i].text);
}

static void rounding_has_no_sign(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } facts[] = {
        {2.22e-16, "0"}, {-2.22e-16, "0"}, {0, "0"}, {1.25, "+1.25"}, {-0.3, M "0.300"}, {NAN, "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_signed(facts[i].value, 3).text, facts[i].text);
}

static void shares_are_percent(void **state)
{
    (void)state;
    static const struct {
        double share;
        const char *text;
    } facts[] = {
        {0.13, "13\xC2\xA0%"},
        {-0.021, M "2.1\xC2\xA0%"},
        {0, "0.0\xC2\xA0%"},
        {NAN, "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_string_equal(tb_number_percent(facts[i].share).text, facts[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_end_where_their_spread_does),
        cmocka_unit_test(significant_digits_are_kept),
        cmocka_unit_test(counts_are_grouped_by_three),
        cmocka_unit_test(powers_of_ten_look_as_published),
        cmocka_unit_test(small_p_values_are_below_a_thousandth),
        cmocka_unit_test(rounding_has_no_sign),
        cmocka_unit_test(shares_are_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
