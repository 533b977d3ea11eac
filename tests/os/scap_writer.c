/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scap_writer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A piece of a file while it is built. */
struct piece {
    uint8_t bytes[8192];
    size_t size;
    bool swap;
};

static void put_bytes(struct piece *piece, const void *data, size_t size)
{
    if (piece->size + size > sizeof piece->bytes)
        abort();
    memcpy(piece->bytes + piece->size, data, size);
    piece->size += size;
}

static void put_integer(struct piece *piece, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(value >> 8 * (piece->swap ? size - 1 - i : i));
        put_bytes(piece, &byte, 1);
    }
}

static void put_text(struct piece *piece, const char *text, size_t size)
{
    put_integer(piece, size, 2);
    put_bytes(piece, text, size);
}

static void append(struct scap_writer *writer, const struct piece *piece)
{
    while (writer->capacity < writer->size + piece->size) {
        writer->capacity = writer->capacity == 0 ? 4096 : writer->capacity * 2;
        writer->data = realloc(writer->data, writer->capacity);
        if (writer->data == NULL)
            abort();
    }
    memcpy(writer->data + writer->size, piece->bytes, piece->size);
    writer->size += piece->size;
}

void scap_put_block(struct scap_writer *writer, uint32_t type, const void *body, size_t size)
{
    static const uint8_t padding[4];
    const size_t padded = (size + 3) / 4 * 4;
    struct piece block = {.swap = writer->swap};
    put_integer(&block, type, 4);
    put_integer(&block, padded + 12, 4);
    put_bytes(&block, body, size);
    put_bytes(&block, padding, padded - size);
    put_integer(&block, padded + 12, 4);
    append(writer, &block);
}

void scap_put_section(struct scap_writer *writer)
{
    struct piece body = {.swap = writer->swap};
    put_integer(&body, 0x1A2B3C4D, 4);
    put_integer(&body, 1, 2);
    put_integer(&body, writer->minor, 2);
    put_integer(&body, UINT64_MAX, 8);
    scap_put_block(writer, 0x0A0D0D0A, body.bytes, body.size);
}

/* The writer puts down little-endian files unless swap says otherwise, on any host. */
struct scap_writer scap_writer_start(uint16_t minor, bool swap)
{
    struct scap_writer writer = {.minor = minor, .swap = swap, .time = 1000000000};
    scap_put_section(&writer);
    return writer;
}

void scap_writer_free(struct scap_writer *writer)
{
    free(writer->data);
    *writer = (struct scap_writer){0};
}

void scap_put_process_version(struct scap_writer *writer, unsigned version, uint32_t type, int64_t tid, int64_t pid,
                              const char *name, const char *arguments, const char *cgroups)
{
    static const uint8_t zeros[32];
    struct piece entry = {.swap = writer->swap};
    put_integer(&entry, (uint64_t)tid, 8);
    put_integer(&entry, (uint64_t)pid, 8);
    put_integer(&entry, 1, 8);
    put_bytes(&entry, zeros, version >= 8 ? 16 : version >= 6 ? 8 : 0);
    put_text(&entry, name, strlen(name));
    put_text(&entry, "/bin/exe", 8);
    if (version >= 7)
        put_text(&entry, "/bin/exe", 8);
    put_text(&entry, arguments, strlen(arguments) + 1);
    put_text(&entry, "/", 1);
    put_bytes(&entry, zeros, 8 + 4 + 4 + 4);
    put_bytes(&entry, zeros, version >= 2 ? 12 + 16 : 0);
    if (version >= 3)
        put_text(&entry, "HOME=/", 7);
    put_bytes(&entry, zeros, version >= 4 ? 16 : 0);
    if (version >= 4)
        put_text(&entry, cgroups, strlen(cgroups) + 1);
    if (version >= 5)
        put_text(&entry, "/", 1);
    put_bytes(&entry, zeros, version >= 9 ? 5 : 0);
    struct piece body = {.swap = writer->swap};
    if (version >= 9)
        put_integer(&body, entry.size + 4, 4);
    put_bytes(&body, entry.bytes, entry.size);
    scap_put_block(writer, type, body.bytes, body.size);
}

void scap_put_process(struct scap_writer *writer, int64_t tid, int64_t pid, const char *name, const char *arguments,
                      const char *cgroups)
{
    static const struct {
        unsigned version;
        uint32_t type;
    } styles[] = {{5, 0x211}, {8, 0x214}, {9, 0x215}};
    const size_t style = writer->minor < 2 ? writer->minor : 2;
    scap_put_process_version(writer, styles[style].version, styles[style].type, tid, pid, name, arguments, cgroups);
}

