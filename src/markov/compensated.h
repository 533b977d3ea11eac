/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_MARKOV_COMPENSATED_H
#define TWINBED_SRC_MARKOV_COMPENSATED_H

/* sum is the plain sum, lost what rounding took from it so far. */
struct compensated {
    double sum;
    double lost;
};

/* Adds a finite value. Knuth's form: what rounding took is exact, and no branch waits for the
 * larger of the two. An infinite value makes the sum NaN. */
static inline void compensated_add(struct compensated *total, double value)
{
    const double sum = total->sum + value;
    const double added = sum - total->sum;
    total->lost += (total->sum - (sum - added)) + (value - added);
    total->sum = sum;
}

/* The sum as it is now; more may be added. */
static inline double compensated_value(const struct compensated *total)
{
    return total->sum + total->lost;
}

/* Two such sums at once, each with the same bits as alone. */
typedef double two_doubles __attribute__((vector_size(2 * sizeof(double))));

/* Two such sums at once, each with the same bits as alone: one instruction adds to both. */
struct compensated_pair {
    two_doubles sum;
    two_doubles lost;
};

/* Adds one finite value to each. */
static inline void compensated_pair_add(struct compensated_pair *total, double first, double second)
{
    const two_doubles value = {first, second};
    const two_doubles sum = total->sum + value;
    const two_doubles added = sum - total->sum;
    total->lost += (total->sum - (sum - added)) + (value - added);
    total->sum = sum;
}

/* The first (0) or second (1) sum as it is now. */
static inline double compensated_pair_value(const struct compensated_pair *total, int which)
{
    return total->sum[which] + total->lost[which];
}

#endif
