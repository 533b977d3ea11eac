/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seventh stage, on rank 0: values become run values, cell summaries, and
 * contrasts, the same way for every metric. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"

#define PUT_I32(field, value) tb_column_put_int32(&job->columns, TB_FIELD_##field, (int64_t)(value))
#define PUT_F64(field, value) tb_column_put_float64(&job->columns, TB_FIELD_##field, (value))
#define PUT_TEXT(field, value) tb_column_put_text(&job->columns, TB_FIELD_##field, (value))

/* The values of comparison/reason. */
enum reason { REASON_DECIDED, REASON_NO_VALUES, REASON_NO_REFERENCE, REASON_POINTS, REASON_HOSTS };

enum contrast_kind { CONTRAST_TESTBED, CONTRAST_FACTOR };

struct contrast {
    enum contrast_kind kind;
    size_t factor; /* TB_NO_INDEX for a contrast of testbeds */
    size_t cell;
    size_t reference;
};

static double threshold_of(const struct job *job, const struct tb_metric *metric)
{
    const struct tb_settings *settings = &job->campaign->settings;
    for (size_t i = 0; i < settings->threshold_count; i++)
        if (strcmp(settings->thresholds[i].metric, metric->name) == 0)
            return settings->thresholds[i].threshold;
    return metric->scale == TB_SCALE_RATIO ? settings->closeness : metric->margin;
}

static void add_metrics(struct job *job)
{
    for (size_t m = 0; m < tb_metric_count(); m++) {
        const struct tb_metric *metric = tb_metric_at(m);
        PUT_TEXT(METRICS_METRIC_NAME, metric->name);
        PUT_TEXT(METRICS_METRIC_UNIT, metric->unit);
        PUT_TEXT(METRICS_METRIC_LEVEL, tb_level_name(metric->level));
        PUT_TEXT(METRICS_METRIC_ROLE, tb_metric_role_name(metric->role));
        PUT_TEXT(METRICS_METRIC_SCALE, tb_scale_name(metric->scale));
        PUT_F64(METRICS_METRIC_THRESHOLD, threshold_of(job, metric));
        PUT_TEXT(METRICS_METRIC_COMBINATION, tb_combination_name(metric->combination));
        PUT_TEXT(METRICS_METRIC_DESCRIPTION, metric->sentence);
    }
}

static double run_value(const struct job *job, size_t run, size_t metric, double *scratch)
{
    const size_t metrics = tb_metric_count();
    const size_t pairs = job->campaign->runs[run].pair_count;
    const double *weights = &job->weights[run * job->pairs];
    for (size_t pair = 0; pair < pairs; pair++)
        scratch[pair] = job->values[(run * job->pairs + pair) * metrics + metric];
    return tb_metric_combine(tb_metric_at(metric)->combination, scratch, weights, pairs);
}

