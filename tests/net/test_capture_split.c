/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture that is cut and decoded in segments gives, bit for bit, what one thread gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_model.h"
#include "net/packet_writer.h"

/* Sanitizers make every decoding much slower: they see fewer cuts. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LESS = 10 };
#else
enum { LESS = 1 };
#endif

static struct tb_capture_request request;

/* What was joined and repeated in all cuts of one file. */
static struct tb_capture_split_outcome tally;

/* What the captures of one test held beside rows of flows, so that it is known that they held any. */
static struct {
    uint64_t sessions, sampled, late;
} seen;

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

/* The packed result, or the status and message of a failure. */
static struct tb_buffer read_cut(const void *data, size_t size, const struct tb_capture_split *how)
{
    struct tb_source *source;
    struct tb_capture *capture;
    struct tb_buffer packed = {0};
    struct tb_error error = {0};
    struct tb_capture_split_outcome outcome = {0};
    assert_int_equal(tb_source_open_memory(data, size, "written", &source, NULL), TB_OK);
    const enum tb_status status = tb_capture_read_split(source, &request, how, &outcome, &capture, &error);
    tb_buffer_put_u8(&packed, (uint8_t)status);
    if (status == TB_OK) {
        assert_true(tb_account_balances(&capture->account));
        tb_capture_pack(capture, &packed);
        seen.sessions += capture->tests.count;
        seen.sampled += capture->sample.count;
        seen.late += capture->summary.late_packets;
        tb_capture_free(capture);
    } else {
        tb_buffer_put_text(&packed, error.text);
    }
    tb_source_close(source);
    tally.joined += outcome.joined;
    tally.repeated += outcome.repeated;
    return packed;
}

static struct tb_buffer read_whole(const void *data, size_t size)
{
    tally = (struct tb_capture_split_outcome){0};
    return read_cut(data, size, &(struct tb_capture_split){.threads = 1});
}

static void expect_same(const void *data, size_t size, const struct tb_buffer *whole,
                        const struct tb_capture_split *how)
{
    struct tb_buffer packed = read_cut(data, size, how);
    if (packed.size != whole->size || memcmp(packed.data, whole->data, packed.size) != 0)
        fail_msg("%zu threads, %zu segments of %llu bytes: another result", how->threads, how->segments,
                 (unsigned long long)how->segment_size);
    tb_buffer_free(&packed);
}

/* Segments from less than a record to all of the file, in steps that grow. */
static void expect_same_at_all_sizes(const void *data, size_t size, size_t step)
{
    struct tb_buffer whole = read_whole(data, size);
    for (size_t segment = 5; segment < size + 2 * step; segment += step + segment / 16) {
        const size_t threads = 2 + segment / step % 7;
        expect_same(data, size, &whole,
                    &(struct tb_capture_split){
                        .threads = threads, .segments = 1 + segment / step % 9, .segment_size = segment});
    }
    tb_buffer_free(&whole);
}

static void expect_same_at_random_cuts(const void *data, size_t size, size_t cuts)
{
    struct tb_buffer whole = read_whole(data, size);
    for (size_t done = 0; done < cuts;) {
        const struct tb_capture_split how = {.threads = 2 + random_below(3),
                                             .segments = 1 + random_below(12),
                                             .segment_size =
                                                 1 + random_below((uint32_t)(size / (1 + random_below(40))) + 1)};
        expect_same(data, size, &whole, &how);
        done += size / how.segment_size + 1;
    }
    tb_buffer_free(&whole);
}

static void print_tally(const char *what, size_t size)
{
    print_message("%s: %zu bytes, %llu segments joined, %llu repeated\n", what, size, (unsigned long long)tally.joined,
                  (unsigned long long)tally.repeated);
}

/* --- packets of all sorts --- */

static void put_be(struct tb_buffer *buffer, uint32_t value, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;)
        tb_buffer_put_u8(buffer, (uint8_t)(value >> (8 * i)));
}

static void put_address(struct tb_buffer *frame, unsigned version, unsigned host)
{
    for (unsigned i = 4; version == 6 && i < 16; i++)
        tb_buffer_put_u8(frame, i == 4 ? 0xfd : 0);
    put_be(frame, 0x0a000000 + host, 4);
}

struct datagram {
    unsigned version;
    unsigned protocol;
    unsigned source, destination;
    unsigned identification;
    unsigned offset; /* of a fragment, bytes */
    bool more;
};

