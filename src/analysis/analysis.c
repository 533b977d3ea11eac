/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of stages of one job.
 *
 *      load      rank 0 reads the campaign and sends it; files are shared out
 *      claim     the output may be written
 *      parts     what is decoded already
 *      decode    every rank, all threads: file -> part
 *      measure   every rank, its share of runs: parts -> rows and values
 *      windows   lengths are known: window settings become positions
 *      chains    every rank, cells from the queue; then all know all states
 *      pairs     every rank, cells from the queue: chains set against the baseline's
 *      distances every rank, scenarios from the queue: how far runs are from each other
 *      walk      every rank, windows from the queue
 *      profiles  every rank, windows from the queue: walks along intervals of sequences
 *      compare   every rank, its share of scenarios: summaries and contrasts; then of metrics: shares of variance
 *      calls     rank 0: calls behind the differences of contrasts
 *      write     all ranks, collectively
 *      close     rank 0 says what is missing
 */
#include "twinbed/analysis/analysis.h"
#include "twinbed/packet/filter.h"

#include <jansson.h>

#include "analysis/chains/chains.h"
#include "analysis/compare/compare.h"
#include "analysis/job/closing.h"
#include "analysis/job/custom_metrics.h"
#include "analysis/measure/flow_tables.h"
#include "analysis/measure/measure.h"
#include "analysis/measure/measure_rows.h"
#include "decode/decode.h"
#include "decode/memory.h"
#include "decode/trace_aliases.h"
#include "decode/windows.h"
#include "load.h"
#include "twinbed/base/log.h"
#include "twinbed/base/nearest.h"
#include "twinbed/base/output_file.h"
#include "twinbed/capture/capture.h"
#include "twinbed/checkpoint/parts.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/call_list.h"
#include "write.h"

struct stage {
    const char *name;
    enum tb_status (*run)(struct job *job, struct tb_error *error);
};

static enum tb_status fail_metric(const struct tb_campaign *campaign, const struct tb_registry *registry,
                                  const char *key, const char *name, struct tb_error *error)
{
    char hint[TB_NEAREST_TEXT_SIZE];
    struct tb_nearest nearest = tb_nearest_to(name);
    for (size_t i = 0; i < registry->count; i++)
        tb_nearest_offer(&nearest, registry->rows[i].name);
    return tb_error_set(error, TB_USAGE, "%s: %s names a metric that does not exist: '%.200s'%s",
                        campaign->manifest_path, key, name, tb_nearest_hint(&nearest, hint));
}

static enum tb_status check_names(const struct tb_campaign *campaign, const struct tb_registry *registry,
                                  struct tb_error *error)
{
    const struct tb_settings *settings = &campaign->settings;
    for (size_t i = 0; i < settings->threshold_count; i++)
        if (tb_registry_find(registry, settings->thresholds[i].metric) == registry->count)
            return fail_metric(campaign, registry, "closeness", settings->thresholds[i].metric, error);
    for (size_t i = 0; i < settings->family_metric_count; i++)
        if (tb_registry_find(registry, settings->family_metrics[i]) == registry->count)
            return fail_metric(campaign, registry, "family", settings->family_metrics[i], error);
    return TB_OK;
}

static enum tb_status check_metrics(const struct tb_campaign *campaign, struct tb_error *error)
{
    struct tb_registry registry;
    enum tb_status status = tb_custom_metrics_register(campaign, &registry, error);
    if (status != TB_OK)
        return status;
    status = check_names(campaign, &registry, error);
    tb_registry_close(&registry);
    return status;
}

enum tb_status tb_analysis_check(const struct tb_campaign *campaign, struct tb_error *error)
{
    const struct tb_settings *settings = &campaign->settings;
    const enum tb_status checked = check_metrics(campaign, error);
    if (checked != TB_OK)
        return checked;
    if (settings->filter[0] != '\0') {
        struct tb_error found = {0};
        const enum tb_status status = tb_capture_check_filter(settings->filter, &found);
        if (status != TB_OK)
            return tb_error_set(error, status, "%s: %s", campaign->manifest_path, found.text);
    }
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].kind == TB_ARTIFACT_TRACE &&
            tb_trace_aliases(campaign, i, NULL, 0) > TRACE_ALIASES_MAX)
            return tb_error_set(error, TB_USAGE, "%s: one trace may serve %d pairs and roles at most, %s serves more",
                                campaign->manifest_path, TRACE_ALIASES_MAX, campaign->artifacts[i].path);
    return TB_OK;
}