static enum tb_status add_values(struct job *job, double *run_values, struct tb_error *error)
{
    const size_t metrics = tb_metric_count();
    double *scratch = calloc(job->pairs, sizeof *scratch);
    if (scratch == NULL)
        return tb_error_memory(error, "values of metrics");
    for (size_t run = 0; run < job->campaign->run_count; run++)
        for (size_t m = 0; m < metrics; m++)
            run_values[run * metrics + m] = run_value(job, run, m, scratch);
    const size_t runs = job->campaign->run_count;
    tb_buffer_put(&job->columns.column[TB_FIELD_METRICS_VALUE], job->values,
                  runs * job->pairs * metrics * sizeof *job->values);
    tb_buffer_put(&job->columns.column[TB_FIELD_METRICS_RUN_VALUE], run_values, runs * metrics * sizeof *run_values);
    free(scratch);
    return TB_OK;
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

static enum tb_status summarise(struct job *job, const double *run_values, struct tb_summary *summaries,
                                struct tb_error *error)
{
    const size_t metrics = tb_metric_count();
    double *values = calloc(job->campaign->run_count + 1, sizeof *values);
    if (values == NULL)
        return tb_error_memory(error, "summaries");
    for (size_t cell = 0; cell < job->campaign->cell_count; cell++) {
        const struct tb_cell *about = &job->campaign->cells[cell];
        for (size_t m = 0; m < metrics; m++) {
            for (size_t i = 0; i < about->run_count; i++)
                values[i] = run_values[(about->first_run + i) * metrics + m];
            tb_summary_compute(values, about->run_count, &summaries[cell * metrics + m]);
            add_summary(job, &summaries[cell * metrics + m]);
        }
    }
    free(values);
    return TB_OK;
}

/* The scenario with another level of one factor and the same of the others.
 * Scenarios are in the order of their levels. */
static size_t sibling_scenario(const struct tb_campaign *campaign, size_t scenario, size_t factor, size_t level)
{
    size_t low = 0;
    size_t high = campaign->scenario_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        int order = 0;
        for (size_t f = 0; f < campaign->factor_count && order == 0; f++) {
            const size_t wanted = f == factor ? level : campaign->scenarios[scenario].levels[f];
            const size_t found = campaign->scenarios[middle].levels[f];
            order = found < wanted ? -1 : found > wanted;
        }
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return TB_NO_INDEX;
}

/* The contrasts of one cell: against the baseline's cell, and against the
 * reference level of every factor. room for 1 + factor_count. */
static size_t contrasts_of(const struct tb_campaign *campaign, size_t cell, struct contrast *contrasts)
{
    const struct tb_cell *about = &campaign->cells[cell];
    size_t count = 0;
    const size_t baseline = tb_campaign_cell(campaign, 0, about->scenario);
    if (about->testbed != 0 && baseline != TB_NO_INDEX)
        contrasts[count++] = (struct contrast){CONTRAST_TESTBED, TB_NO_INDEX, cell, baseline};
    for (size_t f = 0; f < campaign->factor_count; f++) {
        const size_t level = campaign->scenarios[about->scenario].levels[f];
        const size_t reference = campaign->factors[f].reference;
        if (level == reference || level == TB_NO_INDEX || campaign->factors[f].level_count < 2)
            continue;
        const size_t scenario = sibling_scenario(campaign, about->scenario, f, reference);
        const size_t other =
            scenario == TB_NO_INDEX ? TB_NO_INDEX : tb_campaign_cell(campaign, about->testbed, scenario);
        if (other != TB_NO_INDEX)
            contrasts[count++] = (struct contrast){CONTRAST_FACTOR, f, cell, other};
    }
    return count;
}

/* Marks the testbeds whose client and server share a machine: one trace holds both. */
static void find_shared_machines(const struct tb_campaign *campaign, bool *shared)
{
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->kind == TB_ARTIFACT_TRACE && artifact->exists && artifact->same_as != TB_NO_INDEX)
            shared[campaign->runs[artifact->run].testbed] = true;
    }
}

static enum reason reason_of(const struct tb_campaign *campaign, const bool *shared_machines,
                             const struct contrast *contrast, const struct tb_metric *metric,
                             const struct tb_summary *cell, const struct tb_summary *reference)
{
    if (cell->n == 0)
        return REASON_NO_VALUES;
    if (reference->n == 0)
        return REASON_NO_REFERENCE;
    if (metric->source == TB_METRIC_FROM_CAPTURE &&
        campaign->cells[contrast->cell].recorded[TB_ARTIFACT_CAPTURE] !=
            campaign->cells[contrast->reference].recorded[TB_ARTIFACT_CAPTURE])
        return REASON_POINTS;
    if (metric->role == TB_METRIC_HOST && shared_machines[campaign->cells[contrast->cell].testbed] !=
                                              shared_machines[campaign->cells[contrast->reference].testbed])
        return REASON_HOSTS;
    return REASON_DECIDED;
}

static void add_contrast_name(struct job *job, const struct contrast *contrast)
{
    const struct tb_campaign *campaign = job->campaign;
    const struct tb_cell *cell = &campaign->cells[contrast->cell];
    const struct tb_cell *reference = &campaign->cells[contrast->reference];
    char name[512];
    if (contrast->kind == CONTRAST_TESTBED) {
        snprintf(name, sizeof name, "%s vs %s: %s", campaign->testbeds[cell->testbed],
                 campaign->testbeds[reference->testbed], campaign->scenarios[cell->scenario].name);
    } else {
        const struct tb_factor *factor = &campaign->factors[contrast->factor];
        snprintf(name, sizeof name, "%s, %s: %s vs %s", campaign->testbeds[cell->testbed], factor->name,
                 campaign->scenarios[cell->scenario].name, campaign->scenarios[reference->scenario].name);
    }
    PUT_TEXT(COMPARISON_CONTRAST_NAME, name);
    PUT_I32(COMPARISON_CONTRAST_KIND, contrast->kind);
    PUT_I32(COMPARISON_CONTRAST_FACTOR, contrast->factor == TB_NO_INDEX ? -1 : (int64_t)contrast->factor);
    PUT_I32(COMPARISON_CONTRAST_CELL, contrast->cell);
    PUT_I32(COMPARISON_CONTRAST_REFERENCE, contrast->reference);
}

