/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Third stage: each rank turns the parts of its share of runs into rows and
 * values; then every rank learns which sequences there are, and rank 0 gets the
 * values of all metrics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "absences.h"
#include "analysis/job/closing.h"
#include "analysis/job/study.h"
#include "measure.h"
#include "measure_rows.h"
#include "measure_run.h"
#include "remarks.h"
#include "trails.h"
#include "twinbed/base/progress.h"
#include "workloads.h"

/* What one rank found, as bytes for the others. */
struct findings {
    struct tb_buffer sequences;             /* for all ranks */
    struct tb_buffer runs;                  /* for all ranks: state counts, discards */
    struct tb_buffer values;                /* for rank 0 */
    struct tb_buffer absences;              /* for rank 0: numbers of reasons, as the values */
    struct reason_list reasons;             /* of this rank's runs */
    struct tb_buffer workloads;             /* for rank 0: what texts of ab say of them */
    struct tb_buffer remarks[REMARK_LISTS]; /* on artifacts of this rank's runs; on those of all, from rank 0 */
    struct tb_buffer closing;               /* for rank 0: whether it is a fault, kind of artifact and remark */
    struct tb_buffer sentences;             /* for all ranks: the reasons, packed */
    struct tb_buffer calls;                 /* for all ranks: which call names occur */
    struct stalled_testbed *worst;          /* owned; one a testbed */
    uint64_t tools[2];                      /* for all ranks: texts of programs that make requests, and of others */
};

static void findings_free(struct findings *findings)
{
    tb_buffer_free(&findings->sequences);
    tb_buffer_free(&findings->runs);
    tb_buffer_free(&findings->values);
    tb_buffer_free(&findings->absences);
    tb_buffer_free(&findings->sentences);
    tb_buffer_free(&findings->workloads);
    for (size_t i = 0; i < REMARK_LISTS; i++)
        tb_buffer_free(&findings->remarks[i]);
    tb_buffer_free(&findings->closing);
    tb_reason_list_free(&findings->reasons);
    tb_buffer_free(&findings->calls);
    free(findings->worst);
}

/* A value, and the number of the reason where there is none. Combining pairs by their work takes the completed units of
 * each, so a pair without them leaves the run without a value, whatever its own. */
static void note_value(const struct job *job, const struct run_measures *run, size_t pair,
                       const struct tb_metric *metric, struct findings *findings)
{
    struct tb_metric_value value = tb_metric_extract(metric, &run->pairs[pair].measures);
    tb_buffer_put_double(&findings->values, value.number);
    if (value.absence == TB_PRESENT && run->pair_count > 1 && metric->combination == TB_COMBINE_WORK_MEAN &&
        !(run->pairs[pair].measures.completed > 0))
        value.absence = TB_ABSENT_WORK;
    /* Walks are not there yet; where there are none in the end, they say why. */
    if ((value.absence == TB_PRESENT || value.absence == TB_ABSENT_WALK) &&
        tb_campaign_lacks_pairs(job->campaign, run->run))
        value.absence = TB_ABSENT_PAIRS;
    const int32_t reason = tb_absence_reason(job, run, pair, metric, value.absence, &findings->reasons);
    tb_buffer_put(&findings->absences, &reason, sizeof reason);
}

static void note_no_pair(const struct job *job, struct findings *findings)
{
    const int32_t none = NO_REASON;
    tb_buffer_put_double(&findings->values, NAN);
    for (size_t m = 0; m < job->registry.count; m++) {
        tb_buffer_put_double(&findings->values, NAN);
        tb_buffer_put(&findings->absences, &none, sizeof none);
    }
}

static void note_values(const struct job *job, const struct run_measures *run, struct findings *findings)
{
    for (size_t pair = 0; pair < job->decoding.pairs; pair++) {
        if (pair >= run->pair_count) {
            note_no_pair(job, findings);
            continue;
        }
        tb_buffer_put_double(&findings->values, run->pairs[pair].measures.completed);
        for (size_t m = 0; m < job->registry.count; m++)
            note_value(job, run, pair, &job->registry.rows[m], findings);
    }
}

