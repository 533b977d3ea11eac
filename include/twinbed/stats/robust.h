/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_ROBUST_H
#define TWINBED_STATS_ROBUST_H

/* What medians and ranks say, beside what means say: one wild run moves a mean,
 * but not these: shifts (shift.c) and outliers (outliers.c). Formulas: docs/method.md. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/stats/comparison.h"

struct tb_shift {
    double median_difference; /* median - reference median */
    double median_ratio;      /* median / reference median; NaN when that is 0 or the scale is difference */
    double estimate;          /* Hodges and Lehmann: the median of all differences of a value and a reference value */
    struct tb_interval interval; /* of the shift, at least 95 %, whatever the distribution; NaN when undefined */
    double confidence;           /* of that interval: what it really covers, 0.95 or more; NaN when undefined */
};

/* NaN values are left out. Defined answers:
 *
 *   case                            differences, estimate     interval
 *   n = 0 on a side                 -                         -
 *   an infinite value on a side     -                         -
 *   so few values that the widest   usual                     -
 *     interval covers less than
 *     95 % (3 and 3, 1 and 38 ...)
 *   both constant                   d                         [d, d], if there are enough values
 *   ties                            usual                     covers 95 % or more
 *
 * "-" is NaN. scratch has room for cell_count + reference_count values; allocates
 * nothing. Time is proportional to the number of values, not of their pairs,
 * but for sorting. */
void tb_shift_compute(const double *cell, size_t cell_count, const double *reference, size_t reference_count,
                      enum tb_scale scale, double *scratch, struct tb_shift *shift);

/* Among the ordered differences of n and m values, the place (1 = least) that
 * bounds the 95 % interval from below; the same place from the end bounds it
 * from above. 0 when the widest interval covers less. From the exact
 * distribution of Mann and Whitney's U for n m <= 900, else from its normal
 * approximation. confidence is what the interval covers. */
size_t tb_shift_place(size_t n, size_t m, double *confidence);

enum { TB_OUTLIERS_LEAST = 5 }; /* fewer values say nothing about one of them */

/* For each value, its modified z-score 0.6745 (x - median) / MAD, MAD the median
 * of abs(x - median), and whether its size passes 3.5: 1 outlying, 0 not, -1 not
 * judged (NaN, or fewer than TB_OUTLIERS_LEAST values that are not NaN; score
 * NaN). With MAD 0 (half of the values and more are equal) the scale is sqrt(pi/2)
 * times the mean of abs(x - median). Differences up to 1e-12 of the median count as
 * none, so that equal values are never outlying. scratch has room for count. */
void tb_outliers_find(const double *values, size_t count, double *scratch, double *scores, int32_t *outlying);

#endif
