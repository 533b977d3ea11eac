/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets that were recorded more than once count once, and nothing else is taken for one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "fixtures/same_packed.h"

/* Where a packet was recorded: behind no, one or two routers, or with a VLAN tag. */
enum point { HERE, ROUTED, ROUTED_TWICE, TAGGED };

/* A packet between A = 10.0.0.2:40000 and B = 10.0.0.1:80, or their IPv6 addresses. */
struct record {
    uint32_t microseconds;
    char from;
    const char *flags; /* of S A F R P; "U": UDP, of which sequence is the checksum */
    uint32_t sequence;
    uint32_t length;
    uint32_t acknowledgement;
    unsigned identification; /* as it stands; of IPv6 there is none */
    enum point point;
    uint32_t stamp; /* 0: no time stamps */
};

static unsigned flag_bits(const char *flags)
{
    static const char letters[] = "FSRPA";
    unsigned bits = 0;
    for (; *flags != '\0'; flags++)
        bits |= 1u << (strchr(letters, *flags) - letters);
    return bits;
}

static void put_transport(struct frame *frame, const struct record *record)
{
    const bool back = record->from == 'B';
    const size_t begin = frame->size;
    char option[40];
    if (record->flags[0] == 'U') {
        frame_udp(frame, back, record->length);
        frame->bytes[begin + 6] = (uint8_t)(record->sequence >> 8);
        frame->bytes[begin + 7] = (uint8_t)record->sequence;
        return;
    }
    frame_tcp(frame, back, 40000, record->sequence, record->acknowledgement, flag_bits(record->flags));
    if (record->stamp == 0)
        return;
    frame->bytes[begin + 12] = 0x80;
    snprintf(option, sizeof option, "0101080a %08x 00000000", record->stamp);
    frame_hex(frame, option);
}

static void put_network(struct frame *frame, const struct record *record, unsigned version)
{
    static const uint8_t hops[] = {[HERE] = 64, [ROUTED] = 63, [ROUTED_TWICE] = 62, [TAGGED] = 64};
    const bool back = record->from == 'B', udp = record->flags[0] == 'U';
    const unsigned size = (udp ? 8 : record->stamp == 0 ? 20 : 32) + record->length;
    const size_t ip = frame->size;
    if (version == 4)
        frame_ipv4(frame, back, udp ? 17 : 6, 20 + size, record->identification, 0x4000);
    else
        frame_ipv6(frame, back, udp ? 17 : 6, size);
    frame->bytes[ip + (version == 4 ? 8 : 7)] = hops[record->point];
    put_transport(frame, record);
}

static void put_record(struct file_writer *writer, const struct record *record, unsigned version, unsigned interface)
{
    static const char *const links[] = {[HERE] = "ffffffffffff 020000000001 ",
                                        [ROUTED] = "020000000009 020000000002 ",
                                        [ROUTED_TWICE] = "020000000008 020000000003 ",
                                        [TAGGED] = "ffffffffffff 020000000001 8100 0005 "};
    struct frame frame = {.size = 0};
    frame_hex(&frame, links[record->point]);
    frame_hex(&frame, version == 4 ? "0800" : "86dd");
    put_network(&frame, record, version);
    const uint64_t time = FIRST_TIME / 1000 + record->microseconds;
    if (writer->pcapng)
        writer_enhanced(writer, interface, time, frame.bytes, frame.size, frame.size + record->length);
    else
        writer_packet(writer, time * 1000, frame.bytes, frame.size, frame.size + record->length);
}

static void check(const char *name, const struct file_writer *writer, uint64_t client, uint64_t server, uint64_t copies)
{
    struct tb_capture *capture = read_written(writer, NULL);
    if (capture->flow_count != 1 || capture->flows[0].side[0].packets != client ||
        capture->flows[0].side[1].packets != server || capture->summary.copied_packets != copies)
        fail_msg("%s: %zu flows, %llu and %llu packets, %llu copies", name, capture->flow_count,
                 (unsigned long long)capture->flows[0].side[0].packets,
                 (unsigned long long)capture->flows[0].side[1].packets,
                 (unsigned long long)capture->summary.copied_packets);
    tb_capture_free(capture);
}

/* --- single packets --- */

#define SYN(time, id, point)                                                                                           \
    {                                                                                                                  \
        time, 'A', "S", 1000, 0, 0, id, point, 1                                                                       \
    }
#define OPENING                                                                                                        \
    SYN(0, 1, HERE), {100, 'B', "SA", 5000, 0, 1001, 1, HERE, 1},                                                      \
    {                                                                                                                  \
        200, 'A', "A", 1001, 0, 5001, 2, HERE, 1                                                                       \
    }
