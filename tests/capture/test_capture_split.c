/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture that is cut and decoded in chunks gives, bit for bit, what is read in one piece. */
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
#include "fixtures/fewer_cases.h"
#include "fixtures/mixed_captures.h"
#include "fixtures/wrapped_packets.h"

static struct tb_capture_request request;

/* What was committed and repeated in those cuts of one file that one thread alone read: it decodes ahead before it leads.
 * Of several threads the others may find no time to. */
static struct tb_chunk_outcome tally;

/* What the captures of one test held beside rows of flows, so that it is known that they held any. */
static struct {
    uint64_t sessions, sampled, late, copied;
} seen;

/* The packed result, or the status and message of a failure. */
static struct tb_buffer read_cut(const void *data, size_t size, const struct tb_capture_split *how)
{
    struct tb_source *source;
    struct tb_capture *capture;
    struct tb_buffer packed = {0};
    struct tb_error error = {0};
    struct tb_chunk_outcome outcome = {0};
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    const enum tb_status status = tb_capture_read_split(source, &request, how, &outcome, &capture, &error);
    tb_buffer_put_u8(&packed, (uint8_t)status);
    if (status == TB_OK) {
        assert_true(tb_account_balances(&capture->account));
        tb_capture_pack(capture, &packed);
        seen.sessions += capture->tests.count;
        seen.sampled += capture->sample.count;
        seen.late += capture->summary.late_packets;
        seen.copied += capture->summary.copied_packets;
        tb_capture_free(capture);
    } else {
        tb_buffer_put_text(&packed, error.text);
    }
    tb_source_close(source);
    if (how->threads == 1) {
        tally.committed += outcome.committed;
        tally.repeated += outcome.repeated;
    }
    return packed;
}

static struct tb_buffer read_whole(const void *data, size_t size)
{
    tally = (struct tb_chunk_outcome){0};
    return read_cut(data, size, &(struct tb_capture_split){.threads = 1});
}

static void expect_same(const void *data, size_t size, const struct tb_buffer *whole,
                        const struct tb_capture_split *how)
{
    struct tb_buffer packed = read_cut(data, size, how);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu threads, %zu chunks ahead, of %llu bytes: another result", how->threads, how->ahead,
                 (unsigned long long)how->chunk_most);
    tb_buffer_free(&packed);
}

static void expect_same_alone_and_together(const void *data, size_t size, const struct tb_buffer *whole,
                                           struct tb_capture_split how)
{
    expect_same(data, size, whole, &how);
    how.threads = 1;
    expect_same(data, size, whole, &how);
}

/* Chunks from less than a record to all of the file, in steps that grow. */
static void expect_same_at_all_sizes(const void *data, size_t size, size_t step)
{
    struct tb_buffer whole = read_whole(data, size);
    for (size_t chunk = 5; chunk < size + 2 * step; chunk += step + chunk / (FEWER == 1 ? 16 : 3))
        expect_same_alone_and_together(data, size, &whole,
                                       (struct tb_capture_split){.threads = 2 + chunk / step % 7,
                                                                 .ahead = 1 + chunk / step % 9,
                                                                 .chunk_most = chunk});
    tb_buffer_free(&whole);
}

static void expect_same_at_random_cuts(const void *data, size_t size, size_t cuts)
{
    struct tb_buffer whole = read_whole(data, size);
    for (size_t done = 0; done < cuts;) {
        const struct tb_capture_split how = {.threads = 2 + random_below(3),
                                             .ahead = 1 + random_below(12),
                                             .chunk_most =
                                                 1 + random_below((uint32_t)(size / (1 + random_below(40))) + 1)};
        expect_same_alone_and_together(data, size, &whole, how);
        done += size / how.chunk_most + 1;
    }
    tb_buffer_free(&whole);
}

static void print_tally(const char *what, size_t size)
{
    print_message("%s: %zu bytes, %llu chunks committed, %llu repeated\n", what, size,
                  (unsigned long long)tally.committed, (unsigned long long)tally.repeated);
}

