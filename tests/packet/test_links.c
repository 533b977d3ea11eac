/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the link header to the payload length, for each kind of link and each
 * way of wrapping IP. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

#define SNAP_HEADER "aaaa03000000 0800"
#define COOKED "0000 0001 0006 020000000001 0000 "
#define COOKED_2 " 0000 00000002 0001 00 06 0200000000010000"

enum { ACK = 0x10, ETHERNET_LINK = 1, RAW_LINK = 101 };

struct link_case {
    const char *name;
    uint32_t link_type;
    const char *header;
    unsigned version;
};

static const struct link_case links[] = {
    {"Ethernet", 1, ETHERNET "0800", 4},
    {"Ethernet, IPv6", 1, ETHERNET "86dd", 6},
    {"802.1Q", 1, ETHERNET "8100 0005 0800", 4},
    {"802.1Q, IPv6", 1, ETHERNET "8100 0005 86dd", 6},
    {"802.1Q twice", 1, ETHERNET "8100 0005 8100 0006 0800", 4},
    {"802.1ad", 1, ETHERNET "88a8 0005 8100 0006 0800", 4},
    {"QinQ with the old number", 1, ETHERNET "9100 0005 8100 0006 86dd", 6},
    {"three tags", 1, ETHERNET "88a8 0005 88a8 0006 8100 0007 0800", 4},
    {"LLC and SNAP", 1, ETHERNET "0064 " SNAP_HEADER, 4},
    {"raw", 101, "", 4},
    {"raw, IPv6", 101, "", 6},
    {"raw, the number of BSD", 12, "", 4},
    {"raw, the number of OpenBSD", 14, "", 6},
    {"IPv4 only", 228, "", 4},
    {"IPv6 only", 229, "", 6},
    {"loopback, little-endian", 0, "02000000", 4},
    {"loopback, big-endian", 0, "00000002", 4},
    {"loopback, IPv6 of Linux", 0, "0a000000", 6},
    {"loopback, IPv6 of FreeBSD", 0, "1c000000", 6},
    {"loopback, IPv6 of macOS", 0, "0000001e", 6},
    {"loopback of OpenBSD", 108, "00000002", 4},
    {"loopback of OpenBSD, IPv6", 108, "00000018", 6},
    {"cooked", 113, COOKED "0800", 4},
    {"cooked, IPv6", 113, COOKED "86dd", 6},
    {"cooked, tagged", 113, COOKED "8100 0005 0800", 4},
    {"cooked 2", 276, "0800" COOKED_2, 4},
    {"cooked 2, IPv6", 276, "86dd" COOKED_2, 6},
    {"cooked 2, tagged", 276, "8100" COOKED_2 "0005 0800", 4},
};

static void add_ip(struct frame *frame, unsigned version, unsigned protocol, unsigned behind)
{
    if (version == 4)
        frame_ipv4(frame, false, protocol, 20 + behind, 1, 0);
    else
        frame_ipv6(frame, false, protocol, behind);
}

static void check_tcp(const char *name, const struct tb_capture *capture, unsigned version, uint64_t ip_bytes,
                      uint64_t payload)
{
    char text[TB_ADDRESS_TEXT_SIZE];
    if (capture->flow_count != 1)
        fail_msg("%s: %zu flows", name, capture->flow_count);
    const struct tb_flow *flow = &capture->flows[0];
    if (flow->side[0].ip_bytes != ip_bytes || flow->side[0].payload_bytes != payload)
        fail_msg("%s: %llu IP bytes, %llu of payload", name, (unsigned long long)flow->side[0].ip_bytes,
                 (unsigned long long)flow->side[0].payload_bytes);
    assert_int_equal(flow->protocol, 6);
    assert_string_equal(tb_address_text(&flow->client, text), version == 4 ? "10.0.0.2:40000" : "[fd00::2]:40000");
    assert_string_equal(tb_address_text(&flow->server, text), version == 4 ? "10.0.0.1:80" : "[fd00::1]:80");
}

