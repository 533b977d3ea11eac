/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Filters, packing, totals, and the captures of the recorded campaigns. */

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

/* A request to port 80 with its reply, and a datagram. */
static void write_mixed(struct file_writer *writer, uint32_t link_type, const char *header)
{
    static const struct {
        bool back;
        uint32_t sequence, acknowledgement, length;
        unsigned flags;
    } packets[] = {{false, 1000, 0, 0, 0x02},     {true, 5000, 1001, 0, 0x12},   {false, 1001, 5001, 0, 0x10},
                   {false, 1001, 5001, 90, 0x18}, {true, 5001, 1091, 600, 0x18}, {true, 5601, 1091, 0, 0x11}};
    writer_pcap(writer, 0xa1b2c3d4, false, 65535, link_type);
    for (size_t i = 0; i < COUNT(packets); i++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, header);
        frame_ipv4(&frame, packets[i].back, 6, 40 + packets[i].length, 1, 0);
        frame_tcp(&frame, packets[i].back, 40000, packets[i].sequence, packets[i].acknowledgement, packets[i].flags);
        writer_packet(writer, FIRST_TIME + i, frame.bytes, frame.size, frame.size + packets[i].length);
    }
    struct frame frame = {.size = 0};
    frame_hex(&frame, header);
    frame_ipv4(&frame, false, 17, 42, 1, 0);
    frame_udp(&frame, false, 14);
    writer_packet(writer, FIRST_TIME, frame.bytes, frame.size, frame.size + 14);
}

static void test_filters(void **state)
{
    (void)state;
    static const struct {
        uint32_t link_type;
        const char *header;
    } links[] = {{1, ETHERNET "0800"},
                 {101, ""},
                 {0, "02000000"},
                 {0, "00000002"},
                 {108, "00000002"},
                 {228, ""},
                 {113, "0000 0001 0006 020000000001 0000 0800"},
                 {276, "0800 0000 00000002 0001 00 06 0200000000010000"}};
    static const struct {
        const char *expression;
        uint64_t filtered;
    } filters[] = {{NULL, 0},
                   {"", 0},
                   {"tcp", 1},
                   {"udp", 6},
                   {"tcp port 80", 1},
                   {"dst port 80", 3},
                   {"src host 10.0.0.1", 4},
                   {"port 443", 7},
                   {"tcp[tcpflags] & tcp-syn != 0", 5}};
    for (size_t i = 0; i < COUNT(links); i++) {
        for (size_t j = 0; j < COUNT(filters); j++) {
            struct file_writer writer;
            write_mixed(&writer, links[i].link_type, links[i].header);
            struct tb_capture *capture = read_written(&writer, filters[j].expression);
            assert_int_equal(capture->packets, 7);
            if (capture->filtered != filters[j].filtered)
                fail_msg("link %u, \"%s\": %llu filtered", links[i].link_type, filters[j].expression,
                         (unsigned long long)capture->filtered);
            assert_int_equal(capture->account.decoded, writer.bytes.size);
            tb_capture_free(capture);
            writer_free(&writer);
        }
    }
}

static void test_bad_filter(void **state)
{
    (void)state;
    for (int packets = 0; packets < 2; packets++) {
        struct file_writer writer;
        write_mixed(&writer, 1, ETHERNET "0800");
        struct tb_source *source = NULL;
        struct tb_capture *capture = NULL;
        struct tb_error error = {0};
        assert_int_equal(
            tb_source_open_memory(writer.bytes.data, packets ? writer.bytes.size : 24, "made", &source, &error), TB_OK);
        assert_int_equal(
            tb_capture_read(source, &(struct tb_capture_request){.filter = "tcp port port 80"}, &capture, &error),
            TB_USAGE);
        assert_null(capture);
        assert_non_null(strstr(error.text, "\"tcp port port 80\" does not compile: "));
        tb_source_close(source);
        writer_free(&writer);
    }
}

