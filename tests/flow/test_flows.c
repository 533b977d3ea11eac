/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which packets make one connection, who its client is, and how it ended. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

#define SECOND 1000000u

/* Connections as the captures below hold them; B's numbers are not what matters. */
#define OPEN(at, isn)                                                                                                  \
    {(at), 'A', "S", (isn), 0, 0, 0}, {(at) + 1, 'B', "SA", 5000, 0, (isn) + 1, 0},                                    \
    {                                                                                                                  \
        (at) + 2, 'A', "A", (isn) + 1, 0, 5001, 0                                                                      \
    }
#define TALK(at, isn)                                                                                                  \
    {(at), 'A', "PA", (isn) + 1, 90, 5001, 0},                                                                         \
    {                                                                                                                  \
        (at) + 1, 'B', "PA", 5001, 600, (isn) + 91, 0                                                                  \
    }
#define CLOSE(at, isn)                                                                                                 \
    {(at), 'B', "FA", 5601, 0, (isn) + 91, 0}, {(at) + 1, 'A', "FA", (isn) + 91, 0, 5602, 0},                          \
    {                                                                                                                  \
        (at) + 2, 'B', "A", 5602, 0, (isn) + 92, 0                                                                     \
    }

static const struct segment whole[] = {OPEN(0, 1000), TALK(10, 1000), CLOSE(20, 1000)};
static const struct segment reuse_after_fin_above[] = {OPEN(0, 1000),
                                                       TALK(10, 1000),
                                                       CLOSE(20, 1000),
                                                       OPEN(SECOND, 900000),
                                                       TALK(SECOND + 10, 900000),
                                                       CLOSE(SECOND + 20, 900000)};
static const struct segment reuse_after_fin_inside[] = {OPEN(0, 1000), TALK(10, 1000), CLOSE(20, 1000),
                                                        OPEN(SECOND, 2000), TALK(SECOND + 10, 2000)};
static const struct segment reuse_after_fin_below[] = {OPEN(0, 900000), TALK(10, 900000), CLOSE(20, 900000),
                                                       OPEN(SECOND, 1000), TALK(SECOND + 10, 1000)};
static const struct segment reuse_after_reset[] = {
    OPEN(0, 1000), TALK(10, 1000), {20, 'B', "RA", 5601, 0, 1091, 0}, OPEN(SECOND, 900000), TALK(SECOND + 10, 900000)};
static const struct segment reuse_without_fin[] = {OPEN(0, 1000), TALK(10, 1000), OPEN(SECOND, 900000),
                                                   TALK(SECOND + 10, 900000)};
static const struct segment syn_once_then_other[] = {
    {0, 'A', "S", 1000, 0, 0, 0}, OPEN(SECOND, 900000), TALK(SECOND + 10, 900000)};
static const struct segment syn_twice_then_other[] = {{0, 'A', "S", 1000, 0, 0, 0},
                                                      {SECOND, 'A', "S", 1000, 0, 0, 0},
                                                      OPEN(2 * SECOND, 900000),
                                                      TALK(2 * SECOND + 10, 900000)};
static const struct segment silent_300_s[] = {OPEN(0, 1000), TALK(10, 1000), CLOSE(300 * SECOND, 1000)};
static const struct segment late_reset[] = {
    OPEN(0, 1000), TALK(10, 1000), CLOSE(20, 1000), {30, 'A', "R", 1092, 0, 0, 0}};
static const struct segment early_reset[] = {OPEN(0, 1000), TALK(10, 1000), {20, 'A', "RA", 1091, 0, 5601, 0}};
static const struct segment refused[] = {{0, 'A', "S", 1000, 0, 0, 0}, {1, 'B', "RA", 0, 0, 1001, 0}};
/* A's port opens, closes, and then B connects to it from port 80. */
static const struct segment roles_swapped[] = {OPEN(0, 1000),
                                               TALK(10, 1000),
                                               CLOSE(20, 1000),
                                               {SECOND, 'B', "S", 70000, 0, 0, 0},
                                               {SECOND + 1, 'A', "SA", 30000, 0, 70001, 0},
                                               {SECOND + 2, 'B', "A", 70001, 0, 30001, 0}};
