/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which factor matters, for every metric and for the campaign. */
#include "twinbed/stats/sensitivity.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparing.h"

/* A factor that a scenario does not have is a level of its own. */
static size_t *levels_of_cells(const struct tb_campaign *campaign)
{
    const size_t categories = 1 + campaign->factor_count;
    size_t *levels = calloc(campaign->cell_count * categories + 1, sizeof *levels);
    for (size_t c = 0; c < campaign->cell_count && levels != NULL; c++) {
        levels[c * categories] = campaign->cells[c].testbed;
        for (size_t f = 0; f < campaign->factor_count; f++) {
            const size_t level = campaign->scenarios[campaign->cells[c].scenario].levels[f];
            levels[c * categories + 1 + f] = level == TB_NO_INDEX ? campaign->factors[f].level_count : level;
        }
    }
    return levels;
}

static void add_term_name(struct job *job, enum tb_term_kind kind, const char *factor)
{
    char name[512];
    switch (kind) {
    case TB_TERM_TESTBED:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "testbed");
        break;
    case TB_TERM_FACTOR:
        PUT_TEXT(SENSITIVITY_TERM_NAME, factor);
        break;
    case TB_TERM_INTERACTION:
        snprintf(name, sizeof name, "testbed x %s", factor);
        PUT_TEXT(SENSITIVITY_TERM_NAME, name);
        break;
    case TB_TERM_REMAINING:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "remaining");
        break;
    case TB_TERM_REPETITION:
        PUT_TEXT(SENSITIVITY_TERM_NAME, "repetition");
        break;
    }
}

static void add_terms(struct job *job, const struct tb_layout *layout, const struct tb_term_overall *overall)
{
    for (size_t term = 0; term < tb_term_count(layout); term++) {
        const enum tb_term_kind kind = tb_term_kind(layout, term);
        const bool has_factor = kind == TB_TERM_FACTOR || kind == TB_TERM_INTERACTION;
        const size_t factor = tb_term_factor(layout, term);
        add_term_name(job, kind, has_factor ? job->campaign->factors[factor].name : "");
        PUT_I32(SENSITIVITY_TERM_KIND, kind);
        PUT_I32(SENSITIVITY_TERM_FACTOR, has_factor ? (int64_t)factor : -1);
        PUT_I32(SENSITIVITY_TERM_METRICS, overall[term].metrics);
        PUT_F64(SENSITIVITY_TERM_MEAN_SHARE, overall[term].mean_share);
        PUT_I32(SENSITIVITY_TERM_FIRST, overall[term].first);
        PUT_I32(SENSITIVITY_TERM_RANK, overall[term].rank);
    }
}

static void add_results(struct job *job, const struct tb_term_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PUT_F64(SENSITIVITY_SUM_OF_SQUARES, results[i].sum_of_squares);
        PUT_I32(SENSITIVITY_FREEDOM, results[i].freedom);
        PUT_F64(SENSITIVITY_SHARE, results[i].share);
        PUT_F64(SENSITIVITY_OMEGA_SQUARED, results[i].omega_squared);
        PUT_F64(SENSITIVITY_F, results[i].f);
        PUT_F64(SENSITIVITY_P, results[i].p);
        PUT_I32(SENSITIVITY_RANK, results[i].rank);
        PUT_I32(SENSITIVITY_REASON, results[i].reason);
    }
}

/* The share of metrics of this rank. */
struct metric_share {
    size_t begin, end;
    struct tb_summary *made;             /* owned; [cell][own metric], unless this rank has summaries of all */
    const struct tb_summary *summaries;  /* borrowed; of the first own metric */
    size_t stride;                       /* of summaries */
    struct tb_metric_sensitivity *about; /* owned; [own metric] */
    struct tb_term_result *results;      /* owned; [own metric][term] */
    enum tb_status status;
    struct tb_error error;
};

/* Metric by metric from the values of all runs, as other ranks have the summaries of most cells. */
static void make_summaries(const struct job *job, const struct comparing *comparing, const struct metric_share *share,
                           double *scratch)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t cell = 0; cell < job->campaign->cell_count; cell++) {
        double *const values = scratch + (size_t)omp_get_thread_num() * comparing->most_runs;
        for (size_t m = share->begin; m < share->end; m++) {
            const size_t runs = tb_job_cell_values(job, comparing, cell, m, values);
            tb_summary_compute(values, runs, &share->made[cell * share->stride + m - share->begin]);
        }
    }
}

static enum tb_status find_summaries(const struct job *job, const struct comparing *comparing,
                                     struct metric_share *share, struct tb_error *error)
{
    if (comparing->cells == job->campaign->cell_count) {
        share->summaries = comparing->summaries + share->begin;
        share->stride = job->registry.count;
        return TB_OK;
    }
    double *scratch = calloc((size_t)job->team->threads * comparing->most_runs + 1, sizeof *scratch);
    share->stride = share->end - share->begin;
    share->made = calloc(job->campaign->cell_count * share->stride + 1, sizeof *share->made);
    share->summaries = share->made;
    const bool allocated = scratch != NULL && share->made != NULL;
    if (allocated)
        make_summaries(job, comparing, share, scratch);
    free(scratch);
    return allocated ? TB_OK : tb_error_memory(error, "sensitivity");
}

