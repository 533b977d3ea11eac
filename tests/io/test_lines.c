/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/text_source.h"

#include <stdio.h>
#include <stdlib.h>

#include "twinbed/io/lines.h"

static void lines_and_their_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *joined; /* the lines, each ended by '|' */
        bool last_is_whole;
    } cases[] = {
        {"", "", true},
        {"\n", "|", true},
        {"a", "a|", false},
        {"a\n", "a|", true},
        {"a\nbc\n", "a|bc|", true},
        {"a\r\nb\r\n", "a|b|", true},
        {"a\n\n\nb", "a|||b|", false},
        {"\r\n", "|", true},
        {"a\rb\n", "a\rb|", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_source *source = open_text(cases[i].text);
        struct tb_lines lines;
        struct tb_account account;
        char joined[64] = "";
        bool whole = true;
        uint64_t expected_decoded = 0;
        assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
        for (uint64_t number = 1; tb_lines_next(&lines, NULL) == TB_OK; number++) {
            assert_int_equal(lines.number, number);
            strncat(joined, lines.text.data, lines.text.length);
            strcat(joined, "|");
            whole = lines.whole;
            if (number == 1) {
                tb_lines_take(&lines);
                const char *end = strchr(cases[i].text, '\n');
                expected_decoded = end == NULL ? strlen(cases[i].text) : (uint64_t)(end - cases[i].text) + 1;
            }
        }
        tb_lines_finish(&lines, &account);
        tb_source_close(source);
        assert_string_equal(joined, cases[i].joined);
        assert_int_equal(whole, cases[i].last_is_whole);
        assert_int_equal(account.decoded, expected_decoded);
        assert_int_equal(account.stream_bytes, strlen(cases[i].text));
        assert_true(tb_account_balances(&account));
    }
}

/* What Windows' shells write: a mark, two bytes a letter, lines that end in CR LF. */
static void marks_and_wide_letters(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *joined;
        uint64_t skipped; /* of a mark; the lines are taken */
        bool last_is_whole;
    } cases[] = {
        {"\xef\xbb\xbf"
         "ab\r\nc\n",
         9, "ab|c|", 3, true},
        {"\xff\xfe"
         "a\0b\0\r\0\n\0c\0\n\0",
         14, "ab|c|", 2, true},
        {"\xfe\xff"
         "\0a\0b\0\r\0\n\0c\0\n",
         14, "ab|c|", 2, true},
        {"a\0b\0\n\0c\0\n\0", 10, "ab|c|", 0, true},
        {"\0a\0b\0\n\0c\0\n", 10, "ab|c|", 0, true},
        {"\xff\xfe"
         "a\0\xe4\0b\1\n\0",
         10, "a??|", 2, true}, /* letters beyond ASCII */
        {"\xff\xfe"
         "a\0\x0a\x0a"
         "b\0\n\0",
         10, "a?b|", 2, true}, /* U+0A0A is no end of line */
        {"\xff\xfe"
         "a\0\n\0b\0",
         8, "a|b|", 2, false},
        {"\xff\xfe"
         "a\0\n\0b",
         7, "a||", 2, false}, /* half a letter */
        {"\xff\xfe", 2, "", 2, true},
        {"\xef\xbb\xbf", 3, "", 3, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_source *source = open_bytes(cases[i].data, cases[i].size);
        struct tb_lines lines;
        struct tb_account account;
        char joined[64] = "";
        bool whole = true;
        assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
        while (tb_lines_next(&lines, NULL) == TB_OK) {
            strncat(joined, lines.text.data, lines.text.length);
            strcat(joined, "|");
            whole = lines.whole;
            tb_lines_take(&lines);
        }
        tb_lines_finish(&lines, &account);
        tb_source_close(source);
        assert_string_equal(joined, cases[i].joined);
        assert_int_equal(whole, cases[i].last_is_whole);
        assert_int_equal(account.skipped, cases[i].skipped);
        assert_int_equal(account.decoded, cases[i].size - cases[i].skipped);
        assert_true(tb_account_balances(&account));
    }
}

/* Lines of two bytes a letter around the limit, and across the blocks of the reader. */
static void long_wide_lines(void **state)
{
    (void)state;
    static const size_t letters[] = {TB_LINE_LIMIT / 2 - 1, TB_LINE_LIMIT / 2, TB_LINE_LIMIT / 2 + 1,
                                     TB_READER_BLOCK_SIZE / 2, TB_READER_BLOCK_SIZE + 1};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        const size_t size = 2 * letters[i] + 6;
        char *text = malloc(size);
        for (size_t n = 0; n < letters[i] + 3; n++)
            memcpy(text + 2 * n, n == 0 ? "\xff\xfe" : n == letters[i] + 1 ? "\n" : "x", 2);
        struct tb_source *source = open_bytes(text, size);
        struct tb_lines lines;
        struct tb_account account;
        const size_t most = TB_LINE_LIMIT / 2;
        assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
        assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
        assert_int_equal(lines.text.length, letters[i] < most ? letters[i] : most);
        assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
        assert_true(tb_text_equals(lines.text, "x"));
        assert_int_equal(tb_lines_next(&lines, NULL), TB_END);
        tb_lines_finish(&lines, &account);
        assert_true(tb_account_balances(&account));
        tb_source_close(source);
        free(text);
    }
}

