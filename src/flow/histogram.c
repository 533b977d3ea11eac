/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms with bins of constant relative width: a value's place is its highest bits and how far
 * they are from the lowest. Blocks of bins are allocated when a value falls into one. */
#include "twinbed/flow/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BITS = 64, PER_CENT = 100 };

static size_t places(uint32_t bits)
{
    return (size_t)(VALUE_BITS - bits + 2) << (bits - 1);
}

static size_t blocks_of(const struct tb_histogram *histogram)
{
    return places(histogram->bits) / TB_HISTOGRAM_BLOCK;
}

void tb_histogram_free(struct tb_histogram *histogram)
{
    for (size_t i = 0; histogram->blocks != NULL && i < blocks_of(histogram); i++)
        free(histogram->blocks[i]);
    free(histogram->blocks);
    free(histogram->few);
    *histogram = (struct tb_histogram){.bits = histogram->bits};
}

/* --- few values --- */

/* Count values at a place, which there is room for. */
static bool add_to_few(struct tb_histogram *histogram, uint32_t place, uint64_t count)
{
    if (histogram->few == NULL)
        histogram->few = malloc(TB_HISTOGRAM_FEW * sizeof *histogram->few);
    if (histogram->few == NULL)
        return false;
    size_t at = 0;
    while (at < histogram->count && histogram->few[at] <= place)
        at++;
    memmove(histogram->few + at + count, histogram->few + at, (histogram->count - at) * sizeof *histogram->few);
    for (size_t i = 0; i < count; i++)
        histogram->few[at + i] = place;
    histogram->count += count;
    return true;
}

static size_t find_few(const struct tb_histogram *histogram, size_t place)
{
    for (size_t i = 0; histogram->few != NULL && i < histogram->count; i++)
        if (histogram->few[i] >= place)
            return histogram->few[i];
    return places(histogram->bits);
}

static uint64_t count_few(const struct tb_histogram *histogram, size_t place)
{
    uint64_t count = 0;
    for (size_t i = 0; i < histogram->count; i++)
        count += histogram->few[i] == place;
    return count;
}

/* --- any values --- */

static bool add_to_block(struct tb_histogram *histogram, size_t place, uint64_t count)
{
    uint64_t **block = &histogram->blocks[place / TB_HISTOGRAM_BLOCK];
    if (*block == NULL)
        *block = calloc(TB_HISTOGRAM_BLOCK, sizeof **block);
    if (*block == NULL)
        return false;
    (*block)[place % TB_HISTOGRAM_BLOCK] += count;
    histogram->count += count;
    return true;
}

/* The few values are counted in blocks from now on. */
static bool make_blocks(struct tb_histogram *histogram)
{
    uint32_t *const few = histogram->few;
    const uint64_t count = histogram->count;
    histogram->blocks = calloc(blocks_of(histogram), sizeof histogram->blocks[0]);
    if (histogram->blocks == NULL)
        return false;
    histogram->few = NULL;
    histogram->count = 0;
    bool added = true;
    for (size_t i = 0; few != NULL && i < count; i++)
        added = add_to_block(histogram, few[i], 1) && added;
    free(few);
    return added;
}

bool tb_histogram_add_at(struct tb_histogram *histogram, size_t place, uint64_t count)
{
    if (histogram->blocks == NULL) {
        if (count <= TB_HISTOGRAM_FEW && histogram->count <= TB_HISTOGRAM_FEW - count)
            return add_to_few(histogram, (uint32_t)place, count);
        if (!make_blocks(histogram))
            return false;
    }
    return add_to_block(histogram, place, count);
}

/* The first place at or behind this one that holds values, or the number of places. */
static size_t occupied(const struct tb_histogram *histogram, size_t place)
{
    if (histogram->blocks == NULL)
        return find_few(histogram, place);
    while (place < places(histogram->bits)) {
        const uint64_t *block = histogram->blocks[place / TB_HISTOGRAM_BLOCK];
        if (block == NULL)
            place += TB_HISTOGRAM_BLOCK - place % TB_HISTOGRAM_BLOCK;
        else if (block[place % TB_HISTOGRAM_BLOCK] == 0)
            place++;
        else
            return place;
    }
    return places(histogram->bits);
}