static void put_ip(struct tb_buffer *frame, const struct datagram *datagram, size_t length)
{
    const bool fragment = datagram->more || datagram->offset != 0;
    put_be(frame, 0x0200, 2), put_be(frame, 0, 4), put_be(frame, 0x0200, 2), put_be(frame, 1, 4);
    put_be(frame, datagram->version == 4 ? 0x0800 : 0x86dd, 2);
    if (datagram->version == 4) {
        put_be(frame, 0x4500, 2), put_be(frame, (uint32_t)(20 + length), 2), put_be(frame, datagram->identification, 2);
        put_be(frame, datagram->offset / 8 | (datagram->more ? 0x2000 : 0), 2);
        put_be(frame, 0x4000 | datagram->protocol, 2), put_be(frame, 0, 2);
    } else {
        put_be(frame, 0x60000000, 4), put_be(frame, (uint32_t)length + (fragment ? 8 : 0), 2);
        put_be(frame, (fragment ? 44u : datagram->protocol) << 8 | 64, 2);
    }
    put_address(frame, datagram->version, datagram->source);
    put_address(frame, datagram->version, datagram->destination);
    if (datagram->version == 6 && fragment) {
        put_be(frame, datagram->protocol << 8, 2), put_be(frame, datagram->offset | datagram->more, 2);
        put_be(frame, datagram->identification, 4);
    }
}

static unsigned port_of(unsigned host)
{
    return host < 3 ? 80 : 40000 + host + random_below(3);
}

static void put_transport(struct tb_buffer *frame, const struct datagram *datagram, size_t payload)
{
    static const uint8_t flags[] = {2, 0x12, 0x10, 0x18, 0x18, 0x10, 0x11, 0x19, 4, 0x14, 0xc2, 0x30};
    if (datagram->offset != 0)
        return;
    put_be(frame, port_of(datagram->source), 2), put_be(frame, port_of(datagram->destination), 2);
    if (datagram->protocol == 17) {
        put_be(frame, (uint32_t)payload + 8, 2), put_be(frame, 0, 2);
        return;
    }
    put_be(frame, 1000 + random_below(40) * 100, 4), put_be(frame, 1000 + random_below(40) * 100, 4);
    put_be(frame, 0x8000 | flags[random_below(sizeof flags)], 2);
    put_be(frame, random_below(3) == 0 ? 0 : 500, 2), put_be(frame, 0, 4);
    put_be(frame, random_below(2) == 0 ? 0x0101050a : 0x0101080a, 4);
    put_be(frame, 1000 + random_below(40) * 100, 4), put_be(frame, 2000 + random_below(40) * 100, 4);
}

static uint64_t clock_of_writing;

/* A test packet of OWAMP: number, time of sending, estimate of its error. */
static void put_test_packet(uint8_t bytes[14])
{
    static uint32_t number;
    const uint64_t since_1900 = UINT64_C(2208988800), billion = 1000000000;
    const uint64_t sent =
        (clock_of_writing / billion + since_1900) << 32 | ((clock_of_writing % billion) << 32) / billion;
    number = (number + 1) % (1 << 24);
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    for (unsigned i = 0; i < 8; i++)
        bytes[4 + i] = (uint8_t)(sent >> (56 - 8 * i));
    bytes[13] = 1;
}

static void put_payload(struct tb_buffer *frame, size_t size, bool test)
{
    static const char request_text[] = "GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
    uint8_t bytes[1024] = {0};
    if (test)
        put_test_packet(bytes);
    else if (random_below(3) == 0)
        memcpy(bytes, request_text, sizeof request_text);
    tb_buffer_put(frame, bytes, size < sizeof bytes ? size : sizeof bytes);
}

/* Appends a frame; gives its length on the wire. */
static size_t put_frame(struct tb_buffer *frame)
{
    enum { TEST = 1 };
    const unsigned kind = random_below(20);
    const struct datagram datagram = {.version = random_below(4) == 0 ? 6 : 4,
                                      .protocol = kind == 0  ? 1
                                                  : kind < 4 ? 17
                                                             : 6,
                                      .source = kind == TEST ? 1 : 1 + random_below(6),
                                      .destination = kind == TEST ? 2 : 1 + random_below(6),
                                      .identification = 1 + random_below(kind > 16 ? 4 : 4000),
                                      .offset = kind > 16 ? random_below(3) * 200 : 0,
                                      .more = kind > 16 && random_below(3) > 0};
    if (kind == 4) { /* not IP */
        put_be(frame, 0, 4), put_be(frame, 0, 4), put_be(frame, 0, 4), put_be(frame, 0x0806, 2), put_be(frame, 7, 4);
        return frame->size;
    }
    const size_t payload = random_below(3) == 0 ? 0 : random_below(300);
    const size_t header = datagram.offset != 0 ? 0 : datagram.protocol == 17 ? 8 : 32;
    put_ip(frame, &datagram, header + payload);
    put_transport(frame, &datagram, payload);
    put_payload(frame, payload, kind == TEST);
    return frame->size;
}

