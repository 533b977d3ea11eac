/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_OUTPUT_H
#define TWINBED_BENCH_OUTPUT_H

/* A file written from front to back through one large buffer. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { OUTPUT_BUFFER = 4 << 20, OUTPUT_RECORD_MAX = 64 << 10 };

struct output {
    uint8_t *buffer; /* owned */
    size_t used;
    uint64_t bytes; /* flushed so far */
    int file;
    int failure; /* errno of the first failure; 0 while all is well */
};

bool output_open(struct output *output, const char *path);
void output_flush(struct output *output);
/* False, with failure set, when not everything could be written. */
bool output_close(struct output *output);

/* Room for one record of OUTPUT_RECORD_MAX bytes; output_advance says how many were written there. */
static inline uint8_t *output_room(struct output *output)
{
    if (output->used + OUTPUT_RECORD_MAX > OUTPUT_BUFFER)
        output_flush(output);
    return output->buffer + output->used;
}

static inline void output_advance(struct output *output, size_t count)
{
    output->used += count;
}

/* Each puts a value in the machine's byte order and returns the place behind it. */
static inline uint8_t *put_bytes(uint8_t *to, const void *data, size_t size)
{
    memcpy(to, data, size);
    return to + size;
}

static inline uint8_t *put_u16(uint8_t *to, uint16_t value)
{
    return put_bytes(to, &value, sizeof value);
}

static inline uint8_t *put_u32(uint8_t *to, uint32_t value)
{
    return put_bytes(to, &value, sizeof value);
}

static inline uint8_t *put_u64(uint8_t *to, uint64_t value)
{
    return put_bytes(to, &value, sizeof value);
}

static inline uint8_t *put_be16(uint8_t *to, uint16_t value)
{
    return put_u16(to, __builtin_bswap16(value));
}

static inline uint8_t *put_be32(uint8_t *to, uint32_t value)
{
    return put_u32(to, __builtin_bswap32(value));
}

#endif
