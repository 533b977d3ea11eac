/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decoding a capture in segments stands on: finding records, comparing assumptions, dealing out flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capture/packet_batch.h"
#include "fixtures/packet_writer.h"
#include "flow/fragments.h"
#include "packet/tcp_options.h"

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

/* --- decoding --- */

static void fill_header(uint8_t frame[100])
{
    static const uint8_t time_stamps[] = {1, 1, 8, 10};
    for (int i = 0; i < 100; i++)
        frame[i] = (uint8_t)random_below(256);
    frame[12] = 8, frame[13] = 0;
    frame[14] = random_below(8) > 0 ? 0x45 : (uint8_t)(0x40 + random_below(16));
    frame[16] = (uint8_t)random_below(3);
    frame[23] = random_below(8) > 0 ? 6 : 17;
    frame[20] = random_below(4) > 0 ? 0x40 : frame[20];
    frame[21] = frame[20] == 0x40 ? 0 : frame[21];
    if (random_below(16) == 0)
        frame[20] = 0x20, frame[21] = 0; /* the first of several fragments */
    frame[46] = random_below(3) > 0 ? 0x80 : frame[46];
    if (random_below(8) == 0)
        memcpy(frame + 30, frame + 26, 4); /* to itself, perhaps from the same port */
    if (random_below(8) == 0)
        memcpy(frame + 36, frame + 34, 2);
    if (random_below(2) == 0)
        memcpy(frame + 54, time_stamps, sizeof time_stamps);
    if (random_below(3) == 0)
        memcpy(frame + 66, "GET /1.1 HTTP/1.1\r\n\r\nGET / ", 28);
}

/* A packet with a VLAN tag is not decoded by the fast path, but must say the same. */
static void a_tag_changes_nothing(void **state)
{
    (void)state;
    uint32_t transports = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t plain[100], tagged[104] = {0};
        fill_header(plain);
        memcpy(tagged, plain, 12);
        memcpy(tagged + 12, "\x81\x00\x00\x07", 4);
        memcpy(tagged + 16, plain + 12, 88);
        const uint32_t captured = random_below(3) > 0 ? 100 : 14 + random_below(87);
        const struct tb_packet_record one = {
            .link_type = 1, .captured = captured, .original = captured + random_below(500), .data = plain};
        const struct tb_packet_record other = {
            .link_type = 1, .captured = captured + 4, .original = one.original + 4, .data = tagged};
        struct tb_packet short_way, long_way;
        struct tb_flow_key short_key = {{0}}, long_key = {{0}};
        struct tb_packet_headers headers;
        memset(&short_way, -(i % 2), sizeof short_way);
        memset(&long_way, -(i % 2), sizeof long_way);
        assert_int_equal(tb_packet_decode(&one, false, &short_way, &short_key, &headers),
                         tb_packet_decode(&other, false, &long_way, &long_key, &headers));
        transports += short_way.kind == TB_PACKET_TRANSPORT;
        assert_memory_equal(&short_way, &long_way, sizeof short_way);
        assert_memory_equal(&short_key, &long_key, sizeof short_key);
    }
    assert_true(transports > 30000);
}

/* Options as most SYNs have them are read at once, others one by one; nothing in front of them changes what they say. */
static void usual_options_are_read_alike(void **state)
{
    (void)state;
    static const uint8_t usual[] = {2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7};
    uint32_t scaled = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t plain[40] = {0}, behind[41] = {0};
        struct tb_tcp_options one = {0}, other = {0};
        memcpy(plain + 20, usual, sizeof usual);
        for (uint32_t changes = random_below(3); changes > 0; changes--)
            plain[20 + random_below(20)] = (uint8_t)random_below(random_below(2) == 0 ? 16 : 256);
        behind[20] = 1;
        memcpy(behind + 21, plain + 20, 20);
        uint32_t stamp, other_stamp;
        tb_tcp_options_parse(plain, 40, &one, &stamp);
        tb_tcp_options_parse(behind, 41, &other, &other_stamp);
        assert_memory_equal(&one, &other, sizeof one);
        assert_int_equal(stamp, other_stamp);
        scaled += one.scaled;
    }
    assert_true(scaled > 30000);
}

