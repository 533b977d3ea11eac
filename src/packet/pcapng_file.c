/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pcapng: blocks that carry their length at both ends. Sections, interfaces,
 * their statistics and packets are read; blocks of other kinds are skipped
 * whole. */

#include "packet_file.h"
#include "twinbed/base/containers.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_OLD_PACKET = 2,
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    BLOCK_EMPTY_SIZE = 12, /* kind, length, length */
    BLOCK_HEADER_SIZE = 8,
    BLOCK_TRAILER_SIZE = 4,
    SECTION_SIZE_MIN = 28,
    INTERFACE_SIZE_MIN = 20,
    PACKET_SIZE_MIN = 32,
    SIMPLE_PACKET_SIZE_MIN = 16,
    STATISTICS_SIZE_MIN = 24,
    PACKET_TIME_END = 20,          /* of a packet block: its head up to the time */
    SECTION_SIZE_LOOKED_AT = 4096, /* of a section header, to see what follows it */
    SCAP_TYPES = 0x200,
    SCAP_TYPES_END = 0x2ff,
    SECTION_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_TIME_RESOLUTION = 9,
    OPTION_TIME_OFFSET = 14,
    OPTION_DROPS_BEFORE = 4,    /* of a packet */
    OPTION_DROPS_INTERFACE = 5, /* of statistics */
    OPTION_DROPS_SYSTEM = 7,
    OLD_DROPS_UNKNOWN = 0xffff,
    MICROSECONDS = 6
};

struct block {
    uint32_t kind;
    uint32_t length;
    uint64_t offset;
    const uint8_t *data; /* the whole block, header included */
};

/* 10^(9-n) or 10^(n-9), saturated where no time can be left. */
static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    for (unsigned i = 0; i < exponent && i < 19; i++)
        power *= 10;
    return power;
}

static uint64_t decimal_time(uint64_t ticks, unsigned digits)
{
    if (digits <= 9)
        return ticks * power_of_ten(9 - digits);
    return digits - 9 > 19 ? 0 : ticks / power_of_ten(digits - 9);
}

static uint64_t binary_time(uint64_t ticks, unsigned bits)
{
    const uint64_t seconds = bits < 64 ? ticks >> bits : 0;
    const uint64_t fraction = bits < 64 ? ticks - (seconds << bits) : ticks;
    return seconds * 1000000000u + (uint64_t)(((unsigned __int128)fraction * 1000000000u) >> bits);
}

static uint64_t packet_time(const struct tb_packet_interface *interface, uint64_t ticks)
{
    const unsigned exponent = interface->resolution & 0x7f;
    const uint64_t time = interface->resolution & 0x80 ? binary_time(ticks, exponent) : decimal_time(ticks, exponent);
    return time + (uint64_t)interface->offset_seconds * 1000000000u;
}

struct option {
    uint16_t code;
    uint16_t length;
    const uint8_t *value;
};

/* False behind the last. Options that run over the block's end are left alone: none is essential. */
static bool take_option(struct tb_bytes *options, struct option *option)
{
    return tb_bytes_take_u16(options, &option->code) && tb_bytes_take_u16(options, &option->length) &&
           option->code != OPTION_END &&
           tb_bytes_take(options, ((size_t)option->length + 3) & ~(size_t)3, &option->value);
}

static void read_interface_options(struct tb_packet_interface *interface, struct tb_bytes options)
{
    struct option option;
    while (take_option(&options, &option)) {
        if (option.code == OPTION_TIME_RESOLUTION && option.length == 1)
            interface->resolution = option.value[0];
        else if (option.code == OPTION_TIME_OFFSET && option.length == 8)
            interface->offset_seconds = (int64_t)tb_load_u64(option.value, options.swap);
    }
}

/* Adds a number of lost packets; all ones stand for one that is not known. */
static void add_drops(struct tb_packet_drops *drops, const struct option *option, bool swap)
{
    const uint64_t packets = option->length == 8 ? tb_load_u64(option->value, swap) : UINT64_MAX;
    if (packets != UINT64_MAX)
        tb_packet_drops_add(drops, packets);
}

