/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Captures that libpcap writes: one connection on different links, with
 * nanoseconds, cut by a snap length, begun in the middle, offloaded, with
 * empty segments of an emulated adapter. Each asserts exact numbers. */

#include <math.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

enum {
    FIN = 1,
    SYN = 2,
    PUSH = 8,
    ACK = 16,
    ETHERNET_LINK = DLT_EN10MB,
    RAW_LINK = DLT_RAW,
    COOKED_2_LINK = DLT_LINUX_SLL2,
    WHOLE = 262144
};

#define SECOND UINT64_C(1000000000)
#define QINQ ETHERNET "88a8 0005 8100 0006 "
#define COOKED_2_TAGGED " 0000 00000002 0001 00 06 0200000000010000 0005 "

/* A TCP segment between A = port 40000 and B = port 80. */
struct step {
    uint64_t ns; /* since FIRST_TIME */
    char from;
    unsigned flags;
    uint32_t sequence, length, acknowledgement;
    unsigned identification;
};

/* How the segments are wrapped. */
struct wrapping {
    int link_type;    /* a DLT_ number, which libpcap stores as LINKTYPE_ */
    const char *link; /* hexadecimal, up to the IP header */
    unsigned version;
    int snap_length;
    unsigned congestion; /* of packets with payload: the two bits of the IP header */
    bool hop_by_hop;     /* IPv6: an extension header of 8 bytes */
    bool length_zero;    /* the IP length is 0 where there is payload, as on offloaded segments above 64 KB */
};

static void add_ip(struct frame *frame, const struct wrapping *wrapping, const struct step *step)
{
    const bool back = step->from == 'B', zero = wrapping->length_zero && step->length != 0;
    const unsigned behind = 20 + step->length;
    const size_t begin = frame->size;
    if (wrapping->version == 4) {
        frame_ipv4(frame, back, 6, zero ? 0 : 20 + behind, step->identification, 0x4000);
        frame->bytes[begin + 1] = (uint8_t)(step->length != 0 ? wrapping->congestion : 0);
        return;
    }
    frame_ipv6(frame, back, wrapping->hop_by_hop ? 0 : 6, zero ? 0 : behind + (wrapping->hop_by_hop ? 8 : 0));
    frame->bytes[begin + 1] = (uint8_t)(step->length != 0 ? wrapping->congestion << 4 : 0);
    if (wrapping->hop_by_hop)
        frame_hex(frame, "06 00 010400000000");
}

static void dump_step(pcap_dumper_t *dumper, const struct wrapping *wrapping, const struct step *step)
{
    struct frame frame = {.size = 0};
    const uint64_t time = FIRST_TIME + step->ns;
    static uint8_t packet[WHOLE];
    frame_hex(&frame, wrapping->link);
    add_ip(&frame, wrapping, step);
    frame_tcp(&frame, step->from == 'B', 40000, step->sequence, step->acknowledgement, step->flags);
    memcpy(packet, frame.bytes, frame.size);
    const uint32_t size = (uint32_t)frame.size + step->length;
    const struct pcap_pkthdr header = {
        .ts = {.tv_sec = (time_t)(time / SECOND), .tv_usec = (suseconds_t)(time % SECOND)},
        .caplen = size < (uint32_t)wrapping->snap_length ? size : (uint32_t)wrapping->snap_length,
        .len = size};
    pcap_dump((u_char *)dumper, &header, packet);
}

static struct tb_capture *read_dumped(const struct wrapping *wrapping, const struct step *steps, size_t count)
{
    char *bytes = NULL;
    size_t size = 0;
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    FILE *file = open_memstream(&bytes, &size);
    pcap_t *dead =
        pcap_open_dead_with_tstamp_precision(wrapping->link_type, wrapping->snap_length, PCAP_TSTAMP_PRECISION_NANO);
    pcap_dumper_t *dumper = pcap_dump_fopen(dead, file);
    assert_non_null(dumper);
    for (size_t i = 0; i < count; i++)
        dump_step(dumper, wrapping, &steps[i]);
    pcap_dump_close(dumper);
    pcap_close(dead);
    assert_int_equal(tb_source_open_memory(bytes, size, "dumped.pcap", &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, &(struct tb_capture_request){.filter = NULL}, &capture, &error), TB_OK);
    assert_true(tb_account_balances(&capture->account));
    assert_string_equal(capture->format, "pcap ns");
    tb_source_close(source);
    free(bytes);
    return capture;
}

