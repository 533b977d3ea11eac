/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both formats share: recognising, copying what is known, comparing, and the account. */
#include "packet_file.h"

#include <stdlib.h>

#include "twinbed/base/containers.h"

/* More interfaces than that are not copied: a hostile file could describe millions, and each chunk
 * would copy them. */
enum { MAGIC_SIZE = 4, COPIED_INTERFACES_MAX = 1024 };

/* The stream is too short to be recognised. */
static enum tb_status refuse_short(const struct tb_packet_file *file, struct tb_error *error)
{
    const struct tb_reader *reader = &file->reader;
    const char *name = tb_source_name(reader->source);
    if (reader->stream_status != TB_END)
        return tb_error_set(error, reader->stream_status, "%s", reader->stream_error.text);
    if (reader->available == 0)
        return tb_error_set(error, TB_TRUNCATED, "%s: the capture is empty", name);
    return tb_error_set(error, TB_UNSUPPORTED, "%s: too short to be a packet capture (%zu bytes)", name,
                        reader->available);
}

static enum tb_status recognise(struct tb_packet_file *file, struct tb_error *error)
{
    enum tb_status status = tb_reader_need(&file->reader, MAGIC_SIZE, error);
    if (status == TB_END)
        return refuse_short(file, error);
    if (status != TB_OK)
        return status;
    status = tb_pcap_file_begin(file, error);
    if (status == TB_END)
        status = tb_pcapng_file_begin(file, error);
    if (status != TB_END)
        return status;
    return tb_error_set(error, TB_UNSUPPORTED, "%s: not a pcap or pcapng file (it begins with %02x %02x %02x %02x)",
                        tb_source_name(file->reader.source), file->reader.data[0], file->reader.data[1],
                        file->reader.data[2], file->reader.data[3]);
}

enum tb_status tb_packet_file_open(struct tb_packet_file *file, struct tb_source *source, struct tb_account *account,
                                   struct tb_error *error)
{
    *file = (struct tb_packet_file){.account = account, .end = UINT64_MAX};
    const enum tb_status status = tb_reader_start(&file->reader, source, error);
    return status == TB_OK ? recognise(file, error) : status;
}

bool tb_packet_file_find(const struct tb_packet_file *file, const uint8_t *data, size_t size, uint64_t offset,
                         size_t *place)
{
    return file->find(file, tb_bytes_view(data, size, file->swap), offset, place);
}

bool tb_packet_file_copy(const struct tb_packet_file *file, struct tb_packet_file *copy)
{
    if (file->interface_count > COPIED_INTERFACES_MAX ||
        !tb_array_reserve(&copy->interfaces, &copy->interface_capacity, file->interface_count + 1,
                          sizeof copy->interfaces[0]))
        return false;
    const struct tb_packet_file kept = *copy;
    *copy = *file;
    copy->reader = kept.reader;
    copy->account = kept.account;
    copy->interfaces = kept.interfaces;
    copy->interface_capacity = kept.interface_capacity;
    for (size_t i = 0; i < file->interface_count; i++)
        copy->interfaces[i] = file->interfaces[i];
    copy->described = true;
    return true;
}

void tb_packet_file_begin_at(struct tb_packet_file *file, uint64_t offset, uint64_t end)
{
    *file->account = (struct tb_account){0};
    file->begin = offset;
    file->end = end;
    file->assumed_time = file->last_time;
    file->time_assumed = false;
    file->time_known = false;
    file->lost_beside = (struct tb_packet_drops){.known = false};
    tb_reader_expect_end(&file->reader, end);
    tb_reader_seek(&file->reader, offset);
}

static bool same_interface(const struct tb_packet_interface *one, const struct tb_packet_interface *other)
{
    return one->link_type == other->link_type && one->snap_length == other->snap_length &&
           one->resolution == other->resolution && one->offset_seconds == other->offset_seconds;
}

/* A copy looks for no time ahead. */
static bool agrees_on_time(const struct tb_packet_file *file, const struct tb_packet_file *copy)
{
    return !copy->time_assumed ||
           (copy->assumed_time == file->last_time && (file->last_time != 0 || file->time_sought));
}

