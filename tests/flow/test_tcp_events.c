/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Events of TCP by the rules of twinbed: retransmissions told apart, probes,
 * stalls, congestion marks, HTTP messages. Each vector asserts exact numbers. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "twinbed/flow/stalls.h"

#define PLAIN 0, NULL, 0, 0, NULL
#define OPENING                                                                                                        \
    {{0, 'A', "S", 1000, 0, 0, 0}, PLAIN}, {{1000, 'B', "SA", 5000, 0, 1001, 0}, PLAIN},                               \
    {                                                                                                                  \
        {2000, 'A', "A", 1001, 0, 5001, 0}, PLAIN                                                                      \
    }
#define DATA(at, number, length)                                                                                       \
    {                                                                                                                  \
        {(at), 'B', "A", (number), (length), 1001, 0}, PLAIN                                                           \
    }
#define ACK(at, number)                                                                                                \
    {                                                                                                                  \
        {(at), 'A', "A", 1001, 0, (number), 0}, PLAIN                                                                  \
    }
#define ACK_WINDOW(at, number, window)                                                                                 \
    {                                                                                                                  \
        {(at), 'A', "A", 1001, 0, (number), 0}, (window), NULL, 0, 0, NULL                                             \
    }

struct fact {
    const char *name;
    double client, server;
};

struct vector {
    const char *name;
    struct detailed_segment segments[16];
    size_t count;
    struct fact facts[10];
};

