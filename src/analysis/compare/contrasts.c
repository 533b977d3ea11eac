/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is compared with what, and the comparisons of every metric. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparing.h"

/* The values of comparison/reason. */
#define REASON(NAME, word) REASON_##NAME,
enum reason { TB_COMPARISON_REASON_WORDS(REASON) };

#define CONTRAST(NAME, word) CONTRAST_##NAME,
enum contrast_kind { TB_CONTRAST_KIND_WORDS(CONTRAST) };

struct contrast {
    enum contrast_kind kind;
    size_t factor; /* TB_NO_INDEX for a contrast of testbeds */
    size_t cell;
    size_t reference;
};

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
        const size_t scenario = tb_campaign_sibling(campaign, about->scenario, f, reference);
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

/* The values of the two cells do not mean the same: why, or REASON_DECIDED. */
static enum reason difference_of_meaning(const struct tb_campaign *campaign, const bool *shared_machines,
                                         const struct contrast *contrast, const struct tb_metric *metric)
{
    if (metric->source == TB_METRIC_FROM_CAPTURE &&
        tb_campaign_point(campaign, contrast->cell) != tb_campaign_point(campaign, contrast->reference))
        return REASON_POINTS;
    if (metric->role == TB_METRIC_HOST && shared_machines[campaign->cells[contrast->cell].testbed] !=
                                              shared_machines[campaign->cells[contrast->reference].testbed])
        return REASON_HOSTS;
    return REASON_DECIDED;
}

static enum reason reason_of(enum reason meaning, const struct tb_summary *cell, const struct tb_summary *reference,
                             const struct tb_comparison *comparison)
{
    if (cell->n == 0)
        return REASON_NO_VALUES;
    if (reference->n == 0)
        return REASON_NO_REFERENCE;
    if (meaning != REASON_DECIDED)
        return meaning;
    return comparison->few_values ? REASON_FEW_VALUES : REASON_DECIDED;
}

