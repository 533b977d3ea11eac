/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_COMPARISON_H
#define TWINBED_STATS_COMPARISON_H

/* One cell against its reference, for any metric. Formulas: docs/method.md. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/words.h"
#include "twinbed/stats/summary.h"

enum tb_scale {
    TB_SCALE_RATIO,     /* close: means within the threshold of the reference's */
    TB_SCALE_DIFFERENCE /* close: means differ by at most the margin */
};

/* What a verdict goes by. */
struct tb_closeness {
    enum tb_scale scale;
    double threshold;   /* 0.1 for "within 10 %" (ratio), or the margin itself (difference) */
    size_t replication; /* fewer values than this on a side leave a verdict undecided; 2 or more */
};

#define TB_VERDICT_WORDS(WORD)                                                                                         \
    WORD(TB_VERDICT_NONE, none)           /* no values: n = 0 on a side */                                             \
    WORD(TB_VERDICT_SIMILAR, similar)     /* equivalent: both one-sided tests reject at 5 % */                         \
    WORD(TB_VERDICT_DIFFERENT, different) /* the interval lies wholly outside the margins */                           \
    WORD(TB_VERDICT_UNDECIDED, undecided)
enum tb_verdict { TB_VERDICT_WORDS(TB_WORD_ENUMERATOR) };

struct tb_comparison {
    double difference;          /* mean - reference mean */
    double ratio;               /* mean / reference mean; NaN when the reference mean is 0 or the scale is difference */
    struct tb_interval welch;   /* 95 % interval of the difference */
    double welch_p;             /* two-sided p of Welch's t test; NaN when undefined */
    struct tb_interval fieller; /* 90 % interval of the ratio; NaN when undefined */
    double equivalence_p;       /* larger p of the two one-sided tests; NaN when undefined */
    int close;                  /* 1, 0, or -1 for not defined: a published sign, no verdict */
    int intervals_overlap;      /* 1, 0, -1: the other published sign; 95 % normal intervals */
    enum tb_verdict verdict;
    bool few_values; /* undecided because a side has fewer values than the replication asked for */
    bool tested; /* welch_p is the p-value of a test: enough values, and not one and the same constant on both sides */
};

/* A value on a margin counts as within it, to 1e-12 of the larger mean; so does a
 * difference as none, and a standard error of the difference as no deviation.
 *
 * The verdict is undecided, whatever the numbers, when a side has some values but
 * fewer than closeness->replication: a few equal values say nothing of how much
 * runs differ. The numbers stand all the same, as far as they are defined.
 *
 * Else, with a deviation known on both sides and not 0 on both:
 * - ratio: similar when both one-sided tests against 1 - threshold and
 *   1 + threshold reject at 5 %; different when the Fieller interval lies
 *   wholly outside; else undecided. A reference so near 0 that there is no
 *   Fieller interval: different when a one-sided test says that the ratio is
 *   beyond a margin. A reference mean below 0 turns the signs of both sides.
 * - difference: the same with margins -threshold and threshold and the Welch
 *   interval.
 *
 * Answers where a formula would divide by zero or has no deviation:
 *
 *   case                        welch    welch_p  fieller        equivalence_p  verdict
 *   n = 0 on a side             -        -        -              -              none
 *   n = 1 on a side, or a mean  -        -        -              -              undecided
 *     that is not finite
 *   both constant               [d, d]   1 if     [r, r]; -      0 if close,    similar if close,
 *                                        d = 0,   for            else 1         else different
 *                                        else 0   differences
 *   one side constant           as usual, from the other side's deviation alone
 *   scale ratio, reference mean 0:
 *     both 0 everywhere         [0, 0]   1        -              -              similar
 *     both constant             [d, d]   0        -              -              different
 *     else                      usual    usual    -              -              different if welch
 *                                                                               leaves out 0, else
 *                                                                               undecided
 *
 * "-" is NaN. close and intervals_overlap are -1 for n = 0; intervals_overlap
 * also for n = 1. With reference mean 0 and scale ratio, ratio is NaN and close
 * means that both sides are 0 everywhere. */
void tb_comparison_compute(const struct tb_summary *cell, const struct tb_summary *reference,
                           const struct tb_closeness *closeness, struct tb_comparison *comparison);

const char *tb_verdict_name(enum tb_verdict verdict); /* "none", "similar", ... */

/* Holm's step-down adjustment of count p-values, written to adjusted; NaN
 * values stay NaN and are not counted. Sorts an index in scratch, which has room
 * for count items; allocates nothing (holm.c). */
void tb_holm_adjust(const double *p, size_t count, size_t *scratch, double *adjusted);

#endif