static enum tb_status take_interface(struct tb_packet_file *file, const struct block *block, struct tb_error *error)
{
    if (block->length < INTERFACE_SIZE_MIN)
        return tb_packet_file_corrupt(file, block->offset, "an interface block that is too short");
    if (!tb_array_reserve(&file->interfaces, &file->interface_capacity, file->interface_count + 1,
                          sizeof file->interfaces[0]))
        return tb_error_memory(error, "the interfaces of a capture");
    struct tb_packet_interface *interface = &file->interfaces[file->interface_count++];
    *interface = (struct tb_packet_interface){.link_type = tb_load_u16(block->data + 8, file->swap),
                                              .snap_length = tb_load_u32(block->data + 12, file->swap),
                                              .resolution = MICROSECONDS};
    read_interface_options(interface,
                           tb_bytes_view(block->data + 16, block->length - 16 - BLOCK_TRAILER_SIZE, file->swap));
    if (!file->interface_known) {
        file->interface_known = true;
        file->link_type = interface->link_type;
        file->snap_length = interface->snap_length;
    }
    return TB_OK;
}

/* Options of a block from a place on. */
static struct tb_bytes options_of(const struct tb_packet_file *file, const struct block *block, uint32_t begin)
{
    return tb_bytes_view(block->data + begin, block->length - begin - BLOCK_TRAILER_SIZE, file->swap);
}

/* They count from the beginning of the capture, so the latest ones hold. Statistics that say nothing change nothing. */
static void take_statistics(struct tb_packet_file *file, const struct block *block)
{
    if (block->length < STATISTICS_SIZE_MIN)
        return;
    const uint32_t number = tb_load_u32(block->data + 8, file->swap);
    struct tb_bytes options = options_of(file, block, STATISTICS_SIZE_MIN - BLOCK_TRAILER_SIZE);
    struct tb_packet_drops lost = {.known = false};
    struct option option;
    while (take_option(&options, &option))
        if (option.code == OPTION_DROPS_INTERFACE || option.code == OPTION_DROPS_SYSTEM)
            add_drops(&lost, &option, file->swap);
    if (lost.known && number < file->interface_count)
        file->interfaces[number].lost = lost;
}

/* Few packets have options. */
static __attribute__((noinline)) void read_packet_options(struct tb_packet_file *file, const struct block *block,
                                                          uint32_t begin)
{
    struct tb_bytes options = options_of(file, block, begin);
    struct option option;
    while (take_option(&options, &option))
        if (option.code == OPTION_DROPS_BEFORE)
            add_drops(&file->lost_beside, &option, file->swap);
}

/* What a packet says of those lost before it. */
static void look_for_drops(struct tb_packet_file *file, const struct block *block, uint32_t captured)
{
    const uint32_t begin = PACKET_SIZE_MIN - BLOCK_TRAILER_SIZE + ((captured + 3) & ~(uint32_t)3);
    if (block->kind == BLOCK_PACKET && begin + BLOCK_TRAILER_SIZE < block->length)
        read_packet_options(file, block, begin);
    else if (block->kind == BLOCK_OLD_PACKET && tb_load_u16(block->data + 10, file->swap) != OLD_DROPS_UNKNOWN)
        tb_packet_drops_add(&file->lost_beside, tb_load_u16(block->data + 10, file->swap));
}

static uint32_t interface_of(const struct tb_packet_file *file, uint32_t kind, const uint8_t *data)
{
    return kind == BLOCK_PACKET ? tb_load_u32(data + 8, file->swap) : tb_load_u16(data + 8, file->swap);
}

static uint64_t time_of(const struct tb_packet_file *file, const struct tb_packet_interface *interface,
                        const uint8_t *data)
{
    return packet_time(interface,
                       ((uint64_t)tb_load_u32(data + 12, file->swap) << 32) | tb_load_u32(data + 16, file->swap));
}

