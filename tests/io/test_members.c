/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of several members or frames, decompressed by several threads: the bytes, the account and what is said of damage are
 * those of one reader that does it alone. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fixtures/fewer_cases.h"
#include "io/packed.h"
#include "packed_writer.h"

enum { PLAIN_SIZE = 3 << 20, MOST_THREADS = 8 };

static uint8_t plain[PLAIN_SIZE];

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

/* Compresses well and badly in turns, so that blocks are of several kinds. */
static int fill_plain(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t i = 0; i < PLAIN_SIZE; i++)
        plain[i] = i / 5000 % 3 == 0 ? (uint8_t)next_random(&random) : (uint8_t)('a' + i % 7);
    return 0;
}

/* What reading to the end gave. */
struct outcome {
    enum tb_status status;
    struct tb_buffer bytes;
    struct tb_account account;
    struct tb_error error;
    struct tb_pieces pieces;
};

static struct outcome drain(const struct tb_buffer *packed, int threads, uint64_t piece, size_t step)
{
    static uint8_t data[1 << 20];
    struct outcome outcome = {.status = TB_OK};
    struct tb_source *const source = open_bytes(packed->data, packed->size);
    size_t got = 1;
    tb_source_decompress_pieces(source, threads, piece);
    while (outcome.status == TB_OK && got != 0) {
        outcome.status = tb_source_read(source, data, step, &got, &outcome.error);
        assert_true(got <= step);
        tb_buffer_put(&outcome.bytes, data, got);
        tb_source_account(source, &outcome.account);
        assert_int_equal(outcome.account.consumed + outcome.account.left, packed->size);
    }
    assert_int_equal(tb_source_read(source, data, step, &got, NULL), TB_OK);
    assert_int_equal(got, 0);
    outcome.pieces = tb_packed_pieces(tb_source_packed(source));
    tb_source_close(source);
    return outcome;
}

static void assert_same(const struct outcome *outcome, const struct outcome *alone)
{
    assert_int_equal(outcome->status, alone->status);
    assert_int_equal(outcome->bytes.size, alone->bytes.size);
    if (alone->bytes.size != 0)
        assert_memory_equal(outcome->bytes.data, alone->bytes.data, alone->bytes.size);
    assert_int_equal(outcome->account.consumed, alone->account.consumed);
    assert_int_equal(outcome->account.left, alone->account.left);
    if (alone->status != TB_OK)
        assert_string_equal(outcome->error.text, alone->error.text);
}

/* The pieces of one way, which must give what a reader alone gets. */
static struct tb_pieces same_in_pieces(const struct tb_buffer *packed, const struct outcome *alone, int threads,
                                       uint64_t piece, size_t step)
{
    struct outcome outcome = drain(packed, threads, piece, step);
    assert_same(&outcome, alone);
    tb_buffer_free(&outcome.bytes);
    return outcome.pieces;
}

/* Several numbers of threads, sizes of pieces and reads. Returns what a reader alone gets, without the bytes. */
static struct outcome same_for_all(const struct tb_buffer *packed)
{
    static const int threads[] = {1, 2, 3, MOST_THREADS};
    static const uint64_t pieces[] = {1, 1000, 50000, 256 << 10};
    static const size_t steps[] = {1 << 20, 4099, 100000};
    struct outcome alone = drain(packed, 0, 0, 777);
    size_t turn = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        same_in_pieces(packed, &alone, 0, 0, steps[i]);
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++)
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i += 1 + FEWER / 10)
            same_in_pieces(packed, &alone, threads[t], pieces[i], steps[turn++ % 3]);
    tb_buffer_free(&alone.bytes);
    return alone;
}

/* The whole of plain, in members of some bytes. */
static void append_members(struct tb_buffer *packed, append_function *append, size_t size, size_t member)
{
    packed->size = 0;
    for (size_t done = 0; done < size; done += member)
        append(packed, plain + done, member < size - done ? member : size - done);
}

