/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is counted of each side of a TCP connection, packet by packet. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

static const struct tb_flow *only_flow(const struct tb_capture *capture)
{
    assert_int_equal(capture->flow_count, 1);
    return &capture->flows[0];
}

/* Loss, reordering, repeats, a window probe and urgent data in one connection. */
static const struct segment eventful[] = {
    {0, 'A', "S", 1000, 0, 0, 0},
    {1000, 'B', "SA", 5000, 0, 1001, 0},
    {1100, 'A', "A", 1001, 0, 5001, 0},
    {2000, 'A', "PA", 1001, 90, 5001, 0},
    {3000, 'B', "A", 5001, 0, 1091, 0},
    {4000, 'B', "A", 5001, 1000, 1091, 0},
    {5000, 'B', "A", 7001, 1000, 1091, 0},
    {5200, 'A', "A", 1091, 0, 6001, 0},
    {5500, 'A', "A", 1091, 0, 6001, 0},
    {6000, 'B', "PA", 9001, 1000, 1091, 0},
    {6100, 'A', "A", 1091, 0, 6001, 0},
    {6200, 'A', "A", 1091, 0, 6001, 0},
    {7000, 'B', "A", 8001, 1000, 1091, 0},
    {8000, 'B', "A", 6001, 1000, 1091, 0},
    {8500, 'A', "A", 1091, 0, 10001, 0},
    {202000, 'B', "PA", 9001, 1000, 1091, 0},
    {203000, 'A', "A", 1091, 0, 10001, 0},
    {212000, 'B', "PA", 9501, 1000, 1091, 0},
    {213000, 'A', "A", 1091, 0, 10501, 0},
    {302000, 'B', "A", 10501, 1, 1091, 0},
    {303000, 'A', "A", 1091, 0, 10501, 0},
    {402000, 'A', "A", 1091, 0, 10501, 0},
    {412000, 'B', "PUA", 10501, 500, 1091, 0},
    {413000, 'A', "A", 1091, 0, 11001, 0},
    {502000, 'B', "FA", 11001, 0, 1091, 0},
    {503000, 'A', "FA", 1091, 0, 11002, 0},
    {504000, 'B', "A", 11002, 0, 1092, 0},
};

static void test_eventful_connection(void **state)
{
    (void)state;
    struct tb_capture *capture = read_segments(eventful, COUNT(eventful));
    const struct tb_flow *flow = only_flow(capture);
    const struct tb_flow_side *client = &flow->side[0];
    const struct tb_flow_side *server = &flow->side[1];
    assert_int_equal(client->packets, 14);
    assert_int_equal(server->packets, 13);
    assert_int_equal(client->pure_ack_packets, 11);
    assert_int_equal(server->pure_ack_packets, 2);
    assert_int_equal(client->unique_bytes, 90);
    assert_int_equal(server->unique_bytes, 6000);
    assert_int_equal(client->data_packets, 1);
    assert_int_equal(server->data_packets, 9);
    assert_int_equal(client->payload_bytes, 90);
    assert_int_equal(server->payload_bytes, 7501);
    assert_int_equal(client->retransmitted_packets, 0);
    /* The whole repeat, the half repeat, and the byte of the window probe when its segment follows. */
    assert_int_equal(server->retransmitted_packets, 3);
    assert_int_equal(server->retransmitted_bytes, 1501);
    assert_int_equal(server->out_of_order_packets, 2);
    assert_int_equal(server->missing_bytes, 0);
    assert_true(client->stream_complete);
    assert_true(server->stream_complete);
    assert_int_equal(client->ip_bytes, 14 * 40 + 90);
    assert_int_equal(server->ip_bytes, 13 * 40 + 7501);
    assert_int_equal(flow->ended, TB_FLOW_CLOSED);
    assert_true(flow->completed_reply);
    assert_int_equal(flow->handshake, 1100000);
    assert_int_equal(flow->start, FIRST_TIME);
    assert_int_equal(flow->end - flow->start, 504000000);
    tb_capture_free(capture);
}

/* A handshake, 100 bytes and their ACK, FINs; extra segments go between. */
#define OPENING                                                                                                        \
    {0, 'A', "S", 1000, 0, 0, 0}, {1000, 'B', "SA", 5000, 0, 1001, 0},                                                 \
    {                                                                                                                  \
        2000, 'A', "A", 1001, 0, 5001, 0                                                                               \
    }
#define REQUEST                                                                                                        \
    {3000, 'A', "PA", 1001, 100, 5001, 77},                                                                            \
    {                                                                                                                  \
        4000, 'B', "A", 5001, 0, 1101, 0                                                                               \
    }
