/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/text_source.h"

#include <math.h>
#include <string.h>

#include "twinbed/app/numbers.h"

#define JSON "{\"summary\":{\"requests\":500,\"rate\":1.5,\"a/b\":7,\"m~n\":8,\"list\":[1,2,{\"x\":3}],\"\":9}}"
#define CSV "time,\"requests done\",errors\n1,10,0\n2,20,0\n"

static struct tb_number_place place_of(enum tb_number_form form, const char *text, const char *take)
{
    struct tb_number_place place = {.form = form, .text = text};
    if (!tb_number_take_read(take, &place.take))
        fail_msg("'%s' is no choice", take);
    return place;
}

static enum tb_status read_units(struct tb_source *source, const char *selector, uint64_t *units,
                                 struct tb_error *error)
{
    const struct tb_number_place place = place_of(TB_NUMBER_VALUE, selector, "last");
    struct tb_number number = {0};
    const enum tb_status status = tb_numbers_read(source, &place, 1, &number, error);
    if (status != TB_OK)
        return status;
    tb_number_expect_units(&place, &number);
    if (number.status == TB_OK)
        *units = (uint64_t)number.value;
    return number.status;
}

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
        {"{\"most\":18446744073709551615,\"n\":5}", "/n", TB_OK, 5},
        {"{\"n\":0}", "/n", TB_OK, 0},
        {"{\"n\":9223372036854775807}", "/n", TB_OK, (uint64_t)1 << 63}, /* the nearest double */
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
        const enum tb_status status = read_units(source, cases[i].selector, &found, &error);
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
    assert_int_equal(read_units(source, "/0", &found, &error), TB_CORRUPT);
    tb_source_close(source);
}

/* A number behind what is read of a line is not "no match", and one that ends there may go on. */
static void long_lines_are_said(void **state)
{
    (void)state;
    static char text[100000];
    const struct tb_number_place place = place_of(TB_NUMBER_REGEX, "n ([0-9]+)", "last");
    for (size_t at = 60000; at < sizeof text; at += 5533) {
        struct tb_number number = {0};
        struct tb_error error;
        memset(text, ' ', sizeof text);
        memcpy(text + at, "n 12", 4);
        text[sizeof text - 1] = '\n';
        struct tb_source *source = open_bytes(text, sizeof text);
        assert_int_equal(tb_numbers_read(source, &place, 1, &number, &error), TB_OK);
        tb_source_close(source);
        assert_int_equal(number.status, at == 60000 ? TB_OK : TB_UNSUPPORTED);
    }
}

#define ROWS "ms,n\n4,1\n1,2\n3,3\n2,4\n"
#define LINES "start rate=5 x\nrate = 7\nrates 9\nrate: 1.5e1 1/s\nVmHWM:\t 12 kB\n"

