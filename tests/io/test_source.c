/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/fewer_cases.h"
#include "packed_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PLAIN_SIZE = 700000, PACKED_SIZE = 1 << 20 };

static uint8_t plain[PLAIN_SIZE];

/* Compresses well and badly in turns, so that blocks are of several kinds. */
static int fill_plain(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < PLAIN_SIZE; i++) {
        random = random * 1664525 + 1013904223;
        plain[i] = i / 5000 % 3 == 0 ? (uint8_t)(random >> 24) : (uint8_t)('a' + i % 7);
    }
    return 0;
}

/* Decompressors in threads of their own; all must be the same. */
static int ahead;

/* With threads a source takes longer to open than to read: every seventh case, and fewer under sanitizers. */
static size_t few(void)
{
    return (ahead == 0 ? 1 : 7) * (size_t)FEWER;
}

/* What reading to the end gave. */
struct outcome {
    enum tb_status status; /* TB_OK at a good end */
    uint64_t size;
    struct tb_account account;
    struct tb_error error;
};

/* Reads with a step, checking the bytes against plain, and that consumed and
 * left are the whole file at each step. */
static struct outcome drain(struct tb_source *source, size_t step)
{
    static uint8_t data[PLAIN_SIZE + 64];
    struct outcome outcome = {.status = TB_OK};
    tb_source_read_ahead(source, ahead);
    for (size_t calls = 0;; calls++) {
        size_t got = 0;
        assert_true(calls < 10 * PLAIN_SIZE);
        outcome.status = tb_source_read(source, data, step, &got, &outcome.error);
        assert_true(got <= step && outcome.size + got <= PLAIN_SIZE);
        assert_memory_equal(data, plain + outcome.size, got);
        outcome.size += got;
        tb_source_account(source, &outcome.account);
        if (outcome.account.compressed)
            assert_int_equal(outcome.account.consumed + outcome.account.left, outcome.account.file_bytes);
        if (outcome.status != TB_OK || got == 0)
            break;
    }
    if (outcome.status != TB_OK) { /* and it stays at its end */
        size_t got = 1;
        struct tb_error error;
        assert_int_equal(tb_source_read(source, data, step, &got, &error), TB_OK);
        assert_int_equal(got, 0);
    }
    tb_source_close(source);
    return outcome;
}

static struct tb_source *open_as_file(const void *data, size_t size)
{
    char path[] = "source-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, data, size), (ssize_t)size);
    close(file);
    struct tb_source *source;
    struct tb_error error;
    assert_int_equal(tb_source_open(path, &source, &error), TB_OK);
    unlink(path);
    return source;
}

static void every_kind_from_memory_and_file(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        append_function *append;
    } kinds[] = {{"plain", append_plain}, {"gzip", append_gzip}, {"zstd", append_zstd}};
    static const size_t steps[] = {1, 4099, 65536, PLAIN_SIZE};
    static struct tb_buffer packed;
    for (size_t i = 0; i < 3; i++) {
        packed.size = 0;
        kinds[i].append(&packed, plain, PLAIN_SIZE);
        for (size_t j = 0; j < 8; j++) {
            struct tb_source *source =
                j % 2 == 0 ? open_bytes(packed.data, packed.size) : open_as_file(packed.data, packed.size);
            assert_string_equal(tb_compression_name(tb_source_compression(source)), kinds[i].name);
            const struct outcome outcome = drain(source, steps[j / 2]);
            assert_int_equal(outcome.status, TB_OK);
            assert_int_equal(outcome.size, PLAIN_SIZE);
            assert_int_equal(outcome.account.file_bytes, packed.size);
            assert_int_equal(outcome.account.compressed, i > 0);
            assert_int_equal(outcome.account.consumed, i > 0 ? packed.size : 0);
            assert_int_equal(outcome.account.left, 0);
        }
    }
}

