/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace that is cut and decoded in chunks gives, bit for bit, what one decoder gives, and so does its list of calls. */
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
#include "twinbed/trace/trace.h"

static const unsigned orders[] = {1, 2, 3, 5};
static const struct tb_process_selector selectors[] = {
    {.name = "ab", .pid = -1},   {.name = "ab", .pid = 100},     {.name = "sh", .pid = -1},
    {.name = "curl", .pid = -1}, {.name = "apache2", .pid = -1}, {.name = "ab", .pid = -1, .arguments = "-n 10"}};
static const struct tb_window windows[] = {{0, 20}, {7, 100}, {50, TB_WINDOW_WHOLE}, {3, 1}};

enum { SELECTORS = sizeof selectors / sizeof selectors[0] };

static const uint64_t intervals[SELECTORS] = {30, 0, 7, 1, UINT64_MAX, 100};

/* Windows with states of calls alone; then every vocabulary, with and without what is counted in subtotals. */
static const struct tb_trace_request requests[] = {
    {.selectors = selectors,
     .selector_count = SELECTORS,
     .orders = orders,
     .order_count = 4,
     .windows = windows,
     .window_count = 4},
    {.selectors = selectors,
     .selector_count = SELECTORS,
     .orders = orders,
     .order_count = 4,
     .vocabulary = TB_VOCABULARY_OUTCOME | TB_VOCABULARY_DESCRIPTOR,
     .thread_groups = true,
     .interval = intervals},
    {.selectors = selectors,
     .selector_count = SELECTORS,
     .orders = orders,
     .order_count = 4,
     .vocabulary = TB_VOCABULARY_DESCRIPTOR,
     .thread_groups = true},
};
enum { REQUESTS = sizeof requests / sizeof requests[0] };

/* The one that read_cut makes. */
static const struct tb_trace_request *request = requests;

/* What was joined and repeated in all cuts of one file. */
static struct tb_chunk_outcome tally;

static struct tb_buffer read_cut(const void *data, size_t size, const struct tb_split *how)
{
    struct tb_source *source;
    struct tb_trace *trace;
    struct tb_buffer packed = {0};
    struct tb_chunk_outcome outcome = {0};
    struct kept_list list = {.most = SIZE_MAX};
    const struct tb_call_sink sink = {.take = kept_list_take, .context = &list};
    struct tb_trace_request listed = *request;
    listed.calls = &sink;
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read_split(source, &listed, how, &outcome, &trace, NULL), TB_OK);
    assert_true(tb_account_balances(&trace->account));
    tb_trace_pack(trace, &packed);
    tb_trace_free(trace);
    tb_source_close(source);
    kept_list_pack(&list, request, &packed);
    tally.committed += outcome.committed;
    tally.repeated += outcome.repeated;
    return packed;
}

static void expect_same(const void *data, size_t size, const struct tb_buffer *whole, const struct tb_split *how)
{
    struct tb_buffer packed = read_cut(data, size, how);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu threads, %zu chunks ahead, %llu to %llu bytes, %llu to warm up: another result", how->threads,
                 how->ahead, (unsigned long long)how->gap, (unsigned long long)how->chunk_most,
                 (unsigned long long)how->warm_up);
    tb_buffer_free(&packed);
}

static struct tb_buffer read_whole(const void *data, size_t size)
{
    tally = (struct tb_chunk_outcome){0};
    return read_cut(data, size, &(struct tb_split){.threads = 1});
}

/* Segments from less than a block to all of the file, in steps that grow. */
static void expect_same_at_all_sizes_of(const void *data, size_t size, size_t step)
{
    struct tb_buffer whole = read_whole(data, size);
    for (size_t segment = 4; segment < size + step; segment += step + segment / (FEWER == 1 ? 16 : 3))
        for (size_t threads = 1; threads <= 3; threads++)
            expect_same(data, size, &whole,
                        &(struct tb_split){.threads = threads,
                                           .ahead = 1 + segment / 4 % 5,
                                           .gap = segment,
                                           .chunk_most = segment * (1 + segment / 20 % 3),
                                           .warm_up = 1 + segment % 700});
    tb_buffer_free(&whole);
}

