/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "absences.h"

#include <stdio.h>
#include <string.h>

#include "measure_run.h"

enum { SENTENCE_SIZE = TB_ERROR_TEXT_SIZE + 256 };

#define NO_PORT "the server port is not known: neither ab nor server_port says it"

/* What a metric's source is among the artifacts. */
struct wanted {
    enum tb_artifact_kind kind;
    enum tb_role role;   /* of traces and kernel logs */
    enum tb_point point; /* of captures: where the cell is measured; none: it has no capture */
    size_t file;         /* of numbers */
    const char *name;    /* for people */
};

static struct wanted file_of(const struct job *job, const struct tb_metric *metric)
{
    const size_t file = job->campaign->metrics[metric->variant].file;
    return (struct wanted){TB_ARTIFACT_NUMBERS, TB_ROLE_NONE, TB_POINT_NONE, file, job->campaign->number_files[file]};
}

static struct wanted log_of(enum tb_metric_role role)
{
    switch (role) {
    case TB_METRIC_CLIENT:
        return (struct wanted){TB_ARTIFACT_KERNEL_LOG, TB_ROLE_CLIENT, TB_POINT_NONE, 0, "kernel log of the client"};
    case TB_METRIC_SERVER:
        return (struct wanted){TB_ARTIFACT_KERNEL_LOG, TB_ROLE_SERVER, TB_POINT_NONE, 0, "kernel log of the server"};
    default:
        return (struct wanted){TB_ARTIFACT_KERNEL_LOG, TB_ROLE_HOST, TB_POINT_NONE, 0, "kernel log of the host"};
    }
}

static struct wanted artifact_of(const struct job *job, const struct run_measures *run, enum tb_metric_source source)
{
    switch (source) {
    case TB_METRIC_FROM_AB:
        return (struct wanted){TB_ARTIFACT_AB, TB_ROLE_NONE, TB_POINT_NONE, 0, "ab text"};
    case TB_METRIC_FROM_CLIENT_TRACE:
        return (struct wanted){TB_ARTIFACT_TRACE, TB_ROLE_CLIENT, TB_POINT_NONE, 0, "trace of the client"};
    case TB_METRIC_FROM_SERVER_TRACE:
        return (struct wanted){TB_ARTIFACT_TRACE, TB_ROLE_SERVER, TB_POINT_NONE, 0, "trace of the server"};
    case TB_METRIC_FROM_CAPTURE:
        return (struct wanted){TB_ARTIFACT_CAPTURE, TB_ROLE_NONE,
                               tb_campaign_point(job->campaign, job->campaign->runs[run->run].cell), 0, "capture"};
    case TB_METRIC_FROM_LATENCY:
        return (struct wanted){TB_ARTIFACT_LATENCY, TB_ROLE_NONE, TB_POINT_NONE, 0, "latency file"};
    case TB_METRIC_FROM_COUNTERS:
    case TB_METRIC_FROM_KERNEL_LOG: /* log_of says it */
    case TB_METRIC_FROM_FILE:       /* file_of says it */
        break;
    }
    return (struct wanted){TB_ARTIFACT_COUNTERS, TB_ROLE_HOST, TB_POINT_NONE, 0, "counters"};
}

static struct wanted source_of(const struct job *job, const struct run_measures *run, const struct tb_metric *metric)
{
    return metric->source == TB_METRIC_FROM_FILE         ? file_of(job, metric)
           : metric->source == TB_METRIC_FROM_KERNEL_LOG ? log_of(metric->role)
                                                         : artifact_of(job, run, metric->source);
}

static struct wanted work_artifact(const struct job *job, const struct run_measures *run)
{
    switch (job->campaign->settings.work) {
    case TB_WORK_AB:
        return artifact_of(job, run, TB_METRIC_FROM_AB);
    case TB_WORK_CAPTURE:
    case TB_WORK_CONNECTIONS:
        return artifact_of(job, run, TB_METRIC_FROM_CAPTURE);
    case TB_WORK_FILE:
        break;
    }
    return (struct wanted){TB_ARTIFACT_WORK, TB_ROLE_NONE, TB_POINT_NONE, 0, "file of completed units"};
}

