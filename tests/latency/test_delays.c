/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One-way delays: their spread, the test packets of OWAMP in a capture, and
 * packets found again in a capture at the other end. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/test_sessions.h"
#include "fixtures/packet_writer.h"
#include "flow/packet_sampler.h"
#include "twinbed/latency/delays.h"
#include "twinbed/latency/load_delays.h"

static bool same(double value, double expected)
{
    return isnan(expected) ? isnan(value) : fabs(value - expected) <= 1e-9 * (1 + fabs(expected));
}

/* --- the spread of delays --- */

static void test_spread(void **state)
{
    (void)state;
    static const struct {
        int64_t delays[20];
        size_t count;
        double jitter, deviation, change;
    } cases[] = {
        {{0}, 0, NAN, NAN, NAN},
        {{7}, 1, 0, NAN, NAN},
        {{5, -3}, 2, 8, 8 / 1.4142135623730951, 8}, /* the 2nd less the 1st */
        /* position 19 less position 10; changes of 1, one of 100 */
        {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 119}, 20, 9, 24.980992774507580, 1},
        /* an offset of the clocks changes nothing */
        {{INT64_MAX, INT64_MAX - 10, INT64_MAX - 4}, 3, 4, 5.033222956847166, 6},
        {{INT64_MIN, INT64_MAX},
         2,
         18446744073709551615.0,
         18446744073709551615.0 / 1.4142135623730951,
         18446744073709551615.0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t delays[20];
        struct tb_delay_spread spread;
        memcpy(delays, cases[i].delays, sizeof delays);
        assert_true(tb_delay_spread_compute(delays, cases[i].count, &spread));
        assert_int_equal(spread.count, cases[i].count);
        if (!same(spread.jitter, cases[i].jitter) || !same(spread.deviation, cases[i].deviation) ||
            !same(spread.change, cases[i].change))
            fail_msg("case %zu: %.17g %.17g %.17g", i, spread.jitter, spread.deviation, spread.change);
    }
}

/* --- test packets --- */

/* One UDP packet of ten bytes' padding; times in ms, as the sender's and the capture's clocks have them. */
struct test_packet {
    uint32_t sequence;
    double sent, captured;
};

enum { PORT = 8760, ERROR_ESTIMATE = 0x0001, KEPT = 20 + 8 + 14, PAYLOAD = 24 };

