/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "twinbed/base/utf8.h"

#define BAD "\xEF\xBF\xBD"

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *repaired; /* NULL: right as it is */
    } facts[] = {
        {"", NULL},
        {"plain", NULL},
        {"\xC3\xA9", NULL},
        {"\xE2\x82\xAC", NULL},
        {"\xF0\x9F\x98\x80", NULL},
        {"\xF4\x8F\xBF\xBF", NULL},
        {"a\xFFz", "a" BAD "z"},
        {"\xC3", BAD},
        {"\xE2\x82", BAD BAD},
        {"\xC0\x80", BAD BAD},                 /* overlong */
        {"\xE0\x9F\xBF", BAD BAD BAD},         /* overlong */
        {"\xED\xA0\x80", BAD BAD BAD},         /* surrogate */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD}, /* beyond U+10FFFF */
        {"\xC3(\xC3\xA9", BAD "(\xC3\xA9"},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char *repaired;
        assert_true(tb_utf8_repair(facts[i].text, &repaired));
        if (facts[i].repaired == NULL)
            assert_null(repaired);
        else
            assert_string_equal(repaired, facts[i].repaired);
        free(repaired);
    }
}

static void what_is_valid_ends_before_the_first_bad_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        size_t valid;
    } facts[] = {
        {"", 0, 0},          {"abc", 3, 3},          {"a\0b", 3, 3},
        {"%\xC1", 2, 1},     {"\xE2\x82\xAC", 3, 3}, {"\xE2\x82\xAC", 2, 0},
        {"z\xF0\x9F", 3, 1}, {"\xC3\xA9\xFF", 3, 2},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        assert_int_equal(tb_utf8_valid(facts[i].text, facts[i].size), facts[i].valid);
    assert_true(tb_utf8_is_text("caf\xC3\xA9") && tb_utf8_is_text("") && !tb_utf8_is_text("caf\xE9"));
    /* Nothing behind the NUL is looked at, whatever is said to be there. */
    assert_int_equal(tb_utf8_length("\xE2\x82\0\xAC", SIZE_MAX), 0);
    assert_int_equal(tb_utf8_length("\xE2\x82\xAC", SIZE_MAX), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
                                       cmocka_unit_test(what_is_valid_ends_before_the_first_bad_byte)};
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