static void note_sequences(const struct job *job, const struct run_measures *run, struct findings *findings)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct tb_sequence *sequence = tb_run_artifact_sequence(run, i);
        const struct tb_artifact *known = &job->campaign->artifacts[run->artifacts[i].artifact];
        if (known->kind != TB_ARTIFACT_TRACE || sequence == NULL)
            continue;
        const bool usable = run->artifacts[i].state == ARTIFACT_USED && !run->discarded;
        tb_buffer_put_u64(&findings->sequences, run->artifacts[i].artifact);
        tb_buffer_put_u8(&findings->sequences, usable);
        tb_buffer_put_u64(&findings->sequences, sequence->calls);
        for (size_t c = 0; c < sequence->call_total_count; c++)
            tb_buffer_put_u16(&findings->calls, sequence->call_totals[c].call);
    }
}

static void note_run(const struct run_measures *run, struct findings *findings)
{
    uint64_t states[ARTIFACT_NOT_RECORDED + 1] = {0};
    for (size_t i = 0; i < run->artifact_count; i++)
        states[run->artifacts[i].state]++;
    const struct tb_apachebench *ab = run->pairs[0].measures.ab;
    tb_buffer_put_u64(&findings->runs, run->run);
    tb_buffer_put_u8(&findings->runs, run->discarded);
    tb_buffer_put_i64(&findings->runs, ab == NULL ? -1 : ab->document_length);
    for (size_t i = 0; i <= ARTIFACT_NOT_RECORDED; i++)
        tb_buffer_put_u64(&findings->runs, states[i]);
}

static enum tb_status measure_share(struct job *job, struct findings *findings, struct tb_error *error)
{
    size_t begin, end;
    findings->worst = calloc(job->campaign->testbed_count + 1, sizeof *findings->worst);
    if (findings->worst == NULL)
        return tb_error_memory(error, "stalled flows");
    tb_job_share(job, job->campaign->run_count, &begin, &end);
    struct tb_progress progress;
    tb_progress_start(&progress, "measure", "runs", end - begin, job->team->size > 1);
    for (size_t r = begin; r < end; r++) {
        struct run_measures run;
        if (tb_stop_requested())
            return tb_job_stopped(job, error);
        const enum tb_status status = tb_run_measures_load(job, r, &run, error);
        if (status != TB_OK)
            return status;
        note_values(job, &run, findings);
        note_sequences(job, &run, findings);
        note_run(&run, findings);
        tb_remarks_pack(&run, &findings->remarks[0]);
        tb_workloads_note(job, &run, &findings->workloads);
        tb_workloads_count_tools(&run, findings->tools);
        tb_trails_note(job, &run, findings->worst);
        tb_measure_rows_add(job, &run);
        tb_run_measures_free(&run);
        tb_progress_add(&progress, 1);
    }
    tb_progress_finish(&progress, true);
    return TB_OK;
}

static bool take_sequence(struct job *job, struct tb_bytes *bytes)
{
    uint64_t artifact, calls;
    uint8_t usable;
    if (!tb_bytes_take_u64(bytes, &artifact) || artifact >= job->campaign->artifact_count ||
        !tb_bytes_take_u8(bytes, &usable) || !tb_bytes_take_u64(bytes, &calls))
        return false;
    const struct tb_artifact *known = &job->campaign->artifacts[artifact];
    job->decoding.sequences[job->decoding.sequence_count] = (struct sequence_entry){.run = known->run,
                                                                                    .pair = known->pair,
                                                                                    .role = known->role,
                                                                                    .artifact = (size_t)artifact,
                                                                                    .usable = usable != 0,
                                                                                    .calls = calls};
    const size_t at = (known->run * job->decoding.pairs + known->pair) * 2 + (known->role == TB_ROLE_SERVER);
    job->decoding.sequence_at[at] = job->decoding.sequence_count++;
    return true;
}

