/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/text_source.h"

#include <stdlib.h>

enum { SIZE = 3 * TB_READER_BLOCK_SIZE + 12345 };

static uint8_t *stream;

static int make_stream(void **state)
{
    (void)state;
    stream = malloc(SIZE);
    for (size_t i = 0; stream != NULL && i < SIZE; i++)
        stream[i] = (uint8_t)(i * 2654435761u >> 13);
    return stream == NULL;
}

static int free_stream(void **state)
{
    (void)state;
    free(stream);
    return 0;
}

/* Records of odd sizes across all block limits: no byte is lost or doubled. */
static void records_of_odd_sizes(void **state)
{
    (void)state;
    static const size_t records[] = {1,
                                     7,
                                     4099,
                                     65537,
                                     TB_READER_BLOCK_SIZE - 1,
                                     TB_READER_BLOCK_SIZE,
                                     TB_READER_BLOCK_SIZE + 1,
                                     2 * TB_READER_BLOCK_SIZE + 3};
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct tb_source *source = open_bytes(stream, SIZE);
        struct tb_reader reader;
        assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
        uint64_t offset = 0;
        while (tb_reader_need(&reader, records[i], NULL) == TB_OK) {
            assert_int_equal(reader.offset, offset);
            assert_memory_equal(reader.data, stream + offset, records[i]);
            tb_reader_pass(&reader, records[i]);
            offset += records[i];
        }
        assert_int_equal(reader.available, SIZE - offset);
        assert_memory_equal(reader.data, stream + offset, reader.available);
        assert_int_equal(reader.stream_status, TB_END);
        assert_int_equal(tb_reader_need(&reader, reader.available + 1, NULL), TB_END);
        tb_reader_finish(&reader);
        tb_source_close(source);
    }
}

static void need_pass_and_skip_mixed(void **state)
{
    (void)state;
    uint32_t random = 12345;
    for (int round = 0; round < 20; round++) {
        struct tb_source *source = open_bytes(stream, SIZE);
        struct tb_reader reader;
        assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
        uint64_t offset = 0;
        while (offset < SIZE) {
            random = random * 1664525 + 1013904223;
            const uint64_t amount = random >> (8 + random % 20);
            const uint64_t left = SIZE - offset;
            if (random & 64) {
                const uint64_t skipped = tb_reader_skip(&reader, amount);
                assert_int_equal(skipped, amount < left ? amount : left);
                offset += skipped;
            } else {
                const enum tb_status status = tb_reader_need(&reader, amount % 100000, NULL);
                assert_int_equal(status, amount % 100000 <= left ? TB_OK : TB_END);
                const size_t step = status == TB_OK ? amount % 100000 : reader.available;
                assert_memory_equal(reader.data, stream + offset, step);
                tb_reader_pass(&reader, step);
                offset += step;
            }
            assert_int_equal(reader.offset, offset);
        }
        assert_int_equal(tb_reader_skip(&reader, 1), 0);
        tb_reader_finish(&reader);
        tb_source_close(source);
    }
}

static void skip_of_everything(void **state)
{
    (void)state;
    struct tb_source *source = open_bytes(stream, SIZE);
    struct tb_reader reader;
    assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
    assert_int_equal(tb_reader_skip(&reader, UINT64_MAX), SIZE);
    assert_int_equal(reader.stream_status, TB_END);
    assert_int_equal(tb_reader_need(&reader, 0, NULL), TB_OK);
    assert_int_equal(tb_reader_need(&reader, 1, NULL), TB_END);
    tb_reader_finish(&reader);
    tb_source_close(source);
}

/* A record that lies about its length costs no more than what is there. */
static void a_lie_about_length(void **state)
{
    (void)state;
    struct tb_source *source = open_bytes(stream, 1000);
    struct tb_reader reader;
    assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
    assert_int_equal(tb_reader_need(&reader, SIZE_MAX, NULL), TB_END);
    assert_int_equal(reader.available, 1000);
    assert_true(reader.capacity <= 4096); /* not the block that a long file gets */
    tb_reader_finish(&reader);
    tb_source_close(source);
}

static void empty_stream(void **state)
{
    (void)state;
    struct tb_source *source = open_bytes("", 0);
    struct tb_reader reader;
    assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
    assert_int_equal(tb_reader_need(&reader, 1, NULL), TB_END);
    assert_int_equal(reader.available, 0);
    assert_int_equal(tb_reader_skip(&reader, 5), 0);
    tb_reader_finish(&reader);
    tb_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_odd_sizes), cmocka_unit_test(need_pass_and_skip_mixed),
        cmocka_unit_test(skip_of_everything),   cmocka_unit_test(a_lie_about_length),
        cmocka_unit_test(empty_stream),
    };
    return cmocka_run_group_tests_name("reader", tests, make_stream, free_stream);
}