static void several_members_and_frames(void **state)
{
    (void)state;
    static struct tb_buffer packed;
    append_function *const appends[] = {append_gzip, append_zstd};
    for (size_t i = 0; i < 2; i++) {
        packed.size = 0;
        appends[i](&packed, plain, 1);
        appends[i](&packed, plain, 0);
        appends[i](&packed, plain + 1, 300000);
        appends[i](&packed, plain + 300001, PLAIN_SIZE - 300001);
        appends[i](&packed, plain, 0);
        const struct outcome outcome = drain(open_bytes(packed.data, packed.size), 5001);
        assert_int_equal(outcome.status, TB_OK);
        assert_int_equal(outcome.size, PLAIN_SIZE);
        assert_int_equal(outcome.account.consumed, packed.size);
    }
}

/* All that a cut stream holds is given, then TRUNCATED; a cut further on never gives less. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    static struct tb_buffer packed;
    append_function *const appends[] = {append_gzip, append_zstd};
    for (size_t i = 0; i < 2; i++) {
        packed.size = 0;
        appends[i](&packed, plain, 6000);
        const size_t first = packed.size;
        appends[i](&packed, plain + 6000, 5000);
        uint64_t before = 0;
        for (size_t cut = 4; cut < packed.size; cut += few()) {
            const struct outcome outcome = drain(open_bytes(packed.data, cut), 777);
            assert_int_equal(outcome.status, cut == first ? TB_OK : TB_TRUNCATED);
            assert_true(outcome.size >= before);
            assert_int_equal(outcome.account.consumed, cut < first ? 0 : first);
            assert_true(cut < first || outcome.size >= 6000);
            before = outcome.size;
        }
        /* A member ends in a check sum: cut inside it, every byte was given.
         * A zstd frame without one ends in data. */
        if (i == 0 && ahead == 0)
            assert_int_equal(before, 11000);
    }
}

static void bytes_behind_the_stream(void **state)
{
    (void)state;
    static struct tb_buffer packed;
    static const char *const tails[] = {"x", "trash", "\x1f", "\x1f\x8bno", "\x28\xb5\x2f"};
    append_function *const appends[] = {append_gzip, append_zstd};
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof tails / sizeof tails[0]; j++) {
            packed.size = 0;
            appends[i](&packed, plain, 50000);
            const size_t whole = packed.size;
            append_plain(&packed, tails[j], strlen(tails[j]));
            const struct outcome outcome = drain(open_bytes(packed.data, packed.size), 1000);
            /* The first bytes of another member may be one that is cut. */
            if (outcome.status != TB_TRUNCATED || j < 2)
                assert_int_equal(outcome.status, TB_CORRUPT);
            assert_int_equal(outcome.size, 50000);
            assert_int_equal(outcome.account.consumed, whole);
            assert_int_equal(outcome.account.left, strlen(tails[j]));
        }
    }
}

static void broken_check_sum(void **state)
{
    (void)state;
    static struct tb_buffer packed;
    packed.size = 0;
    append_gzip(&packed, plain, 50000);
    for (size_t back = 1; back <= 8; back++) { /* check sum and length end a member */
        packed.data[packed.size - back] ^= 1;
        const struct outcome outcome = drain(open_bytes(packed.data, packed.size), 1000);
        assert_int_equal(outcome.status, TB_CORRUPT);
        assert_int_equal(outcome.size, 50000);
        assert_int_equal(outcome.account.consumed, 0);
        assert_non_null(strstr(outcome.error.text, "test: broken gzip data"));
        packed.data[packed.size - back] ^= 1;
    }
}

/* No flipped bit makes the decoders hang or run away. Data may differ before
 * the check sum is seen, so only sizes are looked at. */