static append_function *const all_kinds[] = {append_gzip, append_bgzf, append_stored_gzip, append_zstd,
                                             append_stored_zstd};
enum { KINDS = sizeof all_kinds / sizeof all_kinds[0] };

static void every_kind_and_size_of_member(void **state)
{
    (void)state;
    static const size_t sizes[] = {PLAIN_SIZE, 1 << 20, 300001, 65280, 5003};
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            append_members(&packed, all_kinds[i], PLAIN_SIZE, sizes[j]);
            const struct outcome outcome = same_for_all(&packed);
            assert_int_equal(outcome.status, TB_OK);
            assert_int_equal(outcome.account.consumed, packed.size);
        }
    tb_buffer_free(&packed);
}

/* That threads share the work at all, and that what was guessed right is not done twice. */
static void members_are_shared(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++) {
        append_members(&packed, all_kinds[i], PLAIN_SIZE, 60000);
        struct outcome alone = drain(&packed, 0, 0, 1 << 20);
        struct tb_source *const source = open_bytes(packed.data, packed.size);
        assert_true(tb_source_has_members(source));
        tb_source_close(source);
        const struct tb_pieces pieces = same_in_pieces(&packed, &alone, 3, 1, 1 << 20);
        assert_int_equal(pieces.taken, (PLAIN_SIZE + 59999) / 60000);
        assert_int_equal(pieces.repeated, 0);
        tb_buffer_free(&alone.bytes);
    }
    append_members(&packed, append_gzip, PLAIN_SIZE, PLAIN_SIZE);
    struct tb_source *const source = open_bytes(packed.data, packed.size);
    assert_false(tb_source_has_members(source));
    tb_source_close(source);
    tb_buffer_free(&packed);
}

/* Stored data that are members themselves, at every distance from what is searched: guesses that are wrong. */
static void members_that_hold_members(void **state)
{
    (void)state;
    static append_function *const outer[] = {append_stored_gzip, append_bgzf, append_stored_zstd};
    static append_function *const inner[] = {append_gzip, append_bgzf, append_zstd};
    struct tb_buffer packed = {0}, within = {0};
    uint64_t repeated = 0;
    for (size_t i = 0; i < 3; i++)
        for (size_t shift = 0; shift < 80; shift += FEWER) {
            within.size = packed.size = 0;
            for (size_t j = 0; j < 20; j++) {
                append_plain(&within, plain, shift);
                inner[i](&within, plain + 100 * j, 500);
            }
            for (size_t j = 0; j < 4; j++) {
                outer[i](&packed, within.data, within.size);
                outer[i](&packed, plain, shift);
            }
            struct outcome alone = drain(&packed, 0, 0, 1 << 20);
            assert_int_equal(alone.status, TB_OK);
            for (int threads = 2; threads <= 4; threads++)
                repeated += same_in_pieces(&packed, &alone, threads, 1 + 37 * shift, 1 << 20).repeated;
            tb_buffer_free(&alone.bytes);
        }
    assert_true(repeated > 0);
    tb_buffer_free(&within);
    tb_buffer_free(&packed);
}

/* Headers alone, with nothing behind them that fits. */
static void members_full_of_headers(void **state)
{
    (void)state;
    static const uint8_t gzip[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 5, 0x29, 0, 0};
    static uint8_t payload[40000];
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < 2; i++)
        for (size_t period = 10; period < 26; period += 1 + FEWER / 4) {
            memset(payload, 0x5a, sizeof payload);
            for (size_t at = 0; at + period <= sizeof payload; at += period)
                memcpy(payload + at, i == 0 ? gzip : zstd, i == 0 ? sizeof gzip : sizeof zstd);
            packed.size = 0;
            for (size_t j = 0; j < 6; j++)
                (i == 0 ? append_stored_gzip : append_stored_zstd)(&packed, payload, sizeof payload - j);
            struct outcome alone = drain(&packed, 0, 0, 1 << 20);
            assert_int_equal(alone.status, TB_OK);
            assert_true(same_in_pieces(&packed, &alone, 3, 1, 1 << 20).repeated > 0);
            same_in_pieces(&packed, &alone, 8, 30000, 5000);
            tb_buffer_free(&alone.bytes);
        }
    tb_buffer_free(&packed);
}

