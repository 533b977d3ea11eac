/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/stats/comparison.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#include "gsl_errors.h"

static const double ALPHA = 0.05;

/* Sums that are equal on paper differ in their last bits. */
static const double TIE = 1e-12;

/* How well what is known of both sides supports a test. */
enum spread {
    SPREAD_UNKNOWN,  /* one value on a side, or a mean that is not finite */
    SPREAD_CONSTANT, /* no deviation on either side */
    SPREAD_ESTIMATED
};

/* A contrast mean_cell - factor * mean_reference with its standard error. */
struct contrast {
    double estimate;
    double error;
    double freedom; /* degrees of freedom after Welch and Satterthwaite */
};

struct sides {
    double cell, reference; /* means */
    double u, v;            /* squared standard errors of the means */
    double cell_n, reference_n;
};

static struct sides sides_of(const struct tb_summary *cell, const struct tb_summary *reference)
{
    struct sides sides = {.cell = cell->mean,
                          .reference = reference->mean,
                          .cell_n = (double)cell->n,
                          .reference_n = (double)reference->n};
    sides.u = cell->deviation * cell->deviation / sides.cell_n;
    sides.v = reference->deviation * reference->deviation / sides.reference_n;
    return sides;
}

static enum spread spread_of(const struct tb_summary *cell, const struct tb_summary *reference)
{
    if (cell->n < 2 || reference->n < 2)
        return SPREAD_UNKNOWN;
    const struct sides sides = sides_of(cell, reference);
    if (!isfinite(sides.cell) || !isfinite(sides.reference) || !isfinite(sides.u + sides.v))
        return SPREAD_UNKNOWN;
    /* Equal quotients of different counts differ in their last bits, which is no deviation. */
    const double noise = TIE * fmax(fabs(sides.cell), fabs(sides.reference));
    return sqrt(sides.u + sides.v) > noise ? SPREAD_ESTIMATED : SPREAD_CONSTANT;
}

/* Factors above it are divided out, so that their squares stay finite; p-values do not depend on the scale. */
static const double GREATEST_FACTOR = 1e100;

/* The shares of the variance rather than the variances, so that squares of
 * small numbers do not vanish. u + factor^2 v > 0. */
static struct contrast contrast_of(const struct sides *sides, double factor)
{
    const double scale = fabs(factor) > GREATEST_FACTOR ? fabs(factor) : 1;
    const double ratio = factor / scale;
    const double u = sides->u / scale / scale;
    const double v = ratio * ratio * sides->v;
    const double share = u / (u + v);
    const double inverse = share * share / (sides->cell_n - 1) + (1 - share) * (1 - share) / (sides->reference_n - 1);
    return (struct contrast){
        .estimate = sides->cell / scale - ratio * sides->reference, .error = sqrt(u + v), .freedom = 1 / inverse};
}

/* Student's distribution, which ends the program when it is asked for what is no number. */
static double student_above(double t, double freedom)
{
    return isnan(t) || !isfinite(freedom) ? NAN : gsl_cdf_tdist_Q(t, freedom);
}

static double student_quantile(double p, double freedom)
{
    return isfinite(freedom) ? gsl_cdf_tdist_Pinv(p, freedom) : NAN;
}

/* Probability, were the contrast really 0, of one at least this far above 0. */
static double p_above(double estimate, const struct contrast *contrast)
{
    if (contrast->error == 0)
        return estimate > 0 ? 0 : estimate < 0 ? 1 : 0.5;
    return student_above(estimate / contrast->error, contrast->freedom);
}

static double p_two_sided(const struct contrast *contrast)
{
    return 2 * student_above(fabs(contrast->estimate) / contrast->error, contrast->freedom);
}

