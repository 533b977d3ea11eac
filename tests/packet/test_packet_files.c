/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pcap in its variants, pcapng, and what is left of files that are damaged. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/mixed_captures.h"

static struct frame tcp_frame(uint32_t sequence)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, false, 6, 50, 1, 0);
    frame_tcp(&frame, false, 40000, sequence, 1, 0x10);
    frame_hex(&frame, "30313233343536373839");
    return frame;
}

static void write_three(struct file_writer *writer)
{
    for (unsigned i = 0; i < 3; i++) {
        const struct frame frame = tcp_frame(1001 + 10 * i);
        writer_packet(writer, FIRST_TIME + i * 1000001, frame.bytes, frame.size, frame.size);
    }
}

static void check_three(const struct tb_capture *capture, const char *format, uint64_t end)
{
    assert_string_equal(capture->format, format);
    assert_int_equal(capture->packets, 3);
    assert_int_equal(capture->link_type, 1);
    assert_int_equal(capture->snap_length, 65535);
    assert_int_equal(capture->first_time, FIRST_TIME);
    assert_int_equal(capture->last_time, end);
    assert_int_equal(capture->flow_count, 1);
    assert_int_equal(capture->flows[0].start, FIRST_TIME);
    assert_int_equal(capture->flows[0].end, end);
    assert_int_equal(capture->flows[0].side[0].unique_bytes, 30);
    assert_int_equal(capture->account.decoded, capture->account.stream_bytes);
    assert_int_equal(capture->account.damage, TB_DAMAGE_NONE);
}

static void test_pcap_variants(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        const char *format;
        uint64_t last;
    } variants[] = {
        {0xa1b2c3d4, "pcap", 2000000},
        {0xa1b23c4d, "pcap ns", 2000002},
        {0xa1b2cd34, "pcap modified", 2000000},
    };
    for (size_t i = 0; i < COUNT(variants); i++) {
        for (int swap = 0; swap < 2; swap++) {
            struct file_writer writer;
            writer_pcap(&writer, variants[i].magic, swap, 65535, 1);
            write_three(&writer);
            struct tb_capture *capture = read_written(&writer, NULL);
            check_three(capture, variants[i].format, FIRST_TIME + variants[i].last);
            tb_capture_free(capture);
            writer_free(&writer);
        }
    }
}

