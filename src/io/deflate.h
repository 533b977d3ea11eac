/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_DEFLATE_H
#define TWINBED_SRC_IO_DEFLATE_H

/* A decoder of deflate data (RFC 1951), which libraries cannot take the place of: it stops where a block ends, says at which
 * bit, and can begin there without the bytes before. Those are its window: a copy takes bytes from up to 32 KiB before.
 *
 * So its output has two widths. As bytes, when the window is known. As symbols of 16 bits when it is not: below 256 a byte,
 * else a *marker*, TB_MARKER + k for byte k of the window. Markers are copied like bytes, and replaced when the window is
 * known.
 *
 * What decides is where symbols lie, never where input or output happen to be cut. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"

enum {
    TB_WINDOW = 32 << 10,
    TB_MARKER = 0x8000,
    /* Behind the input there must be so many bytes, zero where the file ends, ... */
    TB_DEFLATE_BEHIND = 64,
    /* ... and behind the room for output room for so many more bytes or symbols. */
    TB_DEFLATE_SLACK = 512,
    /* The longest header of a block. */
    TB_DEFLATE_HEADER = 640,
};

/* Bits of the input, the lowest of each byte first. Above count, held may already have bits that are yet to be counted. */
struct tb_bits {
    const uint8_t *next; /* behind the bytes that are counted */
    uint64_t held;
    unsigned count;
};

static inline uint64_t tb_bits_word(const uint8_t *data)
{
    return tb_load_u64(data, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

/* To 56 bits or more. */
static inline void tb_bits_fill(struct tb_bits *bits)
{
    bits->held |= tb_bits_word(bits->next) << bits->count;
    bits->next += (63 - bits->count) >> 3;
    bits->count |= 56;
}

static inline void tb_bits_take(struct tb_bits *bits, unsigned count)
{
    bits->held >>= count;
    bits->count -= count;
}

/* At a bit of a byte, 0 to 7. */
void tb_bits_start(struct tb_bits *bits, const uint8_t *data, unsigned bit);

/* From the beginning of data. */
static inline uint64_t tb_bits_position(const struct tb_bits *bits, const uint8_t *data)
{
    return (uint64_t)(bits->next - data) * 8 - bits->count;
}

enum { TB_LITERAL_BITS = 11, TB_DISTANCE_BITS = 9, TB_LITERALS_LONG = 1 << 10, TB_DISTANCES_LONG = 1 << 10 };

/* The codes of a block: what the next bits stand for, and for longer codes where that is found. */
struct tb_codes {
    uint32_t literals[1 << TB_LITERAL_BITS];
    uint32_t distances[1 << TB_DISTANCE_BITS];
    uint32_t literals_long[TB_LITERALS_LONG];
    uint32_t distances_long[TB_DISTANCES_LONG];
};

enum tb_block_kind { TB_BLOCK_STORED, TB_BLOCK_CODED, TB_BLOCK_BROKEN };

/* Reads the header of a block, up to the codes or, of one that is stored, the two bits that say so. end: behind the input;
 * what lies behind it is read as zeros, so a caller sees by the position that there was not enough. */
enum tb_block_kind tb_deflate_header(struct tb_bits *bits, const uint8_t *end, struct tb_codes *codes, bool *final);

/* Room for bytes or symbols. */
struct tb_deflate_output {
    void *begin; /* of what a copy may be taken from */
    void *next;
    void *end; /* no symbol begins at or behind it */
};

enum tb_deflate_result {
    TB_DEFLATE_GOES_ON,   /* there is no more room, or no whole symbol for certain in the input */
    TB_DEFLATE_BLOCK_END, /* and it was taken */
    TB_DEFLATE_BROKEN,    /* the bits stand at what is no symbol, or a copy from before the beginning */
};

/* Symbols of a block. last: no input comes behind end, so symbols are taken up to its last bit; else to some bytes before. */
enum tb_deflate_result tb_deflate_bytes(const struct tb_codes *codes, struct tb_bits *bits, const uint8_t *end,
                                        bool last, struct tb_deflate_output *output);
/* The same with symbols of 16 bits. */
enum tb_deflate_result tb_deflate_marked(const struct tb_codes *codes, struct tb_bits *bits, const uint8_t *end,
                                         bool last, struct tb_deflate_output *output);

/* The bit in [0, limit) from the beginning of data at which a block with codes of its own may begin; limit if none. Others are
 * not looked for: too much looks like them. size: of data; TB_DEFLATE_BEHIND more bytes can be read. */
uint64_t tb_deflate_search(const uint8_t *data, size_t size, uint64_t limit, struct tb_codes *codes);

#endif