static void put_be(uint8_t *place, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        place[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

/* In OWAMP's units; the sender's clock is 8 s behind. */
static uint64_t owamp_time(double ms)
{
    const uint64_t seconds = UINT64_C(0xeeadd893) - 8;
    return (seconds << 32) + (uint64_t)(ms * 4294967.296 + 0.5);
}

static void write_test_packet(struct file_writer *writer, const struct test_packet *packet, bool back, unsigned port,
                              uint16_t error, size_t kept)
{
    struct frame frame = {.size = 0};
    frame_ipv4(&frame, back, 17, 28 + PAYLOAD, 0, 0x4000);
    frame_udp(&frame, back, PAYLOAD);
    put_be(frame.bytes + 20, port, 2);
    put_be(frame.bytes + 22, PORT, 2);
    uint8_t payload[PAYLOAD] = {0};
    put_be(payload, packet->sequence, 4);
    put_be(payload + 4, owamp_time(packet->sent), 8);
    put_be(payload + 12, error, 2);
    memcpy(frame.bytes + frame.size, payload, PAYLOAD);
    writer_packet(writer, FIRST_TIME + (uint64_t)(packet->captured * 1e6 + 0.5), frame.bytes,
                  kept < frame.size + PAYLOAD ? kept : frame.size + PAYLOAD, frame.size + PAYLOAD);
}

static void write_test_packets(struct file_writer *writer, const struct test_packet *packets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_test_packet(writer, &packets[i], false, 9000, ERROR_ESTIMATE, 65535);
}

/* Twelve packets 10 ms apart; delays in ms 1, 2, 1, 2, ... by clocks that differ. */
#define TWELVE(first)                                                                                                  \
    {(first) + 0, 0, 1}, {(first) + 1, 10, 12}, {(first) + 2, 20, 21}, {(first) + 3, 30, 32}, {(first) + 4, 40, 41},   \
        {(first) + 5, 50, 52}, {(first) + 6, 60, 61}, {(first) + 7, 70, 72}, {(first) + 8, 80, 81},                    \
        {(first) + 9, 90, 92}, {(first) + 10, 100, 101},                                                               \
    {                                                                                                                  \
        (first) + 11, 110, 112                                                                                         \
    }

struct session_case {
    const char *name;
    struct test_packet packets[30];
    size_t count;
    size_t sessions;
    size_t packet_count; /* of the first */
};

static const struct session_case session_cases[] = {
    {"a session", {TWELVE(0)}, 12, 1, 12},
    {"captured from its middle on", {TWELVE(5000)}, 12, 1, 12},
    {"nine packets are too few", {TWELVE(0)}, 9, 0, 0},
    {"ten are enough", {TWELVE(0)}, 10, 1, 10},
    {"copies count once", {TWELVE(0), {11, 110, 113}, {3, 30, 114}, {3, 30, 115}}, 15, 1, 12},
    {"reordered", {TWELVE(0), {14, 140, 141}, {13, 130, 142}, {12, 120, 143}}, 15, 1, 15},
    {"lost ones leave gaps", {TWELVE(0), {40, 400, 401}, {44, 440, 441}}, 14, 1, 14},
    {"one number stands still",
     {{7, 0, 1},
      {7, 0, 2},
      {7, 0, 3},
      {7, 0, 4},
      {7, 0, 5},
      {7, 0, 6},
      {7, 0, 7},
      {7, 0, 8},
      {7, 0, 9},
      {7, 0, 10},
      {7, 0, 11},
      {7, 0, 12}},
     12,
     0,
     0},
    {"times that do not follow the capture",
     {{0, 0, 0},
      {1, 1e5, 1},
      {2, 2e5, 2},
      {3, 3e5, 3},
      {4, 4e5, 4},
      {5, 5e5, 5},
      {6, 6e5, 6},
      {7, 7e5, 7},
      {8, 8e5, 8},
      {9, 9e5, 9},
      {10, 10e5, 10},
      {11, 11e5, 11}},
     12,
     0,
     0},
    {"numbers that fall while times rise",
     {{90, 0, 1},
      {80, 10, 11},
      {70, 20, 21},
      {60, 30, 31},
      {50, 40, 41},
      {40, 50, 51},
      {30, 60, 61},
      {20, 70, 71},
      {10, 80, 81},
      {5, 90, 91},
      {4, 100, 101},
      {3, 110, 111}},
     12,
     0,
     0},
    {"another's packet before", {{77, 5e6, 0}, TWELVE(0)}, 13, 1, 12},
    {"another's packet among them", {TWELVE(0), {600, 5e6, 113}}, 13, 1, 12},
    {"the numbers begin again",
     {TWELVE(0),
      {0, 200, 201},
      {1, 210, 211},
      {2, 220, 221},
      {3, 230, 231},
      {4, 240, 241},
      {5, 250, 251},
      {6, 260, 261},
      {7, 270, 271},
      {8, 280, 281},
      {9, 290, 291}},
     22,
     2,
     12},
    {"the numbers begin again after ten minutes",
     {TWELVE(0),
      {0, 6e5, 700201},
      {1, 600010, 700211},
      {2, 600020, 700221},
      {3, 600030, 700231},
      {4, 600040, 700241},
      {5, 600050, 700251},
      {6, 600060, 700261},
      {7, 600070, 700271},
      {8, 600080, 700281},
      {9, 600090, 700291}},
     22,
     2,
     12},
};

static void test_sessions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(session_cases); i++) {
        const struct session_case *expected = &session_cases[i];
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 101);
        write_test_packets(&writer, expected->packets, expected->count);
        struct tb_capture *capture = read_written(&writer, NULL);
        if (capture->tests.count != expected->sessions)
            fail_msg("%s: %zu sessions", expected->name, capture->tests.count);
        if (expected->sessions != 0 && capture->tests.items[0].packet_count != expected->packet_count)
            fail_msg("%s: %zu packets", expected->name, capture->tests.items[0].packet_count);
        for (size_t s = 0; s < capture->tests.count; s++)
            for (size_t p = 1; p < capture->tests.items[s].packet_count; p++)
                assert_true(capture->tests.items[s].packets[p].sequence >
                            capture->tests.items[s].packets[p - 1].sequence);
        assert_int_equal(capture->tests.left_out, 0);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

static void test_what_a_session_holds(void **state)
{
    (void)state;
    static const struct test_packet packets[] = {TWELVE(0)};
    struct file_writer writer;
    char text[TB_ADDRESS_TEXT_SIZE];
    writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 101);
    write_test_packets(&writer, packets, COUNT(packets));
    struct tb_capture *capture = read_written(&writer, NULL);
    const struct tb_test_session *session = &capture->tests.items[0];
    assert_string_equal(tb_address_text(&session->from, text), "10.0.0.2:9000");
    assert_string_equal(tb_address_text(&session->to, text), "10.0.0.1:8760");
    for (size_t i = 0; i < COUNT(packets); i++) {
        assert_int_equal(session->packets[i].sequence, i);
        assert_int_equal(session->packets[i].time, FIRST_TIME + (uint64_t)(packets[i].captured * 1e6));
        assert_true(llabs(session->packets[i].delay - (i % 2 == 0 ? 0 : 1000000)) <= 1); /* 2^-32 s, rounded down */
    }
    assert_int_equal(capture->flow_count, 1);
    assert_int_equal(capture->flows[0].side[0].packets, 12);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* Each sender and receiver is a session of its own, also when their packets mix; the snap length must keep 14 bytes. */
static void test_several_sessions(void **state)
{
    (void)state;
    static const struct test_packet packets[] = {TWELVE(0)};
    static const struct {
        size_t kept;
        uint16_t error;
        size_t sessions;
    } cases[] = {{65535, 0x0001, 3}, {KEPT, 0x0001, 3},  {KEPT - 1, 0x0001, 0},
                 {20, 0x0001, 0},    {65535, 0xab20, 0}, /* a scale of 43: an error of hours */
                 {65535, 0x8511, 3}, {65535, 0x0100, 0} /* a multiplier of 0 is invalid */};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct file_writer writer;
        writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 101);
        for (size_t p = 0; p < COUNT(packets); p++) {
            write_test_packet(&writer, &packets[p], false, 9000, cases[i].error, cases[i].kept);
            write_test_packet(&writer, &packets[p], true, 9000, cases[i].error, cases[i].kept);
            write_test_packet(&writer, &packets[p], false, 9001, cases[i].error, cases[i].kept);
        }
        struct tb_capture *capture = read_written(&writer, NULL);
        if (capture->tests.count != cases[i].sessions)
            fail_msg("case %zu: %zu sessions", i, capture->tests.count);
        if (capture->tests.count == 3) {
            assert_int_equal(capture->tests.items[1].from.bytes[3], 1);
            assert_int_equal(capture->tests.items[2].from.port, 9001);
        }
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* UDP that is no test: payloads of other protocols, and 20 000 random ones that begin as a test packet does. */
static void test_other_datagrams(void **state)
{
    (void)state;
    static const char *const payloads[] = {
        /* DNS; RTP; NTP; QUIC; mDNS; VXLAN; zeros */
        "00310100000100000000000003777777076578616d706c6503636f6d0000010001",
        "8000000100000000deadbeef000102030405060708",
        "230006ec000000000000000000000000000000000000000000000000",
        "c000000001088394c8f03e515708000044",
        "000084000000000400000000055f68747470045f746370",
        "0800000000002a00ffffffffffff0200000000010800",
        "0000000000000000000000000000000000000000",
    };
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 101);
    for (size_t i = 0; i < COUNT(payloads); i++) {
        for (unsigned n = 0; n < 50; n++) {
            struct frame frame = {.size = 0};
            frame_ipv4(&frame, false, 17, 28 + (unsigned)strlen(payloads[i]) / 2, 0, 0);
            frame_udp(&frame, false, (unsigned)strlen(payloads[i]) / 2);
            put_be(frame.bytes + 20, 9000 + i, 2);
            frame_hex(&frame, payloads[i]);
            writer_packet(&writer, FIRST_TIME + n * 10000000, frame.bytes, frame.size, frame.size);
        }
    }
    uint64_t random = 1;
    for (unsigned n = 0; n < 20000; n++) {
        struct frame frame = {.size = 0};
        frame_ipv4(&frame, false, 17, 28 + 14, 0, 0);
        frame_udp(&frame, false, 14);
        for (unsigned byte = 0; byte < 14; byte++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            frame.bytes[frame.size++] = byte == 0 ? 0 : byte == 13 ? 1 : (uint8_t)(random >> 56);
        }
        frame.bytes[40] &= 0x1f;
        writer_packet(&writer, FIRST_TIME + n * 100000, frame.bytes, frame.size, frame.size);
    }
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->tests.count, 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

/* More senders than are remembered: counted, and memory stays bounded. */
static void test_limits(void **state)
{
    (void)state;
    struct tb_test_tracker tracker = {0};
    struct tb_test_sessions sessions = {0};
    struct tb_flow_packet queued = {
        .packet = {.kind = TB_PACKET_TRANSPORT, .version = 4, .protocol = 17, .test_packet = true}, .time = FIRST_TIME};
    struct tb_endpoint sender = {.port = 0};
    const struct tb_endpoint receiver = {.port = 0};
    struct tb_flow_key key;
    for (uint32_t i = 0; i < TB_TEST_SESSIONS_MAX + 5; i++) {
        sender.low = i;
        queued.direction = tb_flow_key_make(&sender, &receiver, 4, 17, &key);
        assert_true(tb_test_tracker_add(&tracker, &queued, &key));
    }
    sender.low = 0;
    queued.direction = tb_flow_key_make(&sender, &receiver, 4, 17, &key);
    for (uint32_t i = 1; i <= TB_TEST_PACKETS_MAX; i++) {
        queued.packet.sequence = i;
        queued.packet.sent = (uint64_t)i << 16;
        queued.time = FIRST_TIME + i * UINT64_C(15259);
        assert_true(tb_test_tracker_add(&tracker, &queued, &key));
    }
    assert_true(tb_test_tracker_finish(&tracker, &sessions));
    assert_int_equal(sessions.left_out, 5 + TB_TEST_SESSIONS_MAX);
    assert_int_equal(sessions.count, 1);
    assert_int_equal(sessions.items[0].packet_count, TB_TEST_PACKETS_MAX - TB_TEST_SESSIONS_MAX + 1);
    assert_int_equal(tracker.record_count, TB_TEST_PACKETS_MAX);
    tb_test_sessions_free(&sessions);
    tb_test_tracker_free(&tracker);
}

/* --- test packets under load --- */

static const struct tb_address server_end = {.version = 4, .bytes = {10, 0, 0, 1}, .port = 80};

static struct tb_test_session make_session(bool to_server, struct tb_test_packet *packets, size_t count)
{
    const struct tb_address client = {.version = 4, .bytes = {10, 0, 0, 2}, .port = 9000};
    return (struct tb_test_session){.from = to_server ? client : server_end,
                                    .to = to_server ? server_end : client,
                                    .packets = packets,
                                    .packet_count = count};
}

/* Delays of 1 .. 30 us at 1 .. 30 ms; wild ones before and behind the load. */
static void test_load(void **state)
{
    (void)state;
    struct tb_test_packet one[32], other[40];
    for (unsigned i = 0; i < 32; i++)
        one[i] = (struct tb_test_packet){i, i * 1000000, i == 0 || i == 31 ? 999999999 : (int64_t)i * 1000};
    for (unsigned i = 0; i < 40; i++)
        other[i] = (struct tb_test_packet){i, i * 1000000, (int64_t)(i % 2) * 700};
    struct tb_test_session items[] = {make_session(true, one, 32), make_session(true, other, 40),
                                      make_session(false, other, 40), make_session(false, one, 20),
                                      make_session(true, one, 32)};
    items[4].to.bytes[3] = 7; /* to another host */
    const struct tb_test_sessions sessions = {.items = items, .count = COUNT(items)};
    const struct tb_load load = {.server = server_end, .begin = 1000000, .end = 30000000};
    struct tb_load_delays delays[TB_DIRECTIONS];
    assert_true(tb_load_delays_compute(&sessions, &load, delays));
    assert_int_equal(delays[TB_TO_SERVER].packets, 60);
    /* 29 less 15 us; of 15 zeros and 15 of 700 ns 700 less 0 */
    assert_true(same(delays[TB_TO_SERVER].jitter, (14000 + 700) / 2.0));
    assert_true(same(delays[TB_TO_SERVER].change, (1000 + 700) / 2.0));
    assert_int_equal(delays[TB_TO_CLIENT].packets, 30); /* 19 of the other session are too few */
    assert_true(same(delays[TB_TO_CLIENT].jitter, 700));
    const struct tb_load none = {.server = server_end, .begin = 90000000, .end = 91000000};
    assert_true(tb_load_delays_compute(&sessions, &none, delays));
    assert_true(isnan(delays[TB_TO_SERVER].jitter) && isnan(delays[TB_TO_CLIENT].change));
    assert_int_equal(delays[TB_TO_CLIENT].packets, 0);
}

#define CONNECTION(at)                                                                                                 \
    {(at), 'A', "S", 1000, 0, 0, 0}, {(at) + 1, 'B', "SA", 5000, 0, 1001, 0}, {(at) + 2, 'A', "A", 1001, 0, 5001, 0},  \
        {(at) + 10, 'A', "PA", 1001, 90, 5001, 0}, {(at) + 20, 'B', "PA", 5001, 600, 1091, 0},                         \
        {(at) + 30, 'B', "PA", 5601, 600, 1091, 0}, {(at) + 40, 'B', "FA", 6201, 0, 1091, 0},                          \
    {                                                                                                                  \
        (at) + 50, 'A', "FA", 1091, 0, 6202, 0                                                                         \
    }

/* From the first request to the last packet of a reply, handshakes and FINs left out. */
static void test_time_of_load(void **state)
{
    (void)state;
    static const struct segment two[] = {CONNECTION(0), CONNECTION(1000)};
    static const struct segment no_reply[] = {{0, 'A', "S", 1000, 0, 0, 0}, {1, 'B', "SA", 5000, 0, 1001, 0}};
    struct tb_flow_totals totals;
    struct tb_capture *capture = read_segments(two, COUNT(two));
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 80), false, &totals);
    assert_int_equal(totals.load_begin, FIRST_TIME + 10000);
    assert_int_equal(totals.load_end, FIRST_TIME + 1030000);
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 443), false, &totals);
    assert_int_equal(totals.load_begin + totals.load_end, 0);
    tb_capture_free(capture);
    capture = read_segments(no_reply, COUNT(no_reply));
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 80), false, &totals);
    assert_int_equal(totals.load_begin + totals.load_end, 0);
    tb_capture_free(capture);
}

