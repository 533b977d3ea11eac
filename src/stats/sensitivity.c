/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/stats/sensitivity.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "design.h"
#include "gsl_errors.h"
#include "model.h"

/* Sums that are equal on paper differ in their last bits. */
static const double TIE = 1e-12;

size_t tb_term_count(const struct tb_layout *layout)
{
    return 3 + 2 * layout->factors;
}

enum tb_term_kind tb_term_kind(const struct tb_layout *layout, size_t term)
{
    if (term == 0)
        return TB_TERM_TESTBED;
    if (term <= layout->factors)
        return TB_TERM_FACTOR;
    if (term <= 2 * layout->factors)
        return TB_TERM_INTERACTION;
    return term == 2 * layout->factors + 1 ? TB_TERM_REMAINING : TB_TERM_REPETITION;
}

size_t tb_term_factor(const struct tb_layout *layout, size_t term)
{
    switch (tb_term_kind(layout, term)) {
    case TB_TERM_FACTOR:
        return term - 1;
    case TB_TERM_INTERACTION:
        return term - 1 - layout->factors;
    case TB_TERM_TESTBED:
    case TB_TERM_REMAINING:
    case TB_TERM_REPETITION:
        break;
    }
    return 0;
}

/* One metric over the rows of a design. */
struct response {
    size_t metric;
    double *means; /* in the matrix of all; of cells, without the grand mean */
    double total;  /* sum of squares */
    double within;
    enum tb_term_reason reason; /* why there is nothing to share, else TB_TERM_TESTED */
};

struct work {
    const struct tb_layout *layout;
    const struct tb_summary *summaries;
    size_t stride;
    size_t metrics;
    struct tb_term_result *results;
    struct tb_design design;
    struct response *responses; /* owned; metrics with the same numbers of values */
    size_t count;
    double *matrix;    /* owned; room for metrics * cells */
    double *left;      /* owned; room for cells */
    double *explained; /* owned; room for cells */
};

static const struct tb_summary *summary_at(const struct work *work, size_t cell, size_t metric)
{
    return &work->summaries[cell * work->stride + metric];
}

static double grand_mean(const struct work *work, size_t metric)
{
    const struct tb_design *design = &work->design;
    double sum = 0;
    for (size_t row = 0; row < design->rows; row++) {
        const struct tb_summary *summary = summary_at(work, design->cell[row], metric);
        sum += summary->mean * ((double)summary->n / (double)design->values);
    }
    return sum;
}

static void fill_response(const struct work *work, struct response *response)
{
    const struct tb_design *design = &work->design;
    const double grand = grand_mean(work, response->metric);
    double largest = 0;
    for (size_t row = 0; row < design->rows; row++) {
        const struct tb_summary *summary = summary_at(work, design->cell[row], response->metric);
        response->means[row] = summary->mean - grand;
        response->total += design->runs[row] * response->means[row] * response->means[row];
        if (summary->n > 1)
            response->within += (double)(summary->n - 1) * summary->deviation * summary->deviation;
        largest = fmax(largest, fabs(summary->mean));
    }
    const double tie = (double)design->values * TIE * largest * TIE * largest;
    if (response->within <= tie)
        response->within = 0;
    response->total += response->within;
    if (design->values < 2 || !isfinite(response->total))
        response->reason = TB_TERM_NO_VALUES;
    else if (response->total <= tie)
        response->reason = TB_TERM_CONSTANT;
}

static bool same_cells(const struct work *work, size_t a, size_t b)
{
    for (size_t cell = 0; cell < work->layout->cells; cell++)
        if (summary_at(work, cell, a)->n != summary_at(work, cell, b)->n)
            return false;
    return true;
}

static struct tb_term_result *result_of(const struct work *work, const struct response *response, size_t term)
{
    return &work->results[response->metric * tb_term_count(work->layout) + term];
}

static bool contains(const struct tb_layout *layout, size_t whole, size_t term)
{
    if (whole == term)
        return true;
    if (tb_term_kind(layout, whole) != TB_TERM_INTERACTION)
        return false;
    return tb_term_kind(layout, term) == TB_TERM_TESTBED ||
           (tb_term_kind(layout, term) == TB_TERM_FACTOR &&
            tb_term_factor(layout, term) == tb_term_factor(layout, whole));
}

/* What a term is added to: all that do not contain it; for the rest, all. */
static bool is_before(const struct tb_layout *layout, size_t term, size_t asked)
{
    return !contains(layout, term, asked);
}

static bool is_before_or_is(const struct tb_layout *layout, size_t term, size_t asked)
{
    return term == asked || is_before(layout, term, asked);
}

static double sum_of_squares(const struct work *work, const double *values)
{
    double sum = 0;
    for (size_t row = 0; row < work->design.rows; row++)
        sum += work->design.runs[row] * values[row] * values[row];
    return sum;
}

