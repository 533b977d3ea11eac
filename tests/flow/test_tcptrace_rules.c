/* SPDX-License-Identifier: GPL-3.0-or-later */

/* By the rules of tcptrace every number is the one it prints: made connections,
 * each checked with version 6.6.7. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"

struct fact {
    const char *name;
    double client, server;
};

/* Times are printed in steps of 0.1 ms, throughput in whole numbers. */
static double step_of(const char *name)
{
    if (strcmp(name, "throughput") == 0)
        return 0.5;
    return strstr(name, "rtt_") != NULL || strstr(name, "repeat_time_") != NULL ? 0.000050001 : 1e-9;
}

static void check_side(const struct tb_capture *capture, unsigned side, const char *name, double expected)
{
    const double value = side_value(capture, 0, side, name);
    const bool equal = isnan(expected) ? isnan(value) : fabs(value - expected) <= step_of(name);
    if (!equal)
        fail_msg("%s of %s: %.9g, expected %.9g", name, side == 0 ? "client" : "server", value, expected);
}

static void check(const struct tb_capture *capture, const struct fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_side(capture, 0, facts[i].name, facts[i].client);
        check_side(capture, 1, facts[i].name, facts[i].server);
    }
}

/* Loss, reordering, repeats, a window probe and urgent data in one connection. */
/* clang-format off */
static const struct detailed_segment eventful[] = {
    {{0, 'A', "S", 1000, 0, 0, 0}, 0, NULL, 0, 0, NULL},
    {{1000, 'B', "SA", 5000, 0, 1001, 0}, 0, NULL, 0, 0, NULL},
    {{1100, 'A', "A", 1001, 0, 5001, 0}, 0, NULL, 0, 0, NULL},
    {{2000, 'A', "PA", 1001, 90, 5001, 0}, 0, NULL, 0, 0, NULL},
    {{3000, 'B', "A", 5001, 0, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{4000, 'B', "A", 5001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{5000, 'B', "A", 7001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{5200, 'A', "A", 1091, 0, 6001, 0}, 0, NULL, 0, 0, NULL},
    {{5500, 'A', "A", 1091, 0, 6001, 0}, 0, SACK("00001b59", "00001f41"), 0, 0, NULL},
    {{6000, 'B', "PA", 9001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{6100, 'A', "A", 1091, 0, 6001, 0}, 0, SACK_TWO("00002329", "00002711", "00001b59", "00001f41"), 0, 0, NULL},
    {{6200, 'A', "A", 1091, 0, 6001, 0}, 0, SACK_TWO("00002329", "00002711", "00001b59", "00001f41"), 0, 0, NULL},
    {{7000, 'B', "A", 8001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{8000, 'B', "A", 6001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{8500, 'A', "A", 1091, 0, 10001, 0}, 0, NULL, 0, 0, NULL},
    {{202000, 'B', "PA", 9001, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{203000, 'A', "A", 1091, 0, 10001, 0}, 0, SACK("00002329", "00002711"), 0, 0, NULL},
    {{212000, 'B', "PA", 9501, 1000, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{213000, 'A', "A", 1091, 0, 10501, 0}, CLOSED, NULL, 0, 0, NULL},
    {{302000, 'B', "A", 10501, 1, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{303000, 'A', "A", 1091, 0, 10501, 0}, CLOSED, NULL, 0, 0, NULL},
    {{402000, 'A', "A", 1091, 0, 10501, 0}, 0, NULL, 0, 0, NULL},
    {{412000, 'B', "PUA", 10501, 500, 1091, 0}, 0, NULL, 10, 0, NULL},
    {{413000, 'A', "A", 1091, 0, 11001, 0}, 0, NULL, 0, 0, NULL},
    {{502000, 'B', "FA", 11001, 0, 1091, 0}, 0, NULL, 0, 0, NULL},
    {{503000, 'A', "FA", 1091, 0, 11002, 0}, 0, NULL, 0, 0, NULL},
    {{504000, 'B', "A", 11002, 0, 1092, 0}, 0, NULL, 0, 0, NULL},
};

static const struct fact eventful_facts[] = {
    {"packets", 14, 13},
    {"ack_packets", 13, 13},
    {"pure_ack_packets", 11, 2},
    {"sack_packets", 4, 0},
    {"sacks", 4, 0},
    {"dsack_packets", 1, 0},
    {"sack_blocks_max", 2, 0},
    {"unique_bytes", 90, 6000},
    {"data_packets", 1, 9},
    {"payload_bytes", 90, 7501},
    {"retransmitted_packets", 0, 2},
    {"retransmitted_bytes", 0, 1500},
    {"probe_packets", 0, 1},
    {"probe_bytes", 0, 1},
    {"out_of_order_packets", 0, 2},
    {"pushed_packets", 1, 4},
    {"syn_packets", 1, 1},
    {"fin_packets", 1, 1},
    {"rst_packets", 0, 0},
    {"asked_scale", 1, 1},
    {"asked_timestamps", 0, 0},
    {"window_scale", 7, 7},
    {"asked_sack", 1, 1},
    {"urgent_packets", 0, 1},
    {"urgent_bytes", 0, 10},
    {"mss", 1460, 1460},
    {"segment_max", 90, 1000},
    {"segment_min", 90, 1},
    {"segment_mean", 89, 833},
    {"window_max", 29312, 29312},
    {"window_min", 29312, 29312},
    {"zero_windows", 2, 0},
    {"window_mean", 24802, 29312},
    {"outstanding_max", 91, 4001},
    {"outstanding_min", 1, 1},
    {"outstanding_mean", 7, 1063},
    {"outstanding_weighted", 0, 2446},
    {"initial_window_bytes", 90, 2000},
    {"initial_window_packets", 1, 2},
    {"stream_bytes", 90, 6000},
    {"missed_bytes", 0, 0},
    {"truncated_bytes", 0, 0},
    {"truncated_packets", 0, 0},
    {"data_time", 0, 0.408},
    {"idle_max", 0.1945, 0.194},
    {"duplicate_packets", 0, 0},
    {"throughput", 179, 11905},
    {"rtts", 3, 5},
    {"rtt_min", 0.001, 0.0001},
    {"rtt_max", 0.001, 0.0012},
    {"rtt_mean", 0.001, 0.0009},
    {"rtt_sd", 0, 0.0004},
    {"handshake_rtt", 0.001, 0.0001},
    {"full_rtts", 2, 2},
    {"full_rtt_min", 0.001, 0.0001},
    {"full_rtt_max", 0.001, 0.001},
    {"full_rtt_mean", 0.001, 0.0005},
    {"full_rtt_sd", 0, 0},
    {"post_loss_acks", 0, 1},
    {"ambiguous_acks", 0, 0},
    {"cumulative_acks", 0, 3},
    {"duplicate_acks", 1, 5},
    {"triple_duplicate_acks", 0, 1},
    {"most_repeats", 0, 0},
    {"repeat_time_min", 0, 0},
    {"repeat_time_max", 0, 0},
    {"repeat_time_mean", 0, 0},
    {"repeat_time_sd", 0, 0},
};
/* clang-format on */

static void test_eventful_connection(void **state)
{
    (void)state;
    struct tb_capture *capture = read_detailed(eventful, COUNT(eventful), TB_FLOW_RULES_TCPTRACE);
    assert_int_equal(capture->flow_count, 1);
    assert_int_equal(capture->flows[0].ended, TB_FLOW_CLOSED);
    check(capture, eventful_facts, COUNT(eventful_facts));
    tb_capture_free(capture);
}

#define PLAIN 0, NULL, 0, 0, NULL
#define OPENING                                                                                                        \
    {{0, 'A', "S", 1000, 0, 0, 0}, PLAIN}, {{1000, 'B', "SA", 5000, 0, 1001, 0}, PLAIN},                               \
    {                                                                                                                  \
        {2000, 'A', "A", 1001, 0, 5001, 0}, PLAIN                                                                      \
    }

static const struct detailed_segment sent_twice[] = {OPENING,
                                                     {{3000, 'A', "PA", 1001, 100, 5001, 77}, PLAIN},
                                                     {{4000, 'A', "PA", 1001, 100, 5001, 77}, PLAIN},
                                                     {{5000, 'B', "A", 5001, 0, 1101, 0}, PLAIN},
                                                     {{6000, 'A', "FA", 1101, 0, 5001, 0}, PLAIN},
                                                     {{7000, 'B', "FA", 5001, 0, 1102, 0}, PLAIN},
                                                     {{8000, 'A', "A", 1102, 0, 5002, 0}, PLAIN}};
static const struct fact sent_twice_facts[] = {{"retransmitted_packets", 1, 0}, {"retransmitted_bytes", 100, 0},
                                               {"duplicate_packets", 1, 0},     {"most_repeats", 1, 0},
                                               {"ambiguous_acks", 1, 0},        {"unique_bytes", 100, 0}};

static const struct detailed_segment syn_twice[] = {{{0, 'A', "S", 1000, 0, 0, 0}, PLAIN},
                                                    {{1000000, 'A', "S", 1000, 0, 0, 0}, PLAIN},
                                                    {{1001000, 'B', "SA", 5000, 0, 1001, 0}, PLAIN},
                                                    {{1002000, 'A', "A", 1001, 0, 5001, 0}, PLAIN}};
static const struct fact syn_twice_facts[] = {{"retransmitted_packets", 1, 0}, {"retransmitted_bytes", 1, 0},
                                              {"repeat_time_min", 1.0, 0},     {"repeat_time_mean", 0.9999, 0},
                                              {"handshake_rtt", 0, 0.001},     {"syn_packets", 2, 1}};

static const struct detailed_segment kept_alive[] = {OPENING,
                                                     {{3000, 'B', "PA", 5001, 100, 1001, 0}, PLAIN},
                                                     {{4000, 'A', "A", 1001, 0, 5101, 0}, PLAIN},
                                                     {{60000000, 'B', "A", 5100, 0, 1001, 0}, PLAIN},
                                                     {{60001000, 'A', "A", 1001, 0, 5101, 0}, PLAIN},
                                                     {{120000000, 'B', "A", 5100, 1, 1001, 0}, PLAIN},
                                                     {{120001000, 'A', "A", 1001, 0, 5101, 0}, PLAIN}};
static const struct fact kept_alive_facts[] = {
    {"retransmitted_packets", 0, 1}, {"retransmitted_bytes", 0, 1}, {"duplicate_acks", 1, 2}};

static const struct detailed_segment refused[] = {{{0, 'A', "S", 1000, 0, 0, 0}, PLAIN},
                                                  {{1000, 'B', "RA", 0, 0, 1001, 0}, PLAIN}};
static const struct fact refused_facts[] = {
    {"rst_packets", 0, 1}, {"stream_bytes", -1, -1}, {"missed_bytes", NAN, NAN}, {"rtts", 1, 0}};

/* An acknowledgement inside a segment is one of all of it: no time when its end is acknowledged later. */
static const struct detailed_segment inside[] = {OPENING,
                                                 {{3000, 'B', "A", 5001, 100, 1001, 0}, PLAIN},
                                                 {{4000, 'B', "A", 5101, 100, 1001, 0}, PLAIN},
                                                 {{5000, 'A', "A", 1001, 0, 5151, 0}, PLAIN},
                                                 {{6000, 'A', "A", 1001, 0, 5201, 0}, PLAIN}};
static const struct fact inside_facts[] = {{"cumulative_acks", 0, 2}, {"rtts", 1, 1}, {"rtt_max", 0.001, 0.001}};

/* Before the first acknowledgement all from the SYN on is outstanding; without a SYN, what the packet carries. */
static const struct detailed_segment unanswered[] = {{{0, 'A', "S", 1000, 0, 0, 0}, PLAIN},
                                                     {{1000, 'A', "A", 1001, 10, 1, 0}, PLAIN},
                                                     {{2000, 'A', "A", 1011, 10, 1, 0}, PLAIN}};
static const struct fact unanswered_facts[] = {
    {"outstanding_max", 22, 0}, {"outstanding_min", 12, 0}, {"outstanding_mean", 17, 0}};
static const struct detailed_segment no_syn[] = {{{0, 'A', "A", 1000, 10, 77, 0}, PLAIN},
                                                 {{1000, 'A', "A", 1050, 20, 77, 0}, PLAIN}};
static const struct fact no_syn_facts[] = {
    {"outstanding_max", 20, 0}, {"outstanding_min", 10, 0}, {"outstanding_mean", 15, 0}};

/* A SYN is what was acknowledged last, also when it comes again. */
static const struct detailed_segment syn_again[] = {
    OPENING, {{3000, 'A', "S", 990, 0, 0, 0}, PLAIN}, {{4000, 'A', "A", 1001, 10, 5001, 0}, PLAIN}};
static const struct fact syn_again_facts[] = {{"outstanding_max", 22, 0}, {"duplicate_acks", 0, 0}};

/* The SYN's number acknowledged late gives the latest time that was measured. */
static const struct detailed_segment syn_acked_late[] = {
    {{0, 'A', "S", 100, 0, 0, 0}, PLAIN},          {{10000, 'B', "SA", 5000, 0, 101, 0}, PLAIN},
    {{20000, 'B', "A", 5001, 100, 101, 0}, PLAIN}, {{50000, 'A', "A", 101, 0, 5101, 0}, PLAIN},
    {{60000, 'B', "A", 5101, 100, 101, 0}, PLAIN}, {{67000, 'A', "A", 101, 0, 5201, 0}, PLAIN},
    {{90000, 'A', "A", 101, 0, 5001, 0}, PLAIN}};
static const struct fact syn_acked_late_facts[] = {{"handshake_rtt", 0.01, 0.007}, {"rtts", 1, 2}};

/* A second FIN with a number of its own is a byte; from a reset on every packet ends the stream anew. */
static const struct detailed_segment two_fins[] = {{{0, 'B', "FA", 6542, 100, 401, 0}, PLAIN},
                                                   {{1000, 'B', "FA", 7544, 0, 401, 0}, PLAIN}};
static const struct fact two_fins_facts[] = {{"unique_bytes", 101, 0}, {"fin_packets", 2, 0}};
static const struct detailed_segment on_after_reset[] = {{{0, 'A', "S", 4163, 0, 0, 0}, PLAIN},
                                                         {{1000, 'A', "R", 4465, 0, 0, 0}, PLAIN},
                                                         {{2000, 'A', "FA", 4465, 100, 80, 0}, PLAIN},
                                                         {{3000, 'A', "A", 4467, 100, 80, 0}, PLAIN}};
static const struct fact on_after_reset_facts[] = {{"stream_bytes", 403, -1}};

/* A reset's window and acknowledgement are not believed: data behind one that came first is a probe. */
static const struct detailed_segment reset_first[] = {{{0, 'B', "RA", 7913, 0, 8985, 0}, PLAIN},
                                                      {{1000, 'A', "A", 9985, 100, 7913, 0}, PLAIN}};
static const struct fact reset_first_facts[] = {{"probe_packets", 0, 1}, {"unique_bytes", 0, 0}};

/* Probes of old data are outstanding by less than nothing: 11 - 5 - 6 bytes here. While the sum is 0 nothing is a
 * duplicate. */
static const struct detailed_segment old_probes[] = {OPENING,
                                                     {{3000, 'B', "A", 5001, 10, 1001, 0}, PLAIN},
                                                     {{4000, 'A', "A", 1001, 0, 5011, 0}, CLOSED, NULL, 0, 0, NULL},
                                                     {{5000, 'B', "A", 5001, 4, 1001, 0}, PLAIN},
                                                     {{6000, 'B', "A", 5001, 3, 1001, 0}, PLAIN},
                                                     {{7000, 'A', "A", 1001, 0, 5011, 0}, CLOSED, NULL, 0, 0, NULL},
                                                     {{8000, 'B', "A", 5011, 0, 1001, 0}, PLAIN},
                                                     {{9000, 'A', "A", 1001, 0, 5011, 0}, CLOSED, NULL, 0, 0, NULL}};
static const struct fact old_probes_facts[] = {{"duplicate_acks", 1, 1}, {"probe_packets", 0, 2}};

/* A scale stands until a packet that is no SYN shows that not both sides sent one. */
#define SCALED(scale) 0, "020405b4 010303" scale " 0402 0101", 0, 0, NULL
static const struct detailed_segment scale_unanswered[] = {{{0, 'A', "S", 1000, 0, 0, 0}, SCALED("08")},
                                                           {{1000000, 'A', "S", 1000, 0, 0, 0}, SCALED("08")}};
static const struct fact scale_unanswered_facts[] = {{"window_scale", 8, 0}, {"window_max", 29200, 0}};
static const struct detailed_segment scale_refused[] = {{{0, 'A', "S", 1000, 0, 0, 0}, SCALED("08")},
                                                        {{1000, 'B', "RA", 0, 0, 1001, 0}, PLAIN}};
static const struct fact scale_refused_facts[] = {{"window_scale", 0, 0}};
static const struct detailed_segment scale_forgotten[] = {{{0, 'A', "S", 1000, 0, 0, 0}, SCALED("08")},
                                                          {{1000, 'B', "A", 7000, 0, 77, 0}, PLAIN},
                                                          {{2000, 'B', "SA", 5000, 0, 1001, 0}, SCALED("07")},
                                                          {{3000, 'A', "A", 1001, 0, 5001, 0}, PLAIN}};
static const struct fact scale_forgotten_facts[] = {{"window_scale", 0, 7}, {"window_max", 229, 29200}};

/* The payload of a reset is no window. */
static const struct detailed_segment reset_with_payload[] = {
    OPENING, {{3000, 'A', "PA", 1001, 50, 5001, 0}, PLAIN}, {{4000, 'B', "RA", 5001, 58, 1051, 0}, PLAIN}};
static const struct fact reset_with_payload_facts[] = {
    {"payload_bytes", 50, 58}, {"unique_bytes", 50, 58}, {"initial_window_bytes", 50, 0}};

#define VECTOR(name, ended) #name, name, COUNT(name), name##_facts, COUNT(name##_facts), ended

static const struct {
    const char *name;
    const struct detailed_segment *segments;
    size_t count;
    const struct fact *facts;
    size_t fact_count;
    enum tb_flow_end ended;
} vectors[] = {{VECTOR(sent_twice, TB_FLOW_CLOSED)},       {VECTOR(syn_twice, TB_FLOW_OPEN)},
               {VECTOR(kept_alive, TB_FLOW_OPEN)},         {VECTOR(inside, TB_FLOW_OPEN)},
               {VECTOR(unanswered, TB_FLOW_OPEN)},         {VECTOR(no_syn, TB_FLOW_OPEN)},
               {VECTOR(syn_again, TB_FLOW_OPEN)},          {VECTOR(syn_acked_late, TB_FLOW_OPEN)},
               {VECTOR(two_fins, TB_FLOW_OPEN)},           {VECTOR(on_after_reset, TB_FLOW_RESET)},
               {VECTOR(reset_first, TB_FLOW_RESET)},       {VECTOR(old_probes, TB_FLOW_OPEN)},
               {VECTOR(refused, TB_FLOW_RESET)},           {VECTOR(scale_unanswered, TB_FLOW_OPEN)},
               {VECTOR(scale_refused, TB_FLOW_RESET)},     {VECTOR(scale_forgotten, TB_FLOW_OPEN)},
               {VECTOR(reset_with_payload, TB_FLOW_RESET)}};

static void test_small_connections(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        struct tb_capture *capture = read_detailed(vectors[i].segments, vectors[i].count, TB_FLOW_RULES_TCPTRACE);
        assert_int_equal(capture->flow_count, 1);
        if (capture->flows[0].ended != vectors[i].ended)
            fail_msg("%s: %s", vectors[i].name, tb_flow_end_name(capture->flows[0].ended));
        check(capture, vectors[i].facts, vectors[i].fact_count);
        tb_capture_free(capture);
    }
}

/* A packet whose IPv4 length is 0 is none. */
static void test_length_zero(void **state)
{
    (void)state;
    struct file_writer writer;
    const struct detailed_segment opening[] = {OPENING};
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    writer_detailed(&writer, opening, COUNT(opening));
    for (unsigned i = 0; i < 2; i++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, ETHERNET "0800");
        frame_ipv4(&frame, false, 6, 0, 9 + i, 0x4000);
        frame_tcp(&frame, false, 40000 + i, 1001 + 1000 * i, 5001, 0x18);
        writer_packet(&writer, FIRST_TIME + 4000000, frame.bytes, frame.size, frame.size + 1000);
    }
    struct tb_capture *capture = read_written_by(&writer, TB_FLOW_RULES_TCPTRACE);
    assert_int_equal(capture->flow_count, 1);
    check_side(capture, 0, "packets", 2);
    check_side(capture, 0, "payload_bytes", 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

static enum tb_status keep_block(void *context, const struct tb_flow_block *block, struct tb_error *error)
{
    struct tb_buffer *rows = context;
    (void)error;
    tb_buffer_put(rows, block->data, block->size);
    return TB_OK;
}

static struct tb_capture *read_rows(const struct file_writer *writer, struct tb_flow_sink *sink)
{
    const struct tb_capture_request request = {.rules = TB_FLOW_RULES_TCPTRACE, .sink = sink};
    struct tb_source *source;
    struct tb_capture *capture;
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "made", &source, NULL), TB_OK);
    assert_int_equal(tb_capture_read(source, &request, &capture, NULL), TB_OK);
    tb_source_close(source);
    return capture;
}

/* An open connection is idle until the capture ends, also when its row is given away. */
static void test_rows_to_a_sink(void **state)
{
    (void)state;
    const struct detailed_segment opening[] = {OPENING};
    struct tb_buffer given = {0}, held = {0};
    struct tb_flow_sink sink = {.take = keep_block, .context = &given};
    struct file_writer writer;
    struct frame last = {.size = 0};
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    writer_detailed(&writer, opening, COUNT(opening));
    frame_hex(&last, ETHERNET "0800");
    frame_ipv4(&last, false, 6, 40, 9, 0x4000);
    frame_tcp(&last, false, 50000, 1, 1, 0x10);
    writer_packet(&writer, FIRST_TIME + 900000000000u, last.bytes, last.size, last.size);
    struct tb_capture *with = read_rows(&writer, &sink), *without = read_rows(&writer, NULL);
    check_side(without, 0, "idle_max", 899.998);
    for (size_t i = 0; i < without->flow_count; i++)
        tb_flow_pack(&without->flows[i], &held);
    assert_int_equal(given.size, held.size);
    assert_memory_equal(given.data, held.data, held.size);
    tb_capture_free(with);
    tb_capture_free(without);
    tb_buffer_free(&given);
    tb_buffer_free(&held);
    writer_free(&writer);
}

/* A segment of 1000 bytes in two fragments: the second is not seen. */
static void test_fragments(void **state)
{
    (void)state;
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    const struct detailed_segment opening[] = {OPENING};
    writer_detailed(&writer, opening, COUNT(opening));
    for (unsigned part = 0; part < 2; part++) {
        struct frame frame = {.size = 0};
        frame_hex(&frame, ETHERNET "0800");
        frame_ipv4(&frame, false, 6, part == 0 ? 540 : 520, 9, part == 0 ? 0x2000 : 65);
        if (part == 0)
            frame_tcp(&frame, false, 40000, 1001, 5001, 0x18);
        writer_packet(&writer, FIRST_TIME + 3000000 + part, frame.bytes, frame.size, part == 0 ? 554 : 534);
    }
    const struct detailed_segment closing[] = {{{4000, 'B', "A", 5001, 0, 2001, 0}, PLAIN},
                                               {{5000, 'A', "FA", 2001, 0, 5001, 0}, PLAIN}};
    writer_detailed(&writer, closing, COUNT(closing));
    struct tb_capture *capture = read_written_by(&writer, TB_FLOW_RULES_TCPTRACE);
    check_side(capture, 0, "unique_bytes", 500);
    check_side(capture, 0, "missed_bytes", 500);
    tb_capture_free(capture);
    capture = read_written_by(&writer, TB_FLOW_RULES_TWINBED);
    check_side(capture, 0, "unique_bytes", 1000);
    check_side(capture, 0, "missed_bytes", 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* Which packets make one connection: numbers of connections by the two sets of rules. */
struct split {
    const char *name;
    struct detailed_segment segments[6];
    size_t count;
    size_t by_tcptrace, by_twinbed;
};

static const struct split splits[] = {
    {"other number, no FIN",
     {{{0, 'A', "S", 1000, 0, 0, 0}, PLAIN}, {{9000, 'A', "S", 900000, 0, 0, 0}, PLAIN}},
     2,
     1,
     2},
    {"SYN twice, then another",
     {{{0, 'A', "S", 1000, 0, 0, 0}, PLAIN},
      {{9000, 'A', "S", 1000, 0, 0, 0}, PLAIN},
      {{18000, 'A', "S", 900000, 0, 0, 0}, PLAIN}},
     3,
     2,
     2},
    {"after a reset, above the window",
     {OPENING, {{3000, 'B', "RA", 5001, 0, 1001, 0}, PLAIN}, {{9000, 'A', "S", 9000000, 0, 0, 0}, PLAIN}},
     5,
     2,
     2},
    {"silent for 300 s", {OPENING, {{300000000, 'A', "A", 1001, 0, 5001, 0}, PLAIN}}, 4, 2, 1},
    {"a reset, and another's SYN above its window",
     {{{0, 'A', "RA", 1000, 0, 3000, 0}, 1000, NULL, 0, 0, NULL}, {{9000, 'B', "S", 4500, 0, 0, 0}, PLAIN}},
     2,
     2,
     2},
    {"a reset, and another's SYN inside its window",
     {{{0, 'A', "RA", 1000, 0, 3000, 0}, 1000, NULL, 0, 0, NULL}, {{9000, 'B', "S", 3500, 0, 0, 0}, PLAIN}},
     2,
     1,
     2},
    {"silent for 240 s", {OPENING, {{240002000, 'A', "A", 1001, 0, 5001, 0}, PLAIN}}, 4, 1, 1}};

static void test_splitting(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(splits); i++) {
        for (unsigned rules = 0; rules < 2; rules++) {
            struct tb_capture *capture = read_detailed(splits[i].segments, splits[i].count, (enum tb_flow_rules)rules);
            const size_t expected = rules == TB_FLOW_RULES_TCPTRACE ? splits[i].by_tcptrace : splits[i].by_twinbed;
            if (capture->flow_count != expected)
                fail_msg("%s: %zu connections by %s, expected %zu", splits[i].name, capture->flow_count,
                         tb_flow_rules_name((enum tb_flow_rules)rules), expected);
            tb_capture_free(capture);
        }
    }
}

/* Unsigned, where tcptrace prints a wrapped number. */
static void test_large_mss(void **state)
{
    (void)state;
    const struct detailed_segment segments[] = {{{0, 'A', "S", 1000, 0, 0, 0}, 0, "0204ffd7", 0, 0, NULL}};
    struct tb_capture *capture = read_detailed(segments, 1, TB_FLOW_RULES_TCPTRACE);
    check_side(capture, 0, "mss", 4294967255.0);
    tb_capture_free(capture);
    capture = read_detailed(segments, 1, TB_FLOW_RULES_TWINBED);
    check_side(capture, 0, "mss", 65495);
    check_side(capture, 1, "mss", NAN);
    tb_capture_free(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eventful_connection), cmocka_unit_test(test_small_connections),
        cmocka_unit_test(test_length_zero),         cmocka_unit_test(test_rows_to_a_sink),
        cmocka_unit_test(test_fragments),           cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_large_mss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
