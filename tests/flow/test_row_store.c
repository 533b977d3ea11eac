/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of flows leave in the order of first packets, whatever order they came in, and memory stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_model.h"
#include "flow/row_merge.h"
#include "twinbed/capture/capture.h"

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/twinbed-rows-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

/* Fails when anything is left in it. */
static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

static struct tb_flow row_of(uint64_t first_packet)
{
    return (struct tb_flow){.protocol = 6,
                            .client = {.version = 4, .port = (uint16_t)first_packet},
                            .server = {.version = 4, .port = 80},
                            .first_packet = first_packet,
                            .side[0].packets = first_packet * first_packet,
                            .side[1].detail.gap = {.count = first_packet % 3, .squares = (double)(first_packet % 3)}};
}

/* 0 .. count - 1 in an order of no order. */
static uint64_t place_of(uint64_t which, uint64_t count)
{
    return which * 7919 % count;
}

static void expect_rows(struct tb_row_store *const stores[], size_t store_count, uint64_t rows)
{
    struct tb_row_merge merge = {0};
    struct tb_packed_row row;
    for (size_t i = 0; i < store_count; i++) {
        tb_row_store_sort(stores[i]);
        assert_int_equal(tb_row_merge_add_held(&merge, stores[i], NULL), TB_OK);
        for (size_t j = 0; j < stores[i]->run_count; j++)
            assert_int_equal(tb_row_merge_add_run(&merge, stores[i], &stores[i]->runs[j], NULL), TB_OK);
    }
    for (uint64_t i = 0; i < rows; i++) {
        struct tb_flow flow = {0};
        const struct tb_flow expected = row_of(i);
        assert_int_equal(tb_row_merge_next(&merge, &row, NULL), TB_OK);
        assert_int_equal(row.first_packet, i);
        struct tb_bytes bytes = tb_bytes_packed(row.data, row.size);
        assert_true(tb_flow_unpack(&flow, &bytes));
        assert_int_equal(bytes.left, 0);
        assert_int_equal(flow.first_packet, i);
        assert_int_equal(flow.client.port, expected.client.port);
        assert_int_equal(flow.side[0].packets, expected.side[0].packets);
        assert_int_equal(flow.side[1].detail.gap.count, expected.side[1].detail.gap.count);
    }
    assert_int_equal(tb_row_merge_next(&merge, &row, NULL), TB_END);
    assert_int_equal(tb_row_merge_next(&merge, &row, NULL), TB_END);
    tb_row_merge_free(&merge);
}