static enum tb_status take_sequences(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    enum { ENTRY_SIZE = 17 };
    job->decoding.sequences = calloc(bytes.left / ENTRY_SIZE + 1, sizeof *job->decoding.sequences);
    if (job->decoding.sequences == NULL)
        return tb_error_memory(error, "sequences");
    for (size_t i = 0; i < job->campaign->run_count * job->decoding.pairs * 2; i++)
        job->decoding.sequence_at[i] = TB_NO_INDEX;
    while (bytes.left > 0)
        if (!take_sequence(job, &bytes))
            return tb_error_unpack(error, "sequences do not unpack");
    return TB_OK;
}

static enum tb_status take_runs(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    uint64_t totals[ARTIFACT_NOT_RECORDED + 1] = {0};
    while (bytes.left > 0) {
        uint64_t run, count;
        uint8_t discarded;
        if (!tb_bytes_take_u64(&bytes, &run) || run >= job->campaign->run_count ||
            !tb_bytes_take_u8(&bytes, &discarded) || !tb_bytes_take_i64(&bytes, &job->document_lengths[run]))
            return tb_error_unpack(error, "runs do not unpack");
        job->discarded[run] = discarded != 0;
        job->outcome.discarded_runs += discarded != 0;
        for (size_t i = 0; i <= ARTIFACT_NOT_RECORDED; i++) {
            if (!tb_bytes_take_u64(&bytes, &count))
                return tb_error_unpack(error, "runs do not unpack");
            totals[i] += count;
        }
    }
    job->outcome.runs = job->campaign->run_count;
    job->outcome.used = totals[ARTIFACT_USED];
    job->outcome.missing = totals[ARTIFACT_MISSING];
    job->outcome.damaged = totals[ARTIFACT_DAMAGED];
    job->outcome.withdrawn = totals[ARTIFACT_WITHDRAWN];
    for (size_t i = 0; i < job->campaign->artifact_count; i++)
        job->outcome.reused += job->decoding.decoded[i].reused;
    return TB_OK;
}

/* Rank 0: values and weights of all runs. */
static enum tb_status take_values(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    const size_t metrics = job->registry.count;
    const size_t pairs = job->campaign->run_count * job->decoding.pairs;
    job->values = calloc(pairs * metrics + 1, sizeof *job->values);
    job->weights = calloc(pairs + 1, sizeof *job->weights);
    if (job->values == NULL || job->weights == NULL)
        return tb_error_memory(error, "values of metrics");
    for (size_t i = 0; i < pairs; i++) {
        bool whole = tb_bytes_take_double(&bytes, &job->weights[i]);
        for (size_t m = 0; m < metrics && whole; m++)
            whole = tb_bytes_take_double(&bytes, &job->values[i * metrics + m]);
        if (!whole)
            return tb_error_unpack(error, "values do not unpack");
    }
    return TB_OK;
}

/* Every rank: the reasons of all. */
static enum tb_status take_reasons(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    return tb_reason_list_unite(bytes, &job->reasons, error);
}

/* Rank 0: the numbers of the reasons of all runs. */
static enum tb_status take_absences(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    if (bytes.left != job->campaign->run_count * job->decoding.pairs * job->registry.count * sizeof *job->absences)
        return tb_error_unpack(error, "reasons do not unpack");
    job->absences = malloc(bytes.left + 1);
    if (job->absences == NULL)
        return tb_error_memory(error, "reasons");
    memcpy(job->absences, bytes.data, bytes.left);
    return TB_OK;
}

/* Names of calls that occur, in byte order; local call numbers become places
 * in that list. */