static void put_packets(struct file_writer *writer, size_t count, size_t snap_length)
{
    for (size_t i = 0; i < count; i++) {
        struct tb_buffer frame = {0};
        const size_t original = put_frame(&frame);
        const size_t captured = frame.size < snap_length ? frame.size : snap_length;
        /* Times go back now and then. */
        clock_of_writing += random_below(2000000);
        const uint64_t time = clock_of_writing - (random_below(10) == 0 ? random_below(90000000) : 0);
        if (writer->pcapng)
            writer_enhanced(writer, random_below(2), time / 1000, frame.data, captured, original);
        else
            writer_packet(writer, time, frame.data, captured, original);
        tb_buffer_free(&frame);
    }
}

/* Two interfaces: 10^-6 s and Ethernet, 2^-10 s with an offset. */
static void put_section(struct file_writer *writer, bool swap)
{
    writer_section(writer, swap);
    writer_interface(writer, 1, 0, "");
    writer_interface(writer, 1, 200, swap ? "0009 0001 8a000000 0000 0000" : "0900 0100 8a000000 0000 0000");
}

enum style { STYLE_PCAP, STYLE_SWAPPED, STYLE_NS, STYLE_PATCHED, STYLE_PCAPNG, STYLE_PCAPNG_SWAPPED, STYLES };

static struct file_writer begin_file(enum style style)
{
    static const uint32_t magics[] = {(uint32_t)PCAP_MAGIC, (uint32_t)PCAP_MAGIC, (uint32_t)PCAP_NS_MAGIC,
                                      (uint32_t)PCAP_PATCHED_MAGIC};
    struct file_writer writer = {.swap = false};
    clock_of_writing = FIRST_TIME;
    if (style >= STYLE_PCAPNG)
        put_section(&writer, style == STYLE_PCAPNG_SWAPPED);
    else
        writer_pcap(&writer, magics[style], style == STYLE_SWAPPED, 65535, 1);
    return writer;
}

static struct file_writer write_file(enum style style, size_t packets)
{
    struct file_writer writer = begin_file(style);
    put_packets(&writer, packets, random_below(2) == 0 ? 96 : 400);
    return writer;
}

/* --- the tests --- */

static void every_segment_size_gives_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = style + 1u;
        request = (struct tb_capture_request){.rules = style % 2 == 0 ? TB_FLOW_RULES_TWINBED : TB_FLOW_RULES_TCPTRACE,
                                              .rows = style % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .sample = style % 2 == 1};
        struct file_writer writer = write_file(style, 250);
        expect_same_at_all_sizes(writer.bytes.data, writer.bytes.size, 7 * LESS);
        print_tally("every size", writer.bytes.size);
        assert_true(tally.joined > 0);
        writer_free(&writer);
    }
}

static void any_number_of_threads_gives_the_same(void **state)
{
    (void)state;
    request = (struct tb_capture_request){.filter = NULL};
    struct file_writer writer = write_file(STYLE_PCAP, 2000);
    struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
    for (size_t threads = 1; threads <= 64; threads = threads < 8 ? threads + 1 : threads * 2)
        for (size_t segments = 1; segments <= 2 * threads; segments += threads)
            expect_same(writer.bytes.data, writer.bytes.size, &whole,
                        &(struct tb_capture_split){.threads = threads, .segments = segments, .segment_size = 3000});
    tb_buffer_free(&whole);
    writer_free(&writer);
}

