/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets behind headers of all kinds: what is inside makes the flows that it makes alone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/mixed_captures.h"
#include "fixtures/same_packed.h"
#include "fixtures/wrapped_packets.h"

enum { ACK = 0x10, PAYLOAD = 1000, ETHERNET_LINK = 1 };

static struct frame tcp_packet(unsigned version)
{
    struct frame frame = {.size = 0};
    if (version == 4)
        frame_ipv4(&frame, false, 6, 20 + 20 + PAYLOAD, 77, 0);
    else
        frame_ipv6(&frame, false, 6, 20 + PAYLOAD);
    frame_tcp(&frame, false, 40000, 1, 1, ACK);
    return frame;
}

static uint64_t left_out(const struct tb_capture *capture)
{
    return capture->not_ip + capture->other_protocol + capture->unparsed;
}

/* The packets of all the world, some of them twice, with fragments and test packets, from different numbers of bytes. */
static void what_is_inside_makes_the_same_flows(void **state)
{
    (void)state;
    random_state = 21;
    struct file_writer plain = write_file(STYLE_PCAP, 600);
    struct tb_capture *reference = NULL;
    for (size_t i = 0; i < wrapping_count; i++) {
        struct file_writer writer;
        struct tb_buffer one = {0}, other = {0};
        write_all_wrapped(&writer, &wrappings[i], &plain);
        struct tb_capture *capture = read_written(&writer, NULL);
        if (reference == NULL)
            reference = capture;
        for (unsigned j = 0; j < TB_ENCAPSULATIONS; j++)
            if (capture->encapsulated[j] != ((wrappings[i].encapsulations >> j & 1) != 0 ? capture->packets : 0))
                fail_msg("%s: encapsulation %u of %llu packets", wrappings[i].headers, j,
                         (unsigned long long)capture->encapsulated[j]);
        struct tb_capture as_reference = *capture;
        as_reference.account = reference->account;
        as_reference.link_type = reference->link_type;
        memcpy(as_reference.encapsulated, reference->encapsulated, sizeof as_reference.encapsulated);
        as_reference.left_out.cut_longest = reference->left_out.cut_longest;
        tb_capture_pack(reference, &one);
        tb_capture_pack(&as_reference, &other);
        if (one.size != other.size || memcmp(one.data, other.data, one.size) != 0)
            fail_msg("%s: other flows", wrappings[i].headers);
        assert_same_packed(&one, &other);
        writer_free(&writer);
        if (capture != reference)
            tb_capture_free(capture);
    }
    assert_true(reference->summary.copied_packets > 50 && reference->later_fragments > 20 &&
                reference->flow_count > 40);
    tb_capture_free(reference);
    writer_free(&plain);
}

/* The packet as often as it has bytes, and once more: each time with one more byte kept. cut: else the frame ends there. */
static struct tb_capture *read_prefixes(const struct wrapping *wrapping, const struct frame *packet, size_t original,
                                        bool cut)
{
    static struct wrapped wrapped;
    struct file_writer writer;
    wrap(wrapping->headers, packet->bytes, packet->size, original, &wrapped);
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, wrapping->link_type);
    for (size_t size = 0; size <= wrapped.size; size++)
        writer_packet(&writer, FIRST_TIME + size * UINT64_C(20000000), wrapped.bytes, size,
                      cut ? wrapped.original : size);
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->packets, wrapped.size + 1);
    writer_free(&writer);
    return capture;
}

/* With some of the headers, a datagram may not show what it carries. */
static uint64_t packets_of(const struct tb_capture *capture, uint8_t protocol)
{
    uint64_t packets = 0;
    for (size_t i = 0; i < capture->flow_count; i++)
        packets += capture->flows[i].protocol == protocol ? capture->flows[i].side[0].packets : 0;
    return packets;
}

