/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections that began before the capture: no SYN tells who their client is. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "twinbed/flow/stalls.h"

enum { SERVER_PORT = 80, CLIENT_PORT = 40000, CONNECTIONS = 12, MILLISECOND = 1000000 };

/* What is written: which connections, and from which of their packets on. */
struct late_start {
    const char *name;
    bool ipv6;
    bool http;
    unsigned skipped; /* packets of the odd connections that come before the capture: their first one is the server's */
};

struct step {
    unsigned at; /* ms */
    bool back;
    uint32_t sequence, acknowledgement;
    unsigned flags;
    const char *payload;
    const char *other; /* without HTTP */
};

/* Two requests on a kept connection; 2 s lie between the two FINs of the server. */
static const struct step steps[] = {
    {0, false, 1001, 5001, 0x18, "GET /one HTTP/1.1\r\n\r\n", "get one            \r\n"},
    {1, true, 5001, 1022, 0x18, "HTTP/1.1 200 OK\r\n\r\none", "the first reply       "},
    {2, false, 1022, 5023, 0x10, "", ""},
    {3, false, 1022, 5023, 0x18, "GET /two HTTP/1.1\r\n\r\n", "get two            \r\n"},
    {4, true, 5023, 1043, 0x18, "HTTP/1.1 200 OK\r\n\r\ntwo", "the second reply      "},
    {5, true, 5045, 1043, 0x11, "", ""},
    {2005, true, 5045, 1043, 0x11, "", ""},
    {2006, false, 1043, 5046, 0x11, "", ""},
    {2007, true, 5046, 1044, 0x10, "", ""},
};

static void write_step(struct file_writer *writer, const struct late_start *late, const struct step *step,
                       unsigned connection)
{
    const char *payload = late->http ? step->payload : step->other;
    const unsigned length = (unsigned)strlen(payload);
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET);
    frame_hex(&frame, late->ipv6 ? "86dd" : "0800");
    if (late->ipv6)
        frame_ipv6(&frame, step->back, 6, 20 + length);
    else
        frame_ipv4(&frame, step->back, 6, 40 + length, 1 + connection, 0x4000);
    frame_tcp(&frame, step->back, CLIENT_PORT + connection, step->sequence, step->acknowledgement, step->flags);
    memcpy(frame.bytes + frame.size, payload, length);
    writer_packet(writer, FIRST_TIME + (uint64_t)step->at * MILLISECOND, frame.bytes, frame.size + length,
                  frame.size + length);
}

