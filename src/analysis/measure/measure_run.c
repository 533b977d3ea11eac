/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measure_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/job/custom_metrics.h"
#include "decode/artifact_parts.h"
#include "decode/trace_aliases.h"
#include "delay_measures.h"
#include "judgement.h"
#include "remarks.h"

static enum tb_status load_artifact(const struct job *job, struct run_measures *measures, size_t place,
                                    struct tb_error *error)
{
    struct run_artifact *artifact = &measures->artifacts[place];
    artifact->artifact = job->campaign->runs[measures->run].first_artifact + place;
    artifact->content_of = place;
    artifact->coverage = NAN;
    artifact->reason = "";
    tb_judge_existence(job, artifact);
    if (artifact->state != ARTIFACT_USED)
        return TB_OK;
    const size_t decoded = tb_decoded_artifact(job->campaign, artifact->artifact);
    if (decoded != artifact->artifact) {
        artifact->content_of = decoded - job->campaign->runs[measures->run].first_artifact;
        return TB_OK;
    }
    const enum tb_status status = tb_artifact_load(&job->decoding, artifact->artifact, &artifact->content, error);
    artifact->loaded = status == TB_OK;
    return status;
}

/* Which sequence of a shared trace belongs to which artifact. */
static void place_sequences(const struct job *job, struct run_measures *measures)
{
    for (size_t i = 0; i < measures->artifact_count; i++) {
        const size_t holder = measures->artifacts[i].content_of;
        size_t aliases[TRACE_ALIASES_MAX];
        const size_t count =
            tb_trace_aliases(job->campaign, measures->artifacts[holder].artifact, aliases, TRACE_ALIASES_MAX);
        for (size_t s = 0; s < count; s++)
            if (aliases[s] == measures->artifacts[i].artifact)
                measures->artifacts[i].sequence = s;
    }
}

static const struct run_artifact *find_used(const struct job *job, const struct run_measures *measures, size_t pair,
                                            enum tb_artifact_kind kind)
{
    for (size_t i = 0; i < measures->artifact_count; i++) {
        const struct run_artifact *artifact = &measures->artifacts[i];
        const struct tb_artifact *about = &job->campaign->artifacts[artifact->artifact];
        if (artifact->state == ARTIFACT_USED && about->pair == pair && about->kind == kind &&
            tb_run_artifact_content(measures, i) != NULL)
            return artifact;
    }
    return NULL;
}

/* Counts depend on where packets were captured: all runs of a cell are measured at one point, or not at all. */
static const struct run_artifact *find_used_capture(const struct job *job, const struct run_measures *measures,
                                                    size_t pair)
{
    const enum tb_point point = tb_campaign_point(job->campaign, job->campaign->runs[measures->run].cell);
    for (size_t i = 0; i < measures->artifact_count; i++) {
        const struct run_artifact *artifact = &measures->artifacts[i];
        const struct tb_artifact *about = &job->campaign->artifacts[artifact->artifact];
        if (artifact->state == ARTIFACT_USED && about->pair == pair && about->kind == TB_ARTIFACT_CAPTURE &&
            about->point == point && tb_run_artifact_content(measures, i) != NULL)
            return artifact;
    }
    return NULL;
}

static const struct artifact_content *content_of(const struct run_measures *measures,
                                                 const struct run_artifact *artifact)
{
    return artifact == NULL ? NULL : tb_run_artifact_content(measures, (size_t)(artifact - measures->artifacts));
}

/* Rates and per-request values of such a run describe its failures, not its work. */
static bool too_many_failures(const struct tb_settings *settings, const struct tb_apachebench *ab)
{
    const int64_t failed = ab == NULL ? -1 : tb_ab_failed_requests(ab);
    return failed > 0 && (double)failed > settings->failure_limit * (double)ab->complete;
}

static void find_server_port(const struct job *job, struct tb_measures *measures)
{
    measures->server_port = job->campaign->settings.server_port;
    if (measures->server_port == 0 && measures->ab != NULL)
        measures->server_port = tb_ab_peer_port(measures->ab);
}