bool tb_packet_file_agrees(const struct tb_packet_file *file, const struct tb_packet_file *copy)
{
    if (copy->begin != tb_packet_file_reached(file) || copy->swap != file->swap ||
        copy->interface_count != file->interface_count || !agrees_on_time(file, copy))
        return false;
    for (size_t i = 0; i < file->interface_count; i++)
        if (!same_interface(&file->interfaces[i], &copy->interfaces[i]))
            return false;
    return true;
}

void tb_packet_file_follow(struct tb_packet_file *file, const struct tb_packet_file *copy)
{
    file->account->decoded += copy->account->decoded;
    file->account->skipped += copy->account->skipped;
    if (copy->time_known)
        file->last_time = copy->last_time;
    if (copy->lost_beside.known)
        tb_packet_drops_add(&file->lost_beside, copy->lost_beside.packets);
    tb_reader_seek(&file->reader, tb_packet_file_reached(file));
}

void tb_packet_file_add_lost(const struct tb_packet_file *file, struct tb_packet_drops *drops)
{
    for (size_t i = 0; i < file->interface_count; i++)
        if (file->interfaces[i].lost.known)
            tb_packet_drops_add(drops, file->interfaces[i].lost.packets);
}

struct tb_packet_drops tb_packet_file_drops(const struct tb_packet_file *file)
{
    struct tb_packet_drops drops = file->lost_in_sections;
    tb_packet_file_add_lost(file, &drops);
    if (!drops.known || (file->lost_beside.known && file->lost_beside.packets > drops.packets))
        return file->lost_beside;
    return drops;
}

void tb_packet_file_settle(struct tb_packet_file *file)
{
    struct tb_account *account = file->account;
    struct tb_reader *reader = &file->reader;
    while (tb_reader_skip(reader, UINT64_MAX) == UINT64_MAX)
        continue;
    /* A stream that breaks where no record was expected is damaged all the same. */
    if (reader->stream_status == TB_CORRUPT || reader->stream_status == TB_TRUNCATED)
        tb_account_damage(account, reader->stream_status == TB_CORRUPT ? TB_DAMAGE_CORRUPT : TB_DAMAGE_TRUNCATED,
                          reader->offset, "%s", reader->stream_error.text);
    account->stream_bytes = reader->offset;
    account->damaged = account->stream_bytes - account->decoded - account->skipped;
    tb_source_account(reader->source, account);
}

void tb_packet_file_close(struct tb_packet_file *file)
{
    free(file->interfaces);
    tb_reader_finish(&file->reader);
    *file = (struct tb_packet_file){0};
}

enum tb_status tb_packet_file_ended(struct tb_packet_file *file, enum tb_status fill, uint64_t offset,
                                    struct tb_error *error)
{
    const struct tb_reader *reader = &file->reader;
    if (fill != TB_END)
        return fill;
    if (reader->stream_status == TB_INPUT_OUTPUT)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s", reader->stream_error.text);
    if (reader->stream_status == TB_CORRUPT)
        tb_account_damage(file->account, TB_DAMAGE_CORRUPT, offset, "%s", reader->stream_error.text);
    else if (reader->stream_status == TB_TRUNCATED)
        tb_account_damage(file->account, TB_DAMAGE_TRUNCATED, offset, "%s", reader->stream_error.text);
    else if (reader->offset + reader->available > offset)
        tb_account_damage(file->account, TB_DAMAGE_TRUNCATED, offset,
                          "%s: the capture ends inside the record at offset %llu", tb_source_name(reader->source),
                          (unsigned long long)offset);
    return TB_END;
}

enum tb_status tb_packet_file_corrupt(struct tb_packet_file *file, uint64_t offset, const char *reason)
{
    tb_account_damage(file->account, TB_DAMAGE_CORRUPT, offset, "%s: %s at offset %llu",
                      tb_source_name(file->reader.source), reason, (unsigned long long)offset);
    return TB_END;
}