static const struct vector vectors[] = {
    {"third duplicate and fast retransmission",
     {OPENING, DATA(3000, 6001, 1000), DATA(3100, 7001, 1000), DATA(3200, 8001, 1000), ACK(4000, 5001), ACK(4100, 5001),
      ACK(4200, 5001), DATA(5000, 5001, 1000), DATA(5100, 6001, 1000), ACK(6000, 9001)},
     12,
     {{"duplicate_acks", 0, 3},
      {"triple_duplicate_acks", 0, 1},
      {"fast_retransmissions", 0, 1}, /* of 6001; 5001 was never seen and fills a hole */
      {"timeout_retransmissions", 0, 0},
      {"spurious_retransmissions", 0, 0},
      {"retransmitted_packets", 0, 1},
      {"out_of_order_packets", 0, 1}}},
    {"retransmission after a time-out",
     {OPENING, DATA(3000, 5001, 1000), DATA(203000, 5001, 1000), ACK(204000, 6001)},
     6,
     {{"timeout_retransmissions", 0, 1},
      {"fast_retransmissions", 0, 0},
      {"spurious_retransmissions", 0, 0},
      {"repeat_times", 0, 1},
      {"repeat_time_mean", NAN, 0.2},
      {"most_repeats", 0, 1},
      {"ambiguous_acks", 0, 1},
      {"ambiguous_rtt_mean", NAN, 0.001}}},
    {"retransmission of what was acknowledged",
     {OPENING,
      DATA(3000, 5001, 1000),
      ACK(4000, 6001),
      DATA(203000, 5001, 1000),
      {{204000, 'A', "A", 1001, 0, 6001, 0}, 0, SACK("00001389", "00001771"), 0, 0, NULL}},
     7,
     {{"spurious_retransmissions", 0, 1},
      {"timeout_retransmissions", 0, 0},
      {"dsack_packets", 1, 0},
      {"duplicate_acks", 0, 0}, /* nothing was outstanding */
      {"rtts", 1, 2}}},
    {"keep-alives",
     {OPENING, DATA(3000, 5001, 100), ACK(4000, 5101), DATA(900000, 5100, 0), ACK(901000, 5101), DATA(1800000, 5100, 1),
      ACK(1801000, 5101)},
     9,
     {{"keep_alive_packets", 0, 2},
      {"retransmitted_packets", 0, 0},
      {"timeout_retransmissions", 0, 0},
      {"spurious_retransmissions", 0, 0},
      {"duplicate_acks", 0, 0}}},
    {"closed window, probes of both kinds, then open",
     {OPENING, DATA(3000, 5001, 1000), ACK_WINDOW(4000, 6001, CLOSED), DATA(204000, 6000, 0),
      ACK_WINDOW(205000, 6001, CLOSED), DATA(604000, 6001, 1), ACK_WINDOW(605000, 6001, CLOSED), ACK(704000, 6001),
      DATA(705000, 6001, 1000), ACK(706000, 7001)},
     12,
     {{"zero_windows", 3, 0},
      {"window_stalls", 0, 1},
      {"window_stall_time", 0, 0.7},
      {"probe_packets", 0, 2},
      {"probe_bytes", 0, 1},
      {"keep_alive_packets", 0, 0},
      {"unique_bytes", 0, 2000},
      {"retransmitted_packets", 0, 1}}}, /* the probe's byte came again with its segment */
    {"congestion marked by the network",
     {{{0, 'A', "SEC", 1000, 0, 0, 0}, PLAIN},
      {{1000, 'B', "SAE", 5000, 0, 1001, 0}, PLAIN},
      {{2000, 'A', "A", 1001, 0, 5001, 0}, PLAIN},
      {{3000, 'B', "A", 5001, 100, 1001, 0}, 0, NULL, 0, 2, NULL},
      {{3100, 'B', "A", 5101, 100, 1001, 0}, 0, NULL, 0, 3, NULL},
      {{4000, 'A', "AE", 1001, 0, 5201, 0}, PLAIN},
      {{5000, 'B', "AC", 5201, 100, 1001, 0}, 0, NULL, 0, 2, NULL}},
     7,
     {{"asked_ecn", 1, 1}, {"ece_packets", 1, 0}, {"cwr_packets", 0, 1}, {"ce_packets", 0, 1}}},
    {"standing still for 13 s and 26 s",
     {OPENING, DATA(3000, 5001, 1000), DATA(13003000, 5001, 1000), ACK(13004000, 6001), DATA(13005000, 6001, 1000),
      ACK(13006000, 7001), DATA(39006000, 6001, 1000), ACK(39007000, 7001)},
     10,
     {{"stalls", 0, 2}, /* waiting to be acknowledged; acknowledged but not believed */
      {"stall_time", 0, 39},
      {"stall_longest", 0, 26},
      {"timeout_retransmissions", 0, 1},
      {"spurious_retransmissions", 0, 1}}},
    {"idle is no stall",
     {OPENING, DATA(3000, 5001, 1000), ACK(4000, 6001), DATA(30000000, 6001, 1000), ACK(30001000, 7001)},
     7,
     {{"stalls", 0, 0}, {"idle_max", 29.997, 29.997}}},
    {"two requests in one segment, one more, and their replies",
     {OPENING,
      {{3000, 'A', "PA", 1001, 60, 5001, 0}, 0, NULL, 0, 0, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n"},
      {{4000, 'B', "A", 5001, 40, 1061, 0}, 0, NULL, 0, 0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
      {{5000, 'A', "PA", 1061, 40, 5041, 0}, 0, NULL, 0, 0, "POST /c HTTP/1.1\r\n\r\n"},
      {{5500, 'A', "PA", 1061, 40, 5041, 0}, 0, NULL, 0, 0, "POST /c HTTP/1.1\r\n\r\n"},
      {{6000, 'B', "A", 5041, 40, 1101, 0}, 0, NULL, 0, 0, "HTTP/1.1 404 Not Found\r\n\r\n"},
      {{6100, 'B', "A", 5081, 40, 1101, 0}, 0, NULL, 0, 0, "no reply at all"}},
     9,
     {{"requests", 3, 0}, {"replies", 0, 2}, {"retransmitted_packets", 1, 0}}},
    {"a time above 4.3 s beside a short one",
     {OPENING, {{5002000, 'A', "PA", 1001, 10, 5001, 0}, PLAIN}, {{10003000, 'B', "A", 5001, 0, 1011, 0}, PLAIN}},
     5,
     {{"gap_min", 0.002, 10.002},
      {"gap_max", 5, 10.002},
      {"gap_mean", 2.501, 10.002},
      {"gap_sd", 2.499 * 1.4142135623730951, NAN},
      {"idle_max", 5, 10.002},
      {"rtt_min", 0.001, 0.001},
      {"rtt_max", 5.001, 0.001},
      {"full_rtt_mean", 5.001, 0.001},
      {"stalls", 1, 0}}},
    {"exact means",
     {OPENING, DATA(3000, 5001, 90), ACK(3450, 5091)},
     5,
     {{"segment_mean", NAN, 90},
      {"rtts", 1, 2},
      {"rtt_min", 0.001, 0.00045},
      {"rtt_mean", 0.001, 0.000725},
      {"rtt_sd", NAN, 0.00055 / 1.4142135623730951},
      {"outstanding_max", 0, 90},
      {"throughput", 0, 90 / 0.00345},
      {"stream_bytes", -1, -1},
      {"missed_bytes", NAN, NAN}}},
};

static void check(const struct vector *vector, const struct tb_capture *capture)
{
    for (size_t i = 0; i < COUNT(vector->facts) && vector->facts[i].name != NULL; i++) {
        for (unsigned side = 0; side < 2; side++) {
            const struct fact *fact = &vector->facts[i];
            const double expected = side == 0 ? fact->client : fact->server;
            const double value = side_value(capture, 0, side, fact->name);
            if (isnan(expected) != isnan(value) || fabs(value - expected) > 1e-9 * (1 + fabs(expected)))
                fail_msg("%s: %s of %s is %.12g, expected %.12g", vector->name, fact->name,
                         side == 0 ? "client" : "server", value, expected);
        }
    }
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct tb_capture *capture = read_detailed(vectors[i].segments, vectors[i].count, TB_FLOW_RULES_TWINBED);
        assert_int_equal(capture->flow_count, 1);
        check(&vectors[i], capture);
        tb_capture_free(capture);
    }
}

/* What is packed comes back. */
static void test_details_are_packed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct tb_capture *capture = read_detailed(vectors[i].segments, vectors[i].count, TB_FLOW_RULES_TWINBED);
        struct tb_capture *copy = NULL;
        struct tb_buffer buffer = {0};
        tb_capture_pack(capture, &buffer);
        struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
        assert_true(tb_capture_unpack(&copy, &bytes));
        assert_int_equal(bytes.left, 0);
        check(&vectors[i], copy);
        for (unsigned side = 0; side < 2; side++)
            assert_memory_equal(&copy->flows[0].side[side].detail, &capture->flows[0].side[side].detail,
                                offsetof(struct tb_flow_detail, asked_ecn) + 1);
        for (size_t size = 0; size < buffer.size; size++) {
            struct tb_capture *cut = NULL;
            bytes = tb_bytes_packed(buffer.data, size);
            assert_false(tb_capture_unpack(&cut, &bytes));
        }
        tb_capture_free(copy);
        tb_capture_free(capture);
        tb_buffer_free(&buffer);
    }
}