/* The squares of what the term's model explains of what the others leave, not the difference of two sums: a small effect
 * beside a large one keeps its digits. */
static void measure_response(struct work *work, size_t term, struct tb_model *before, struct tb_model *with,
                             struct response *response)
{
    struct tb_term_result *result = result_of(work, response, term);
    memcpy(work->left, response->means, work->design.rows * sizeof *work->left);
    tb_model_take_out(before, work->left, NULL);
    double sum = 0;
    if (tb_term_kind(work->layout, term) == TB_TERM_REMAINING) {
        sum = sum_of_squares(work, work->left);
        result->freedom = work->design.rows - before->rank;
    } else {
        tb_model_take_out(with, work->left, work->explained);
        sum = sum_of_squares(work, work->explained);
        result->freedom = with->rank - before->rank;
    }
    result->sum_of_squares = sum <= TIE * TIE * response->total ? 0 : sum;
}

static void measure_responses(struct work *work, size_t term, struct tb_model *before, struct tb_model *with)
{
    for (size_t i = 0; i < work->count; i++) {
        if (work->responses[i].reason != TB_TERM_TESTED)
            continue;
        if (before->fits && with->fits)
            measure_response(work, term, before, with, &work->responses[i]);
        else
            work->responses[i].reason = TB_TERM_TOO_LARGE;
    }
}

static enum tb_status measure_term(struct work *work, size_t term, struct tb_error *error)
{
    struct tb_model before = {0};
    struct tb_model with = {0};
    enum tb_status status = tb_model_open(&before, &work->design, is_before, term, error);
    if (status == TB_OK)
        status = tb_model_open(&with, &work->design, is_before_or_is, term, error);
    if (status == TB_OK)
        measure_responses(work, term, &before, &with);
    tb_model_close(&before);
    tb_model_close(&with);
    return status;
}

static void measure_repetition(const struct work *work, const struct response *response)
{
    struct tb_term_result *result = result_of(work, response, tb_term_count(work->layout) - 1);
    result->sum_of_squares = response->within;
    result->freedom = work->design.values - work->design.rows;
}

/* Sums of squares and degrees of freedom of all terms of all responses. */
static enum tb_status measure_all(struct work *work, struct tb_error *error)
{
    const size_t terms = tb_term_count(work->layout);
    enum tb_status status = TB_OK;
    for (size_t term = 0; term + 1 < terms && status == TB_OK && work->design.rows > 0; term++)
        status = measure_term(work, term, error);
    for (size_t i = 0; i < work->count; i++)
        if (work->responses[i].reason == TB_TERM_TESTED)
            measure_repetition(work, &work->responses[i]);
    return status;
}

static void test_term(const struct tb_term_result *against, double total, struct tb_term_result *result)
{
    const double freedom = (double)result->freedom;
    const double error = against->sum_of_squares / (double)against->freedom;
    result->omega_squared = (result->sum_of_squares - freedom * error) / (total + error);
    if (error > 0) {
        result->f = result->sum_of_squares / freedom / error;
        result->p = isfinite(result->f) ? gsl_cdf_fdist_Q(result->f, freedom, (double)against->freedom) : NAN;
    } else {
        result->f = result->sum_of_squares > 0 ? INFINITY : 0;
        result->p = result->sum_of_squares > 0 ? 0 : 1;
    }
}

static void judge_response(const struct work *work, const struct response *response,
                           struct tb_metric_sensitivity *about)
{
    const size_t terms = tb_term_count(work->layout);
    struct tb_term_result *results = result_of(work, response, 0);
    about->balanced = work->design.balanced;
    if (results[terms - 1].freedom > 0)
        about->error = TB_ERROR_REPETITION;
    else if (results[terms - 2].freedom > 0)
        about->error = TB_ERROR_REMAINING;
    const size_t against = about->error == TB_ERROR_REPETITION ? terms - 1 : terms - 2;
    for (size_t term = 0; term < terms; term++) {
        struct tb_term_result *result = &results[term];
        if (result->freedom == 0) {
            result->reason = tb_design_has_one_level(&work->design, term) ? TB_TERM_ONE_LEVEL : TB_TERM_CONFOUNDED;
            result->sum_of_squares = NAN;
            continue;
        }
        result->share = result->sum_of_squares / response->total;
        result->reason = about->error == TB_ERROR_NONE ? TB_TERM_NO_ERROR : TB_TERM_TESTED;
        if (about->error != TB_ERROR_NONE && term != against)
            test_term(&results[against], response->total, result);
    }
}

static void rank_terms(struct tb_term_result *results, size_t terms)
{
    for (size_t i = 0; i < terms; i++) {
        if (isnan(results[i].share))
            continue;
        results[i].rank = 1;
        for (size_t j = 0; j < terms; j++)
            results[i].rank += results[j].share > results[i].share + TIE ||
                               (j < i && fabs(results[j].share - results[i].share) <= TIE);
    }
}