/* --- the tests --- */

static void every_chunk_size_gives_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = style + 1u;
        request = (struct tb_capture_request){.rules = style % 2 == 0 ? TB_FLOW_RULES_TWINBED : TB_FLOW_RULES_TCPTRACE,
                                              .rows = style % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sample = style % 2 == 1};
        struct file_writer writer = write_file(style, 250);
        expect_same_at_all_sizes(writer.bytes.data, writer.bytes.size, 7 * FEWER);
        print_tally("every size", writer.bytes.size);
        assert_true(tally.committed > 0);
        writer_free(&writer);
    }
}

static void any_number_of_threads_gives_the_same(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    struct file_writer writer = write_file(STYLE_PCAP, 2000);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    for (size_t threads = 1; threads <= 64; threads = threads < 8 ? threads + 1 : threads * 2)
        for (size_t ahead = 1; ahead <= 2 * threads; ahead += threads)
            expect_same(writer.bytes.data, writer.bytes.size, &whole,
                        &(struct tb_capture_split){.threads = threads, .ahead = ahead, .chunk_most = 3000});
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void random_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const filters[] = {NULL, "tcp port 80", "udp or arp", "host 10.0.0.3"};
    for (uint32_t seed = 0; seed < 48; seed++) {
        random_state = 77 + seed;
        /* A short linger, so that flows leave memory and packets come late. */
        request = (struct tb_capture_request){.filter = filters[seed % 4],
                                              .rules = seed % 5 == 4 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                              .rows = seed % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .linger = seed % 2 == 0 ? 20000000 : 0,
                                              .sample = seed % 3 == 1};
        struct file_writer writer = write_file(seed % STYLES, 40 + random_below(900));
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 400 / FEWER);
        writer_free(&writer);
    }
    print_message("%llu sessions, %llu sampled, %llu late, %llu copied packets\n", (unsigned long long)seen.sessions,
                  (unsigned long long)seen.sampled, (unsigned long long)seen.late, (unsigned long long)seen.copied);
    assert_true(seen.sessions > 0 && seen.sampled > 0 && seen.late > 0 && seen.copied > 0);
    request = (struct tb_capture_request){.filter = NULL};
}

static void fragments_find_their_flows(void **state)
{
    (void)state;
    uint64_t committed = 0;
    for (uint32_t seed = 0; seed < 20; seed++) {
        struct file_writer writer = write_fragments(seed);
        request = (struct tb_capture_request){.linger = seed % 2 == 0 ? 0 : 5000};
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 300 / FEWER);
        committed += tally.committed;
        writer_free(&writer);
    }
    request = (struct tb_capture_request){.filter = NULL};
    assert_true(committed > 0);
}

static void captures_inside_packets_do_not_mislead(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer writer = write_captures_inside_packets(style);
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 10000 / FEWER);
        print_tally("captures inside packets", writer.bytes.size);
        assert_true(tally.committed > 0 && tally.repeated > 0);
        writer_free(&writer);
    }
}

static void lengths_that_imitate_headers(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer writer = write_imitated_headers(style);
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 10000 / FEWER);
        print_tally("imitated headers", writer.bytes.size);
        assert_true(tally.committed > 0 && tally.repeated > 0);
        writer_free(&writer);
    }
}

static void a_giant_record_over_many_chunks(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        struct file_writer writer = write_giant_record(style);
        struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
        for (size_t chunk = 200; chunk < writer.bytes.size; chunk += chunk / 2)
            expect_same(writer.bytes.data, writer.bytes.size, &whole,
                        &(struct tb_capture_split){.threads = 3, .ahead = 5, .chunk_most = chunk});
        tb_buffer_free(&whole);
        writer_free(&writer);
    }
}

