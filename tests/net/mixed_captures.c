/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mixed_captures.h"

#include <stdlib.h>

uint32_t random_state = 1;

uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

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

uint64_t clock_of_writing;

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

static void write_frame(struct file_writer *writer, const struct tb_buffer *frame, size_t original, size_t snap_length)
{
    const size_t captured = frame->size < snap_length ? frame->size : snap_length;
    /* Times go back now and then. */
    clock_of_writing += random_below(2000000);
    const uint64_t time = clock_of_writing - (random_below(10) == 0 ? random_below(90000000) : 0);
    if (writer->pcapng)
        writer_enhanced(writer, random_below(2), time / 1000, frame->data, captured, original);
    else
        writer_packet(writer, time, frame->data, captured, original);
}

void put_packets(struct file_writer *writer, size_t count, size_t snap_length)
{
    enum { AGO = 3 };
    struct tb_buffer frames[AGO] = {{0}};
    size_t originals[AGO] = {0};
    for (size_t i = 0; i < count; i++) {
        const size_t place = i % AGO, again = random_below(2 * AGO);
        frames[place].size = 0;
        originals[place] = put_frame(&frames[place]);
        write_frame(writer, &frames[place], originals[place], snap_length);
        if (again < AGO && again <= i)
            write_frame(writer, &frames[again], originals[again], snap_length);
    }
    for (size_t i = 0; i < AGO; i++)
        tb_buffer_free(&frames[i]);
}

/* Two interfaces: 10^-6 s and Ethernet, 2^-10 s with an offset. */
static void put_section(struct file_writer *writer, bool swap)
{
    writer_section(writer, swap);
    writer_interface(writer, 1, 0, "");
    writer_interface(writer, 1, 200, swap ? "0009 0001 8a000000 0000 0000" : "0900 0100 8a000000 0000 0000");
}

struct file_writer begin_file(enum style style)
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

struct file_writer write_file(enum style style, size_t packets)
{
    struct file_writer writer = begin_file(style);
    put_packets(&writer, packets, random_below(2) == 0 ? 96 : 400);
    return writer;
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

struct file_writer write_captures_inside_packets(enum style style)
{
    random_state = 5 + style;
    struct file_writer inner = write_file(style, 200);
    struct file_writer writer = begin_file(style);
    for (int i = 0; i < 40; i++) {
        const size_t size = 1000 + random_below(9000);
        put_packet_of(&writer, &inner, random_below((uint32_t)(inner.bytes.size - size) / 4) * 4, size);
        put_packets(&writer, random_below(4), 96);
    }
    writer_free(&inner);
    return writer;
}

struct file_writer write_imitated_headers(enum style style)
{
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
    return writer;
}

struct file_writer write_giant_record(enum style style)
{
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
    writer_free(&inner);
    return writer;
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

struct file_writer write_sections(void)
{
    random_state = 13;
    struct file_writer writer = begin_file(STYLE_PCAPNG);
    put_simple_packets(&writer, 40);
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
    return writer;
}

struct file_writer write_fragments(uint32_t seed)
{
    random_state = 3 + seed;
    struct file_writer writer = begin_file(STYLE_PCAP);
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
    return writer;
}

static void put_unread_frame(struct tb_buffer *frame)
{
    static const unsigned tunnel_ports[] = {4789, 6081, 2152, 5000};
    const unsigned kind = random_below(6);
    const struct datagram datagram = {.version = random_below(4) == 0 ? 6 : 4,
                                      .protocol = kind == 0   ? random_below(200)
                                                  : kind == 1 ? 17
                                                              : 6,
                                      .source = 1 + random_below(6),
                                      .destination = 1 + random_below(6)};
    if (kind > 3) {
        put_be(frame, 0, 4), put_be(frame, 0, 4), put_be(frame, 0, 4);
        put_be(frame, kind == 4 ? 0x8840 + random_below(40) : random_below(0x10000), 2), put_be(frame, 7, 4);
        return;
    }
    put_ip(frame, &datagram, 40);
    if (kind == 1)
        put_be(frame, 40000, 2), put_be(frame, tunnel_ports[random_below(4)], 2), put_be(frame, 40, 2);
    else
        put_transport(frame, &datagram, 8);
    put_be(frame, 0, 4), put_be(frame, 0, 4);
}

/* An option of eight bytes at the end of a body. */
static void put_drops(struct file_writer *body, unsigned code, uint32_t packets)
{
    writer_u16(body, code);
    writer_u16(body, 8);
    writer_u32(body, body->swap ? 0 : packets);
    writer_u32(body, body->swap ? packets : 0);
}

static void put_unread(struct file_writer *writer, uint32_t interfaces)
{
    struct tb_buffer frame = {0};
    put_unread_frame(&frame);
    const size_t captured = random_below(4) == 0 ? random_below((uint32_t)frame.size) : frame.size;
    clock_of_writing += random_below(2000000);
    if (!writer->pcapng) {
        writer_packet(writer, clock_of_writing, frame.data, captured, frame.size);
    } else {
        struct file_writer body = {.swap = writer->swap};
        writer_u32(&body, random_below(2) == 0 ? 0 : random_below(interfaces));
        writer_u32(&body, (uint32_t)(clock_of_writing / 1000 >> 32)),
            writer_u32(&body, (uint32_t)(clock_of_writing / 1000));
        writer_u32(&body, (uint32_t)captured), writer_u32(&body, (uint32_t)frame.size);
        tb_buffer_put(&body.bytes, frame.data, captured);
        tb_buffer_put(&body.bytes, (const uint8_t[3]){0}, -captured & 3);
        if (random_below(20) == 0)
            put_drops(&body, 4, random_below(9));
        writer_block(writer, 6, body.bytes.data, body.bytes.size);
        writer_free(&body);
    }
    tb_buffer_free(&frame);
}

void writer_statistics(struct file_writer *writer, uint32_t interface, uint32_t by_interface, uint32_t by_system)
{
    struct file_writer body = {.swap = writer->swap};
    writer_u32(&body, interface);
    writer_u32(&body, 0), writer_u32(&body, 0);
    put_drops(&body, 5, by_interface);
    put_drops(&body, 7, by_system);
    writer_block(writer, 5, body.bytes.data, body.bytes.size);
    writer_free(&body);
}

struct file_writer write_unread(enum style style)
{
    enum { INTERFACES = 24 };
    random_state = 31 + style;
    struct file_writer writer = begin_file(style);
    for (unsigned section = 0; section < 3; section++) {
        if (writer.pcapng && section > 0)
            put_section(&writer, section == 1);
        for (uint32_t i = 2; writer.pcapng && i < INTERFACES; i++)
            writer_interface(&writer, 100 + random_below(200), 0, "");
        for (unsigned i = 0; i < 400; i++) {
            put_unread(&writer, INTERFACES);
            if (writer.pcapng && random_below(100) == 0)
                writer_statistics(&writer, random_below(INTERFACES + 1), i, random_below(9));
        }
    }
    return writer;
}