#define CLOSING                                                                                                        \
    {900000000, 'A', "FA", 1101, 0, 5001, 0}, {900001000, 'B', "FA", 5001, 0, 1102, 0},                                \
    {                                                                                                                  \
        900002000, 'A', "A", 1102, 0, 5002, 0                                                                          \
    }

struct side_case {
    const char *name;
    const struct segment *segments;
    size_t count;
    unsigned side;
    uint64_t packets, unique, retransmitted, retransmitted_bytes, out_of_order;
    uint64_t repeated_syn, repeated_fin, pure_ack, empty_push, keep_alive, missing;
};

static const struct segment sent_twice[] = {OPENING, REQUEST, {5000, 'A', "PA", 1001, 100, 5001, 78}, CLOSING};
static const struct segment syn_twice[] = {{0, 'A', "S", 1000, 0, 0, 0},
                                           {1000000, 'A', "S", 1000, 0, 0, 0},
                                           {1001000, 'B', "SA", 5000, 0, 1001, 0},
                                           {1002000, 'A', "A", 1001, 0, 5001, 0}};
static const struct segment fin_twice[] = {OPENING, REQUEST, CLOSING, {900003000, 'B', "FA", 5001, 0, 1102, 0}};
static const struct segment keep_alives[] = {OPENING,
                                             REQUEST,
                                             {60000000, 'A', "A", 1100, 0, 5001, 0},
                                             {60001000, 'B', "A", 5001, 0, 1101, 0},
                                             {120000000, 'A', "A", 1100, 1, 5001, 0},
                                             {120001000, 'B', "A", 5001, 0, 1101, 0},
                                             CLOSING};
static const struct segment unanswered[] = {
    OPENING, {3000, 'A', "PA", 1001, 100, 5001, 77}, {5000, 'A', "A", 1100, 1, 5001, 0}};
static const struct segment empty_push[] = {OPENING,
                                            {3000, 'A', "PA", 1001, 0, 5001, 77},
                                            {3001, 'A', "PA", 1001, 100, 5001, 77},
                                            {4000, 'B', "A", 5001, 0, 1101, 0}};
static const struct segment push_alone[] = {OPENING,
                                            {3000, 'A', "PA", 1001, 0, 5001, 77},
                                            {3001, 'A', "PA", 1001, 100, 5001, 78},
                                            {4000, 'B', "A", 5001, 0, 1101, 0}};
static const struct segment hole_filled[] = {OPENING,
                                             {3000, 'A', "A", 1101, 100, 5001, 0},
                                             {4000, 'A', "A", 1001, 100, 5001, 0},
                                             {5000, 'A', "A", 1201, 10, 5001, 0}};
static const struct segment hole_left[] = {
    OPENING, {3000, 'A', "A", 1101, 100, 5001, 0}, {4000, 'A', "FA", 1301, 0, 5001, 0}};
static const struct segment over_a_hole[] = {OPENING,
                                             {3000, 'A', "A", 1001, 10, 5001, 0},
                                             {4000, 'A', "A", 1021, 10, 5001, 0},
                                             {5000, 'A', "A", 1001, 50, 5001, 0}};
static const struct segment syn_with_data[] = {
    {0, 'A', "S", 1000, 20, 0, 0}, {1000, 'B', "SA", 5000, 0, 1021, 0}, {2000, 'A', "A", 1021, 30, 5001, 0}};
static const struct segment turned_around[] = {
    {0, 'A', "S", 0xffffffc0, 0, 0, 0},         {1000, 'B', "SA", 5000, 0, 0xffffffc1, 0},
    {2000, 'A', "A", 0xffffffc1, 100, 5001, 0}, {3000, 'A', "A", 0x25, 100, 5001, 0},
    {4000, 'A', "A", 0xffffffc1, 100, 5001, 0}, {5000, 'A', "FA", 0x89, 0, 5001, 0}};
/* No SYN was captured, and what comes first is not the lowest. */
static const struct segment begun_before[] = {
    {0, 'A', "A", 5000, 100, 1, 0}, {1000, 'A', "A", 4800, 100, 1, 0}, {2000, 'A', "A", 5100, 100, 1, 0}};

#define CASE(segments) #segments, segments, COUNT(segments)