static void give_no_numbers(struct tb_term_result *results, size_t terms, enum tb_term_reason reason)
{
    for (size_t term = 0; term < terms; term++)
        results[term] = (struct tb_term_result){
            .sum_of_squares = NAN, .share = NAN, .omega_squared = NAN, .f = NAN, .p = NAN, .reason = reason};
}

static void finish_response(const struct work *work, const struct response *response,
                            struct tb_metric_sensitivity *about)
{
    const size_t terms = tb_term_count(work->layout);
    struct tb_term_result *results = result_of(work, response, 0);
    if (response->reason != TB_TERM_TESTED) {
        give_no_numbers(results, terms, response->reason);
        return;
    }
    judge_response(work, response, about);
    rank_terms(results, terms);
}

/* All metrics whose values are in the same cells as those of metric. */
static void collect(struct work *work, size_t metric, bool *done)
{
    work->count = 0;
    for (size_t m = metric; m < work->metrics; m++) {
        if (done[m] || !same_cells(work, metric, m))
            continue;
        done[m] = true;
        struct response *response = &work->responses[work->count];
        *response = (struct response){.metric = m, .means = work->matrix + work->count * (work->layout->cells + 1)};
        work->count++;
        fill_response(work, response);
    }
}

static enum tb_status compute_alike(struct work *work, size_t metric, bool *done,
                                    struct tb_metric_sensitivity *metric_results, struct tb_error *error)
{
    enum tb_status status = tb_design_open(&work->design, work->layout, work->summaries + metric, work->stride, error);
    if (status == TB_OK) {
        collect(work, metric, done);
        status = measure_all(work, error);
    }
    for (size_t i = 0; i < work->count && status == TB_OK; i++)
        finish_response(work, &work->responses[i], &metric_results[work->responses[i].metric]);
    tb_design_close(&work->design);
    return status;
}

enum tb_status tb_sensitivity_compute(const struct tb_layout *layout, const struct tb_summary *summaries, size_t stride,
                                      size_t metrics, const int *withdrawn,
                                      struct tb_metric_sensitivity *metric_results, struct tb_term_result *results,
                                      struct tb_error *error)
{
    const size_t terms = tb_term_count(layout);
    struct work work = {
        .layout = layout, .summaries = summaries, .stride = stride, .metrics = metrics, .results = results};
    work.responses = calloc(metrics + 1, sizeof *work.responses);
    work.matrix = calloc((layout->cells + 1) * (metrics + 1), sizeof *work.matrix);
    work.left = calloc(layout->cells + 1, sizeof *work.left);
    work.explained = calloc(layout->cells + 1, sizeof *work.explained);
    bool *done = calloc(metrics + 1, sizeof *done);
    enum tb_status status = TB_OK;
    if (work.responses == NULL || work.matrix == NULL || work.left == NULL || work.explained == NULL || done == NULL)
        status = tb_error_memory(error, "the analysis of variance");
    for (size_t m = 0; m < metrics && status == TB_OK; m++) {
        const bool left_out = withdrawn != NULL && withdrawn[m];
        metric_results[m] = (struct tb_metric_sensitivity){0};
        give_no_numbers(results + m * terms, terms, left_out ? TB_TERM_WITHDRAWN : TB_TERM_NO_VALUES);
        done[m] = left_out;
    }
    for (size_t m = 0; m < metrics && status == TB_OK; m++)
        if (!done[m])
            status = compute_alike(&work, m, done, metric_results, error);
    free(work.responses);
    free(work.matrix);
    free(work.left);
    free(work.explained);
    free(done);
    return status;
}

void tb_sensitivity_rank(const struct tb_layout *layout, const struct tb_term_result *results, size_t metrics,
                         struct tb_term_overall *overall)
{
    const size_t terms = tb_term_count(layout);
    for (size_t term = 0; term < terms; term++) {
        double sum = 0;
        overall[term] = (struct tb_term_overall){.mean_share = NAN};
        for (size_t m = 0; m < metrics; m++) {
            const struct tb_term_result *result = &results[m * terms + term];
            if (isnan(result->share))
                continue;
            overall[term].metrics++;
            overall[term].first += result->rank == 1;
            sum += result->share;
        }
        if (overall[term].metrics > 0)
            overall[term].mean_share = sum / (double)overall[term].metrics;
    }
    for (size_t i = 0; i < terms; i++) {
        overall[i].rank = !isnan(overall[i].mean_share);
        for (size_t j = 0; j < terms && overall[i].rank > 0; j++)
            overall[i].rank += overall[j].mean_share > overall[i].mean_share ||
                               (j < i && overall[j].mean_share == overall[i].mean_share);
    }
}