static void damage_and_ends_are_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 7 + style;
        struct file_writer writer = write_file(style, 300);
        const size_t size = writer.bytes.size;
        for (size_t cut = 0; cut < 90; cut += FEWER)
            expect_same_at_random_cuts(writer.bytes.data, cut < 60 ? size - cut : (cut - 60) * 2, 20);
        for (int i = 0; i < 60 / FEWER; i++) {
            writer.bytes.data[random_below((uint32_t)size)] ^= (uint8_t)(1 + random_below(255));
            expect_same_at_random_cuts(writer.bytes.data, size - random_below(40), 100);
        }
        writer_free(&writer);
    }
}

static void sections_and_packets_without_time(void **state)
{
    (void)state;
    struct file_writer writer = write_sections();
    expect_same_at_all_sizes(writer.bytes.data, writer.bytes.size, 13);
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 2000 / FEWER);
    print_tally("sections", writer.bytes.size);
    assert_true(tally.committed > 0 && tally.repeated > 0);
    writer_free(&writer);
}

/* What was left out, and lost, is told the same; and more kinds of it than are told apart. */
static void packets_that_are_not_read(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        request = (struct tb_capture_request){.filter = style == STYLE_NS ? "not arp" : NULL};
        struct file_writer writer = write_unread(style);
        expect_same_at_all_sizes(writer.bytes.data, writer.bytes.size, 400 * FEWER);
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 1000 / FEWER);
        print_tally("not read", writer.bytes.size);
        assert_true(tally.committed > 0);
        writer_free(&writer);
    }
    request = (struct tb_capture_request){.filter = NULL};
}

static void packets_inside_packets(void **state)
{
    (void)state;
    random_state = 51;
    struct file_writer plain = write_file(STYLE_PCAP, 250), writer;
    write_all_wrapped(&writer, NULL, &plain);
    for (int i = 0; i < 2; i++) {
        request = (struct tb_capture_request){.outer_only = i == 1};
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 300 / FEWER);
        print_tally("inside packets", writer.bytes.size);
        assert_true(tally.committed > 0);
    }
    request = (struct tb_capture_request){.filter = NULL};
    writer_free(&plain);
    writer_free(&writer);
}

/* Zeros in the middle and at the end, whatever of them a chunk holds. */
static void zeros_are_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 41 + style;
        struct file_writer writer = write_file(style, 150);
        uint8_t *const zeros = calloc(1, 20000);
        tb_buffer_put(&writer.bytes, zeros, 20000);
        put_packets(&writer, random_below(2) * 100, 96);
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 1000 / FEWER);
        assert_true(tally.committed > 0);
        free(zeros);
        writer_free(&writer);
    }
}

/* A bad filter is the same failure; one that no packet of a known link tries is found out at the end. */
static void filters_fail_the_same(void **state)
{
    (void)state;
    random_state = 13;
    struct file_writer writer = write_file(STYLE_PCAP, 200);
    request = (struct tb_capture_request){.filter = "tcp and and"};
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    writer.bytes.data[20] = 127; /* a kind of link that is not decoded */
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    request.filter = "inbound";
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    request = (struct tb_capture_request){.filter = NULL};
    writer_free(&writer);
}

