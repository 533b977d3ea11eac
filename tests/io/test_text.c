/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "twinbed/io/text.h"

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1.0", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"1e3", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value = 0;
        assert_int_equal(tb_text_u64(tb_text_of(cases[i].text), &value), cases[i].valid);
        assert_int_equal(value, cases[i].value);
    }
}

static void reals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        double value;
    } cases[] = {
        {"0", true, 0},
        {"1.5", true, 1.5},
        {"-1.5", true, -1.5},
        {"+2", true, 2},
        {".5", true, 0.5},
        {"5.", true, 5},
        {"1e3", true, 1000},
        {"1.2e+03", true, 1200},
        {"1E-2", true, 0.01},
        {"", false, 0},
        {".", false, 0},
        {"-", false, 0},
        {"e5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"nan", false, 0},
        {"inf", false, 0},
        {"0x10", false, 0},
        {"1,5", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1e999", false, 0},
        {"--1", false, 0},
        {"1.2.3", false, 0},
        {"0.0000000000000000000000000000000000000000000000000000000000000001", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = 0;
        assert_int_equal(tb_text_real(tb_text_of(cases[i].text), &value), cases[i].valid);
        assert_true(value == cases[i].value);
    }
    double value = 7;
    assert_false(tb_text_positive_real(tb_text_of("-1"), &value));
    assert_true(value == 7);
    assert_true(tb_text_positive_real(tb_text_of("-0"), &value) && value == 0 && 1 / value > 0);
    assert_false(tb_text_real((struct tb_text){"1\0002", 3}, &value));
}

static void pieces(void **state)
{
    (void)state;
    struct tb_text text = tb_text_of("  one\ttwo  ");
    struct tb_text part;
    assert_true(tb_text_take_word(&text, &part) && tb_text_equals(part, "one"));
    assert_true(tb_text_take_word(&text, &part) && tb_text_equals(part, "two"));
    assert_false(tb_text_take_word(&text, &part));
    text = tb_text_of("a,,b,");
    static const char *const parts[] = {"a", "", "b", ""};
    for (size_t i = 0; i < 4; i++)
        assert_true(tb_text_take_until(&text, ',', &part) && tb_text_equals(part, parts[i]));
    assert_false(tb_text_take_until(&text, ',', &part));
    text = tb_text_of("500 bytes");
    assert_false(tb_text_take_suffix(&text, " byte"));
    assert_true(tb_text_take_suffix(&text, " bytes") && tb_text_equals(text, "500"));
    assert_false(tb_text_take_prefix(&text, "5000"));
    assert_true(tb_text_take_prefix(&text, "50") && tb_text_equals(text, "0"));
    assert_true(tb_text_equals(tb_text_trim(tb_text_of(" \ta b\r ")), "a b"));
    assert_int_equal(tb_text_trim(tb_text_of("  ")).length, 0);
}

static void copies(void **state)
{
    (void)state;
    char buffer[5] = "zzzz";
    tb_text_copy(tb_text_of("a\n\x7f\xff"
                            "bc"),
                 buffer, sizeof buffer);
    assert_string_equal(buffer, "a???");
    tb_text_copy(tb_text_of(""), buffer, sizeof buffer);
    assert_string_equal(buffer, "");
    tb_text_copy(tb_text_of("x"), buffer, 1);
    assert_string_equal(buffer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(reals),
        cmocka_unit_test(pieces),
        cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