static enum tb_status take_calls(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct job *const job = context;
    int32_t *places = calloc(TB_CALL_LIMIT, sizeof *places);
    if (places == NULL)
        return tb_error_memory(error, "call names");
    tb_call call;
    while (tb_bytes_take_u16(&bytes, &call))
        places[call % TB_CALL_LIMIT] = 1;
    for (size_t i = 0; i < TB_CALL_LIMIT; i++) {
        char name[TB_CALL_NAME_SIZE];
        const bool occurs = places[i] != 0;
        if (occurs && job->team->rank == 0)
            tb_column_put_text(&job->columns, TB_FIELD_CALL_NAME, tb_call_name((tb_call)i, name));
        places[i] = occurs ? (int32_t)job->call_names++ : -1;
    }
    struct tb_buffer *column = &job->columns.column[TB_FIELD_CALL_TOTAL_CALL];
    int32_t *calls = (int32_t *)(void *)column->data;
    for (size_t i = 0; i < column->size / sizeof *calls; i++)
        calls[i] = places[calls[i]];
    job->call_places = places;
    return TB_OK;
}

/* Rank 0: what is odd about artifacts, for the closing lines. */
static enum tb_status take_remarks(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    return tb_closing_note_remarks(context, bytes, error);
}

static enum tb_status share(struct job *job, const struct tb_buffer *local, bool everywhere,
                            enum tb_status (*take)(void *, struct tb_bytes, struct tb_error *), struct tb_error *error)
{
    return tb_team_collect(job->team, TB_OK, local, "findings", everywhere, take, job, error);
}

/* Numbers of this rank's list become those of the common one, which all ranks must have first. */
static enum tb_status share_reasons(struct job *job, struct findings *findings, struct tb_error *error)
{
    tb_reason_list_pack(&findings->reasons, &findings->sentences);
    findings->sentences.failed = findings->sentences.failed || findings->reasons.failed;
    enum tb_status status = share(job, &findings->sentences, true, take_reasons, error);
    if (status != TB_OK)
        return status;
    status = tb_buffer_check(&findings->absences, "reasons", error);
    if (status == TB_OK)
        status = tb_reason_list_renumber(&findings->reasons, &job->reasons, (int32_t *)(void *)findings->absences.data,
                                         findings->absences.size / sizeof(int32_t), error);
    status = tb_team_agree(job->team, status, error);
    return status == TB_OK ? share(job, &findings->absences, false, take_absences, error) : status;
}

/* What other ranks' runs show makes some of this rank's odd. */
static enum tb_status share_remarks(struct job *job, struct findings *findings, struct tb_error *error)
{
    enum tb_status status = tb_workloads_compare(job, &findings->workloads, &findings->remarks[1], error);
    if (status != TB_OK)
        return status;
    status = tb_buffer_check(&findings->remarks[0], "remarks", error);
    if (status == TB_OK)
        status = tb_remarks_put(job, findings->remarks, &findings->closing, error);
    status = tb_team_agree(job->team, status, error);
    return status == TB_OK ? share(job, &findings->closing, false, take_remarks, error) : status;
}

enum tb_status tb_job_measure(struct job *job, struct tb_error *error)
{
    struct findings findings = {0};
    enum tb_status status = tb_team_agree(job->team, measure_share(job, &findings, error), error);
    if (status == TB_OK)
        status = tb_team_sum(job->team, findings.tools, 2, error);
    if (status == TB_OK) {
        job->work_unit = tb_workloads_unit(job, findings.tools);
        status = share(job, &findings.sequences, true, take_sequences, error);
    }
    if (status == TB_OK)
        status = share(job, &findings.runs, true, take_runs, error);
    if (status == TB_OK)
        status = share(job, &findings.values, false, take_values, error);
    if (status == TB_OK)
        status = share_reasons(job, &findings, error);
    if (status == TB_OK)
        status = share_remarks(job, &findings, error);
    if (status == TB_OK)
        status = share(job, &findings.calls, true, take_calls, error);
    if (status == TB_OK)
        status = tb_measure_rows_place(job, error);
    if (status == TB_OK)
        status = tb_trails_read(job, findings.worst, error);
    if (status == TB_OK)
        status = tb_job_identify(job, error);
    findings_free(&findings);
    return status;
}