/* Ethernet pads short frames and the snap length cuts long ones: neither changes the payload. */
static void test_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        const struct link_case *link = &links[i];
        struct frame frame = {.size = 0};
        frame_hex(&frame, link->header);
        add_ip(&frame, link->version, 6, 20 + 1000);
        frame_tcp(&frame, false, 40000, 1, 1, ACK);
        struct tb_capture *capture = read_frame(link->link_type, &frame, frame.size + 1000);
        check_tcp(link->name, capture, link->version, (link->version == 4 ? 20 : 40) + 20 + 1000, 1000);
        assert_int_equal(capture->link_type, link->link_type);
        assert_int_equal(capture->cut_packets, 1);
        tb_capture_free(capture);
    }
}

/* The same packets, cut after each byte: counted as unparsed until the flags are there. */
static void test_cut_packets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(links); i++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, links[i].header);
        add_ip(&frame, links[i].version, 6, 20 + 1000);
        frame_tcp(&frame, false, 40000, 1, 1, ACK);
        const size_t whole = frame.size;
        for (frame.size = 0; frame.size <= whole; frame.size++) {
            struct tb_capture *capture = read_frame(links[i].link_type, &frame, whole + 1000);
            assert_int_equal(capture->packets, 1);
            assert_int_equal(capture->flow_count + capture->unparsed + capture->not_ip, 1);
            assert_int_equal(capture->flow_count, frame.size >= whole - 6);
            tb_capture_free(capture);
        }
    }
}

static void test_padding_is_not_payload(void **state)
{
    (void)state;
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, false, 6, 40, 1, 0);
    frame_tcp(&frame, false, 40000, 1, 1, ACK);
    frame_hex(&frame, "000000000000");
    struct tb_capture *capture = read_frame(ETHERNET_LINK, &frame, frame.size);
    check_tcp("padded", capture, 4, 40, 0);
    assert_int_equal(capture->cut_packets, 0);
    tb_capture_free(capture);
}

/* An offloaded segment of 70 000 bytes does not fit the 16 bits of the length. */
static void test_length_zero(void **state)
{
    (void)state;
    for (unsigned version = 4; version <= 6; version += 2) {
        const unsigned header = version == 4 ? 20 : 40;
        struct frame frame = {.size = 0};
        frame_hex(&frame, version == 4 ? ETHERNET "8100 0005 0800" : ETHERNET "8100 0005 86dd");
        if (version == 4)
            frame_ipv4(&frame, false, 6, 0, 1, 0);
        else
            frame_ipv6(&frame, false, 6, 0);
        frame_tcp(&frame, false, 40000, 1, 1, ACK);
        struct tb_capture *capture = read_frame(ETHERNET_LINK, &frame, 18 + header + 20 + 70000);
        check_tcp("length 0", capture, version, header + 20 + 70000, 70000);
        tb_capture_free(capture);
    }
}

struct extension_case {
    const char *name;
    unsigned first;         /* the next header of IPv6 */
    const char *extensions; /* the last one names TCP */
    unsigned size;
};

static const struct extension_case extensions[] = {
    {"hop by hop", 0, "06 00 010400000000", 8},
    {"routing", 43, "06 02 0400000000000000000000000000000000000000 0000", 24},
    {"destination", 60, "06 01 010c000000000000000000000000", 16},
    {"hop by hop, destination, routing", 0, "3c00010400000000 2b00010400000000 0600010400000000", 24},
    {"authentication", 51, "06 04 0000 00000001 00000002 000000000000000000000000", 24},
    {"fragment header on a whole packet", 44, "06 00 0000 00000007", 8},
    {"mobility", 135, "06 00 000000000000", 8},
};

static void test_ipv6_extensions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(extensions); i++) {
        struct frame frame = {.size = 0};
        frame_ipv6(&frame, false, extensions[i].first, extensions[i].size + 20 + 500);
        frame_hex(&frame, extensions[i].extensions);
        frame_tcp(&frame, false, 40000, 1, 1, ACK);
        assert_int_equal(frame.size, 40 + extensions[i].size + 20);
        struct tb_capture *capture = read_frame(RAW_LINK, &frame, frame.size + 500);
        check_tcp(extensions[i].name, capture, 6, 40 + extensions[i].size + 20 + 500, 500);
        tb_capture_free(capture);
    }
}

struct class_case {
    const char *name;
    uint32_t link_type;
    const char *bytes;
    unsigned not_ip, other_protocol, unparsed;
};