/* Of the first packet with a time behind the block at the window's start, in this section and not too far away; else 0. */
static uint64_t time_ahead(struct tb_packet_file *file)
{
    struct tb_reader *reader = &file->reader;
    uint64_t time = 0;
    for (size_t at = 0; time == 0 && at < TB_PACKET_BLOCK_MAX;) {
        if (tb_reader_need(reader, at + PACKET_TIME_END, NULL) != TB_OK)
            return 0;
        const uint8_t *const data = reader->data + at;
        const uint32_t kind = tb_load_u32(data, file->swap), length = tb_load_u32(data + 4, file->swap);
        if (kind == BLOCK_SECTION || length < BLOCK_EMPTY_SIZE || length % 4 != 0 || length > TB_PACKET_BLOCK_MAX)
            return 0;
        const bool timed = (kind == BLOCK_PACKET || kind == BLOCK_OLD_PACKET) && length >= PACKET_SIZE_MIN &&
                           interface_of(file, kind, data) < file->interface_count;
        if (timed)
            time = time_of(file, &file->interfaces[interface_of(file, kind, data)], data);
        at += length;
    }
    return time;
}

/* Packets without a time at the beginning of a file have that of the first one with a time. Only who reads from the
 * beginning looks for it, once. */
static void seek_time(struct tb_packet_file *file)
{
    if (file->last_time != 0 || file->time_sought || file->described)
        return;
    file->time_sought = true;
    file->last_time = time_ahead(file);
}

static enum tb_status take_packet(struct tb_packet_file *file, const struct block *block,
                                  struct tb_packet_record *record)
{
    if (block->length < PACKET_SIZE_MIN)
        return tb_packet_file_corrupt(file, block->offset, "a packet block that is too short");
    const uint8_t *data = block->data;
    const uint32_t number = interface_of(file, block->kind, data);
    if (number >= file->interface_count)
        return tb_packet_file_corrupt(file, block->offset, "a packet of an interface that was not described");
    const struct tb_packet_interface *interface = &file->interfaces[number];
    record->captured = tb_load_u32(data + 20, file->swap);
    record->original = tb_load_u32(data + 24, file->swap);
    if (record->captured > block->length - PACKET_SIZE_MIN)
        return tb_packet_file_corrupt(file, block->offset, "a packet longer than its block");
    look_for_drops(file, block, record->captured);
    record->time = time_of(file, interface, data);
    record->link_type = interface->link_type;
    record->interface = number;
    record->data = data + 28;
    file->time_known = true;
    return TB_OK;
}

/* Simple packets bear no time: they take that of the packet before them, the first ones that behind them. */
static enum tb_status take_simple_packet(struct tb_packet_file *file, const struct block *block,
                                         struct tb_packet_record *record)
{
    if (block->length < SIMPLE_PACKET_SIZE_MIN)
        return tb_packet_file_corrupt(file, block->offset, "a packet block that is too short");
    if (file->interface_count == 0)
        return tb_packet_file_corrupt(file, block->offset, "a packet of an interface that was not described");
    const struct tb_packet_interface *interface = &file->interfaces[0];
    const uint32_t room = block->length - SIMPLE_PACKET_SIZE_MIN;
    record->original = tb_load_u32(block->data + 8, file->swap);
    record->captured = record->original;
    if (interface->snap_length != 0 && record->captured > interface->snap_length)
        record->captured = interface->snap_length;
    if (record->captured > room)
        return tb_packet_file_corrupt(file, block->offset, "a packet longer than its block");
    record->time = file->last_time;
    file->time_assumed = file->time_assumed || !file->time_known;
    record->link_type = interface->link_type;
    record->interface = 0;
    record->data = block->data + 12;
    return TB_OK;
}

/* The byte order of a section stands inside it, so it is looked at before the length. */
static enum tb_status find_order(struct tb_packet_file *file)
{
    const uint8_t *magic = file->reader.data + BLOCK_HEADER_SIZE;
    if (tb_load_u32(magic, false) == SECTION_MAGIC)
        file->swap = false;
    else if (tb_load_u32(magic, true) == SECTION_MAGIC)
        file->swap = true;
    else
        return tb_packet_file_corrupt(file, file->reader.offset, "a section of unknown byte order");
    return TB_OK;
}