/* Versions up to 2.2 wrote the two lengths the other way around, 2.3 sometimes. */
static void test_old_pcap_versions(void **state)
{
    (void)state;
    static const struct {
        unsigned minor;
        bool exchanged;
    } versions[] = {{0, true}, {2, true}, {3, true}, {3, false}, {4, false}};
    for (size_t i = 0; i < COUNT(versions); i++) {
        const struct frame frame = tcp_frame(1001);
        struct file_writer writer;
        writer_pcap(&writer, 0xa1b2c3d4, false, 65535, 1);
        writer.bytes.data[6] = (uint8_t)versions[i].minor;
        const size_t header = writer.bytes.size;
        writer_packet(&writer, FIRST_TIME, frame.bytes, frame.size, 5000);
        if (versions[i].exchanged) {
            uint8_t lengths[8];
            memcpy(lengths, writer.bytes.data + header + 8, 8);
            memcpy(writer.bytes.data + header + 8, lengths + 4, 4);
            memcpy(writer.bytes.data + header + 12, lengths, 4);
        }
        struct tb_capture *capture = read_written(&writer, NULL);
        assert_int_equal(capture->packets, 1);
        assert_int_equal(capture->cut_packets, 1);
        assert_int_equal(capture->account.damage, TB_DAMAGE_NONE);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

static void test_link_type_without_flags(void **state)
{
    (void)state;
    struct file_writer writer;
    /* Frames with a check sequence of 4 bytes, said in the upper bits. */
    writer_pcap(&writer, 0xa1b2c3d4, false, 65535, 0x24000001);
    write_three(&writer);
    struct tb_capture *capture = read_written(&writer, NULL);
    check_three(capture, "pcap", FIRST_TIME + 2000000);
    tb_capture_free(capture);
    writer_free(&writer);
}

static void test_pcapng(void **state)
{
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        struct file_writer writer = {0};
        writer_section(&writer, swap);
        writer_interface(&writer, 1, 65535, "");
        write_three(&writer);
        struct tb_capture *capture = read_written(&writer, NULL);
        check_three(capture, "pcapng", FIRST_TIME + 2000000);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

struct resolution_case {
    const char *options; /* little-endian */
    uint64_t ticks;
    uint64_t time;
};

static const struct resolution_case resolutions[] = {
    {"", 1500000000000123, 1500000000000123000},
    {"0900 0100 06000000", 1500000000000123, 1500000000000123000},
    {"0900 0100 09000000 0000 0000", 1500000000000123456, 1500000000000123456},
    {"0900 0100 03000000", 1500000000001, 1500000000001000000},
    {"0900 0100 00000000", 1500000000, 1500000000000000000},
    {"0900 0100 0a000000", 15000000000000001239u, 1500000000000000123},
    {"0900 0100 80000000", 1500000000, 1500000000000000000},
    {"0900 0100 81000000", 3000000001, 1500000000500000000},
    {"0900 0100 9e000000", 1500000000 * (UINT64_C(1) << 30) + (UINT64_C(1) << 29), 1500000000500000000},
    {"0900 0100 ff000000", 5, 0},
    {"0900 0100 7f000000", 5, 0},
    /* An offset of 1 500 000 000 s; a comment before it; options that run over the end. */
    {"0e00 0800 002f685900000000", 123, 1500000000000123000},
    {"0100 0300 61626300 0e00 0800 002f685900000000", 123, 1500000000000123000},
    {"0900 0100 09000000 0100 ff00 6162", 1500000000000123456, 1500000000000123456},
};

static void test_pcapng_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(resolutions); i++) {
        const struct frame frame = tcp_frame(1001);
        struct file_writer writer = {0};
        writer_section(&writer, false);
        writer_interface(&writer, 1, 65535, resolutions[i].options);
        writer_enhanced(&writer, 0, resolutions[i].ticks, frame.bytes, frame.size, frame.size);
        struct tb_capture *capture = read_written(&writer, NULL);
        if (capture->first_time != resolutions[i].time)
            fail_msg("\"%s\": %llu ns", resolutions[i].options, (unsigned long long)capture->first_time);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

/* Ethernet in microseconds and raw IP in nanoseconds, blocks of other kinds between, the old packet block, the simple
 * one, and a second section in the other byte order. */
static void test_pcapng_blocks(void **state)
{
    (void)state;
    struct frame frame = tcp_frame(1001);
    struct file_writer writer = {0};
    writer_section(&writer, false);
    writer_interface(&writer, 1, 0, "");
    writer_interface(&writer, 101, 0, "0900 0100 09000000");
    writer_enhanced(&writer, 0, 1500000000000123, frame.bytes, frame.size, frame.size);
    writer_block(&writer, 4, "names", 5);
    writer_block(&writer, 0x0bad, "custom block", 12);
    frame = tcp_frame(1011);
    writer_enhanced(&writer, 1, 1500000000000123789, frame.bytes + 14, frame.size - 14, frame.size - 14);
    frame = tcp_frame(1021);
    struct file_writer body = {0};
    writer_u32(&body, (uint32_t)frame.size);
    tb_buffer_put(&body.bytes, frame.bytes, frame.size);
    writer_block(&writer, 3, body.bytes.data, body.bytes.size);
    writer_free(&body);
    frame = tcp_frame(1031);
    writer_u16(&body, 1);
    writer_u16(&body, 7);
    writer_u32(&body, (uint32_t)(1500000000000999789 >> 32));
    writer_u32(&body, (uint32_t)1500000000000999789);
    writer_u32(&body, (uint32_t)frame.size - 14);
    writer_u32(&body, (uint32_t)frame.size - 14);
    tb_buffer_put(&body.bytes, frame.bytes + 14, frame.size - 14);
    writer_block(&writer, 2, body.bytes.data, body.bytes.size);
    writer_free(&body);
    writer_section(&writer, true);
    writer_interface(&writer, 101, 0, "");
    frame = tcp_frame(1041);
    writer_enhanced(&writer, 0, 1500000000002000, frame.bytes + 14, frame.size - 14, frame.size - 14);
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->packets, 5);
    assert_int_equal(capture->link_type, 1);
    assert_int_equal(capture->flow_count, 1);
    assert_int_equal(capture->flows[0].side[0].unique_bytes, 50);
    assert_int_equal(capture->first_time, 1500000000000123000);
    assert_int_equal(capture->last_time, 1500000000002000000);
    assert_int_equal(capture->account.skipped, 20 + 24);
    assert_int_equal(capture->dropped_packets, 7); /* as the old block says */
    assert_int_equal(capture->account.damaged, 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

static void write_simple(struct file_writer *writer, uint32_t sequence)
{
    const struct frame frame = tcp_frame(sequence);
    struct file_writer body = {0};
    writer_u32(&body, (uint32_t)frame.size);
    tb_buffer_put(&body.bytes, frame.bytes, frame.size);
    writer_block(writer, 3, body.bytes.data, body.bytes.size);
    writer_free(&body);
}

/* Packets without a time that come before all others have that of the first with one; without any there is none. */
static void test_first_packets_without_time(void **state)
{
    (void)state;
    for (unsigned timed = 0; timed < 2; timed++) {
        const struct frame frame = tcp_frame(1021);
        struct file_writer writer = {0};
        writer_section(&writer, false);
        writer_interface(&writer, 1, 65535, "");
        write_simple(&writer, 1001);
        writer_block(&writer, 4, "names", 5);
        write_simple(&writer, 1011);
        if (timed)
            writer_enhanced(&writer, 0, 1500000000000123, frame.bytes, frame.size, frame.size);
        write_simple(&writer, 1031);
        struct tb_capture *capture = read_written(&writer, NULL);
        assert_int_equal(capture->packets, 3 + timed);
        assert_int_equal(capture->first_time, timed ? 1500000000000123000 : 0);
        assert_int_equal(capture->flow_count, 1);
        assert_int_equal(capture->flows[0].start, capture->first_time);
        assert_int_equal(capture->flows[0].end, capture->first_time);
        tb_capture_free(capture);
        writer_free(&writer);
    }
}

static void write_small(struct file_writer *writer, bool pcapng)
{
    if (pcapng) {
        *writer = (struct file_writer){0};
        writer_section(writer, false);
        writer_interface(writer, 1, 65535, "0900 0100 06000000");
        writer_block(writer, 4, "names", 5);
    } else {
        writer_pcap(writer, 0xa1b2c3d4, false, 65535, 1);
    }
    write_three(writer);
}

/* Reads the first size bytes; NULL when it is no capture at all. */
static struct tb_capture *read_cut(const struct file_writer *writer, size_t size)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error;
    const struct tb_capture_request request = {0};
    /* A copy of its own, so that a read behind its end is found. */
    uint8_t *copy = malloc(size + 1);
    memcpy(copy, writer->bytes.data, size);
    copy = realloc(copy, size == 0 ? 1 : size);
    assert_int_equal(tb_source_open_memory(copy, size, "cut.pcap", &source, &error), TB_OK);
    const enum tb_status status = tb_capture_read(source, &request, &capture, &error);
    if (size < 4)
        assert_int_equal(status, size == 0 ? TB_TRUNCATED : TB_UNSUPPORTED);
    else
        assert_int_equal(status, TB_OK);
    tb_source_close(source);
    free(copy);
    return capture;
}

static void test_every_truncation(void **state)
{
    (void)state;
    for (int pcapng = 0; pcapng < 2; pcapng++) {
        struct file_writer writer;
        write_small(&writer, pcapng);
        uint64_t whole_bytes = 0;
        for (size_t size = 0; size <= writer.bytes.size; size++) {
            struct tb_capture *capture = read_cut(&writer, size);
            if (capture == NULL)
                continue;
            const struct tb_account *account = &capture->account;
            assert_true(tb_account_balances(account));
            assert_int_equal(account->stream_bytes, size);
            whole_bytes = account->decoded + account->skipped;
            assert_int_equal(account->damage, whole_bytes == size ? TB_DAMAGE_NONE : TB_DAMAGE_TRUNCATED);
            if (account->damage != TB_DAMAGE_NONE)
                assert_int_equal(account->damage_offset, whole_bytes);
            tb_capture_free(capture);
        }
        assert_int_equal(whole_bytes, writer.bytes.size);
        writer_free(&writer);
    }
}

/* Each byte in turn made 0x00, 0xff and another: nothing crashes, everything is accounted for. */
static void test_every_flipped_byte(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0xff, 0x55};
    for (int pcapng = 0; pcapng < 2; pcapng++) {
        struct file_writer writer;
        write_small(&writer, pcapng);
        for (size_t i = 4; i < writer.bytes.size; i++) {
            const uint8_t kept = writer.bytes.data[i];
            for (size_t v = 0; v < COUNT(values); v++) {
                writer.bytes.data[i] = values[v];
                struct tb_source *source = NULL;
                struct tb_capture *capture = NULL;
                struct tb_error error;
                assert_int_equal(
                    tb_source_open_memory(writer.bytes.data, writer.bytes.size, "flipped.pcap", &source, &error),
                    TB_OK);
                const enum tb_status status =
                    tb_capture_read(source, &(struct tb_capture_request){0}, &capture, &error);
                if (status == TB_OK)
                    assert_true(tb_account_balances(&capture->account));
                else
                    assert_int_equal(status, TB_UNSUPPORTED);
                tb_capture_free(capture);
                tb_source_close(source);
            }
            writer.bytes.data[i] = kept;
        }
        writer_free(&writer);
    }
}

static void check_corrupt(const struct file_writer *writer, uint64_t packets, uint64_t offset)
{
    struct tb_capture *capture = read_written(writer, NULL);
    assert_int_equal(capture->packets, packets);
    assert_int_equal(capture->account.damage, TB_DAMAGE_CORRUPT);
    assert_int_equal(capture->account.damage_offset, offset);
    assert_int_equal(capture->account.damaged, writer->bytes.size - offset);
    assert_non_null(strstr(capture->account.reason, "made.pcap"));
    tb_capture_free(capture);
}

static void test_corrupt_lengths(void **state)
{
    (void)state;
    struct file_writer writer;
    write_small(&writer, false);
    enum { RECORD = 16 + 64 };
    const size_t second = 24 + RECORD;
    memcpy(writer.bytes.data + second + 8, &(uint32_t){0x40001}, 4);
    check_corrupt(&writer, 1, second);
    writer_free(&writer);

    write_small(&writer, true);
    enum { BLOCK = 32 + 64 };
    const size_t packet = writer.bytes.size - BLOCK;
    static const uint32_t lengths[] = {0, 8, BLOCK + 1, BLOCK - 4, 0x7ffffffc, 0xfffffffc};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        memcpy(writer.bytes.data + packet + 4, &lengths[i], 4);
        check_corrupt(&writer, 2, packet);
    }
    memcpy(writer.bytes.data + packet + 4, &(uint32_t){BLOCK}, 4);
    memcpy(writer.bytes.data + packet + 8, &(uint32_t){1}, 4); /* an interface that is not there */
    check_corrupt(&writer, 2, packet);
    writer_free(&writer);
}

/* Blocks that were never written, as a loss of power leaves them at the end or in the middle. */
static void test_zeros(void **state)
{
    (void)state;
    static const uint8_t zeros[65536];
    static const size_t sizes[] = {16, 24, 100, sizeof zeros};
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34};
    for (size_t i = 0; i < COUNT(sizes) * COUNT(magics) * 2; i++) {
        struct file_writer writer;
        const size_t size = sizes[i % COUNT(sizes)];
        const uint32_t magic = magics[i / COUNT(sizes) % COUNT(magics)];
        if (magic == 0xa1b2cd34 && size < 24)
            continue;
        writer_pcap(&writer, magic, i % 2 == 1, 65535, 1);
        write_three(&writer);
        const size_t offset = writer.bytes.size;
        tb_buffer_put(&writer.bytes, zeros, size);
        if (i >= COUNT(sizes) * COUNT(magics))
            write_three(&writer);
        check_corrupt(&writer, 3, offset);
        writer_free(&writer);
    }
}