static void any_bit_flipped(void **state)
{
    (void)state;
    static struct tb_buffer packed;
    static uint8_t data[1 << 16];
    append_function *const appends[] = {append_gzip, append_zstd};
    for (size_t i = 0; i < 2; i++) {
        packed.size = 0;
        appends[i](&packed, plain, 3000);
        for (size_t bit = 32; bit < 8 * packed.size; bit += 3 * few()) {
            packed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct tb_source *source = open_bytes(packed.data, packed.size);
            struct tb_error error;
            size_t got, calls = 0;
            tb_source_read_ahead(source, ahead);
            while (tb_source_read(source, data, sizeof data, &got, &error) == TB_OK && got != 0)
                assert_true(++calls < 1000);
            struct tb_account account;
            tb_source_account(source, &account);
            assert_int_equal(account.consumed + account.left, packed.size);
            tb_source_close(source);
            packed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void small_and_empty_files(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t size;
    } cases[] = {{"", 0}, {"\x1f", 1}, {"\x28\xb5", 2}, {"abc", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_source *source = open_as_file(cases[i].data, cases[i].size);
        char data[8];
        size_t got;
        assert_int_equal(tb_source_compression(source), TB_COMPRESSION_NONE);
        assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_OK);
        assert_int_equal(got, cases[i].size);
        assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_OK);
        assert_int_equal(got, 0);
        tb_source_close(source);
    }
    struct tb_source *source = open_bytes(NULL, 0);
    char byte;
    size_t got = 1;
    assert_int_equal(tb_source_read(source, &byte, 1, &got, NULL), TB_OK);
    assert_int_equal(got, 0);
    tb_source_close(source);
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    struct tb_source *source;
    struct tb_error error;
    assert_int_equal(tb_source_open("no/such/file", &source, &error), TB_NOT_FOUND);
    assert_non_null(strstr(error.text, "no/such/file"));
    assert_int_equal(tb_source_open(".", &source, &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, "not a regular file"));
    assert_int_equal(tb_source_open("", &source, &error), TB_NOT_FOUND);
    char path[] = "pipe-XXXXXX";
    assert_non_null(mkdtemp(path));
    char pipe[32];
    snprintf(pipe, sizeof pipe, "%s/p", path);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(tb_source_open(pipe, &source, &error), TB_INPUT_OUTPUT);
    unlink(pipe);
    rmdir(path);
    tb_source_close(NULL);
}

/* The first bytes of any stream, for which little of a compressed file is used. */
static void only_a_beginning(void **state)
{
    (void)state;
    enum { WANTED = 16 << 10 };
    static append_function *const kinds[] = {append_plain, append_gzip, append_zstd};
    static struct tb_buffer packed;
    static uint8_t data[WANTED];
    for (size_t i = 0; i < 3; i++) {
        packed.size = 0;
        kinds[i](&packed, plain, PLAIN_SIZE);
        char path[] = "source-XXXXXX";
        const int file = mkstemp(path);
        assert_int_equal(write(file, packed.data, packed.size), (ssize_t)packed.size);
        close(file);
        struct tb_source *source;
        struct tb_account account;
        size_t got = 0;
        assert_int_equal(tb_source_open_beginning(path, WANTED, &source, NULL), TB_OK);
        assert_int_equal(tb_source_read_fully(source, data, WANTED, &got, NULL), TB_OK);
        assert_int_equal(got, WANTED);
        assert_memory_equal(data, plain, WANTED);
        tb_source_account(source, &account);
        if (kinds[i] == append_gzip)
            assert_in_range(account.consumed, 1, 2 * WANTED);
        tb_source_close(source);
        unlink(path);
    }
}

static void what_may_not_be_read(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root may read everything\n");
        skip();
    }
    char path[] = "secret-XXXXXX";
    const int file = mkstemp(path);
    assert_int_equal(fchmod(file, 0), 0);
    close(file);
    struct tb_source *source;
    struct tb_error error;
    assert_int_equal(tb_source_open(path, &source, &error), TB_INPUT_OUTPUT);
    unlink(path);
}

/* A reader that has enough leaves a decompressor that waits for room, or has just begun, or is done. */
static void closed_early(void **state)
{
    (void)state;
    static uint8_t much[16 << 20], data[70000];
    static uint8_t packed[PACKED_SIZE];
    const size_t size = ZSTD_compress(packed, sizeof packed, much, sizeof much, 1);
    assert_false(ZSTD_isError(size));
    for (size_t reads = 0; reads < 300; reads += 1 + reads / 2) {
        struct tb_source *source = open_bytes(packed, size);
        size_t got = 1;
        tb_source_read_ahead(source, 1 + (int)reads % 3);
        for (size_t i = 0; i < reads && got > 0; i++)
            assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_OK);
        if (reads % 4 == 1)
            usleep(2000);
        tb_source_close(source);
    }
}