struct fact {
    const char *name;
    double client, server;
};

static void check(const char *what, const struct tb_capture *capture, const struct fact *facts, size_t count)
{
    if (capture->flow_count != 1)
        fail_msg("%s: %zu flows", what, capture->flow_count);
    for (size_t i = 0; i < count; i++) {
        for (unsigned side = 0; side < 2; side++) {
            const double expected = side == 0 ? facts[i].client : facts[i].server;
            const double value = side_value(capture, 0, side, facts[i].name);
            if (isnan(expected) != isnan(value) || fabs(value - expected) > 1e-12 * (1 + fabs(expected)))
                fail_msg("%s: %s of %s is %.15g, expected %.15g", what, facts[i].name, side == 0 ? "client" : "server",
                         value, expected);
        }
    }
}

/* A request, a reply of two segments of which one is sent again after a time-out. */
static const struct step whole[] = {
    {0, 'A', SYN, 1000, 0, 0, 1},
    {1000001, 'B', SYN | ACK, 5000, 0, 1001, 2},
    {2000003, 'A', ACK, 1001, 0, 5001, 3},
    {3000000, 'A', PUSH | ACK, 1001, 90, 5001, 4},
    {3500007, 'B', ACK, 5001, 0, 1091, 5},
    {4000000, 'B', ACK, 5001, 1400, 1091, 6},
    {4000100, 'B', PUSH | ACK, 6401, 1400, 1091, 7},
    {5000011, 'A', ACK, 1091, 0, 6401, 8},
    {205000000, 'B', PUSH | ACK, 6401, 1400, 1091, 9},
    {206000013, 'A', ACK, 1091, 0, 7801, 10},
    {207000000, 'B', FIN | ACK, 7801, 0, 1091, 11},
    {208000001, 'A', FIN | ACK, 1091, 0, 7802, 12},
    {209000000, 'B', ACK, 7802, 0, 1092, 13},
};

static const struct fact whole_facts[] = {
    {"packets", 6, 7},
    {"payload_bytes", 90, 4200},
    {"unique_bytes", 90, 2800},
    {"retransmitted_packets", 0, 1},
    {"retransmitted_bytes", 0, 1400},
    {"timeout_retransmissions", 0, 1},
    {"fast_retransmissions", 0, 0},
    {"spurious_retransmissions", 0, 0},
    {"out_of_order_packets", 0, 0},
    {"pure_ack_packets", 3, 2},
    {"missing_bytes", 0, 0},
    {"stream_bytes", 90, 2800},
    {"rtts", 3, 3},                        /* SYN, request, FIN; SYN, first segment, FIN */
    {"rtt_min", 0.000500007, 0.001000001}, /* of the request; of the FIN */
    {"rtt_max", 0.001000001, 0.001000011}, /* the SYN's; the segment's */
    {"rtt_mean", (1000001 + 500007 + 999999) / 3e9, (1000002 + 1000011 + 1000001) / 3e9},
    {"ambiguous_acks", 0, 1},
    {"ambiguous_rtt_mean", NAN, 0.001000013},
    {"repeat_time_mean", NAN, 0.2009999},
    {"handshake_rtt", 0.001000001, 0.001000002},
};

static const struct wrapping links[] = {
    {ETHERNET_LINK, QINQ "0800", 4, WHOLE, 0, false, false},
    {ETHERNET_LINK, QINQ "86dd", 6, WHOLE, 0, true, false},
    {RAW_LINK, "", 4, WHOLE, 0, false, false},
    {COOKED_2_LINK, "8100" COOKED_2_TAGGED "86dd", 6, WHOLE, 0, true, false},
    {COOKED_2_LINK, "8100" COOKED_2_TAGGED "0800", 4, WHOLE, 0, false, true},
    {ETHERNET_LINK, ETHERNET "86dd", 6, WHOLE, 0, false, true},
};

