/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>

#include "axes.h"
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
static double sign_of(const double *vector, size_t count)
{
    double greatest = 0;
    double sign = 1;
    for (size_t i = 0; i < count; i++) {
        if (fabs(vector[i]) > greatest + 1e-12) {
            greatest = fabs(vector[i]);
            sign = vector[i] < 0 ? -1 : 1;
        }
    }
    return sign;
}

/* vectors: one after the other. positive: what all eigenvalues above 0 add up to. */
static void place_runs(const double values[2], const double *vectors, double positive, size_t count, double *places,
                       double explained[2])
{
    for (size_t axis = 0; axis < 2; axis++) {
        const double *const vector = vectors + axis * count;
        const bool real = values[axis] > 1e-12 * positive;
        const double scale = real ? sqrt(values[axis]) * sign_of(vector, count) : 0;
        for (size_t i = 0; i < count; i++)
            places[i * 2 + axis] = real ? scale * vector[i] : 0;
        explained[axis] = positive > 0 ? (real ? values[axis] / positive : 0) : NAN;
    }
}

static void take_eigen(const struct eigen *eigen, size_t count, double values[2], double *vectors, double *positive)
{
    *positive = 0;
    for (size_t i = 0; i < count; i++)
        *positive += fmax(0, gsl_vector_get(eigen->values, i));
    for (size_t axis = 0; axis < 2 && axis < count; axis++) {
        values[axis] = gsl_vector_get(eigen->values, axis);
        for (size_t i = 0; i < count; i++)
            vectors[axis * count + i] = gsl_matrix_get(eigen->vectors, i, axis);
    }
}

/* All eigenvalues; row_means: room for count. */
static enum tb_status find_all(const double *squared, size_t count, double *row_means, double values[2],
                               double *vectors, double *positive, struct tb_error *error)
{
    struct eigen eigen;
    enum tb_status status = TB_OK;
    if (!eigen_allocate(&eigen, count)) {
        status = tb_error_memory(error, "places of runs");
    } else {
        centre(squared, count, row_means, eigen.centred);
        if (gsl_eigen_symmv(eigen.centred, eigen.values, eigen.vectors, eigen.workspace) != 0)
            status = tb_error_set(error, TB_INTERNAL, "eigenvalues of %zu runs do not converge", count);
    }
    if (status == TB_OK) {
        gsl_eigen_symmv_sort(eigen.values, eigen.vectors, GSL_EIGEN_SORT_VAL_DESC);
        take_eigen(&eigen, count, values, vectors, positive);
    }
    eigen_free(&eigen);
    return status;
}

/* The sum of all eigenvalues. */
static double trace_of(const double *squared, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double row = 0;
        for (size_t j = 0; j < count; j++)
            row += squared[i * count + j];
        sum += row;
    }
    return sum / (2 * (double)count);
}

static enum tb_status find_axes(const double *squared, size_t count, double *row_means, double values[2],
                                double *vectors, double *positive, struct tb_error *error)
{
    bool found = false;
    enum tb_status status = TB_OK;
    if (count > TB_SCALING_ALL)
        status = tb_axes_find(squared, count, values, vectors, &found, error);
    if (found)
        *positive = trace_of(squared, count);
    return status != TB_OK || found ? status : find_all(squared, count, row_means, values, vectors, positive, error);
}

enum tb_status tb_classical_scaling(const double *squared, size_t count, double *places, double explained[2],
                                    struct tb_error *error)
{
    explained[0] = explained[1] = NAN;
    if (count == 0)
        return TB_OK;
    double values[2] = {0, 0};
    double positive = 0;
    double *scratch = calloc(3 * count, sizeof *scratch);
    enum tb_status status = scratch == NULL ? tb_error_memory(error, "places of runs") : TB_OK;
    if (status == TB_OK)
        status = find_axes(squared, count, scratch, values, scratch + count, &positive, error);
    if (status == TB_OK)
        place_runs(values, scratch + count, positive, count, places, explained);
    free(scratch);
    return status;
}

double tb_chi_squared_p(double statistic, double degrees)
{
    return degrees > 0 ? gsl_cdf_chisq_Q(statistic, degrees) : NAN;
}