#define IPV4_OF(protocol) "45000054 00010000 40" protocol "0000 0a000002 0a000001"
#define IPV6_OF(next) "60000000 0028" next "40 fd000000000000000000000000000002 fd000000000000000000000000000001"

static const struct class_case classes[] = {
    {"ARP", 1, ETHERNET "0806 0001080006040001", 1, 0, 0},
    {"LLC without SNAP", 1, ETHERNET "0026 424203 0000000000", 1, 0, 0},
    {"a link that is not decoded", 119, "00000800 00000000", 1, 0, 0},
    {"loopback of another family", 0, "17000000 4500", 1, 0, 0},
    {"raw of version 5", 101, "55000000", 1, 0, 0},
    {"ICMP", 101, IPV4_OF("01") "0800000000000000", 0, 1, 0},
    {"ICMPv6", 101, IPV6_OF("3a") "8000000000000000", 0, 1, 0},
    {"ESP", 101, IPV6_OF("32") "8000000000000000", 0, 1, 0},
    {"no next header", 101, IPV6_OF("3b"), 0, 1, 0},
    {"an IPv4 header of 16 bytes", 101, "44000054 00010000 40060000 0a000002 0a000001 0000", 0, 0, 1},
    {"a total length below the header", 101, "45000013 00010000 40060000 0a000002 0a000001 0000", 0, 0, 1},
    {"a TCP header of 16 bytes", 101, IPV4_OF("06") "9c400050 00000001 00000001 40100000 0000 0000", 0, 0, 1},
    {"a TCP header longer than the packet", 101,
     "45000030 00010000 40060000 0a000002 0a000001 9c400050 00000001 00000001 f0100000 0000 0000", 0, 0, 1},
    {"a UDP header that does not fit", 101, "45000018 00010000 40110000 0a000002 0a000001 9c400050", 0, 0, 1},
    {"an extension longer than the packet", 101, IPV6_OF("00") "06ff010400000000", 0, 0, 1},
    {"IPv6 behind the number of IPv4", 1, ETHERNET "0800 " IPV6_OF("06"), 0, 0, 1},
    {"nothing", 1, "", 0, 0, 1},
};

static void test_other_packets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(classes); i++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, classes[i].bytes);
        struct tb_capture *capture = read_frame(classes[i].link_type, &frame, frame.size);
        if (capture->flow_count != 0 || capture->not_ip != classes[i].not_ip ||
            capture->other_protocol != classes[i].other_protocol || capture->unparsed != classes[i].unparsed)
            fail_msg("%s: %zu flows, %llu not IP, %llu other, %llu unparsed", classes[i].name, capture->flow_count,
                     (unsigned long long)capture->not_ip, (unsigned long long)capture->other_protocol,
                     (unsigned long long)capture->unparsed);
        tb_capture_free(capture);
    }
}

static void test_udp(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, RAW_LINK);
    for (unsigned i = 0; i < 5; i++) {
        struct frame frame = {.size = 0};
        frame_ipv4(&frame, i == 4, 17, 128, i, 0);
        frame_udp(&frame, i == 4, 100);
        writer_packet(&writer, FIRST_TIME + i * 1000000, frame.bytes, frame.size, 128);
    }
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->flow_count, 1);
    const struct tb_flow *flow = &capture->flows[0];
    assert_int_equal(flow->protocol, 17);
    assert_int_equal(flow->client.port, 40000);
    assert_int_equal(flow->side[0].packets, 4);
    assert_int_equal(flow->side[0].payload_bytes, 400);
    assert_int_equal(flow->side[0].data_packets, 4);
    assert_int_equal(flow->side[0].ip_bytes, 4 * 128);
    assert_int_equal(flow->side[1].payload_bytes, 100);
    assert_int_equal(flow->side[0].unique_bytes, 0);
    assert_int_equal(flow->ended, TB_FLOW_NOT_TCP);
    assert_false(flow->completed_reply);
    assert_int_equal(flow->end - flow->start, 4000000);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* A fragment of a datagram of 8 + 2952 (UDP) or 20 + 2940 (TCP) bytes. */
struct fragment {
    unsigned offset; /* bytes */
    unsigned length;
    bool more;
};