/* The metrics of one thread; offset is from the first of this rank. */
static enum tb_status compute_metrics(const struct job *job, const struct tb_layout *layout,
                                      const struct comparing *comparing, const struct metric_share *share,
                                      size_t offset, size_t count, struct tb_error *error)
{
    if (tb_stop_requested())
        return tb_job_stopped(job, error);
    return tb_sensitivity_compute(layout, share->summaries + offset, share->stride, count,
                                  comparing->incomparable + share->begin + offset, share->about + offset,
                                  share->results + offset * tb_term_count(layout), error);
}

/* Metrics do not depend on each other: each thread takes some of this rank's. */
static enum tb_status compute_share(const struct job *job, const struct tb_layout *layout,
                                    const struct comparing *comparing, struct metric_share *share,
                                    struct tb_error *error)
{
    const size_t count = share->end - share->begin;
    const size_t threads = (size_t)job->team->threads;
#pragma omp parallel for schedule(static, 1) num_threads(job->team->threads)
    for (size_t thread = 0; thread < threads; thread++) {
        const size_t begin = (size_t)tb_share_begin(count, (int)threads, (int)thread);
        const size_t end = (size_t)tb_share_begin(count, (int)threads, (int)thread + 1);
        struct tb_error own = {0};
        const enum tb_status status =
            begin == end ? TB_OK : compute_metrics(job, layout, comparing, share, begin, end - begin, &own);
#pragma omp critical(sensitivity_failure)
        if (share->status == TB_OK && status != TB_OK) {
            share->status = status;
            share->error = own;
        }
    }
    if (share->status != TB_OK)
        *error = share->error;
    return share->status;
}

static enum tb_status study_share(const struct job *job, const struct tb_layout *layout,
                                  const struct comparing *comparing, struct metric_share *share, struct tb_error *error)
{
    const size_t metrics = share->end - share->begin;
    share->about = calloc(metrics + 1, sizeof *share->about);
    share->results = calloc(metrics * tb_term_count(layout) + 1, sizeof *share->results);
    if (share->about == NULL || share->results == NULL)
        return tb_error_memory(error, "sensitivity");
    const enum tb_status status = find_summaries(job, comparing, share, error);
    return status == TB_OK ? compute_share(job, layout, comparing, share, error) : status;
}

/* Rank 0 gets what all ranks came to. */
struct gathered {
    struct job *job;
    const struct tb_layout *layout;
};

static enum tb_status take_about(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = ((struct gathered *)context)->job;
    struct tb_metric_sensitivity about;
    if (bytes.left != job->registry.count * sizeof about)
        return tb_error_unpack(error, "sensitivity does not unpack");
    for (size_t m = 0; m < job->registry.count; m++) {
        memcpy(&about, bytes.data + m * sizeof about, sizeof about);
        PUT_I32(SENSITIVITY_BALANCED, about.balanced);
        PUT_I32(SENSITIVITY_ERROR, about.error);
    }
    return TB_OK;
}

static enum tb_status take_results(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    const struct gathered *const gathered = context;
    const size_t metrics = gathered->job->registry.count;
    const size_t terms = tb_term_count(gathered->layout);
    struct tb_term_result *results = calloc(metrics * terms + 1, sizeof *results);
    struct tb_term_overall *overall = calloc(terms, sizeof *overall);
    enum tb_status status = results == NULL || overall == NULL ? tb_error_memory(error, "sensitivity") : TB_OK;
    if (status == TB_OK && bytes.left != metrics * terms * sizeof *results)
        status = tb_error_unpack(error, "sensitivity does not unpack");
    if (status == TB_OK) {
        if (bytes.left > 0)
            memcpy(results, bytes.data, bytes.left);
        tb_sensitivity_rank(gathered->layout, results, metrics, overall);
        add_terms(gathered->job, gathered->layout, overall);
        add_results(gathered->job, results, metrics * terms);
    }
    free(results);
    free(overall);
    return status;
}

static enum tb_status gather(struct job *job, const struct tb_layout *layout, const struct metric_share *share,
                             enum tb_status status, struct tb_error *error)
{
    const size_t metrics = share->end - share->begin;
    struct gathered gathered = {job, layout};
    struct tb_buffer about = {0};
    struct tb_buffer results = {0};
    if (status == TB_OK) {
        tb_buffer_put(&about, share->about, metrics * sizeof *share->about);
        tb_buffer_put(&results, share->results, metrics * tb_term_count(layout) * sizeof *share->results);
    }
    status = tb_team_collect(job->team, status, &about, "sensitivity", false, take_about, &gathered, error);
    if (status == TB_OK)
        status = tb_team_collect(job->team, TB_OK, &results, "sensitivity", false, take_results, &gathered, error);
    tb_buffer_free(&about);
    tb_buffer_free(&results);
    return status;
}

enum tb_status tb_job_add_sensitivity(struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    size_t *levels = levels_of_cells(job->campaign);
    const struct tb_layout layout = {
        .cells = job->campaign->cell_count, .factors = job->campaign->factor_count, .levels = levels};
    struct metric_share share = {0};
    tb_job_share(job, job->registry.count, &share.begin, &share.end);
    enum tb_status status =
        levels == NULL ? tb_error_memory(error, "sensitivity") : study_share(job, &layout, comparing, &share, error);
    status = gather(job, &layout, &share, status, error);
    free(share.made);
    free(share.about);
    free(share.results);
    free(levels);
    return status;
}
