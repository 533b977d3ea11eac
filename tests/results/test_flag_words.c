/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of flags in the schema that are typed there are those of the table that the numbers come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "twinbed/metrics/checks.h"
#include "twinbed/results/schema.h"

static void add_word(char *words, size_t size, const char *word)
{
    const size_t used = strlen(words);
    snprintf(words + used, size - used, "%s%s", used == 0 ? "" : " ", word);
}

static void rules_of_checks(void **state)
{
    (void)state;
    char words[1024] = "";
    for (size_t i = 0; i < tb_check_count(); i++)
        add_word(words, sizeof words, tb_check_at(i)->name);
    assert_string_equal(tb_field_describe(TB_FIELD_CHECK_RULE)->flags, words);
}

static void expect_word(const char *words, int32_t value, const char *expected)
{
    size_t length = 0;
    const char *const word = tb_flag_word(words, value, &length);
    if (expected == NULL) {
        assert_null(word);
        return;
    }
    assert_non_null(word);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(word, expected, length);
}

static void a_value_has_one_word(void **state)
{
    (void)state;
    expect_word("yes no_idea no", 0, "yes");
    expect_word("yes no_idea no", 1, "no_idea");
    expect_word("yes no_idea no", 2, "no");
    expect_word("yes no_idea no", 3, NULL);
    expect_word("yes no_idea no", -1, NULL);
    expect_word("yes no_idea no", INT32_MIN, NULL);
    expect_word(NULL, 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_of_checks),
        cmocka_unit_test(a_value_has_one_word),
    };
    return cmocka_run_group_tests_name("store: words of flags", tests, NULL, NULL);
}
