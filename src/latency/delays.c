/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How delays of one session spread: the 95th percentile less the median, the standard deviation,
 * and the median change from one packet to the next. None of that depends on the offset of the
 * clocks. */
#include "twinbed/latency/delays.h"

#include <math.h>
#include <stdlib.h>

static int compare_signed(const void *one, const void *other)
{
    const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static int compare_unsigned(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

static uint64_t distance(int64_t one, int64_t other)
{
    return one > other ? (uint64_t)one - (uint64_t)other : (uint64_t)other - (uint64_t)one;
}

/* Index of the value at position ceil(q n), in hundredths so that it is exact. */
static size_t position(size_t count, size_t hundredths)
{
    return (count * hundredths + 99) / 100 - 1;
}

static bool find_change(const int64_t *delays, size_t count, double *change)
{
    if (count < 2)
        return true;
    uint64_t *changes = malloc((count - 1) * sizeof *changes);
    if (changes == NULL)
        return false;
    for (size_t i = 1; i < count; i++)
        changes[i - 1] = distance(delays[i], delays[i - 1]);
    qsort(changes, count - 1, sizeof *changes, compare_unsigned);
    *change = (double)changes[position(count - 1, 50)];
    free(changes);
    return true;
}

/* From the least delay, so that a large constant costs no digits. */
static double find_deviation(const int64_t *sorted, size_t count)
{
    if (count < 2)
        return NAN;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)distance(sorted[i], sorted[0]);
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
        const double from_mean = (double)distance(sorted[i], sorted[0]) - mean;
        squares += from_mean * from_mean;
    }
    return sqrt(squares / (double)(count - 1));
}

bool tb_delay_spread_compute(int64_t *delays, size_t count, struct tb_delay_spread *spread)
{
    *spread = (struct tb_delay_spread){.count = count, .jitter = NAN, .deviation = NAN, .change = NAN};
    if (count == 0)
        return true;
    if (!find_change(delays, count, &spread->change))
        return false;
    qsort(delays, count, sizeof *delays, compare_signed);
    spread->jitter = (double)distance(delays[position(count, 95)], delays[position(count, 50)]);
    spread->deviation = find_deviation(delays, count);
    return true;
}