/* --- packets found at both ends --- */

static struct tb_capture *read_sampled(const struct segment *segments, size_t count, int64_t shift)
{
    struct file_writer writer;
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 96, 1);
    for (size_t i = 0; i < count; i++) {
        struct segment segment = segments[i];
        segment.microseconds += (uint64_t)shift;
        segment.identification = segment.identification != 0 ? segment.identification : 1 + (unsigned)i;
        writer_segments(&writer, &segment, 1);
    }
    assert_int_equal(tb_source_open_memory(writer.bytes.data, writer.bytes.size, "made.pcap", &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, &(struct tb_capture_request){.sample = true}, &capture, &error), TB_OK);
    tb_source_close(source);
    writer_free(&writer);
    return capture;
}

/* The client's view; packets of the server arrive there. */
static const struct segment at_client[] = {
    {0, 'A', "S", 1000, 0, 0, 0},
    {1000, 'B', "SA", 5000, 0, 1001, 51},
    {1100, 'A', "A", 1001, 0, 5001, 0},
    {1200, 'A', "PA", 1001, 90, 5001, 0},
    {2000, 'B', "A", 5001, 0, 1091, 52},
    /* received in pieces */
    {3000, 'B', "A", 5001, 1000, 1091, 53},
    {3001, 'B', "A", 6001, 1000, 1091, 54},
    {3002, 'B', "PA", 7001, 1000, 1091, 55},
    {3100, 'A', "A", 1091, 0, 8001, 0},
    /* the repeat of 8001, whose first copy was lost */
    {9000, 'B', "PA", 8001, 1000, 1091, 57},
    {9100, 'A', "A", 1091, 0, 9001, 0},
};