uint64_t tb_analysis_memory(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, int threads)
{
    const uint64_t decoding = tb_decoding_memory(campaign, plan, rank, threads);
    const uint64_t writing = tb_flow_columns_memory(campaign);
    const uint64_t buffers = 2 * TB_READER_BLOCK_SIZE + TB_CALL_LIST_BLOCK;
    return buffers * (uint64_t)threads + (decoding > writing ? decoding : writing);
}

static enum tb_status check_campaign(struct job *job, struct tb_error *error)
{
    return tb_analysis_check(job->campaign, error);
}

/* Rank 0: whoever has moved or touched all files should know that nothing was saved by the parts. Those of other tasks are of
 * other files. */
static void mention_unused_parts(const struct job *job, uint64_t there)
{
    for (size_t i = 0; i < job->campaign->artifact_count; i++)
        if (job->decoding.decoded[i].reused)
            return;
    tb_log_warning(
        "%s: none of %llu parts there is of these files as they are now, with these settings and this version: "
        "everything was decoded again",
        tb_parts_directory(job->decoding.parts), (unsigned long long)there);
}

static enum tb_status decode(struct job *job, struct tb_error *error)
{
    const uint64_t there = tb_parts_count(job->decoding.parts);
    const enum tb_status status = tb_artifacts_decode(&job->decoding, error);
    if (status == TB_OK && job->team->rank == 0 && there > 0 && job->options->task.count == 1)
        mention_unused_parts(job, there);
    return status;
}

static enum tb_status count_windows(struct job *job, struct tb_error *error)
{
    const enum tb_status status = tb_windows_count(&job->decoding, error);
    if (status == TB_OK)
        tb_measure_rows_windows(job);
    return status;
}

/* The same on every rank, so that all leave together. */
static enum tb_status check_strict(struct job *job, struct tb_error *error)
{
    const struct tb_analysis_outcome *outcome = &job->outcome;
    if (job->options->strict && outcome->damaged + outcome->missing + outcome->withdrawn > 0)
        return tb_error_set(error, TB_CORRUPT,
                            "--strict: %zu artifacts are damaged, %zu missing, %zu withdrawn; without --strict the "
                            "results say which and why",
                            outcome->damaged, outcome->missing, outcome->withdrawn);
    return TB_OK;
}

/* What is asked for and cannot be had is known before anything is decoded. */
static enum tb_status check_findings(struct job *job, struct tb_error *error)
{
    const struct tb_findings *findings = &job->campaign->findings;
    job->outcome.findings = (size_t)tb_findings_that_count(findings);
    for (size_t i = 0; i < findings->count && job->options->strict; i++)
        if (tb_finding_kind_counts(findings->items[i].kind))
            return tb_error_set(error, TB_CORRUPT, "--strict: %s", findings->items[i].sentence);
    return TB_OK;
}

static const struct stage stages[] = {
    {"load", tb_job_load},
    {"check", check_campaign},
    {"findings", check_findings},
    {"claim", tb_job_claim},
    {"parts", tb_job_find_parts},
    {"decode", decode},
    {"measure", tb_job_measure},
    {"strict", check_strict},
    {"windows", count_windows},
    {"chains", tb_job_chains},
    {"pairs", tb_job_compare_chains},
    {"distances", tb_job_distances},
    {"walk", tb_job_walk},
    {"profiles", tb_job_walk_profiles},
    {"compare", tb_job_compare},
    {"calls", tb_job_call_differences},
    {"write", tb_job_write},
    {"close", tb_job_close},
};

enum { STAGES = sizeof stages / sizeof stages[0] };

/* What a task does. */
static const struct stage decode_stages[] = {
    {"load", tb_job_load},
    {"check", check_campaign},
    {"parts", tb_job_find_parts},
    {"decode", decode},
};