/* Packets without bytes, but with a time or a length. */
static void test_empty_packets(void **state)
{
    (void)state;
    static const struct {
        uint64_t time;
        uint32_t original;
    } packets[] = {{FIRST_TIME, 0}, {0, 60}, {1000, 0}, {1000000000, 0}};
    struct file_writer writer;
    writer_pcap(&writer, 0xa1b2c3d4, false, 65535, 1);
    for (size_t i = 0; i < COUNT(packets); i++)
        writer_packet(&writer, packets[i].time, "", 0, packets[i].original);
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->packets, COUNT(packets));
    assert_int_equal(capture->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(capture->left_out.cut, 1);
    assert_int_equal(capture->unparsed, COUNT(packets));
    tb_capture_free(capture);
    writer_free(&writer);
}

/* --- lost packets --- */

static void check_dropped(struct file_writer *writer, bool known, uint64_t packets)
{
    struct tb_capture *capture = read_written(writer, NULL);
    assert_int_equal(capture->dropped_known, known);
    assert_int_equal(capture->dropped_packets, packets);
    assert_int_equal(capture->account.damage, TB_DAMAGE_NONE);
    tb_capture_free(capture);
}

/* A packet with an option of so many bytes. */
static void put_packet_with(struct file_writer *writer, const char *options)
{
    struct frame body = {.size = 0};
    frame_hex(&body, "00000000 00000000 00000000 02000000 02000000 abcd0000");
    frame_hex(&body, options);
    writer_block(writer, 6, body.bytes, body.size);
}

