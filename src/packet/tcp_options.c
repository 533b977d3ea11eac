/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options one behind the other; the usual set of a SYN is compared as a whole before. */
#include "tcp_options.h"

enum {
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8
};

enum { FIXED_SIZE = 20, SCALE_MAX = 14, BLOCK_SIZE = 8 };

static bool is_after(uint32_t one, uint32_t other)
{
    return (int32_t)(one - other) > 0;
}

/* The first block ends at or below the acknowledgement, or overlaps the second. */
static bool tells_of_duplicate(const uint8_t *blocks, unsigned count, uint32_t acknowledgement)
{
    const uint32_t left = tb_load_be32(blocks), right = tb_load_be32(blocks + 4);
    if (!is_after(right, acknowledgement))
        return true;
    if (count < 2)
        return false;
    const uint32_t next_left = tb_load_be32(blocks + BLOCK_SIZE), next_right = tb_load_be32(blocks + BLOCK_SIZE + 4);
    return is_after(next_right, left) && is_after(right, next_left);
}

static void read_sack(const uint8_t *header, const uint8_t *option, unsigned length, struct tb_tcp_options *options)
{
    options->sack_blocks = (uint8_t)((length - 2) / BLOCK_SIZE);
    if (options->sack_blocks != 0)
        options->duplicate_sack = tells_of_duplicate(option + 2, options->sack_blocks, tb_load_be32(header + 8));
}

static void read_option(const uint8_t *header, const uint8_t *option, unsigned length, struct tb_tcp_options *options,
                        uint32_t *stamp)
{
    switch (option[0]) {
    case OPTION_MSS:
        if (length == 4)
            options->mss = tb_load_be16(option + 2);
        break;
    case OPTION_SCALE:
        if (length == 3) {
            options->scale = option[2] < SCALE_MAX ? option[2] : SCALE_MAX;
            options->scaled = true;
        }
        break;
    case OPTION_SACK_PERMITTED:
        options->sack_permitted = true;
        break;
    case OPTION_SACK:
        read_sack(header, option, length, options);
        break;
    case OPTION_TIMESTAMPS:
        options->timestamps = length == 10;
        *stamp = length == 10 ? tb_load_be32(option + 2) : 0;
        break;
    default:
        break;
    }
}

/* MSS, SACK permitted, time stamps, nothing, scale: so most systems write them in a SYN. */
enum { FAST_SIZE = 20 };

static bool read_fast(const uint8_t *option, struct tb_tcp_options *options, uint32_t *stamp)
{
    const uint64_t first = tb_load_be64(option);
    const uint32_t last = tb_load_be32(option + 16), scale = last & 0xff;
    if ((first & UINT64_C(0xffff0000ffffffff)) != UINT64_C(0x020400000402080a) || last >> 8 != 0x010303)
        return false;
    *options = (struct tb_tcp_options){.mss = (first >> 32) & 0xffff,
                                       .scale = (uint8_t)(scale < SCALE_MAX ? scale : SCALE_MAX),
                                       .scaled = true,
                                       .timestamps = true,
                                       .sack_permitted = true};
    *stamp = tb_load_be32(option + 8);
    return true;
}

void tb_tcp_options_parse(const uint8_t *header, uint32_t size, struct tb_tcp_options *options, uint32_t *stamp)
{
    uint32_t at = FIXED_SIZE;
    *stamp = 0;
    if (size == FIXED_SIZE + FAST_SIZE && read_fast(header + at, options, stamp))
        return;
    while (at < size && header[at] != OPTION_END) {
        if (header[at] == OPTION_NOTHING) {
            at++;
            continue;
        }
        if (at + 1 >= size)
            return;
        const unsigned length = header[at + 1];
        if (length < 2 || length > size - at)
            return;
        read_option(header, header + at, length, options, stamp);
        at += length;
    }
}
