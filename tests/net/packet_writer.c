/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/packet_writer.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/net/flow_values.h"
#include "twinbed/store/flow_columns.h"

static void append(struct frame *frame, const void *data, size_t size)
{
    assert_true(frame->size + size <= sizeof frame->bytes);
    memcpy(frame->bytes + frame->size, data, size);
    frame->size += size;
}

static void append_be(struct frame *frame, uint32_t value, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;) {
        const uint8_t byte = (uint8_t)(value >> (8 * i));
        append(frame, &byte, 1);
    }
}

static unsigned digit(char character)
{
    return character <= '9' ? (unsigned)(character - '0') : (unsigned)(tolower(character) - 'a') + 10;
}

void frame_hex(struct frame *frame, const char *text)
{
    while (*text != '\0') {
        if (*text == ' ') {
            text++;
            continue;
        }
        const uint8_t byte = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        append(frame, &byte, 1);
        text += 2;
    }
}

void frame_ipv4(struct frame *frame, bool back, unsigned protocol, unsigned total_length, unsigned identification,
                unsigned fragment)
{
    append_be(frame, 0x4500, 2);
    append_be(frame, total_length, 2);
    append_be(frame, identification, 2);
    append_be(frame, fragment, 2);
    append_be(frame, 64 << 8 | protocol, 2);
    append_be(frame, 0, 2);
    append_be(frame, back ? 0x0a000001 : 0x0a000002, 4);
    append_be(frame, back ? 0x0a000002 : 0x0a000001, 4);
}

void frame_ipv6(struct frame *frame, bool back, unsigned next, unsigned payload_length)
{
    append_be(frame, 0x60000000, 4);
    append_be(frame, payload_length, 2);
    append_be(frame, next << 8 | 64, 2);
    frame_hex(frame, back ? "fd000000000000000000000000000001 fd000000000000000000000000000002"
                          : "fd000000000000000000000000000002 fd000000000000000000000000000001");
}

static void append_ports(struct frame *frame, bool back, unsigned client_port)
{
    append_be(frame, back ? 80 : client_port, 2);
    append_be(frame, back ? client_port : 80, 2);
}

void frame_tcp(struct frame *frame, bool back, unsigned client_port, uint32_t sequence, uint32_t acknowledgement,
               unsigned flags)
{
    append_ports(frame, back, client_port);
    append_be(frame, sequence, 4);
    append_be(frame, acknowledgement, 4);
    append_be(frame, 0x5000 | flags, 2);
    append_be(frame, 229, 2);
    append_be(frame, 0, 4);
}

void frame_udp(struct frame *frame, bool back, unsigned payload)
{
    append_ports(frame, back, 40000);
    append_be(frame, payload + 8, 2);
    append_be(frame, 0, 2);
}

void writer_free(struct file_writer *writer)
{
    tb_buffer_free(&writer->bytes);
    *writer = (struct file_writer){0};
}

void writer_u16(struct file_writer *writer, unsigned value)
{
    const uint16_t stored = writer->swap ? __builtin_bswap16((uint16_t)value) : (uint16_t)value;
    tb_buffer_put(&writer->bytes, &stored, sizeof stored);
}

void writer_u32(struct file_writer *writer, uint32_t value)
{
    const uint32_t stored = writer->swap ? __builtin_bswap32(value) : value;
    tb_buffer_put(&writer->bytes, &stored, sizeof stored);
}

void writer_pcap(struct file_writer *writer, uint32_t magic, bool swap, uint32_t snap_length, uint32_t link_type)
{
    *writer = (struct file_writer){.swap = swap,
                                   .tick = magic == (uint32_t)PCAP_NS_MAGIC ? 1 : 1000,
                                   .patched = magic == (uint32_t)PCAP_PATCHED_MAGIC};
    writer_u32(writer, magic);
    writer_u16(writer, 2);
    writer_u16(writer, 4);
    writer_u32(writer, 0);
    writer_u32(writer, 0);
    writer_u32(writer, snap_length);
    writer_u32(writer, link_type);
}

void writer_packet(struct file_writer *writer, uint64_t time, const void *data, size_t captured, size_t original)
{
    if (writer->pcapng) {
        writer_enhanced(writer, 0, time / 1000, data, captured, original);
        return;
    }
    writer_u32(writer, (uint32_t)(time / 1000000000u));
    writer_u32(writer, (uint32_t)(time % 1000000000u / writer->tick));
    writer_u32(writer, (uint32_t)captured);
    writer_u32(writer, (uint32_t)original);
    if (writer->patched) {
        writer_u32(writer, 2);
        writer_u32(writer, 0x0800);
    }
    tb_buffer_put(&writer->bytes, data, captured);
}