static void empty_members_and_skipped_frames(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++) {
        packed.size = 0;
        for (size_t j = 0; j < 40; j++) {
            for (size_t empty = 0; empty < j % 4; empty++)
                all_kinds[i](&packed, plain, 0);
            all_kinds[i](&packed, plain + 2000 * j, 2000);
        }
        all_kinds[i](&packed, plain, 0);
        assert_int_equal(same_for_all(&packed).status, TB_OK);
    }
    packed.size = 0;
    for (size_t j = 0; j < 40; j++) {
        append_skippable(&packed, plain, j * j * 100);
        (j % 2 == 0 ? append_zstd : append_stored_zstd)(&packed, plain + 2000 * j, 2000);
        append_skippable(&packed, "four", 4);
    }
    const struct outcome outcome = same_for_all(&packed);
    assert_int_equal(outcome.status, TB_OK);
    assert_int_equal(outcome.account.consumed, packed.size);
    /* A file that ends with a frame which is to be skipped, and does not. */
    packed.size -= 2;
    assert_int_equal(same_for_all(&packed).status, TB_TRUNCATED);
    tb_buffer_free(&packed);
}

static void ten_thousand_tiny_members(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++) {
        append_members(&packed, all_kinds[i], 50000, 5);
        struct outcome alone = drain(&packed, 0, 0, 1 << 20);
        assert_int_equal(alone.bytes.size, 50000);
        assert_int_equal(same_in_pieces(&packed, &alone, 2, 1, 1 << 20).taken, 10000);
        same_in_pieces(&packed, &alone, 8, 10000, 999);
        tb_buffer_free(&alone.bytes);
    }
    tb_buffer_free(&packed);
}

static void bytes_behind_the_members(void **state)
{
    (void)state;
    static const char *const tails[] = {"x",          "trash",        "\x1f",
                                        "\x1f\x8bno", "\x28\xb5\x2f", "\x50\x2a\x4d\x18\xff\xff\xff"};
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < sizeof tails / sizeof tails[0]; j++) {
            append_members(&packed, all_kinds[i], 100000, 30000);
            const size_t whole = packed.size;
            append_plain(&packed, tails[j], strlen(tails[j]));
            append_plain(&packed, plain, j % 2 == 0 ? 0 : 3000);
            const struct outcome outcome = same_for_all(&packed);
            assert_int_not_equal(outcome.status, TB_OK);
            assert_int_equal(outcome.account.consumed, whole);
        }
    tb_buffer_free(&packed);
}

static void cut_anywhere(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    uint32_t random = 7;
    for (size_t i = 0; i < KINDS; i++) {
        append_members(&packed, all_kinds[i], 4000, 1000);
        for (struct tb_buffer cut = {.data = packed.data, .size = 10}; cut.size < packed.size; cut.size += FEWER) {
            struct outcome alone = drain(&cut, 0, 0, 1 << 20);
            same_in_pieces(&cut, &alone, 2 + (int)(cut.size % 2), 1, 1 << 20);
            tb_buffer_free(&alone.bytes);
        }
        append_members(&packed, all_kinds[i], 1 << 20, 90001);
        for (size_t j = 0; j < 60 / FEWER; j++) {
            const struct tb_buffer cut = {.data = packed.data, .size = 10 + next_random(&random) % packed.size};
            if (cut.size > packed.size)
                continue;
            struct outcome alone = drain(&cut, 0, 0, 1 << 20);
            same_in_pieces(&cut, &alone, 2 + (int)(j % 7), 1 + next_random(&random) % 100000, 70000);
            tb_buffer_free(&alone.bytes);
        }
    }
    tb_buffer_free(&packed);
}