/* Every link and version of IP gives the same numbers, to the nanosecond. */
static void test_links_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        struct tb_capture *capture = read_dumped(&links[i], whole, COUNT(whole));
        check(links[i].link, capture, whole_facts, COUNT(whole_facts));
        const struct tb_flow *flow = &capture->flows[0];
        assert_int_equal(flow->handshake, 2000003);
        assert_int_equal(flow->end - flow->start, 209000000);
        assert_int_equal(flow->start, FIRST_TIME);
        assert_true(flow->completed_reply);
        const unsigned header = (links[i].version == 4 ? 40 : 60) + (links[i].hop_by_hop ? 8 : 0);
        assert_int_equal(flow->side[1].ip_bytes, 7 * header + 4200);
        assert_int_equal(capture->cut_packets, 0);
        tb_capture_free(capture);
    }
}

/* 96 bytes keep 42 of a segment's payload: lengths are those of the wire, and what is gone is counted. */
static void test_snap_length(void **state)
{
    (void)state;
    static const struct fact facts[] = {{"truncated_bytes", 90 - 42, 3 * (1400 - 42)}, {"truncated_packets", 1, 3}};
    const struct wrapping cut = {ETHERNET_LINK, ETHERNET "0800", 4, 96, 0, false, false};
    struct tb_capture *capture = read_dumped(&cut, whole, COUNT(whole));
    check("96 bytes", capture, whole_facts, COUNT(whole_facts));
    check("96 bytes", capture, facts, COUNT(facts));
    assert_int_equal(capture->cut_packets, 4);
    assert_int_equal(capture->snap_length, 96);
    tb_capture_free(capture);
}

/* From the first segment of the reply on: the server sends first, so it stands as the client. */
static void test_begun_in_the_middle(void **state)
{
    (void)state;
    static const struct fact facts[] = {
        {"packets", 5, 3},
        {"unique_bytes", 2800, 0},
        {"retransmitted_packets", 1, 0},
        {"timeout_retransmissions", 1, 0},
        {"pure_ack_packets", 1, 2},
        {"missing_bytes", 0, 0},
        {"stream_bytes", -1, -1}, /* no SYN */
        {"rtts", 2, 1},
        {"rtt_max", 0.001000011, 0.000999999},
        {"handshake_rtt", NAN, NAN},
        {"initial_window_bytes", 2800, 0},
        {"stalls", 0, 0},
    };
    struct tb_capture *capture = read_dumped(&links[0], whole + 5, COUNT(whole) - 5);
    check("begun in the middle", capture, facts, COUNT(facts));
    assert_int_equal(capture->flows[0].client.port, 80);
    assert_int_equal(capture->flows[0].ended, TB_FLOW_CLOSED);
    assert_int_equal(capture->flows[0].handshake, 0);
    assert_false(capture->flows[0].completed_reply);
    tb_capture_free(capture);
}

/* Segments of 70 000 bytes whose IP length is 0, one sent again. */
static void test_offloaded(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {0, 'A', SYN, 1000, 0, 0, 1},
        {1000, 'B', SYN | ACK, 5000, 0, 1001, 2},
        {2000, 'A', ACK, 1001, 0, 5001, 3},
        {3000, 'B', ACK, 5001, 70000, 1001, 4},
        {4000, 'B', ACK, 75001, 70000, 1001, 5},
        {300000000, 'B', ACK, 75001, 70000, 1001, 6},
        {301000000, 'A', ACK, 1001, 0, 145001, 7},
    };
    static const struct fact facts[] = {
        {"unique_bytes", 0, 140000},    {"retransmitted_bytes", 0, 70000}, {"segment_max", 0, 70000},
        {"outstanding_max", 0, 140000}, {"truncated_bytes", 0, 0},         {"missing_bytes", 0, 0},
    };
    for (unsigned version = 4; version <= 6; version += 2) {
        const struct wrapping wrapping = {
            ETHERNET_LINK, version == 4 ? ETHERNET "0800" : ETHERNET "86dd", version, WHOLE, 0, false, true};
        struct tb_capture *capture = read_dumped(&wrapping, steps, COUNT(steps));
        check("offloaded", capture, facts, COUNT(facts));
        assert_int_equal(capture->flows[0].side[1].ip_bytes, 4 * (version == 4 ? 40 : 60) + 210000);
        tb_capture_free(capture);
    }
}