/* The pair's artifact of that kind; one that is left out before one that is used. NULL when the campaign names none. */
static const struct run_artifact *find(const struct job *job, const struct run_measures *run, size_t pair,
                                       const struct wanted *wanted)
{
    const struct run_artifact *found = NULL;
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct run_artifact *artifact = &run->artifacts[i];
        const struct tb_artifact *about = &job->campaign->artifacts[artifact->artifact];
        if (about->pair != pair || about->kind != wanted->kind || about->file != wanted->file ||
            ((wanted->kind == TB_ARTIFACT_TRACE || wanted->kind == TB_ARTIFACT_KERNEL_LOG) &&
             about->role != wanted->role) ||
            (wanted->kind == TB_ARTIFACT_CAPTURE && wanted->point != TB_POINT_NONE && about->point != wanted->point))
            continue;
        if (found == NULL || (found->state == ARTIFACT_USED && artifact->state != ARTIFACT_USED))
            found = artifact;
    }
    return found;
}

static enum tb_absence absence_of_state(enum artifact_state state)
{
    switch (state) {
    case ARTIFACT_MISSING:
        return TB_ABSENT_MISSING;
    case ARTIFACT_DAMAGED:
        return TB_ABSENT_DAMAGED;
    case ARTIFACT_WITHDRAWN:
        return TB_ABSENT_WITHDRAWN;
    case ARTIFACT_DISCARDED:
        return TB_ABSENT_DISCARDED;
    case ARTIFACT_NOT_RECORDED:
        return TB_ABSENT_UNRECORDED;
    case ARTIFACT_USED:
        break;
    }
    return TB_ABSENT_OCCURRENCE;
}

/* An artifact that is used, though the metric found nothing of it, holds nothing: no latency session, no sequence. */
static enum tb_absence describe_artifact(const struct job *job, const struct run_measures *run, size_t pair,
                                         const struct wanted *wanted, char *sentence)
{
    const struct run_artifact *artifact = find(job, run, pair, wanted);
    if (artifact == NULL) {
        snprintf(sentence, SENTENCE_SIZE, "%s: the campaign file names none", wanted->name);
        return TB_ABSENT_UNDECLARED;
    }
    const bool used = artifact->state == ARTIFACT_USED;
    snprintf(sentence, SENTENCE_SIZE, "%s: %s", wanted->name, used ? "nothing in it" : artifact->reason);
    return absence_of_state(artifact->state);
}

static bool artifact_is_used(const struct job *job, const struct run_measures *run, size_t pair,
                             const struct wanted *wanted)
{
    const struct run_artifact *artifact = find(job, run, pair, wanted);
    return artifact != NULL && artifact->state == ARTIFACT_USED;
}

/* The artifact that counts the work is used, and yet there is nothing to divide by. */
static void describe_count(const struct pair_measures *pair, const struct wanted *wanted, char *sentence)
{
    if (pair->measures.completed >= 0)
        snprintf(sentence, SENTENCE_SIZE, "no unit of work was completed, says the %s", wanted->name);
    else if (pair->no_work[0] != '\0')
        snprintf(sentence, SENTENCE_SIZE, "completed units of work are not known: capture: %s", pair->no_work);
    else if (wanted->kind == TB_ARTIFACT_CAPTURE && pair->measures.server_port == 0)
        snprintf(sentence, SENTENCE_SIZE, "completed units of work are not known: capture: " NO_PORT);
    else
        snprintf(sentence, SENTENCE_SIZE, "completed units of work are not known: the %s does not say", wanted->name);
}

/* Without the artifact that counts the work, that is the reason, and no fault where none was asked for; else no unit was
 * completed. */