#define DATA(time, sequence, id, point)                                                                                \
    {                                                                                                                  \
        time, 'B', "A", sequence, 100, 1001, id, point, 7                                                              \
    }
#define ACK(time, number, id, point)                                                                                   \
    {                                                                                                                  \
        time, 'A', "A", 1001, 0, number, id, point, 7                                                                  \
    }

static const struct record at_once[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1003, 5001, 10, HERE)};
static const struct record of_syn[] = {SYN(0, 1, HERE),
                                       SYN(2, 1, HERE),
                                       {100, 'B', "SA", 5000, 0, 1001, 0, HERE, 1},
                                       {103, 'B', "SA", 5000, 0, 1001, 0, HERE, 1}};
static const struct record answered_by_timer_and_for_syn[] = {SYN(0, 1, HERE),
                                                              {100, 'B', "SA", 5000, 0, 1001, 0, HERE, 1},
                                                              {1000000, 'B', "SA", 5000, 0, 1001, 0, HERE, 2},
                                                              SYN(1000060, 1, HERE),
                                                              {1000080, 'B', "SA", 5000, 0, 1001, 0, HERE, 2}};
static const struct record answered_twice_at_two_points[] = {SYN(0, 1, HERE),
                                                             {100, 'B', "SA", 5000, 0, 1001, 0, HERE, 1},
                                                             {1000000, 'B', "SA", 5000, 0, 1001, 0, HERE, 2},
                                                             {1000001, 'B', "SA", 5000, 0, 1001, 0, ROUTED, 2},
                                                             SYN(1000060, 1, ROUTED),
                                                             SYN(1000061, 1, HERE),
                                                             {1000080, 'B', "SA", 5000, 0, 1001, 0, HERE, 2},
                                                             {1000081, 'B', "SA", 5000, 0, 1001, 0, ROUTED, 2}};
static const struct record of_fin[] = {OPENING,
                                       {1000, 'B', "FA", 5001, 0, 1001, 5, HERE, 1},
                                       {1001, 'B', "FA", 5001, 0, 1001, 5, ROUTED, 1},
                                       {1100, 'A', "FA", 1001, 0, 5002, 5, HERE, 1},
                                       {1101, 'A', "FA", 1001, 0, 5002, 5, HERE, 1},
                                       {1200, 'B', "A", 5002, 0, 1002, 6, HERE, 1},
                                       {1201, 'B', "A", 5002, 0, 1002, 6, HERE, 1}};
static const struct record of_reset[] = {
    OPENING, {1000, 'B', "RA", 5001, 0, 1001, 5, HERE, 0}, {1002, 'B', "RA", 5001, 0, 1001, 5, HERE, 0}};
static const struct record of_reset_without[] = {
    OPENING, {1000, 'B', "R", 5001, 0, 0, 0, HERE, 0}, {1002, 'B', "R", 5001, 0, 0, 0, ROUTED, 0}};
static const struct record resets_for_two_segments[] = {
    OPENING, {1000, 'B', "R", 5001, 0, 0, 0, HERE, 0}, {1002, 'B', "R", 5001, 0, 0, 0, HERE, 0}};
static const struct record three_times[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1001, 5001, 10, HERE),
                                            DATA(1002, 5001, 10, HERE)};
static const struct record interleaved[] = {OPENING,
                                            DATA(1000, 5001, 10, HERE),
                                            DATA(1001, 5101, 11, HERE),
                                            DATA(1002, 5001, 10, HERE),
                                            DATA(1003, 5101, 11, HERE),
                                            ACK(1100, 5101, 30, HERE),
                                            ACK(1101, 5201, 31, HERE),
                                            ACK(1102, 5101, 30, HERE),
                                            ACK(1103, 5201, 31, HERE)};
static const struct record routed[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1100, 5001, 10, ROUTED),
                                       DATA(1200, 5001, 10, ROUTED_TWICE)};
static const struct record tagged[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1001, 5001, 10, TAGGED)};
static const struct record after_5_ms[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(2000, 5101, 11, HERE),
                                           DATA(6000, 5001, 10, HERE), DATA(7000, 5101, 11, HERE)};
static const struct record after_11_ms[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(12000, 5001, 10, HERE)};
static const struct record before_it[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(999, 5001, 10, HERE)};
static const struct record sent_again[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1020, 5001, 11, HERE)};
static const struct record sent_again_twice_seen[] = {OPENING, DATA(1000, 5001, 10, HERE), DATA(1001, 5001, 10, HERE),
                                                      DATA(1020, 5001, 11, HERE), DATA(1021, 5001, 11, HERE)};