/* The flags of TCP are the last that must be there: six bytes before the end of its header. */
static void every_cut_is_accounted_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < wrapping_count; i++) {
        const struct frame packet = tcp_packet(i % 2 == 0 ? 4 : 6);
        struct tb_capture *capture = read_prefixes(&wrappings[i], &packet, packet.size + PAYLOAD, true);
        const uint64_t tcp = packets_of(capture, 6);
        if (tcp != 7 || tcp + packets_of(capture, 17) + left_out(capture) != capture->packets)
            fail_msg("%s: %llu of TCP, %llu left out", wrappings[i].headers, (unsigned long long)tcp,
                     (unsigned long long)left_out(capture));
        for (size_t j = 0; j < capture->flow_count; j++)
            if (capture->flows[j].protocol == 6)
                assert_int_equal(capture->flows[j].side[0].payload_bytes, tcp * PAYLOAD);
        tb_capture_free(capture);
    }
}

/* Headers that say more than there is. */
static void every_end_is_accounted_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < wrapping_count; i++) {
        const struct frame packet = tcp_packet(4);
        struct tb_capture *capture = read_prefixes(&wrappings[i], &packet, packet.size, false);
        if (packets_of(capture, 6) + packets_of(capture, 17) + left_out(capture) != capture->packets)
            fail_msg("%s: %llu left out", wrappings[i].headers, (unsigned long long)left_out(capture));
        assert_int_equal(capture->left_out.cut, 0);
        tb_capture_free(capture);
    }
}

struct odd_case {
    const char *name;
    uint32_t link_type;
    const char *headers; /* around the packet; NULL: none */
    size_t at;           /* of the byte that is changed, from the end of these headers back */
    uint8_t byte;
    const char *what; /* becomes of it: a flow, or why it is left out */
};

#define OF_3 "3 of 3 packets left out: 3 "
#define NOT_READ ", which is not read"
#define MALFORMED OF_3 "malformed in their headers"
#define OTHER_FRAME OF_3 "frames of 802.11 in which no packet begins, or several do"

