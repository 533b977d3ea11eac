/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "twinbed/base/work_unit.h"

static void texts_speak_of_the_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *worded;
        enum tb_work_unit unit;
    } cases[] = {
        {"Reads per request; Requests, requests", "Reads per operation; Operations, operations",
         TB_WORK_UNIT_OPERATION},
        {"Request", "Connection", TB_WORK_UNIT_CONNECTION},
        {"a request, and 2 requests.", "a request, and 2 requests.", TB_WORK_UNIT_REQUEST},
        {"requests_per_second, my_request, requested, prerequest",
         "requests_per_second, my_request, requested, prerequest", TB_WORK_UNIT_OPERATION},
        {"<a href=\"#requests\">requests</a>", "<a href=\"#requests\">operations</a>", TB_WORK_UNIT_OPERATION},
        {"", "", TB_WORK_UNIT_OPERATION},
        {"reques", "reques", TB_WORK_UNIT_OPERATION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_buffer worded = {0};
        bool inside = false;
        tb_work_unit_words(cases[i].text, cases[i].unit, &inside, &worded);
        assert_false(inside);
        tb_buffer_put(&worded, "", 1);
        assert_string_equal((const char *)worded.data, cases[i].worded);
        tb_buffer_free(&worded);
    }
}

static void markup_may_be_cut_inside_a_tag(void **state)
{
    (void)state;
    struct tb_buffer worded = {0};
    bool inside = false;
    tb_work_unit_words("request <a id=\"", TB_WORK_UNIT_OPERATION, &inside, &worded);
    assert_true(inside);
    tb_work_unit_words("request\">request", TB_WORK_UNIT_OPERATION, &inside, &worded);
    assert_false(inside);
    tb_buffer_put(&worded, "", 1);
    assert_string_equal((const char *)worded.data, "operation <a id=\"request\">operation");
    tb_buffer_free(&worded);
}

static void units_are_found_by_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TB_WORK_UNITS; i++)
        assert_int_equal(tb_work_unit_find(tb_work_unit_name((enum tb_work_unit)i)), i);
    assert_int_equal(tb_work_unit_find(NULL), TB_WORK_UNIT_REQUEST);
    assert_int_equal(tb_work_unit_find("<b>"), TB_WORK_UNIT_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_speak_of_the_unit),
        cmocka_unit_test(markup_may_be_cut_inside_a_tag),
        cmocka_unit_test(units_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