static void generated_captures_give_the_same(void **state)
{
    (void)state;
    char path[] = "/tmp/twinbed-split-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (unsigned brief = 0; brief < 2; brief++) {
        struct capture_model model = capture_model_default();
        struct capture_truth truth;
        struct tb_source *source;
        struct tb_capture *whole, *cut;
        struct tb_chunk_outcome outcome;
        model.flows = 4000 / FEWER;
        model.brief = brief == 1;
        model.clients = 2;
        assert_true(capture_generate(&model, path, &truth));
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        const struct tb_capture_split how = {.threads = 4, .ahead = 9, .chunk_most = 30000};
        assert_int_equal(tb_capture_read_split(source, &request, &how, &outcome, &cut, NULL), TB_OK);
        tb_source_close(source);
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        assert_int_equal(tb_capture_read(source, &request, &whole, NULL), TB_OK);
        tb_source_close(source);
        struct tb_buffer one = {0}, other = {0};
        tb_capture_pack(whole, &one);
        tb_capture_pack(cut, &other);
        assert_int_equal(one.size, other.size);
        assert_memory_equal(one.data, other.data, one.size);
        assert_int_equal(cut->flow_count, truth.flows);
        assert_int_equal(cut->packets, truth.packets);
        tb_buffer_free(&one);
        tb_buffer_free(&other);
        tb_capture_free(whole);
        tb_capture_free(cut);
        /* Nothing in these misleads. Of several threads one may be called in before it has done its chunk. */
        const struct tb_capture_split alone = {.threads = 1, .ahead = 9, .chunk_most = 30000};
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        assert_int_equal(tb_capture_read_split(source, &request, &alone, &outcome, &cut, NULL), TB_OK);
        tb_source_close(source);
        assert_true(outcome.committed > 0);
        assert_true(outcome.repeated <= 1); /* the last chunk may be shorter than a packet */
        tb_capture_free(cut);
    }
    unlink(path);
}

/* All of a file, as it is stored or decompressed. */
static uint8_t *load(const char *path, bool decompressed, size_t *size)
{
    struct tb_buffer bytes = {0};
    uint8_t block[1 << 16];
    size_t got = 1;
    if (decompressed) {
        struct tb_source *source;
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        while (tb_source_read(source, block, sizeof block, &got, NULL) == TB_OK && got != 0)
            tb_buffer_put(&bytes, block, got);
        tb_source_close(source);
    } else {
        FILE *const file = fopen(path, "rb");
        assert_non_null(file);
        while ((got = fread(block, 1, sizeof block, file)) != 0)
            tb_buffer_put(&bytes, block, got);
        fclose(file);
    }
    assert_false(bytes.failed);
    *size = bytes.size;
    return bytes.data;
}

/* Recorded captures, plain and compressed; the stream of the latter breaks and ends early as well. */
static void recorded_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const cells[] = {"veth/500B-c4", "e1000/100KB-c4", "virtio/1MB-c4"};
    for (size_t i = 0; i < COUNT(cells); i++) {
        char path[4096];
        size_t size;
        random_state = 20 + (uint32_t)i;
        snprintf(path, sizeof path, "%s/tests/campaigns/sample/%s/rep-02/link.pcap.gz", TWINBED_SOURCE_DIR, cells[i]);
        uint8_t *plain = load(path, true, &size);
        expect_same_at_random_cuts(plain, size, 200 / FEWER);
        print_tally(cells[i], size);
        assert_true(tally.committed > 0);
        free(plain);
        uint8_t *stored = load(path, false, &size);
        expect_same_at_random_cuts(stored, size, 30);
        assert_true(tally.committed == 0 && tally.repeated == 0);
        for (int j = 0; j < 20; j++) {
            stored[size / 4 + random_below((uint32_t)size / 2)] ^= (uint8_t)(j < 10 ? 0 : 1 + random_below(255));
            expect_same_at_random_cuts(stored, size - random_below((uint32_t)size / 2), 3);
        }
        free(stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_size_gives_the_same),
        cmocka_unit_test(any_number_of_threads_gives_the_same),
        cmocka_unit_test(random_captures_give_the_same),
        cmocka_unit_test(fragments_find_their_flows),
        cmocka_unit_test(captures_inside_packets_do_not_mislead),
        cmocka_unit_test(lengths_that_imitate_headers),
        cmocka_unit_test(a_giant_record_over_many_chunks),
        cmocka_unit_test(damage_and_ends_are_the_same),
        cmocka_unit_test(sections_and_packets_without_time),
        cmocka_unit_test(packets_that_are_not_read),
        cmocka_unit_test(packets_inside_packets),
        cmocka_unit_test(zeros_are_the_same),
        cmocka_unit_test(filters_fail_the_same),
        cmocka_unit_test(generated_captures_give_the_same),
        cmocka_unit_test(recorded_captures_give_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