static bool has_verdict(enum reason reason)
{
    return reason == REASON_DECIDED || reason == REASON_FEW_VALUES;
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

static void add_shift(struct job *job, const struct tb_shift *shift)
{
    PUT_F64(COMPARISON_MEDIAN_DIFFERENCE, shift->median_difference);
    PUT_F64(COMPARISON_MEDIAN_RATIO, shift->median_ratio);
    PUT_F64(COMPARISON_SHIFT, shift->estimate);
    PUT_F64(COMPARISON_SHIFT_LOW, shift->interval.low);
    PUT_F64(COMPARISON_SHIFT_HIGH, shift->interval.high);
    PUT_F64(COMPARISON_SHIFT_CONFIDENCE, shift->confidence);
}

/* The differences stand even where a verdict would mislead. */
static void add_comparison(struct job *job, const struct tb_comparison *comparison, enum reason reason)
{
    const bool judged = has_verdict(reason);
    PUT_F64(COMPARISON_DIFFERENCE, comparison->difference);
    PUT_F64(COMPARISON_RATIO, comparison->ratio);
    PUT_F64(COMPARISON_RELATIVE_LOSS, 1 - comparison->ratio);
    PUT_F64(COMPARISON_WELCH_LOW, comparison->welch.low);
    PUT_F64(COMPARISON_WELCH_HIGH, comparison->welch.high);
    PUT_F64(COMPARISON_WELCH_P, comparison->welch_p);
    PUT_F64(COMPARISON_FIELLER_LOW, comparison->fieller.low);
    PUT_F64(COMPARISON_FIELLER_HIGH, comparison->fieller.high);
    PUT_F64(COMPARISON_EQUIVALENCE_P, comparison->equivalence_p);
    PUT_I32(COMPARISON_CLOSE, judged ? comparison->close : -1);
    PUT_I32(COMPARISON_INTERVALS_OVERLAP, judged ? comparison->intervals_overlap : -1);
    PUT_I32(COMPARISON_VERDICT, judged ? comparison->verdict : TB_VERDICT_NONE);
    PUT_I32(COMPARISON_REASON, reason);
}

/* All contrasts, and the p-values that are adjusted together. */
struct contrasts {
    struct contrast *items; /* owned */
    size_t count;
    double *p;             /* owned; [contrast][metric] */
    double *gathered;      /* owned; p-values of one family, as many as there are */
    double *adjusted;      /* owned */
    size_t *order;         /* owned */
    bool *done;            /* owned; per contrast */
    bool *shared_machines; /* owned; per testbed */
};

static enum tb_status find_contrasts(const struct job *job, const struct comparing *comparing,
                                     struct contrasts *contrasts, struct tb_error *error)
{
    const struct tb_campaign *campaign = job->campaign;
    const size_t most = comparing->cells * (campaign->factor_count + 1);
    contrasts->items = calloc(most + 1, sizeof *contrasts->items);
    if (contrasts->items == NULL)
        return tb_error_memory(error, "contrasts");
    for (size_t cell = comparing->first_cell; cell < comparing->first_cell + comparing->cells; cell++)
        contrasts->count += contrasts_of(campaign, cell, contrasts->items + contrasts->count);
    const size_t values = contrasts->count * job->registry.count + 1;
    contrasts->p = calloc(values, sizeof *contrasts->p);
    contrasts->gathered = calloc(values, sizeof *contrasts->gathered);
    contrasts->adjusted = calloc(values, sizeof *contrasts->adjusted);
    contrasts->order = calloc(values, sizeof *contrasts->order);
    contrasts->done = calloc(contrasts->count + 1, sizeof *contrasts->done);
    contrasts->shared_machines = calloc(campaign->testbed_count + 1, sizeof *contrasts->shared_machines);
    if (contrasts->shared_machines != NULL)
        find_shared_machines(campaign, contrasts->shared_machines);
    return contrasts->shared_machines != NULL && contrasts->p != NULL && contrasts->gathered != NULL &&
                   contrasts->adjusted != NULL && contrasts->order != NULL && contrasts->done != NULL
               ? TB_OK
               : tb_error_memory(error, "contrasts");
}

static void contrasts_free(struct contrasts *contrasts)
{
    free(contrasts->items);
    free(contrasts->p);
    free(contrasts->gathered);
    free(contrasts->adjusted);
    free(contrasts->order);
    free(contrasts->done);
    free(contrasts->shared_machines);
}

/* One metric in one contrast. */
struct compared {
    struct tb_comparison comparison;
    struct tb_shift shift;
    enum reason reason;
};

/* Of a cell of this rank it is there; else it is computed from its values. */
static struct tb_summary summary_of(const struct job *job, const struct comparing *comparing, size_t cell,
                                    size_t metric, const double *values, size_t count)
{
    struct tb_summary summary;
    if (cell >= comparing->first_cell && cell - comparing->first_cell < comparing->cells)
        return comparing->summaries[(cell - comparing->first_cell) * job->registry.count + metric];
    tb_summary_compute(values, count, &summary);
    return summary;
}

/* scratch: room for the runs of four cells. */
static void compare_metric(const struct job *job, const struct comparing *comparing, const struct contrasts *contrasts,
                           const struct contrast *contrast, size_t metric, double *scratch, struct compared *compared)
{
    const struct tb_metric *about = &job->registry.rows[metric];
    const struct tb_closeness closeness = {about->scale, tb_job_threshold(job, about),
                                           job->campaign->settings.replication};
    double *const right = scratch + comparing->most_runs;
    const size_t cell_count = tb_job_cell_values(job, comparing, contrast->cell, metric, scratch);
    const size_t reference_count = tb_job_cell_values(job, comparing, contrast->reference, metric, right);
    const struct tb_summary cell = summary_of(job, comparing, contrast->cell, metric, scratch, cell_count);
    const struct tb_summary reference = summary_of(job, comparing, contrast->reference, metric, right, reference_count);
    tb_comparison_compute(&cell, &reference, &closeness, &compared->comparison);
    compared->reason = reason_of(difference_of_meaning(job->campaign, contrasts->shared_machines, contrast, about),
                                 &cell, &reference, &compared->comparison);
    tb_shift_compute(scratch, cell_count, right, reference_count, about->scale, right + comparing->most_runs,
                     &compared->shift);
}

static void add_compared(struct job *job, const struct comparing *comparing, const struct contrasts *contrasts,
                         size_t index, size_t metric, const struct compared *compared)
{
    double *p = &contrasts->p[index * job->registry.count + metric];
    const bool counts = compared->reason == REASON_DECIDED && compared->comparison.tested &&
                        tb_job_in_family(job, &job->registry.rows[metric]);
    *p = counts ? compared->comparison.welch_p : NAN;
    if (compared->reason == REASON_POINTS || compared->reason == REASON_HOSTS)
        comparing->incomparable[metric] = 1;
    add_comparison(job, &compared->comparison, compared->reason);
    add_shift(job, &compared->shift);
}

/* Contrasts that threads share before their rows are added, so that few are held. */
enum { TOGETHER = 64 };

/* Contrasts first .. end - 1, at most TOGETHER, into compared: [contrast][metric]. */
static void compare_together(const struct job *job, const struct comparing *comparing,
                             const struct contrasts *contrasts, size_t first, size_t end, double *scratch,
                             struct compared *compared)
{
    const size_t metrics = job->registry.count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->team->threads)
    for (size_t i = first; i < end; i++)
        for (size_t m = 0; m < metrics; m++)
            compare_metric(job, comparing, contrasts, &contrasts->items[i], m,
                           scratch + (size_t)omp_get_thread_num() * 4 * comparing->most_runs,
                           &compared[(i - first) * metrics + m]);
}

