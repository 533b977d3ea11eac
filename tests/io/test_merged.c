/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that become one text, line by line: against texts that were put together by hand. */
#include "packed_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES_MOST = 3000, PATH_SIZE = 64 };

static char directory[24];

/* Files of one test. */
struct set {
    char paths[FILES_MOST][PATH_SIZE], heads[FILES_MOST][16];
    const char *path_list[FILES_MOST], *head_list[FILES_MOST];
    size_t count;
    size_t bytes;
};

static struct set set;

static int begin(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/merged.XXXXXX");
    set.count = set.bytes = 0;
    return mkdtemp(directory) == NULL;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < set.count; i++)
        unlink(set.paths[i]);
    return rmdir(directory);
}

static void add(const void *data, size_t size)
{
    const size_t i = set.count++;
    snprintf(set.paths[i], PATH_SIZE, "%s/%zu", directory, i);
    snprintf(set.heads[i], sizeof set.heads[i], "%zu ", i);
    set.path_list[i] = set.paths[i];
    set.head_list[i] = set.heads[i];
    set.bytes += size;
    FILE *const file = fopen(set.paths[i], "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static void add_text(const char *text)
{
    add(text, strlen(text));
}

/* A number at the beginning of the line. */
static bool key_of(const uint8_t *line, size_t size, uint64_t *key)
{
    size_t digits = 0;
    uint64_t number = 0;
    for (; digits < size && line[digits] >= '0' && line[digits] <= '9'; digits++)
        number = number * 10 + (uint64_t)(line[digits] - '0');
    if (digits > 0)
        *key = number;
    return digits > 0;
}

static enum tb_status open_set(struct tb_source **source, struct tb_error *error)
{
    const struct tb_merged_request request = {.paths = set.path_list,
                                              .heads = set.head_list,
                                              .count = set.count,
                                              .key = key_of,
                                              .without_key = " begins with no number",
                                              .cut = "|\n"};
    return tb_source_open_merged(&request, source, error);
}

static void expect(struct tb_source *source, const char *expected, size_t piece)
{
    char *const data = malloc(piece);
    const size_t size = strlen(expected);
    size_t at = 0, got = 1;
    while (got > 0) {
        assert_int_equal(tb_source_read(source, data, piece, &got, NULL), TB_OK);
        assert_true(at + got <= size);
        assert_memory_equal(data, expected + at, got);
        at += got;
    }
    assert_int_equal(at, size);
    struct tb_account account = {0};
    tb_source_account(source, &account);
    assert_true(account.compressed);
    assert_int_equal(account.file_bytes, set.bytes);
    assert_int_equal(account.consumed, set.bytes);
    assert_int_equal(account.left, 0);
    free(data);
}

/* In pieces of several sizes, and by a second source. */
static void expect_text(const char *expected)
{
    static const size_t pieces[] = {1, 3, 1 << 20};
    struct tb_source *source, *again;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        assert_int_equal(open_set(&source, NULL), TB_OK);
        assert_int_equal(tb_source_compression(source), TB_COMPRESSION_MERGED);
        assert_string_equal(tb_source_name(source), set.paths[0]);
        assert_int_equal(tb_source_open_again(source, &again, NULL), TB_OK);
        expect(source, expected, pieces[i]);
        tb_source_close(source);
        expect(again, expected, pieces[i]);
        tb_source_close(again);
    }
}

static void lines_stand_in_the_order_of_their_keys(void **state)
{
    (void)state;
    add_text("1 a\n5 b\n5 c\n");
    add_text("");
    add_text("2 d\nnone\n\n5 e\n3 back\n");
    add_text("5 f\n6 g");
    add_text("5 h");
    expect_text("0 1 a\n2 2 d\n2 none\n2 \n0 5 b\n0 5 c\n2 5 e\n2 3 back\n3 5 f\n4 5 h|\n3 6 g|\n");
}

static void nothing_is_an_empty_text(void **state)
{
    (void)state;
    add_text("");
    add_text("");
    expect_text("");
}

static void lines_may_be_longer_than_what_is_held(void **state)
{
    (void)state;
    enum { LONG = 700000 };
    char *const text = malloc(LONG + 32), *const expected = malloc(2 * LONG);
    memset(text, 'x', LONG);
    memcpy(text, "10 ", 3);
    strcpy(text + LONG, "\n30 y\n");
    add_text(text);
    add_text("5 a\n20 b\n");
    sprintf(expected, "1 5 a\n0 %.*s\n1 20 b\n0 30 y\n", LONG, text);
    struct tb_source *source;
    assert_int_equal(open_set(&source, NULL), TB_OK);
    expect(source, expected, 4099);
    tb_source_close(source);
    free(text);
    free(expected);
}

/* More than a process may have open. */
static void thousands_of_files(void **state)
{
    (void)state;
    enum { LINES = 300 };
    struct rlimit limit, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = 16;
    char text[LINES * 24];
    for (int i = 0; i < FILES_MOST; i++) {
        int used = 0;
        for (int line = 0; line < LINES; line++)
            used += sprintf(text + used, "%d ............\n", line * FILES_MOST + i * 7 % FILES_MOST);
        add_text(text);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct tb_source *source;
    struct tb_reader reader;
    assert_int_equal(open_set(&source, NULL), TB_OK);
    assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
    for (int line = 0; line < LINES * FILES_MOST; line++) {
        assert_int_equal(tb_reader_need(&reader, 4, NULL), TB_OK);
        (void)tb_reader_need(&reader, 64, NULL);
        char *behind;
        const long file = strtol((const char *)reader.data, &behind, 10);
        assert_int_equal(strtol(behind, &behind, 10), line);
        assert_int_equal(line % FILES_MOST, file * 7 % FILES_MOST);
        tb_reader_pass(&reader, (size_t)((const uint8_t *)strchr(behind, '\n') - reader.data) + 1);
    }
    assert_int_equal(tb_reader_need(&reader, 1, NULL), TB_END);
    tb_reader_finish(&reader);
    tb_source_close(source);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void a_file_that_begins_without_a_key_is_refused(void **state)
{
    (void)state;
    struct tb_source *source;
    struct tb_error error;
    char expected[2 * PATH_SIZE];
    add_text("1 a\n");
    add_text("what is this\n2 b\n");
    assert_int_equal(open_set(&source, &error), TB_UNSUPPORTED);
    snprintf(expected, sizeof expected, "%s begins with no number", set.paths[1]);
    assert_string_equal(error.text, expected);
}

static void a_file_that_becomes_shorter_or_goes_away_is_an_error(void **state)
{
    (void)state;
    enum { SIZE = 600000 };
    char *const text = malloc(SIZE + 1);
    for (int i = 0; i < SIZE / 4; i++)
        memcpy(text + 4 * (size_t)i, "1 a\n", 4);
    add(text, SIZE);
    add_text("0 b\n");
    for (int gone = 0; gone < 2; gone++) {
        struct tb_source *source;
        size_t got;
        assert_int_equal(open_set(&source, NULL), TB_OK);
        assert_int_equal(gone ? unlink(set.paths[0]) : truncate(set.paths[0], 270000), 0);
        assert_int_equal(tb_source_read_fully(source, text, SIZE, &got, NULL), gone ? TB_NOT_FOUND : TB_INPUT_OUTPUT);
        assert_true(got > 0);
        tb_source_close(source);
    }
    free(text);
}

static void compressed_files_count_with_the_others(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    append_gzip(&packed, "1 a\n3 c\n5", 9);
    add(packed.data, packed.size);
    add_text("2 b\n4 d\n");
    expect_text("0 1 a\n1 2 b\n0 3 c\n1 4 d\n0 5|\n");
    struct tb_source *source;
    char data[64];
    size_t got;
    assert_int_equal(truncate(set.paths[0], (off_t)packed.size - 6), 0);
    assert_int_equal(open_set(&source, NULL), TB_OK);
    assert_int_equal(tb_source_read_fully(source, data, sizeof data, &got, NULL), TB_TRUNCATED);
    assert_memory_equal(data, "0 1 a\n1 2 b\n0 3 c\n", 18);
    tb_source_close(source);
    for (int i = 0; i < TB_MERGED_COMPRESSED_MOST; i++)
        add(packed.data, packed.size);
    assert_int_equal(open_set(&source, NULL), TB_UNSUPPORTED);
    tb_buffer_free(&packed);
}

/* What is there of a file comes as it would in the whole; where it ends in a line that is said. */
static void files_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "10 a\n20 b\nmore\n40 c\n";
    add_text(text);
    add_text("5 x\n30 y\n50 z\n");
    for (size_t size = sizeof text - 1; size-- > 0;) {
        char expected[96] = "1 5 x\n";
        bool between = false;
        for (size_t at = 0, length; at < size; at += length) {
            const char *const newline = memchr(text + at, '\n', size - at);
            length = newline == NULL ? size - at : (size_t)(newline - text) + 1 - at;
            if (!between && text[at] == '4' && length > 1) {
                strcat(expected, "1 30 y\n");
                between = true;
            }
            sprintf(expected + strlen(expected), "0 %.*s%s", (int)length, text + at, newline == NULL ? "|\n" : "");
        }
        /* Of the last line's key only the first digit is there. */
        strcat(expected, between ? "1 50 z\n" : "1 30 y\n1 50 z\n");
        assert_int_equal(truncate(set.paths[0], (off_t)size), 0);
        set.bytes = size + strlen("5 x\n30 y\n50 z\n");
        if (size == 1) /* "1" comes before 5 */
            strcpy(expected, "0 1|\n1 5 x\n1 30 y\n1 50 z\n");
        expect_text(expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_stand_in_the_order_of_their_keys, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_an_empty_text, begin, end),
        cmocka_unit_test_setup_teardown(lines_may_be_longer_than_what_is_held, begin, end),
        cmocka_unit_test_setup_teardown(thousands_of_files, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_begins_without_a_key_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_becomes_shorter_or_goes_away_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(files_may_be_cut_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(compressed_files_count_with_the_others, begin, end),
    };
    return cmocka_run_group_tests_name("merged", tests, NULL, NULL);
}
