/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Describing a structure for both directions: each function writes its value, or reads it, by what
 * the archive is. When reading, failed stays set from the first wrong byte on, and what was not
 * read keeps what it had. */
#include "twinbed/base/archive.h"

#include <stdlib.h>

struct tb_archive tb_archive_writer(struct tb_buffer *buffer)
{
    return (struct tb_archive){.out = buffer};
}

struct tb_archive tb_archive_reader(const struct tb_bytes *bytes)
{
    return (struct tb_archive){.in = *bytes};
}

bool tb_archive_end(const struct tb_archive *archive, struct tb_bytes *bytes)
{
    if (!archive->failed)
        *bytes = archive->in;
    return !archive->failed;
}

/* --- numbers --- */

void tb_archive_u8(struct tb_archive *archive, uint8_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_u8(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_u8(&archive->in, value);
}

void tb_archive_u16(struct tb_archive *archive, uint16_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_u16(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_u16(&archive->in, value);
}

void tb_archive_u32(struct tb_archive *archive, uint32_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_u32(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_u32(&archive->in, value);
}

void tb_archive_u64(struct tb_archive *archive, uint64_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_u64(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_u64(&archive->in, value);
}

void tb_archive_i64(struct tb_archive *archive, int64_t *value)
{
    if (archive->out != NULL)
        tb_buffer_put_i64(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_i64(&archive->in, value);
}

void tb_archive_f64(struct tb_archive *archive, double *value)
{
    if (archive->out != NULL)
        tb_buffer_put_double(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !tb_bytes_take_double(&archive->in, value);
}

void tb_archive_enum(struct tb_archive *archive, unsigned *value, unsigned limit)
{
    uint8_t code = (uint8_t)*value;
    tb_archive_u8(archive, &code);
    tb_archive_require(archive, code < limit);
    if (tb_archive_reads(archive) && !archive->failed)
        *value = code;
}

void tb_archive_bool(struct tb_archive *archive, bool *value)
{
    tb_archive_flag_list(archive, &value, 1);
}

void tb_archive_flag_list(struct tb_archive *archive, bool *const *flags, size_t count)
{
    uint8_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits |= (uint8_t)(*flags[i] << i);
    tb_archive_u8(archive, &bits);
    tb_archive_require(archive, bits >> count == 0);
    for (size_t i = 0; i < count && tb_archive_reads(archive) && !archive->failed; i++)
        *flags[i] = (bits >> i & 1) != 0;
}

void tb_archive_size(struct tb_archive *archive, size_t *value)
{
    uint64_t wide = *value == SIZE_MAX ? UINT64_MAX : *value;
    tb_archive_u64(archive, &wide);
    tb_archive_require(archive, wide == UINT64_MAX || wide < SIZE_MAX);
    if (tb_archive_reads(archive) && !archive->failed)
        *value = wide == UINT64_MAX ? SIZE_MAX : (size_t)wide;
}

enum { SEVEN_BITS = 0x7f, MORE = 0x80, SHIFT_MAX = 63, LEB128_MOST = 10 };

static void put_leb128(struct tb_buffer *buffer, uint64_t value)
{
    uint8_t bytes[LEB128_MOST];
    size_t count = 0;
    for (; value > SEVEN_BITS; value >>= 7)
        bytes[count++] = (uint8_t)(value | MORE);
    bytes[count++] = (uint8_t)value;
    tb_buffer_put(buffer, bytes, count);
}

static bool take_leb128(struct tb_bytes *bytes, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift <= SHIFT_MAX; shift += 7) {
        uint8_t byte;
        if (!tb_bytes_take_u8(bytes, &byte) || (shift == SHIFT_MAX && byte > 1))
            return false;
        sum |= (uint64_t)(byte & SEVEN_BITS) << shift;
        if ((byte & MORE) != 0)
            continue;
        *value = sum;
        return true;
    }
    return false;
}

void tb_archive_long_leb128(struct tb_archive *archive, uint64_t *value)
{
    if (archive->out != NULL)
        put_leb128(archive->out, *value);
    else if (!archive->failed)
        archive->failed = !take_leb128(&archive->in, value);
}

void tb_archive_u64_list(struct tb_archive *archive, uint64_t *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tb_archive_u64(archive, values[i]);
}

void tb_archive_f64_list(struct tb_archive *archive, double *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tb_archive_f64(archive, values[i]);
}

void tb_archive_leb128_list(struct tb_archive *archive, uint64_t *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tb_archive_leb128(archive, values[i]);
}

/* --- bytes and texts --- */

void tb_archive_bytes(struct tb_archive *archive, void *data, size_t size)
{
    const uint8_t *taken;
    if (archive->out != NULL) {
        tb_buffer_put(archive->out, data, size);
        return;
    }
    archive->failed = archive->failed || !tb_bytes_take(&archive->in, size, &taken);
    if (!archive->failed && size > 0)
        memcpy(data, taken, size);
}

/* The bytes of a text of length, borrowed; NULL when there is none. */
static const char *take_characters(struct tb_archive *archive, size_t length)
{
    const uint8_t *taken;
    archive->failed =
        archive->failed || !tb_bytes_take(&archive->in, length, &taken) || memchr(taken, '\0', length) != NULL;
    return archive->failed ? NULL : (const char *)taken;
}

void tb_archive_text(struct tb_archive *archive, char **text)
{
    uint32_t length = 0;
    if (archive->out != NULL) {
        tb_buffer_put_text(archive->out, *text);
        return;
    }
    tb_archive_u32(archive, &length);
    const char *const characters = take_characters(archive, length);
    char *const copy = characters == NULL ? NULL : strndup(characters, length);
    tb_archive_require(archive, copy != NULL);
    if (copy != NULL)
        *text = copy;
}

static void describe_characters(struct tb_archive *archive, char *field, size_t size, size_t length)
{
    if (archive->out != NULL) {
        tb_buffer_put(archive->out, field, length);
        return;
    }
    tb_archive_require(archive, length < size);
    const char *const characters = take_characters(archive, length);
    if (characters == NULL)
        return;
    memcpy(field, characters, length);
    field[length] = '\0';
}

void tb_archive_text_field(struct tb_archive *archive, char *field, size_t size)
{
    uint32_t length = tb_archive_reads(archive) ? 0 : (uint32_t)strnlen(field, size - 1);
    tb_archive_u32(archive, &length);
    describe_characters(archive, field, size, length);
}

void tb_archive_short_text(struct tb_archive *archive, char *field, size_t size)
{
    uint8_t length = tb_archive_reads(archive) ? 0 : (uint8_t)strnlen(field, size - 1);
    tb_archive_u8(archive, &length);
    describe_characters(archive, field, size, length);
}

/* --- arrays --- */

void tb_archive_items(struct tb_archive *archive, void *items, size_t count, size_t item_size)
{
    if (!tb_archive_reads(archive) || archive->failed)
        return;
    void *const made = calloc(count == 0 ? 1 : count, item_size);
    archive->failed = made == NULL;
    if (made != NULL)
        memcpy(items, &made, sizeof made);
}

void tb_archive_count(struct tb_archive *archive, size_t *count, size_t packed_least)
{
    uint64_t wanted = *count;
    tb_archive_u64(archive, &wanted);
    tb_archive_require(archive, wanted <= archive->in.left / packed_least);
    if (tb_archive_reads(archive) && !archive->failed)
        *count = (size_t)wanted;
}

void tb_archive_array(struct tb_archive *archive, void *items, size_t *count, size_t item_size, size_t packed_least)
{
    size_t wanted = *count;
    tb_archive_count(archive, &wanted, packed_least);
    tb_archive_items(archive, items, wanted, item_size);
    if (tb_archive_reads(archive) && !archive->failed)
        *count = wanted;
}