static void use_ab_csv(const struct job *job, struct run_measures *run, size_t pair)
{
    struct tb_measures *measures = &run->pairs[pair].measures;
    const struct run_artifact *csv = find_used(job, run, pair, TB_ARTIFACT_AB_CSV);
    if (csv == NULL)
        return;
    struct tb_ab_quantiles *quantiles = &run->artifacts[csv->content_of].content.quantiles;
    tb_ab_quantiles_drop_unrelated(quantiles, measures->ab == NULL ? 0 : measures->ab->complete);
    measures->quantiles = quantiles;
}

static enum tb_status measure_ab(const struct job *job, struct run_measures *run, size_t pair, struct tb_error *error)
{
    struct tb_measures *measures = &run->pairs[pair].measures;
    const struct artifact_content *ab = content_of(run, find_used(job, run, pair, TB_ARTIFACT_AB));
    if (ab != NULL)
        measures->ab = &ab->ab;
    if (!tb_judge_ab_tables(job, run, pair))
        return tb_error_memory(error, "checks");
    use_ab_csv(job, run, pair);
    const struct artifact_content *counters = content_of(run, find_used(job, run, pair, TB_ARTIFACT_COUNTERS));
    if (counters != NULL)
        measures->counters = &counters->counters;
    find_server_port(job, measures);
    measures->too_many_failures = too_many_failures(&job->campaign->settings, measures->ab);
    return TB_OK;
}

/* The address of the first flow on the server port, else ab's host name. */
static void find_server_address(struct pair_measures *pair, const struct tb_capture *capture)
{
    struct tb_measures *measures = &pair->measures;
    if (measures->ab != NULL)
        snprintf(measures->server_name, sizeof measures->server_name, "%s", tb_ab_peer_host(measures->ab));
    memcpy(measures->server_address, measures->server_name, sizeof measures->server_name);
    if (capture == NULL || measures->server_port == 0)
        return;
    const struct tb_address *address = &tb_flow_summary_find(&capture->summary, measures->server_port)->server;
    if (address->version == 0)
        return;
    char text[TB_ADDRESS_TEXT_SIZE];
    tb_address_text(address, text);
    char *const last_colon = strrchr(text, ':');
    if (last_colon != NULL)
        *last_colon = '\0';
    const size_t length = strlen(text);
    const bool bracketed = text[0] == '[' && length > 1;
    snprintf(measures->server_address, sizeof measures->server_address, "%.*s", (int)(bracketed ? length - 2 : length),
             text + bracketed);
}

static void measure_capture(const struct job *job, struct run_measures *run, size_t pair)
{
    struct pair_measures *about = &run->pairs[pair];
    const struct artifact_content *content = content_of(run, find_used_capture(job, run, pair));
    const struct tb_capture *capture = content == NULL ? NULL : content->capture;
    find_server_address(about, capture);
    if (capture == NULL || about->measures.server_port == 0)
        return;
    const struct tb_port_flows *port = tb_flow_summary_find(&capture->summary, about->measures.server_port);
    tb_port_flows_totals(port, false, &about->flows);
    tb_port_flows_totals(port, true, &about->completed_flows);
    about->measures.port_flows = port;
    about->measures.flows = &about->flows;
    about->measures.completed_flows = &about->completed_flows;
}

/* Encrypted or another protocol, or cut too short. */
static void explain(const struct tb_port_work *work, char reason[TB_ERROR_TEXT_SIZE])
{
    if (work->unread != 0)
        snprintf(reason, TB_ERROR_TEXT_SIZE,
                 "requests cannot be counted in it: too little is kept of %llu of %llu packets with payload of clients",
                 (unsigned long long)work->unread, (unsigned long long)work->packets);
    else
        snprintf(reason, TB_ERROR_TEXT_SIZE,
                 "requests cannot be counted in it: none of %llu packets with payload of clients begins one of HTTP",
                 (unsigned long long)work->packets);
}

/* The units of a server port by that source; NaN, and reason says why, when the capture cannot tell. */
static double captured_work(enum tb_work_source source, const struct tb_port_flows *port,
                            char reason[TB_ERROR_TEXT_SIZE])
{
    struct tb_port_work work;
    tb_port_flows_work(port, &work);
    reason[0] = '\0';
    if (source == TB_WORK_CONNECTIONS)
        return (double)work.connections;
    if (work.readable)
        return (double)work.requests;
    explain(&work, reason);
    return NAN;
}

