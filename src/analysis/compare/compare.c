/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values become run values, cell summaries, contrasts and shares of variance, the same way for every metric.
 *
 * Rank 0 has the values and combines those of a run; then each rank compares a share of cells with all its threads. Each number
 * is computed by one thread from the values alone, and rows stand in the order of cells, whoever made them. */
#include "compare.h"
#include "comparing.h"

#include <math.h>
#include <omp.h>
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

static enum tb_status add_values(struct job *job, struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    const size_t runs = job->campaign->run_count;
    struct tb_buffer *const column = &job->columns.column[TB_FIELD_METRICS_RUN_VALUE];
    double *scratch = calloc(job->decoding.pairs + 1, sizeof *scratch);
    if (scratch == NULL)
        return tb_error_memory(error, "values of metrics");
    for (size_t run = 0; run < runs; run++)
        for (size_t m = 0; m < metrics; m++)
            PUT_F64(METRICS_RUN_VALUE, run_value(job, run, m, scratch));
    free(scratch);
    tb_buffer_put(&job->columns.column[TB_FIELD_METRICS_VALUE], job->values,
                  runs * job->decoding.pairs * metrics * sizeof *job->values);
    const enum tb_status status = tb_buffer_check(column, "values of metrics", error);
    return status == TB_OK ? tb_job_add_reasons(job, (const double *)(const void *)column->data, error) : status;
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

size_t tb_job_cell_values(const struct job *job, const struct comparing *comparing, size_t cell, size_t metric,
                          double *values)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    for (size_t i = 0; i < about->run_count; i++)
        values[i] = comparing->run_values[(about->first_run + i) * job->registry.count + metric];
    return about->run_count;
}

/* Room for the runs of a cell; of each thread. */
struct cell_scratch {
    double *values;
    double *scores;
    double *order;
    int32_t *outlying;
};

/* Values of one metric in one cell: the summary, and which of them are far out. */
static void summarise_cell(const struct job *job, const struct comparing *comparing, size_t cell, size_t metric,
                           const struct cell_scratch *scratch)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    const size_t metrics = job->registry.count;
    const size_t first = about->first_run - comparing->first_run;
    const size_t runs = tb_job_cell_values(job, comparing, cell, metric, scratch->values);
    tb_summary_compute(scratch->values, runs, &comparing->summaries[(cell - comparing->first_cell) * metrics + metric]);
    tb_outliers_find(scratch->values, runs, scratch->order, scratch->scores, scratch->outlying);
    for (size_t i = 0; i < runs; i++) {
        comparing->scores[(first + i) * metrics + metric] = scratch->scores[i];
        comparing->outlying[(first + i) * metrics + metric] = scratch->outlying[i];
    }
}

/* That of one thread, of scratch for all. */
static struct cell_scratch scratch_of(const struct cell_scratch *all, size_t thread, size_t most_runs)
{
    const size_t first = thread * most_runs;
    return (struct cell_scratch){all->values + first, all->scores + first, all->order + first, all->outlying + first};
}

static void summarise_cells(const struct job *job, const struct comparing *comparing, const struct cell_scratch *all)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t cell = comparing->first_cell; cell < comparing->first_cell + comparing->cells; cell++) {
        const struct cell_scratch scratch = scratch_of(all, (size_t)omp_get_thread_num(), comparing->most_runs);
        for (size_t m = 0; m < job->registry.count && !tb_stop_requested(); m++)
            summarise_cell(job, comparing, cell, m, &scratch);
    }
}

static enum tb_status summarise_share(const struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    const size_t room = (size_t)job->team->threads * comparing->most_runs + 1;
    struct cell_scratch all = {.values = calloc(room, sizeof *all.values),
                               .scores = calloc(room, sizeof *all.scores),
                               .order = calloc(room, sizeof *all.order),
                               .outlying = calloc(room, sizeof *all.outlying)};
    const bool allocated = all.values != NULL && all.scores != NULL && all.order != NULL && all.outlying != NULL;
    if (allocated)
        summarise_cells(job, comparing, &all);
    free(all.values);
    free(all.scores);
    free(all.order);
    free(all.outlying);
    if (!allocated)
        return tb_error_memory(error, "summaries");
    return tb_stop_requested() ? tb_job_stopped(job, error) : TB_OK;
}

static enum tb_status summarise(struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    const enum tb_status status = summarise_share(job, comparing, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < comparing->cells * metrics; i++)
        add_summary(job, &comparing->summaries[i]);
    tb_buffer_put(&job->columns.column[TB_FIELD_COMPARISON_OUTLIER_SCORE], comparing->scores,
                  comparing->runs * metrics * sizeof *comparing->scores);
    tb_buffer_put(&job->columns.column[TB_FIELD_COMPARISON_OUTLYING], comparing->outlying,
                  comparing->runs * metrics * sizeof *comparing->outlying);
    return TB_OK;
}

