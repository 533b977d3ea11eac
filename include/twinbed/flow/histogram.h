/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_HISTOGRAM_H
#define TWINBED_FLOW_HISTOGRAM_H

/* How often each value of a kind came, in bins that are the same everywhere, so
 * that histograms of parts of the values add up to that of all of them exactly.
 *
 * Bins are log-linear. Values below 2^bits have a bin each; above, every power
 * of two is cut into 2^(bits - 1) bins of one width. So a bin is at most
 * 2^-(bits - 1) of the values in it wide. A quantile is the middle of the bin
 * that holds it: exact below 2^bits, else off by half a bin at most.
 *
 * The places of the first 16 values are kept as they are (64 bytes): a scan of
 * ports makes very many histograms of few values. Beyond that, bins are counted
 * in blocks of 128 (1 kB) that are allocated when a value falls into one for the
 * first time; a table of pointers to them takes 0.5 kB for 8 bits, 3.5 kB for 11. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/archive.h"

/* Times: bins of 0.8 %. Sizes and the like: of 0.1 %, and exact below 2048. */
enum { TB_HISTOGRAM_COARSE = 8, TB_HISTOGRAM_FINE = 11, TB_HISTOGRAM_BLOCK = 128, TB_HISTOGRAM_FEW = 16 };

/* Set bits (8 to 16) and zero the rest to start. */
struct tb_histogram {
    uint64_t **blocks; /* owned; NULL while values are few */
    uint32_t *few;  /* owned; their places, ascending, count of them; NULL without values and once there are blocks */
    uint64_t count; /* of values */
    uint32_t bits;
};

/* The values from low to low + width - 1. */
struct tb_histogram_bin {
    uint64_t low;
    uint64_t width;
    uint64_t count;
};

void tb_histogram_free(struct tb_histogram *histogram);

static inline size_t tb_histogram_place(uint32_t bits, uint64_t value)
{
    if (value >> bits == 0)
        return (size_t)value;
    const unsigned shift = 64 - bits - (unsigned)__builtin_clzll(value);
    return ((size_t)shift << (bits - 1)) + (size_t)(value >> shift);
}

/* Adds values to a bin of which there is no block yet, or of any other. */
TB_MUST_USE bool tb_histogram_add_at(struct tb_histogram *histogram, size_t place, uint64_t count);

/* Adds a value to one of so many bits. False when memory is short. */
TB_MUST_USE static inline bool tb_histogram_add_with(struct tb_histogram *histogram, uint32_t bits, uint64_t value)
{
    const size_t place = tb_histogram_place(bits, value);
    uint64_t *const block = histogram->blocks == NULL ? NULL : histogram->blocks[place / TB_HISTOGRAM_BLOCK];
    if (__builtin_expect(block == NULL, 0))
        return tb_histogram_add_at(histogram, place, 1);
    block[place % TB_HISTOGRAM_BLOCK]++;
    histogram->count++;
    return true;
}

/* Adds a value. False when memory is short. */
TB_MUST_USE static inline bool tb_histogram_add(struct tb_histogram *histogram, uint64_t value)
{
    return tb_histogram_add_with(histogram, histogram->bits, value);
}

/* The same, faster, to one whose bits are TB_HISTOGRAM_COARSE or TB_HISTOGRAM_FINE. */
TB_MUST_USE static inline bool tb_histogram_add_coarse(struct tb_histogram *histogram, uint64_t value)
{
    return tb_histogram_add_with(histogram, TB_HISTOGRAM_COARSE, value);
}

TB_MUST_USE static inline bool tb_histogram_add_fine(struct tb_histogram *histogram, uint64_t value)
{
    return tb_histogram_add_with(histogram, TB_HISTOGRAM_FINE, value);
}

/* Adds another of the same bits. False when memory is short. */
TB_MUST_USE bool tb_histogram_merge(struct tb_histogram *into, const struct tb_histogram *from);

/* The next bin that holds values, upwards; *place is 0 to start. False when there is none. */
bool tb_histogram_next(const struct tb_histogram *histogram, size_t *place, struct tb_histogram_bin *bin);

/* The value at position ceil(hundredths n / 100) of the sorted ones, at least the
 * first; NaN without any. */
double tb_histogram_quantile(const struct tb_histogram *histogram, unsigned hundredths);

/* The quantiles of 0, 1, ... 100 hundredths, each as tb_histogram_quantile gives it. */
enum { TB_HISTOGRAM_PERCENTS = 101 };
void tb_histogram_percentiles(const struct tb_histogram *histogram, double values[TB_HISTOGRAM_PERCENTS]);

/* As part of what is described. One that is read has no values yet, and the bits
 * of the one that was written. */
void tb_histogram_describe(struct tb_archive *archive, struct tb_histogram *histogram);

#endif