static void write_fragment(struct file_writer *writer, unsigned version, unsigned protocol, unsigned flags,
                           const struct fragment *fragment)
{
    struct frame frame = {.size = 0};
    const unsigned header = version == 4 ? 20 : 48;
    if (version == 4) {
        frame_ipv4(&frame, false, protocol, 20 + fragment->length, 77,
                   fragment->offset / 8 | (fragment->more ? 0x2000 : 0));
    } else {
        char text[32];
        frame_ipv6(&frame, false, 44, 8 + fragment->length);
        snprintf(text, sizeof text, "%02x00%04x0000004d", protocol, fragment->offset | fragment->more);
        frame_hex(&frame, text);
    }
    if (fragment->offset == 0 && protocol == 6)
        frame_tcp(&frame, false, 40000, 1001, 1, flags);
    else if (fragment->offset == 0)
        frame_udp(&frame, false, 2952);
    writer_packet(writer, FIRST_TIME, frame.bytes, frame.size, header + fragment->length);
}

static struct tb_capture *read_fragments(unsigned version, unsigned protocol, unsigned flags,
                                         const struct fragment *fragments, size_t count)
{
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, RAW_LINK);
    for (size_t i = 0; i < count; i++)
        write_fragment(&writer, version, protocol, flags, &fragments[i]);
    struct tb_capture *capture = read_written(&writer, NULL);
    writer_free(&writer);
    assert_int_equal(capture->flow_count, 1);
    return capture;
}

/* In order, the first one in the middle, the first one last. */
static const struct fragment orders[][3] = {
    {{0, 1480, true}, {1480, 1000, true}, {2480, 480, false}},
    {{1480, 1000, true}, {0, 1480, true}, {2480, 480, false}},
    {{2480, 480, false}, {1480, 1000, true}, {0, 1480, true}},
};

static void test_fragments(void **state)
{
    (void)state;
    enum { FIN_ACK = 0x11 };
    for (unsigned version = 4; version <= 6; version += 2) {
        const unsigned headers = 3 * (version == 4 ? 20 : 48);
        for (size_t i = 0; i < COUNT(orders); i++) {
            struct tb_capture *capture = read_fragments(version, 17, 0, orders[i], 3);
            const struct tb_flow_side *side = &capture->flows[0].side[0];
            assert_int_equal(capture->later_fragments, 2);
            assert_int_equal(side->packets, 1);
            assert_int_equal(side->data_packets, 1);
            assert_int_equal(side->payload_bytes, 2952);
            assert_int_equal(side->ip_bytes, headers + 2960);
            tb_capture_free(capture);
            capture = read_fragments(version, 6, FIN_ACK, orders[i], 3);
            side = &capture->flows[0].side[0];
            assert_int_equal(side->packets, 1);
            assert_int_equal(side->data_packets, 1);
            assert_int_equal(side->payload_bytes, 2940);
            assert_int_equal(side->unique_bytes, 2940);
            assert_int_equal(side->retransmitted_packets, 0);
            assert_int_equal(side->missing_bytes, 0);
            assert_int_equal(side->fin_packets, 1);
            tb_capture_free(capture);
        }
    }
}

/* The same datagram twice: a repeat of one packet, whatever its pieces. */
static void test_repeated_fragments(void **state)
{
    (void)state;
    const struct fragment twice[] = {{0, 1480, true}, {1480, 1000, true}, {2480, 480, false},
                                     {0, 1480, true}, {1480, 1000, true}, {2480, 480, false}};
    struct tb_capture *capture = read_fragments(4, 6, ACK, twice, COUNT(twice));
    const struct tb_flow_side *side = &capture->flows[0].side[0];
    assert_int_equal(side->packets, 2);
    assert_int_equal(side->unique_bytes, 2940);
    assert_int_equal(side->retransmitted_packets, 1);
    assert_int_equal(side->retransmitted_bytes, 2940);
    tb_capture_free(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_cut_packets),
        cmocka_unit_test(test_padding_is_not_payload),
        cmocka_unit_test(test_length_zero),
        cmocka_unit_test(test_ipv6_extensions),
        cmocka_unit_test(test_other_packets),
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_repeated_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