/* --- taking records --- */

/* One of a few flows, so that packets meet. */
static void fill_frame(uint8_t frame[100])
{
    static const uint8_t addresses[] = {10, 0, 0};
    fill_header(frame);
    memcpy(frame + 26, addresses, sizeof addresses);
    memcpy(frame + 30, addresses, sizeof addresses);
    frame[29] = (uint8_t)random_below(3);
    frame[33] = (uint8_t)random_below(3);
    frame[34] = frame[36] = 0;
    frame[35] = (uint8_t)(80 + random_below(2));
    frame[37] = (uint8_t)(80 + random_below(2));
}

/* A packet that is longer than any can be, and whole. */
static void write_too_long(struct file_writer *writer)
{
    enum { SIZE = (256 << 10) + 1 };
    static uint8_t bytes[SIZE];
    const uint8_t plain[] = {8, 0, 0x45, 0, 0, 100, 0, 0, 0, 0, 64, 6};
    memcpy(bytes + 12, plain, sizeof plain);
    bytes[46] = 0x50;
    writer_packet(writer, FIRST_TIME, bytes, SIZE, SIZE);
}

/* The same records in both byte orders: lengths that lie, times that go back, now and then damage or a cut end. */
static void write_both(struct file_writer writers[2], uint32_t count)
{
    uint64_t time = FIRST_TIME;
    for (int swap = 0; swap < 2; swap++)
        writer_pcap(&writers[swap], (uint32_t)(count % 2 == 0 ? PCAP_MAGIC : PCAP_NS_MAGIC), swap == 1, 65535, 1);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t frame[100];
        fill_frame(frame);
        const size_t captured = random_below(4) > 0 ? 54 + random_below(47) : random_below(101);
        const size_t original = random_below(8) > 0 ? captured + random_below(2000) : random_below(60);
        time += random_below(10) > 0 ? random_below(1000000) : UINT64_C(0) - random_below(1000000);
        for (int swap = 0; swap < 2; swap++)
            writer_packet(&writers[swap], time, frame, captured, original);
    }
    const size_t cut = random_below(3) == 0 ? random_below(300) : 0;
    const bool damaged = random_below(3) == 0;
    for (int swap = 0; swap < 2; swap++) {
        if (damaged)
            write_too_long(&writers[swap]);
        writers[swap].bytes.size -= cut < writers[swap].bytes.size - 24 ? cut : 0;
    }
}

static void read_both(struct file_writer writers[2], const struct tb_capture_request *request)
{
    struct tb_buffer results[2] = {{0}};
    for (int swap = 0; swap < 2; swap++) {
        struct tb_source *source;
        struct tb_capture *capture;
        assert_int_equal(
            tb_source_open_memory(writers[swap].bytes.data, writers[swap].bytes.size, "made", &source, NULL), TB_OK);
        assert_int_equal(tb_capture_read(source, request, &capture, NULL), TB_OK);
        tb_capture_pack(capture, &results[swap]);
        tb_capture_free(capture);
        tb_source_close(source);
    }
    assert_int_equal(results[0].size, results[1].size);
    assert_memory_equal(results[0].data, results[1].data, results[0].size);
    tb_buffer_free(&results[0]);
    tb_buffer_free(&results[1]);
}

/* Records in the order of this machine are mostly taken by the fast path; all must say the same as in the other order,
 * which never are. With a filter neither are. */
static void the_byte_order_changes_nothing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        struct file_writer writers[2] = {{.swap = false}, {.swap = false}};
        write_both(writers, 1 + random_below(i % 20 == 0 ? 12000 : 300));
        read_both(writers,
                  &(struct tb_capture_request){.rules = i % 3 == 0 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                               .rows = TB_FLOW_ROWS_ALL,
                                               .filter = i % 5 == 0 ? "port 80" : NULL,
                                               .sample = i % 4 == 0});
        writer_free(&writers[0]);
        writer_free(&writers[1]);
    }
}

/* --- finding a record --- */