void writer_block(struct file_writer *writer, uint32_t kind, const void *body, size_t size)
{
    static const uint8_t padding[4];
    const size_t padded = (size + 3) & ~(size_t)3;
    writer_u32(writer, kind);
    writer_u32(writer, (uint32_t)padded + 12);
    tb_buffer_put(&writer->bytes, body, size);
    tb_buffer_put(&writer->bytes, padding, padded - size);
    writer_u32(writer, (uint32_t)padded + 12);
}

/* Writes a body with the writer's byte order, to be put into a block. */
static struct file_writer body_of(const struct file_writer *writer)
{
    return (struct file_writer){.swap = writer->swap};
}

static void put_body(struct file_writer *writer, uint32_t kind, struct file_writer *body)
{
    writer_block(writer, kind, body->bytes.data, body->bytes.size);
    writer_free(body);
}

void writer_section(struct file_writer *writer, bool swap)
{
    writer->swap = swap;
    writer->pcapng = true;
    struct file_writer body = body_of(writer);
    writer_u32(&body, 0x1a2b3c4d);
    writer_u16(&body, 1);
    writer_u16(&body, 0);
    writer_u32(&body, 0xffffffff);
    writer_u32(&body, 0xffffffff);
    put_body(writer, 0x0a0d0d0a, &body);
}

void writer_interface(struct file_writer *writer, uint32_t link_type, uint32_t snap_length, const char *options)
{
    struct file_writer body = body_of(writer);
    struct frame text = {.size = 0};
    frame_hex(&text, options);
    writer_u16(&body, link_type);
    writer_u16(&body, 0);
    writer_u32(&body, snap_length);
    tb_buffer_put(&body.bytes, text.bytes, text.size);
    put_body(writer, 1, &body);
}

void writer_enhanced(struct file_writer *writer, uint32_t interface, uint64_t ticks, const void *data, size_t captured,
                     size_t original)
{
    struct file_writer body = body_of(writer);
    writer_u32(&body, interface);
    writer_u32(&body, (uint32_t)(ticks >> 32));
    writer_u32(&body, (uint32_t)ticks);
    writer_u32(&body, (uint32_t)captured);
    writer_u32(&body, (uint32_t)original);
    tb_buffer_put(&body.bytes, data, captured);
    put_body(writer, 6, &body);
}

static unsigned flag_bits(const char *flags)
{
    static const char letters[] = "FSRPAUEC";
    unsigned bits = 0;
    for (; *flags != '\0'; flags++)
        bits |= 1u << (strchr(letters, *flags) - letters);
    return bits;
}

void writer_segments(struct file_writer *writer, const struct segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct segment *segment = &segments[i];
        const bool back = segment->from == 'B';
        const unsigned identification = segment->identification != 0 ? segment->identification : 1000 + (unsigned)i;
        struct frame frame = {.size = 0};
        frame_hex(&frame, ETHERNET "0800");
        frame_ipv4(&frame, back, 6, 40 + segment->length, identification, 0x4000);
        frame_tcp(&frame, back, 40000, segment->sequence, segment->acknowledgement, flag_bits(segment->flags));
        writer_packet(writer, FIRST_TIME + segment->microseconds * 1000, frame.bytes, frame.size,
                      frame.size + segment->length);
    }
}

static void append_detailed_tcp(struct frame *frame, const struct detailed_segment *detailed)
{
    const struct segment *segment = &detailed->segment;
    const bool back = segment->from == 'B', syn = strchr(segment->flags, 'S') != NULL;
    struct frame options = {.size = 0};
    frame_hex(&options, detailed->options != NULL ? detailed->options : syn ? SYN_OPTIONS : "");
    append_ports(frame, back, 40000);
    append_be(frame, segment->sequence, 4);
    append_be(frame, segment->acknowledgement, 4);
    append_be(frame, (5 + (uint32_t)options.size / 4) << 12 | flag_bits(segment->flags), 2);
    append_be(frame,
              detailed->window == CLOSED ? 0
              : detailed->window != 0    ? (unsigned)detailed->window
              : syn                      ? 29200
                                         : 229,
              2);
    append_be(frame, detailed->urgent, 4);
    append(frame, options.bytes, options.size);
}