static void expect_same_at_all_sizes(const void *data, size_t size, size_t step)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        request = &requests[i];
        expect_same_at_all_sizes_of(data, size, step * REQUESTS);
    }
    request = requests;
}

static void expect_same_at_random_cuts(const void *data, size_t size, size_t cuts, uint32_t warm_up)
{
    struct tb_buffer wholes[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++) {
        request = &requests[i];
        wholes[i] = read_whole(data, size);
    }
    for (size_t done = 0, files = 0; done < cuts; files++) {
        request = &requests[files % REQUESTS];
        const uint64_t gap = 1 + random_below((uint32_t)(size / (1 + random_below(20))));
        const struct tb_split how = {.threads = 1 + random_below(4),
                                     .ahead = 1 + random_below(9),
                                     .gap = gap,
                                     .chunk_most = gap * (1 + random_below(4)),
                                     .warm_up = 1 + random_below(warm_up)};
        expect_same(data, size, &wholes[files % REQUESTS], &how);
        done += size / how.gap + 1;
    }
    for (size_t i = 0; i < REQUESTS; i++)
        tb_buffer_free(&wholes[i]);
    request = requests;
}

static void every_chunk_size_gives_the_same(void **state)
{
    (void)state;
    for (int style = 0; style < 4; style++) {
        random_state = (uint32_t)style + 1;
        struct scap_writer writer = write_turns(style < 2 ? 0 : 2, style % 2 == 1, 250);
        expect_same_at_all_sizes(writer.data, writer.size, 36 * FEWER);
        print_message("style %d: %zu bytes, %llu chunks committed, %llu repeated\n", style, writer.size,
                      (unsigned long long)tally.committed, (unsigned long long)tally.repeated);
        assert_true(tally.committed > 0);
        scap_writer_free(&writer);
    }
}

/* A life without a call so far has nothing to lose: what it begins with after the loss is a first state. */
static void a_loss_before_the_first_call(void **state)
{
    (void)state;
    for (int losses = 1; losses <= 2; losses++) {
        struct scap_writer writer = scap_writer_start(2, false);
        put_lists(&writer);
        for (int i = 0; i < 60; i++)
            scap_put_event(&writer, READ_EXIT, 103, "qs", (int64_t)4, "data");
        for (int i = 0; i < losses; i++)
            scap_put_event(&writer, DROP_END, 0, "d", 1);
        for (int i = 0; i < 60; i++) {
            scap_put_event(&writer, i % 3 == 0 ? WRITE_EXIT : READ_EXIT, 100 + i % 3, "qs", (int64_t)4, "data");
            if (i == 30 && losses == 2)
                scap_put_event(&writer, DROP_END, 0, "d", 1);
        }
        expect_same_at_all_sizes(writer.data, writer.size, 52);
        assert_true(tally.committed > 0);
        scap_writer_free(&writer);
    }
}

static void random_traces_give_the_same(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 60 / FEWER; seed++) {
        random_state = 77 + seed;
        struct scap_writer writer = write_turns(seed % 3 == 0 ? 0 : 2, false, 40 + random_below(900));
        expect_same_at_random_cuts(writer.data, writer.size, 200, 2000);
        scap_writer_free(&writer);
    }
}

static void blocks_inside_data_do_not_mislead(void **state)
{
    (void)state;
    struct scap_writer writer = write_blocks_inside_data();
    expect_same_at_random_cuts(writer.data, writer.size, 10000 / FEWER, 40000);
    assert_true(tally.repeated > 0);
    assert_true(tally.committed > 0 || FEWER > 1); /* about one in 500 here: a tenth of the cuts may hold none */
    print_message("%llu chunks committed, %llu repeated\n", (unsigned long long)tally.committed,
                  (unsigned long long)tally.repeated);
    scap_writer_free(&writer);
}