/* Every form, every choice, and what is no number. value is ignored where status is not TB_OK. */
static void places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_number_form form;
        const char *at;
        const char *take;
        enum tb_status status;
        double value;
    } cases[] = {
        {ROWS, TB_NUMBER_COLUMN, "ms", "last", TB_OK, 2},
        {"t,ms\n1,5,\n", TB_NUMBER_COLUMN, "ms", "last", TB_OK, 5},
        {"t,ms,said\n1,5,\"a \"\"b, c\"\"\"\n", TB_NUMBER_COLUMN, "ms", "last", TB_OK, 5},
        {"t,ms\n1,1,234\n", TB_NUMBER_COLUMN, "ms", "last", TB_CORRUPT, 0},
        {"ms,ms\n1,5\n", TB_NUMBER_COLUMN, "ms", "last", TB_CORRUPT, 0},
        {"rate 12.75\n", TB_NUMBER_REGEX, "rate ([0-9]+)", "last", TB_CORRUPT, 0},
        {"rate 1.5e+06\n", TB_NUMBER_REGEX, "rate ([0-9.]+)", "last", TB_CORRUPT, 0},
        {"1,234 lost\n", TB_NUMBER_REGEX, "([0-9]+) lost", "last", TB_CORRUPT, 0},
        {"at -5 degrees\n", TB_NUMBER_REGEX, "([0-9]+) degrees", "last", TB_CORRUPT, 0},
        {"1,234,5\n", TB_NUMBER_REGEX, "^[^,]*,([0-9]+),", "last", TB_OK, 234},
        {"took 12.75.\n", TB_NUMBER_REGEX, "([0-9]+)\\.[0-9]", "last", TB_OK, 12},
        {"took 12, then 3 s.\n", TB_NUMBER_REGEX, "took ([0-9]+)", "last", TB_OK, 12},
        {"ops: 1 234\n", TB_NUMBER_KEY, "ops", "last", TB_CORRUPT, 0},
        {ROWS, TB_NUMBER_COLUMN, "ms", "first", TB_OK, 4},
        {ROWS, TB_NUMBER_COLUMN, "ms", "sum", TB_OK, 10},
        {ROWS, TB_NUMBER_COLUMN, "ms", "mean", TB_OK, 2.5},
        {ROWS, TB_NUMBER_COLUMN, "ms", "minimum", TB_OK, 1},
        {ROWS, TB_NUMBER_COLUMN, "ms", "maximum", TB_OK, 4},
        {ROWS, TB_NUMBER_COLUMN, "ms", "median", TB_OK, 2},
        {ROWS, TB_NUMBER_COLUMN, "ms", "p75", TB_OK, 3},
        {ROWS, TB_NUMBER_COLUMN, "ms", "p75.1", TB_OK, 4},
        {ROWS, TB_NUMBER_COLUMN, "ms", "p0", TB_OK, 1},
        {ROWS, TB_NUMBER_COLUMN, "ms", "p100", TB_OK, 4},
        {ROWS, TB_NUMBER_COLUMN, "s", "sum", TB_NOT_FOUND, 0},
        {"ms\n", TB_NUMBER_COLUMN, "ms", "p50", TB_NOT_FOUND, 0},
        {"ms\n1e16\n1\n-1e16\n", TB_NUMBER_COLUMN, "ms", "sum", TB_OK, 1},
        {"ms\n1e308\n1e308\n", TB_NUMBER_COLUMN, "ms", "sum", TB_CORRUPT, 0},
        {"ms\n1\nnan\n3\n", TB_NUMBER_COLUMN, "ms", "mean", TB_CORRUPT, 0},
        {"ms\n1\ninf\n3\n", TB_NUMBER_COLUMN, "ms", "maximum", TB_CORRUPT, 0},
        {"ms\n1\n1e999\n3\n", TB_NUMBER_COLUMN, "ms", "p99", TB_CORRUPT, 0},
        {"a,ms\n1,\n2,3\n", TB_NUMBER_COLUMN, "ms", "sum", TB_CORRUPT, 0},
        {"ms\nx\n3\n", TB_NUMBER_COLUMN, "ms", "last", TB_OK, 3},
        {"ms\n3\nx\n", TB_NUMBER_COLUMN, "ms", "last", TB_CORRUPT, 0},
        {"ms\n3\nx\n", TB_NUMBER_COLUMN, "ms", "first", TB_OK, 3},
        {"ms\nx\n3\n", TB_NUMBER_COLUMN, "ms", "first", TB_CORRUPT, 0},
        {"{\"a\":{\"p99\":-1.5}}", TB_NUMBER_JSON, "/a/p99", "last", TB_OK, -1.5},
        {"{\"a\":\"7\"}", TB_NUMBER_JSON, "/a", "last", TB_CORRUPT, 0},
        {"{\"a\":null}", TB_NUMBER_JSON, "/a", "last", TB_CORRUPT, 0},
        {"{\"a\":1}", TB_NUMBER_JSON, "/b", "last", TB_NOT_FOUND, 0},
        {LINES, TB_NUMBER_REGEX, "^rate *[:=] *([0-9.e]+)", "last", TB_OK, 15},
        {LINES, TB_NUMBER_REGEX, "^rate *[:=] *([0-9.e]+)", "first", TB_OK, 7},
        {LINES, TB_NUMBER_REGEX, "rate *[:=] *([0-9.e]+)", "sum", TB_OK, 27},
        {LINES, TB_NUMBER_REGEX, "rate *= *([0-9.e]+) x$", "last", TB_OK, 5},
        {LINES, TB_NUMBER_REGEX, "(rate)", "last", TB_CORRUPT, 0},
        {LINES, TB_NUMBER_REGEX, "start|rates ([0-9]+)", "first", TB_CORRUPT, 0},
        {LINES, TB_NUMBER_REGEX, "loss ([0-9]+)", "last", TB_NOT_FOUND, 0},
        {LINES, TB_NUMBER_KEY, "rate", "last", TB_OK, 15},
        {LINES, TB_NUMBER_KEY, "rate", "mean", TB_OK, 11},
        {LINES, TB_NUMBER_KEY, "VmHWM", "last", TB_OK, 12},
        {LINES, TB_NUMBER_KEY, "start", "last", TB_CORRUPT, 0},
        {LINES, TB_NUMBER_KEY, "ra", "last", TB_NOT_FOUND, 0},
        {"", TB_NUMBER_KEY, "a", "last", TB_TRUNCATED, 0},
        {"", TB_NUMBER_JSON, "/a", "last", TB_TRUNCATED, 0},
        {"a 1\n", TB_NUMBER_JSON, "/a", "last", TB_CORRUPT, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct tb_number_place place = place_of(cases[i].form, cases[i].at, cases[i].take);
        struct tb_source *source = open_text(cases[i].text);
        struct tb_error error = {0};
        struct tb_number number = {0};
        enum tb_status status = tb_numbers_read(source, &place, 1, &number, &error);
        tb_source_close(source);
        status = status == TB_OK ? number.status : status;
        if (status != cases[i].status || (status == TB_OK && number.value != cases[i].value))
            fail_msg("'%s' %s in '%s': %s, %g (%s%s)", cases[i].at, cases[i].take, cases[i].text,
                     tb_status_name(status), number.value, error.text, number.problem);
        if (error.text[0] == '\0' && status != TB_OK)
            assert_true(isnan(number.value) && number.problem[0] != '\0');
    }
}

