/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_BYTES_H
#define TWINBED_BASE_BYTES_H

/* Bounded reading and growing writing of bytes.
 *
 * A tb_bytes is a view: it borrows memory and never reads past its end. A take
 * that does not fit returns false and leaves the view and the output as they
 * were. The view's byte order is that of the file: swap is true when integers
 * must be turned around to be host integers.
 *
 * A tb_buffer owns memory and grows; integers are written little-endian,
 * whatever the host, so that what one machine packs another can unpack. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "twinbed/base/status.h"

struct tb_bytes {
    const uint8_t *data; /* next unread byte; borrowed */
    size_t left;         /* bytes that may still be read */
    bool swap;           /* integers are in the other byte order */
};

static inline struct tb_bytes tb_bytes_view(const void *data, size_t size, bool swap)
{
    return (struct tb_bytes){.data = data, .left = size, .swap = swap};
}

/* A view of bytes written by tb_buffer_*: little-endian. */
struct tb_bytes tb_bytes_packed(const void *data, size_t size);

/* Unaligned loads in host order; the caller has checked the length. */
static inline uint16_t tb_load_u16(const uint8_t *data, bool swap)
{
    uint16_t value;
    memcpy(&value, data, sizeof value);
    return swap ? __builtin_bswap16(value) : value;
}

static inline uint32_t tb_load_u32(const uint8_t *data, bool swap)
{
    uint32_t value;
    memcpy(&value, data, sizeof value);
    return swap ? __builtin_bswap32(value) : value;
}

static inline uint64_t tb_load_u64(const uint8_t *data, bool swap)
{
    uint64_t value;
    memcpy(&value, data, sizeof value);
    return swap ? __builtin_bswap64(value) : value;
}

/* Loads of network (big-endian) integers. */
static inline uint16_t tb_load_be16(const uint8_t *data)
{
    return (uint16_t)((data[0] << 8) | data[1]);
}

static inline uint32_t tb_load_be32(const uint8_t *data)
{
    return ((uint32_t)data[0] << 24) | ((uint32_t)data[1] << 16) | ((uint32_t)data[2] << 8) | data[3];
}

static inline uint64_t tb_load_be64(const uint8_t *data)
{
    return ((uint64_t)tb_load_be32(data) << 32) | tb_load_be32(data + 4);
}

TB_MUST_USE bool tb_bytes_skip(struct tb_bytes *bytes, size_t count);
TB_MUST_USE bool tb_bytes_take_u8(struct tb_bytes *bytes, uint8_t *value);
TB_MUST_USE bool tb_bytes_take_u16(struct tb_bytes *bytes, uint16_t *value);
TB_MUST_USE bool tb_bytes_take_u32(struct tb_bytes *bytes, uint32_t *value);
TB_MUST_USE bool tb_bytes_take_u64(struct tb_bytes *bytes, uint64_t *value);
TB_MUST_USE bool tb_bytes_take_i64(struct tb_bytes *bytes, int64_t *value);
TB_MUST_USE bool tb_bytes_take_double(struct tb_bytes *bytes, double *value);
/* Gives a borrowed pointer to count bytes. */
TB_MUST_USE bool tb_bytes_take(struct tb_bytes *bytes, size_t count, const uint8_t **data);
/* Reads what tb_buffer_put_text wrote: *text is allocated, NUL-ended, the
 * caller's to free. False also when memory is short. */
TB_MUST_USE bool tb_bytes_take_text(struct tb_bytes *bytes, char **text);

struct tb_buffer {
    uint8_t *data; /* owned */
    size_t size;
    size_t capacity;
    bool failed; /* an append ran out of memory; later appends do nothing */
};

/* Start from a zeroed tb_buffer; free releases and zeroes it. Appends do not
 * return a status: check failed once, at the end (tb_buffer_check). */
void tb_buffer_free(struct tb_buffer *buffer);
void tb_buffer_put(struct tb_buffer *buffer, const void *data, size_t size);
void tb_buffer_put_u8(struct tb_buffer *buffer, uint8_t value);
void tb_buffer_put_u16(struct tb_buffer *buffer, uint16_t value);
void tb_buffer_put_u32(struct tb_buffer *buffer, uint32_t value);
void tb_buffer_put_u64(struct tb_buffer *buffer, uint64_t value);
void tb_buffer_put_i64(struct tb_buffer *buffer, int64_t value);
void tb_buffer_put_double(struct tb_buffer *buffer, double value);
/* u32 length and the bytes without the NUL; NULL is written as empty. */
void tb_buffer_put_text(struct tb_buffer *buffer, const char *text);
TB_MUST_USE enum tb_status tb_buffer_check(const struct tb_buffer *buffer, const char *what, struct tb_error *error);

#endif
