/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Flows that are over leave memory: when, what is remembered of them, and that it
 * changes nothing but what becomes of late packets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/mixed_captures.h"
#include "fixtures/packet_writer.h"
#include "fixtures/same_packed.h"

#define SECOND UINT64_C(1000000)
#define LINGER (TB_FLOW_LINGER_NS / 1000)
#define REMEMBERED (TB_FLOW_REMEMBERED_NS / 1000)

enum { FIN = 1, SYN = 2, RST = 4, PUSH = 8, ACK = 16 };

/* A segment between client port `port` and port 80; back: from port 80. */
struct packet {
    uint64_t at; /* microseconds */
    unsigned port;
    bool back;
    unsigned flags;
    uint32_t sequence;
    uint32_t acknowledgement;
    unsigned length;
};

static void add_packet(struct file_writer *writer, const struct packet *packet)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, packet->back, 6, 40 + packet->length, 0, 0);
    frame_tcp(&frame, packet->back, packet->port, packet->sequence, packet->acknowledgement, packet->flags);
    writer_packet(writer, FIRST_TIME / 1000 * 1000 + packet->at * 1000, frame.bytes, frame.size,
                  frame.size + packet->length);
}

/* A connection of 1000 bytes that ends at at + 7. */
#define TALK(at, port, isn)                                                                                            \
    {(at), (port), false, SYN, (isn), 0, 0}, {(at) + 1, (port), true, SYN | ACK, 5000, (isn) + 1, 0},                  \
        {(at) + 2, (port), false, ACK, (isn) + 1, 5001, 0},                                                            \
        {(at) + 3, (port), false, PUSH | ACK, (isn) + 1, 5001, 100},                                                   \
    {                                                                                                                  \
        (at) + 4, (port), true, PUSH | ACK, 5001, (isn) + 101, 1000                                                    \
    }
#define CLOSE(at, port, isn)                                                                                           \
    {(at) + 5, (port), true, FIN | ACK, 6001, (isn) + 101, 0},                                                         \
        {(at) + 6, (port), false, FIN | ACK, (isn) + 101, 6002, 0},                                                    \
    {                                                                                                                  \
        (at) + 7, (port), true, ACK, 6002, (isn) + 102, 0                                                              \
    }
/* A packet of another connection: what is over leaves with it. */
#define OTHER(at)                                                                                                      \
    {                                                                                                                  \
        (at), 50000, false, ACK, 1, 1, 0                                                                               \
    }
#define LAST_ACK(at)                                                                                                   \
    {                                                                                                                  \
        (at), 40000, true, ACK, 6002, 1102, 0                                                                          \
    }
/* The reply's last 500 bytes again. */
#define AGAIN(at)                                                                                                      \
    {                                                                                                                  \
        (at), 40000, true, PUSH | ACK, 5501, 1101, 500                                                                 \
    }
#define RESET(at)                                                                                                      \
    {                                                                                                                  \
        (at), 40000, false, RST, 1101, 0, 0                                                                            \
    }
/* Both ends of a connection that does not end. */
#define OPEN_SYN(at, isn)                                                                                              \
    {                                                                                                                  \
        (at), 40000, false, SYN, (isn), 0, 0                                                                           \
    }

struct expected {
    const char *name;
    struct packet packets[14];
    size_t flows; /* between the two ends that matter */
    uint64_t late;
    uint64_t server_packets; /* of the first flow's row */
    uint64_t retransmitted;  /* of these */
};