static void random_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const filters[] = {NULL, "tcp port 80", "udp or arp", "host 10.0.0.3"};
    for (uint32_t seed = 0; seed < 48; seed++) {
        random_state = 77 + seed;
        /* A short linger, so that flows leave memory and packets come late. */
        request = (struct tb_capture_request){.filter = filters[seed % 4],
                                              .rules = seed % 5 == 4 ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED,
                                              .rows = seed % 3 == 0 ? TB_FLOW_ROWS_NONE : TB_FLOW_ROWS_ALL,
                                              .linger = seed % 2 == 0 ? 20000000 : 0,
                                              .sample = seed % 3 == 1};
        struct file_writer writer = write_file(seed % STYLES, 40 + random_below(900));
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 400 / LESS);
        writer_free(&writer);
    }
    print_message("%llu sessions, %llu sampled packets, %llu late packets\n", (unsigned long long)seen.sessions,
                  (unsigned long long)seen.sampled, (unsigned long long)seen.late);
    assert_true(seen.sessions > 0 && seen.sampled > 0 && seen.late > 0);
    request = (struct tb_capture_request){.filter = NULL};
}

/* Fragments of many datagrams in any order, so that old ones give way to others: first ones late, twice, or with
 * other ports under the same identification. */
static void fragments_find_their_flows(void **state)
{
    (void)state;
    uint64_t joined = 0;
    for (uint32_t seed = 0; seed < 20; seed++) {
        random_state = 3 + seed;
        struct file_writer writer = begin_file(STYLE_PCAP);
        request = (struct tb_capture_request){.linger = seed % 2 == 0 ? 0 : 5000};
        for (size_t i = 0; i < 3000; i++) {
            struct tb_buffer frame = {0};
            const struct datagram datagram = {.version = random_below(3) == 0 ? 6 : 4,
                                              .protocol = random_below(3) == 0 ? 6 : 17,
                                              .source = 3 + random_below(2),
                                              .destination = 1,
                                              .identification = (unsigned)i / 24 + random_below(20 + seed * 4),
                                              .offset = random_below(4) * 200,
                                              .more = random_below(4) > 0};
            const size_t header = datagram.offset != 0 ? 0 : datagram.protocol == 17 ? 8 : 32;
            put_ip(&frame, &datagram, header + 200);
            put_transport(&frame, &datagram, 200);
            writer_packet(&writer, FIRST_TIME + i * 1000, frame.data, frame.size, frame.size + 200);
            tb_buffer_free(&frame);
        }
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 300 / LESS);
        joined += tally.joined;
        writer_free(&writer);
    }
    request = (struct tb_capture_request){.filter = NULL};
    assert_true(joined > 0);
}

/* A packet whose payload is a piece of a capture, of which every byte was kept. */
static void put_packet_of(struct file_writer *writer, const struct file_writer *inner, size_t begin, size_t size)
{
    struct tb_buffer frame = {0};
    const struct datagram datagram = {.version = 4, .protocol = 17, .source = 3, .destination = 1, .identification = 9};
    put_ip(&frame, &datagram, 8 + size);
    put_transport(&frame, &datagram, size);
    tb_buffer_put(&frame, inner->bytes.data + begin, size);
    clock_of_writing += 1000;
    writer_packet(writer, clock_of_writing, frame.data, frame.size, frame.size);
    tb_buffer_free(&frame);
}

static void captures_inside_packets_do_not_mislead(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 5 + style;
        struct file_writer inner = write_file(style, 200);
        struct file_writer writer = begin_file(style);
        for (int i = 0; i < 40; i++) {
            const size_t size = 1000 + random_below(9000);
            put_packet_of(&writer, &inner, random_below((uint32_t)(inner.bytes.size - size) / 4) * 4, size);
            put_packets(&writer, random_below(4), 96);
        }
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 10000 / LESS);
        print_tally("captures inside packets", writer.bytes.size);
        assert_true(tally.joined > 0 && tally.repeated > 0);
        writer_free(&writer);
        writer_free(&inner);
    }
}

/* Records of which each looks like many: headers that lead from one to the next, all through the packet. */
static void lengths_that_imitate_headers(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 11 + style;
        struct file_writer writer = begin_file(style);
        for (int i = 0; i < 30; i++) {
            struct file_writer inner = {.swap = writer.swap};
            for (int j = 0; j < 60; j++) {
                if (style >= STYLE_PCAPNG) {
                    writer_block(&inner, 6, (const uint8_t[36]){0}, 36);
                    continue;
                }
                writer_u32(&inner, 1500000000), writer_u32(&inner, 77);
                writer_u32(&inner, 24), writer_u32(&inner, 24);
                for (int k = 0; k < 6; k++)
                    writer_u32(&inner, 0);
            }
            put_packet_of(&writer, &inner, 0, inner.bytes.size - random_below(30));
            put_packets(&writer, random_below(3), 96);
            writer_free(&inner);
        }
        expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 10000 / LESS);
        print_tally("imitated headers", writer.bytes.size);
        assert_true(tally.joined > 0 && tally.repeated > 0);
        writer_free(&writer);
    }
}

