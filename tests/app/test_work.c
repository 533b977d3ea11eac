/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/text_source.h"

#include "twinbed/app/work.h"

#define JSON "{\"summary\":{\"requests\":500,\"rate\":1.5,\"a/b\":7,\"m~n\":8,\"list\":[1,2,{\"x\":3}],\"\":9}}"
#define CSV "time,\"requests done\",errors\n1,10,0\n2,20,0\n"

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *selector;
        enum tb_status status;
        uint64_t units;
    } cases[] = {
        {JSON, "/summary/requests", TB_OK, 500},
        {" \n\t" JSON, "/summary/requests", TB_OK, 500},
        {JSON, "/summary/a~1b", TB_OK, 7},
        {JSON, "/summary/m~0n", TB_OK, 8},
        {JSON, "/summary/", TB_OK, 9},
        {JSON, "/summary/list/1", TB_OK, 2},
        {JSON, "/summary/list/2/x", TB_OK, 3},
        {"[10,20]", "/1", TB_OK, 20},
        {"\xef\xbb\xbf{\"n\":20}", "/n", TB_OK, 20}, /* a byte order mark */
        {"{\"n\":1e3}", "/n", TB_OK, 1000},
        {"{\"n\":0}", "/n", TB_OK, 0},
        {"{\"n\":9223372036854775807}", "/n", TB_OK, INT64_MAX},
        {JSON, "/summary/list/01", TB_NOT_FOUND, 0},
        {JSON, "/summary/list/-", TB_NOT_FOUND, 0},
        {JSON, "/summary/list/3", TB_NOT_FOUND, 0},
        {JSON, "/summary/list/18446744073709551616", TB_NOT_FOUND, 0},
        {JSON, "/summary/nothing", TB_NOT_FOUND, 0},
        {JSON, "/summary/a~2b", TB_NOT_FOUND, 0},
        {JSON, "/summary/requests/deeper", TB_NOT_FOUND, 0},
        {JSON, "summary", TB_NOT_FOUND, 0},
        {JSON, "", TB_CORRUPT, 0},
        {JSON, "/summary/rate", TB_CORRUPT, 0},
        {JSON, "/summary", TB_CORRUPT, 0},
        {"{\"n\":-1}", "/n", TB_CORRUPT, 0},
        {"{\"n\":\"5\"}", "/n", TB_CORRUPT, 0},
        {"{\"n\":true}", "/n", TB_CORRUPT, 0},
        {"{\"n\":1e300}", "/n", TB_CORRUPT, 0},
        {"{\"n\":5", "/n", TB_TRUNCATED, 0},
        {"{\"n\":5}}", "/n", TB_CORRUPT, 0},
        {"{n:5}", "/n", TB_CORRUPT, 0},
        {CSV, "requests done", TB_OK, 20},
        {CSV, "time", TB_OK, 2},
        {CSV "\n\n", "time", TB_OK, 2},
        {CSV "3,\"30\",0", "requests done", TB_OK, 30},
        {"a;b\n1;2\n", "b", TB_OK, 2},
        {"a\tb\r\n1\t2.0\r\n", "b", TB_OK, 2},
        {"\xef\xbb\xbfn\n4\n", "n", TB_OK, 4},
        {CSV, "request", TB_NOT_FOUND, 0},
        {"n\n", "n", TB_NOT_FOUND, 0},
        {"a,b\n1\n", "b", TB_CORRUPT, 0},
        {"a,b\n1,x\n", "b", TB_CORRUPT, 0},
        {"a,b\n1,-2\n", "b", TB_CORRUPT, 0},
        {"a,b\n1,2.5\n", "b", TB_CORRUPT, 0},
        {"a,b\n1,nan\n", "b", TB_CORRUPT, 0},
        {"a,b\n\"1,2\n", "b", TB_CORRUPT, 0},
        {"", "n", TB_TRUNCATED, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_source *source = open_text(cases[i].text);
        struct tb_error error = {0};
        uint64_t found = 12345;
        const enum tb_status status = tb_work_read(source, cases[i].selector, &found, &error);
        tb_source_close(source);
        if (status != cases[i].status)
            fail_msg("'%s' in '%s': %s (%s)", cases[i].selector, cases[i].text, tb_status_name(status), error.text);
        assert_int_equal(found, status == TB_OK ? cases[i].units : 12345);
    }
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static char text[100000];
    memset(text, '[', sizeof text);
    struct tb_source *source = open_bytes(text, sizeof text);
    struct tb_error error;
    uint64_t found;
    assert_int_equal(tb_work_read(source, "/0", &found, &error), TB_CORRUPT);
    tb_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