static const struct segment at_server[] = {
    {600, 'A', "S", 1000, 0, 0, 1},
    {700, 'B', "SA", 5000, 0, 1001, 51},
    {1800, 'A', "A", 1001, 0, 5001, 3},
    {1950, 'A', "PA", 1001, 90, 5001, 4},
    {1960, 'B', "A", 5001, 0, 1091, 52},
    /* handed to the card whole */
    {2500, 'B', "PA", 5001, 3000, 1091, 53},
    {3900, 'A', "A", 1091, 0, 8001, 9},
    {4000, 'B', "PA", 8001, 1000, 1091, 56},
    {8800, 'B', "PA", 8001, 1000, 1091, 57},
    {9700, 'A', "A", 1091, 0, 9001, 11},
};

static void test_path_delays(void **state)
{
    (void)state;
    /* The server's clock is 7 s ahead. */
    struct tb_capture *client = read_sampled(at_client, COUNT(at_client), 0);
    struct tb_capture *server = read_sampled(at_server, COUNT(at_server), 7000000);
    struct tb_path_delays delays[TB_DIRECTIONS];
    assert_true(tb_path_delays_compute(&client->sample, &server->sample, 80, delays));
    /* 600, 700, 750, 800, 600 us and 7 s. */
    assert_int_equal(delays[TB_TO_SERVER].sent, 5);
    assert_int_equal(delays[TB_TO_SERVER].matched, 5);
    assert_true(same(delays[TB_TO_SERVER].variation, 100000)); /* 800 less 700 */
    assert_true(same(delays[TB_TO_SERVER].change, 50000));     /* of 100, 50, 50, 200: the 2nd */
    assert_true(same(delays[TB_TO_SERVER].deviation, 89442.71909999159));
    /* SYN 300, ACK 40, 3000 bytes 500 us. The repeated segment is left out at the server, where it is seen twice. */
    assert_int_equal(delays[TB_TO_CLIENT].sent, 3);
    assert_int_equal(delays[TB_TO_CLIENT].matched, 3);
    assert_true(same(delays[TB_TO_CLIENT].variation, 200000)); /* 500 less 300 */
    assert_true(same(delays[TB_TO_CLIENT].change, 260000));
    /* Turned around, directions and signs change, no more. */
    assert_true(tb_path_delays_compute(&client->sample, &server->sample, 40000, delays));
    assert_int_equal(delays[TB_TO_SERVER].sent, 6); /* those of port 80, as the client holds them */
    assert_true(tb_path_delays_compute(&client->sample, &server->sample, 443, delays));
    assert_int_equal(delays[TB_TO_SERVER].sent + delays[TB_TO_CLIENT].sent, 0);
    assert_true(isnan(delays[TB_TO_SERVER].variation));
    tb_capture_free(client);
    tb_capture_free(server);
}