/* What does not look right in a datagram stays a datagram. */
static const struct odd_case odd_cases[] = {
    {"VXLAN without a network", 1, "ethernet ipv4 udp vxlan ethernet", 22, 0x00, "udp"},
    {"VXLAN with reserved bits", 1, "ethernet ipv4 udp vxlan ethernet", 20, 0x01, "udp"},
    {"VXLAN with a reserved byte", 1, "ethernet ipv4 udp vxlan ethernet", 15, 0x01, "udp"},
    {"Geneve of version 1", 1, "ethernet ipv4 udp geneve", 8, 0x40, "udp"},
    {"Geneve with options beyond its end", 1, "ethernet ipv4 udp geneve", 8, 0x3f, "udp"},
    {"GTP without a packet", 1, "ethernet ipv4 udp gtp", 7, 0x01, "udp"},
    {"GTP'", 1, "ethernet ipv4 udp gtp", 8, 0x20, "udp"},
    {"GTP longer than its datagram", 1, "ethernet ipv4 udp gtp", 6, 0xff, "udp"},
    {"GTP extensions of no length", 1, "ethernet ipv4 udp gtpmore", 12, 0x00, MALFORMED},
    {"GRE with a route", 1, "ethernet ipv4 gre", 4, 0x40, OF_3 "of IP protocol 47 (GRE)" NOT_READ},
    {"GRE of version 2", 1, "ethernet ipv4 gre", 3, 0x02, OF_3 "of IP protocol 47 (GRE)" NOT_READ},
    {"GRE with CDP", 1, "ethernet ipv4 gre", 2, 0x20, OF_3 "of ethertype 0x2000" NOT_READ},
    {"PPTP that only acknowledges", 1, "ethernet ipv4 pptp", 11, 0x00, OF_3 "of ethertype 0x880b (PPP)" NOT_READ},
    {"ERSPAN of another frame", 1, "ethernet ipv4 greseq erspan3 ethernet", 16, 0x04,
     OF_3 "of ethertype 0x22eb (ERSPAN)" NOT_READ},
    {"LCP", 9, "ppp", 2, 0xc0, OF_3 "of ethertype 0x880b (PPP)" NOT_READ},
    {"PPPoE of version 2", 1, "ethernet pppoe ppp", 8, 0x21, OF_3 "of ethertype 0x8864 (PPPoE)" NOT_READ},
    {"PPPoE that ends a session", 1, "ethernet pppoe ppp", 7, 0xa7, OF_3 "of ethertype 0x8864 (PPPoE)" NOT_READ},
    {"PPPoE with another protocol", 1, "ethernet pppoe ppp", 2, 0xc0, OF_3 "of ethertype 0x880b (PPP)" NOT_READ},
    {"PPPoE that is too short", 1, "ethernet pppoe ppp", 3, 0x05, MALFORMED},
    {"labels without an end", 1, "ethernet mpls", 2, 0x10, MALFORMED},
    {"labels around something else", 1, "ethernet mpls word ethernet", 2, 0x77,
     OF_3 "of ethertype 0x8847 (MPLS)" NOT_READ},
    {"CDP on a serial line", 104, "hdlc", 2, 0x20, OF_3 "of ethertype 0x2000" NOT_READ},
    {"a token on a ring", 10, "fddi llc", 21, 0x80, OF_3 "of no network protocol (LLC, or neither version of IP)"},
    {"an encrypted frame", 105, "wlan llc", 31, 0x41, OF_3 "encrypted by 802.11"},
    {"the same with radiotap", 127, "radiotap wlanqos llc", 33, 0x41, OF_3 "encrypted by 802.11"},
    {"a beacon", 105, "wlan llc", 32, 0x80, OTHER_FRAME},
    {"an acknowledgement", 105, "wlan llc", 32, 0xd4, OTHER_FRAME},
    {"a frame without data", 105, "wlan llc", 32, 0x48, OTHER_FRAME},
    {"a later fragment of a frame", 105, "wlan llc", 10, 0x11, OTHER_FRAME},
    {"several packets in a frame", 105, "wlanqos llc", 10, 0x80, OTHER_FRAME},
    {"802.11 of version 1", 105, "wlan llc", 32, 0x09, MALFORMED},
    {"a frame whose check failed", 127, "radiotappad wlanpad llc", 37, 0x60, MALFORMED},
    {"radiotap of version 1", 127, "radiotap wlan llc", 40, 0x01, MALFORMED},
    {"radiotap that is too short", 127, "radiotap wlan llc", 38, 0x07, MALFORMED},
    {"radiotap that is longer than the packet", 127, "radiotap wlan llc", 37, 0xff, MALFORMED},
    {"an IPv4 packet that is none", 1, "ethernet ipv4 gre", 0, 0x15, MALFORMED},
    {"of another protocol", 1, "ethernet ipv4 udp vxlan ethernet ipv4", 11, 0x01,
     OF_3 "of IP protocol 1 (ICMP)" NOT_READ},
    {"not IP", 1, "ethernet ipv4 udp vxlan ethernet", 1, 0x06, OF_3 "of ethertype 0x0806 (ARP)" NOT_READ},
    {"eight deep", 1, "ethernet ipv4 ipv4 ipv4 ipv4 ipv4 ipv4 ipv4 ipv4", 160, 0x45, "tcp"},
    {"nine deep", 1, "ethernet ipv4 ipv4 ipv4 ipv4 ipv4 ipv4 ipv4 ipv4 ipv4", 180, 0x45, MALFORMED},
};

static struct tb_capture *read_thrice(const struct odd_case *odd)
{
    static struct wrapped wrapped;
    const struct frame packet = tcp_packet(4);
    struct file_writer writer;
    wrap(odd->headers, packet.bytes, packet.size, packet.size, &wrapped);
    wrapped.bytes[wrapped.header - odd->at] = odd->byte;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, odd->link_type);
    for (unsigned i = 0; i < 3; i++)
        writer_packet(&writer, FIRST_TIME + i * UINT64_C(20000000), wrapped.bytes, wrapped.size, wrapped.original);
    struct tb_capture *capture = read_written(&writer, NULL);
    writer_free(&writer);
    return capture;
}