static struct tb_packet_file open_written(const struct file_writer *writer, struct tb_source **source,
                                          struct tb_account *account)
{
    struct tb_packet_file file;
    *account = (struct tb_account){0};
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "made", source, NULL), TB_OK);
    assert_int_equal(tb_packet_file_open(&file, *source, account, NULL), TB_OK);
    return file;
}

/* From any byte, the beginning of the next record, as long as more of them follow. */
static void the_next_record_is_found(void **state)
{
    (void)state;
    for (int pcapng = 0; pcapng < 2; pcapng++)
        for (int swap = 0; swap < 2; swap++) {
            struct file_writer writer = {.swap = false};
            struct tb_account account;
            struct tb_source *source;
            size_t begins[60];
            uint8_t packet[200] = {0};
            if (pcapng)
                writer_section(&writer, swap == 1), writer_interface(&writer, 1, 0, "");
            else
                writer_pcap(&writer, (uint32_t)PCAP_MAGIC, swap == 1, 65535, 1);
            for (size_t i = 0; i < COUNT(begins); i++) {
                begins[i] = writer.bytes.size;
                writer_packet(&writer, FIRST_TIME + i * 1000000, packet, 60 + random_below(140), 200);
            }
            struct tb_packet_file file = open_written(&writer, &source, &account);
            struct tb_packet_record record;
            size_t next = 0;
            assert_int_equal(tb_packet_file_next(&file, &record, NULL), TB_OK);
            for (size_t from = begins[0]; from < begins[50]; from++) {
                size_t place = SIZE_MAX;
                next += from > begins[next];
                assert_true(
                    tb_packet_file_find(&file, writer.bytes.data + from, writer.bytes.size - from, from, &place));
                assert_int_equal(from + place, begins[next]);
            }
            /* The end of the bytes cuts the chain short, or leaves none. */
            size_t place = SIZE_MAX;
            assert_true(tb_packet_file_find(&file, writer.bytes.data + begins[7], 40, begins[7], &place));
            assert_int_equal(place, 0);
            assert_false(tb_packet_file_find(&file, writer.bytes.data + begins[7], 3, begins[7], &place));
            assert_false(tb_packet_file_find(&file, packet, sizeof packet, 0, &place));
            tb_packet_file_close(&file);
            tb_source_close(source);
            writer_free(&writer);
        }
}

/* --- comparing what was assumed --- */

struct pair {
    struct tb_packet_file file, copy;
    struct tb_account account, own;
};

static void make_pair(struct pair *pair, struct tb_packet_interface *interfaces)
{
    *pair = (struct pair){.account = {.decoded = 70, .skipped = 30}, .own = {.decoded = 1}};
    pair->file.account = &pair->account;
    pair->copy.account = &pair->own;
    pair->file.interfaces = interfaces;
    pair->file.interface_count = 2;
    pair->file.last_time = 5;
    assert_true(tb_packet_file_copy(&pair->file, &pair->copy));
    pair->own = (struct tb_account){0};
    pair->copy.begin = 100;
    pair->copy.assumed_time = 5;
}

static void every_assumption_is_compared(void **state)
{
    (void)state;
    struct tb_packet_interface interfaces[2] = {{.link_type = 1, .resolution = 6}, {.link_type = 101, .resolution = 9}};
    struct pair pair;
    for (int wrong = 0; wrong < 10; wrong++) {
        make_pair(&pair, interfaces);
        pair.copy.begin += wrong == 1;
        pair.copy.swap = wrong == 2;
        pair.copy.interface_count -= wrong == 3;
        pair.copy.interfaces[1].link_type += wrong == 4;
        pair.copy.interfaces[0].resolution += wrong == 5;
        pair.copy.interfaces[1].offset_seconds -= wrong == 6;
        pair.copy.interfaces[1].snap_length += wrong == 7;
        pair.copy.assumed_time += wrong >= 8;
        pair.copy.time_assumed = wrong == 8;
        /* The last one is no difference: nothing took the time. */
        assert_int_equal(tb_packet_file_agrees(&pair.file, &pair.copy), wrong == 0 || wrong == 9);
        tb_packet_file_close(&pair.copy);
    }
}

/* --- dealing out --- */