static void a_giant_record_over_many_chunks(void **state)
{
    (void)state;
    random_state = 6;
    struct scap_writer writer = write_turns(2, false, 100);
    uint8_t *const body = calloc(1, 600000);
    for (size_t i = 0; i + 12 < 600000; i += 12) {
        const uint32_t words[3] = {0x216, 64, 64};
        memcpy(body + i, words, sizeof words);
    }
    append_block(&writer, 0x220, body, 600000);
    append_block(&writer, 0x216, body, 400000);
    free(body);
    int64_t born = 150;
    for (int i = 0; i < 200; i++)
        put_turn(&writer, 100 + random_below(5), &born);
    struct tb_buffer whole = read_whole(writer.data, writer.size);
    for (size_t segment = 8000; segment < writer.size; segment += segment / 2)
        expect_same(
            writer.data, writer.size, &whole,
            &(struct tb_split){.threads = 2, .ahead = 3, .gap = segment, .chunk_most = segment, .warm_up = 100});
    tb_buffer_free(&whole);
    scap_writer_free(&writer);
}

static void several_sections_and_damage(void **state)
{
    (void)state;
    random_state = 7;
    struct scap_writer writer = write_turns(2, false, 150);
    put_sections(&writer);
    expect_same_at_all_sizes(writer.data, writer.size, 52);
    expect_same_at_all_sizes(writer.data, writer.size - 7, 1212);
    for (int i = 0; i < 30; i++) {
        writer.data[28 + random_below((uint32_t)writer.size - 28)] ^= (uint8_t)(1 + random_below(255));
        expect_same_at_random_cuts(writer.data, writer.size - random_below(40), 300, 2000);
    }
    scap_writer_free(&writer);
}

/* All of a file, decompressed. */
static uint8_t *load(const char *path, size_t *size)
{
    struct tb_source *source;
    struct tb_reader reader;
    *size = 0;
    if (tb_source_open(path, &source, NULL) != TB_OK)
        return NULL;
    assert_int_equal(tb_reader_start(&reader, source, NULL), TB_OK);
    (void)!tb_reader_fill(&reader, 64 << 20, NULL);
    uint8_t *const data = malloc(reader.available + 1);
    *size = reader.available;
    memcpy(data, reader.data, reader.available);
    tb_reader_finish(&reader);
    tb_source_close(source);
    return data;
}

static void check_recorded(const char *path, uint64_t *joined)
{
    size_t size;
    uint8_t *const data = load(path, &size);
    if (data == NULL)
        return;
    random_state = 9;
    struct tb_buffer whole = read_whole(data, size);
    /* Threads may find no time to decode ahead of who leads; one that is alone always does. */
    expect_same(
        data, size, &whole,
        &(struct tb_split){.threads = 1, .ahead = 6, .gap = size / 6 + 1, .chunk_most = size, .warm_up = size / 6 + 1});
    for (int i = 0; i < 12 / FEWER + 1; i++)
        expect_same(data, size, &whole,
                    &(struct tb_split){.threads = 1 + random_below(3),
                                       .ahead = 2 + random_below(6),
                                       .gap = 300 + random_below((uint32_t)(size / (1 + 3 * (uint32_t)i))),
                                       .chunk_most = 100 + random_below((uint32_t)size),
                                       .warm_up = 1 + random_below(60000)});
    *joined += tally.committed;
    print_message("%s: %llu committed, %llu repeated\n", path, (unsigned long long)tally.committed,
                  (unsigned long long)tally.repeated);
    tb_buffer_free(&whole);
    free(data);
}

static void recorded_traces_give_the_same(void **state)
{
    (void)state;
    static const char *const roles[] = {"client", "server"};
    static const char *const cells[] = {"veth/500B-c4", "e1000/100KB-c4", "virtio/1MB-c4"};
    uint64_t joined = 0;
    for (size_t i = 0; i < 6; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/tests/campaigns/sample/%s/rep-02/%s.scap", TWINBED_SOURCE_DIR, cells[i / 2],
                 roles[i % 2]);
        check_recorded(path, &joined);
    }
    assert_true(joined > 0);
}

