/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_COMPARISON_H
#define TWINBED_STATS_COMPARISON_H

/* One cell against its reference, for any metric. Formulas: docs/method.md. */

#include <stddef.h>

#include "twinbed/stats/summary.h"

enum tb_scale {
    TB_SCALE_RATIO,     /* close: means within the threshold of the reference's */
    TB_SCALE_DIFFERENCE /* close: means differ by at most the margin */
};

enum tb_verdict {
    TB_VERDICT_NONE = 0, /* not enough values: n = 0 on a side */
    TB_VERDICT_SIMILAR,  /* equivalent: both one-sided tests reject at 5 % */
    TB_VERDICT_DIFFERENT, /* the interval lies wholly outside the margins */
    TB_VERDICT_UNDECIDED
};

struct tb_comparison {
    double difference; /* mean - reference mean */
    double ratio;      /* mean / reference mean; NaN when the reference mean is 0 or the scale is difference */
    struct tb_interval welch; /* 95 % interval of the difference */
    double welch_p;           /* two-sided p of Welch's t test; NaN when undefined */
    struct tb_interval fieller; /* 90 % interval of the ratio; NaN when undefined */
    double equivalence_p;       /* larger p of the two one-sided tests; NaN when undefined */
    int close;            /* 1, 0, or -1 for not defined: the published rule */
    int intervals_overlap; /* 1, 0, -1: the 95 % normal intervals, as published */
    enum tb_verdict verdict;
};

/* threshold: 0.1 for "within 10 %" (ratio), or the margin itself (difference).
 * Defined answers where a formula divides by zero:
 * - both sides constant (deviation 0, or n = 1 on a side counts as unknown
 *   deviation: undecided): similar when close, else different;
 * - reference mean 0: similar only when both sides are 0 everywhere, else
 *   decided on the difference with ratio NaN. */
void tb_comparison_compute(const struct tb_summary *cell, const struct tb_summary *reference, enum tb_scale scale,
                           double threshold, struct tb_comparison *comparison);

const char *tb_verdict_name(enum tb_verdict verdict); /* "none", "similar", ... */

/* Holm's step-down adjustment of count p-values, written to adjusted; NaN
 * values stay NaN and are not counted. Sorts an index in scratch, which has room
 * for count items; allocates nothing. */
void tb_holm_adjust(const double *p, size_t count, size_t *scratch, double *adjusted);

#endif