static enum tb_status compare_contrasts(struct job *job, const struct comparing *comparing, struct contrasts *contrasts,
                                        struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    double *scratch = calloc((size_t)job->team->threads * 4 * comparing->most_runs + 1, sizeof *scratch);
    struct compared *compared = calloc(TOGETHER * metrics + 1, sizeof *compared);
    enum tb_status status = scratch == NULL || compared == NULL ? tb_error_memory(error, "contrasts") : TB_OK;
    for (size_t first = 0; first < contrasts->count && status == TB_OK; first += TOGETHER) {
        const size_t end = first + TOGETHER < contrasts->count ? first + TOGETHER : contrasts->count;
        compare_together(job, comparing, contrasts, first, end, scratch, compared);
        for (size_t i = first; i < end; i++) {
            add_contrast_name(job, &contrasts->items[i]);
            for (size_t m = 0; m < metrics; m++)
                add_compared(job, comparing, contrasts, i, m, &compared[(i - first) * metrics + m]);
        }
        status = tb_stop_requested() ? tb_job_stopped(job, error) : TB_OK;
    }
    free(scratch);
    free(compared);
    return status;
}

static size_t count_tests(const double *p, size_t count)
{
    size_t tests = 0;
    for (size_t i = 0; i < count; i++)
        tests += !isnan(p[i]);
    return tests;
}

/* One family for each contrast: its metrics, as far as they are in the family and tested. */
static void adjust_contrasts(struct job *job, const struct contrasts *contrasts)
{
    const size_t metrics = job->registry.count;
    for (size_t i = 0; i < contrasts->count; i++) {
        tb_holm_adjust(&contrasts->p[i * metrics], metrics, contrasts->order, contrasts->adjusted);
        for (size_t m = 0; m < metrics; m++)
            PUT_F64(COMPARISON_HOLM_P, contrasts->adjusted[m]);
        PUT_I32(COMPARISON_HOLM_TESTS, count_tests(&contrasts->p[i * metrics], metrics));
    }
}

static bool same_family(const struct tb_campaign *campaign, const struct contrast *a, const struct contrast *b)
{
    return a->kind == b->kind && a->factor == b->factor &&
           campaign->cells[a->cell].scenario == campaign->cells[b->cell].scenario;
}

/* Contrasts of a scenario stand together: behind them is none of its families. */
static size_t end_of_scenario(const struct tb_campaign *campaign, const struct contrasts *contrasts, size_t first)
{
    const size_t scenario = campaign->cells[contrasts->items[first].cell].scenario;
    size_t end = first;
    while (end < contrasts->count && campaign->cells[contrasts->items[end].cell].scenario == scenario)
        end++;
    return end;
}

/* The p-values of first and of all later contrasts of its family, adjusted
 * together into family_p. */
static void adjust_family(const struct job *job, struct contrasts *contrasts, size_t first, double *family_p,
                          int64_t *family_tests)
{
    const size_t metrics = job->registry.count;
    const size_t end = end_of_scenario(job->campaign, contrasts, first);
    size_t used = 0;
    for (size_t i = first; i < end; i++)
        if (same_family(job->campaign, &contrasts->items[first], &contrasts->items[i]))
            memcpy(&contrasts->gathered[metrics * used++], &contrasts->p[i * metrics], metrics * sizeof *contrasts->p);
    tb_holm_adjust(contrasts->gathered, used * metrics, contrasts->order, contrasts->adjusted);
    const int64_t tests = (int64_t)count_tests(contrasts->gathered, used * metrics);
    used = 0;
    for (size_t i = first; i < end; i++) {
        if (!same_family(job->campaign, &contrasts->items[first], &contrasts->items[i]))
            continue;
        memcpy(&family_p[i * metrics], &contrasts->adjusted[metrics * used++], metrics * sizeof *family_p);
        family_tests[i] = tests;
        contrasts->done[i] = true;
    }
}

/* One family for each scenario: the metrics of all its testbeds (or, for one
 * factor, of that level in all testbeds). */
static enum tb_status adjust_scenarios(struct job *job, struct contrasts *contrasts, struct tb_error *error)
{
    const size_t metrics = job->registry.count;
    double *family_p = calloc(contrasts->count * metrics + 1, sizeof *family_p);
    int64_t *tests = calloc(contrasts->count + 1, sizeof *tests);
    const bool allocated = family_p != NULL && tests != NULL;
    for (size_t i = 0; i < contrasts->count && allocated; i++)
        if (!contrasts->done[i])
            adjust_family(job, contrasts, i, family_p, tests);
    for (size_t i = 0; i < contrasts->count && allocated; i++)
        PUT_I32(COMPARISON_HOLM_SCENARIO_TESTS, tests[i]);
    if (allocated)
        tb_buffer_put(&job->columns.column[TB_FIELD_COMPARISON_HOLM_SCENARIO_P], family_p,
                      contrasts->count * metrics * sizeof *family_p);
    free(family_p);
    free(tests);
    return allocated ? TB_OK : tb_error_memory(error, "contrasts");
}

enum tb_status tb_job_add_contrasts(struct job *job, const struct comparing *comparing, struct tb_error *error)
{
    struct contrasts contrasts = {0};
    enum tb_status status = find_contrasts(job, comparing, &contrasts, error);
    if (status == TB_OK)
        status = compare_contrasts(job, comparing, &contrasts, error);
    if (status == TB_OK) {
        adjust_contrasts(job, &contrasts);
        status = adjust_scenarios(job, &contrasts, error);
    }
    contrasts_free(&contrasts);
    return status;
}