/* A capture that does not tell how many stays used for all that is not per unit. */
static void find_captured(const struct job *job, struct run_measures *run, size_t pair)
{
    struct tb_measures *measures = &run->pairs[pair].measures;
    const struct run_artifact *capture = find_used_capture(job, run, pair);
    if (measures->port_flows == NULL || capture == NULL)
        return;
    measures->completed = captured_work(job->campaign->settings.work, measures->port_flows, run->pairs[pair].no_work);
}

static void find_completed(const struct job *job, struct run_measures *run, size_t pair)
{
    struct pair_measures *about = &run->pairs[pair];
    about->measures.completed = NAN;
    const struct artifact_content *work;
    switch (job->campaign->settings.work) {
    case TB_WORK_AB:
        if (about->measures.ab != NULL && tb_ab_count(about->measures.ab, TB_AB_COMPLETE) >= 0)
            about->measures.completed = (double)about->measures.ab->complete;
        break;
    case TB_WORK_CAPTURE:
    case TB_WORK_CONNECTIONS:
        find_captured(job, run, pair);
        break;
    case TB_WORK_FILE:
        work = content_of(run, find_used(job, run, pair, TB_ARTIFACT_WORK));
        if (work != NULL)
            about->measures.completed = (double)work->work.units;
        break;
    }
}

/* Without one that is used, the pair's flows are unknown, and so is the work that was counted in it. */
static void drop_withdrawn_capture(const struct job *job, struct run_measures *run, size_t pair)
{
    struct tb_measures *measures = &run->pairs[pair].measures;
    if (find_used_capture(job, run, pair) != NULL)
        return;
    measures->flows = NULL;
    measures->completed_flows = NULL;
    measures->port_flows = NULL;
    if (job->campaign->settings.work == TB_WORK_CAPTURE || job->campaign->settings.work == TB_WORK_CONNECTIONS)
        measures->completed = NAN;
}

static enum tb_status use_traces(const struct job *job, struct run_measures *run, struct tb_error *error)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *known = &job->campaign->artifacts[run->artifacts[i].artifact];
        if (known->kind != TB_ARTIFACT_TRACE)
            continue;
        if (!tb_judge_trace(job, run, i))
            return tb_error_memory(error, "checks");
        if (run->artifacts[i].state != ARTIFACT_USED)
            continue;
        struct tb_measures *measures = &run->pairs[known->pair].measures;
        if (known->role == TB_ROLE_CLIENT)
            measures->client = tb_run_artifact_sequence(run, i);
        else
            measures->server = tb_run_artifact_sequence(run, i);
    }
    return TB_OK;
}

static enum tb_status collect_sessions(const struct job *job, struct run_measures *run, size_t pair,
                                       struct tb_error *error)
{
    struct pair_measures *about = &run->pairs[pair];
    size_t capacity = 0;
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *known = &job->campaign->artifacts[run->artifacts[i].artifact];
        const struct artifact_content *content = tb_run_artifact_content(run, i);
        if (known->kind != TB_ARTIFACT_LATENCY || known->pair != pair || content == NULL ||
            run->artifacts[i].state != ARTIFACT_USED)
            continue;
        const struct tb_latency *latency = content->latency;
        if (!tb_array_reserve(&about->sessions, &capacity, about->session_count + latency->session_count,
                              sizeof *about->sessions))
            return tb_error_memory(error, "latency sessions");
        if (latency->session_count > 0)
            memcpy(about->sessions + about->session_count, latency->sessions,
                   latency->session_count * sizeof *about->sessions);
        about->session_count += latency->session_count;
    }
    about->measures.sessions = about->sessions;
    about->measures.session_count = about->session_count;
    return TB_OK;
}

/* The number of a metric in its file, or NULL without one. */
static const struct tb_number *number_of(const struct job *job, const struct run_measures *run, size_t pair,
                                         const struct tb_custom_metric *metric)
{
    const struct tb_campaign *campaign = job->campaign;
    size_t place = 0;
    for (const struct tb_custom_metric *before = campaign->metrics; before < metric; before++)
        place += before->file == metric->file;
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *about = &campaign->artifacts[run->artifacts[i].artifact];
        const struct artifact_content *content = tb_run_artifact_content(run, i);
        if (about->kind == TB_ARTIFACT_NUMBERS && about->file == metric->file && about->pair == pair &&
            run->artifacts[i].state == ARTIFACT_USED && content != NULL && place < content->numbers.count)
            return &content->numbers.items[place];
    }
    return NULL;
}