static enum tb_status take_section(struct tb_packet_file *file, const struct block *block)
{
    if (block->length < SECTION_SIZE_MIN)
        return tb_packet_file_corrupt(file, block->offset, "a section header that is too short");
    if (tb_load_u16(block->data + 12, file->swap) != 1)
        return tb_packet_file_corrupt(file, block->offset, "a section of a pcapng version that is not known");
    tb_packet_file_add_lost(file, &file->lost_in_sections);
    file->interface_count = 0;
    return TB_OK;
}

static bool is_read(uint32_t kind)
{
    return kind == BLOCK_PACKET || kind == BLOCK_SIMPLE_PACKET || kind == BLOCK_OLD_PACKET || kind == BLOCK_INTERFACE ||
           kind == BLOCK_SECTION || kind == BLOCK_STATISTICS;
}

static bool is_packet(uint32_t kind)
{
    return kind == BLOCK_PACKET || kind == BLOCK_SIMPLE_PACKET || kind == BLOCK_OLD_PACKET;
}

/* Kind and length of the block at the window's start. */
static enum tb_status look_at_block(struct tb_packet_file *file, struct block *block, struct tb_error *error)
{
    struct tb_reader *reader = &file->reader;
    enum tb_status status = tb_reader_need(reader, BLOCK_EMPTY_SIZE, error);
    if (status != TB_OK)
        return tb_packet_file_ended(file, status, reader->offset, error);
    if (tb_load_u32(reader->data, false) == BLOCK_SECTION) {
        if (file->described)
            return TB_END;
        status = find_order(file);
        if (status != TB_OK)
            return status;
    }
    block->offset = reader->offset;
    block->kind = tb_load_u32(reader->data, file->swap);
    if ((block->kind == BLOCK_INTERFACE || block->kind == BLOCK_STATISTICS) && file->described)
        return TB_END;
    block->length = tb_load_u32(reader->data + 4, file->swap);
    if (block->length < BLOCK_EMPTY_SIZE || block->length % 4 != 0 || block->length > TB_PACKET_BLOCK_MAX)
        return tb_packet_file_corrupt(file, block->offset, "a block with an impossible length");
    return TB_OK;
}

static enum tb_status skip_block(struct tb_packet_file *file, const struct block *block, struct tb_error *error)
{
    struct tb_reader *reader = &file->reader;
    const uint64_t body = block->length - BLOCK_TRAILER_SIZE;
    if (tb_reader_skip(reader, body) != body)
        return tb_packet_file_ended(file, TB_END, block->offset, error);
    const enum tb_status status = tb_reader_need(reader, BLOCK_TRAILER_SIZE, error);
    if (status != TB_OK)
        return tb_packet_file_ended(file, status, block->offset, error);
    if (tb_load_u32(reader->data, file->swap) != block->length)
        return tb_packet_file_corrupt(file, block->offset, "a block whose two lengths differ");
    tb_reader_pass(reader, BLOCK_TRAILER_SIZE);
    file->account->skipped += block->length;
    return TB_OK;
}

static enum tb_status take_block(struct tb_packet_file *file, struct block *block, struct tb_packet_record *record,
                                 struct tb_error *error)
{
    struct tb_reader *reader = &file->reader;
    if (block->kind == BLOCK_SIMPLE_PACKET)
        seek_time(file);
    enum tb_status status = tb_reader_need(reader, block->length, error);
    if (status != TB_OK)
        return tb_packet_file_ended(file, status, block->offset, error);
    block->data = reader->data;
    if (tb_load_u32(block->data + block->length - BLOCK_TRAILER_SIZE, file->swap) != block->length)
        return tb_packet_file_corrupt(file, block->offset, "a block whose two lengths differ");
    if (block->kind == BLOCK_SECTION)
        status = take_section(file, block);
    else if (block->kind == BLOCK_INTERFACE)
        status = take_interface(file, block, error);
    else if (block->kind == BLOCK_STATISTICS)
        take_statistics(file, block);
    else if (block->kind == BLOCK_SIMPLE_PACKET)
        status = take_simple_packet(file, block, record);
    else
        status = take_packet(file, block, record);
    if (status != TB_OK)
        return status;
    tb_reader_pass(reader, block->length);
    file->account->decoded += block->length;
    return TB_OK;
}

