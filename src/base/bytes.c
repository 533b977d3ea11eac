/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reading of bytes, and buffers that grow. A read that does not fit takes nothing. A buffer
 * that found no memory ignores what is put afterwards and says so in the end (failed), so that
 * packing needs one check. */
#include "twinbed/base/bytes.h"

#include <stdlib.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const bool host_is_big_endian = false;
#else
static const bool host_is_big_endian = true;
#endif

struct tb_bytes tb_bytes_packed(const void *data, size_t size)
{
    return tb_bytes_view(data, size, host_is_big_endian);
}

bool tb_bytes_take(struct tb_bytes *bytes, size_t count, const uint8_t **data)
{
    if (bytes->left < count)
        return false;
    *data = bytes->data;
    bytes->data += count;
    bytes->left -= count;
    return true;
}

bool tb_bytes_skip(struct tb_bytes *bytes, size_t count)
{
    const uint8_t *ignored;
    return tb_bytes_take(bytes, count, &ignored);
}

bool tb_bytes_take_u8(struct tb_bytes *bytes, uint8_t *value)
{
    const uint8_t *data;
    if (!tb_bytes_take(bytes, 1, &data))
        return false;
    *value = *data;
    return true;
}

bool tb_bytes_take_u16(struct tb_bytes *bytes, uint16_t *value)
{
    const uint8_t *data;
    if (!tb_bytes_take(bytes, sizeof *value, &data))
        return false;
    *value = tb_load_u16(data, bytes->swap);
    return true;
}

bool tb_bytes_take_u32(struct tb_bytes *bytes, uint32_t *value)
{
    const uint8_t *data;
    if (!tb_bytes_take(bytes, sizeof *value, &data))
        return false;
    *value = tb_load_u32(data, bytes->swap);
    return true;
}

bool tb_bytes_take_u64(struct tb_bytes *bytes, uint64_t *value)
{
    const uint8_t *data;
    if (!tb_bytes_take(bytes, sizeof *value, &data))
        return false;
    *value = tb_load_u64(data, bytes->swap);
    return true;
}

bool tb_bytes_take_i64(struct tb_bytes *bytes, int64_t *value)
{
    uint64_t bits;
    if (!tb_bytes_take_u64(bytes, &bits))
        return false;
    memcpy(value, &bits, sizeof bits);
    return true;
}

bool tb_bytes_take_double(struct tb_bytes *bytes, double *value)
{
    uint64_t bits;
    if (!tb_bytes_take_u64(bytes, &bits))
        return false;
    memcpy(value, &bits, sizeof bits);
    return true;
}

bool tb_bytes_take_text(struct tb_bytes *bytes, char **text)
{
    struct tb_bytes ahead = *bytes;
    uint32_t length;
    const uint8_t *data;
    if (!tb_bytes_take_u32(&ahead, &length) || !tb_bytes_take(&ahead, length, &data))
        return false;
    char *copy = malloc((size_t)length + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, data, length);
    copy[length] = '\0';
    *text = copy;
    *bytes = ahead;
    return true;
}

void tb_buffer_free(struct tb_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct tb_buffer){0};
}

static bool reserve(struct tb_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more <= buffer->capacity - buffer->size)
        return true;
    size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
    while (capacity - buffer->size < more && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    uint8_t *data = capacity - buffer->size < more ? NULL : realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void tb_buffer_put(struct tb_buffer *buffer, const void *data, size_t size)
{
    if (size == 0 || !reserve(buffer, size))
        return;
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}

void tb_buffer_put_u8(struct tb_buffer *buffer, uint8_t value)
{
    tb_buffer_put(buffer, &value, sizeof value);
}

void tb_buffer_put_u16(struct tb_buffer *buffer, uint16_t value)
{
    value = tb_load_u16((const uint8_t *)&value, host_is_big_endian);
    tb_buffer_put(buffer, &value, sizeof value);
}

void tb_buffer_put_u32(struct tb_buffer *buffer, uint32_t value)
{
    value = tb_load_u32((const uint8_t *)&value, host_is_big_endian);
    tb_buffer_put(buffer, &value, sizeof value);
}

void tb_buffer_put_u64(struct tb_buffer *buffer, uint64_t value)
{
    value = tb_load_u64((const uint8_t *)&value, host_is_big_endian);
    tb_buffer_put(buffer, &value, sizeof value);
}

void tb_buffer_put_i64(struct tb_buffer *buffer, int64_t value)
{
    tb_buffer_put_u64(buffer, (uint64_t)value);
}

void tb_buffer_put_double(struct tb_buffer *buffer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tb_buffer_put_u64(buffer, bits);
}

void tb_buffer_put_text(struct tb_buffer *buffer, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length > UINT32_MAX) {
        buffer->failed = true;
        return;
    }
    tb_buffer_put_u32(buffer, (uint32_t)length);
    tb_buffer_put(buffer, text, length);
}

enum tb_status tb_buffer_check(const struct tb_buffer *buffer, const char *what, struct tb_error *error)
{
    return buffer->failed ? tb_error_memory(error, what) : TB_OK;
}