static void a_giant_record_over_many_segments(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 6;
        struct file_writer inner = write_file(style, 700);
        struct file_writer writer = write_file(style, 100);
        uint8_t *const zeros = calloc(1, 200000);
        writer_packet(&writer, clock_of_writing, inner.bytes.data, inner.bytes.size < 60000 ? inner.bytes.size : 60000,
                      70000);
        put_packets(&writer, 3, 96);
        writer_packet(&writer, clock_of_writing, zeros, 200000, 200000);
        put_packets(&writer, 100, 96);
        free(zeros);
        struct tb_buffer whole = read_whole(writer.bytes.data, writer.bytes.size);
        for (size_t segment = 200; segment < writer.bytes.size; segment += segment / 2)
            expect_same(writer.bytes.data, writer.bytes.size, &whole,
                        &(struct tb_capture_split){.threads = 3, .segments = 5, .segment_size = segment});
        tb_buffer_free(&whole);
        writer_free(&writer);
        writer_free(&inner);
    }
}

static void damage_and_ends_are_the_same(void **state)
{
    (void)state;
    for (enum style style = 0; style < STYLES; style++) {
        random_state = 7 + style;
        struct file_writer writer = write_file(style, 300);
        const size_t size = writer.bytes.size;
        for (size_t cut = 0; cut < 90; cut += LESS)
            expect_same_at_random_cuts(writer.bytes.data, cut < 60 ? size - cut : (cut - 60) * 2, 20);
        for (int i = 0; i < 60 / LESS; i++) {
            writer.bytes.data[random_below((uint32_t)size)] ^= (uint8_t)(1 + random_below(255));
            expect_same_at_random_cuts(writer.bytes.data, size - random_below(40), 100);
        }
        writer_free(&writer);
    }
}

static void put_simple_packets(struct file_writer *writer, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tb_buffer frame = {0};
        tb_buffer_put_u32(&frame, 0);
        put_frame(&frame);
        const uint32_t size = (uint32_t)frame.size - 4, stored = writer->swap ? __builtin_bswap32(size) : size;
        memcpy(frame.data, &stored, sizeof stored);
        writer_block(writer, 3, frame.data, frame.size);
        tb_buffer_free(&frame);
    }
}

/* Sections in either order, packets without a time, blocks that are skipped, interfaces described late. */
static void sections_and_packets_without_time(void **state)
{
    (void)state;
    random_state = 13;
    struct file_writer writer = begin_file(STYLE_PCAPNG);
    for (int section = 0; section < 6; section++) {
        put_packets(&writer, 60, 96);
        put_simple_packets(&writer, section % 2 == 0 ? 5 : 60);
        writer_block(&writer, 5, (const uint8_t[64]){0}, 64);
        put_packets(&writer, 20, 200);
        for (int i = 0; i < 30; i++)
            writer_block(&writer, 5, (const uint8_t[100]){0}, 100);
        put_simple_packets(&writer, 2);
        put_packets(&writer, 20, 200);
        if (section % 3 == 1)
            writer_interface(&writer, 101, 0, "");
        else
            put_section(&writer, section % 2 == 0);
        writer_block(&writer, 0xbad, (const uint8_t[400]){0}, 400);
    }
    expect_same_at_all_sizes(writer.bytes.data, writer.bytes.size, 13);
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 2000 / LESS);
    print_tally("sections", writer.bytes.size);
    assert_true(tally.joined > 0 && tally.repeated > 0);
    writer_free(&writer);
}

/* A bad filter is the same failure; one that no packet of a known link tries is found out at the end. */
static void filters_fail_the_same(void **state)
{
    (void)state;
    random_state = 13;
    struct file_writer writer = write_file(STYLE_PCAP, 200);
    request = (struct tb_capture_request){.filter = "tcp and and"};
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    writer.bytes.data[20] = 127; /* a kind of link that is not decoded */
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    request.filter = "inbound";
    expect_same_at_random_cuts(writer.bytes.data, writer.bytes.size, 100);
    request = (struct tb_capture_request){.filter = NULL};
    writer_free(&writer);
}

