/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets that belong to no flow: how many, why, and in which words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

enum { PRISM = 119, ACK = 0x10 };

struct left_out_case {
    const char *name;
    uint32_t link_type;
    const char *header; /* the packets begin so; then IPv4 and TCP follow */
    size_t kept;        /* bytes; 0: all */
    const char *reason;
};

#define NOT_READ ", which is not read"

static const struct left_out_case cases[] = {
    {"Prism", PRISM, "00000800", 0, "of link type 119 (802.11 with Prism header)" NOT_READ},
    {"a link type without a name", 9999, "00", 0, "of link type 9999" NOT_READ},
    {"MACsec", 1, ETHERNET "88e5 000010ff", 0, "of ethertype 0x88e5 (MACsec)" NOT_READ},
    {"MPLS with something else", 1, ETHERNET "8847 000011ff 70000000", 0, "of ethertype 0x8847 (MPLS)" NOT_READ},
    {"PPPoE discovery", 1, ETHERNET "8863 1109 0000 0010 0101", 0, "of ethertype 0x8863 (PPPoE discovery)" NOT_READ},
    {"MACsec behind a tag", 1, ETHERNET "8100 0005 88e5 000010ff", 0, "of ethertype 0x88e5 (MACsec)" NOT_READ},
    {"ARP on a cooked link", 113, "0000 0001 0006 020000000001 0000 0806", 0, "of ethertype 0x0806 (ARP)" NOT_READ},
    {"an ethertype without a name", 1, ETHERNET "7777", 0, "of ethertype 0x7777" NOT_READ},
    {"LLC", 1, ETHERNET "0026 4242 03", 0, "of no network protocol (LLC, or neither version of IP)"},
    {"raw, but not IP", 101, "2000", 0, "of no network protocol (LLC, or neither version of IP)"},
    {"ESP", 1, ETHERNET "0800 4500 0040 0001 4000 4032 0000 0a000001 0a000002", 0, "of IP protocol 50 (ESP)" NOT_READ},
    {"ICMP", 1, ETHERNET "0800 4500 0040 0001 4000 4001 0000 0a000001 0a000002", 0, "of IP protocol 1 (ICMP)" NOT_READ},
    {"a protocol without a name", 1, ETHERNET "0800 4500 0040 0001 4000 40fe 0000 0a000001 0a000002", 0,
     "of IP protocol 254" NOT_READ},
    {"cut in the link header", 1, ETHERNET "0800", 10, "cut after at most 10 bytes, inside their headers"},
    {"cut behind the link header", 1, ETHERNET "0800", 14, "cut after at most 14 bytes, inside their headers"},
    {"cut in the IP header", 1, ETHERNET "0800", 30, "cut after at most 30 bytes, inside their headers"},
    {"cut in the TCP header", 1, ETHERNET "0800", 40, "cut after at most 40 bytes, inside their headers"},
    {"cut in the TCP header behind tags", 1, ETHERNET "8100 0005 8100 0006 0800", 50,
     "cut after at most 50 bytes, inside their headers"},
    {"IPv4 with a short header", 1, ETHERNET "0800 4100 0028 0001 4000 4006 0000 0a000001 0a000002", 0,
     "malformed in their headers"},
    {"the same, kept in part", 1, ETHERNET "0800 4100 0028 0001 4000 4006 0000 0a000001 0a000002", 50,
     "malformed in their headers"},
};

static struct frame frame_of(const struct left_out_case *about)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, about->header);
    frame_ipv4(&frame, false, 6, 40, 7, 0);
    frame_tcp(&frame, false, 40000, 1000, 1, ACK);
    return frame;
}

static struct tb_capture *read_case(const struct left_out_case *about, unsigned packets)
{
    const struct frame frame = frame_of(about);
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, about->link_type);
    for (unsigned i = 0; i < packets; i++)
        writer_packet(&writer, FIRST_TIME, frame.bytes, about->kept == 0 ? frame.size : about->kept, frame.size);
    struct tb_capture *capture = read_written(&writer, NULL);
    writer_free(&writer);
    return capture;
}

