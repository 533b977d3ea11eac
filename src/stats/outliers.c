/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort.h>
#include <math.h>

#include "gsl_errors.h"

#include "twinbed/stats/robust.h"

/* Iglewicz and Hoaglin 1993. */
static const double LIMIT = 3.5;
static const double MEDIAN_SCALE = 0.6745;
static const double MEAN_SCALE = 1.2533141373155003; /* sqrt(pi / 2) */

/* Sums that are equal on paper differ in their last bits. */
static const double TIE = 1e-12;

static double sorted_median(double *values, size_t count)
{
    gsl_sort(values, 1, count);
    const double lower = values[(count - 1) / 2];
    const double upper = values[count / 2];
    return lower == upper ? lower : lower / 2 + upper / 2;
}

static size_t copy_known(const double *values, size_t count, double *known)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            known[used++] = values[i];
    return used;
}

static double distance(double value, double median)
{
    const double away = value - median;
    return fabs(away) <= TIE * fabs(median) ? 0 : away;
}

/* What a distance is divided by; known is spent. */
static double scale_of(double *known, size_t count, double median)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        known[i] = fabs(distance(known[i], median));
        sum += known[i];
    }
    const double typical = sorted_median(known, count);
    return typical > 0 ? typical / MEDIAN_SCALE : MEAN_SCALE * sum / (double)count;
}

void tb_outliers_find(const double *values, size_t count, double *scratch, double *scores, int32_t *outlying)
{
    const size_t known = copy_known(values, count, scratch);
    const int judged = known >= TB_OUTLIERS_LEAST;
    const double median = judged ? sorted_median(scratch, known) : NAN;
    const double scale = judged ? scale_of(scratch, known, median) : NAN;
    for (size_t i = 0; i < count; i++) {
        const double away = distance(values[i], median);
        scores[i] = away == 0 ? 0 : away / scale;
        outlying[i] = isnan(scores[i]) ? -1 : fabs(scores[i]) > LIMIT;
    }
}