#define TIME_STAMPS "0101 080a 00000001 00000002"

/* What the MSS of 1460 leaves beside the options of each packet. */
static void test_full_segments(void **state)
{
    (void)state;
    static const struct detailed_segment segments[] = {
        OPENING,
        DATA(3000, 5001, 1460),
        DATA(3100, 6461, 1459),
        {{3200, 'B', "A", 7920, 1448, 1001, 0}, 0, TIME_STAMPS, 0, 0, NULL},
        {{3300, 'B', "A", 9368, 1447, 1001, 0}, 0, TIME_STAMPS, 0, 0, NULL},
        DATA(3400, 10815, 20000),
        {{4000, 'A', "A", 1001, 10, 30815, 0}, PLAIN}};
    struct tb_capture *capture = read_detailed(segments, COUNT(segments), TB_FLOW_RULES_TWINBED);
    const struct tb_port_flows *port = tb_flow_summary_find(&capture->summary, 80);
    assert_int_equal(port->sized_segments[1], 5);
    assert_int_equal(port->full_segments[1], 3);
    assert_int_equal(port->sized_segments[0], 1);
    assert_int_equal(port->full_segments[0], 0);
    assert_true(tb_histogram_quantile(&port->segment[1], 50) == 1459);
    tb_capture_free(capture);
}

/* Connections from three client ports: two stand still at the same time for 13 s and 26 s, one later for 39 s. */
static void add_still(struct file_writer *writer, unsigned port, uint64_t at, uint64_t seconds)
{
    const struct {
        uint64_t at;
        bool back;
        uint32_t sequence, acknowledgement;
        unsigned flags, length;
    } packets[] = {{at, false, 1000, 0, 0x02, 0},
                   {at + 1000, true, 5000, 1001, 0x12, 0},
                   {at + 2000, false, 1001, 5001, 0x10, 0},
                   {at + 3000, true, 5001, 1001, 0x10, 100},
                   {at + 3000 + seconds * 1000000, true, 5001, 1001, 0x10, 100},
                   {at + 4000 + seconds * 1000000, false, 1001, 5101, 0x10, 0}};
    for (size_t i = 0; i < COUNT(packets); i++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, ETHERNET "0800");
        frame_ipv4(&frame, packets[i].back, 6, 40 + packets[i].length, port + (unsigned)i, 0);
        frame_tcp(&frame, packets[i].back, port, packets[i].sequence, packets[i].acknowledgement, packets[i].flags);
        writer_packet(writer, FIRST_TIME + packets[i].at * 1000, frame.bytes, frame.size,
                      frame.size + packets[i].length);
    }
}

static void test_stalls(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    add_still(&writer, 40001, 0, 13);
    add_still(&writer, 40002, 1000000, 26);
    add_still(&writer, 40003, 100000000, 39);
    add_still(&writer, 40004, 200000000, 0);
    struct tb_capture *capture = read_written(&writer, NULL);
    const struct {
        struct tb_stall_rule rule;
        struct tb_stalls expected;
    } rules[] = {
        {{80, 5000000000, 1}, {3, 2, 2, 39000000000, true}},  {{80, 5000000000, 2}, {3, 2, 2, 39000000000, true}},
        {{80, 5000000000, 3}, {3, 2, 2, 39000000000, false}}, {{80, 20000000000, 2}, {2, 2, 1, 39000000000, false}},
        {{0, 39000000001, 1}, {0, 0, 0, 0, false}},           {{81, 5000000000, 1}, {0, 0, 0, 0, false}}};
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct tb_stalls stalls;
        tb_stalls_find(&capture->summary, &rules[i].rule, &stalls);
        assert_int_equal(stalls.flows, rules[i].expected.flows);
        assert_int_equal(stalls.clusters, rules[i].expected.clusters);
        assert_int_equal(stalls.largest, rules[i].expected.largest);
        assert_int_equal(stalls.longest, rules[i].expected.longest);
        assert_int_equal(stalls.stalled, rules[i].expected.stalled);
    }
    const struct tb_stalled_flow *const worst = &tb_flow_summary_find(&capture->summary, 80)->worst;
    assert_int_equal(worst->stall.end - worst->stall.begin, 39000000000);
    assert_int_equal(worst->client.port, 40003);
    assert_int_equal(worst->server.port, 80);
    tb_capture_free(capture);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_details_are_packed),
        cmocka_unit_test(test_full_segments),
        cmocka_unit_test(test_stalls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