/* The differences stand even where a verdict would mislead. */
static void add_comparison(struct job *job, const struct tb_comparison *comparison, enum reason reason)
{
    const bool decided = reason == REASON_DECIDED;
    PUT_F64(COMPARISON_DIFFERENCE, comparison->difference);
    PUT_F64(COMPARISON_RATIO, comparison->ratio);
    PUT_F64(COMPARISON_RELATIVE_LOSS, 1 - comparison->ratio);
    PUT_F64(COMPARISON_WELCH_LOW, comparison->welch.low);
    PUT_F64(COMPARISON_WELCH_HIGH, comparison->welch.high);
    PUT_F64(COMPARISON_WELCH_P, comparison->welch_p);
    PUT_F64(COMPARISON_FIELLER_LOW, comparison->fieller.low);
    PUT_F64(COMPARISON_FIELLER_HIGH, comparison->fieller.high);
    PUT_F64(COMPARISON_EQUIVALENCE_P, comparison->equivalence_p);
    PUT_I32(COMPARISON_CLOSE, decided ? comparison->close : -1);
    PUT_I32(COMPARISON_INTERVALS_OVERLAP, decided ? comparison->intervals_overlap : -1);
    PUT_I32(COMPARISON_VERDICT, decided ? comparison->verdict : TB_VERDICT_NONE);
    PUT_I32(COMPARISON_REASON, reason);
}

struct contrast_scratch {
    bool *shared_machines; /* by testbed */
    double *p;
    double *adjusted;
    size_t *order;
};

static void add_contrast(struct job *job, const struct contrast *contrast, const struct tb_summary *summaries,
                         struct contrast_scratch *scratch)
{
    const size_t metrics = tb_metric_count();
    add_contrast_name(job, contrast);
    for (size_t m = 0; m < metrics; m++) {
        const struct tb_metric *metric = tb_metric_at(m);
        const struct tb_summary *cell = &summaries[contrast->cell * metrics + m];
        const struct tb_summary *reference = &summaries[contrast->reference * metrics + m];
        struct tb_comparison comparison;
        tb_comparison_compute(cell, reference, metric->scale, threshold_of(job, metric), &comparison);
        const enum reason reason =
            reason_of(job->campaign, scratch->shared_machines, contrast, metric, cell, reference);
        scratch->p[m] = reason == REASON_DECIDED ? comparison.welch_p : NAN;
        add_comparison(job, &comparison, reason);
    }
    tb_holm_adjust(scratch->p, metrics, scratch->order, scratch->adjusted);
    for (size_t m = 0; m < metrics; m++)
        PUT_F64(COMPARISON_HOLM_P, scratch->adjusted[m]);
}

static enum tb_status add_contrasts(struct job *job, const struct tb_summary *summaries, struct tb_error *error)
{
    const size_t metrics = tb_metric_count();
    struct contrast_scratch scratch = {.shared_machines =
                                           calloc(job->campaign->testbed_count, sizeof *scratch.shared_machines),
                                       .p = calloc(metrics, sizeof *scratch.p),
                                       .adjusted = calloc(metrics, sizeof *scratch.adjusted),
                                       .order = calloc(metrics, sizeof *scratch.order)};
    struct contrast *contrasts = calloc(job->campaign->factor_count + 1, sizeof *contrasts);
    const bool allocated = scratch.shared_machines != NULL && scratch.p != NULL && scratch.adjusted != NULL &&
                           scratch.order != NULL && contrasts != NULL;
    if (allocated)
        find_shared_machines(job->campaign, scratch.shared_machines);
    for (size_t cell = 0; cell < job->campaign->cell_count && allocated; cell++) {
        const size_t count = contrasts_of(job->campaign, cell, contrasts);
        for (size_t i = 0; i < count; i++)
            add_contrast(job, &contrasts[i], summaries, &scratch);
    }
    free(contrasts);
    free(scratch.shared_machines);
    free(scratch.p);
    free(scratch.adjusted);
    free(scratch.order);
    return allocated ? TB_OK : tb_error_memory(error, "contrasts");
}

static enum tb_status compare_all(struct job *job, struct tb_error *error)
{
    const size_t metrics = tb_metric_count();
    double *run_values = calloc(job->campaign->run_count * metrics + 1, sizeof *run_values);
    struct tb_summary *summaries = calloc(job->campaign->cell_count * metrics + 1, sizeof *summaries);
    enum tb_status status = TB_OK;
    if (run_values == NULL || summaries == NULL)
        status = tb_error_memory(error, "comparison");
    add_metrics(job);
    if (status == TB_OK)
        status = add_values(job, run_values, error);
    if (status == TB_OK)
        status = summarise(job, run_values, summaries, error);
    if (status == TB_OK)
        status = add_contrasts(job, summaries, error);
    free(run_values);
    free(summaries);
    return status;
}

enum tb_status job_compare(struct job *job, struct tb_error *error)
{
    return tb_team_agree(job->team, job->team->rank == 0 ? compare_all(job, error) : TB_OK, error);
}