/* A capture is not sampled unless that is asked for. */
static void test_no_sample_unless_asked(void **state)
{
    (void)state;
    struct tb_capture *capture = read_segments(at_client, COUNT(at_client));
    assert_int_equal(capture->sample.count, 0);
    assert_int_equal(capture->sample.limit, 0);
    tb_capture_free(capture);
}

/* Every third packet is from the server. */
static void add_packet(struct tb_packet_sampler *sampler, uint32_t number, uint64_t time)
{
    const struct tb_endpoint client = {.port = 40000}, server = {.port = 80};
    const bool back = number % 3 == 0;
    struct tb_flow_key key;
    struct tb_flow_packet queued = {
        .packet = {.kind = TB_PACKET_TRANSPORT, .version = 4, .protocol = 6, .payload = 100, .sequence = number * 100},
        .time = time};
    queued.direction = tb_flow_key_make(back ? &server : &client, back ? &client : &server, 4, 6, &key);
    assert_true(tb_packet_sampler_add(sampler, &queued, &key));
}

/* The last 50 000 repeat the first. */
static void add_made(struct tb_packet_sampler *sampler, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        add_packet(sampler, i % 250000, FIRST_TIME + i);
}

static void assert_same_sample(const struct tb_packet_sample *one, const struct tb_packet_sample *other)
{
    assert_int_equal(one->count, other->count);
    assert_int_equal(one->limit, other->limit);
    for (size_t i = 0; i < one->count; i++) {
        assert_int_equal(one->items[i].key, other->items[i].key);
        assert_int_equal(one->items[i].time, other->items[i].time);
        assert_int_equal(one->items[i].repeated, other->items[i].repeated);
    }
}