static const struct side_case cases[] = {
    /*                        packets unique rexmt bytes order  syn fin pure push alive missing */
    {CASE(sent_twice), 0, 6, 100, 1, 100, 0, 0, 0, 2, 0, 0, 0},
    {CASE(syn_twice), 0, 3, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0},
    {CASE(fin_twice), 1, 4, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0},
    {CASE(keep_alives), 0, 7, 100, 0, 0, 0, 0, 0, 2, 0, 2, 0},
    {CASE(keep_alives), 1, 5, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0},
    {CASE(unanswered), 0, 4, 100, 1, 1, 0, 0, 0, 1, 0, 0, 0},
    {CASE(empty_push), 0, 4, 100, 0, 0, 0, 0, 0, 1, 1, 0, 0},
    {CASE(push_alone), 0, 4, 100, 0, 0, 0, 0, 0, 2, 0, 0, 0},
    {CASE(hole_filled), 0, 5, 210, 0, 0, 1, 0, 0, 1, 0, 0, 0},
    {CASE(hole_left), 0, 4, 100, 0, 0, 0, 0, 0, 1, 0, 0, 200},
    {CASE(over_a_hole), 0, 5, 50, 1, 20, 1, 0, 0, 1, 0, 0, 0},
    {CASE(syn_with_data), 0, 2, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {CASE(turned_around), 0, 5, 200, 1, 100, 0, 0, 0, 0, 0, 0, 0},
    {CASE(begun_before), 0, 3, 300, 0, 0, 1, 0, 0, 0, 0, 0, 100},
};

static void check(const char *name, const char *what, uint64_t is, uint64_t expected)
{
    if (is != expected)
        fail_msg("%s: %s is %llu, expected %llu", name, what, (unsigned long long)is, (unsigned long long)expected);
}

static void test_side_counters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct side_case *expected = &cases[i];
        struct tb_capture *capture = read_segments(expected->segments, expected->count);
        const struct tb_flow_side *side = &only_flow(capture)->side[expected->side];
        check(expected->name, "packets", side->packets, expected->packets);
        check(expected->name, "unique_bytes", side->unique_bytes, expected->unique);
        check(expected->name, "retransmitted_packets", side->retransmitted_packets, expected->retransmitted);
        check(expected->name, "retransmitted_bytes", side->retransmitted_bytes, expected->retransmitted_bytes);
        check(expected->name, "out_of_order_packets", side->out_of_order_packets, expected->out_of_order);
        check(expected->name, "repeated_syn_packets", side->repeated_syn_packets, expected->repeated_syn);
        check(expected->name, "repeated_fin_packets", side->repeated_fin_packets, expected->repeated_fin);
        check(expected->name, "pure_ack_packets", side->pure_ack_packets, expected->pure_ack);
        check(expected->name, "empty_push_packets", side->empty_push_packets, expected->empty_push);
        check(expected->name, "keep_alive_packets", side->keep_alive_packets, expected->keep_alive);
        check(expected->name, "missing_bytes", side->missing_bytes, expected->missing);
        tb_capture_free(capture);
    }
}

/* 5 330 000 000 bytes in segments of 65 000: the numbers go around once and more. */
static void test_streams_above_4_gib(void **state)
{
    (void)state;
    enum { SEGMENTS = 82000, SIZE = 65000 };
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    const struct segment opening[] = {OPENING};
    writer_segments(&writer, opening, COUNT(opening));
    uint32_t sequence = 5001;
    for (unsigned i = 0; i < SEGMENTS; i++, sequence += SIZE)
        writer_segments(&writer, &(struct segment){3000 + i, 'B', "A", sequence, SIZE, 1001, 5}, 1);
    writer_segments(&writer, &(struct segment){900000, 'B', "FA", sequence, 0, 1001, 0}, 1);
    struct tb_capture *capture = read_written(&writer, NULL);
    const struct tb_flow_side *server = &only_flow(capture)->side[1];
    assert_int_equal(server->unique_bytes, 5330000000u);
    assert_int_equal(server->retransmitted_bytes, 0);
    assert_int_equal(server->missing_bytes, 0);
    assert_true(server->stream_complete);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* Every other segment is lost: far more holes than are remembered. */
static void test_memory_of_holes_is_bounded(void **state)
{
    (void)state;
    enum { SEGMENTS = 20000 };
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    const struct segment opening[] = {OPENING};
    writer_segments(&writer, opening, COUNT(opening));
    for (uint32_t i = 0; i < SEGMENTS; i++)
        writer_segments(&writer, &(struct segment){3000 + i, 'B', "A", 5001 + 20 * i, 10, 1001, 0}, 1);
    struct tb_capture *capture = read_written(&writer, NULL);
    const struct tb_flow_side *server = &only_flow(capture)->side[1];
    assert_int_equal(server->unique_bytes, 10 * SEGMENTS);
    assert_int_equal(server->missing_bytes, 10 * (SEGMENTS - 1));
    tb_capture_free(capture);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eventful_connection),
        cmocka_unit_test(test_side_counters),
        cmocka_unit_test(test_streams_above_4_gib),
        cmocka_unit_test(test_memory_of_holes_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
