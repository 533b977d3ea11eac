/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of calls, counted in windows and intervals, gives bit for bit what the trace itself gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/fewer_cases.h"
#include "fixtures/kept_list.h"
#include "fixtures/turn_writer.h"

static const unsigned orders[] = {1, 2, 3, 5};
static const struct tb_process_selector selectors[] = {
    {.name = "ab", .pid = -1},   {.name = "ab", .pid = 100},     {.name = "sh", .pid = -1},
    {.name = "curl", .pid = -1}, {.name = "apache2", .pid = -1}, {.name = "ab", .pid = -1, .arguments = "-n 10"}};

enum { SELECTORS = sizeof selectors / sizeof selectors[0], WINDOWS = 4 };

static const struct tb_window windows[WINDOWS] = {{0, 20}, {7, 100}, {50, TB_WINDOW_WHOLE}, {3, 1}};
static const uint64_t intervals[SELECTORS] = {30, 0, 7, 1, UINT64_MAX, 100};

/* Windows that differ between sequences. */
static struct tb_window own_windows[SELECTORS * WINDOWS];

static struct tb_trace_request request_of(unsigned vocabulary)
{
    return (struct tb_trace_request){.selectors = selectors,
                                     .selector_count = SELECTORS,
                                     .orders = orders,
                                     .order_count = 4,
                                     .vocabulary = vocabulary};
}

/* The same in cuts of four kinds: none; windows of all, windows of each, intervals. */
static struct tb_trace_request cut_request(unsigned vocabulary, int kind)
{
    struct tb_trace_request request = request_of(vocabulary);
    request.window_count = kind == 1 || kind == 2 ? WINDOWS : 0;
    request.windows = windows;
    request.selector_windows = kind == 2 ? own_windows : NULL;
    request.interval = kind == 0 ? NULL : intervals;
    return request;
}

/* Decodes a trace; list may be NULL. */
static struct tb_trace *decode(const void *data, size_t size, struct tb_trace_request request, struct kept_list *list)
{
    const struct tb_call_sink sink = {.take = kept_list_take, .context = list};
    struct tb_source *source;
    struct tb_trace *trace;
    request.calls = list == NULL ? NULL : &sink;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read(source, &request, &trace, NULL), TB_OK);
    tb_source_close(source);
    return trace;
}

static struct tb_buffer pack(struct tb_trace *trace)
{
    struct tb_buffer packed = {0};
    tb_trace_pack(trace, &packed);
    tb_trace_free(trace);
    return packed;
}

static void expect_same_bytes(struct tb_buffer first, struct tb_buffer second)
{
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    tb_buffer_free(&first);
    tb_buffer_free(&second);
}

static void expect_same_cut(const void *data, size_t size, struct kept_list *list,
                            const struct tb_trace_request *request)
{
    struct tb_trace *recounted, *unpacked;
    struct tb_trace *const decoded = decode(data, size, *request, NULL);
    tb_trace_keep_cuts(decoded);
    assert_int_equal(kept_list_recount(list, request, &recounted), TB_OK);
    struct tb_buffer packed = pack(recounted);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_trace_unpack(&unpacked, &bytes) && bytes.left == 0);
    expect_same_bytes(pack(unpacked), pack(decoded));
    tb_buffer_free(&packed);
}

static void make_own_windows(void)
{
    for (size_t i = 0; i < SELECTORS * WINDOWS; i++)
        own_windows[i] = (struct tb_window){.skip = random_below(90), .limit = random_below(200)};
}

/* A list made when the trace is read as a whole serves for every cut, and so does one made when it is read in cuts. */
static void expect_same(const void *data, size_t size)
{
    make_own_windows();
    for (unsigned vocabulary = 0; vocabulary < TB_VOCABULARIES; vocabulary++) {
        struct kept_list list = {.most = SIZE_MAX}, again = {.most = SIZE_MAX};
        struct tb_trace_request whole = request_of(vocabulary);
        whole.thread_groups = true;
        expect_same_bytes(pack(decode(data, size, whole, &list)), pack(decode(data, size, whole, NULL)));
        tb_trace_free(decode(data, size, cut_request(vocabulary, 2), &again));
        for (int kind = 0; kind < 4; kind++) {
            const struct tb_trace_request request = cut_request(vocabulary, kind);
            expect_same_cut(data, size, &list, &request);
            expect_same_cut(data, size, &again, &request);
        }
        kept_list_forget(&list);
        kept_list_forget(&again);
    }
}

static void a_list_counts_as_its_trace_does(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        random_state = 31 + seed;
        struct scap_writer writer = write_turns(seed % 3 == 0 ? 0 : 2, seed % 4 == 1, 20 + random_below(600));
        if (seed % 5 == 0)
            put_sections(&writer);
        expect_same(writer.data, writer.size - (seed % 7 == 0 ? 5 : 0));
        scap_writer_free(&writer);
    }
}

/* Losses between the calls of a life, before its first, and where another life's calls come between. */
static void losses_are_kept(void **state)
{
    (void)state;
    for (int apart = 1; apart < 9; apart++) {
        struct scap_writer writer = scap_writer_start(2, false);
        put_lists(&writer);
        for (int i = 0; i < 120; i++) {
            if (i % apart == 0)
                scap_put_event(&writer, DROP_END, 0, "d", 1);
            scap_put_event(&writer, i % 3 == 0 ? WRITE_EXIT : READ_EXIT, 100 + i / 40 + i % 2, "qs", (int64_t)4,
                           "data");
        }
        expect_same(writer.data, writer.size);
        scap_writer_free(&writer);
    }
}