static void write_detailed(struct file_writer *writer, const struct detailed_segment *detailed, unsigned number)
{
    const struct segment *segment = &detailed->segment;
    struct frame tcp = {.size = 0}, frame = {.size = 0};
    append_detailed_tcp(&tcp, detailed);
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, segment->from == 'B', 6, 20 + (unsigned)tcp.size + segment->length,
               segment->identification != 0 ? segment->identification : number, 0x4000);
    frame.bytes[15] = (uint8_t)detailed->congestion;
    append(&frame, tcp.bytes, tcp.size);
    const size_t original = frame.size + segment->length;
    if (detailed->payload != NULL)
        append(&frame, detailed->payload, strlen(detailed->payload));
    /* The payload of the vectors is in the file, so that none counts as truncated. */
    static const uint8_t zeros[2000];
    if (detailed->payload == NULL && frame.size + segment->length <= sizeof frame.bytes)
        append(&frame, zeros, segment->length);
    writer_packet(writer, FIRST_TIME + segment->microseconds * 1000, frame.bytes, frame.size, original);
}

void writer_detailed(struct file_writer *writer, const struct detailed_segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_detailed(writer, &segments[i], 1000 + (unsigned)i);
}

struct tb_capture *read_written_as(const struct file_writer *writer, const struct tb_capture_request *request)
{
    struct tb_source *source = NULL;
    struct tb_capture *capture = NULL;
    struct tb_error error = {0};
    assert_false(writer->bytes.failed);
    assert_int_equal(tb_source_open_memory(writer->bytes.data, writer->bytes.size, "made.pcap", &source, &error),
                     TB_OK);
    const enum tb_status status = tb_capture_read(source, request, &capture, &error);
    if (status != TB_OK)
        fail_msg("%s", error.text);
    assert_true(tb_account_balances(&capture->account));
    tb_source_close(source);
    return capture;
}

struct tb_capture *read_written(const struct file_writer *writer, const char *filter)
{
    const struct tb_capture_request request = {.filter = filter};
    return read_written_as(writer, &request);
}

struct tb_capture *read_written_by(const struct file_writer *writer, enum tb_flow_rules rules)
{
    const struct tb_capture_request request = {.rules = rules};
    return read_written_as(writer, &request);
}

struct tb_capture *read_detailed(const struct detailed_segment *segments, size_t count, enum tb_flow_rules rules)
{
    const struct tb_capture_request request = {.rules = rules};
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, 1);
    writer_detailed(&writer, segments, count);
    struct tb_capture *capture = read_written_as(&writer, &request);
    writer_free(&writer);
    return capture;
}

#define CORE(field)                                                                                                    \
    {                                                                                                                  \
#field, (double)side->field                                                                                    \
    }
#define DETAIL(WHO, who, NAME, name, type, unit, sentence, value) {name, (double)(value)},

double side_value(const struct tb_capture *capture, size_t flow, unsigned which, const char *name)
{
    const struct tb_flow_side *side = &capture->flows[flow].side[which];
    const struct tb_flow_detail *detail = &side->detail;
    struct tb_flow_values computed;
    const struct tb_flow_values *values = &computed;
    tb_flow_values_compute(&capture->flows[flow], which, capture->rules, &computed);
    const struct {
        const char *name;
        double value;
    } all[] = {CORE(packets),
               CORE(payload_bytes),
               CORE(unique_bytes),
               CORE(data_packets),
               CORE(retransmitted_packets),
               CORE(retransmitted_bytes),
               CORE(out_of_order_packets),
               CORE(syn_packets),
               CORE(repeated_syn_packets),
               CORE(fin_packets),
               CORE(repeated_fin_packets),
               CORE(rst_packets),
               CORE(pure_ack_packets),
               CORE(empty_push_packets),
               CORE(keep_alive_packets),
               CORE(missing_bytes),
               TB_FLOW_COLUMNS(DETAIL, , )};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0)
            return all[i].value;
    fail_msg("no statistic is called %s", name);
    return 0;
}

struct tb_capture *read_segments(const struct segment *segments, size_t count)
{
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 96, 1);
    writer_segments(&writer, segments, count);
    struct tb_capture *capture = read_written(&writer, NULL);
    writer_free(&writer);
    return capture;
}

struct tb_capture *read_frame(uint32_t link_type, const struct frame *frame, size_t original)
{
    struct file_writer writer;
    writer_pcap(&writer, (uint32_t)PCAP_MAGIC, false, 65535, link_type);
    writer_packet(&writer, FIRST_TIME, frame->bytes, frame->size, original);
    struct tb_capture *capture = read_written(&writer, NULL);
    writer_free(&writer);
    return capture;
}