static const struct record acknowledged_again[] = {OPENING, DATA(1000, 5001, 10, HERE), ACK(1100, 5101, 30, HERE),
                                                   ACK(1101, 5101, 31, HERE), ACK(1102, 5101, 32, HERE)};
static const struct record one_identification[] = {OPENING,
                                                   ACK(1000, 5001, 7, HERE),
                                                   DATA(1001, 5001, 10, HERE),
                                                   ACK(1100, 5101, 7, HERE),
                                                   ACK(1101, 5101, 7, HERE),
                                                   ACK(1102, 5101, 7, HERE)};
static const struct record keep_alives[] = {OPENING,
                                            {1000, 'A', "A", 1000, 0, 5001, 40, HERE, 7},
                                            {1500, 'A', "A", 1000, 0, 5001, 41, HERE, 7},
                                            {2000, 'A', "A", 1000, 0, 5001, 42, HERE, 7}};
static const struct record keep_alives_without[] = {
    OPENING, {1000, 'A', "A", 1000, 0, 5001, 0, HERE, 0}, {1500, 'A', "A", 1000, 0, 5001, 0, HERE, 0}};
static const struct record probes[] = {OPENING,
                                       {1000, 'B', "A", 5001, 1, 1001, 50, HERE, 7},
                                       {3000, 'B', "A", 5001, 1, 1001, 51, HERE, 7},
                                       {7000, 'B', "A", 5001, 1, 1001, 52, HERE, 7}};
static const struct record split_off[] = {
    OPENING, {1000, 'B', "PA", 5001, 0, 1001, 10, HERE, 7}, {1001, 'B', "PA", 5001, 100, 1001, 10, HERE, 7}};
static const struct record split_off_twice[] = {OPENING,
                                                {1000, 'B', "PA", 5001, 0, 1001, 10, HERE, 7},
                                                {1001, 'B', "PA", 5001, 100, 1001, 10, HERE, 7},
                                                {1002, 'B', "PA", 5001, 0, 1001, 10, HERE, 7},
                                                {1003, 'B', "PA", 5001, 100, 1001, 10, HERE, 7}};
static const struct record no_identification[] = {OPENING, DATA(1000, 5001, 0, HERE), DATA(1010, 5001, 0, HERE)};
static const struct record another_stamp[] = {
    OPENING, DATA(1000, 5001, 0, HERE), {1010, 'B', "A", 5001, 100, 1001, 0, ROUTED, 8}};
static const struct record at_two_points[] = {OPENING, DATA(1000, 5001, 0, HERE), DATA(1010, 5001, 0, ROUTED),
                                              DATA(1100, 5001, 0, HERE), DATA(1110, 5001, 0, ROUTED)};
static const struct record at_two_points_later[] = {OPENING, DATA(1000, 5001, 0, HERE), DATA(1010, 5001, 0, HERE),
                                                    DATA(1100, 5001, 0, ROUTED), DATA(1110, 5001, 0, ROUTED)};
static const struct record syn_again[] = {SYN(0, 0, HERE), SYN(1000000, 0, HERE), SYN(3000000, 0, HERE)};
static const struct record datagrams[] = {{0, 'A', "U", 77, 100, 0, 5, HERE, 0},
                                          {3, 'A', "U", 77, 100, 0, 5, ROUTED, 0},
                                          {9, 'A', "U", 77, 100, 0, 6, HERE, 0},
                                          {12, 'A', "U", 77, 100, 0, 6, HERE, 0},
                                          {15, 'A', "U", 78, 100, 0, 6, HERE, 0}};
static const struct record datagrams_without[] = {
    {0, 'A', "U", 77, 100, 0, 0, HERE, 0},   {3, 'A', "U", 77, 100, 0, 0, HERE, 0},
    {9, 'A', "U", 77, 100, 0, 0, ROUTED, 0}, {10, 'A', "U", 0, 100, 0, 0, HERE, 0},
    {11, 'A', "U", 0, 100, 0, 0, ROUTED, 0}, {12, 'A', "U", 78, 100, 0, 0, ROUTED, 0}};