static void put_statistics_with(struct file_writer *writer, const char *options)
{
    struct frame body = {.size = 0};
    frame_hex(&body, "00000000 00000000 00000000");
    frame_hex(&body, options);
    writer_block(writer, 5, body.bytes, body.size);
}

static void test_dropped_by_statistics(void **state)
{
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        struct file_writer writer = {0};
        writer_section(&writer, swap);
        writer_interface(&writer, 1, 0, "");
        writer_interface(&writer, 1, 0, "");
        check_dropped(&writer, false, 0);
        writer_statistics(&writer, 2, 1000, 1000); /* an interface that is not there */
        check_dropped(&writer, false, 0);
        writer_statistics(&writer, 0, 0, 0);
        check_dropped(&writer, true, 0);
        writer_statistics(&writer, 0, 3, 20);
        check_dropped(&writer, true, 23);
        writer_statistics(&writer, 1, 5, 0);
        check_dropped(&writer, true, 28);
        writer_statistics(&writer, 0, 4, 30); /* they count from the beginning */
        check_dropped(&writer, true, 39);
        writer_section(&writer, !swap);
        writer_interface(&writer, 1, 0, "");
        check_dropped(&writer, true, 39);
        writer_statistics(&writer, 0, 0, 100);
        check_dropped(&writer, true, 139);
        writer_free(&writer);
    }
}

