/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_OS_COMPENSATED_H
#define TWINBED_SRC_OS_COMPENSATED_H

#include <math.h>

/* A sum that carries along what rounding took from it (Neumaier). Zero it to start. */
struct compensated {
    double sum;
    double lost;
};

static inline void compensated_add(struct compensated *total, double value)
{
    const double sum = total->sum + value;
    if (fabs(total->sum) >= fabs(value))
        total->lost += (total->sum - sum) + value;
    else
        total->lost += (value - sum) + total->sum;
    total->sum = sum;
}

static inline double compensated_value(const struct compensated *total)
{
    return total->sum + total->lost;
}

#endif