static const struct segment answer_first[] = {
    {0, 'B', "SA", 5000, 0, 1001, 0}, {1, 'A', "A", 1001, 0, 5001, 0}, TALK(10, 1000)};
static const struct segment answer_before_syn[] = {
    {0, 'B', "SA", 5000, 0, 1001, 0}, {1, 'A', "S", 1000, 0, 0, 0}, {2, 'A', "A", 1001, 0, 5001, 0}, TALK(10, 1000)};
static const struct segment both_open[] = {{0, 'B', "S", 5000, 0, 0, 0},
                                           {1, 'A', "S", 1000, 0, 0, 0},
                                           {2, 'B', "SA", 5000, 0, 1001, 0},
                                           {3, 'A', "SA", 1000, 0, 5001, 0}};
/* A reset with a number that nobody expects, and what follows it. */
static const struct segment stray_reset[] = {
    OPEN(0, 1000), {5, 'B', "R", 900000, 0, 0, 0}, TALK(SECOND, 1000), CLOSE(SECOND + 20, 1000)};
static const struct segment stray_reset_of_client[] = {
    OPEN(0, 1000), {5, 'A', "RA", 4000000000u, 0, 77, 0}, TALK(10, 1000), CLOSE(SECOND + 20, 1000)};
static const struct segment old_reset[] = {
    OPEN(0, 1000), TALK(10, 1000), {15, 'A', "R", 1001, 0, 0, 0}, CLOSE(20, 1000)};
static const struct segment reset_in_window[] = {OPEN(0, 1000), TALK(10, 1000), {15, 'A', "R", 1200, 0, 0, 0}};
static const struct segment reset_of_unseen_bytes[] = {OPEN(0, 1000),
                                                       {10, 'B', "PA", 5001, 600, 1091, 0},
                                                       {11, 'A', "A", 1091, 0, 7001, 0},
                                                       {12, 'B', "R", 7001, 0, 0, 0}};
static const struct segment refused_for_another[] = {{0, 'A', "S", 1000, 0, 0, 0},    {1, 'B', "RA", 0, 0, 501, 0},
                                                     {2, 'B', "R", 0, 0, 0, 0},       {3, 'B', "SA", 5000, 0, 1001, 0},
                                                     {4, 'A', "A", 1001, 0, 5001, 0}, TALK(10, 1000)};
/* Of a capture of one direction, with a segment lost. */
static const struct segment reset_of_one_direction[] = {
    {0, 'B', "SA", 5000, 0, 1001, 0}, {10, 'B', "PA", 5001, 600, 1091, 0}, {12, 'B', "RA", 7001, 0, 1091, 0}};
static const struct segment unknown_reset_first[] = {{0, 'B', "R", 5001, 0, 0, 0}};
static const struct segment stray_reset_of_old_connection[] = {
    {0, 'A', "PA", 1001, 90, 5001, 0}, {1, 'B', "R", 2000000000, 0, 0, 0}, {2, 'B', "PA", 5001, 600, 1091, 0}};
/* The server still knows a connection that the client has forgotten. */
static const struct segment stale_acknowledgement[] = {
    {0, 'A', "S", 1000, 0, 0, 0},   {1, 'B', "A", 300000, 0, 700000, 0},
    {2, 'A', "R", 700000, 0, 0, 0}, OPEN(SECOND, 1000),
    TALK(SECOND + 10, 1000),        CLOSE(SECOND + 20, 1000)};
static const struct segment stale_data[] = {{0, 'A', "S", 1000000, 0, 0, 0}, {1, 'B', "PA", 300000, 100, 700000, 0},
                                            {2, 'A', "R", 700000, 0, 0, 0},  OPEN(SECOND, 1000000),
                                            TALK(SECOND + 10, 1000000),      CLOSE(SECOND + 20, 1000000)};
static const struct segment begun_before[] = {{0, 'B', "PA", 5001, 600, 1091, 0}, {1, 'A', "A", 1091, 0, 5601, 0}};
static const struct segment only_end_captured[] = {TALK(10, 1000), CLOSE(20, 1000)};

struct flow_case {
    const char *name;
    const struct segment *segments;
    size_t count;
    size_t flows;
    char client;           /* of the last flow */
    enum tb_flow_end last; /* how it ended */
    bool completed;        /* its reply */
};