/* Around the limit, and across the blocks of the reader. */
static void long_lines(void **state)
{
    (void)state;
    static const size_t sizes[] = {TB_LINE_LIMIT - 1,        TB_LINE_LIMIT,           TB_LINE_LIMIT + 1, 300000,
                                   TB_READER_BLOCK_SIZE + 1, 3 * TB_READER_BLOCK_SIZE};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int ended = 0; ended < 2; ended++) {
            char *text = malloc(sizes[i] + 16);
            memset(text, 'x', sizes[i]);
            strcpy(text + sizes[i], ended ? "\nnext\n" : "");
            struct tb_source *source = open_text(text);
            struct tb_lines lines;
            struct tb_account account;
            assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
            assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
            assert_int_equal(lines.text.length, sizes[i] < TB_LINE_LIMIT ? sizes[i] : TB_LINE_LIMIT);
            tb_lines_take(&lines);
            assert_int_equal(tb_lines_next(&lines, NULL), ended ? TB_OK : TB_END);
            if (ended) {
                assert_true(tb_text_equals(lines.text, "next"));
                assert_int_equal(lines.offset, sizes[i] + 1);
            }
            tb_lines_finish(&lines, &account);
            assert_int_equal(account.decoded, sizes[i] + (ended ? 1 : 0));
            assert_true(tb_account_balances(&account));
            tb_source_close(source);
            free(text);
        }
    }
}

static void stopping_early_skips_the_rest(void **state)
{
    (void)state;
    struct tb_source *source = open_text("one\ntwo\nthree\n");
    struct tb_lines lines;
    struct tb_account account;
    assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
    assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
    tb_lines_take(&lines);
    tb_lines_finish(&lines, &account);
    tb_source_close(source);
    assert_int_equal(account.decoded, 4);
    assert_int_equal(account.skipped, 10);
    assert_true(tb_account_balances(&account));
}

static void whole_lines_are_given_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"one\ntw", "one\n", "o"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tb_source *source = open_text(texts[i]);
        struct tb_lines lines;
        struct tb_account account;
        assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
        if (i < 2) {
            assert_int_equal(tb_lines_next_whole(&lines, NULL), TB_OK);
            assert_true(tb_text_equals(lines.text, "one"));
        }
        assert_int_equal(tb_lines_next_whole(&lines, NULL), TB_END);
        tb_lines_finish(&lines, &account);
        tb_source_close(source);
        assert_int_equal(account.damaged, i == 0 ? 2 : i == 2);
        assert_int_equal(account.damage, i == 1 ? TB_DAMAGE_NONE : TB_DAMAGE_TRUNCATED);
        assert_true(tb_account_balances(&account));
    }
}

static void torn_last_line(void **state)
{
    (void)state;
    struct tb_source *source = open_text("one\ntw");
    struct tb_lines lines;
    struct tb_account account;
    assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
    assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
    assert_int_equal(tb_lines_next(&lines, NULL), TB_OK);
    assert_false(lines.whole);
    tb_lines_cut(&lines);
    tb_lines_finish(&lines, &account);
    tb_source_close(source);
    assert_int_equal(account.damaged, 2);
    assert_int_equal(account.damage, TB_DAMAGE_TRUNCATED);
    assert_int_equal(account.damage_offset, 4);
    assert_string_equal(account.reason, "test: ends inside line 2");
    assert_true(tb_account_balances(&account));
}

/* "abc\ndef\n" as stored gzip, cut at each byte: no half line is ever given. */
static void broken_stream(void **state)
{
    (void)state;
    static const uint8_t gzip[] = {0x1f, 0x8b, 8,    0,   0,   0,   0,    0,    0,    3,    1,    8, 0, 0xf7, 0xff, 'a',
                                   'b',  'c',  '\n', 'd', 'e', 'f', '\n', 0x20, 0xa0, 0x4f, 0x6f, 8, 0, 0,    0};
    for (size_t cut = 2; cut <= sizeof gzip; cut++) {
        struct tb_source *source = open_bytes(gzip, cut);
        struct tb_lines lines;
        struct tb_account account;
        assert_int_equal(tb_lines_start(&lines, source, NULL), TB_OK);
        size_t count = 0;
        while (tb_lines_next(&lines, NULL) == TB_OK) {
            assert_int_equal(lines.text.length, 3);
            count++;
        }
        tb_lines_finish(&lines, &account);
        tb_source_close(source);
        assert_int_equal(count, cut < 19 ? 0 : cut < 23 ? 1 : 2);
        assert_true(account.damage != TB_DAMAGE_NONE);
        assert_true(tb_account_balances(&account));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_their_bytes),
        cmocka_unit_test(marks_and_wide_letters),
        cmocka_unit_test(long_wide_lines),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(stopping_early_skips_the_rest),
        cmocka_unit_test(torn_last_line),
        cmocka_unit_test(whole_lines_are_given_alone),
        cmocka_unit_test(broken_stream),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