static enum tb_absence describe_work(const struct job *job, const struct run_measures *run, size_t pair, char *sentence)
{
    const struct wanted wanted = work_artifact(job, run);
    if (artifact_is_used(job, run, pair, &wanted)) {
        describe_count(&run->pairs[pair], &wanted, sentence);
        return TB_ABSENT_WORK;
    }
    char artifact[SENTENCE_SIZE];
    const enum tb_absence absence = describe_artifact(job, run, pair, &wanted, artifact);
    snprintf(sentence, SENTENCE_SIZE, "completed units of work are not known: %.*s", TB_ERROR_TEXT_SIZE, artifact);
    return absence == TB_ABSENT_UNDECLARED ? absence : TB_ABSENT_WORK;
}

/* Sentences that are about what an artifact tells, so that a reader must know which. */
static bool names_artifact(enum tb_absence absence)
{
    switch (absence) {
    case TB_ABSENT_UNSTATED:
    case TB_ABSENT_OCCURRENCE:
    case TB_ABSENT_ENTERS:
    case TB_ABSENT_SWITCHES:
    case TB_ABSENT_DESCRIPTOR:
    case TB_ABSENT_CALLS:
    case TB_ABSENT_SESSIONS:
    case TB_ABSENT_PORTS:
        return true;
    default:
        return false;
    }
}

static enum tb_absence describe(const struct job *job, const struct run_measures *run, size_t pair,
                                const struct tb_metric *metric, enum tb_absence absence, char *sentence)
{
    const struct tb_run *about = &job->campaign->runs[run->run];
    if (run->discarded) {
        snprintf(sentence, SENTENCE_SIZE, "the run is discarded: %s",
                 about->discarded ? about->discard_reason : "it stalled");
        return TB_ABSENT_DISCARDED;
    }
    if (absence == TB_ABSENT_PAIRS) {
        const struct tb_cell *cell = &job->campaign->cells[about->cell];
        snprintf(sentence, SENTENCE_SIZE,
                 cell->pairs_stated ? "pairs: %zu found, %zu by factor pairs"
                                    : "%zu of %zu pairs that other runs of the cell have",
                 about->pair_count, cell->pair_count);
        return absence;
    }
    if (absence == TB_ABSENT_ARTIFACT) {
        const struct wanted wanted = source_of(job, run, metric);
        if (metric->source == TB_METRIC_FROM_CAPTURE && run->pairs[pair].measures.server_port == 0 &&
            artifact_is_used(job, run, pair, &wanted)) {
            snprintf(sentence, SENTENCE_SIZE, "capture: " NO_PORT);
            return TB_ABSENT_PORT;
        }
        return describe_artifact(job, run, pair, &wanted, sentence);
    }
    if (absence == TB_ABSENT_WORK)
        return describe_work(job, run, pair, sentence);
    const struct wanted wanted = source_of(job, run, metric);
    if (absence == TB_ABSENT_NUMBER) {
        snprintf(sentence, SENTENCE_SIZE, "%s: %s", wanted.name,
                 tb_custom_metric_problem(job, run, pair, (size_t)metric->variant));
        return absence;
    }
    snprintf(sentence, SENTENCE_SIZE, "%s%s%s", names_artifact(absence) ? wanted.name : "",
             names_artifact(absence) ? ": " : "", tb_absence_sentence(absence));
    return absence;
}

int32_t tb_absence_reason(const struct job *job, const struct run_measures *run, size_t pair,
                          const struct tb_metric *metric, enum tb_absence absence, struct reason_list *reasons)
{
    if (absence == TB_PRESENT)
        return NO_REASON;
    char sentence[SENTENCE_SIZE];
    const enum tb_absence kind = describe(job, run, pair, metric, absence, sentence);
    const int32_t number = tb_reason_list_add(reasons, kind, sentence);
    reasons->failed = reasons->failed || number == NO_REASON;
    return number;
}