static enum tb_status pcapng_next(struct tb_packet_file *file, struct tb_packet_record *record, struct tb_error *error)
{
    for (;;) {
        struct block block = {0};
        enum tb_status status = look_at_block(file, &block, error);
        if (status == TB_OK)
            status = is_read(block.kind) ? take_block(file, &block, record, error) : skip_block(file, &block, error);
        if (status != TB_OK)
            return status;
        if (is_packet(block.kind))
            break;
        if (file->reader.offset >= file->end)
            return TB_END;
    }
    if (record->original < record->captured)
        record->original = record->captured;
    file->last_time = record->time;
    return TB_OK;
}

/* A block whose two lengths agree, or whose second one is not in the bytes. */
static bool is_block(struct tb_bytes bytes, uint32_t *length)
{
    *length = tb_load_u32(bytes.data + 4, bytes.swap);
    if (*length < BLOCK_EMPTY_SIZE || *length % 4 != 0 || *length > TB_PACKET_BLOCK_MAX)
        return false;
    return *length > bytes.left || tb_load_u32(bytes.data + *length - BLOCK_TRAILER_SIZE, bytes.swap) == *length;
}

/* How many blocks in a row are such, at most TB_PACKET_CHAIN; 0 when one is not. */
static int chain_length(struct tb_bytes bytes)
{
    uint32_t size;
    int length = 0;
    while (length < TB_PACKET_CHAIN && bytes.left >= BLOCK_HEADER_SIZE) {
        if (!is_block(bytes, &size))
            return 0;
        if (size > bytes.left)
            return length == 0 ? 1 : length;
        bytes.data += size;
        bytes.left -= size;
        length++;
    }
    return length;
}

/* Lengths are multiples of four, so blocks begin at such. */
static bool pcapng_find(const struct tb_packet_file *file, struct tb_bytes bytes, uint64_t offset, size_t *place)
{
    struct tb_packet_place best = {.chain = 0};
    (void)file;
    for (size_t at = (size_t)(-offset & 3); at + BLOCK_EMPTY_SIZE <= bytes.left && best.chain < TB_PACKET_CHAIN;
         at += 4)
        tb_packet_place_try(&best, at, chain_length(tb_bytes_view(bytes.data + at, bytes.left - at, bytes.swap)));
    *place = best.at;
    return best.chain != 0;
}

/* Traces of system calls (scap) have the same section header, then blocks of types that pcapng does not have. */
static bool is_call_trace(struct tb_reader *reader)
{
    if (tb_reader_need(reader, SECTION_SIZE_MIN, NULL) != TB_OK)
        return false;
    const bool swap = tb_load_u32(reader->data + BLOCK_HEADER_SIZE, false) != SECTION_MAGIC;
    const uint32_t length = tb_load_u32(reader->data + 4, swap);
    if (length > SECTION_SIZE_LOOKED_AT || tb_reader_need(reader, length + sizeof(uint32_t), NULL) != TB_OK)
        return false;
    const uint32_t next = tb_load_u32(reader->data + length, swap);
    return next > SCAP_TYPES && next <= SCAP_TYPES_END;
}

enum tb_status tb_pcapng_file_begin(struct tb_packet_file *file, struct tb_error *error)
{
    if (tb_load_u32(file->reader.data, false) != BLOCK_SECTION)
        return TB_END;
    if (is_call_trace(&file->reader))
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a trace of system calls (scap), not a packet capture",
                            tb_source_name(file->reader.source));
    file->format = "pcapng";
    file->next = pcapng_next;
    file->find = pcapng_find;
    return TB_OK;
}