static const struct {
    const char *name;
    const struct record *records;
    size_t count;
    unsigned version; /* 0: both give the same */
    uint64_t client, server, copies;
} cases[] = {
#define CASE(name) #name, name, COUNT(name)
    {CASE(at_once), 4, 2, 2, 1},
    {CASE(at_once), 6, 2, 3, 0},
    {CASE(of_syn), 0, 1, 1, 2},
    {CASE(answered_by_timer_and_for_syn), 0, 2, 3, 0},
    {CASE(answered_twice_at_two_points), 0, 2, 3, 3},
    {CASE(of_fin), 4, 3, 3, 3},
    {CASE(of_reset), 4, 2, 2, 1},
    {CASE(of_reset_without), 0, 2, 2, 1},
    {CASE(resets_for_two_segments), 0, 2, 3, 0},
    {CASE(three_times), 4, 2, 2, 2},
    {CASE(interleaved), 4, 4, 3, 4},
    {CASE(routed), 0, 2, 2, 2},
    {CASE(tagged), 0, 2, 2, 1},
    {CASE(after_5_ms), 4, 2, 3, 2},
    {CASE(after_11_ms), 4, 2, 3, 0},
    {CASE(before_it), 4, 2, 2, 1},
    {CASE(sent_again), 0, 2, 3, 0},
    {CASE(sent_again_twice_seen), 4, 2, 3, 2},
    {CASE(acknowledged_again), 0, 5, 2, 0},
    {CASE(one_identification), 0, 6, 2, 0},
    {CASE(keep_alives), 0, 5, 1, 0},
    {CASE(keep_alives_without), 0, 4, 1, 0},
    {CASE(probes), 0, 2, 4, 0},
    {CASE(split_off), 0, 2, 3, 0},
    {CASE(split_off_twice), 4, 2, 3, 2},
    {CASE(no_identification), 0, 2, 3, 0},
    {CASE(another_stamp), 0, 2, 3, 0},
    {CASE(at_two_points), 0, 2, 3, 2},
    {CASE(at_two_points_later), 0, 2, 3, 2},
    {CASE(syn_again), 0, 3, 0, 0},
    {CASE(datagrams), 4, 3, 0, 2},
    {CASE(datagrams_without), 0, 5, 0, 1},
};

static void write_case(struct file_writer *writer, size_t which, unsigned version)
{
    writer_pcap(writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    for (size_t i = 0; i < cases[which].count; i++)
        put_record(writer, &cases[which].records[i], version, 0);
}

static void copies_are_told_from_what_was_sent_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned version = 4; version <= 6; version += 2) {
            struct file_writer writer;
            if (cases[i].version != 0 && cases[i].version != version)
                continue;
            write_case(&writer, i, version);
            check(cases[i].name, &writer, cases[i].client, cases[i].server, cases[i].copies);
            writer_free(&writer);
        }
    }
}

/* IPv6 tells no identification, but an interface sees a packet once. */
static void interfaces_tell_copies(void **state)
{
    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        struct file_writer writer = {.swap = false};
        writer_section(&writer, false);
        writer_interface(&writer, 1, 96, "");
        writer_interface(&writer, 1, 96, "");
        for (size_t i = 0; i < COUNT(at_once); i++)
            put_record(&writer, &at_once[i], 6, i + 1 == COUNT(at_once) ? other : 0);
        check("interfaces", &writer, 2, other == 0 ? 3 : 2, other);
        writer_free(&writer);
    }
}

/* Behind an address of six bytes cooked headers have two that mean nothing, and differ from packet to packet. */
static void rest_of_cooked_address_is_no_point(void **state)
{
    (void)state;
    static const struct {
        uint32_t link_type;
        const char *first, *second; /* the links of two packets */
        uint64_t copies;
    } links[] = {
        {113, "0003 0001 0006 020000000001 0000 86dd", "0003 0001 0006 020000000001 0406 86dd", 0},
        {113, "0003 0001 0006 020000000001 0000 86dd", "0004 0001 0006 020000000001 0000 86dd", 1},
        {113, "0003 0001 0008 020000000001 0000 86dd", "0003 0001 0008 020000000001 0406 86dd", 1},
        {276, "86dd 0000 00000009 0001 03 06 020000000001 0000", "86dd 0000 00000009 0001 03 06 020000000001 86dd", 0},
        {276, "86dd 0000 00000009 0001 03 06 020000000001 0000", "86dd 0000 0000000b 0001 04 06 020000000001 0000", 1},
        {276, "86dd 0000 00000009 0001 03 ff 020000000001 0000", "86dd 0000 00000009 0001 03 ff 020000000001 86dd", 1},
    };
    for (size_t i = 0; i < COUNT(links); i++) {
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, links[i].link_type);
        for (size_t j = 0; j < COUNT(at_once); j++) {
            const struct record *record = &at_once[j];
            struct frame frame = {.size = 0};
            frame_hex(&frame, j + 1 == COUNT(at_once) ? links[i].second : links[i].first);
            put_network(&frame, record, 6);
            writer_packet(&writer, FIRST_TIME + record->microseconds * UINT64_C(1000), frame.bytes, frame.size,
                          frame.size + record->length);
        }
        check(links[i].second, &writer, 2, 3 - links[i].copies, links[i].copies);
        writer_free(&writer);
    }
}

