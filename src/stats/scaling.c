/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>

#include "gsl_errors.h"

#include "twinbed/stats/run_distances.h"

/* What gsl needs for one matrix. */
struct eigen {
    gsl_matrix *centred;
    gsl_vector *values;
    gsl_matrix *vectors;
    gsl_eigen_symmv_workspace *workspace;
};

static void eigen_free(struct eigen *eigen)
{
    if (eigen->centred != NULL)
        gsl_matrix_free(eigen->centred);
    if (eigen->values != NULL)
        gsl_vector_free(eigen->values);
    if (eigen->vectors != NULL)
        gsl_matrix_free(eigen->vectors);
    if (eigen->workspace != NULL)
        gsl_eigen_symmv_free(eigen->workspace);
}

static bool eigen_allocate(struct eigen *eigen, size_t count)
{
    *eigen = (struct eigen){gsl_matrix_alloc(count, count), gsl_vector_alloc(count), gsl_matrix_alloc(count, count),
                            gsl_eigen_symmv_alloc(count)};
    return eigen->centred != NULL && eigen->values != NULL && eigen->vectors != NULL && eigen->workspace != NULL;
}

/* -1/2 J S J: rows and columns of the result have mean 0. */
static void centre(const double *squared, size_t count, double *row_means, gsl_matrix *centred)
{
    double all = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t j = 0; j < count; j++)
            sum += squared[i * count + j];
        row_means[i] = sum / (double)count;
        all += row_means[i];
    }
    all /= (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            gsl_matrix_set(centred, i, j, -(squared[i * count + j] - row_means[i] - row_means[j] + all) / 2);
}

/* +1 or -1, so that the first coordinate of the greatest size becomes positive. */
static double sign_of(const gsl_matrix *vectors, size_t column, size_t count)
{
    double greatest = 0;
    double sign = 1;
    for (size_t i = 0; i < count; i++) {
        const double value = gsl_matrix_get(vectors, i, column);
        if (fabs(value) > greatest + 1e-12) {
            greatest = fabs(value);
            sign = value < 0 ? -1 : 1;
        }
    }
    return sign;
}

static void place_runs(const struct eigen *eigen, size_t count, double *places, double explained[2])
{
    double positive = 0;
    for (size_t i = 0; i < count; i++)
        positive += fmax(0, gsl_vector_get(eigen->values, i));
    for (size_t axis = 0; axis < 2; axis++) {
        const double value = axis < count ? gsl_vector_get(eigen->values, axis) : 0;
        const bool real = value > 1e-12 * positive;
        const double scale = real ? sqrt(value) * sign_of(eigen->vectors, axis, count) : 0;
        for (size_t i = 0; i < count; i++)
            places[i * 2 + axis] = real ? scale * gsl_matrix_get(eigen->vectors, i, axis) : 0;
        explained[axis] = positive > 0 ? (real ? value / positive : 0) : NAN;
    }
}

enum tb_status tb_classical_scaling(const double *squared, size_t count, double *places, double explained[2],
                                    struct tb_error *error)
{
    explained[0] = explained[1] = NAN;
    if (count == 0)
        return TB_OK;
    struct eigen eigen;
    double *row_means = calloc(count, sizeof *row_means);
    const bool allocated = eigen_allocate(&eigen, count);
    if (row_means == NULL || !allocated) {
        eigen_free(&eigen);
        free(row_means);
        return tb_error_memory(error, "places of runs");
    }
    centre(squared, count, row_means, eigen.centred);
    const int failed = gsl_eigen_symmv(eigen.centred, eigen.values, eigen.vectors, eigen.workspace);
    gsl_eigen_symmv_sort(eigen.values, eigen.vectors, GSL_EIGEN_SORT_VAL_DESC);
    if (failed == 0)
        place_runs(&eigen, count, places, explained);
    eigen_free(&eigen);
    free(row_means);
    return failed == 0 ? TB_OK : tb_error_set(error, TB_INTERNAL, "eigenvalues of %zu runs do not converge", count);
}

double tb_chi_squared_p(double statistic, double degrees)
{
    return degrees > 0 ? gsl_cdf_chisq_Q(statistic, degrees) : NAN;
}