static uint64_t count_at(const struct tb_histogram *histogram, size_t place)
{
    if (histogram->blocks == NULL)
        return count_few(histogram, place);
    return histogram->blocks[place / TB_HISTOGRAM_BLOCK][place % TB_HISTOGRAM_BLOCK];
}

bool tb_histogram_merge(struct tb_histogram *into, const struct tb_histogram *from)
{
    const size_t end = places(from->bits);
    for (size_t place = occupied(from, 0); place < end; place = occupied(from, place + 1))
        if (!tb_histogram_add_at(into, place, count_at(from, place)))
            return false;
    return true;
}

bool tb_histogram_next(const struct tb_histogram *histogram, size_t *place, struct tb_histogram_bin *bin)
{
    const size_t half = (size_t)1 << (histogram->bits - 1);
    const size_t found = occupied(histogram, *place);
    if (found == places(histogram->bits))
        return false;
    const unsigned shift = found < 2 * half ? 0 : (unsigned)(found / half - 1);
    *bin = (struct tb_histogram_bin){.low = (uint64_t)(found - shift * half) << shift,
                                     .width = (uint64_t)1 << shift,
                                     .count = count_at(histogram, found)};
    *place = found + 1;
    return true;
}

/* ceil(hundredths count / 100), without a product that could be too large. */
static uint64_t position_of(uint64_t count, unsigned hundredths)
{
    const uint64_t position = count / PER_CENT * hundredths + (count % PER_CENT * hundredths + PER_CENT - 1) / PER_CENT;
    return position == 0 ? 1 : position;
}

/* The quantiles of first, first + 1, ... last hundredths. */
static void find_quantiles(const struct tb_histogram *histogram, unsigned first, unsigned last, double *values)
{
    uint64_t before = 0;
    size_t place = 0;
    unsigned next = first;
    struct tb_histogram_bin bin;
    while (next <= last && tb_histogram_next(histogram, &place, &bin)) {
        before += bin.count;
        for (; next <= last && before >= position_of(histogram->count, next); next++)
            values[next - first] = (double)bin.low + (double)(bin.width - 1) / 2;
    }
    for (; next <= last; next++)
        values[next - first] = NAN;
}

double tb_histogram_quantile(const struct tb_histogram *histogram, unsigned hundredths)
{
    double value;
    find_quantiles(histogram, hundredths, hundredths, &value);
    return value;
}

void tb_histogram_percentiles(const struct tb_histogram *histogram, double values[TB_HISTOGRAM_PERCENTS])
{
    find_quantiles(histogram, 0, TB_HISTOGRAM_PERCENTS - 1, values);
}

/* A bin that holds some of the left values, at the first place from which on there is one: how many places behind the
 * last, and how many values. */
static void describe_bin(struct tb_archive *archive, struct tb_histogram *histogram, size_t from, size_t *last,
                         uint64_t *left)
{
    const bool reads = tb_archive_reads(archive);
    uint32_t further = reads ? 0 : (uint32_t)(occupied(histogram, from) - *last);
    uint64_t count = reads ? 0 : count_at(histogram, *last + further);
    tb_archive_u32(archive, &further);
    tb_archive_u64(archive, &count);
    tb_archive_require(archive, count > 0 && count <= *left && further < places(histogram->bits) - *last);
    if (archive->failed)
        return;
    *last += further;
    *left -= count;
    if (reads)
        archive->failed = !tb_histogram_add_at(histogram, *last, count);
}

void tb_histogram_describe(struct tb_archive *archive, struct tb_histogram *histogram)
{
    uint64_t left = histogram->count;
    size_t last = 0;
    tb_archive_u64(archive, &left);
    for (size_t from = 0; left > 0 && !archive->failed; from = last + 1)
        describe_bin(archive, histogram, from, &last, &left);
}