static void write_late(struct file_writer *writer, const struct late_start *late)
{
    writer_pcap(writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (unsigned step = 0; step < COUNT(steps); step++)
        for (unsigned connection = 0; connection < CONNECTIONS; connection++)
            if (connection % 2 == 0 || step >= late->skipped)
                write_step(writer, late, &steps[step], connection);
}

static const struct late_start starts[] = {
    {"from the requests on", false, true, 0},
    {"the server's first", false, true, 1},
    {"IPv6", true, true, 1},
    {"no HTTP", false, false, 1},
    {"IPv6 without HTTP", true, false, 1},
};

static void check_totals(const struct late_start *late, const struct tb_port_flows *port)
{
    const unsigned odd = CONNECTIONS / 2, skipped = late->skipped * odd;
    struct tb_flow_totals totals;
    tb_port_flows_totals(port, false, &totals);
    assert_int_equal(totals.flows, CONNECTIONS);
    assert_int_equal(totals.completed, CONNECTIONS);
    assert_int_equal(totals.side[0].packets, 4 * CONNECTIONS - skipped);
    assert_int_equal(totals.side[1].packets, 5 * CONNECTIONS);
    assert_int_equal(totals.side[0].payload_bytes, 21 * (2 * CONNECTIONS - skipped));
    assert_int_equal(totals.side[1].payload_bytes, 22 * 2 * CONNECTIONS);
    assert_int_equal(totals.side[0].detail.requests, late->http ? 2 * CONNECTIONS - skipped : 0);
    assert_int_equal(totals.side[1].detail.replies, late->http ? 2 * CONNECTIONS : 0);
    assert_int_equal(totals.side[1].repeated_fin_packets, CONNECTIONS);
    assert_int_equal(totals.load_end, FIRST_TIME + 4 * MILLISECOND);
}

static void check_distributions(const struct late_start *late, const struct tb_port_flows *port)
{
    const unsigned skipped = late->skipped * CONNECTIONS / 2;
    assert_int_equal(port->segment[0].count, 2 * CONNECTIONS - skipped);
    assert_int_equal(port->segment[1].count, 2 * CONNECTIONS);
    assert_true(tb_histogram_quantile(&port->segment[0], 50) == 21);
    assert_true(tb_histogram_quantile(&port->segment[1], 50) == 22);
    assert_int_equal(port->gap[0].count, 3 * CONNECTIONS - skipped);
    assert_int_equal(port->gap[1].count, 4 * CONNECTIONS);
    assert_int_equal(port->rtt[0].count, 3 * CONNECTIONS - skipped);
    assert_int_equal(port->rtt[1].count, CONNECTIONS); /* of the first reply; the second ends with a FIN sent twice */
    assert_int_equal(port->handshake.count, 0);
    assert_int_equal(port->stall_count, CONNECTIONS);
    assert_int_equal(port->server.port, SERVER_PORT);
}

static void check_late(const struct late_start *late, const struct tb_capture *capture)
{
    struct tb_flow_totals totals;
    const struct tb_stall_rule rule = {.port = SERVER_PORT, .gap = 1000 * (uint64_t)MILLISECOND, .flows = 1};
    struct tb_stalls stalls;
    print_message("%s\n", late->name);
    check_totals(late, tb_flow_summary_find(&capture->summary, SERVER_PORT));
    check_distributions(late, tb_flow_summary_find(&capture->summary, SERVER_PORT));
    tb_stalls_find(&capture->summary, &rule, &stalls);
    assert_int_equal(stalls.largest, CONNECTIONS);
    /* Without a port each flow counts once; a client's port finds what has its server there, if any. */
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 0), false, &totals);
    assert_int_equal(totals.flows, CONNECTIONS);
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, CLIENT_PORT + 1), false, &totals);
    assert_int_equal(totals.flows, 1);
    assert_int_equal(totals.side[0].packets, 5);
    assert_int_equal(tb_flow_summary_find(&capture->summary, 81)->segment[0].count, 0);
}

static void check_rows(const struct tb_capture *capture)
{
    for (size_t i = 0; i < capture->flow_count; i++) {
        struct tb_flow flow = capture->flows[i];
        assert_true(flow.roles_assumed);
        tb_flow_orient(&flow, 0);
        assert_int_equal(flow.server.port, capture->flows[i].server.port);
        tb_flow_orient(&flow, SERVER_PORT);
        assert_int_equal(flow.server.port, SERVER_PORT);
        assert_int_equal(flow.side[1].payload_bytes, 44);
        assert_true(flow.completed_reply);
    }
}

static void test_late_starts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(starts); i++) {
        struct file_writer writer;
        write_late(&writer, &starts[i]);
        struct tb_capture *capture = read_written(&writer, NULL), *copy = NULL;
        struct tb_buffer packed = {0};
        check_late(&starts[i], capture);
        check_rows(capture);
        tb_capture_pack(capture, &packed);
        struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
        assert_true(tb_capture_unpack(&copy, &bytes));
        check_late(&starts[i], copy);
        check_rows(copy);
        tb_capture_free(copy);
        tb_capture_free(capture);
        tb_buffer_free(&packed);
        writer_free(&writer);
    }
}

