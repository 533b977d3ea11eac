/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "twinbed/base/status.h"

static void sentence_is_written(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(tb_error_set(&error, TB_CORRUPT, "offset %d", 7), TB_CORRUPT);
    assert_string_equal(error.text, "offset 7");
    assert_int_equal(tb_error_memory(&error, "a table"), TB_MEMORY);
    assert_string_equal(error.text, "out of memory for a table");
    assert_int_equal(tb_error_set(NULL, TB_END, "nobody reads this"), TB_END);
}

static void long_sentences_are_cut(void **state)
{
    (void)state;
    struct tb_error error;
    tb_error_set(&error, TB_USAGE, "%02000d", 1);
    assert_int_equal(strlen(error.text), TB_ERROR_TEXT_SIZE - 1);
    assert_int_equal(error.status, TB_USAGE);
}

static void each_status_has_its_own_name(void **state)
{
    (void)state;
    for (int i = 0; i <= TB_INTERNAL; i++) {
        assert_string_not_equal(tb_status_name((enum tb_status)i), "unknown");
        for (int j = 0; j < i; j++)
            assert_string_not_equal(tb_status_name((enum tb_status)i), tb_status_name((enum tb_status)j));
    }
    assert_string_equal(tb_status_name((enum tb_status)(TB_INTERNAL + 1)), "unknown");
    assert_string_equal(tb_status_name((enum tb_status) - 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentence_is_written),
        cmocka_unit_test(long_sentences_are_cut),
        cmocka_unit_test(each_status_has_its_own_name),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