static void odd_headers_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(odd_cases); i++) {
        const struct odd_case *const odd = &odd_cases[i];
        struct tb_capture *capture = read_thrice(odd);
        char text[TB_LEFT_OUT_TEXT_SIZE];
        tb_capture_left_out(capture, text, sizeof text);
        const char *const what = capture->flow_count == 0 ? text : capture->flows[0].protocol == 17 ? "udp" : "tcp";
        if (strcmp(what, odd->what) != 0)
            fail_msg("%s: %s instead of %s", odd->name, what, odd->what);
        assert_int_equal(left_out(capture), capture->flow_count == 0 ? 3 : 0);
        tb_capture_free(capture);
    }
}

static struct tb_capture *read_one(const char *headers, const struct tb_capture_request *request)
{
    const struct frame packet = tcp_packet(4);
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, ETHERNET_LINK);
    write_wrapped(&writer, headers, FIRST_TIME, &packet, packet.size + PAYLOAD);
    struct tb_capture *capture = read_written_as(&writer, request);
    writer_free(&writer);
    return capture;
}

/* What links need is read in any case; what IP carries is a packet only if it is wanted. */
static void the_outer_packet_is_counted_if_asked(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        int protocol; /* of the flow; 0: none, as no such packet makes one */
        uint64_t ip_bytes;
    } cases[] = {
        {"ethernet ipv4 udp vxlan ethernet", 17, 20 + 8 + 8 + 14 + 40 + PAYLOAD},
        {"ethernet ipv6 udp geneve ipv4 gre", 17, 40 + 8 + 8 + 20 + 4 + 40 + PAYLOAD},
        {"ethernet ipv4 udp gtp", 17, 20 + 8 + 8 + 40 + PAYLOAD},
        {"ethernet ipv4 gre", 0, 0},
        {"ethernet ipv6", 0, 0},
        {"ethernet vlan mpls", 6, 40 + PAYLOAD},
        {"ethernet pppoe ppp", 6, 40 + PAYLOAD},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_capture *capture = read_one(cases[i].headers, &(struct tb_capture_request){.outer_only = true});
        assert_int_equal(capture->flow_count, cases[i].protocol != 0);
        assert_int_equal(capture->other_protocol, cases[i].protocol == 0);
        if (cases[i].protocol != 0) {
            assert_int_equal(capture->flows[0].protocol, cases[i].protocol);
            assert_int_equal(capture->flows[0].side[0].ip_bytes, cases[i].ip_bytes);
        }
        assert_int_equal(capture->encapsulated[TB_ENCAPSULATION_VXLAN] + capture->encapsulated[TB_ENCAPSULATION_GRE] +
                             capture->encapsulated[TB_ENCAPSULATION_IP_IN_IP],
                         0);
        tb_capture_free(capture);
    }
}

/* As tcpdump does it. */
static void a_filter_sees_the_outer_packet(void **state)
{
    (void)state;
    static const struct {
        const char *headers, *filter;
        bool passes;
    } cases[] = {
        {"ethernet ipv4 udp vxlan ethernet", "udp port 4789", true},
        {"ethernet ipv4 udp vxlan ethernet", "tcp port 80", false},
        {"ethernet mpls", "mpls and mpls and tcp port 80", true},
        {"ethernet pppoe ppp", "pppoes and tcp port 80", true},
        {"ethernet vlan", "vlan and tcp port 80", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tb_capture *capture =
            read_one(cases[i].headers, &(struct tb_capture_request){.filter = cases[i].filter});
        if (capture->filtered != !cases[i].passes || capture->flow_count != cases[i].passes)
            fail_msg("%s, \"%s\": %zu flows", cases[i].headers, cases[i].filter, capture->flow_count);
        tb_capture_free(capture);
    }
}

static void filters_know_the_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < wrapping_count; i++) {
        const struct frame packet = tcp_packet(4);
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, wrappings[i].link_type);
        write_wrapped(&writer, wrappings[i].headers, FIRST_TIME, &packet, packet.size);
        struct tb_capture *capture = read_written(&writer, "len > 20");
        assert_int_equal(capture->filtered, 0);
        assert_int_equal(capture->flow_count, 1);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* The first fragment has all headers, of the packet inside, too; those behind it belong to no flow. */