static const struct expected cases[] = {
    {"at the edge of the linger it joins",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), AGAIN(7 + LINGER)},
     1,
     0,
     5,
     1},
    {"behind the edge it is late", {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), AGAIN(8 + LINGER)}, 1, 1, 4, 0},
    {"whatever other flows do, it joins",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(7 + LINGER), AGAIN(7 + LINGER)},
     1,
     0,
     5,
     1},
    {"whatever other flows do, it is late",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(8 + LINGER), AGAIN(8 + LINGER)},
     1,
     1,
     4,
     0},
    {"a packet in time begins the linger anew",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), LAST_ACK(LINGER), OTHER(8 + LINGER), AGAIN(2 * LINGER)},
     1,
     0,
     6,
     1},
    {"the clock does not go back with the packets' times",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(8 + LINGER), AGAIN(9)},
     1,
     1,
     4,
     0},
    {"without the last acknowledgement it is not over",
     {TALK(0, 40000, 1000),
      {5, 40000, true, FIN | ACK, 6001, 1101, 0},
      {6, 40000, false, FIN | ACK, 1101, 6002, 0},
      OTHER(100 * SECOND),
      LAST_ACK(100 * SECOND)},
     1,
     0,
     4,
     0},
    {"closed by one side it is not over",
     {TALK(0, 40000, 1000),
      {5, 40000, true, FIN | ACK, 6001, 1101, 0},
      {6, 40000, false, ACK, 1101, 6002, 0},
      OTHER(100 * SECOND),
      {100 * SECOND, 40000, false, PUSH | ACK, 1101, 6002, 10}},
     1,
     0,
     3,
     0},
    {"the ports are used again after it left",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(20 * SECOND), OPEN_SYN(20 * SECOND, 9000)},
     2,
     0,
     4,
     0},
    {"the same SYN again is late",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(20 * SECOND), OPEN_SYN(20 * SECOND, 1000)},
     1,
     1,
     4,
     0},
    {"an answer with another number begins a connection",
     {TALK(0, 40000, 1000),
      CLOSE(0, 40000, 1000),
      OTHER(20 * SECOND),
      {20 * SECOND, 40000, true, SYN | ACK, 70000, 9001, 0}},
     2,
     0,
     4,
     0},
    {"an answer with the same number is late",
     {TALK(0, 40000, 1000),
      CLOSE(0, 40000, 1000),
      OTHER(20 * SECOND),
      {20 * SECOND, 40000, true, SYN | ACK, 5000, 1001, 0}},
     1,
     1,
     4,
     0},
    {"used again, it gets its own packets",
     {TALK(0, 40000, 1000),
      CLOSE(0, 40000, 1000),
      OPEN_SYN(20 * SECOND, 9000),
      OTHER(90 * SECOND),
      {90 * SECOND, 40000, false, ACK, 9001, 1, 0},
      OPEN_SYN(91 * SECOND, 9000)},
     2,
     0,
     4,
     0},
    {"data behind a reset joins", {TALK(0, 40000, 1000), RESET(5), AGAIN(SECOND), AGAIN(2 * SECOND)}, 1, 0, 4, 2},
    {"data long behind a reset is late",
     {TALK(0, 40000, 1000), RESET(5), OTHER(6 + LINGER), AGAIN(6 + LINGER), AGAIN(7 + LINGER)},
     1,
     2,
     2,
     0},
    {"what left is forgotten after a while",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(8 + LINGER + REMEMBERED), AGAIN(8 + LINGER + REMEMBERED)},
     2,
     0,
     4,
     0},
    {"not before",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(7 + LINGER + REMEMBERED), AGAIN(7 + LINGER + REMEMBERED)},
     1,
     1,
     4,
     0},
    {"late packets keep it in mind",
     {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), AGAIN(50 * SECOND), OTHER(100 * SECOND), AGAIN(100 * SECOND)},
     1,
     2,
     4,
     0},
    {"the client stays the client",
     {{0, 40000, true, SYN | ACK, 5000, 1001, 0}, {1, 40000, false, RST, 1001, 0, 0}, AGAIN(20 * SECOND)},
     1,
     1,
     1,
     0},
};

static struct tb_capture *read_packets(const struct file_writer *writer, const struct tb_capture_request *request)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error;
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "made", &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, request, &capture, &error), TB_OK);
    tb_source_close(source);
    return capture;
}

static size_t flows_without_other(const struct tb_capture *capture)
{
    size_t count = 0;
    for (size_t i = 0; i < capture->flow_count; i++)
        count += capture->flows[i].client.port != 50000 && capture->flows[i].server.port != 50000;
    return count;
}

static void check(const struct expected *expected, const struct tb_capture *capture)
{
    const struct tb_flow_side *server = &capture->flows[0].side[1];
    if (flows_without_other(capture) != expected->flows || capture->summary.late_packets != expected->late ||
        server->packets != expected->server_packets || server->retransmitted_packets != expected->retransmitted)
        fail_msg("%s: %zu flows, %llu late packets, %llu packets of the server, %llu retransmitted", expected->name,
                 flows_without_other(capture), (unsigned long long)capture->summary.late_packets,
                 (unsigned long long)server->packets, (unsigned long long)server->retransmitted_packets);
}

/* Late packets are in the sums of their port and direction all the same. */
static void check_sums(const struct expected *expected, const struct tb_capture *capture)
{
    uint64_t packets = 0, late = 0;
    struct tb_flow_totals totals;
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 0), false, &totals);
    for (unsigned side = 0; side < 2; side++)
        packets += totals.side[side].packets;
    late = totals.late_packets;
    if (packets != capture->packets || late != expected->late)
        fail_msg("%s: %llu packets of %llu, %llu late", expected->name, (unsigned long long)packets,
                 (unsigned long long)capture->packets, (unsigned long long)late);
}

