/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets of a flow that are taken one behind the other change it as they do one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "fixtures/random_numbers.h"
#include "fixtures/same_packed.h"
#include "twinbed/flow/flow_sink.h"

enum { SEGMENTS = 300, CAPTURES = 60 };

/* Where the two ends of a connection are: the next number of each. */
struct ends {
    uint64_t microseconds;
    uint32_t next[2];
};

static const char *any_flags(void)
{
    static const char *const flags[] = {"A", "A", "A", "A", "A", "AP", "AP", "S", "SA", "AF", "R", "RA", "AU", "", "F"};
    return flags[random_below(random_below(3) == 0 ? COUNT(flags) : 7)];
}

static const char *any_options(void)
{
    static const char *const options[] = {
        NULL, NULL, "0101 080a 0000000100000002", "0101 080a 0000000100000002", SACK("00000100", "00000200"), "",
    };
    return options[random_below(COUNT(options))];
}

/* Most go on where the last one ended. */
static uint32_t near(uint32_t next)
{
    switch (random_below(12)) {
    case 0:
        return next - random_below(4000);
    case 1:
        return next + random_below(3000);
    case 2:
        return next - 1;
    default:
        return next;
    }
}

static struct detailed_segment any_segment(struct ends *ends)
{
    static const uint32_t lengths[] = {0, 0, 0, 1, 100, 1448, 1448};
    const unsigned side = random_below(2);
    struct detailed_segment detailed = {.segment = {.from = side == 0 ? 'A' : 'B',
                                                    .flags = any_flags(),
                                                    .sequence = near(ends->next[side]),
                                                    .length = lengths[random_below(COUNT(lengths))],
                                                    .acknowledgement = near(ends->next[!side]),
                                                    .identification = random_below(4) == 0 ? 1 + random_below(5) : 0},
                                        .window = random_below(30) == 0  ? CLOSED
                                                  : random_below(3) == 0 ? 1 + (int)random_below(60000)
                                                                         : 0,
                                        .options = any_options(),
                                        .congestion = random_below(20) == 0 ? 3 : 0,
                                        .payload = random_below(40) == 0 ? "GET / HTTP/1.1\r\n" : NULL};
    ends->microseconds += random_below(50) == 0 ? random_below(3000000) : random_below(300);
    detailed.segment.microseconds = ends->microseconds - (random_below(30) == 0 ? random_below(200) : 0);
    const struct segment *segment = &detailed.segment;
    const uint32_t end = segment->sequence + segment->length + (strpbrk(segment->flags, "SF") != NULL);
    if ((int32_t)(end - ends->next[side]) > 0)
        ends->next[side] = end;
    return detailed;
}

static void write_handshake(struct file_writer *writer, struct ends *ends)
{
    const struct segment segments[] = {
        {ends->microseconds, 'A', "S", ends->next[0]++, 0, 0, 0},
        {ends->microseconds + 100, 'B', "SA", ends->next[1]++, 0, ends->next[0], 0},
        {ends->microseconds + 180, 'A', "A", ends->next[0], 0, ends->next[1], 0},
    };
    writer_segments(writer, segments, COUNT(segments));
    ends->microseconds += 200;
}

/* A later fragment of which nothing else is known: what waits before it is taken first. */
static void write_fragment(struct file_writer *writer, uint64_t microseconds)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, false, 17, 60, 77, 185);
    frame_hex(&frame, "00000000 00000000");
    writer_packet(writer, FIRST_TIME + microseconds * 1000, frame.bytes, frame.size, 14 + 60);
}

static void write_connection(struct file_writer *writer, bool one_by_one)
{
    struct ends ends = {.next = {random_below(1 << 24) * 250, UINT32_MAX - random_below(20000)}};
    if (random_below(4) != 0)
        write_handshake(writer, &ends);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        const struct detailed_segment segment = any_segment(&ends);
        writer_detailed(writer, &segment, 1);
        if (one_by_one)
            write_fragment(writer, segment.segment.microseconds);
    }
}

static struct tb_capture *read_connection(uint32_t seed, bool one_by_one, enum tb_flow_rules rules)
{
    struct file_writer writer = {0};
    random_state = seed;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    write_connection(&writer, one_by_one);
    struct tb_capture *capture = read_written_by(&writer, rules);
    writer_free(&writer);
    return capture;
}

/* Numbers count the fragments, too. */
static void check_flow(const struct tb_flow *flow, const struct tb_flow *alone)
{
    struct tb_flow renumbered = *alone;
    struct tb_buffer one = {0}, other = {0};
    renumbered.first_packet = flow->first_packet;
    tb_flow_pack(flow, &one);
    tb_flow_pack(&renumbered, &other);
    assert_same_packed(&one, &other);
}

static void check_rules(enum tb_flow_rules rules)
{
    size_t flows = 0;
    for (uint32_t seed = 1; seed <= CAPTURES; seed++) {
        struct tb_capture *together = read_connection(seed, false, rules);
        struct tb_capture *alone = read_connection(seed, true, rules);
        assert_int_equal(alone->later_fragments, SEGMENTS);
        assert_int_equal(together->flow_count, alone->flow_count);
        for (size_t i = 0; i < together->flow_count; i++)
            check_flow(&together->flows[i], &alone->flows[i]);
        flows += together->flow_count;
        tb_capture_free(together);
        tb_capture_free(alone);
    }
    assert_true(flows > CAPTURES);
}

static void test_flow_runs(void **state)
{
    (void)state;
    check_rules(TB_FLOW_RULES_TWINBED);
}

static void test_flow_runs_by_tcptrace(void **state)
{
    (void)state;
    check_rules(TB_FLOW_RULES_TCPTRACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow_runs),
        cmocka_unit_test(test_flow_runs_by_tcptrace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
