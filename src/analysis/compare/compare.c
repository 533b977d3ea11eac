/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seventh stage, on rank 0: values become run values, cell summaries, contrasts
 * and shares of variance, the same way for every metric. */
#include "compare.h"
#include "comparing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double tb_job_threshold(const struct job *job, const struct tb_metric *metric)
{
    const struct tb_settings *settings = &job->campaign->settings;
    for (size_t i = 0; i < settings->threshold_count; i++)
        if (strcmp(settings->thresholds[i].metric, metric->name) == 0)
            return settings->thresholds[i].threshold;
    return metric->scale == TB_SCALE_RATIO ? settings->closeness : metric->margin;
}

bool tb_job_in_family(const struct job *job, const struct tb_metric *metric)
{
    const struct tb_settings *settings = &job->campaign->settings;
    if (settings->family == TB_FAMILY_ALL)
        return true;
    if (settings->family == TB_FAMILY_PRIMARY)
        return tb_metric_quantity(metric) != NULL;
    for (size_t i = 0; i < settings->family_metric_count; i++)
        if (strcmp(settings->family_metrics[i], metric->name) == 0)
            return true;
    return false;
}

static const char *direction_of(const struct job *job, const struct tb_metric *metric)
{
    static const char *const names[TB_GAINS] = {TB_GAIN_WORDS(TB_WORD_NAME)};
    const enum tb_gain gain =
        metric->source == TB_METRIC_FROM_FILE ? job->campaign->metrics[metric->variant].gain : TB_GAIN_UNSTATED;
    return gain == TB_GAIN_UNSTATED ? "" : names[gain];
}

/* Metrics of one's own are described by whoever declared them; what a capture counts as HTTP requests are such. */
static void put_description(struct job *job, const struct tb_metric *metric)
{
    struct tb_buffer worded = {0};
    bool inside = false;
    const bool counts_work = metric->combination == TB_COMBINE_WORK_MEAN || metric->level == TB_LEVEL_APPLICATION;
    tb_work_unit_words(metric->sentence,
                       counts_work && metric->source != TB_METRIC_FROM_FILE ? job->work_unit : TB_WORK_UNIT_REQUEST,
                       &inside, &worded);
    tb_buffer_put(&worded, "", 1);
    if (worded.failed)
        job->columns.column[TB_FIELD_METRICS_METRIC_DESCRIPTION].failed = true;
    else
        PUT_TEXT(METRICS_METRIC_DESCRIPTION, (const char *)worded.data);
    tb_buffer_free(&worded);
}

static void add_metrics(struct job *job)
{
    for (size_t m = 0; m < job->registry.count; m++) {
        const struct tb_metric *metric = &job->registry.rows[m];
        PUT_TEXT(METRICS_METRIC_NAME, metric->name);
        PUT_TEXT(METRICS_METRIC_UNIT, metric->unit);
        PUT_TEXT(METRICS_METRIC_LEVEL, tb_level_name(metric->level));
        PUT_TEXT(METRICS_METRIC_ROLE, tb_metric_role_name(metric->role));
        PUT_TEXT(METRICS_METRIC_SCALE, tb_scale_name(metric->scale));
        PUT_F64(METRICS_METRIC_THRESHOLD, tb_job_threshold(job, metric));
        PUT_TEXT(METRICS_METRIC_COMBINATION, tb_combination_name(metric->combination));
        put_description(job, metric);
        PUT_TEXT(METRICS_METRIC_QUANTITY, tb_metric_quantity(metric) == NULL ? "" : tb_metric_quantity(metric));
        PUT_TEXT(METRICS_METRIC_DIRECTION, direction_of(job, metric));
        PUT_I32(METRICS_METRIC_FAMILY, tb_job_in_family(job, metric));
    }
}

static double run_value(const struct job *job, size_t run, size_t metric, double *scratch)
{
    const size_t metrics = job->registry.count;
    const size_t pairs = job->campaign->runs[run].pair_count;
    const double *weights = &job->weights[run * job->decoding.pairs];
    if (tb_campaign_lacks_pairs(job->campaign, run))
        return NAN;
    for (size_t pair = 0; pair < pairs; pair++)
        scratch[pair] = job->values[(run * job->decoding.pairs + pair) * metrics + metric];
    return tb_metric_combine(job->registry.rows[metric].combination, scratch, weights, pairs);
}

static enum tb_status add_values(struct job *job, double *run_values, struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    double *scratch = calloc(job->decoding.pairs, sizeof *scratch);
    if (scratch == NULL)
        return tb_error_memory(error, "values of metrics");
    for (size_t run = 0; run < job->campaign->run_count; run++)
        for (size_t m = 0; m < metrics; m++)
            run_values[run * metrics + m] = run_value(job, run, m, scratch);
    const size_t runs = job->campaign->run_count;
    tb_buffer_put(&job->columns.column[TB_FIELD_METRICS_VALUE], job->values,
                  runs * job->decoding.pairs * metrics * sizeof *job->values);
    tb_buffer_put(&job->columns.column[TB_FIELD_METRICS_RUN_VALUE], run_values, runs * metrics * sizeof *run_values);
    free(scratch);
    return tb_job_add_reasons(job, run_values, error);
}