/* Marks of congestion are read from both versions of IP. */
static void test_congestion(void **state)
{
    (void)state;
    static const struct {
        unsigned congestion;
        double client, server;
    } marks[] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 1, 3}};
    for (size_t i = 0; i < COUNT(marks); i++) {
        for (unsigned version = 4; version <= 6; version += 2) {
            const struct wrapping wrapping = {ETHERNET_LINK,
                                              version == 4 ? ETHERNET "0800" : ETHERNET "86dd",
                                              version,
                                              WHOLE,
                                              marks[i].congestion,
                                              version == 6,
                                              false};
            const struct fact fact = {"ce_packets", marks[i].client, marks[i].server};
            struct tb_capture *capture = read_dumped(&wrapping, whole, COUNT(whole));
            check("congestion", capture, &fact, 1);
            tb_capture_free(capture);
        }
    }
}

/* The client's adapter splits empty segments off while the server's data is outstanding: they acknowledge the same
 * number as before and are still neither pure nor duplicate acknowledgements. A PSH that stands alone is no such
 * segment, and IPv6 has no identification to tell it by. */
static const struct step emulated[] = {
    {0, 'A', SYN, 1000, 0, 0, 1},
    {1000000, 'B', SYN | ACK, 5000, 0, 1001, 2},
    {2000000, 'A', ACK, 1001, 0, 5001, 3},
    {3000000, 'B', ACK, 5001, 1000, 1001, 4},
    {4000000, 'A', PUSH | ACK, 1001, 0, 5001, 5},
    {4000500, 'A', PUSH | ACK, 1001, 500, 5001, 5},
    {5000000, 'A', PUSH | ACK, 1501, 0, 5001, 6},
    {5000500, 'A', PUSH | ACK, 1501, 500, 5001, 6},
    {6000000, 'A', PUSH | ACK, 2001, 0, 5001, 7},
    {7000000, 'A', ACK, 2001, 0, 6001, 8},
};

static void test_emulated_adapter(void **state)
{
    (void)state;
    static const struct fact of_ipv4[] = {{"empty_push_packets", 2, 0}, {"pure_ack_packets", 3, 0},
                                          {"duplicate_acks", 0, 0},     {"triple_duplicate_acks", 0, 0},
                                          {"unique_bytes", 1000, 1000}, {"retransmitted_packets", 0, 0},
                                          {"keep_alive_packets", 0, 0}, {"data_packets", 2, 1}};
    static const struct fact of_ipv6[] = {{"empty_push_packets", 0, 0},
                                          {"pure_ack_packets", 5, 0},
                                          {"duplicate_acks", 0, 0},
                                          {"unique_bytes", 1000, 1000}};
    struct tb_capture *capture = read_dumped(&links[0], emulated, COUNT(emulated));
    check("empty segments", capture, of_ipv4, COUNT(of_ipv4));
    tb_capture_free(capture);
    capture = read_dumped(&links[1], emulated, COUNT(emulated));
    check("empty segments, IPv6", capture, of_ipv6, COUNT(of_ipv6));
    tb_capture_free(capture);
}

/* One pair of ports, four connections one after the other; the last is told from the third by its number alone. */
static void test_ports_used_again(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {1000, 4000000000u, 999, 77};
    struct step steps[COUNT(numbers) * COUNT(whole)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        for (size_t s = 0; s < COUNT(whole) - (i == 2 ? 3 : 0); s++) {
            struct step step = whole[s];
            step.ns += i * SECOND;
            step.sequence += step.from == 'A' ? numbers[i] - 1000 : numbers[i] / 2;
            step.acknowledgement += step.from == 'B'            ? numbers[i] - 1000
                                    : step.acknowledgement == 0 ? 0
                                                                : numbers[i] / 2;
            steps[count++] = step;
        }
    }
    struct tb_capture *capture = read_dumped(&links[0], steps, count);
    assert_int_equal(capture->flow_count, COUNT(numbers));
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_int_equal(capture->flows[i].start, FIRST_TIME + i * SECOND);
        assert_int_equal(capture->flows[i].ended, i == 2 ? TB_FLOW_OPEN : TB_FLOW_CLOSED);
        assert_int_equal(capture->flows[i].side[1].unique_bytes, 2800);
        assert_int_equal(capture->flows[i].side[1].retransmitted_packets, 1);
    }
    tb_capture_free(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_alike),         cmocka_unit_test(test_snap_length),
        cmocka_unit_test(test_begun_in_the_middle), cmocka_unit_test(test_offloaded),
        cmocka_unit_test(test_congestion),          cmocka_unit_test(test_emulated_adapter),
        cmocka_unit_test(test_ports_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