const char *tb_custom_metric_problem(const struct job *job, const struct run_measures *run, size_t pair, size_t metric)
{
    const struct tb_number *number = number_of(job, run, pair, &job->campaign->metrics[metric]);
    if (number == NULL || number->problem[0] != '\0')
        return number == NULL ? "" : number->problem;
    return "the number is negative, which is no ratio's";
}

static enum tb_status measure_custom(const struct job *job, struct run_measures *run, size_t pair,
                                     struct tb_error *error)
{
    const struct tb_campaign *campaign = job->campaign;
    struct pair_measures *about = &run->pairs[pair];
    if (campaign->metric_count == 0)
        return TB_OK;
    about->custom = calloc(campaign->metric_count, sizeof *about->custom);
    if (about->custom == NULL)
        return tb_error_memory(error, "custom metrics");
    for (size_t i = 0; i < campaign->metric_count; i++) {
        const struct tb_number *number = number_of(job, run, pair, &campaign->metrics[i]);
        const bool negative = number != NULL && campaign->metrics[i].scale == TB_SCALE_RATIO && number->value < 0;
        about->custom[i] = number == NULL ? tb_metric_absent(TB_ABSENT_ARTIFACT)
                           : negative     ? tb_metric_absent(TB_ABSENT_NUMBER)
                                          : tb_metric_number(number->value, TB_ABSENT_NUMBER);
    }
    about->measures.custom = about->custom;
    return TB_OK;
}

/* The published authors' rule: longest >= ratio x median and >= so many ms. */
static int looks_stalled(const struct tb_settings *settings, const struct tb_apachebench *ab)
{
    if (ab == NULL)
        return -1;
    const double median = ab->percentile_ms[0];
    const double longest = ab->percentile_ms[TB_AB_PERCENTILES - 1];
    if (isnan(longest) || isnan(median) || median <= 0)
        return -1;
    return longest >= settings->stall_ratio * median && longest >= settings->stall_ms;
}

/* The stalls of a pair's capture, added to what the run's others show. */
static void find_stalls(const struct job *job, struct run_measures *run, size_t pair)
{
    const struct tb_settings *settings = &job->campaign->settings;
    const struct run_artifact *artifact = find_used(job, run, pair, TB_ARTIFACT_CAPTURE);
    const struct artifact_content *content = artifact == NULL ? NULL : content_of(run, artifact);
    if (content == NULL || content->capture == NULL)
        return;
    const struct tb_stall_rule rule = {.port = run->pairs[pair].measures.server_port,
                                       .gap = (uint64_t)(settings->stall_gap * 1e9),
                                       .flows = settings->stall_flows};
    struct tb_stalls stalls;
    tb_stalls_find(&content->capture->summary, &rule, &stalls);
    const struct tb_stalled_flow *const worst = &tb_flow_summary_find(&content->capture->summary, rule.port)->worst;
    if (stalls.flows > 0 && tb_stalled_flow_is_worse(worst, &run->worst)) {
        run->worst = *worst;
        run->worst_capture = artifact->artifact;
    }
    run->stalls_known = true;
    run->stalls.flows += stalls.flows;
    run->stalls.clusters += stalls.clusters;
    if (stalls.largest > run->stalls.largest)
        run->stalls.largest = stalls.largest;
    if (stalls.longest > run->stalls.longest)
        run->stalls.longest = stalls.longest;
    run->stalls.stalled = run->stalls.stalled || stalls.stalled;
}

/* The kernel logs of a pair, which may be those of other pairs as well. */
static void measure_kernel_logs(const struct job *job, struct run_measures *run, size_t pair)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_artifact *const about = &job->campaign->artifacts[run->artifacts[i].artifact];
        const struct artifact_content *const content = tb_run_artifact_content(run, i);
        if (about->kind != TB_ARTIFACT_KERNEL_LOG || about->pair != pair || content == NULL ||
            run->artifacts[i].state != ARTIFACT_USED)
            continue;
        const uint64_t resets = tb_kernel_log_resets(&content->kernel_log);
        run->pairs[pair].measures.kernel_logs[tb_metric_role_of(about->role)] = &content->kernel_log;
        run->resets_known = true;
        run->resets = resets > run->resets ? resets : run->resets;
    }
}

