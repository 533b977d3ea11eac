/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "axes.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gsl_errors.h"

enum {
    BLOCK = 4,
    MOST = 256, /* vectors of the space */
    EVERY = 4   /* blocks between two looks at the eigenvalues */
};

/* What is left of an eigenvector, as a part of the greatest eigenvalue, when it is exact enough. */
static const double EXACT = 1e-12;
/* Of a vector that lies in the space already is left no more than that part. */
static const double INSIDE = 1e-10;

struct space {
    const double *squared;
    size_t count;   /* values of a vector */
    size_t vectors; /* so far */
    size_t applied; /* of them, those whose image is known */
    double *vector; /* owned; one after the other */
    double *image;  /* owned; what the matrix makes of each */
};

static double *vector_of(const struct space *space, size_t place)
{
    return space->vector + place * space->count;
}

static double *image_of(const struct space *space, size_t place)
{
    return space->image + place * space->count;
}

static double dot(const double *a, const double *b, size_t count)
{
    double sums[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sums[lane] += a[i + lane] * b[i + lane];
    for (; i < count; i++)
        sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static void subtract(double *values, double amount, const double *direction, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] -= amount * direction[i];
}

static void centre(double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        values[i] -= sum / (double)count;
}

/* Adds what is new in values, which are spent. */
static void add_vector(struct space *space, double *values)
{
    centre(values, space->count);
    const double before = sqrt(dot(values, values, space->count));
    /* Twice is enough: the second pass takes out what rounding left of the first. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < space->vectors; i++)
            subtract(values, dot(values, vector_of(space, i), space->count), vector_of(space, i), space->count);
    const double after = sqrt(dot(values, values, space->count));
    if (space->vectors == MOST || after <= INSIDE * before || before == 0)
        return;
    double *const vector = vector_of(space, space->vectors++);
    for (size_t i = 0; i < space->count; i++)
        vector[i] = values[i] / after;
}

/* Images of the vectors that have none yet, at most BLOCK: rows of the matrix are fetched once for all. */
static void apply(struct space *space)
{
    const size_t first = space->applied;
    const size_t vectors = space->vectors - first;
    for (size_t row = 0; row < space->count; row++)
        for (size_t v = 0; v < vectors; v++)
            image_of(space, first + v)[row] =
                -dot(space->squared + row * space->count, vector_of(space, first + v), space->count) / 2;
    for (size_t v = 0; v < vectors; v++)
        centre(image_of(space, first + v), space->count);
    space->applied = space->vectors;
}

static void begin(struct space *space, double *scratch)
{
    for (uint64_t v = 0; v < BLOCK; v++) {
        for (uint64_t i = 0; i < space->count; i++) {
            uint64_t bits = (v * space->count + i + 1) * UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
            bits = (bits ^ (bits >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
            bits = (bits ^ (bits >> 27)) * UINT64_C(0x94D049BB133111EB);
            scratch[i] = (double)((bits ^ (bits >> 31)) >> 11) * 0x1p-53 - 0.5;
        }
        add_vector(space, scratch);
    }
}

/* The next block: what the matrix made of the last one. False when that is in the space already: the space is whole. */
static bool grow(struct space *space, size_t *last, double *scratch)
{
    const size_t first = *last;
    *last = space->vectors;
    for (size_t v = first; v < *last; v++) {
        memcpy(scratch, image_of(space, v), space->count * sizeof *scratch);
        add_vector(space, scratch);
    }
    return space->vectors > *last;
}

/* Eigenvalues and vectors of the matrix as the space sees it. */
struct seen {
    gsl_matrix *matrix;
    gsl_vector *values;
    gsl_matrix *vectors;
    gsl_eigen_symmv_workspace *workspace;
};

static void seen_free(struct seen *seen)
{
    if (seen->matrix != NULL)
        gsl_matrix_free(seen->matrix);
    if (seen->values != NULL)
        gsl_vector_free(seen->values);
    if (seen->vectors != NULL)
        gsl_matrix_free(seen->vectors);
    if (seen->workspace != NULL)
        gsl_eigen_symmv_free(seen->workspace);
}

static bool see(const struct space *space, struct seen *seen)
{
    const size_t size = space->applied;
    *seen = (struct seen){gsl_matrix_alloc(size, size), gsl_vector_alloc(size), gsl_matrix_alloc(size, size),
                          gsl_eigen_symmv_alloc(size)};
    if (seen->matrix == NULL || seen->values == NULL || seen->vectors == NULL || seen->workspace == NULL)
        return false;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            const double value = dot(vector_of(space, i), image_of(space, j), space->count);
            gsl_matrix_set(seen->matrix, i, j, value);
            gsl_matrix_set(seen->matrix, j, i, value);
        }
    if (gsl_eigen_symmv(seen->matrix, seen->values, seen->vectors, seen->workspace) != 0)
        return false;
    gsl_eigen_symmv_sort(seen->values, seen->vectors, GSL_EIGEN_SORT_VAL_DESC);
    return true;
}

/* One axis: values of the space's vectors, or images, added up in its proportions. */
static void combine(const struct space *space, const struct seen *seen, size_t axis, const double *of, double *sum)
{
    memset(sum, 0, space->count * sizeof *sum);
    for (size_t v = 0; v < space->applied; v++)
        subtract(sum, -gsl_matrix_get(seen->vectors, v, axis), of + v * space->count, space->count);
}

/* Whether both vectors are eigenvectors, as far as can be told. */
static bool take_axes(const struct space *space, const struct seen *seen, double values[2], double *vectors,
                      double *scratch)
{
    bool exact = true;
    for (size_t axis = 0; axis < 2; axis++) {
        double *const vector = vectors + axis * space->count;
        const bool there = axis < space->applied;
        values[axis] = there ? gsl_vector_get(seen->values, axis) : 0;
        memset(vector, 0, space->count * sizeof *vector);
        if (!there)
            continue;
        combine(space, seen, axis, space->vector, vector);
        combine(space, seen, axis, space->image, scratch);
        subtract(scratch, values[axis], vector, space->count);
        exact = exact && sqrt(dot(scratch, scratch, space->count)) <= EXACT * fabs(values[0]);
    }
    return exact;
}

static enum tb_status search(struct space *space, double values[2], double *vectors, bool *found, double *scratch,
                             struct tb_error *error)
{
    size_t last = 0;
    bool growing = true;
    *found = false;
    begin(space, scratch);
    for (size_t blocks = 1; growing && !*found; blocks++) {
        apply(space);
        growing = grow(space, &last, scratch);
        if (growing && blocks % EVERY != 0)
            continue;
        struct seen seen;
        const bool good = see(space, &seen);
        if (good)
            *found = take_axes(space, &seen, values, vectors, scratch);
        seen_free(&seen);
        if (!good)
            return tb_error_memory(error, "places of runs");
    }
    return TB_OK;
}

enum tb_status tb_axes_find(const double *squared, size_t count, double values[2], double *vectors, bool *found,
                            struct tb_error *error)
{
    struct space space = {.squared = squared,
                          .count = count,
                          .vector = calloc(MOST * count, sizeof *space.vector),
                          .image = calloc(MOST * count, sizeof *space.image)};
    double *scratch = calloc(count, sizeof *scratch);
    const enum tb_status status = space.vector == NULL || space.image == NULL || scratch == NULL
                                      ? tb_error_memory(error, "places of runs")
                                      : search(&space, values, vectors, found, scratch, error);
    free(space.vector);
    free(space.image);
    free(scratch);
    return status;
}