static void outer_fragments_are_one_packet(void **state)
{
    (void)state;
    static const char *const headers[] = {"ethernet ipv4 udp vxlan ethernet", "ethernet ipv4 udp gtp",
                                          "ethernet ipv4 gre"};
    enum { IP = 14, FIRST = 800 };
    static struct wrapped wrapped;
    for (size_t i = 0; i < COUNT(headers); i++) {
        const struct frame packet = tcp_packet(4);
        struct file_writer writer;
        wrap(headers[i], packet.bytes, packet.size, packet.size + PAYLOAD, &wrapped);
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, ETHERNET_LINK);
        for (unsigned offset = 0; offset <= FIRST; offset += FIRST) {
            const size_t length = offset == 0 ? 20 + FIRST : wrapped.original - IP - FIRST;
            wrapped.bytes[IP + 2] = (uint8_t)(length >> 8);
            wrapped.bytes[IP + 3] = (uint8_t)length;
            wrapped.bytes[IP + 6] = offset == 0 ? 0x20 : 0;
            wrapped.bytes[IP + 7] = (uint8_t)(offset / 8);
            writer_packet(&writer, FIRST_TIME, wrapped.bytes, offset == 0 ? wrapped.size : IP + 20, IP + length);
        }
        struct tb_capture *capture = read_written(&writer, NULL);
        assert_int_equal(capture->flow_count, 1);
        assert_int_equal(capture->flows[0].protocol, 6);
        assert_int_equal(capture->flows[0].side[0].payload_bytes, PAYLOAD);
        assert_int_equal(capture->later_fragments, 1);
        assert_int_equal(left_out(capture), 0);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* Recorded on the network inside and on the one around it, a packet counts once. */
static void packets_inside_and_out_are_copies(void **state)
{
    (void)state;
    struct frame packet = tcp_packet(4);
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, ETHERNET_LINK);
    for (unsigned i = 0; i < 10; i++) {
        packet.bytes[5] = (uint8_t)(i + 1);
        packet.bytes[27] = (uint8_t)i;
        write_wrapped(&writer, "ethernet", FIRST_TIME + i * 1000, &packet, packet.size);
        write_wrapped(&writer, "ethernet ipv4 udp vxlan ethernet", FIRST_TIME + i * 1000, &packet, packet.size);
    }
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->summary.copied_packets, 10);
    assert_int_equal(capture->flows[0].side[0].packets, 10);
    assert_int_equal(capture->encapsulated[TB_ENCAPSULATION_VXLAN], 10);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* What changes from packet to packet around those that are sent twice, as numbers and lengths, makes no other point of
 * the network of it: without identification nothing tells them from copies then. */
static void packets_sent_twice_are_no_copies(void **state)
{
    (void)state;
    for (size_t i = 0; i < wrapping_count; i++) {
        const struct frame packet = tcp_packet(6);
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, wrappings[i].link_type);
        for (unsigned j = 0; j < 2; j++)
            write_wrapped(&writer, wrappings[i].headers, FIRST_TIME + j * 1000, &packet, packet.size);
        struct tb_capture *capture = read_written(&writer, NULL);
        if (capture->summary.copied_packets != 0)
            fail_msg("%s: a copy", wrappings[i].headers);
        assert_int_equal(capture->flows[0].side[0].packets, 2);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_inside_makes_the_same_flows),
        cmocka_unit_test(every_cut_is_accounted_for),
        cmocka_unit_test(every_end_is_accounted_for),
        cmocka_unit_test(odd_headers_are_named),
        cmocka_unit_test(the_outer_packet_is_counted_if_asked),
        cmocka_unit_test(a_filter_sees_the_outer_packet),
        cmocka_unit_test(filters_know_the_links),
        cmocka_unit_test(outer_fragments_are_one_packet),
        cmocka_unit_test(packets_inside_and_out_are_copies),
        cmocka_unit_test(packets_sent_twice_are_no_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