#define CASE(segments) #segments, segments, COUNT(segments)

static const struct flow_case cases[] = {
    {CASE(whole), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(reuse_after_fin_above), 2, 'A', TB_FLOW_CLOSED, true},
    {CASE(reuse_after_fin_inside), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(reuse_after_fin_below), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(reuse_after_reset), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(reuse_without_fin), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(syn_once_then_other), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(syn_twice_then_other), 2, 'A', TB_FLOW_OPEN, false},
    {CASE(silent_300_s), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(late_reset), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(early_reset), 1, 'A', TB_FLOW_RESET, false},
    {CASE(refused), 1, 'A', TB_FLOW_RESET, false},
    {CASE(roles_swapped), 2, 'B', TB_FLOW_OPEN, false},
    {CASE(answer_first), 1, 'A', TB_FLOW_OPEN, false},
    {CASE(answer_before_syn), 1, 'A', TB_FLOW_OPEN, false},
    {CASE(both_open), 1, 'B', TB_FLOW_OPEN, false},
    {CASE(stray_reset), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(stray_reset_of_client), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(old_reset), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(reset_in_window), 1, 'A', TB_FLOW_RESET, false},
    {CASE(reset_of_unseen_bytes), 1, 'A', TB_FLOW_RESET, false},
    {CASE(refused_for_another), 1, 'A', TB_FLOW_OPEN, false},
    {CASE(reset_of_one_direction), 1, 'A', TB_FLOW_RESET, false},
    {CASE(unknown_reset_first), 1, 'B', TB_FLOW_RESET, false},
    {CASE(stray_reset_of_old_connection), 1, 'A', TB_FLOW_OPEN, false},
    {CASE(stale_acknowledgement), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(stale_data), 1, 'A', TB_FLOW_CLOSED, true},
    {CASE(begun_before), 1, 'B', TB_FLOW_OPEN, false},
    {CASE(only_end_captured), 1, 'A', TB_FLOW_CLOSED, true},
};

static void test_connections(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct flow_case *expected = &cases[i];
        struct tb_capture *capture = read_segments(expected->segments, expected->count);
        if (capture->flow_count != expected->flows)
            fail_msg("%s: %zu flows, expected %zu", expected->name, capture->flow_count, expected->flows);
        const struct tb_flow *last = &capture->flows[capture->flow_count - 1];
        const char client = last->client.port == 40000 ? 'A' : 'B';
        if (client != expected->client || last->ended != expected->last || last->completed_reply != expected->completed)
            fail_msg("%s: client %c, %s, completed %d", expected->name, client, tb_flow_end_name(last->ended),
                     last->completed_reply);
        tb_capture_free(capture);
    }
}

static void test_first_of_two_keeps_its_packets(void **state)
{
    (void)state;
    struct tb_capture *capture = read_segments(reuse_without_fin, COUNT(reuse_without_fin));
    const struct tb_flow *first = &capture->flows[0];
    const struct tb_flow *second = &capture->flows[1];
    assert_int_equal(first->side[0].packets + first->side[1].packets, 5);
    assert_int_equal(second->side[0].packets + second->side[1].packets, 5);
    assert_int_equal(first->first_packet, 0);
    assert_int_equal(second->first_packet, 5);
    assert_int_equal(first->side[1].unique_bytes, 600);
    assert_int_equal(second->side[1].unique_bytes, 600);
    assert_int_equal(second->side[0].missing_bytes, 0);
    assert_int_equal(second->start - first->start, 1000000000);
    tb_capture_free(capture);
}

static void test_sides_follow_the_client(void **state)
{
    (void)state;
    struct tb_capture *capture = read_segments(answer_first, COUNT(answer_first));
    const struct tb_flow *flow = &capture->flows[0];
    char text[TB_ADDRESS_TEXT_SIZE];
    assert_string_equal(tb_address_text(&flow->client, text), "10.0.0.2:40000");
    assert_string_equal(tb_address_text(&flow->server, text), "10.0.0.1:80");
    assert_int_equal(flow->side[0].unique_bytes, 90);
    assert_int_equal(flow->side[1].unique_bytes, 600);
    assert_int_equal(flow->handshake, 0);
    tb_capture_free(capture);
}