static void write_case(const struct expected *expected, struct file_writer *writer)
{
    writer_pcap(writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (size_t i = 0; i < COUNT(expected->packets) && expected->packets[i].port != 0; i++)
        add_packet(writer, &expected->packets[i]);
}

static void test_late_packets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct file_writer writer;
        write_case(&cases[i], &writer);
        struct tb_capture *capture = read_packets(&writer, &(struct tb_capture_request){0});
        check(&cases[i], capture);
        check_sums(&cases[i], capture);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

static void assert_same_summary(struct tb_flow_summary *one, struct tb_flow_summary *other)
{
    struct tb_buffer left = {0}, right = {0};
    struct tb_archive to_left = tb_archive_writer(&left), to_right = tb_archive_writer(&right);
    tb_flow_summary_describe(&to_left, one);
    tb_flow_summary_describe(&to_right, other);
    assert_same_packed(&left, &right);
}

/* Whole, or by parts of the flows, with rows or without: the same sums. */
static void test_parts_make_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct file_writer writer;
        write_case(&cases[i], &writer);
        struct tb_capture *whole = read_packets(&writer, &(struct tb_capture_request){0});
        struct tb_capture *bare = read_packets(&writer, &(struct tb_capture_request){.rows = TB_FLOW_ROWS_NONE});
        struct tb_capture *one = read_packets(&writer, &(struct tb_capture_request){.filter = "port 50000"});
        struct tb_capture *other = read_packets(&writer, &(struct tb_capture_request){.filter = "not port 50000"});
        struct tb_flow_summary summary = {0};
        assert_true(tb_flow_summary_merge(&summary, &other->summary));
        assert_true(tb_flow_summary_merge(&summary, &one->summary));
        assert_true(tb_flow_summary_complete(&summary));
        assert_same_summary(&summary, &whole->summary);
        assert_same_summary(&bare->summary, &whole->summary);
        assert_int_equal(bare->flow_count, 0);
        tb_flow_summary_free(&summary);
        tb_capture_free(whole);
        tb_capture_free(bare);
        tb_capture_free(one);
        tb_capture_free(other);
        writer_free(&writer);
    }
}