static void broken_in_the_third_member(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < 3; i++) { /* those that end in a check sum */
        packed.size = 0;
        all_kinds[i](&packed, plain, 60000);
        all_kinds[i](&packed, plain + 60000, 60000);
        const size_t before = packed.size;
        all_kinds[i](&packed, plain + 120000, 60000);
        packed.data[packed.size - 6] ^= 1;
        for (size_t j = 0; j < 10; j++)
            all_kinds[i](&packed, plain + 60000 * j, 60000);
        const struct outcome outcome = same_for_all(&packed);
        assert_int_equal(outcome.status, TB_CORRUPT);
        assert_int_equal(outcome.account.consumed, before);
        assert_non_null(strstr(outcome.error.text, "broken gzip data"));
    }
    tb_buffer_free(&packed);
}

/* Broken so that ISA-L refuses a copy, whose bytes nobody has written: they are not given. */
static void copy_that_is_refused(void **state)
{
    (void)state;
    static uint8_t data[1 << 20];
    struct tb_buffer packed = {0};
    append_members(&packed, append_stored_gzip, 700000, 90001);
    packed.data[65550] ^= 2;
    for (size_t i = 0; i < 2; i++) {
        struct tb_source *const source = open_bytes(packed.data, packed.size);
        size_t got;
        memset(data, (int)(0x80 + i), sizeof data);
        assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_CORRUPT);
        assert_in_range(got, 1, 65535);
        assert_memory_equal(data, plain, got);
        tb_source_close(source);
    }
    tb_buffer_free(&packed);
}

static void any_byte_broken(void **state)
{
    (void)state;
    struct tb_buffer packed = {0};
    uint32_t random = 99;
    for (size_t i = 0; i < KINDS; i++) {
        append_members(&packed, all_kinds[i], 700000, 90001);
        for (size_t j = 0; j < 150 / FEWER; j++) {
            const size_t at = 10 + next_random(&random) % (packed.size - 10);
            const uint8_t change = (uint8_t)(1u << j % 8);
            packed.data[at] ^= change;
            struct outcome alone = drain(&packed, 0, 0, 1000);
            same_in_pieces(&packed, &alone, 0, 0, 1 << 20);
            same_in_pieces(&packed, &alone, 1, 1, 300000);
            same_in_pieces(&packed, &alone, 2 + (int)(j % 3), 1 + next_random(&random) % 100000, 1 << 20);
            tb_buffer_free(&alone.bytes);
            packed.data[at] ^= change;
        }
    }
    tb_buffer_free(&packed);
}

/* Sizes and windows that are said to be huge, and extra fields that lie. */
static void huge_declared_sizes(void **state)
{
    (void)state;
    static const uint8_t frames[][20] = {
        {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 255, 255, 255, 255, 255, 255, 255, 127, 0x29, 0, 0, 'h', 'e', 'l', 'p'},
        {0x28, 0xb5, 0x2f, 0xfd, 0xa0, 255, 255, 255, 255, 0x29, 0, 0, 'h', 'e', 'l', 'l', 'o'},
        {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x29, 0, 0, 'h', 'e', 'l', 'l', 'o'},
        {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x29, 0, 0, 'h', 'e', 'l', 'l', 'o'},
        {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0xfd, 0xff, 0xff, 'h', 'e', 'l', 'l', 'o'},
        {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 255, 255, 'B', 'C', 2, 0, 255, 255, 3, 0},
        {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 'B', 'C', 2, 0, 0, 0, 3, 0},
        {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 4, 0, 'X', 'X', 255, 255, 3, 0}};
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        append_function *const append = frames[i][0] == 0x28 ? append_zstd : append_gzip;
        append_members(&packed, append, 200000, 50000);
        append_plain(&packed, frames[i], sizeof frames[i]);
        for (size_t j = 0; j < 4; j++)
            append(&packed, plain, 50000);
        same_for_all(&packed);
    }
    tb_buffer_free(&packed);
}

