/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_messages.h"

#include <stdlib.h>

#include "flow_merge.h"
#include "left_out.h"
#include "packet_pack.h"
#include "twinbed/base/containers.h"

/* --- what is known of a file --- */

enum { INTERFACES_MOST = 1024, INTERFACE_SIZE = 4 + 4 + 1 + 8 };

bool tb_capture_known_pack(const struct tb_packet_file *file, struct tb_buffer *buffer)
{
    if (file->interface_count > INTERFACES_MOST)
        return false;
    tb_buffer_put_text(buffer, file->format);
    tb_buffer_put_u32(buffer, file->record_header);
    tb_buffer_put_u32(buffer, file->tick);
    tb_buffer_put_u32(buffer, file->longest);
    tb_buffer_put_u8(buffer, (uint8_t)file->length_order);
    tb_buffer_put_u8(buffer, file->swap);
    tb_buffer_put_u8(buffer, file->interface_known);
    tb_buffer_put_u32(buffer, file->link_type);
    tb_buffer_put_u32(buffer, file->snap_length);
    tb_buffer_put_u64(buffer, file->last_time);
    tb_buffer_put_u64(buffer, file->interface_count);
    for (size_t i = 0; i < file->interface_count; i++) {
        tb_buffer_put_u32(buffer, file->interfaces[i].link_type);
        tb_buffer_put_u32(buffer, file->interfaces[i].snap_length);
        tb_buffer_put_u8(buffer, file->interfaces[i].resolution);
        tb_buffer_put_i64(buffer, file->interfaces[i].offset_seconds);
    }
    return true;
}

/* What stands in the file's own header must be the same here. */
static bool agrees_with_header(const struct tb_packet_file *file, struct tb_bytes *bytes)
{
    char *format;
    uint32_t record_header, tick, longest;
    uint8_t length_order;
    if (!tb_bytes_take_text(bytes, &format))
        return false;
    const bool same = strcmp(format, file->format) == 0;
    free(format);
    return same && tb_bytes_take_u32(bytes, &record_header) && tb_bytes_take_u32(bytes, &tick) &&
           tb_bytes_take_u32(bytes, &longest) && tb_bytes_take_u8(bytes, &length_order) &&
           record_header == file->record_header && tick == file->tick && longest == file->longest &&
           length_order == (uint8_t)file->length_order;
}

static bool take_interfaces(struct tb_packet_file *file, struct tb_bytes *bytes)
{
    uint64_t count;
    if (!tb_bytes_take_u64(bytes, &count) || count > INTERFACES_MOST || count > bytes->left / INTERFACE_SIZE ||
        !tb_array_reserve(&file->interfaces, &file->interface_capacity, (size_t)count + 1, sizeof *file->interfaces))
        return false;
    file->interface_count = 0;
    while (file->interface_count < count) {
        struct tb_packet_interface *const interface = &file->interfaces[file->interface_count++];
        *interface = (struct tb_packet_interface){.link_type = 0};
        if (!tb_bytes_take_u32(bytes, &interface->link_type) || !tb_bytes_take_u32(bytes, &interface->snap_length) ||
            !tb_bytes_take_u8(bytes, &interface->resolution) || !tb_bytes_take_i64(bytes, &interface->offset_seconds))
            return false;
    }
    return true;
}

bool tb_capture_known_unpack(struct tb_packet_file *file, struct tb_bytes *bytes)
{
    uint8_t known, swap, interface_known;
    if (!tb_bytes_take_u8(bytes, &known) || known == 0 || !agrees_with_header(file, bytes) ||
        !tb_bytes_take_u8(bytes, &swap) || !tb_bytes_take_u8(bytes, &interface_known) ||
        !tb_bytes_take_u32(bytes, &file->link_type) || !tb_bytes_take_u32(bytes, &file->snap_length) ||
        !tb_bytes_take_u64(bytes, &file->last_time) || !take_interfaces(file, bytes))
        return false;
    file->swap = swap != 0;
    file->interface_known = interface_known != 0;
    return true;
}

/* --- what became of a segment --- */

enum { NEWS_COUNTERS = 12 };
#define NEWS_COUNTERS_OF(counts)                                                                                       \
    {                                                                                                                  \
        &(counts)->packets, &(counts)->filtered, &(counts)->not_ip, &(counts)->other_protocol, &(counts)->unparsed,    \
            &(counts)->later_fragments, &(counts)->cut_packets, &(counts)->first_time, &(counts)->last_time,           \
            &(counts)->file_first_time, &(counts)->file_last_time, &(counts)->backward_steps                           \
    }

static void put_sized(const struct tb_buffer *from, struct tb_buffer *buffer)
{
    tb_buffer_put_u64(buffer, from->size);
    tb_buffer_put(buffer, from->data, from->size);
}