static void copies_may_be_kept(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    for (size_t i = 0; i < COUNT(at_once); i++)
        put_record(&writer, &at_once[i], 4, 0);
    struct tb_capture *by_tcptrace = read_written_by(&writer, TB_FLOW_RULES_TCPTRACE);
    struct tb_capture *kept = read_written_as(&writer, &(struct tb_capture_request){.keep_copies = true});
    assert_int_equal(by_tcptrace->flows[0].side[1].retransmitted_packets, 1);
    assert_int_equal(kept->flows[0].side[1].retransmitted_packets, 1);
    assert_int_equal(kept->flows[0].side[1].payload_bytes, 200);
    assert_int_equal(kept->flows[0].side[1].detail.duplicate_packets, 1);
    assert_int_equal(kept->summary.copied_packets + by_tcptrace->summary.copied_packets, 0);
    tb_capture_free(by_tcptrace);
    tb_capture_free(kept);
    writer_free(&writer);
}

/* --- a long flow of which every packet is recorded again --- */

enum { SEGMENTS = 40000, EVERY = 2, LAG = 60 };

static struct record long_flow_at(uint32_t place)
{
    if (place % 3 == 2) /* sent twice, with a number of its own */
        return (struct record)DATA(30 * place, 5001 + 100 * (place - place % 3), 1 + (3 * place) % 60000, HERE);
    return (struct record)DATA(30 * place, 5001 + 100 * place, 1 + (3 * place) % 60000, HERE);
}

static void put_long_flow(struct file_writer *writer, bool doubled)
{
    for (uint32_t i = 0; i < SEGMENTS + LAG; i++) {
        if (i < SEGMENTS) {
            const struct record record = long_flow_at(i);
            put_record(writer, &record, 4, 0);
        }
        if (doubled && i >= LAG) {
            struct record record = long_flow_at(i - LAG);
            record.microseconds = 30 * i + 5;
            record.point = ROUTED;
            put_record(writer, &record, 4, 0);
        }
    }
}

static struct tb_capture *read_long_flow(bool doubled, const struct tb_capture_split *how)
{
    struct file_writer writer;
    struct tb_source *source;
    struct tb_capture *capture;
    const struct tb_capture_request request = {.sample = true};
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    put_long_flow(&writer, doubled);
    assert_int_equal(tb_source_open_memory(writer.bytes.data, writer.bytes.size, "made", &source, NULL), TB_OK);
    assert_int_equal(tb_capture_read_split(source, &request, how, NULL, &capture, NULL), TB_OK);
    tb_source_close(source);
    writer_free(&writer);
    return capture;
}

static void pack_flows(struct tb_capture *capture, struct tb_buffer *flows, struct tb_buffer *sample)
{
    capture->summary.copied_packets = 0;
    capture->flows[0].first_packet = 0;
    for (size_t i = 0; i < capture->flow_count; i++)
        tb_flow_pack(&capture->flows[i], flows);
    struct tb_archive archive = tb_archive_writer(flows);
    tb_flow_summary_describe(&archive, &capture->summary);
    archive = tb_archive_writer(sample);
    tb_packet_sample_describe(&archive, &capture->sample);
}

static void doubled_flow_counts_as_single(void **state)
{
    (void)state;
    const struct tb_capture_split one = {.threads = 1}, many = {.threads = 3, .ahead = 5, .chunk_most = 99999};
    struct tb_buffer flows[3] = {{0}}, samples[3] = {{0}};
    for (unsigned i = 0; i < 3; i++) {
        struct tb_capture *const capture = read_long_flow(i > 0, i == 2 ? &many : &one);
        assert_int_equal(capture->summary.copied_packets, i > 0 ? SEGMENTS : 0);
        pack_flows(capture, &flows[i], &samples[i]);
        tb_capture_free(capture);
    }
    assert_memory_equal(flows[0].data, flows[1].data, flows[0].size);
    assert_memory_equal(samples[0].data, samples[1].data, samples[0].size);
    assert_same_packed(&flows[1], &flows[2]);
    assert_same_packed(&samples[1], &samples[2]);
    tb_buffer_free(&flows[0]);
    tb_buffer_free(&samples[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_told_from_what_was_sent_again),
        cmocka_unit_test(interfaces_tell_copies),
        cmocka_unit_test(rest_of_cooked_address_is_no_point),
        cmocka_unit_test(copies_may_be_kept),
        cmocka_unit_test(doubled_flow_counts_as_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