/* Rank 0's seconds by stage, for benchmarks. */
static enum tb_status write_seconds(const struct job *job, const double *seconds, struct tb_output *output,
                                    struct tb_error *error)
{
    json_t *root = json_object();
    json_t *by_stage = json_object();
    for (size_t i = 0; i < STAGES; i++)
        json_object_set_new(by_stage, stages[i].name, json_real(seconds[i]));
    json_object_set_new(root, "ranks", json_integer(job->team->size));
    json_object_set_new(root, "threads", json_integer(job->team->threads));
    json_object_set_new(root, "bytes", json_integer((json_int_t)job->decoding.plan.total_bytes));
    json_object_set_new(root, "seconds", by_stage);
    const int failed = json_dumpf(root, output->stream, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(root);
    if (failed == 0)
        return tb_output_finish(output, error);
    tb_output_abandon(output);
    return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write timings", job->options->timings_path);
}

static enum tb_status write_timings(const struct job *job, const double *seconds, struct tb_error *error)
{
    const struct tb_output_request request = {.path = job->options->timings_path, .replace = job->options->force};
    struct tb_output output;
    if (request.path == NULL || job->team->rank != 0)
        return TB_OK;
    const enum tb_status status = tb_output_open(&request, &output, error);
    return status == TB_OK ? write_seconds(job, seconds, &output, error) : status;
}

/* seconds: of each stage. */
static enum tb_status run_stages(struct job *job, const struct stage *list, size_t count, double *seconds,
                                 struct tb_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const double start = tb_clock_seconds();
        const enum tb_status status = list[i].run(job, error);
        if (status != TB_OK)
            return status;
        seconds[i] = tb_clock_seconds() - start;
        tb_log_debug("%s: %.3f s", list[i].name, seconds[i]);
    }
    return TB_OK;
}

static enum tb_status run_all(struct job *job, struct tb_error *error)
{
    double seconds[STAGES] = {0};
    const enum tb_status status = run_stages(job, stages, STAGES, seconds, error);
    return status == TB_OK ? tb_team_agree(job->team, write_timings(job, seconds, error), error) : status;
}

/* Of what the plan of this task holds. */
static void count_decoded(struct job *job)
{
    const struct tb_plan *const plan = &job->decoding.plan;
    struct tb_analysis_outcome *const outcome = &job->outcome;
    outcome->runs = job->campaign->run_count;
    for (size_t i = 0; i < plan->segment_count + plan->team_count; i++) {
        const size_t artifact =
            i < plan->segment_count ? plan->segments[i].artifact : plan->teams[i - plan->segment_count].artifact;
        const struct decoded *const decoded = &job->decoding.decoded[artifact];
        if (job->campaign->runs[job->campaign->artifacts[artifact].run].discarded)
            continue;
        outcome->used += decoded->status == TB_OK;
        outcome->damaged += decoded->status != TB_OK;
        outcome->reused += decoded->reused;
        if (decoded->status != TB_OK && job->team->rank == 0)
            tb_log_warning("%s", decoded->message);
    }
}

enum tb_status tb_analysis_decode(const struct tb_team *team, const struct tb_analysis_options *options,
                                  struct tb_analysis_outcome *outcome, struct tb_error *error)
{
    enum { COUNT = sizeof decode_stages / sizeof decode_stages[0] };
    struct job job = {.team = team, .options = options};
    double seconds[COUNT];
    const enum tb_status status = run_stages(&job, decode_stages, COUNT, seconds, error);
    if (status == TB_OK) {
        count_decoded(&job);
        *outcome = job.outcome;
    }
    tb_job_free(&job);
    return status;
}

enum tb_status tb_analysis_run(const struct tb_team *team, const struct tb_analysis_options *options,
                               struct tb_analysis_outcome *outcome, struct tb_error *error)
{
    struct job job = {.team = team, .options = options};
    struct tb_error own = {0};
    struct tb_error *const said = error == NULL ? &own : error;
    enum tb_status status =
        tb_team_agree(team, team->rank == 0 ? tb_output_lock(options->output_path, said) : TB_OK, said);
    if (status != TB_OK)
        return status;
    status = run_all(&job, said);
    if (status == TB_OK)
        *outcome = job.outcome;
    tb_job_free(&job);
    if (team->rank == 0)
        tb_output_unlock(options->output_path);
    return status;
}
