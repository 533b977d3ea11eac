/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_SUMMARY_H
#define TWINBED_STATS_SUMMARY_H

/* Mean, deviation and intervals of a plain array. */

#include <stddef.h>

struct tb_interval {
    double low, high; /* NaN when undefined */
};

struct tb_summary {
    size_t n;         /* values that are not NaN */
    double mean;      /* NaN when n = 0 */
    double deviation; /* n - 1 form; NaN when n < 2 */
    double minimum, maximum, median;
    struct tb_interval normal; /* 95 %, mean +- 1.96 sd / sqrt(n), as published; NaN when n < 2 */
    struct tb_interval t;      /* 95 %, Student's t with n - 1 degrees of freedom; NaN when n < 2 */
};

/* NaN values are left out. Sums run in the order given, with compensation. */
void tb_summary_compute(const double *values, size_t count, struct tb_summary *summary);

/* Names and versions of the libraries behind this room, as the libraries say them: "GSL 2.7.1". */
void tb_stats_libraries(char *text, size_t size);

#endif