/* Any rule suffices: that for flows, that for resets of adapters, and that for ab's longest request. */
static void judge_stalls(const struct job *job, struct run_measures *run)
{
    run->stalled = run->stalls_known ? run->stalls.stalled : -1;
    if (run->resets_known && run->resets >= job->campaign->settings.stall_resets)
        run->stalled = 1;
    for (size_t pair = 0; pair < run->pair_count; pair++) {
        const int stalled = looks_stalled(&job->campaign->settings, run->pairs[pair].measures.ab);
        if (stalled > run->stalled)
            run->stalled = stalled;
    }
    if (run->stalled == 1 && job->campaign->settings.discard_stalled)
        run->discarded = true;
}

/* A discarded run measures nothing. */
static void drop_measures(struct run_measures *run)
{
    tb_judge_discarded(run);
    for (size_t pair = 0; pair < run->pair_count; pair++)
        run->pairs[pair].measures = (struct tb_measures){.completed = NAN,
                                                         .client_walk = tb_walk_measure_absent(TB_ABSENT_WALK),
                                                         .server_walk = tb_walk_measure_absent(TB_ABSENT_WALK)};
}

/* All of a pair but its traces, which may be of several pairs. */
static enum tb_status measure_pair(const struct job *job, struct run_measures *run, size_t pair, struct tb_error *error)
{
    run->pairs[pair].measures.client_walk = tb_walk_measure_absent(TB_ABSENT_WALK);
    run->pairs[pair].measures.server_walk = tb_walk_measure_absent(TB_ABSENT_WALK);
    enum tb_status status = measure_ab(job, run, pair, error);
    if (status != TB_OK)
        return status;
    measure_capture(job, run, pair);
    find_completed(job, run, pair);
    if (!tb_judge_captures(job, run, pair))
        return tb_error_memory(error, "checks");
    drop_withdrawn_capture(job, run, pair);
    find_stalls(job, run, pair);
    measure_kernel_logs(job, run, pair);
    const struct artifact_content *capture = content_of(run, find_used_capture(job, run, pair));
    status = tb_measure_delays(job, run, pair, capture == NULL ? NULL : capture->capture, error);
    if (status == TB_OK)
        status = collect_sessions(job, run, pair, error);
    return status == TB_OK ? measure_custom(job, run, pair, error) : status;
}

static enum tb_status measure(const struct job *job, struct run_measures *run, struct tb_error *error)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct artifact_content *content = tb_run_artifact_content(run, i);
        if (content != NULL)
            tb_judge_damage(job, tb_artifact_account(content), &run->artifacts[i]);
    }
    enum tb_status status = TB_OK;
    for (size_t pair = 0; status == TB_OK && pair < run->pair_count; pair++)
        status = measure_pair(job, run, pair, error);
    if (status == TB_OK)
        status = use_traces(job, run, error);
    if (status != TB_OK)
        return status;
    judge_stalls(job, run);
    tb_remarks_make(job, run);
    if (run->discarded)
        drop_measures(run);
    return TB_OK;
}

enum tb_status tb_run_measures_load(const struct job *job, size_t run, struct run_measures *measures,
                                    struct tb_error *error)
{
    const struct tb_run *about = &job->campaign->runs[run];
    *measures = (struct run_measures){
        .run = run,
        .artifacts = calloc(about->artifact_count + 1, sizeof *measures->artifacts),
        .artifact_count = about->artifact_count,
        .pairs = calloc(about->pair_count, sizeof *measures->pairs),
        .pair_count = about->pair_count,
        .discarded = about->discarded,
    };
    enum tb_status status = TB_OK;
    if (measures->artifacts == NULL || measures->pairs == NULL)
        status = tb_error_memory(error, "a run");
    for (size_t i = 0; i < about->artifact_count && status == TB_OK; i++)
        status = load_artifact(job, measures, i, error);
    if (status == TB_OK) {
        place_sequences(job, measures);
        status = measure(job, measures, error);
    }
    if (status != TB_OK)
        tb_run_measures_free(measures);
    return status;
}
