/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>

#include "gsl_errors.h"
#include "order.h"
#include "twinbed/stats/robust.h"

/* Up to here the counts of arrangements fit an integer of 64 bits: at most 30 of 60. */
enum { EXACT_PAIRS = 900 };

/* One over the probability left on each side. */
static const double TAIL_INVERSE = 40;

/* Arrangements of n and m values by their U, 0 .. top: the coefficients of the
 * Gaussian binomial, one factor (1 - q^(m+i)) / (1 - q^i) after another. */
static void count_arrangements(size_t n, size_t m, size_t top, int64_t *counts)
{
    for (size_t u = 0; u <= top; u++)
        counts[u] = u == 0;
    for (size_t i = 1; i <= n; i++) {
        for (size_t u = top; u >= m + i; u--)
            counts[u] -= counts[u - m - i];
        for (size_t u = i; u <= top; u++)
            counts[u] += counts[u - i];
    }
}

static double choose(size_t n, size_t m)
{
    double ways = 1;
    for (size_t i = 1; i <= n; i++)
        ways = ways * (double)(m + i) / (double)i;
    return ways;
}

static size_t exact_place(size_t n, size_t m, double *confidence)
{
    int64_t counts[EXACT_PAIRS / 2 + 1];
    const size_t top = n * m / 2;
    count_arrangements(n, m, top, counts);
    const double all = choose(n, m);
    double below = 0;
    for (size_t u = 0; u <= top; u++) {
        if ((below + (double)counts[u]) * TAIL_INVERSE > all) {
            *confidence = u == 0 ? NAN : 1 - 2 * below / all;
            return u;
        }
        below += (double)counts[u];
    }
    *confidence = NAN;
    return 0;
}

static size_t approximate_place(size_t n, size_t m, double *confidence)
{
    const double pairs = (double)n * (double)m;
    const double deviation = sqrt(pairs * (double)(n + m + 1) / 12);
    const double last = floor(pairs / 2 - 0.5 - gsl_cdf_ugaussian_Pinv(1 - 1 / TAIL_INVERSE) * deviation);
    *confidence = NAN;
    if (!(last >= 0))
        return 0;
    *confidence = 1 - 2 * gsl_cdf_ugaussian_P((last + 0.5 - pairs / 2) / deviation);
    return (size_t)last + 1;
}

size_t tb_shift_place(size_t n, size_t m, double *confidence)
{
    *confidence = NAN;
    if (n == 0 || m == 0)
        return 0;
    return m <= EXACT_PAIRS / n ? exact_place(n, m, confidence) : approximate_place(n, m, confidence);
}

/* Values without NaN, in order. */
struct ordered {
    double *values;
    size_t count;
};

static struct ordered put_in_order(const double *values, size_t count, double *room)
{
    struct ordered ordered = {.values = room};
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            room[ordered.count++] = values[i];
    gsl_sort(room, 1, ordered.count);
    return ordered;
}

static bool is_finite(const struct ordered *ordered)
{
    return isfinite(ordered->values[0]) && isfinite(ordered->values[ordered->count - 1]);
}

static double middle(double lower, double upper)
{
    return lower == upper ? lower : lower / 2 + upper / 2;
}

static double median_of(const struct ordered *ordered)
{
    return middle(ordered->values[(ordered->count - 1) / 2], ordered->values[ordered->count / 2]);
}

/* Pairs whose difference is at most limit. */
static size_t pairs_up_to(const struct ordered *cell, const struct ordered *reference, double limit)
{
    size_t pairs = 0;
    size_t first = 0;
    for (size_t i = 0; i < cell->count; i++) {
        while (first < reference->count && cell->values[i] - reference->values[first] > limit)
            first++;
        pairs += reference->count - first;
    }
    return pairs;
}

/* The difference with place others before it. */
static double select_difference(const struct ordered *cell, const struct ordered *reference, size_t place)
{
    uint64_t low = order_of(cell->values[0] - reference->values[reference->count - 1]);
    uint64_t high = order_of(cell->values[cell->count - 1] - reference->values[0]);
    while (low < high) {
        const uint64_t half = low + (high - low) / 2;
        if (pairs_up_to(cell, reference, value_of(half)) > place)
            high = half;
        else
            low = half + 1;
    }
    return value_of(low) + 0.0; /* no negative zero */
}

void tb_shift_compute(const double *cell, size_t cell_count, const double *reference, size_t reference_count,
                      enum tb_scale scale, double *scratch, struct tb_shift *shift)
{
    *shift = (struct tb_shift){NAN, NAN, NAN, {NAN, NAN}, NAN};
    const struct ordered left = put_in_order(cell, cell_count, scratch);
    const struct ordered right = put_in_order(reference, reference_count, scratch + cell_count);
    if (left.count == 0 || right.count == 0 || !is_finite(&left) || !is_finite(&right))
        return;
    const double median = median_of(&left);
    const double other = median_of(&right);
    shift->median_difference = median - other;
    shift->median_ratio = scale == TB_SCALE_RATIO && other != 0 ? median / other : NAN;
    const size_t pairs = left.count * right.count;
    shift->estimate =
        middle(select_difference(&left, &right, (pairs - 1) / 2), select_difference(&left, &right, pairs / 2));
    const size_t place = tb_shift_place(left.count, right.count, &shift->confidence);
    if (place == 0)
        return;
    shift->interval.low = select_difference(&left, &right, place - 1);
    shift->interval.high = select_difference(&left, &right, pairs - place);
}
