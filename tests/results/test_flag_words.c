/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of flags in the schema are those of the tables that the numbers come from. */
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

static void kinds_of_reasons(void **state)
{
    (void)state;
    char words[1024] = "";
    for (int i = 0; i < TB_ABSENCES; i++)
        add_word(words, sizeof words, tb_absence_name((enum tb_absence)i));
    assert_string_equal(tb_field_describe(TB_FIELD_METRICS_REASON_KIND)->flags, words);
}

static void rules_of_checks(void **state)
{
    (void)state;
    char words[1024] = "";
    for (size_t i = 0; i < tb_check_count(); i++)
        add_word(words, sizeof words, tb_check_at(i)->name);
    assert_string_equal(tb_field_describe(TB_FIELD_CHECK_RULE)->flags, words);
}

static void verdicts_of_checks(void **state)
{
    (void)state;
    char words[1024] = "";
    for (int i = TB_CHECK_AGREES; i <= TB_CHECK_NOT_MADE; i++)
        add_word(words, sizeof words, tb_check_verdict_name((enum tb_check_verdict)i));
    assert_string_equal(tb_field_describe(TB_FIELD_CHECK_VERDICT)->flags, words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_reasons),
        cmocka_unit_test(rules_of_checks),
        cmocka_unit_test(verdicts_of_checks),
    };
    return cmocka_run_group_tests_name("store: words of flags", tests, NULL, NULL);
}