/* Of 300 000 packets as many as are wanted are kept, whichever pieces they come in. */
static void test_sample_of_pieces(void **state)
{
    (void)state;
    enum { PACKETS = 300000 };
    struct tb_packet_sampler whole;
    struct tb_packet_sample expected;
    tb_packet_sampler_start(&whole);
    add_made(&whole, 0, PACKETS);
    tb_packet_sampler_finish(&whole, &expected);
    assert_int_equal(expected.count, TB_PACKET_SAMPLE_MAX);
    size_t repeated = 0;
    for (size_t i = 0; i < expected.count; i++) {
        assert_true(expected.items[i].key < expected.limit);
        assert_true(i == 0 || expected.items[i].key > expected.items[i - 1].key);
        repeated += expected.items[i].repeated;
    }
    assert_in_range(repeated, TB_PACKET_SAMPLE_MAX / 5 - 700, TB_PACKET_SAMPLE_MAX / 5 + 700);
    for (uint32_t cut = 1; cut < PACKETS; cut += 49999) {
        struct tb_packet_sampler front, back;
        struct tb_packet_sample merged;
        tb_packet_sampler_start(&front);
        tb_packet_sampler_start(&back);
        add_made(&front, 0, cut);
        add_made(&back, cut, PACKETS);
        assert_true(tb_packet_sampler_merge(&front, &back));
        tb_packet_sampler_finish(&front, &merged);
        assert_same_sample(&merged, &expected);
        tb_packet_sample_free(&merged);
        tb_packet_sampler_free(&back);
    }
    tb_packet_sample_free(&expected);
}