static const struct {
    const char *options; /* of packets and of statistics, little-endian */
    bool known;
    uint64_t beside, by_statistics;
} drops[] = {
    {"", false, 0, 0},
    {"0400 0800 0700000000000000", true, 7, 0},
    {"0500 0800 0700000000000000", true, 0, 7},
    {"0600 0800 0700000000000000", false, 0, 0}, /* filtered */
    {"0500 0800 0700000000000000 0700 0800 0100000000000000", true, 0, 8},
    {"0500 0800 ffffffffffffffff", false, 0, 0},
    {"0500 0800 ffffffffffffff7f 0700 0800 0500000000000000", true, 0, INT64_MAX},
    {"0400 0400 07000000", false, 0, 0},
    {"0100 0300 61626300 0400 0800 0700000000000000", true, 7, 0},
    {"0000 0000 0400 0800 0700000000000000", false, 0, 0},
    {"0400 0800 07000000", false, 0, 0},
    {"0400 ffff 0700000000000000", false, 0, 0},
};

static void test_dropped_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(drops); i++) {
        struct file_writer writer = {0};
        writer_section(&writer, false);
        writer_interface(&writer, 1, 0, "");
        put_packet_with(&writer, drops[i].options);
        put_packet_with(&writer, drops[i].options);
        check_dropped(&writer, drops[i].known && drops[i].beside != 0, 2 * drops[i].beside);
        writer_free(&writer);
        writer_section(&writer, false);
        writer_interface(&writer, 1, 0, "");
        put_statistics_with(&writer, drops[i].options);
        check_dropped(&writer, drops[i].known && drops[i].by_statistics != 0, drops[i].by_statistics);
        /* Both tell of the same packets: the larger number holds. */
        put_packet_with(&writer, "0400 0800 0200000000000000");
        check_dropped(&writer, true, drops[i].by_statistics > 2 ? drops[i].by_statistics : 2);
        writer_free(&writer);
    }
}

