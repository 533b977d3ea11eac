/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_RANDOM_H
#define TWINBED_BENCH_RANDOM_H

/* Numbers that follow from a seed alone (splitmix64), so that a file can be made again anywhere. */

#include <stdint.h>

struct random {
    uint64_t state; /* begins as the seed */
};

static inline uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

/* 0 .. count - 1; count below 2^32. */
static inline uint32_t random_below(struct random *random, uint32_t count)
{
    return (uint32_t)(((random_next(random) >> 32) * count) >> 32);
}

#endif