/* It lasts from the first SYN on, and knows nothing of what was not its own. */
static void test_stale_answer(void **state)
{
    (void)state;
    struct tb_capture *capture = read_segments(stale_acknowledgement, COUNT(stale_acknowledgement));
    const struct tb_flow *flow = &capture->flows[0];
    assert_int_equal(flow->handshake, 1000002000);
    assert_int_equal(flow->side[0].packets, 6);
    assert_int_equal(flow->side[1].packets, 5);
    assert_int_equal(flow->side[0].repeated_syn_packets, 1);
    assert_int_equal(flow->side[0].rst_packets, 1);
    assert_int_equal(flow->side[0].unique_bytes, 90);
    assert_int_equal(flow->side[1].unique_bytes, 600);
    assert_int_equal(flow->side[1].missing_bytes, 0);
    assert_true(flow->side[0].stream_complete && flow->side[1].stream_complete);
    assert_int_equal(flow->side[0].detail.outstanding_max, 90);
    tb_capture_free(capture);
}

/* Payload of resets, and of what is stale, is in no stream. */
static void test_payload_outside_streams(void **state)
{
    (void)state;
    static const struct segment segments[] = {OPEN(0, 1000), TALK(10, 1000), {20, 'B', "RA", 5601, 58, 1091, 0}};
    struct tb_capture *capture = read_segments(segments, COUNT(segments));
    assert_int_equal(capture->flows[0].side[1].payload_bytes, 658);
    assert_int_equal(capture->flows[0].side[1].unique_bytes, 600);
    assert_int_equal(capture->flows[0].side[1].retransmitted_bytes, 0);
    tb_capture_free(capture);
    capture = read_segments(stale_data, COUNT(stale_data));
    assert_int_equal(capture->flows[0].side[1].payload_bytes, 700);
    assert_int_equal(capture->flows[0].side[1].unique_bytes, 600);
    tb_capture_free(capture);
}

/* What comes behind its own FIN fills a hole. */
static void test_data_behind_its_fin(void **state)
{
    (void)state;
    static const struct segment segments[] = {OPEN(0, 1000),
                                              {10, 'B', "A", 5001, 100, 1001, 0},
                                              {11, 'B', "FA", 5301, 0, 1001, 0},
                                              {12, 'B', "A", 5101, 100, 1001, 0},
                                              {13, 'B', "PA", 5201, 100, 1001, 0},
                                              {14, 'A', "FA", 1001, 0, 5302, 0}};
    struct tb_capture *capture = read_segments(segments, COUNT(segments));
    assert_int_equal(capture->flows[0].side[1].out_of_order_packets, 2);
    assert_int_equal(capture->flows[0].side[1].retransmitted_packets, 0);
    assert_int_equal(capture->flows[0].side[1].unique_bytes, 300);
    assert_true(capture->flows[0].completed_reply);
    tb_capture_free(capture);
}

struct reply_case {
    const char *name;
    struct segment tail[5]; /* behind the opening and the request */
    size_t count;
    bool completed;
};