static void published_samples_give_the_same(void **state)
{
    (void)state;
    static const char *const files[] = {"libs-curl_google.scap",
                                        "libs-sample.scap",
                                        "falco-run_as_user_0_container.scap",
                                        "sfcollector-mpm_worker_full_capture.scap",
                                        "sfcollector-setns.scap",
                                        "derived/broken_interface_block.scap",
                                        "derived/exit_only_newest_layout.scap",
                                        "derived/state_only_flags.scap"};
    const char *const shared = getenv("TWINBED_SHARED");
    uint64_t joined = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/samples/scap/%s", shared != NULL ? shared : TWINBED_SOURCE_DIR "/../shared",
                 files[i]);
        check_recorded(path, &joined);
    }
    if (joined == 0) {
        print_message("skipped: the sample traces are not here (set TWINBED_SHARED)\n");
        skip();
    }
}

/* So many calls of two threads in turn. */
static void put_calls(struct scap_writer *writer, int count, int64_t one, int64_t other)
{
    for (int i = 0; i < count; i++) {
        scap_put_event(writer, READ_ENTER, i % 2 == 0 ? one : other, "qd", (int64_t)3, 64);
        scap_put_event(writer, READ_EXIT, i % 2 == 0 ? one : other, "qs", (int64_t)4, "data");
    }
}

/* Nobody but the test's own thread, which decodes all ahead first; no window cuts a chunk. */
static void expect_outcome(struct scap_writer *writer, size_t chunks, uint64_t committed, uint64_t repeated)
{
    request = &requests[2];
    struct tb_buffer whole = read_whole(writer->data, writer->size);
    const uint64_t size = writer->size / chunks;
    expect_same(writer->data, writer->size, &whole,
                &(struct tb_split){.threads = 1, .ahead = chunks, .gap = size, .chunk_most = size, .warm_up = 1000});
    assert_int_equal(tally.committed, committed);
    assert_int_equal(tally.repeated, repeated);
    tb_buffer_free(&whole);
    scap_writer_free(writer);
    request = requests;
}

/* Who was born after the decoder stood, and before the warm-up, is known when it is seen there. */
static void births_in_between_are_found(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    put_calls(&writer, 100, 100, 103);
    scap_put_clone(&writer, 104, 104, 1, 200, "sh", 0);
    scap_put_clone(&writer, 200, 200, 104, 0, "sh", 0);
    scap_put_exec(&writer, 200, 200, 0, "ab", "-n 10", "");
    put_calls(&writer, 400, 100, 200);
    expect_outcome(&writer, 2, 1, 0);
}

/* A new name is not noticed, so that nothing holds that was decoded ahead; but what begins then begins with it. */
static void what_was_learnt_is_known_behind(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    put_calls(&writer, 50, 100, 103);
    scap_put_exec(&writer, 104, 104, 0, "ab", "-n 10", "");
    put_calls(&writer, 350, 100, 104);
    expect_outcome(&writer, 4, 1, 3);
}

/* Nor is one of a thread that nobody selects, which then matters to nobody: its events go to the name that the decoder
 * knows. */
static void a_new_name_of_others_need_not_be_noticed(void **state)
{
    (void)state;
    struct scap_writer writer = scap_writer_start(2, false);
    put_lists(&writer);
    scap_put_process(&writer, 300, 300, "top", "", "");
    put_calls(&writer, 50, 100, 300);
    scap_put_exec(&writer, 300, 300, 0, "cat", "", "");
    put_calls(&writer, 350, 100, 300);
    expect_outcome(&writer, 4, 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(births_in_between_are_found),
        cmocka_unit_test(what_was_learnt_is_known_behind),
        cmocka_unit_test(a_new_name_of_others_need_not_be_noticed),
        cmocka_unit_test(every_chunk_size_gives_the_same),
        cmocka_unit_test(a_loss_before_the_first_call),
        cmocka_unit_test(random_traces_give_the_same),
        cmocka_unit_test(blocks_inside_data_do_not_mislead),
        cmocka_unit_test(a_giant_record_over_many_chunks),
        cmocka_unit_test(several_sections_and_damage),
        cmocka_unit_test(recorded_traces_give_the_same),
        cmocka_unit_test(published_samples_give_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