void tb_segment_news_pack(const struct tb_capture_chunk *parsed, const struct tb_buffer *fragments,
                          const struct tb_buffer *tests, struct tb_buffer *buffer)
{
    const struct tb_packet_file *const file = &parsed->parser.file;
    const uint64_t *const counters[NEWS_COUNTERS] = NEWS_COUNTERS_OF(&parsed->counts);
    tb_buffer_put_u8(buffer, parsed->speculated);
    if (!parsed->speculated)
        return;
    tb_buffer_put_u64(buffer, file->begin);
    tb_buffer_put_u64(buffer, parsed->counts.account.decoded);
    tb_buffer_put_u64(buffer, parsed->counts.account.skipped);
    tb_buffer_put_u8(buffer, file->time_assumed);
    tb_buffer_put_u64(buffer, file->assumed_time);
    tb_buffer_put_u8(buffer, file->time_known);
    tb_buffer_put_u64(buffer, file->last_time);
    tb_buffer_put_u8(buffer, file->lost_beside.known);
    tb_buffer_put_u64(buffer, file->lost_beside.packets);
    tb_buffer_put_u8(buffer, parsed->parser.filter.tried);
    for (size_t i = 0; i < NEWS_COUNTERS; i++)
        tb_buffer_put_u64(buffer, *counters[i]);
    tb_left_out_pack(&parsed->counts.left_out, buffer);
    put_sized(fragments, buffer);
    put_sized(tests, buffer);
}

static bool take_flag(struct tb_bytes *bytes, bool *flag)
{
    uint8_t byte;
    if (!tb_bytes_take_u8(bytes, &byte) || byte > 1)
        return false;
    *flag = byte != 0;
    return true;
}

static bool take_drops(struct tb_bytes *bytes, struct tb_packet_drops *drops)
{
    return take_flag(bytes, &drops->known) && tb_bytes_take_u64(bytes, &drops->packets) && drops->packets <= INT64_MAX;
}

static bool take_sized(struct tb_bytes *bytes, struct tb_bytes *taken)
{
    uint64_t size;
    const uint8_t *data;
    if (!tb_bytes_take_u64(bytes, &size) || size > bytes->left || !tb_bytes_take(bytes, (size_t)size, &data))
        return false;
    *taken = tb_bytes_packed(data, (size_t)size);
    return true;
}

bool tb_segment_news_unpack(struct segment_news *news, bool *guessed, struct tb_bytes *bytes)
{
    *news = (struct segment_news){.tried = false};
    uint64_t *const counters[NEWS_COUNTERS] = NEWS_COUNTERS_OF(&news->counts);
    struct tb_packet_file *const file = &news->file;
    if (!take_flag(bytes, guessed))
        return false;
    if (!*guessed)
        return true;
    if (!tb_bytes_take_u64(bytes, &file->begin) || !tb_bytes_take_u64(bytes, &news->account.decoded) ||
        !tb_bytes_take_u64(bytes, &news->account.skipped) || !take_flag(bytes, &file->time_assumed) ||
        !tb_bytes_take_u64(bytes, &file->assumed_time) || !take_flag(bytes, &file->time_known) ||
        !tb_bytes_take_u64(bytes, &file->last_time) || !take_drops(bytes, &file->lost_beside) ||
        !take_flag(bytes, &news->tried))
        return false;
    for (size_t i = 0; i < NEWS_COUNTERS; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    if (!tb_left_out_unpack(&news->counts.left_out, bytes))
        return false;
    const uint64_t packets = news->counts.packets;
    return news->account.decoded <= INT64_MAX && news->account.skipped <= INT64_MAX &&
           take_sized(bytes, &news->fragments) && take_sized(bytes, &news->tests) &&
           tb_packets_are_packed(news->fragments, packets) && tb_packets_are_packed(news->tests, packets);
}

/* --- flows --- */

void tb_capture_flows_pack(struct tb_flows *const *shards, size_t count, struct tb_buffer *buffer)
{
    struct tb_capture *const capture = calloc(1, sizeof *capture);
    if (capture == NULL || tb_flows_merge_sums(shards, count, capture, NULL) != TB_OK)
        buffer->failed = true;
    else
        tb_capture_pack(capture, buffer);
    tb_capture_free(capture);
}

/* A capture's summary and sample are those of one shard. */
bool tb_capture_flows_unpack(struct tb_flows *flows, const struct tb_capture_request *request, struct tb_bytes *bytes)
{
    struct tb_capture *capture;
    tb_flows_start_over(flows, request);
    if (!tb_capture_unpack(&capture, bytes))
        return false;
    flows->summary = capture->summary;
    flows->sampler = (struct tb_packet_sampler){.items = capture->sample.items,
                                                .count = capture->sample.count,
                                                .capacity = capture->sample.count,
                                                .limit = capture->sample.limit};
    capture->summary = (struct tb_flow_summary){0};
    capture->sample = (struct tb_packet_sample){0};
    tb_capture_free(capture);
    return true;
}