/* More symbols than one byte numbers. */
static void many_columns(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    for (int i = 0; i < 900; i++)
        scap_put_generic(&writer, 100 + i % 3, 0, 1000 + i * 7 % 300);
    expect_same(writer.data, writer.size);
    scap_writer_free(&writer);
}

static struct scap_writer write_long(void)
{
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    for (int i = 0; i < 250000; i++)
        scap_put_event(&writer, i % 5 == 0 ? WRITE_EXIT : READ_EXIT, 100 + i % 3, "qs", (int64_t)4, "data");
    return writer;
}

static void a_list_of_several_blocks(void **state)
{
    (void)state;
    struct kept_list list = {.most = SIZE_MAX};
    struct tb_trace *trace;
    struct scap_writer writer = write_long();
    const struct tb_trace_request request = cut_request(0, 1);
    tb_trace_free(decode(writer.data, writer.size, request_of(0), &list));
    assert_true(list.count >= 2);
    expect_same_cut(writer.data, writer.size, &list, &request);
    /* The last block is absent; the first is; one is there twice. */
    list.count--;
    assert_int_equal(kept_list_recount(&list, &request, &trace), TB_NOT_FOUND);
    list.count++;
    const struct tb_buffer first = list.blocks[0];
    list.blocks[0] = list.blocks[1];
    assert_int_equal(kept_list_recount(&list, &request, &trace), TB_NOT_FOUND);
    list.blocks[0] = first;
    const struct tb_buffer second = list.blocks[1];
    list.blocks[1] = first;
    assert_int_equal(kept_list_recount(&list, &request, &trace), TB_NOT_FOUND);
    list.blocks[1] = second;
    kept_list_forget(&list);
    scap_writer_free(&writer);
}

static void a_list_that_nobody_takes_harms_nothing(void **state)
{
    (void)state;
    struct scap_writer writer = write_long();
    for (size_t most = 0; most < 2; most++) {
        struct kept_list list = {.most = most};
        struct tb_trace *trace;
        const struct tb_trace_request request = request_of(0);
        expect_same_bytes(pack(decode(writer.data, writer.size, request, &list)),
                          pack(decode(writer.data, writer.size, request, NULL)));
        assert_int_equal(list.count, most);
        assert_int_equal(kept_list_recount(&list, &request, &trace), TB_NOT_FOUND);
        kept_list_forget(&list);
    }
    scap_writer_free(&writer);
}

/* A list cut anywhere is none, and no byte of it, whatever it is, leads astray. */
static void a_broken_list_is_none(void **state)
{
    (void)state;
    random_state = 3;
    struct kept_list list = {.most = SIZE_MAX};
    struct tb_trace *trace;
    struct scap_writer writer = write_turns(2, false, 300);
    const struct tb_trace_request request = cut_request(TB_VOCABULARY_OUTCOME, 1);
    tb_trace_free(decode(writer.data, writer.size, request, &list));
    assert_int_equal(list.count, 1);
    struct tb_buffer *const block = &list.blocks[0];
    const size_t size = block->size;
    for (block->size = 0; block->size < size; block->size += FEWER)
        assert_int_equal(kept_list_recount(&list, &request, &trace), TB_NOT_FOUND);
    size_t held = 0;
    for (int i = 0; i < 20000 / FEWER; i++) {
        const size_t at = random_below((uint32_t)size);
        const uint8_t right = block->data[at];
        block->data[at] ^= (uint8_t)(1 + random_below(255));
        if (kept_list_recount(&list, &request, &trace) == TB_OK) {
            tb_trace_free(trace);
            held++;
        }
        block->data[at] = right;
    }
    print_message("%zu bytes, %zu of %d changed lists can be counted\n", size, held, 20000 / FEWER);
    struct tb_trace_request fewer = request;
    fewer.selector_count--;
    assert_int_equal(kept_list_recount(&list, &fewer, &trace), TB_NOT_FOUND);
    kept_list_forget(&list);
    scap_writer_free(&writer);
}

/* Columns and lives are numbered by each chunk for itself; what is lost at a border is lost in the list. */
static void chunks_make_one_list(void **state)
{
    (void)state;
    struct tb_source *source;
    struct tb_trace *trace;
    for (uint32_t seed = 0; seed < 12; seed++) {
        random_state = 8 + seed;
        struct scap_writer writer = write_turns(seed % 3 == 0 ? 0 : 2, seed % 4 == 1, 500);
        for (size_t threads = 1; threads <= 3; threads++) {
            struct kept_list list = {.most = SIZE_MAX};
            const struct tb_call_sink sink = {.take = kept_list_take, .context = &list};
            const struct tb_split how = {.threads = threads, .ahead = threads - 1, .gap = 5000, .chunk_most = 5000};
            struct tb_chunk_outcome outcome;
            struct tb_trace_request request = request_of(TB_VOCABULARY_OUTCOME);
            request.calls = &sink;
            assert_int_equal(tb_source_open_memory(writer.data, writer.size, "written", &source, NULL), TB_OK);
            assert_int_equal(tb_trace_read_split(source, &request, &how, &outcome, &trace, NULL), TB_OK);
            tb_source_close(source);
            tb_trace_free(trace);
            for (int kind = 0; kind < 4; kind++) {
                const struct tb_trace_request cut = cut_request(TB_VOCABULARY_OUTCOME, kind);
                expect_same_cut(writer.data, writer.size, &list, &cut);
            }
            kept_list_forget(&list);
        }
        scap_writer_free(&writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_counts_as_its_trace_does),
        cmocka_unit_test(losses_are_kept),
        cmocka_unit_test(many_columns),
        cmocka_unit_test(a_list_of_several_blocks),
        cmocka_unit_test(a_list_that_nobody_takes_harms_nothing),
        cmocka_unit_test(a_broken_list_is_none),
        cmocka_unit_test(chunks_make_one_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
