/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_writer.h"

enum { ETHERNET = 14, IP_HEADER = 20, TCP_HEADER = 32, SYN_HEADER = 40, RECORD_HEADER = 16, MICROSECONDS = 1000000 };

void capture_write_begin(struct capture_writer *writer)
{
    uint8_t *const begin = output_room(&writer->output);
    uint8_t *at = put_u32(begin, 0xa1b2c3d4);
    at = put_u16(at, 2);
    at = put_u16(at, 4);
    at = put_u64(at, 0);
    at = put_u32(at, writer->snap_length);
    at = put_u32(at, 1);
    output_advance(&writer->output, (size_t)(at - begin));
    writer->time = (uint64_t)1700000000 * MICROSECONDS;
}

static uint16_t checksum(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i += 2)
        sum += (uint32_t)(data[i] << 8 | data[i + 1]);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static uint8_t *put_ip(uint8_t *at, struct capture_writer *writer, const struct segment *segment, uint32_t ip_bytes)
{
    uint8_t *const begin = at;
    at = put_be16(at, 0x4500);
    at = put_be16(at, (uint16_t)ip_bytes);
    at = put_be16(at, writer->identification++);
    at = put_be16(at, 0x4000);
    at = put_be16(at, 64 << 8 | 6);
    at = put_be16(at, 0);
    at = put_be32(at, segment->source);
    at = put_be32(at, segment->target);
    put_be16(begin + 10, checksum(begin, IP_HEADER));
    return at;
}

static uint8_t *put_options(uint8_t *at, const struct capture_writer *writer, bool syn)
{
    static const uint8_t opening[] = {2, 4, 5, 0xb4, 4, 2}, window_scale[] = {1, 3, 3, 7};
    if (syn)
        at = put_bytes(at, opening, sizeof opening);
    else
        at = put_be16(at, 0x0101);
    at = put_be16(at, 8 << 8 | 10);
    at = put_be32(at, (uint32_t)(writer->time / 1000));
    at = put_be32(at, 0);
    return syn ? put_bytes(at, window_scale, sizeof window_scale) : at;
}

static uint8_t *put_tcp(uint8_t *at, const struct capture_writer *writer, const struct segment *segment)
{
    const bool syn = (segment->flags & SEGMENT_SYN) != 0;
    at = put_be16(at, segment->source_port);
    at = put_be16(at, segment->target_port);
    at = put_be32(at, segment->sequence);
    at = put_be32(at, segment->acknowledgement);
    at = put_be16(at, (uint16_t)((syn ? SYN_HEADER : TCP_HEADER) / 4 << 12 | segment->flags));
    at = put_be16(at, 64240);
    at = put_be32(at, 0);
    return put_options(at, writer, syn);
}

uint32_t capture_write_segment(struct capture_writer *writer, const struct segment *segment, bool *cut)
{
    const uint32_t header = (segment->flags & SEGMENT_SYN) != 0 ? SYN_HEADER : TCP_HEADER;
    const uint32_t ip_bytes = IP_HEADER + header + segment->payload;
    const uint32_t original = ETHERNET + ip_bytes;
    const uint32_t captured = original < writer->snap_length ? original : writer->snap_length;
    writer->time += 7;
    uint8_t *const record = output_room(&writer->output);
    uint8_t *at = put_u32(record, (uint32_t)(writer->time / MICROSECONDS));
    at = put_u32(at, (uint32_t)(writer->time % MICROSECONDS));
    at = put_u32(at, captured);
    at = put_u32(at, original);
    at = put_bytes(at, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0", ETHERNET);
    at = put_ip(at, writer, segment, ip_bytes);
    at = put_tcp(at, writer, segment);
    memset(at, 'x', segment->payload);
    output_advance(&writer->output, RECORD_HEADER + captured);
    *cut = captured < original;
    return ip_bytes;
}