void scap_put_descriptor(struct scap_writer *writer, int64_t tid, int64_t descriptor, uint8_t kind)
{
    static const uint8_t zeros[16];
    struct piece entry = {.swap = writer->swap};
    put_integer(&entry, (uint64_t)descriptor, 8);
    put_integer(&entry, 7, 8);
    put_integer(&entry, kind, 1);
    put_bytes(&entry, zeros, kind == 3 ? 13 : kind == 8 ? 16 : kind == 16 ? 4 : 0);
    if (kind != 3)
        put_text(&entry, "/name", 5);
    struct piece body = {.swap = writer->swap};
    put_integer(&body, (uint64_t)tid, 8);
    if (writer->minor >= 2)
        put_integer(&body, entry.size + 4, 4);
    put_bytes(&body, entry.bytes, entry.size);
    scap_put_block(writer, writer->minor >= 2 ? 0x218 : 0x203, body.bytes, body.size);
}

static void put_tuple(struct piece *values, int source, int destination)
{
    static const uint8_t address[4] = {127, 0, 0, 1};
    put_integer(values, 2, 1);
    put_bytes(values, address, sizeof address);
    put_integer(values, (uint64_t)source, 2);
    put_bytes(values, address, sizeof address);
    put_integer(values, (uint64_t)destination, 2);
}

static void put_address(struct piece *values, int port)
{
    static const uint8_t address[4] = {127, 0, 0, 1};
    put_integer(values, 2, 1);
    put_bytes(values, address, sizeof address);
    put_integer(values, (uint64_t)port, 2);
}

static void put_parameter(struct piece *values, char kind, va_list *arguments)
{
    const char *text;
    int first, second;
    switch (kind) {
    case 'q':
        put_integer(values, (uint64_t)va_arg(*arguments, int64_t), 8);
        break;
    case 'd':
        put_integer(values, (uint64_t)va_arg(*arguments, int), 4);
        break;
    case 'h':
        put_integer(values, (uint64_t)va_arg(*arguments, int), 2);
        break;
    case 'b':
        put_integer(values, (uint64_t)va_arg(*arguments, int), 1);
        break;
    case 's':
        text = va_arg(*arguments, const char *);
        put_bytes(values, text, strlen(text) + 1);
        break;
    case 'n':
        first = va_arg(*arguments, int);
        second = va_arg(*arguments, int);
        put_tuple(values, first, second);
        break;
    case 'a':
        first = va_arg(*arguments, int);
        put_address(values, first);
        break;
    default:
        break;
    }
}

void scap_put_event(struct scap_writer *writer, uint16_t type, int64_t tid, const char *format, ...)
{
    const bool counts = writer->minor >= 2;
    struct piece lengths = {.swap = writer->swap}, values = lengths, body = lengths;
    va_list arguments;
    va_start(arguments, format);
    for (const char *kind = format; *kind != '\0'; kind++) {
        const size_t before = values.size;
        put_parameter(&values, *kind, &arguments);
        put_integer(&lengths, values.size - before, 2);
    }
    va_end(arguments);
    put_integer(&body, 0, 2);
    if (writer->flags != 0)
        put_integer(&body, writer->flags, 4);
    put_integer(&body, writer->time, 8);
    put_integer(&body, (uint64_t)tid, 8);
    put_integer(&body, (counts ? 26 : 22) + lengths.size + values.size, 4);
    put_integer(&body, type, 2);
    if (counts)
        put_integer(&body, strlen(format), 4);
    put_bytes(&body, lengths.bytes, lengths.size);
    put_bytes(&body, values.bytes, values.size);
    const uint32_t plain = counts ? 0x216 : 0x204, flagged = counts ? 0x217 : 0x208;
    scap_put_block(writer, writer->flags != 0 ? flagged : plain, body.bytes, body.size);
    writer->time += 1000000000;
}

void scap_put_call(struct scap_writer *writer, int64_t tid, uint16_t enter, int64_t result)
{
    scap_put_event(writer, enter, tid, "");
    scap_put_event(writer, (uint16_t)(enter + 1), tid, "q", result);
}

void scap_put_generic(struct scap_writer *writer, int64_t tid, int id, int native)
{
    scap_put_event(writer, 0, tid, "hh", id, native);
    scap_put_event(writer, 1, tid, "h", id);
}

void scap_put_exec(struct scap_writer *writer, int64_t tid, int64_t pid, int64_t result, const char *name,
                   const char *arguments, const char *cgroups)
{
    scap_put_event(writer, 293, tid, "qssqqqsqqqdddssss", result, "/bin/exe", arguments, tid, pid, (int64_t)1, "/",
                   (int64_t)1024, (int64_t)0, (int64_t)0, 0, 0, 0, name, cgroups, "HOME=/", "");
}

void scap_put_clone(struct scap_writer *writer, int64_t tid, int64_t pid, int64_t parent, int64_t result,
                    const char *name, int flags)
{
    scap_put_event(writer, 223, tid, "qssqqqsqqqdddssdddqq", result, "/bin/exe", "arg", tid, pid, parent, "/",
                   (int64_t)1024, (int64_t)0, (int64_t)0, 0, 0, 0, name, "cg=/", flags, 0, 0, tid, pid);
}