/* Two ends that saw different packets choose the same ones of those that both saw. */
static void test_both_ends_choose_alike(void **state)
{
    (void)state;
    struct tb_packet_sampler one, other;
    struct tb_packet_sample at_one, at_other;
    struct tb_path_delays delays[TB_DIRECTIONS];
    tb_packet_sampler_start(&one);
    tb_packet_sampler_start(&other);
    for (uint32_t i = 0; i < 240000; i++) {
        if (i < 200000)
            add_packet(&one, i, FIRST_TIME + i * 1000);
        if (i >= 100000)
            add_packet(&other, i, FIRST_TIME + i * 1000 + 5000000);
    }
    tb_packet_sampler_finish(&one, &at_one);
    tb_packet_sampler_finish(&other, &at_other);
    assert_true(tb_path_delays_compute(&at_one, &at_other, 80, delays));
    /* Half of what was sent to the server was captured there, and that is all found; times are all alike. */
    const double share = (double)delays[TB_TO_SERVER].matched / (double)delays[TB_TO_SERVER].sent;
    assert_true(share > 0.48 && share < 0.52);
    assert_true(delays[TB_TO_SERVER].matched > 15000);
    assert_true(same(delays[TB_TO_SERVER].variation, 0) && same(delays[TB_TO_SERVER].deviation, 0));
    tb_packet_sample_free(&at_one);
    tb_packet_sample_free(&at_other);
}

/* What is packed comes back, and a cut part is refused. */
static void test_packing(void **state)
{
    (void)state;
    struct file_writer writer;
    static const struct test_packet packets[] = {TWELVE(0)};
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL, *copy = NULL;
    struct tb_error error = {0};
    writer_pcap(&writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 101);
    write_test_packets(&writer, packets, COUNT(packets));
    struct frame frame = {.size = 0};
    frame_ipv4(&frame, false, 6, 40, 1, 0);
    frame_tcp(&frame, false, 40000, 1, 1, 16);
    writer_packet(&writer, FIRST_TIME, frame.bytes, frame.size, frame.size);
    assert_int_equal(tb_source_open_memory(writer.bytes.data, writer.bytes.size, "made.pcap", &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, &(struct tb_capture_request){.sample = true}, &capture, &error), TB_OK);
    tb_source_close(source);
    struct tb_buffer packed = {0}, again = {0};
    tb_capture_pack(capture, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_capture_unpack(&copy, &bytes));
    assert_int_equal(copy->tests.count, 1);
    assert_int_equal(copy->tests.items[0].packet_count, 12);
    assert_memory_equal(&copy->tests.items[0].packets[11].delay, &capture->tests.items[0].packets[11].delay, 8);
    assert_same_sample(&copy->sample, &capture->sample);
    assert_int_equal(copy->sample.count, 1);
    tb_capture_pack(copy, &again);
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    for (size_t size = 0; size < packed.size; size++) {
        struct tb_capture *none = NULL;
        bytes = tb_bytes_packed(packed.data, size);
        assert_false(tb_capture_unpack(&none, &bytes));
    }
    tb_buffer_free(&packed);
    tb_buffer_free(&again);
    tb_capture_free(copy);
    tb_capture_free(capture);
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_what_a_session_holds),
        cmocka_unit_test(test_several_sessions),
        cmocka_unit_test(test_other_datagrams),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_time_of_load),
        cmocka_unit_test(test_path_delays),
        cmocka_unit_test(test_no_sample_unless_asked),
        cmocka_unit_test(test_sample_of_pieces),
        cmocka_unit_test(test_both_ends_choose_alike),
        cmocka_unit_test(test_packing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
