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
        cmocka_unit_test(long_lines),
        cmocka_unit_test(stopping_early_skips_the_rest),
        cmocka_unit_test(torn_last_line),
        cmocka_unit_test(broken_stream),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
