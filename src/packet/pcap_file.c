/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pcap: a header of 24 bytes, then records of a header and a packet each.
 *
 * Header: magic number (which tells byte order and unit of times), version, two fields of no use,
 * longest packet kept, link type. Record: seconds, fraction, bytes in the file, bytes on the wire.
 * In the middle of a file a record is believed when TB_PACKET_CHAIN headers in a row are plausible,
 * each where the one before says. */

/* pcap: a header of 24 bytes, then records of a header and a packet each. */

#include "packet_file.h"

#include <string.h>

enum {
    FILE_HEADER_SIZE = 24,
    RECORD_HEADER_SIZE = 16,
    PATCHED_RECORD_HEADER_SIZE = 24, /* behind the lengths: interface, protocol, packet type */
    PLAIN_RECORD_MAX = 256 << 10,
    NEIGHBOURS_S = 86400,       /* records further apart are not believed to be some */
    LINK_TYPE_MASK = 0x03ffffff /* the bits above tell about check sequences */
};

struct variant {
    uint32_t magic;
    uint32_t record_header;
    uint32_t tick;
    const char *format;
};

static const struct variant variants[] = {
    {0xa1b2c3d4, RECORD_HEADER_SIZE, 1000, "pcap"},
    {0xa1b23c4d, RECORD_HEADER_SIZE, 1, "pcap ns"},
    {0xa1b2cd34, PATCHED_RECORD_HEADER_SIZE, 1000, "pcap modified"},
};

static bool find_variant(struct tb_packet_file *file)
{
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        const bool straight = tb_load_u32(file->reader.data, false) == variants[i].magic;
        const bool swapped = tb_load_u32(file->reader.data, true) == variants[i].magic;
        if (!straight && !swapped)
            continue;
        file->swap = swapped;
        file->format = variants[i].format;
        file->record_header = variants[i].record_header;
        file->tick = variants[i].tick;
        return true;
    }
    return false;
}

/* Versions before 2.4 exchanged the two lengths, 2.3 not always. */
static bool accept_version(struct tb_packet_file *file, uint16_t major, uint16_t minor)
{
    if (major == 543 && minor == 0)
        file->length_order = TB_LENGTHS_EXCHANGED;
    else if (major != 2 || minor > 4)
        return false;
    else if (minor < 3)
        file->length_order = TB_LENGTHS_EXCHANGED;
    else if (minor == 3)
        file->length_order = TB_LENGTHS_PERHAPS_EXCHANGED;
    return true;
}

static bool lengths_exchanged(const struct tb_packet_file *file, uint32_t captured, uint32_t original)
{
    return file->length_order == TB_LENGTHS_EXCHANGED ||
           (file->length_order == TB_LENGTHS_PERHAPS_EXCHANGED && captured > original);
}

static void read_lengths(const struct tb_packet_file *file, const uint8_t *header, struct tb_packet_record *record)
{
    const uint32_t first = tb_load_u32(header + 8, file->swap);
    const uint32_t second = tb_load_u32(header + 12, file->swap);
    const bool exchanged = lengths_exchanged(file, first, second);
    record->captured = exchanged ? second : first;
    record->original = exchanged ? first : second;
}

/* Zeros are what a file system gives for bytes that were never written. No packet has neither a time nor a length; those
 * with one of the two exist. */
static bool is_blank(const uint8_t *header)
{
    static const uint8_t zeros[RECORD_HEADER_SIZE];
    return memcmp(header, zeros, sizeof zeros) == 0;
}

static enum tb_status pcap_next(struct tb_packet_file *file, struct tb_packet_record *record, struct tb_error *error)
{
    struct tb_reader *reader = &file->reader;
    enum tb_status status = tb_reader_need(reader, file->record_header, error);
    if (status != TB_OK)
        return tb_packet_file_ended(file, status, reader->offset, error);
    read_lengths(file, reader->data, record);
    if (record->captured > file->longest)
        return tb_packet_file_corrupt(file, reader->offset, "a packet record with an impossible length");
    if (record->original == 0 && is_blank(reader->data))
        return tb_packet_file_corrupt(file, reader->offset, "zeros where a packet record should begin");
    const size_t size = file->record_header + (size_t)record->captured;
    status = tb_reader_need(reader, size, error);
    if (status != TB_OK)
        return tb_packet_file_ended(file, status, reader->offset, error);
    if (record->original < record->captured)
        record->original = record->captured;
    record->time = (uint64_t)tb_load_u32(reader->data, file->swap) * 1000000000u +
                   (uint64_t)tb_load_u32(reader->data + 4, file->swap) * file->tick;
    record->link_type = file->link_type;
    record->interface = 0;
    record->data = reader->data + file->record_header;
    tb_reader_pass(reader, size);
    file->account->decoded += size;
    return TB_OK;
}

