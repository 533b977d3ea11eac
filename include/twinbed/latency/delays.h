/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_LATENCY_DELAYS_H
#define TWINBED_LATENCY_DELAYS_H

/* How much one-way delays vary. The clocks of the two ends need not agree: a
 * constant that is added to every delay changes nothing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* In ns; NaN where there are too few delays. */
struct tb_delay_spread {
    size_t count;     /* delays */
    double jitter;    /* 95th percentile minus median: the values at positions ceil(0.95 n) and ceil(0.5 n) */
    double deviation; /* standard deviation, n - 1 form */
    double change;    /* median of the absolute changes from one delay to the next: a slow drift of the clocks,
                         and a few wild delays, do not move it */
};

/* Delays in ns, in the order in which their packets were sent; they are sorted
 * in place. False when memory is short (8 bytes a delay). */
TB_MUST_USE bool tb_delay_spread_compute(int64_t *delays, size_t count, struct tb_delay_spread *spread);

#endif