static void add_summary(struct job *job, const struct tb_summary *summary)
{
    PUT_I32(COMPARISON_N, summary->n);
    PUT_F64(COMPARISON_MEAN, summary->mean);
    PUT_F64(COMPARISON_DEVIATION, summary->deviation);
    PUT_F64(COMPARISON_MINIMUM, summary->minimum);
    PUT_F64(COMPARISON_MAXIMUM, summary->maximum);
    PUT_F64(COMPARISON_MEDIAN, summary->median);
    PUT_F64(COMPARISON_NORMAL_LOW, summary->normal.low);
    PUT_F64(COMPARISON_NORMAL_HIGH, summary->normal.high);
    PUT_F64(COMPARISON_T_LOW, summary->t.low);
    PUT_F64(COMPARISON_T_HIGH, summary->t.high);
}

/* Room for the runs of a cell; one allocation holds all. */
struct cell_scratch {
    double *values;
    double *scores;
    double *order;
    int32_t *outlying;
};

/* Values of one metric in one cell: the summary, and which of them are far out. */
static void summarise_cell(struct job *job, const struct comparing *comparing, size_t cell, size_t metric,
                           struct cell_scratch *scratch)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    const size_t metrics = job->registry.count;
    struct tb_summary *summary = &comparing->summaries[cell * metrics + metric];
    for (size_t i = 0; i < about->run_count; i++)
        scratch->values[i] = comparing->run_values[(about->first_run + i) * metrics + metric];
    tb_summary_compute(scratch->values, about->run_count, summary);
    add_summary(job, summary);
    tb_outliers_find(scratch->values, about->run_count, scratch->order, scratch->scores, scratch->outlying);
    for (size_t i = 0; i < about->run_count; i++) {
        comparing->scores[(about->first_run + i) * metrics + metric] = scratch->scores[i];
        comparing->outlying[(about->first_run + i) * metrics + metric] = scratch->outlying[i];
    }
}

static enum tb_status summarise(struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    const size_t runs = job->campaign->run_count;
    struct cell_scratch scratch = {.values = calloc(3 * runs + 1, sizeof *scratch.values),
                                   .outlying = calloc(runs + 1, sizeof *scratch.outlying)};
    const bool allocated = scratch.values != NULL && scratch.outlying != NULL;
    if (allocated) {
        scratch.scores = scratch.values + runs;
        scratch.order = scratch.scores + runs;
    }
    for (size_t cell = 0; cell < job->campaign->cell_count && allocated; cell++)
        for (size_t m = 0; m < metrics; m++)
            summarise_cell(job, comparing, cell, m, &scratch);
    tb_buffer_put(&job->columns.column[TB_FIELD_COMPARISON_OUTLIER_SCORE], comparing->scores,
                  runs * metrics * sizeof *comparing->scores);
    tb_buffer_put(&job->columns.column[TB_FIELD_COMPARISON_OUTLYING], comparing->outlying,
                  runs * metrics * sizeof *comparing->outlying);
    free(scratch.values);
    free(scratch.outlying);
    return allocated ? TB_OK : tb_error_memory(error, "summaries");
}

static bool allocate(const struct job *job, struct comparing *comparing)
{
    const size_t metrics = job->registry.count;
    comparing->run_values = calloc(job->campaign->run_count * metrics + 1, sizeof *comparing->run_values);
    comparing->scores = calloc(job->campaign->run_count * metrics + 1, sizeof *comparing->scores);
    comparing->outlying = calloc(job->campaign->run_count * metrics + 1, sizeof *comparing->outlying);
    comparing->summaries = calloc(job->campaign->cell_count * metrics + 1, sizeof *comparing->summaries);
    comparing->incomparable = calloc(metrics + 1, sizeof *comparing->incomparable);
    return comparing->run_values != NULL && comparing->scores != NULL && comparing->outlying != NULL &&
           comparing->summaries != NULL && comparing->incomparable != NULL;
}

static void release(struct comparing *comparing)
{
    free(comparing->run_values);
    free(comparing->scores);
    free(comparing->outlying);
    free(comparing->summaries);
    free(comparing->incomparable);
}

static enum tb_status compare_all(struct job *job, struct tb_error *error)
{
    struct comparing comparing = {0};
    enum tb_status status = allocate(job, &comparing) ? TB_OK : tb_error_memory(error, "comparison");
    add_metrics(job);
    if (status == TB_OK)
        status = add_values(job, comparing.run_values, error);
    if (status == TB_OK)
        status = summarise(job, &comparing, error);
    if (status == TB_OK)
        status = tb_job_add_contrasts(job, &comparing, error);
    if (status == TB_OK)
        status = tb_job_add_sensitivity(job, &comparing, error);
    release(&comparing);
    return status;
}

enum tb_status tb_job_compare(struct job *job, struct tb_error *error)
{
    return tb_team_agree(job->team, job->team->rank == 0 ? compare_all(job, error) : TB_OK, error);
}