/* More than any decompressor may hold: all but the first wait, and go on when the reader comes. */
static void members_larger_than_what_may_wait(void **state)
{
    (void)state;
    enum { LARGE = 20 << 20 };
    uint8_t *const large = calloc(1, LARGE);
    assert_non_null(large);
    struct tb_buffer packed = {0};
    static append_function *const appends[] = {append_gzip, append_zstd};
    for (size_t i = 0; i < 2; i++) {
        packed.size = 0;
        for (size_t j = 0; j < 4; j++)
            appends[i](&packed, large, LARGE - j);
        struct outcome alone = drain(&packed, 0, 0, 1 << 20);
        assert_int_equal(alone.bytes.size, 4 * LARGE - 6);
        assert_int_equal(same_in_pieces(&packed, &alone, 3, 1, 1 << 20).taken, 4);
        tb_buffer_free(&alone.bytes);
    }
    tb_buffer_free(&packed);
    free(large);
}

/* A reader that has enough leaves threads that search, decompress, wait for room, or have nothing to do. */
static void closed_early(void **state)
{
    (void)state;
    static uint8_t data[70000];
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++) {
        append_members(&packed, all_kinds[i], PLAIN_SIZE, 100000);
        for (size_t reads = 0; reads < 50; reads += 1 + reads / 2) {
            struct tb_source *const source = open_bytes(packed.data, packed.size);
            size_t got = 1;
            tb_source_decompress_pieces(source, 4, 1 + 50000 * (reads % 3));
            for (size_t j = 0; j < reads && got > 0; j++)
                assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_OK);
            if (reads % 4 == 1)
                usleep(2000);
            tb_source_close(source);
        }
    }
    tb_buffer_free(&packed);
}

/* A file that is shorter than it was when it was opened. */
static void file_that_shrinks(void **state)
{
    (void)state;
    static uint8_t data[1 << 20];
    struct tb_buffer packed = {0};
    for (size_t i = 0; i < KINDS; i++)
        for (int threads = 0; threads <= 3; threads++) {
            append_members(&packed, all_kinds[i], 1 << 20, 100000);
            char path[] = "members-XXXXXX";
            const int file = mkstemp(path);
            assert_true(file >= 0);
            assert_int_equal(write(file, packed.data, packed.size), (ssize_t)packed.size);
            struct tb_source *source;
            assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
            /* Where a member ends. */
            append_members(&packed, all_kinds[i], 500000, 100000);
            assert_int_equal(ftruncate(file, (off_t)packed.size), 0);
            close(file);
            unlink(path);
            tb_source_decompress_pieces(source, threads, 1);
            size_t got = 1, size = 0;
            while (got != 0) {
                assert_int_equal(tb_source_read(source, data, sizeof data, &got, NULL), TB_OK);
                size += got;
            }
            assert_int_equal(size, 500000);
            tb_source_close(source);
        }
    tb_buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_and_size_of_member),
        cmocka_unit_test(members_are_shared),
        cmocka_unit_test(members_that_hold_members),
        cmocka_unit_test(members_full_of_headers),
        cmocka_unit_test(empty_members_and_skipped_frames),
        cmocka_unit_test(ten_thousand_tiny_members),
        cmocka_unit_test(bytes_behind_the_members),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(broken_in_the_third_member),
        cmocka_unit_test(copy_that_is_refused),
        cmocka_unit_test(any_byte_broken),
        cmocka_unit_test(huge_declared_sizes),
        cmocka_unit_test(members_larger_than_what_may_wait),
        cmocka_unit_test(closed_early),
        cmocka_unit_test(file_that_shrinks),
    };
    return cmocka_run_group_tests_name("members", tests, fill_plain, NULL);
}