static void generated_captures_give_the_same(void **state)
{
    (void)state;
    char path[] = "/tmp/twinbed-split-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    for (unsigned brief = 0; brief < 2; brief++) {
        struct capture_model model = capture_model_default();
        struct capture_truth truth;
        struct tb_source *source;
        struct tb_capture *whole, *cut;
        struct tb_capture_split_outcome outcome;
        model.flows = 4000 / LESS;
        model.brief = brief == 1;
        model.clients = 2;
        assert_true(capture_generate(&model, path, &truth));
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        const struct tb_capture_split how = {.threads = 4, .segments = 9, .segment_size = 30000};
        assert_int_equal(tb_capture_read_split(source, &request, &how, &outcome, &cut, NULL), TB_OK);
        tb_source_close(source);
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        assert_int_equal(tb_capture_read(source, &request, &whole, NULL), TB_OK);
        tb_source_close(source);
        struct tb_buffer one = {0}, other = {0};
        tb_capture_pack(whole, &one);
        tb_capture_pack(cut, &other);
        assert_int_equal(one.size, other.size);
        assert_memory_equal(one.data, other.data, one.size);
        assert_int_equal(cut->flow_count, truth.flows);
        assert_int_equal(cut->packets, truth.packets);
        /* Nothing in these misleads. */
        assert_int_equal(outcome.repeated, 0);
        tb_buffer_free(&one);
        tb_buffer_free(&other);
        tb_capture_free(whole);
        tb_capture_free(cut);
    }
    unlink(path);
}

/* All of a file, as it is stored or decompressed. */
static uint8_t *load(const char *path, bool decompressed, size_t *size)
{
    struct tb_buffer bytes = {0};
    uint8_t block[1 << 16];
    size_t got = 1;
    if (decompressed) {
        struct tb_source *source;
        assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
        while (tb_source_read(source, block, sizeof block, &got, NULL) == TB_OK && got != 0)
            tb_buffer_put(&bytes, block, got);
        tb_source_close(source);
    } else {
        FILE *const file = fopen(path, "rb");
        assert_non_null(file);
        while ((got = fread(block, 1, sizeof block, file)) != 0)
            tb_buffer_put(&bytes, block, got);
        fclose(file);
    }
    assert_false(bytes.failed);
    *size = bytes.size;
    return bytes.data;
}

/* Recorded captures, plain and compressed; the stream of the latter breaks and ends early as well. */
static void recorded_captures_give_the_same(void **state)
{
    (void)state;
    static const char *const cells[] = {"veth/500B-c4", "e1000/100KB-c4", "virtio/1MB-c4"};
    for (size_t i = 0; i < COUNT(cells); i++) {
        char path[4096];
        size_t size;
        random_state = 20 + (uint32_t)i;
        snprintf(path, sizeof path, "%s/tests/campaigns/sample/%s/rep-02/link.pcap.gz", TWINBED_SOURCE_DIR, cells[i]);
        uint8_t *plain = load(path, true, &size);
        expect_same_at_random_cuts(plain, size, 200 / LESS);
        print_tally(cells[i], size);
        assert_true(tally.joined > 0);
        free(plain);
        uint8_t *stored = load(path, false, &size);
        expect_same_at_random_cuts(stored, size, 30);
        assert_true(tally.joined == 0 && tally.repeated == 0);
        for (int j = 0; j < 20; j++) {
            stored[size / 4 + random_below((uint32_t)size / 2)] ^= (uint8_t)(j < 10 ? 0 : 1 + random_below(255));
            expect_same_at_random_cuts(stored, size - random_below((uint32_t)size / 2), 3);
        }
        free(stored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_segment_size_gives_the_same),
        cmocka_unit_test(any_number_of_threads_gives_the_same),
        cmocka_unit_test(random_captures_give_the_same),
        cmocka_unit_test(fragments_find_their_flows),
        cmocka_unit_test(captures_inside_packets_do_not_mislead),
        cmocka_unit_test(lengths_that_imitate_headers),
        cmocka_unit_test(a_giant_record_over_many_segments),
        cmocka_unit_test(damage_and_ends_are_the_same),
        cmocka_unit_test(sections_and_packets_without_time),
        cmocka_unit_test(filters_fail_the_same),
        cmocka_unit_test(generated_captures_give_the_same),
        cmocka_unit_test(recorded_captures_give_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
