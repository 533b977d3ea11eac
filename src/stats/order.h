/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_STATS_ORDER_H
#define TWINBED_SRC_STATS_ORDER_H

/* Doubles as integers of the same order, so that a rank can be found by halving
 * the range of values instead of sorting. */

#include <stdint.h>
#include <string.h>

static inline uint64_t order_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double value_of(uint64_t order)
{
    const uint64_t bits = order >> 63 ? order & ~(UINT64_C(1) << 63) : ~order;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