static void both_ways_go_to_one_shard(void **state)
{
    (void)state;
    uint32_t counts[5] = {0};
    for (int i = 0; i < 10000; i++) {
        const uint8_t version = i % 2 == 0 ? 4 : 6;
        const struct tb_endpoint one = {
            .high = version == 4 ? 0 : 1, .low = 0x0a000000 + (uint64_t)(i % 7), .port = (uint16_t)(1024 + i)};
        const struct tb_endpoint other = {.high = version == 4 ? 0 : 5, .low = 0x0a0000c8, .port = 80};
        struct tb_flow_key there, back;
        assert_int_equal(tb_flow_key_make(&one, &other, version, 6, &there), 0);
        assert_int_equal(tb_flow_key_make(&other, &one, version, 6, &back), 1);
        const uint16_t shard = tb_packet_shard(&there, 5);
        assert_int_equal(shard, tb_packet_shard(&back, 5));
        assert_true(shard < 5);
        counts[shard]++;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(counts[i], 1800, 2200);
}

static struct tb_flow_packet fragment_of(unsigned identification, bool first)
{
    return (struct tb_flow_packet){.packet = {.kind = first ? TB_PACKET_TRANSPORT : TB_PACKET_LATER_FRAGMENT,
                                              .version = 4,
                                              .fragment = true,
                                              .identification = identification}};
}

static void expect_datagram(struct tb_datagram_slots *slots, struct tb_flow_packet queued, uint16_t shard,
                            unsigned datagram, uint32_t number, uint16_t expected)
{
    const struct tb_flow_key key = {{0}};
    tb_datagram_slots_take(slots, &queued, &key, shard);
    assert_int_equal(queued.packet.datagram, datagram);
    assert_int_equal(queued.packet.datagram_number, number);
    assert_int_equal(queued.packet.datagram_shard, expected);
}

static void fragments_follow_the_first_one(void **state)
{
    (void)state;
    struct tb_datagram_slots slots = {.next = 0};
    /* One that is early waits everywhere; those behind the first go where it went. */
    expect_datagram(&slots, fragment_of(1, false), 0, 0, 1, TB_DATAGRAM_EVERY_SHARD);
    expect_datagram(&slots, fragment_of(1, true), 3, 0, 1, 3);
    expect_datagram(&slots, fragment_of(1, false), 0, 0, 1, 3);
    /* Another first one takes its place, in another shard. */
    expect_datagram(&slots, fragment_of(1, true), 2, 0, 2, 2);
    expect_datagram(&slots, fragment_of(1, false), 0, 0, 2, 2);
    /* 64 others make it give way. */
    for (unsigned i = 0; i < TB_FRAGMENTS_DATAGRAMS; i++)
        expect_datagram(&slots, fragment_of(100 + i, true), 1, (i + 1) % TB_FRAGMENTS_DATAGRAMS, 3 + i, 1);
    expect_datagram(&slots, fragment_of(1, false), 0, 1, 67, TB_DATAGRAM_EVERY_SHARD);
    /* Numbers are never 0, which is none. */
    slots.count = UINT32_MAX;
    expect_datagram(&slots, fragment_of(2, true), 0, 2, 1, 0);
}

/* What a shard knows of a slot is forgotten with the datagram, also when the shard never saw its first fragment. */
static void a_shard_forgets_with_the_number(void **state)
{
    (void)state;
    struct tb_datagrams datagrams = {.items = NULL};
    struct tb_packet packet = {.datagram = 5, .datagram_number = 9};
    tb_datagrams_get(&datagrams, &packet)->first_seen = true;
    assert_true(tb_datagrams_get(&datagrams, &packet)->first_seen);
    packet.datagram_number = 10;
    assert_false(tb_datagrams_get(&datagrams, &packet)->first_seen);
    tb_datagrams_free(&datagrams);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_changes_nothing),          cmocka_unit_test(usual_options_are_read_alike),
        cmocka_unit_test(the_byte_order_changes_nothing), cmocka_unit_test(the_next_record_is_found),
        cmocka_unit_test(every_assumption_is_compared),   cmocka_unit_test(both_ways_go_to_one_shard),
        cmocka_unit_test(fragments_follow_the_first_one), cmocka_unit_test(a_shard_forgets_with_the_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
