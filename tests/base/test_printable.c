/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/base/printable.h"

static const struct {
    const char *text, *shown;
} facts[] = {
    {"", ""},
    {"rep-01 \\ 'x' \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "rep-01 \\ 'x' \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
    {"a\x1b[31mred", "a\\x1b[31mred"},
    {"a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f"},
    {"\xC2\x9B"
     "31m",
     "\\x9b31m"}, /* the escape sequence's beginning as one character, U+009B */
    {"\xC2\xA0", "\xC2\xA0"},
    {"\xE2\x80\xAEgpj.exe", "\\u202egpj.exe"},
    {"\xE2\x81\xA6x\xE2\x81\xA9\xD8\x9C\xE2\x80\x8B\xEF\xBB\xBF", "\\u2066x\\u2069\\u061c\\u200b\\ufeff"},
    {"\xE2\x80\x8D", "\xE2\x80\x8D"}, /* joins letters and pictures: harmless */
    {"\xFF\xC3", "\\xff\\xc3"},
    {"\xED\xA0\x80", "\\xed\\xa0\\x80"}, /* half a pair of UTF-16 */
};

static void what_a_terminal_obeys_is_written_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char shown[200];
        assert_string_equal(tb_printable_text(facts[i].text, shown, sizeof shown), facts[i].shown);
    }
}

static void streams_get_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char *shown = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&shown, &size);
        tb_printable_write(stream, facts[i].text, strlen(facts[i].text));
        fclose(stream);
        assert_string_equal(shown, facts[i].shown);
        free(shown);
    }
}

static void what_does_not_fit_is_cut_whole(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *shown;
    } cuts[] = {{1, ""}, {2, "a"}, {3, "a"}, {5, "a"}, {6, "a\\x1b"}, {7, "a\\x1b"}, {8, "a\\x1b\xC3\xA9"}};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        char shown[8];
        memset(shown, 'z', sizeof shown);
        assert_string_equal(tb_printable_text("a\x1b\xC3\xA9", shown, cuts[i].size), cuts[i].shown);
        for (size_t j = cuts[i].size; j < sizeof shown; j++)
            assert_int_equal(shown[j], 'z');
    }
}

static void line_ends_are_those_of_the_format(void **state)
{
    (void)state;
    char *shown = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&shown, &size);
    tb_printable_print(stream, "\n%s: %d\n", "\nname\n", 5);
    tb_printable_print(stream, "%s", "last\n");
    tb_printable_print(stream, "\n");
    fclose(stream);
    assert_string_equal(shown, "\n\\x0aname\\x0a: 5\nlast\\x0a\n");
    free(shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_terminal_obeys_is_written_out),
        cmocka_unit_test(streams_get_the_same),
        cmocka_unit_test(what_does_not_fit_is_cut_whole),
        cmocka_unit_test(line_ends_are_those_of_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