/* Cells are in the order of scenarios, and runs in that of cells. */
static void take_share(const struct job *job, struct comparing *comparing)
{
    const struct tb_campaign *campaign = job->campaign;
    size_t begin, end;
    tb_job_share(job, campaign->scenario_count, &begin, &end);
    for (size_t i = 0; i < campaign->cell_count; i++) {
        const struct tb_cell *cell = &campaign->cells[i];
        if (cell->run_count > comparing->most_runs)
            comparing->most_runs = cell->run_count;
        if (cell->scenario < begin || cell->scenario >= end)
            continue;
        if (comparing->cells == 0) {
            comparing->first_cell = i;
            comparing->first_run = cell->first_run;
        }
        comparing->cells++;
        comparing->runs += cell->run_count;
    }
}

static bool allocate(const struct job *job, struct comparing *comparing)
{
    const size_t metrics = job->registry.count;
    comparing->scores = calloc(comparing->runs * metrics + 1, sizeof *comparing->scores);
    comparing->outlying = calloc(comparing->runs * metrics + 1, sizeof *comparing->outlying);
    comparing->summaries = calloc(comparing->cells * metrics + 1, sizeof *comparing->summaries);
    comparing->incomparable = calloc(metrics + 1, sizeof *comparing->incomparable);
    return comparing->scores != NULL && comparing->outlying != NULL && comparing->summaries != NULL &&
           comparing->incomparable != NULL;
}

static void release(struct comparing *comparing)
{
    free(comparing->scores);
    free(comparing->outlying);
    free(comparing->summaries);
    free(comparing->incomparable);
}

static enum tb_status compare_share(struct job *job, struct comparing *comparing, struct tb_error *error)
{
    take_share(job, comparing);
    enum tb_status status = allocate(job, comparing) ? TB_OK : tb_error_memory(error, "comparison");
    if (status == TB_OK)
        status = summarise(job, comparing, error);
    if (status == TB_OK)
        status = tb_job_add_contrasts(job, comparing, error);
    return status;
}

/* Tables of cells and runs have other columns that only rank 0 holds: it gets the rows of all. */
static enum tb_status gather_rows(struct job *job, struct tb_error *error)
{
    static const enum tb_field fields[] = {
        TB_FIELD_COMPARISON_N,          TB_FIELD_COMPARISON_MEAN,          TB_FIELD_COMPARISON_DEVIATION,
        TB_FIELD_COMPARISON_MINIMUM,    TB_FIELD_COMPARISON_MAXIMUM,       TB_FIELD_COMPARISON_MEDIAN,
        TB_FIELD_COMPARISON_NORMAL_LOW, TB_FIELD_COMPARISON_NORMAL_HIGH,   TB_FIELD_COMPARISON_T_LOW,
        TB_FIELD_COMPARISON_T_HIGH,     TB_FIELD_COMPARISON_OUTLIER_SCORE, TB_FIELD_COMPARISON_OUTLYING};
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && status == TB_OK; i++)
        status = tb_column_gather(job->team, &job->columns, fields[i], error);
    return status;
}

/* A metric is incomparable when any rank found so. */
static enum tb_status share_incomparable(const struct job *job, const struct comparing *comparing,
                                         struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    uint64_t *ranks = calloc(metrics + 1, sizeof *ranks);
    enum tb_status status =
        tb_team_agree(job->team, ranks == NULL ? tb_error_memory(error, "comparison") : TB_OK, error);
    for (size_t m = 0; m < metrics && status == TB_OK; m++)
        ranks[m] = comparing->incomparable[m] != 0;
    if (status == TB_OK)
        status = tb_team_sum(job->team, ranks, (int)metrics, error);
    for (size_t m = 0; m < metrics && status == TB_OK; m++)
        comparing->incomparable[m] = ranks[m] > 0;
    free(ranks);
    return status;
}

static enum tb_status compare_all(struct job *job, struct comparing *comparing, struct tb_error *error)
{
    enum tb_status status = tb_team_agree(job->team, compare_share(job, comparing, error), error);
    if (status == TB_OK)
        status = gather_rows(job, error);
    if (status == TB_OK)
        status = share_incomparable(job, comparing, error);
    if (status == TB_OK)
        status = tb_job_add_sensitivity(job, comparing, error);
    return status;
}

static enum tb_status add_metrics_and_values(struct job *job, struct tb_error *error)
{
    add_metrics(job);
    return add_values(job, error);
}

enum tb_status tb_job_compare(struct job *job, struct tb_error *error)
{
    const bool root = job->team->rank == 0;
    struct tb_buffer received = {0};
    struct tb_buffer *const values = root ? &job->columns.column[TB_FIELD_METRICS_RUN_VALUE] : &received;
    enum tb_status status = tb_team_agree(job->team, root ? add_metrics_and_values(job, error) : TB_OK, error);
    if (status == TB_OK)
        status = tb_team_broadcast(job->team, values, error);
    if (status == TB_OK) {
        struct comparing comparing = {.run_values = (const double *)(const void *)values->data};
        status = compare_all(job, &comparing, error);
        release(&comparing);
    }
    tb_buffer_free(&received);
    return status;
}