/* One that is not there leaves the others alone. */
static void several_of_one_file(void **state)
{
    (void)state;
    const struct tb_number_place of[] = {place_of(TB_NUMBER_JSON, "/a", "last"), place_of(TB_NUMBER_JSON, "/z", "last"),
                                         place_of(TB_NUMBER_REGEX, "\"b\": ([0-9]+)", "last"),
                                         place_of(TB_NUMBER_KEY, "\"c\"", "last")};
    struct tb_number numbers[4];
    struct tb_error error;
    struct tb_source *source = open_text("{\"a\": 1,\n\"b\": 2,\n\"c\": 3\n}\n");
    assert_int_equal(tb_numbers_read(source, of, 4, numbers, &error), TB_OK);
    tb_source_close(source);
    assert_true(numbers[0].value == 1 && numbers[2].value == 2 && numbers[3].value == 3);
    assert_int_equal(numbers[1].status, TB_NOT_FOUND);
    struct tb_buffer buffer = {0};
    struct tb_number back;
    struct tb_archive writer = tb_archive_writer(&buffer);
    tb_number_describe(&writer, &numbers[1]);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    struct tb_archive reader = tb_archive_reader(&bytes);
    tb_number_describe(&reader, &back);
    assert_true(tb_archive_end(&reader, &bytes) && bytes.left == 0);
    assert_string_equal(back.problem, numbers[1].problem);
    tb_buffer_free(&buffer);
}

static void faults_of_places(void **state)
{
    (void)state;
    static const char *const bad[] = {"no group", "(unclosed", "(a)\\1", "((a{255}){255}){255}", "(a{1,999999999999})",
                                      ""};
    struct tb_number_take take;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (tb_number_place_fault(TB_NUMBER_REGEX, bad[i]) == NULL)
            fail_msg("'%s' is no fault", bad[i]);
    assert_null(tb_number_place_fault(TB_NUMBER_REGEX, "^([0-9]{1,3}\\.[0-9]{1,3})\\\\"));
    assert_non_null(tb_number_place_fault(TB_NUMBER_JSON, "a/b"));
    assert_null(tb_number_place_fault(TB_NUMBER_JSON, ""));
    char text[TB_NUMBER_PLACE_LENGTH + 2];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_non_null(tb_number_place_fault(TB_NUMBER_KEY, text));
    static const char *const no_choices[] = {"", "p", "p-1", "p101", "p1e1", "p1.2.3", "pinf", "average"};
    for (size_t i = 0; i < sizeof no_choices / sizeof no_choices[0]; i++)
        if (tb_number_take_read(no_choices[i], &take))
            fail_msg("'%s' is a choice", no_choices[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),  cmocka_unit_test(deep_nesting_is_refused), cmocka_unit_test(long_lines_are_said),
        cmocka_unit_test(places), cmocka_unit_test(several_of_one_file),     cmocka_unit_test(faults_of_places),
    };
    return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
