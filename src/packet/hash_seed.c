/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes from the kernel; at boot, when there are none yet, the clock and an address have to
 * do. */
#include "hash_seed.h"

#include <sys/random.h>
#include <time.h>

uint64_t tb_hash_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        seed = (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)now.tv_sec ^ (uint64_t)(uintptr_t)&seed;
    }
    return seed == 0 ? 1 : seed;
}