static const struct reply_case replies[] = {
    {"nothing", {{0}}, 0, false},
    {"payload without FIN", {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'A', "A", 1091, 0, 5601, 0}}, 2, false},
    {"FIN without payload", {{10, 'B', "FA", 5001, 0, 1091, 0}, {11, 'A', "A", 1091, 0, 5002, 0}}, 2, false},
    {"all seen", {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'B', "FA", 5601, 0, 1091, 0}}, 2, true},
    {"FIN on the last payload", {{10, 'B', "FPA", 5001, 600, 1091, 0}}, 1, true},
    {"a hole", {{10, 'B', "PA", 5101, 500, 1091, 0}, {11, 'B', "FA", 5601, 0, 1091, 0}}, 2, false},
    {"a hole that was acknowledged",
     {{10, 'B', "PA", 5101, 500, 1091, 0}, {11, 'B', "FA", 5601, 0, 1091, 0}, {12, 'A', "A", 1091, 0, 5602, 0}},
     3,
     true},
    {"reset behind the client's FIN",
     {{10, 'B', "PA", 5001, 600, 1091, 0},
      {11, 'A', "PA", 1091, 31, 5601, 0},
      {12, 'A', "FA", 1122, 0, 5601, 0},
      {13, 'B', "RA", 5601, 0, 1123, 0}},
     4,
     true},
    {"reset that crosses the client's FIN",
     {{10, 'B', "PA", 5001, 600, 1091, 0},
      {11, 'A', "PA", 1091, 31, 5601, 0},
      {12, 'B', "RA", 5601, 0, 1122, 0},
      {13, 'A', "FA", 1122, 0, 5601, 0},
      {14, 'B', "R", 5601, 0, 0, 0}},
     5,
     true},
    {"reset without the client's FIN",
     {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'A', "A", 1091, 0, 5601, 0}, {12, 'B', "RA", 5601, 0, 1091, 0}},
     3,
     false},
    {"reset of the client",
     {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'A', "A", 1091, 0, 5601, 0}, {12, 'A', "RA", 1091, 0, 5601, 0}},
     3,
     false},
    {"reset of the client, behind the server's FIN",
     {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'B', "FA", 5601, 0, 1091, 0}, {12, 'A', "RA", 1091, 0, 5602, 0}},
     3,
     true},
    {"reset with a part not acknowledged",
     {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'A', "FA", 1091, 0, 5301, 0}, {12, 'B', "RA", 5601, 0, 1092, 0}},
     3,
     false},
    {"reset that comes before the acknowledgement",
     {{10, 'B', "PA", 5001, 600, 1091, 0},
      {11, 'A', "FA", 1091, 0, 5301, 0},
      {12, 'B', "RA", 5601, 0, 1092, 0},
      {13, 'A', "A", 1092, 0, 5601, 0}},
     4,
     false},
    {"reset behind a hole",
     {{10, 'B', "PA", 5101, 500, 1091, 0}, {11, 'A', "FA", 1091, 0, 5601, 0}, {12, 'B', "RA", 5601, 0, 1092, 0}},
     3,
     false},
    {"reset without payload", {{10, 'A', "FA", 1091, 0, 5001, 0}, {11, 'B', "RA", 5001, 0, 1092, 0}}, 2, false},
    {"reset that is not of the connection",
     {{10, 'B', "PA", 5001, 600, 1091, 0}, {11, 'A', "FA", 1091, 0, 5601, 0}, {12, 'B', "RA", 900000, 0, 1092, 0}},
     3,
     false},
};

static void test_completed_replies(void **state)
{
    (void)state;
    const struct segment head[] = {OPEN(0, 1000), {5, 'A', "PA", 1001, 90, 5001, 0}};
    for (size_t i = 0; i < COUNT(replies); i++) {
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
        writer_segments(&writer, head, COUNT(head));
        writer_segments(&writer, replies[i].tail, replies[i].count);
        struct tb_capture *capture = read_written(&writer, NULL);
        if (capture->flows[0].completed_reply != replies[i].completed)
            fail_msg("%s: completed_reply is %d", replies[i].name, capture->flows[0].completed_reply);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* 20 000 connections at once, a packet of each in turn. */
static void test_many_connections(void **state)
{
    (void)state;
    enum { CONNECTIONS = 20000 };
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    for (uint32_t round = 0; round < 3; round++) {
        for (unsigned i = 0; i < CONNECTIONS; i++) {
            struct frame frame = {.size = 0};
            frame_hex(&frame, ETHERNET "0800");
            frame_ipv4(&frame, false, 6, 50, 1 + round, 0);
            frame_tcp(&frame, false, 1000 + i, i + 10 * round, 1, 0x10);
            writer_packet(&writer, FIRST_TIME, frame.bytes, frame.size, frame.size + 10);
        }
    }
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->flow_count, CONNECTIONS);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        assert_int_equal(capture->flows[i].client.port, 1000 + i);
        assert_int_equal(capture->flows[i].first_packet, i);
        assert_int_equal(capture->flows[i].side[0].unique_bytes, 30);
    }
    tb_capture_free(capture);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_first_of_two_keeps_its_packets),
        cmocka_unit_test(test_sides_follow_the_client),
        cmocka_unit_test(test_stale_answer),
        cmocka_unit_test(test_data_behind_its_fin),
        cmocka_unit_test(test_payload_outside_streams),
        cmocka_unit_test(test_completed_replies),
        cmocka_unit_test(test_many_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
