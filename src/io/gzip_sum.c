/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check sum is the remainder of the bytes as a polynomial over two elements. So bytes behind multiply what is before by a power of
 * x, and add to it. The coefficient of x^0 is the highest bit. */
#include "gzip_sum.h"

enum { ONE_BIT = 31 };

static uint32_t times_x(uint32_t value)
{
    static const uint32_t polynomial = 0xedb88320;
    return (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
}

static uint32_t product(uint32_t left, uint32_t right)
{
    uint32_t result = 0;
    for (int bit = ONE_BIT; bit >= 0; bit--, right = times_x(right))
        result ^= (left >> bit & 1) != 0 ? right : 0;
    return result;
}

uint32_t tb_gzip_sum_join(uint32_t before, uint32_t behind, uint64_t size)
{
    uint32_t square = (uint32_t)1 << (ONE_BIT - 8), power = (uint32_t)1 << ONE_BIT; /* x^8; 1 */
    for (; size != 0; size >>= 1, square = product(square, square))
        if ((size & 1) != 0)
            power = product(power, square);
    return product(before, power) ^ behind;
}