/* The snap length of the file allows longer records, and more than 256 KiB then exist. */
static void test_long_records(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    uint8_t *data = calloc(1, SIZE);
    assert_non_null(data);
    const struct frame frame = tcp_frame(1);
    memcpy(data, frame.bytes, frame.size);
    struct file_writer writer;
    writer_pcap(&writer, 0xa1b2c3d4, false, SIZE, 1);
    for (int i = 0; i < 20; i++)
        writer_packet(&writer, FIRST_TIME, data, SIZE, SIZE);
    struct tb_capture *capture = read_written(&writer, NULL);
    assert_int_equal(capture->packets, 20);
    tb_capture_free(capture);
    memcpy(writer.bytes.data + 16, &(uint32_t){65535}, 4);
    check_corrupt(&writer, 0, 24);
    writer_free(&writer);
    free(data);
}

static void expect_refusal(const void *data, size_t size, enum tb_status expected, const char *says)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    assert_int_equal(tb_source_open_memory(data, size, "made.pcap", &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, &(struct tb_capture_request){0}, &capture, &error), expected);
    assert_null(capture);
    if (strstr(error.text, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.text, says);
    tb_source_close(source);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refusal("", 0, TB_TRUNCATED, "empty");
    expect_refusal("ab", 2, TB_UNSUPPORTED, "too short");
    expect_refusal("This is ApacheBench", 19, TB_UNSUPPORTED, "54 68 69 73");
    struct file_writer writer;
    writer_pcap(&writer, 0xa1b2c3d4, false, 65535, 1);
    writer.bytes.data[4] = 3;
    expect_refusal(writer.bytes.data, writer.bytes.size, TB_UNSUPPORTED, "version 3.4");
    writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pcap_variants),
        cmocka_unit_test(test_old_pcap_versions),
        cmocka_unit_test(test_link_type_without_flags),
        cmocka_unit_test(test_pcapng),
        cmocka_unit_test(test_pcapng_times),
        cmocka_unit_test(test_pcapng_blocks),
        cmocka_unit_test(test_first_packets_without_time),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_flipped_byte),
        cmocka_unit_test(test_corrupt_lengths),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_empty_packets),
        cmocka_unit_test(test_dropped_by_statistics),
        cmocka_unit_test(test_dropped_options),
        cmocka_unit_test(test_long_records),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