static void rows_leave_in_order_from_any_number_of_levels(void **state)
{
    (void)state;
    static const struct {
        size_t rows, held_most, runs_most;
        unsigned highest_level;
    } cases[] = {
        {0, 5000, 2, 0},     {1, 5000, 2, 0},    {3, 5000, 2, 0},       {100, 5000, 64, 0},
        {100, 5000, 2, 4},   {2000, 5000, 2, 8}, {2000, 20000, 3, 3},   {20000, 6000, 4, 6},
        {20000, 9000, 9, 3}, {500, 0, 2, 8},     {5000, 1 << 30, 2, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_row_store store;
        struct tb_row_store *const stores[] = {&store};
        unsigned highest = 0;
        tb_row_store_start(&store, directory);
        store.held_most = cases[i].held_most;
        store.runs_most = cases[i].runs_most;
        for (uint64_t j = 0; j < cases[i].rows; j++) {
            const struct tb_flow row = row_of(place_of(j, cases[i].rows));
            assert_true(tb_row_store_add(&store, &row));
            assert_true(store.held.size <= cases[i].held_most || store.place_count == 1);
        }
        for (size_t j = 0; j < store.run_count; j++)
            highest = store.runs[j].level > highest ? store.runs[j].level : highest;
        assert_true(store.run_count <= (highest + 1) * (cases[i].runs_most - 1));
        if (highest > cases[i].highest_level || (cases[i].highest_level != 0 && highest == 0))
            fail_msg("case %zu: runs of level %u", i, highest);
        assert_int_equal(store.rows, cases[i].rows);
        expect_rows(stores, 1, cases[i].rows);
        tb_row_store_free(&store);
    }
}

static void without_a_directory_rows_stay_in_memory(void **state)
{
    (void)state;
    struct tb_row_store store;
    struct tb_row_store *const stores[] = {&store};
    tb_row_store_start(&store, NULL);
    store.held_most = 5000;
    for (uint64_t i = 0; i < 1000; i++) {
        const struct tb_flow row = row_of(place_of(i, 1000));
        assert_true(tb_row_store_add(&store, &row));
    }
    assert_int_equal(store.run_count, 0);
    expect_rows(stores, 1, 1000);
    tb_row_store_free(&store);
}

static void stores_are_merged(void **state)
{
    (void)state;
    enum { STORES = 5, ROWS = 3000 };
    struct tb_row_store store[STORES], *stores[STORES];
    for (size_t i = 0; i < STORES; i++) {
        tb_row_store_start(&store[i], i % 2 == 0 ? directory : NULL);
        store[i].held_most = 5000 + 3000 * i;
        store[i].runs_most = 2 + i;
        stores[i] = &store[i];
    }
    for (uint64_t i = 0; i < ROWS; i++) {
        const uint64_t place = place_of(i, ROWS);
        const struct tb_flow row = row_of(place);
        assert_true(tb_row_store_add(&store[place % 7 % STORES], &row));
    }
    expect_rows(stores, STORES, ROWS);
    for (size_t i = 0; i < STORES; i++)
        tb_row_store_free(&store[i]);
}

static void rows_that_cannot_be_kept_are_a_failure_that_stays(void **state)
{
    (void)state;
    struct tb_row_store store;
    char absent[80];
    uint64_t added = 0;
    strcat(strcpy(absent, directory), "/absent");
    tb_row_store_start(&store, absent);
    store.held_most = 5000;
    for (struct tb_flow row = row_of(0); added < 100 && tb_row_store_add(&store, &row); row = row_of(added))
        added++;
    assert_in_range(added, 1, 99);
    assert_int_equal(store.status, TB_INPUT_OUTPUT);
    assert_non_null(strstr(store.error.text, absent));
    const struct tb_flow row = row_of(1000);
    assert_false(tb_row_store_add(&store, &row));
    tb_row_store_free(&store);
}

/* A row with that number as its first packet, in ten bytes. */
static bool unpacks_with_last_byte(uint8_t last)
{
    enum { BEFORE = 1 + 2 * (1 + 4 + 2), LONGEST = 10 };
    static const uint8_t ones[LONGEST - 1] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const struct tb_flow row = row_of(1);
    struct tb_flow flow = {0};
    struct tb_buffer packed = {0}, changed = {0};
    tb_flow_pack(&row, &packed);
    tb_buffer_put(&changed, packed.data, BEFORE);
    tb_buffer_put(&changed, ones, sizeof ones);
    tb_buffer_put_u8(&changed, last);
    tb_buffer_put(&changed, packed.data + BEFORE + 1, packed.size - BEFORE - 1);
    struct tb_bytes bytes = tb_bytes_packed(changed.data, changed.size);
    const bool unpacks = tb_flow_unpack(&flow, &bytes);
    if (unpacks)
        assert_true(flow.first_packet == UINT64_MAX && bytes.left == 0);
    tb_buffer_free(&packed);
    tb_buffer_free(&changed);
    return unpacks;
}

static void integers_of_more_than_64_bits_are_no_row(void **state)
{
    (void)state;
    assert_true(unpacks_with_last_byte(0x01));
    assert_false(unpacks_with_last_byte(0x02));
    assert_false(unpacks_with_last_byte(0x03));
    assert_false(unpacks_with_last_byte(0x81));
}

static void rows_that_are_cut_off_are_none(void **state)
{
    (void)state;
    const struct tb_flow row = row_of(12345);
    struct tb_buffer packed = {0};
    tb_flow_pack(&row, &packed);
    assert_in_range(packed.size, TB_FLOW_PACKED_MIN, TB_FLOW_PACKED_MAX);
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_flow flow = {0};
        struct tb_bytes bytes = tb_bytes_packed(packed.data, size);
        assert_false(tb_flow_unpack(&flow, &bytes));
    }
    tb_buffer_free(&packed);
}

/* --- sinks --- */

struct taken {
    struct tb_buffer rows; /* packed */
    uint64_t count;
    size_t largest; /* block */
    uint64_t blocks;
    uint64_t blocks_most; /* then it fails */
};

static enum tb_status take(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct taken *const taken = context;
    if (taken->blocks == taken->blocks_most)
        return tb_error_set(error, TB_INPUT_OUTPUT, "no more blocks");
    assert_true(block->rows != 0);
    tb_buffer_put(&taken->rows, block->data, block->size);
    taken->count += block->rows;
    taken->largest = block->size > taken->largest ? block->size : taken->largest;
    taken->blocks++;
    return TB_OK;
}

static struct tb_flow_sink sink_of(struct taken *taken, const char *where)
{
    return (struct tb_flow_sink){.take = take, .context = taken, .directory = where};
}

