/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rank 0: the reasons of runs without a value, as rows and as closing lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/job/closing.h"
#include "comparing.h"

/* The first pair without a value leaves the run without one; else the first that has no completed units. */
static int32_t run_reason(const struct job *job, size_t run, size_t metric)
{
    const size_t metrics = job->registry.count;
    int32_t reason = NO_REASON;
    for (size_t pair = 0; pair < job->campaign->runs[run].pair_count; pair++) {
        const size_t at = (run * job->decoding.pairs + pair) * metrics + metric;
        if (isnan(job->values[at]))
            return job->absences[at];
        if (reason == NO_REASON)
            reason = job->absences[at];
    }
    return reason;
}

static bool alike(const struct reason_entry *one, const struct reason_entry *other)
{
    return one->kind == other->kind && tb_sentences_alike(one->sentence, other->sentence);
}

/* Reasons that are used get rows; like ones stand in one group, numbered by their first. */
static void add_rows(struct job *job, const bool *used, int32_t *rows, int32_t *groups)
{
    int32_t row = 0, group = -1;
    size_t first = 0; /* of the group */
    for (size_t i = 0; i < job->reasons.count; i++) {
        if (!used[i])
            continue;
        if (group < 0 || !alike(&job->reasons.items[first], &job->reasons.items[i])) {
            group++;
            first = i;
        }
        rows[i] = row++;
        groups[i] = group;
        PUT_I32(METRICS_REASON_KIND, job->reasons.items[i].kind);
        PUT_I32(METRICS_REASON_GROUP, group);
        PUT_I32(METRICS_REASON_FAULT, tb_absence_is_fault(job->reasons.items[i].kind));
        PUT_TEXT(METRICS_REASON_SENTENCE, job->reasons.items[i].sentence);
    }
}

/* Runs of each group of reasons: a run counts once, however many metrics it lacks. */
static void count_runs(const struct job *job, const int32_t *reasons, const int32_t *groups, size_t *runs, size_t *last)
{
    const size_t metrics = job->registry.count;
    for (size_t i = 0; i < job->campaign->run_count * metrics; i++) {
        if (reasons[i] == NO_REASON)
            continue;
        const int32_t group = groups[reasons[i]];
        if (last[group] != i / metrics + 1)
            runs[group]++;
        last[group] = i / metrics + 1;
    }
}

static void note_groups(struct job *job, const bool *used, const int32_t *groups, const size_t *runs)
{
    int32_t noted = -1;
    for (size_t i = 0; i < job->reasons.count; i++) {
        const struct reason_entry *reason = &job->reasons.items[i];
        if (!used[i] || groups[i] == noted)
            continue;
        noted = groups[i];
        tb_closing_note(job, tb_absence_is_fault(reason->kind), "%zu %s without values: %s%s", runs[noted],
                        runs[noted] == 1 ? "run" : "runs", reason->sentence,
                        runs[noted] == 1 ? "" : " (of the first; the numbers of the others may differ)");
    }
}

/* Scratch of one call, in one allocation each. */
struct reason_rows {
    int32_t *reasons; /* owned; [run][metric]: number in the list */
    bool *used;       /* owned; by number */
    int32_t *rows;    /* owned; by number */
    int32_t *groups;  /* owned; by number */
    size_t *runs;     /* owned; by group */
    size_t *last;     /* owned; by group: the run counted last, plus 1 */
};

static void reason_rows_free(struct reason_rows *scratch)
{
    free(scratch->reasons);
    free(scratch->used);
    free(scratch->rows);
    free(scratch->groups);
    free(scratch->runs);
    free(scratch->last);
}

static bool reason_rows_allocate(const struct job *job, struct reason_rows *scratch)
{
    const size_t values = job->campaign->run_count * job->registry.count + 1;
    const size_t reasons = job->reasons.count + 1;
    *scratch = (struct reason_rows){.reasons = calloc(values, sizeof *scratch->reasons),
                                    .used = calloc(reasons, sizeof *scratch->used),
                                    .rows = calloc(reasons, sizeof *scratch->rows),
                                    .groups = calloc(reasons, sizeof *scratch->groups),
                                    .runs = calloc(reasons, sizeof *scratch->runs),
                                    .last = calloc(reasons, sizeof *scratch->last)};
    return scratch->reasons != NULL && scratch->used != NULL && scratch->rows != NULL && scratch->groups != NULL &&
           scratch->runs != NULL && scratch->last != NULL;
}

static void find_reasons(const struct job *job, const double *run_values, struct reason_rows *scratch)
{
    const size_t metrics = job->registry.count;
    for (size_t i = 0; i < job->campaign->run_count * metrics; i++) {
        scratch->reasons[i] = isnan(run_values[i]) ? run_reason(job, i / metrics, i % metrics) : NO_REASON;
        if (scratch->reasons[i] != NO_REASON)
            scratch->used[scratch->reasons[i]] = true;
    }
}

enum tb_status tb_job_add_reasons(struct job *job, const double *run_values, struct tb_error *error)
{
    struct reason_rows scratch;
    if (!reason_rows_allocate(job, &scratch)) {
        reason_rows_free(&scratch);
        return tb_error_memory(error, "reasons");
    }
    find_reasons(job, run_values, &scratch);
    add_rows(job, scratch.used, scratch.rows, scratch.groups);
    for (size_t i = 0; i < job->campaign->run_count * job->registry.count; i++)
        PUT_I32(METRICS_RUN_REASON, scratch.reasons[i] == NO_REASON ? NO_REASON : scratch.rows[scratch.reasons[i]]);
    count_runs(job, scratch.reasons, scratch.groups, scratch.runs, scratch.last);
    note_groups(job, scratch.used, scratch.groups, scratch.runs);
    reason_rows_free(&scratch);
    return TB_OK;
}