struct guess {
    uint32_t seconds;
    uint32_t captured;
};

/* No empty packets, so that zeros are no records. */
static bool is_plausible(const struct tb_packet_file *file, const uint8_t *header, struct guess *guess)
{
    struct tb_packet_record record;
    read_lengths(file, header, &record);
    *guess = (struct guess){.seconds = tb_load_u32(header, file->swap), .captured = record.captured};
    return record.captured != 0 && record.captured <= file->longest && record.captured <= record.original &&
           record.original <= TB_PACKET_BLOCK_MAX &&
           (uint64_t)tb_load_u32(header + 4, file->swap) * file->tick < 1000000000u;
}

static bool are_near(uint32_t one, uint32_t other)
{
    return one > other ? one - other <= NEIGHBOURS_S : other - one <= NEIGHBOURS_S;
}

/* How many headers in a row are plausible, at most TB_PACKET_CHAIN; 0 when one is not. */
static int chain_length(const struct tb_packet_file *file, struct tb_bytes bytes)
{
    struct guess first, guess;
    if (!is_plausible(file, bytes.data, &first))
        return 0;
    guess = first;
    int length = 1;
    while (length < TB_PACKET_CHAIN && bytes.left >= 2 * (size_t)file->record_header + guess.captured) {
        bytes.data += file->record_header + guess.captured;
        bytes.left -= file->record_header + guess.captured;
        if (!is_plausible(file, bytes.data, &guess) || !are_near(first.seconds, guess.seconds))
            return 0;
        length++;
    }
    return length;
}

static bool pcap_find(const struct tb_packet_file *file, struct tb_bytes bytes, uint64_t offset, size_t *place)
{
    struct tb_packet_place best = {.chain = 0};
    (void)offset;
    for (size_t at = 0; at + file->record_header <= bytes.left && best.chain < TB_PACKET_CHAIN; at++)
        tb_packet_place_try(&best, at, chain_length(file, tb_bytes_view(bytes.data + at, bytes.left - at, bytes.swap)));
    *place = best.at;
    return best.chain != 0;
}

/* The file ended inside its own header. */
static enum tb_status no_more(struct tb_packet_file *file, struct tb_packet_record *record, struct tb_error *error)
{
    (void)record;
    return tb_packet_file_ended(file, TB_END, 0, error);
}

enum tb_status tb_pcap_file_begin(struct tb_packet_file *file, struct tb_error *error)
{
    struct tb_reader *reader = &file->reader;
    if (!find_variant(file))
        return TB_END;
    const enum tb_status status = tb_reader_need(reader, FILE_HEADER_SIZE, error);
    file->next = status == TB_END ? no_more : pcap_next;
    file->find = pcap_find;
    if (status != TB_OK)
        return status == TB_END ? TB_OK : status;
    const uint16_t major = tb_load_u16(reader->data + 4, file->swap);
    const uint16_t minor = tb_load_u16(reader->data + 6, file->swap);
    if (!accept_version(file, major, minor))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: pcap version %u.%u is not known",
                            tb_source_name(reader->source), major, minor);
    file->snap_length = tb_load_u32(reader->data + 16, file->swap);
    file->link_type = tb_load_u32(reader->data + 20, file->swap) & LINK_TYPE_MASK;
    file->interface_known = true;
    file->longest = file->snap_length > PLAIN_RECORD_MAX ? file->snap_length : PLAIN_RECORD_MAX;
    if (file->longest > TB_PACKET_BLOCK_MAX)
        file->longest = TB_PACKET_BLOCK_MAX;
    if (!file->swap && file->record_header == RECORD_HEADER_SIZE && file->length_order == TB_LENGTHS_AS_WRITTEN)
        file->plain_below = file->longest + 1;
    tb_reader_pass(reader, FILE_HEADER_SIZE);
    file->account->decoded += FILE_HEADER_SIZE;
    return TB_OK;
}