static void test_packing(void **state)
{
    (void)state;
    struct file_writer writer;
    write_mixed(&writer, 1, ETHERNET "0800");
    writer.bytes.size -= 3; /* so that there is damage to tell */
    struct tb_capture *capture = read_written(&writer, NULL);
    struct tb_buffer packed = {0}, again = {0};
    tb_capture_pack(capture, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    struct tb_capture *copy = NULL;
    assert_true(tb_capture_unpack(&copy, &bytes));
    assert_int_equal(bytes.left, 0);
    assert_int_equal(copy->flow_count, capture->flow_count);
    assert_memory_equal(copy->flows, capture->flows, sizeof copy->flows[0]);
    assert_string_equal(copy->format, "pcap");
    assert_string_equal(copy->account.reason, capture->account.reason);
    assert_int_equal(copy->packets, capture->packets);
    tb_capture_pack(copy, &again);
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_capture *none = NULL;
        bytes = tb_bytes_packed(packed.data, size);
        assert_false(tb_capture_unpack(&none, &bytes));
        assert_null(none);
    }
    tb_buffer_free(&packed);
    tb_buffer_free(&again);
    tb_capture_free(copy);
    tb_capture_free(capture);
    tb_capture_free(NULL);
    writer_free(&writer);
}

static void test_totals(void **state)
{
    (void)state;
    const struct tb_flow flows[] = {
        {.protocol = 6, .server.port = 80, .completed_reply = true, .side = {{.packets = 5}, {.missing_bytes = 1}}},
        {.protocol = 6, .server.port = 80, .side = {{.packets = 7}, {.missing_bytes = 2}}},
        {.protocol = 6, .server.port = 861, .completed_reply = true, .side = {{.packets = 11}, {.missing_bytes = 4}}},
        {.protocol = 17, .server.port = 80, .side = {{.packets = 13}, {.missing_bytes = 8}}},
    };
    static const struct {
        uint16_t port;
        bool completed_only;
        uint64_t flows, completed, packets, missing;
    } cases[] = {{80, false, 2, 1, 12, 3},
                 {80, true, 1, 1, 5, 1},
                 {0, false, 3, 2, 23, 7},
                 {0, true, 2, 2, 16, 5},
                 {443, false, 0, 0, 0, 0}};
    struct tb_flow_summary summary = {0};
    for (size_t i = 0; i < COUNT(flows); i++)
        assert_true(tb_flow_summary_add(&summary, &flows[i]));
    assert_true(tb_flow_summary_complete(&summary));
    assert_int_equal(summary.flows, 4);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_flow_totals totals;
        tb_port_flows_totals(tb_flow_summary_find(&summary, cases[i].port), cases[i].completed_only, &totals);
        assert_int_equal(totals.flows, cases[i].flows);
        assert_int_equal(totals.completed, cases[i].completed);
        assert_int_equal(totals.side[0].packets, cases[i].packets);
        assert_int_equal(totals.side[1].missing_bytes, cases[i].missing);
    }
    tb_flow_summary_free(&summary);
}

static void test_end_names(void **state)
{
    (void)state;
    assert_string_equal(tb_flow_end_name(TB_FLOW_OPEN), "open");
    assert_string_equal(tb_flow_end_name(TB_FLOW_CLOSED), "closed");
    assert_string_equal(tb_flow_end_name(TB_FLOW_RESET), "reset");
    assert_string_equal(tb_flow_end_name(TB_FLOW_NOT_TCP), "none");
}

static const char *shared_folder(void)
{
    const char *shared = getenv("TWINBED_SHARED");
    return shared != NULL ? shared : TWINBED_SOURCE_DIR "/../shared";
}

static uint64_t completed_replies(const char *path)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error;
    assert_int_equal(tb_source_open(path, &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, &(struct tb_capture_request){.filter = "tcp port 80"}, &capture, &error),
                     TB_OK);
    assert_true(tb_account_balances(&capture->account));
    assert_int_equal(capture->account.damage, TB_DAMAGE_NONE);
    const uint64_t completed = tb_flow_summary_find(&capture->summary, 80)->completed.flows;
    tb_capture_free(capture);
    tb_source_close(source);
    return completed;
}