/* The files repeat the first four bytes; one is cut off within them. */
static void several_files(void **state)
{
    (void)state;
    static const char *const texts[] = {"HEADone", "HEADtwo", "HEA", "HEADthree"};
    char paths[(sizeof texts / sizeof texts[0])][64];
    const char *list[(sizeof texts / sizeof texts[0])];
    for (size_t i = 0; i < (sizeof texts / sizeof texts[0]); i++) {
        snprintf(paths[i], sizeof paths[i], "joined-%ld-%zu", (long)getpid(), i);
        FILE *file = fopen(paths[i], "w");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
        list[i] = paths[i];
    }
    static const char expected[] = "HEADonetwothree";
    struct tb_source *source, *again;
    assert_int_equal(tb_source_open_files(list, (sizeof texts / sizeof texts[0]), 4, &source, NULL), TB_OK);
    assert_int_equal(tb_source_size(source), sizeof expected - 1);
    assert_int_equal(tb_source_compression(source), TB_COMPRESSION_NONE);
    assert_int_equal(tb_source_open_again(source, &again, NULL), TB_OK);
    struct tb_reader reader;
    assert_int_equal(tb_reader_start(&reader, again, NULL), TB_OK);
    for (size_t at = sizeof expected; at-- > 0;) {
        tb_reader_seek(&reader, at);
        assert_int_equal(tb_reader_need(&reader, sizeof expected - 1 - at, NULL), TB_OK);
        assert_memory_equal(reader.data, expected + at, sizeof expected - 1 - at);
        assert_int_equal(tb_reader_need(&reader, sizeof expected - at, NULL), TB_END);
    }
    tb_reader_finish(&reader);
    tb_source_close(again);
    assert_int_equal(truncate(paths[1], 5), 0);
    char data[32];
    size_t got = 0, all = 0;
    enum tb_status status = TB_OK;
    do {
        status = tb_source_read(source, data, sizeof data, &got, NULL);
        all += got;
    } while (status == TB_OK && got != 0);
    assert_int_equal(status, TB_INPUT_OUTPUT);
    assert_int_equal(all, 8);
    tb_source_close(source);
    for (size_t i = 0; i < (sizeof texts / sizeof texts[0]); i++)
        unlink(paths[i]);
    assert_int_equal(tb_source_open_files(list, (sizeof texts / sizeof texts[0]), 4, &source, NULL), TB_NOT_FOUND);
}

static void a_look_leaves_the_source_where_it_is(void **state)
{
    (void)state;
    static const char text[] = "twelve bytes";
    char seen[32];
    struct tb_source *source;
    size_t got = 0;
    assert_int_equal(tb_source_open_memory(text, 12, "memory", &source, NULL), TB_OK);
    assert_int_equal(tb_source_look(source, seen, 6, &got, NULL), TB_OK);
    assert_int_equal(got, 6);
    assert_memory_equal(seen, "twelve", 6);
    assert_int_equal(tb_source_read_fully(source, seen, sizeof seen, &got, NULL), TB_OK);
    assert_int_equal(got, 12);
    assert_memory_equal(seen, text, 12);
    assert_int_equal(tb_source_read_fully(source, seen, sizeof seen, &got, NULL), TB_OK);
    assert_int_equal(got, 0);
    tb_source_close(source);
}

static int run(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_from_memory_and_file),
        cmocka_unit_test(several_members_and_frames),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(bytes_behind_the_stream),
        cmocka_unit_test(broken_check_sum),
        cmocka_unit_test(any_bit_flipped),
        cmocka_unit_test(closed_early),
        cmocka_unit_test(small_and_empty_files),
        cmocka_unit_test(several_files),
        cmocka_unit_test(what_cannot_be_opened),
        cmocka_unit_test(a_look_leaves_the_source_where_it_is),
        cmocka_unit_test(what_may_not_be_read),
        cmocka_unit_test(only_a_beginning),
    };
    return cmocka_run_group_tests_name(name, tests, fill_plain, NULL);
}

int main(void)
{
    int failed = run("source");
    ahead = 1;
    failed += run("source, read ahead");
    ahead = 3;
    return failed + run("source, decompressed by several threads");
}