/* The same packets with so many bytes of them in the file. */
static struct tb_capture *read_cut(const struct late_start *late, unsigned kept)
{
    struct file_writer writer;
    write_late(&writer, late);
    struct file_writer cut;
    writer_pcap(&cut, (uint32_t)PCAP_MAGIC, false, kept, 1);
    for (size_t at = 24; at < writer.bytes.size;) {
        uint32_t size;
        memcpy(&size, writer.bytes.data + at + 8, sizeof size);
        writer_packet(&cut, FIRST_TIME + at, writer.bytes.data + at + 16, size < kept ? size : kept, size);
        at += 16 + size;
    }
    struct tb_capture *capture = read_written(&cut, NULL);
    writer_free(&cut);
    writer_free(&writer);
    return capture;
}

/* Headers of Ethernet, IPv4 and TCP take 54 bytes; "GET " 4 more. */
static void test_work(void **state)
{
    (void)state;
    static const struct {
        unsigned start, kept, requests, unread;
        bool readable;
    } cases[] = {
        {0, 96, 24, 0, true},  {1, 96, 18, 0, true},  {1, 62, 18, 0, true}, {1, 61, 18, 0, true},
        {1, 57, 0, 18, false}, {1, 54, 0, 18, false}, {3, 96, 0, 0, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_capture *capture = read_cut(&starts[cases[i].start], cases[i].kept);
        struct tb_port_work work;
        tb_port_flows_work(tb_flow_summary_find(&capture->summary, SERVER_PORT), &work);
        assert_int_equal(work.requests, cases[i].requests);
        assert_int_equal(work.unread, cases[i].unread);
        assert_int_equal(work.readable, cases[i].readable);
        assert_int_equal(work.connections, CONNECTIONS);
        assert_int_equal(work.packets, cases[i].start == 0 ? 24 : 18);
        tb_capture_free(capture);
    }
}

/* By tcptrace's rules the sender of the first packet stands as the client, whoever sent the SYN. */
static void test_first_sender_is_no_client(void **state)
{
    (void)state;
    static const struct segment segments[] = {{0, 'B', "SA", 5000, 0, 1001, 0},
                                              {1, 'A', "A", 1001, 0, 5001, 0},
                                              {2, 'A', "PA", 1001, 90, 5001, 0},
                                              {3, 'B', "PA", 5001, 600, 1091, 0}};
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    writer_segments(&writer, segments, COUNT(segments));
    for (enum tb_flow_rules rules = TB_FLOW_RULES_TWINBED; rules <= TB_FLOW_RULES_TCPTRACE; rules++) {
        struct tb_capture *capture = read_written_by(&writer, rules);
        struct tb_flow_totals totals;
        tb_port_flows_totals(tb_flow_summary_find(&capture->summary, SERVER_PORT), false, &totals);
        assert_int_equal(totals.side[0].payload_bytes, 90);
        assert_int_equal(totals.side[1].payload_bytes, 600);
        assert_int_equal(capture->flows[0].roles_assumed, rules == TB_FLOW_RULES_TCPTRACE);
        assert_int_equal(capture->flows[0].client.port, rules == TB_FLOW_RULES_TCPTRACE ? SERVER_PORT : CLIENT_PORT);
        tb_flow_orient(&capture->flows[0], SERVER_PORT);
        assert_int_equal(capture->flows[0].client.port, CLIENT_PORT);
        tb_capture_free(capture);
    }
    writer_free(&writer);
}

/* --- the last words of TLS --- */

struct words {
    const char *name;
    uint8_t head[5];
    unsigned payload;
    bool completed;
};

static void write_words(struct file_writer *writer, unsigned at, bool back, uint32_t sequence, uint32_t acknowledgement,
                        unsigned flags, const uint8_t *head, unsigned payload)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, back, 6, 40 + payload, 1 + at, 0x4000);
    frame_tcp(&frame, back, CLIENT_PORT, sequence, acknowledgement, flags);
    memset(frame.bytes + frame.size, 0x5a, payload);
    if (payload != 0)
        memcpy(frame.bytes + frame.size, head, 5);
    writer_packet(writer, FIRST_TIME + (uint64_t)at * MILLISECOND, frame.bytes, frame.size + payload,
                  frame.size + payload);
}