/* The requests that ab completed, from the ab.txt beside the capture. */
static uint64_t completed_requests(const char *capture)
{
    char path[4096], line[256];
    unsigned long long requests = 0;
    snprintf(path, sizeof path, "%.*s/ab.txt", (int)(strrchr(capture, '/') - capture), capture);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (requests == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Complete requests:", 18) == 0)
            requests = strtoull(line + 18, NULL, 10);
    fclose(file);
    assert_int_not_equal(requests, 0);
    return requests;
}

/* Captures that end before the workload did, with the replies that complete in
 * them; in every other one each completed request has its reply. */
static const struct {
    const char *run;
    uint64_t replies;
} cut_short[] = {
    {"vm/e1000/500B-c1/rep-01/", 788},  {"vm/e1000/500B-c1/rep-02/", 731},  {"vm/e1000/500B-c1/rep-03/", 767},
    {"vm/e1000/500B-c1/rep-05/", 750},  {"vm/e1000/500B-c1/rep-06/", 790},  {"vm/e1000/500B-c1/rep-07/", 792},
    {"vm/e1000/500B-c1/rep-09/", 782},  {"vm/e1000/500B-c1/rep-10/", 737},  {"vm/virtio/500B-c1/rep-02/", 752},
    {"vm/virtio/500B-c1/rep-04/", 771}, {"vm/virtio/500B-c1/rep-06/", 779}, {"vm/virtio/500B-c1/rep-08/", 769},
    {"vm/virtio/500B-c1/rep-09/", 773},
};

static uint64_t expected_replies(const char *path, uint64_t requests)
{
    for (size_t i = 0; i < COUNT(cut_short); i++)
        if (strstr(path, cut_short[i].run) != NULL)
            return cut_short[i].replies;
    return requests;
}

static void test_recorded_coverage(void **state)
{
    (void)state;
    static const char *const patterns[] = {"vm/*/*/rep-*/link.pcap", "sample/*/*/rep-*/link.pcap.gz"};
    glob_t captures = {0};
    for (size_t i = 0; i < COUNT(patterns); i++) {
        char pattern[4096];
        snprintf(pattern, sizeof pattern, "%s/campaigns/%s", shared_folder(), patterns[i]);
        (void)glob(pattern, i == 0 ? 0 : GLOB_APPEND, NULL, &captures);
    }
    if (captures.gl_pathc == 0) {
        print_message("skipped: no recorded campaigns in %s\n", shared_folder());
        globfree(&captures);
        skip();
    }
    for (size_t i = 0; i < captures.gl_pathc; i++) {
        const char *path = captures.gl_pathv[i];
        const uint64_t expected = expected_replies(path, completed_requests(path));
        const uint64_t replies = completed_replies(path);
        if (replies != expected)
            fail_msg("%s: %llu completed replies, expected %llu", path, (unsigned long long)replies,
                     (unsigned long long)expected);
    }
    globfree(&captures);
}

/* Without flows: what is counted of packets and bytes is the same. */
static void test_looking(void **state)
{
    (void)state;
    struct file_writer writer;
    write_mixed(&writer, 1, ETHERNET "0800");
    struct tb_capture *const read = read_written(&writer, NULL);
    struct tb_capture *seen;
    struct tb_source *source;
    assert_int_equal(tb_source_open_memory(writer.bytes.data, writer.bytes.size, "looked at", &source, NULL), TB_OK);
    assert_int_equal(tb_capture_look(source, &seen, NULL), TB_OK);
    tb_source_close(source);
    assert_string_equal(seen->format, read->format);
    assert_int_equal(seen->link_type, read->link_type);
    assert_int_equal(seen->packets, 7);
    assert_int_equal(seen->first_time, read->first_time);
    assert_int_equal(seen->last_time, read->last_time);
    assert_int_equal(seen->account.decoded, writer.bytes.size);
    assert_int_equal(seen->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(seen->flow_count, 0);
    assert_int_equal(tb_source_open_memory("no capture at all, whatever", 27, "none", &source, NULL), TB_OK);
    assert_int_equal(tb_capture_look(source, &seen, NULL), TB_UNSUPPORTED);
    tb_source_close(source);
    tb_capture_free(seen);
    tb_capture_free(read);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters), cmocka_unit_test(test_bad_filter), cmocka_unit_test(test_packing),
        cmocka_unit_test(test_totals),  cmocka_unit_test(test_end_names),  cmocka_unit_test(test_recorded_coverage),
        cmocka_unit_test(test_looking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