static enum tb_status read_capture(const char *path, struct tb_flow_sink *sink, size_t threads,
                                   struct tb_capture **capture, struct tb_error *error)
{
    const struct tb_capture_request request = {.filter = NULL, .sink = sink};
    const struct tb_capture_split how = {.threads = threads, .ahead = 4 * threads, .chunk_most = 100000};
    struct tb_source *source;
    assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
    const enum tb_status status = tb_capture_read_split(source, &request, &how, NULL, capture, error);
    tb_source_close(source);
    return status;
}

static void make_capture(char *path, uint32_t flows)
{
    struct capture_model model = capture_model_default();
    struct capture_truth truth;
    snprintf(path, 96, "%s.pcap", directory);
    model.flows = flows;
    model.segments = 2;
    model.brief = true;
    assert_true(capture_generate(&model, path, &truth));
}

static void expect_taken(const struct taken *taken, const struct tb_capture *capture)
{
    struct tb_buffer expected = {0};
    for (size_t i = 0; i < capture->flow_count; i++)
        tb_flow_pack(&capture->flows[i], &expected);
    assert_int_equal(taken->count, capture->flow_count);
    assert_int_equal(taken->rows.size, expected.size);
    assert_memory_equal(taken->rows.data, expected.data, expected.size);
    tb_buffer_free(&expected);
}

/* Rows of one capture are more than a thread holds, so that some come from files. */
static void a_sink_gets_the_rows_that_a_capture_would_have(void **state)
{
    (void)state;
    char path[96];
    struct tb_capture *whole, *capture;
    make_capture(path, 25000);
    assert_int_equal(read_capture(path, NULL, 1, &whole, NULL), TB_OK);
    assert_int_equal(whole->flow_count, 25000);
    for (size_t threads = 1; threads <= 3; threads++) {
        struct taken taken = {.blocks_most = UINT64_MAX};
        struct tb_flow_sink sink = sink_of(&taken, threads == 2 ? NULL : directory);
        assert_int_equal(read_capture(path, &sink, threads, &capture, NULL), TB_OK);
        assert_int_equal(capture->flow_count, 0);
        assert_int_equal(capture->summary.flows, whole->flow_count);
        assert_false(sink.failed);
        assert_true(taken.rows.size > TB_ROWS_HELD * threads || threads > 1);
        assert_true(taken.largest < 1 << 19);
        expect_taken(&taken, whole);
        tb_buffer_free(&taken.rows);
        tb_capture_free(capture);
    }
    tb_capture_free(whole);
    unlink(path);
}

static void failures_of_a_sink_are_not_those_of_a_capture(void **state)
{
    (void)state;
    char path[96], absent[80], empty[80];
    struct tb_capture *capture;
    make_capture(path, 30000);
    strcat(strcpy(empty, directory), "/empty");
    fclose(fopen(empty, "w"));
    strcat(strcpy(absent, directory), "/absent");
    for (size_t threads = 1; threads <= 2; threads++) {
        struct taken taken = {.blocks_most = 3};
        struct tb_error error = {0};
        struct tb_flow_sink sink = sink_of(&taken, directory);
        assert_int_equal(read_capture(path, &sink, threads, &capture, &error), TB_INPUT_OUTPUT);
        assert_string_equal(error.text, "no more blocks");
        assert_true(sink.failed);
        sink = sink_of(&taken, absent);
        assert_int_equal(read_capture(path, &sink, threads, &capture, &error), TB_INPUT_OUTPUT);
        assert_non_null(strstr(error.text, absent));
        assert_true(sink.failed);
        tb_buffer_free(&taken.rows);
        taken = (struct taken){.blocks_most = 3};
        sink = sink_of(&taken, directory);
        assert_int_equal(read_capture(empty, &sink, threads, &capture, &error), TB_TRUNCATED);
        assert_false(sink.failed);
    }
    unlink(empty);
    unlink(path);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(rows_leave_in_order_from_any_number_of_levels),
        FACT(without_a_directory_rows_stay_in_memory),
        FACT(stores_are_merged),
        FACT(rows_that_cannot_be_kept_are_a_failure_that_stays),
        FACT(integers_of_more_than_64_bits_are_no_row),
        FACT(rows_that_are_cut_off_are_none),
        FACT(a_sink_gets_the_rows_that_a_capture_would_have),
        FACT(failures_of_a_sink_are_not_those_of_a_capture),
    };
    return cmocka_run_group_tests_name("row store", tests, NULL, NULL);
}
