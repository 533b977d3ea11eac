/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/stats/summary.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_version.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "gsl_errors.h"
#include "order.h"

/* The published intervals use the normal quantile, whatever n is. */
static const double NORMAL_QUANTILE = 1.96;

/* Neumaier's sum: the part that rounding loses is carried along. */
struct sum {
    double total;
    double lost;
};

static void add(struct sum *sum, double value)
{
    const double total = sum->total + value;
    if (fabs(sum->total) >= fabs(value))
        sum->lost += (sum->total - total) + value;
    else
        sum->lost += (value - total) + sum->total;
    sum->total = total;
}

static double result(const struct sum *sum)
{
    /* What is lost to an infinite total is not a number. */
    return isfinite(sum->total) ? sum->total + sum->lost : sum->total;
}

static double mean_of(const double *values, size_t count, size_t n)
{
    struct sum sum = {0};
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            add(&sum, values[i]);
    return result(&sum) / (double)n;
}

static double deviation_of(const double *values, size_t count, size_t n, double mean)
{
    struct sum squares = {0};
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            add(&squares, (values[i] - mean) * (values[i] - mean));
    return sqrt(result(&squares) / (double)(n - 1));
}

/* The value with rank others before it, found by halving the range of doubles:
 * at most 64 passes, and neither a copy of the values nor an order of them. */
static double select_rank(const double *values, size_t count, size_t rank)
{
    uint64_t low = 0;
    uint64_t high = UINT64_MAX;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        size_t below = 0;
        for (size_t i = 0; i < count; i++)
            below += !isnan(values[i]) && order_of(values[i]) <= middle;
        if (below > rank)
            high = middle;
        else
            low = middle + 1;
    }
    return value_of(low);
}

static double median_of(const double *values, size_t count, size_t n)
{
    const double upper = select_rank(values, count, n / 2);
    if (n % 2 != 0)
        return upper;
    const double lower = select_rank(values, count, n / 2 - 1);
    return lower == upper ? lower : lower / 2 + upper / 2;
}

static void find_limits(const double *values, size_t count, struct tb_summary *summary)
{
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            continue;
        if (summary->n == 0 || values[i] < summary->minimum)
            summary->minimum = values[i];
        if (summary->n == 0 || values[i] > summary->maximum)
            summary->maximum = values[i];
        summary->n++;
    }
}

static struct tb_interval around(double mean, double half)
{
    return (struct tb_interval){.low = mean - half, .high = mean + half};
}

void tb_summary_compute(const double *values, size_t count, struct tb_summary *summary)
{
    const struct tb_interval unknown = {NAN, NAN};
    *summary = (struct tb_summary){
        .mean = NAN, .deviation = NAN, .minimum = NAN, .maximum = NAN, .median = NAN, .normal = unknown, .t = unknown};
    find_limits(values, count, summary);
    const size_t n = summary->n;
    if (n == 0)
        return;
    /* Equal values have exactly this mean and no deviation, whatever rounding would make of it. */
    const bool constant = summary->minimum == summary->maximum;
    summary->mean = constant ? summary->minimum : mean_of(values, count, n);
    summary->median = median_of(values, count, n);
    if (n < 2)
        return;
    summary->deviation = constant ? 0.0 : deviation_of(values, count, n, summary->mean);
    const double error = summary->deviation / sqrt((double)n);
    summary->normal = around(summary->mean, NORMAL_QUANTILE * error);
    summary->t = around(summary->mean, gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * error);
}

void tb_stats_libraries(char *text, size_t size)
{
    snprintf(text, size, "GSL %s", gsl_version);
}