/* A server that resets as soon as the client said its last words, before the client's FIN. */
static void test_words_before_a_reset(void **state)
{
    (void)state;
    static const struct words words[] = {
        {"alert", {21, 3, 3, 0, 26}, 31, true},
        {"alert of TLS 1.3", {23, 3, 3, 0, 19}, 24, true},
        {"data", {23, 3, 3, 0, 35}, 40, false},
        {"data as short", {23, 3, 3, 0, 18}, 24, false},
        {"an alert and more", {21, 3, 3, 0, 2}, 31, false},
        {"no TLS", {21, 1, 3, 0, 26}, 31, false},
    };
    static const uint8_t data[5] = {23, 3, 3, 0, 195};
    for (size_t i = 0; i < COUNT(words); i++) {
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
        write_words(&writer, 0, false, 1000, 0, 2, data, 0);
        write_words(&writer, 1, true, 5000, 1001, 0x12, data, 0);
        write_words(&writer, 2, false, 1001, 5001, 0x10, data, 0);
        write_words(&writer, 3, false, 1001, 5001, 0x18, data, 200);
        write_words(&writer, 4, true, 5001, 1201, 0x18, data, 200);
        write_words(&writer, 5, false, 1201, 5201, 0x18, words[i].head, words[i].payload);
        write_words(&writer, 6, true, 5201, 0, 4, data, 0);
        struct tb_capture *capture = read_written(&writer, NULL);
        const struct tb_port_flows *port = tb_flow_summary_find(&capture->summary, SERVER_PORT);
        if (port->completed.flows != words[i].completed)
            fail_msg("%s: %llu completed", words[i].name, (unsigned long long)port->completed.flows);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* Of a flow that left memory, a late packet counts as well under both ports. */
static void test_late_packets(void **state)
{
    (void)state;
    struct step late = steps[COUNT(steps) - 1];
    struct file_writer writer;
    late.at = 30000;
    write_late(&writer, &starts[1]);
    write_step(&writer, &starts[1], &late, 1);
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->summary.late_packets, 1);
    assert_int_equal(tb_flow_summary_find(&capture->summary, SERVER_PORT)->completed.side[1].packets,
                     5 * CONNECTIONS + 1);
    assert_int_equal(tb_flow_summary_find(&capture->summary, CLIENT_PORT + 1)->completed.side[0].packets, 6);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* The result of some threads, packed. */
static struct tb_buffer read_split(const struct file_writer *writer, size_t threads, uint64_t segment)
{
    const struct tb_capture_split split = {.threads = threads, .ahead = 3 * threads, .chunk_most = segment};
    const struct tb_capture_request request = {.rules = TB_FLOW_RULES_TWINBED};
    struct tb_source *source;
    struct tb_capture *capture;
    struct tb_buffer packed = {0};
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "late.pcap", &source, NULL), TB_OK);
    assert_int_equal(tb_capture_read_split(source, &request, &split, NULL, &capture, NULL), TB_OK);
    tb_capture_pack(capture, &packed);
    tb_capture_free(capture);
    tb_source_close(source);
    return packed;
}

static void test_threads(void **state)
{
    (void)state;
    struct file_writer writer;
    write_late(&writer, &starts[1]);
    struct tb_buffer whole = read_split(&writer, 1, 1 << 20);
    for (size_t threads = 2; threads < 6; threads++) {
        struct tb_buffer packed = read_split(&writer, threads, 300 * threads);
        assert_int_equal(packed.size, whole.size);
        assert_memory_equal(packed.data, whole.data, whole.size);
        tb_buffer_free(&packed);
    }
    tb_buffer_free(&whole);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_starts),
        cmocka_unit_test(test_work),
        cmocka_unit_test(test_first_sender_is_no_client),
        cmocka_unit_test(test_words_before_a_reset),
        cmocka_unit_test(test_late_packets),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
