/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of one flow around the time in which it stood still. Times are microseconds; the stall is from 3 ms to 2003 ms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "twinbed/capture/packet_trail.h"

enum { FIRST = 1000 }; /* s since the epoch */

/* A packet of the flow, or of the one between the next port of the client and the same server. */
struct sent {
    uint32_t at;
    bool back, other;
    uint32_t sequence, acknowledgement;
    unsigned flags, length;
};

/* The server's numbers wrap. */
static const struct sent packets[] = {
    {0, false, false, 99, 0, 2, 0},
    {1000, true, false, 0xfffffff0, 100, 18, 0},
    {1500, false, true, 7, 0, 24, 9}, /* not of the flow */
    {2000, false, false, 100, 0xfffffff1, 24, 10},
    {3000, true, false, 0xfffffff1, 110, 16, 100},
    {500000, false, false, 110, 0xfffffff1, 16, 0},
    {2003000, true, false, 0xfffffff1, 110, 16, 100},
    {2004000, true, false, 85, 110, 16, 50},
    {2005000, false, false, 110, 135, 16, 0},
};

/* The same, as a trail has them: ns since the stall began. */
static const struct tb_trail_packet expected[] = {
    {-3000000, 0, INT64_MIN, 0, 0, 2, false}, {-2000000, 0, 0, 0, 1, 18, false},
    {-1000000, 0, 0, 10, 0, 24, false},       {0, 0, 10, 100, 1, 16, false},
    {497000000, 10, 0, 0, 0, 16, false},      {2000000000, 0, 10, 100, 1, 16, true},
    {2001000000, 100, 10, 50, 1, 16, false},  {2002000000, 10, 150, 0, 0, 16, false},
};

enum { PACKETS = sizeof packets / sizeof packets[0], EXPECTED = sizeof expected / sizeof expected[0] };

static const struct tb_stalled_flow stalled_flow = {
    .stall = {FIRST * 1000000000ull + 3000000, FIRST * 1000000000ull + 2003000000},
    .client = {.version = 4, .bytes = {10, 0, 0, 2}, .port = 40000},
    .server = {.version = 4, .bytes = {10, 0, 0, 1}, .port = 80}};

static void write_packet(struct file_writer *writer, const struct sent *sent)
{
    const unsigned port = 40000 + sent->other;
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, sent->back, 6, 40 + sent->length, 1, 0);
    frame_tcp(&frame, sent->back, port, sent->sequence, sent->acknowledgement, sent->flags);
    writer_packet(writer, FIRST * 1000000000ull + sent->at * 1000ull, frame.bytes, frame.size,
                  frame.size + sent->length);
}

static struct tb_packet_trail read_trail(const struct file_writer *writer, const struct tb_stalled_flow *flow)
{
    static const struct tb_capture_request request = {.rows = TB_FLOW_ROWS_NONE};
    struct tb_source *source;
    struct tb_packet_trail trail;
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "written", &source, NULL), TB_OK);
    assert_int_equal(tb_packet_trail_read(source, &request, flow, &trail, NULL), TB_OK);
    tb_source_close(source);
    return trail;
}

static void expect_same(const struct tb_trail_packet *packet, const struct tb_trail_packet *wanted)
{
    assert_int_equal(packet->time, wanted->time);
    assert_int_equal(packet->sequence, wanted->sequence);
    assert_int_equal(packet->acknowledged, wanted->acknowledged);
    assert_int_equal(packet->payload, wanted->payload);
    assert_int_equal(packet->side, wanted->side);
    assert_int_equal(packet->tcp_flags, wanted->tcp_flags);
    assert_int_equal(packet->repeated, wanted->repeated);
}

static void packets_of_the_flow_alone(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (size_t i = 0; i < PACKETS; i++)
        write_packet(&writer, &packets[i]);
    struct tb_packet_trail trail = read_trail(&writer, &stalled_flow);
    assert_int_equal(trail.count, EXPECTED);
    assert_false(trail.left_out);
    for (size_t i = 0; i < EXPECTED; i++)
        expect_same(&trail.packets[i], &expected[i]);
    tb_packet_trail_free(&trail);
    writer_free(&writer);
}

/* The last before, the first after. */
static void a_trail_is_bounded(void **state)
{
    (void)state;
    enum { MANY = 1200 };
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (uint32_t part = 0; part < 3; part++)
        for (uint32_t i = 0; i < MANY; i++) {
            const uint32_t at = part == 0 ? 2 * i : part == 1 ? 3001 + i : 2003000 + i;
            write_packet(&writer, &(struct sent){at, false, false, part * MANY + i, 1, 16, 1});
        }
    struct tb_packet_trail trail = read_trail(&writer, &stalled_flow);
    assert_int_equal(trail.count, TB_TRAIL_BEFORE + TB_TRAIL_IN_STALL + TB_TRAIL_BEHIND);
    assert_true(trail.left_out);
    assert_int_equal(trail.packets[0].sequence, MANY - TB_TRAIL_BEFORE);
    assert_int_equal(trail.packets[TB_TRAIL_BEFORE - 1].sequence, MANY - 1);
    assert_int_equal(trail.packets[TB_TRAIL_BEFORE].sequence, MANY);
    assert_int_equal(trail.packets[TB_TRAIL_BEFORE + TB_TRAIL_IN_STALL].sequence, 2 * MANY);
    assert_int_equal(trail.packets[trail.count - 1].sequence, 2 * MANY + TB_TRAIL_BEHIND - 1);
    tb_packet_trail_free(&trail);
    writer_free(&writer);
}

/* A connection that uses the ports again counts anew. */
static void a_syn_begins_anew(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    write_packet(&writer, &(struct sent){0, false, false, 5000, 1, 24, 100});
    write_packet(&writer, &(struct sent){100, false, false, 77, 0, 2, 0});
    write_packet(&writer, &(struct sent){200, false, false, 78, 1, 24, 10});
    struct tb_packet_trail trail = read_trail(&writer, &stalled_flow);
    assert_int_equal(trail.count, 3);
    assert_int_equal(trail.packets[2].sequence, 0);
    assert_false(trail.packets[2].repeated);
    tb_packet_trail_free(&trail);
    writer_free(&writer);
}

static void damage_ends_a_trail(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    for (size_t i = 0; i < PACKETS; i++)
        write_packet(&writer, &packets[i]);
    const size_t whole = writer.bytes.size;
    for (writer.bytes.size = 24; writer.bytes.size < whole; writer.bytes.size++) {
        struct tb_packet_trail trail = read_trail(&writer, &stalled_flow);
        assert_true(trail.count < EXPECTED);
        for (size_t i = 0; i < trail.count; i++)
            expect_same(&trail.packets[i], &expected[i]);
        tb_packet_trail_free(&trail);
    }
    writer_free(&writer);
}

static void no_flow_has_no_packets(void **state)
{
    (void)state;
    struct file_writer writer;
    struct tb_stalled_flow flow = stalled_flow;
    flow.client.port = 3;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    write_packet(&writer, &packets[0]);
    struct tb_packet_trail trail = read_trail(&writer, &flow);
    assert_int_equal(trail.count, 0);
    tb_packet_trail_free(&trail);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_the_flow_alone), cmocka_unit_test(a_trail_is_bounded),
        cmocka_unit_test(a_syn_begins_anew),         cmocka_unit_test(damage_ends_a_trail),
        cmocka_unit_test(no_flow_has_no_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