static void expect_text(const char *name, const char *text, const char *expected)
{
    if (strcmp(text, expected) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, text, expected);
}

static void check_left_out(const char *name, const struct tb_capture *capture, const char *expected)
{
    char text[TB_LEFT_OUT_TEXT_SIZE];
    tb_capture_left_out(capture, text, sizeof text);
    expect_text(name, text, expected);
}

static void check_why(const char *name, const struct tb_capture *capture, uint16_t port, const char *expected)
{
    char text[TB_LEFT_OUT_TEXT_SIZE];
    tb_capture_why_no_flows(capture, port, text, sizeof text);
    expect_text(name, text, expected);
}

static void each_kind_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[TB_LEFT_OUT_TEXT_SIZE];
        struct tb_capture *capture = read_case(&cases[i], 3);
        snprintf(expected, sizeof expected, "3 of 3 packets left out: 3 %s", cases[i].reason);
        check_left_out(cases[i].name, capture, expected);
        snprintf(expected, sizeof expected, "the capture holds no flow on port 80: 3 of 3 packets are %s",
                 cases[i].reason);
        check_why(cases[i].name, capture, 80, expected);
        assert_int_equal(tb_capture_left_out_packets(capture), 3);
        tb_capture_free(capture);
    }
}

static void put_frame_of(struct file_writer *writer, const char *header, unsigned count)
{
    const struct left_out_case about = {.header = header};
    const struct frame frame = frame_of(&about);
    for (unsigned i = 0; i < count; i++)
        writer_packet(writer, FIRST_TIME, frame.bytes, frame.size, frame.size);
}

static void several_kinds_stand_in_order(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    put_frame_of(&writer, ETHERNET "0806", 2);
    put_frame_of(&writer, ETHERNET "88e5", 5);
    put_frame_of(&writer, ETHERNET "88cc", 2);
    put_frame_of(&writer, ETHERNET "0800", 4);
    put_frame_of(&writer, ETHERNET "0026", 1);
    put_frame_of(&writer, ETHERNET "8863", 1);
    struct tb_capture *capture = read_written(&writer, NULL);
    static const char several[] = "11 of 15 packets left out: 5 of ethertype 0x88e5 (MACsec)" NOT_READ
                                  "; 2 of ethertype 0x0806 (ARP)" NOT_READ "; 2 of ethertype 0x88cc (LLDP)" NOT_READ
                                  "; 1 of no network protocol (LLC, or neither version of IP); 1 for other reasons";
    char expected[2 * TB_LEFT_OUT_TEXT_SIZE];
    check_left_out("several", capture, several);
    snprintf(expected, sizeof expected, "the capture holds no flow on port 8080: %s; its 1 TCP flow is on port 80",
             several);
    check_why("several", capture, 8080, expected);
    tb_capture_free(capture);
    capture = read_written(&writer, "not arp");
    assert_int_equal(capture->filtered, 2);
    check_left_out("filtered in part", capture,
                   "9 of 13 packets that the filter let pass left out: 5 of ethertype 0x88e5 (MACsec)" NOT_READ
                   "; 2 of ethertype 0x88cc (LLDP)" NOT_READ
                   "; 1 of no network protocol (LLC, or neither version of IP)"
                   "; 1 of ethertype 0x8863 (PPPoE discovery)" NOT_READ);
    tb_capture_free(capture);
    capture = read_written(&writer, "udp");
    check_left_out("filtered", capture, "the filter left out all 15 packets");
    check_why("filtered", capture, 80, "the capture holds no flow on port 80: the filter left out all 15 packets");
    tb_capture_free(capture);
    writer_free(&writer);
}

static void nothing_left_out_is_no_text(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    struct tb_capture *capture = read_written(&writer, NULL);
    check_left_out("no packets", capture, "");
    check_why("no packets", capture, 80, "the capture holds no flow on port 80: it holds no packet");
    check_why("no packets", capture, 0, "the capture holds no flow: it holds no packet");
    tb_capture_free(capture);
    put_frame_of(&writer, ETHERNET "0800", 4);
    capture = read_written(&writer, NULL);
    check_left_out("flows", capture, "");
    tb_capture_free(capture);
    writer_free(&writer);
}