static void write_connections(struct file_writer *writer, unsigned count)
{
    writer_pcap(writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (unsigned i = 0; i < count; i++) {
        const uint64_t at = i * 1000;
        const unsigned port = 40000 + i % 7;
        const struct packet packets[] = {TALK(at, port, 1000 + 77 * i),
                                         {at + 5, port, true, PUSH | ACK, 5501, 1101 + 77 * i, 500},
                                         CLOSE(at + 1, port, 1000 + 77 * i)};
        for (size_t p = 0; p < COUNT(packets); p++)
            add_packet(writer, &packets[p]);
    }
}

/* Connections of which now and then a packet is missing, comes twice or is a reset. */
static void write_spoilt_connections(struct file_writer *writer, unsigned count)
{
    writer_pcap(writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (unsigned i = 0; i < count; i++) {
        const uint64_t at = i * UINT64_C(1000);
        struct packet packets[] = {TALK(at, 40000 + i, 1000), CLOSE(at, 40000 + i, 1000)};
        for (size_t p = 0; p < COUNT(packets); p++) {
            const uint32_t fate = random_below(40);
            packets[p].flags |= fate == 0 ? RST : 0;
            for (uint32_t copies = fate == 1 ? 2 : fate != 2; copies-- > 0;)
                add_packet(writer, &packets[p]);
        }
    }
}

static void check_rows_change_no_sums(struct file_writer *writer, const struct tb_capture_request *request)
{
    struct tb_capture_request without = *request;
    without.rows = TB_FLOW_ROWS_NONE;
    struct tb_capture *one = read_packets(writer, request);
    struct tb_capture *other = read_packets(writer, &without);
    assert_true(one->flow_count != 0);
    assert_int_equal(other->flow_count, 0);
    assert_same_summary(&one->summary, &other->summary);
    tb_capture_free(one);
    tb_capture_free(other);
}

/* Flows are added up without a row where none is kept and they have the fast path. */
static void test_rows_change_no_sums(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 60; seed++) {
        const struct tb_capture_request request = {.rules =
                                                       seed % 5 == 4 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                                   .linger = seed % 2 == 0 ? 20000000 : 0};
        random_state = seed + 1;
        struct file_writer mixed = write_file(seed % STYLES, 20 + random_below(600)), spoilt;
        check_rows_change_no_sums(&mixed, &request);
        writer_free(&mixed);
        write_spoilt_connections(&spoilt, 200);
        check_rows_change_no_sums(&spoilt, &request);
        writer_free(&spoilt);
    }
}

/* Without late packets it does not matter when flows leave. */
static void test_lingering_changes_nothing(void **state)
{
    (void)state;
    static const uint64_t lingers[] = {1, 100000, 1000000, 3000000, 50000000, UINT64_MAX};
    struct file_writer writer;
    write_connections(&writer, 200);
    struct tb_capture *usual = read_packets(&writer, &(struct tb_capture_request){0});
    struct tb_buffer expected = {0};
    tb_capture_pack(usual, &expected);
    assert_int_equal(usual->flow_count, 200);
    assert_int_equal(tb_flow_summary_find(&usual->summary, 80)->completed.flows, 200);
    for (size_t i = 0; i < COUNT(lingers); i++) {
        struct tb_capture *capture = read_packets(&writer, &(struct tb_capture_request){.linger = lingers[i]});
        struct tb_buffer found = {0};
        tb_capture_pack(capture, &found);
        /* Of 1 ns: the packets of one microsecond are never apart. */
        if (lingers[i] > 1) {
            assert_int_equal(found.size, expected.size);
            assert_memory_equal(found.data, expected.data, found.size);
        }
        tb_buffer_free(&found);
        tb_capture_free(capture);
    }
    tb_buffer_free(&expected);
    tb_capture_free(usual);
    writer_free(&writer);
}

/* By tcptrace's rules a flow joins for 240 s, and none is late. */
static void test_tcptrace_has_no_late_packets(void **state)
{
    (void)state;
    static const struct expected vectors[] = {
        {"within 240 s",
         {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(240 * SECOND), AGAIN(7 + 240 * SECOND)},
         1,
         0,
         5,
         1},
        {"behind 240 s",
         {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(240 * SECOND), AGAIN(8 + 240 * SECOND)},
         2,
         0,
         4,
         0},
        {"long behind",
         {TALK(0, 40000, 1000), CLOSE(0, 40000, 1000), OTHER(900 * SECOND), AGAIN(900 * SECOND)},
         2,
         0,
         4,
         0},
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct file_writer writer;
        write_case(&vectors[i], &writer);
        struct tb_capture *capture =
            read_packets(&writer, &(struct tb_capture_request){.rules = TB_FLOW_RULES_TCPTRACE});
        check(&vectors[i], capture);
        check_sums(&vectors[i], capture);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* Payload, gaps and round-trip times of one connection, packet by packet. */
static void test_distributions(void **state)
{
    (void)state;
    struct file_writer writer;
    write_connections(&writer, 1);
    struct tb_capture *capture = read_packets(&writer, &(struct tb_capture_request){0});
    const struct tb_port_flows *port = tb_flow_summary_find(&capture->summary, 80);
    assert_int_equal(port->segment[0].count, 1);
    assert_int_equal(port->segment[1].count, 2);
    assert_true(tb_histogram_quantile(&port->segment[0], 50) == 100);
    assert_true(tb_histogram_quantile(&port->segment[1], 50) == 500);
    assert_true(tb_histogram_quantile(&port->segment[1], 90) == 1000);
    assert_int_equal(port->gap[0].count, 3); /* 2, 1 and 4 us */
    assert_int_equal(port->gap[1].count, 4); /* 3, 1, 1 and 2 us */
    assert_int_equal(port->handshake.count, 1);
    assert_int_equal(port->sized_segments[1], 0); /* no SYN named an MSS */
    assert_int_equal(capture->flows[0].side[1].detail.gap.count, port->gap[1].count);
    assert_int_equal(capture->flows[0].side[1].detail.rtt.count, port->rtt[1].count);
    assert_int_equal(capture->flows[0].side[0].detail.rtt.count, port->rtt[0].count);
    assert_true(tb_flow_summary_find(&capture->summary, 81)->segment[1].count == 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_packets),
        cmocka_unit_test(test_parts_make_the_whole),
        cmocka_unit_test(test_rows_change_no_sums),
        cmocka_unit_test(test_lingering_changes_nothing),
        cmocka_unit_test(test_tcptrace_has_no_late_packets),
        cmocka_unit_test(test_distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