/* NaN when one is. */
static double larger(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static bool is_within(double difference, double limit, const struct tb_summary *cell,
                      const struct tb_summary *reference)
{
    const double scale = fmax(fabs(cell->mean), fabs(reference->mean));
    return fabs(difference) <= limit + TIE * scale;
}

static bool is_zero_everywhere(const struct tb_summary *summary)
{
    return summary->minimum == 0 && summary->maximum == 0;
}

/* The 90 % interval of the ratio; NaN when the reference is not told from 0,
 * for then no finite interval holds the ratio. */
static struct tb_interval fieller_interval(const struct sides *sides)
{
    const struct tb_interval undefined = {NAN, NAN};
    const double ratio = sides->cell / sides->reference;
    const struct contrast contrast = contrast_of(sides, ratio);
    /* A cell that is 0 everywhere leaves the reference's deviation alone. */
    const double freedom = contrast.error > 0 ? contrast.freedom : sides->reference_n - 1;
    const double t = student_quantile(1 - ALPHA, freedom);
    const double g = t * t * sides->v / (sides->reference * sides->reference);
    if (!(g < 1))
        return undefined;
    const double half = t / fabs(sides->reference) * sqrt(sides->u * (1 - g) + ratio * ratio * sides->v);
    return (struct tb_interval){.low = (ratio - half) / (1 - g), .high = (ratio + half) / (1 - g)};
}

static bool is_outside(struct tb_interval interval, double low, double high)
{
    return interval.high < low || interval.low > high;
}

static enum tb_verdict decide(bool similar, bool different)
{
    if (similar)
        return TB_VERDICT_SIMILAR;
    return different ? TB_VERDICT_DIFFERENT : TB_VERDICT_UNDECIDED;
}

/* A reference mean below 0 turns both sides around; their ratio stays. */
static void test_ratio(struct sides sides, double threshold, struct tb_comparison *comparison)
{
    if (sides.reference < 0) {
        sides.cell = -sides.cell;
        sides.reference = -sides.reference;
    }
    const struct contrast lower = contrast_of(&sides, 1 - threshold);
    const struct contrast upper = contrast_of(&sides, 1 + threshold);
    const double p_lower = p_above(lower.estimate, &lower);
    const double p_upper = p_above(-upper.estimate, &upper);
    comparison->equivalence_p = larger(p_lower, p_upper);
    comparison->fieller = fieller_interval(&sides);
    const bool different = isnan(comparison->fieller.low)
                               ? p_above(-lower.estimate, &lower) < ALPHA || p_above(upper.estimate, &upper) < ALPHA
                               : is_outside(comparison->fieller, 1 - threshold, 1 + threshold);
    comparison->verdict = decide(comparison->equivalence_p < ALPHA, different);
}

static void test_difference(const struct contrast *contrast, double margin, struct tb_comparison *comparison)
{
    const double p_lower = p_above(contrast->estimate + margin, contrast);
    const double p_upper = p_above(margin - contrast->estimate, contrast);
    comparison->equivalence_p = larger(p_lower, p_upper);
    comparison->verdict = decide(comparison->equivalence_p < ALPHA, is_outside(comparison->welch, -margin, margin));
}

static void compare_estimated(const struct sides *sides, const struct tb_closeness *closeness,
                              struct tb_comparison *comparison)
{
    const struct contrast contrast = contrast_of(sides, 1);
    const double half = student_quantile(1 - ALPHA / 2, contrast.freedom) * contrast.error;
    comparison->welch = (struct tb_interval){comparison->difference - half, comparison->difference + half};
    comparison->welch_p = p_two_sided(&contrast);
    comparison->tested = true;
    if (closeness->scale == TB_SCALE_DIFFERENCE)
        test_difference(&contrast, closeness->threshold, comparison);
    else if (sides->reference != 0)
        test_ratio(*sides, closeness->threshold, comparison);
    else
        comparison->verdict = decide(false, is_outside(comparison->welch, 0, 0));
}

/* Without deviation the means are what they are: nothing is left to chance, and
 * two equal ones leave nothing to test. */
static void compare_constants(enum tb_scale scale, bool equal, struct tb_comparison *comparison)
{
    const double difference = comparison->difference;
    comparison->welch = (struct tb_interval){difference, difference};
    comparison->welch_p = equal ? 1 : 0;
    comparison->tested = !equal;
    comparison->verdict = decide(comparison->close == 1, true);
    if (scale == TB_SCALE_RATIO)
        comparison->fieller = (struct tb_interval){comparison->ratio, comparison->ratio};
    if (scale == TB_SCALE_DIFFERENCE || !isnan(comparison->ratio))
        comparison->equivalence_p = comparison->close == 1 ? 0 : 1;
}

/* What the published tables say, which needs no test. */
static void compare_as_published(const struct tb_summary *cell, const struct tb_summary *reference,
                                 const struct tb_closeness *closeness, struct tb_comparison *comparison)
{
    const double threshold = closeness->threshold;
    comparison->difference = cell->mean - reference->mean;
    const bool has_ratio = closeness->scale == TB_SCALE_RATIO && reference->mean != 0;
    comparison->ratio = has_ratio ? cell->mean / reference->mean : NAN;
    if (closeness->scale == TB_SCALE_RATIO && !has_ratio)
        comparison->close = is_zero_everywhere(cell) && is_zero_everywhere(reference);
    else if (isfinite(comparison->difference))
        comparison->close = is_within(comparison->difference, has_ratio ? threshold * fabs(reference->mean) : threshold,
                                      cell, reference);
    if (!isnan(cell->normal.low) && !isnan(reference->normal.low))
        comparison->intervals_overlap =
            cell->normal.low <= reference->normal.high && reference->normal.low <= cell->normal.high;
}

/* What can be computed from as many values as there are. */
static void compare_values(const struct tb_summary *cell, const struct tb_summary *reference,
                           const struct tb_closeness *closeness, struct tb_comparison *comparison)
{
    const struct sides sides = sides_of(cell, reference);
    switch (spread_of(cell, reference)) {
    case SPREAD_UNKNOWN:
        comparison->verdict = TB_VERDICT_UNDECIDED;
        break;
    case SPREAD_CONSTANT:
        compare_constants(closeness->scale, is_within(comparison->difference, 0, cell, reference), comparison);
        break;
    case SPREAD_ESTIMATED:
        compare_estimated(&sides, closeness, comparison);
        break;
    }
}

void tb_comparison_compute(const struct tb_summary *cell, const struct tb_summary *reference,
                           const struct tb_closeness *closeness, struct tb_comparison *comparison)
{
    const struct tb_interval undefined = {NAN, NAN};
    *comparison = (struct tb_comparison){.difference = NAN,
                                         .ratio = NAN,
                                         .welch = undefined,
                                         .welch_p = NAN,
                                         .fieller = undefined,
                                         .equivalence_p = NAN,
                                         .close = -1,
                                         .intervals_overlap = -1,
                                         .verdict = TB_VERDICT_NONE};
    if (cell->n == 0 || reference->n == 0)
        return;
    compare_as_published(cell, reference, closeness, comparison);
    compare_values(cell, reference, closeness, comparison);
    comparison->few_values = cell->n < closeness->replication || reference->n < closeness->replication;
    if (!comparison->few_values)
        return;
    comparison->verdict = TB_VERDICT_UNDECIDED;
    comparison->tested = false;
}

const char *tb_verdict_name(enum tb_verdict verdict)
{
    static const char *const names[] = {TB_VERDICT_WORDS(TB_WORD_NAME)};
    return (unsigned)verdict < sizeof names / sizeof names[0] ? names[verdict] : "unknown";
}