/* So many segments from a client to each port. */
static void put_flows(struct file_writer *writer, unsigned protocol, const unsigned *ports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            struct frame frame = {.size = 0};
            frame_hex(&frame, ETHERNET "0800");
            frame_ipv4(&frame, false, protocol, 40, 7 + (unsigned)j, 0);
            if (protocol == 6)
                frame_tcp(&frame, false, 40000, 1000, 1, ACK);
            else
                frame_udp(&frame, false, 12);
            frame.bytes[36] = (uint8_t)(ports[i] >> 8);
            frame.bytes[37] = (uint8_t)ports[i];
            writer_packet(writer, FIRST_TIME, frame.bytes, frame.size, protocol == 6 ? frame.size : frame.size + 12);
        }
}

static void other_ports_are_named(void **state)
{
    (void)state;
    static const struct {
        unsigned protocol;
        unsigned ports[5];
        size_t count;
        const char *what;
    } flows[] = {
        {6, {8080}, 1, "its 1 TCP flow is on port 8080"},
        {6, {443, 8080, 3128}, 3, "its 3 TCP flows are on ports 3128, 8080, 443"},
        {6, {1, 443, 22, 8080, 3128}, 5, "its 5 TCP flows are on 5 ports, with most packets on 3128, 8080, 22"},
        {17, {53}, 1, "its 1 flow is UDP"},
        {17,
         {53, 4789},
         2,
         "its 2 flows are UDP; 2 packets are on UDP port 4789 (VXLAN), inside of which nothing is read"},
    };
    for (size_t i = 0; i < COUNT(flows); i++) {
        char expected[TB_LEFT_OUT_TEXT_SIZE];
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
        put_flows(&writer, flows[i].protocol, flows[i].ports, flows[i].count);
        struct tb_capture *capture = read_written(&writer, NULL);
        snprintf(expected, sizeof expected, "the capture holds no flow on port 80: %s", flows[i].what);
        check_why("ports", capture, 80, expected);
        check_left_out("ports", capture, "");
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* Of more kinds than have room the smallest are told apart, whatever comes first. */
static void many_kinds_are_bounded(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (unsigned i = 0; i < 40; i++) {
        char header[80];
        snprintf(header, sizeof header, ETHERNET "%04x", 0x9000 - i);
        put_frame_of(&writer, header, 2);
    }
    struct tb_capture *capture = read_written(&writer, NULL);
    const struct tb_numbered_packets *const ethertypes = &capture->left_out.ethertypes;
    assert_int_equal(capture->not_ip, 80);
    assert_int_equal(ethertypes->count, TB_NUMBERED_PACKETS_KEPT);
    assert_int_equal(ethertypes->others, 2 * (40 - TB_NUMBERED_PACKETS_KEPT));
    for (uint32_t i = 0; i < ethertypes->count; i++) {
        assert_int_equal(ethertypes->items[i].number, 0x9000 - 39 + i);
        assert_int_equal(ethertypes->items[i].packets, 2);
    }
    tb_capture_free(capture);
    writer_free(&writer);
}

static void short_room_is_kept_to(void **state)
{
    (void)state;
    struct tb_capture *capture = read_case(&cases[0], 3);
    char text[40];
    memset(text, 'x', sizeof text);
    tb_capture_left_out(capture, text, 0);
    assert_int_equal(text[0], 'x');
    tb_capture_why_no_flows(capture, 80, text, 12);
    assert_string_equal(text, "the capture");
    assert_int_equal(text[12], 'x');
    tb_capture_free(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_named),          cmocka_unit_test(several_kinds_stand_in_order),
        cmocka_unit_test(nothing_left_out_is_no_text), cmocka_unit_test(other_ports_are_named),
        cmocka_unit_test(many_kinds_are_bounded),      cmocka_unit_test(short_room_is_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
