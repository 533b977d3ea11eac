/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judgement.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void judge(struct run_artifact *artifact, enum artifact_state state, const char *format, ...) TB_PRINTF(3, 4);

static void judge(struct run_artifact *artifact, enum artifact_state state, const char *format, ...)
{
    if (artifact->state != ARTIFACT_USED)
        return;
    artifact->state = state;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(artifact->note, sizeof artifact->note, format, arguments);
    va_end(arguments);
    artifact->reason = artifact->note;
}

/* What is said of a file without its path: that stands beside it, and as it was
 * opened it depends on where the job, or the job that left the part, began. */
static const char *without_path(const struct job *job, const struct run_artifact *artifact, const char *message)
{
    const char *path = tb_artifact_relative_path(job->campaign, artifact->artifact);
    const char *found = strstr(message, path);
    if (found == NULL)
        return message;
    const char *const behind = found + strlen(path);
    if (*behind != ':' && *behind != '/') /* another file of the capture, as link.pcap1 behind link.pcap */
        return found;
    return behind + strspn(behind, ": /");
}

void tb_judge_existence(const struct job *job, struct run_artifact *artifact)
{
    const struct tb_artifact *about = &job->campaign->artifacts[artifact->artifact];
    if (job->campaign->runs[about->run].discarded)
        judge(artifact, ARTIFACT_DISCARDED, "the run is discarded");
    else if (!about->exists && tb_campaign_expects(job->campaign, about))
        judge(artifact, ARTIFACT_MISSING, "no such file, though other runs of the cell have one");
    else if (!about->exists)
        judge(artifact, ARTIFACT_NOT_RECORDED, "not recorded in this cell");
    const struct decoded *decoded = &job->decoding.decoded[tb_decoded_artifact(job->campaign, artifact->artifact)];
    if (decoded->status != TB_OK)
        judge(artifact, ARTIFACT_DAMAGED, "%s",
              decoded->message == NULL ? "not decoded" : without_path(job, artifact, decoded->message));
}

void tb_judge_damage(const struct job *job, const struct tb_account *account, struct run_artifact *artifact)
{
    const bool kept = account->damage == TB_DAMAGE_TRUNCATED && job->campaign->settings.truncated == TB_TRUNCATED_KEEP;
    if (account->damage != TB_DAMAGE_NONE && !kept)
        judge(artifact, ARTIFACT_DAMAGED, "%s at offset %llu: %s", tb_damage_name(account->damage),
              (unsigned long long)account->damage_offset, without_path(job, artifact, account->reason));
}

/* What a check found, in words. */
static void judge_check(const struct tb_check *check, const struct tb_check_result *result,
                        struct run_artifact *artifact)
{
    const bool few = result->verdict == TB_CHECK_TOO_FEW;
    const bool is_table = check->subject == TB_CHECK_AB_CSV || check->subject == TB_CHECK_AB_TSV;
    if (!few && result->verdict != TB_CHECK_TOO_MANY)
        return;
    if (is_table)
        judge(artifact, ARTIFACT_WITHDRAWN, "it says %g %s, not %g %s", result->seen, check->seen_text,
              result->expected, check->expected_text);
    else
        judge(artifact, ARTIFACT_WITHDRAWN, "it holds %.0f %s for %.0f %s: coverage %.4f is %s %g", result->seen,
              check->seen_text, result->expected, check->expected_text, result->ratio, few ? "not above" : "above",
              few ? result->least : result->most);
}

/* By whichever check counts them first. */
static void note_coverage(const struct tb_check *check, const struct tb_check_result *result,
                          struct run_artifact *artifact)
{
    if (isnan(artifact->coverage) && check->is_coverage && !isnan(result->ratio))
        artifact->coverage = result->ratio;
}

/* Makes all checks of a subject, keeps their rows, and judges by them. */
static bool make_checks(struct run_measures *run, size_t place, enum tb_check_subject subject,
                        const struct tb_check_evidence *evidence)
{
    for (size_t i = 0; i < tb_check_count(); i++) {
        const struct tb_check *check = tb_check_at(i);
        if (check->subject != subject)
            continue;
        if (!tb_array_reserve(&run->checks, &run->check_capacity, run->check_count + 1, sizeof *run->checks))
            return false;
        struct made_check *made = &run->checks[run->check_count++];
        *made = (struct made_check){.place = place, .check = i};
        tb_check_make(check, evidence, &made->result);
        note_coverage(check, &made->result, &run->artifacts[place]);
        judge_check(check, &made->result, &run->artifacts[place]);
    }
    return true;
}

static struct tb_check_evidence evidence_of(const struct job *job, const struct run_measures *run, size_t pair)
{
    const struct tb_settings *settings = &job->campaign->settings;
    return (struct tb_check_evidence){.measures = &run->pairs[pair].measures,
                                      .work_from_capture =
                                          settings->work == TB_WORK_CAPTURE || settings->work == TB_WORK_CONNECTIONS,
                                      .dropped_packets = TB_CHECK_UNKNOWN,
                                      .written_packets = TB_CHECK_UNKNOWN,
                                      .least = settings->coverage_limit,
                                      .excess = settings->excess_limit,
                                      .loss = settings->loss_limit};
}

/* The log of the capture, if it may be used; or NULL. */
static const struct tb_capture_log *log_of(const struct job *job, const struct run_measures *run, size_t place)
{
    const size_t log = tb_run_capture_log(job, run, place);
    if (log == TB_NO_INDEX || run->artifacts[log].state != ARTIFACT_USED)
        return NULL;
    return &tb_run_artifact_content(run, log)->capture_log;
}

/* What the capturing program says of its packets, in the file itself or in its log. */
static void note_packets(const struct tb_capture *capture, const struct tb_capture_log *log,
                         struct tb_check_evidence *evidence)
{
    uint64_t dropped;
    if (capture->dropped_known)
        evidence->dropped_packets = capture->dropped_packets;
    else if (log != NULL && tb_capture_log_dropped(log, &dropped))
        evidence->dropped_packets = dropped;
    if (log != NULL && log->known[TB_CAPTURE_LOG_CAPTURED])
        evidence->written_packets = log->packets[TB_CAPTURE_LOG_CAPTURED];
}

/* Tables of -e and -g say again what the text says. */
static bool judge_ab_table(const struct job *job, struct run_measures *run, size_t pair, size_t place)
{
    const struct artifact_content *content = tb_run_artifact_content(run, place);
    const bool is_csv = content->kind == TB_ARTIFACT_AB_CSV;
    struct tb_check_evidence evidence = evidence_of(job, run, pair);
    if (is_csv)
        evidence.quantiles = &content->quantiles;
    else
        evidence.requests = &content->requests;
    return make_checks(run, place, is_csv ? TB_CHECK_AB_CSV : TB_CHECK_AB_TSV, &evidence);
}

bool tb_judge_ab_tables(const struct job *job, struct run_measures *run, size_t pair)
{
    bool memory = true;
    for (size_t i = 0; i < run->artifact_count && memory; i++) {
        const struct tb_artifact *known = &job->campaign->artifacts[run->artifacts[i].artifact];
        if (known->pair == pair && run->artifacts[i].state == ARTIFACT_USED &&
            (known->kind == TB_ARTIFACT_AB_CSV || known->kind == TB_ARTIFACT_AB_TSV) &&
            tb_run_artifact_content(run, i) != NULL)
            memory = judge_ab_table(job, run, pair, i);
    }
    return memory;
}

/* What flows come to depends on the order of packets in the file. A clock may be set back once. */
static void judge_order(const struct tb_artifact *about, const struct tb_capture *capture,
                        struct run_artifact *artifact)
{
    if (about->further_count > 0 && capture->backward_steps > 0)
        judge(
            artifact, ARTIFACT_WITHDRAWN,
            "its %zu files are not one behind the other in time: %llu packets are more than 1 ms earlier than the one "
            "before",
            about->further_count + 1, (unsigned long long)capture->backward_steps);
    else if (capture->backward_steps > 1)
        judge(artifact, ARTIFACT_WITHDRAWN,
              "its packets are not in the order of time: %llu of %llu are more than 1 ms earlier than the one before; "
              "put them in order (reordercap)",
              (unsigned long long)capture->backward_steps, (unsigned long long)capture->packets);
}

static bool judge_capture(const struct job *job, struct run_measures *run, size_t pair, size_t place)
{
    struct run_artifact *artifact = &run->artifacts[place];
    const struct tb_capture *capture = tb_run_artifact_content(run, place)->capture;
    const uint16_t port = run->pairs[pair].measures.server_port;
    struct tb_flow_totals totals;
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, port), false, &totals);
    if (port != 0 && totals.flows == 0) {
        char why[TB_LEFT_OUT_TEXT_SIZE];
        tb_capture_why_no_flows(capture, port, why, sizeof why);
        judge(artifact, ARTIFACT_WITHDRAWN, "%s", why);
    }
    judge_order(&job->campaign->artifacts[artifact->artifact], capture, artifact);
    struct tb_check_evidence evidence = evidence_of(job, run, pair);
    evidence.capture = capture;
    evidence.flows = &totals;
    note_packets(capture, log_of(job, run, place), &evidence);
    return make_checks(run, place, TB_CHECK_CAPTURE, &evidence);
}

bool tb_judge_captures(const struct job *job, struct run_measures *run, size_t pair)
{
    bool memory = true;
    for (size_t i = 0; i < run->artifact_count && memory; i++) {
        const struct tb_artifact *known = &job->campaign->artifacts[run->artifacts[i].artifact];
        if (known->kind == TB_ARTIFACT_CAPTURE && known->pair == pair && run->artifacts[i].state == ARTIFACT_USED)
            memory = judge_capture(job, run, pair, i);
    }
    return memory;
}

static void judge_losses(const struct job *job, const struct tb_sequence *sequence, struct run_artifact *artifact)
{
    const double lost = (double)(sequence->exits_without_enter + sequence->enters_without_exit);
    /* Without enter events nothing is known of losses but what the checks tell. */
    if (sequence->losses_known && lost > job->campaign->settings.loss_limit * (double)sequence->calls)
        judge(artifact, ARTIFACT_WITHDRAWN,
              "suspected losses: %llu exits without enter and %llu enters without exit in %llu calls, above %g",
              (unsigned long long)sequence->exits_without_enter, (unsigned long long)sequence->enters_without_exit,
              (unsigned long long)sequence->calls, job->campaign->settings.loss_limit);
}

bool tb_judge_trace(const struct job *job, struct run_measures *run, size_t place)
{
    struct run_artifact *artifact = &run->artifacts[place];
    const struct tb_artifact *known = &job->campaign->artifacts[artifact->artifact];
    const struct tb_sequence *sequence = tb_run_artifact_sequence(run, place);
    if (sequence == NULL || artifact->state != ARTIFACT_USED)
        return true;
    if (sequence->calls == 0) {
        const struct tb_process *process = tb_campaign_process(job->campaign, known->pair, known->role);
        char text[TB_ABSENCE_TEXT_SIZE];
        tb_trace_describe_absence(tb_run_artifact_content(run, place)->trace, process->name, text);
        judge(artifact, ARTIFACT_WITHDRAWN, "%s", text);
        return true;
    }
    struct tb_check_evidence evidence = evidence_of(job, run, known->pair);
    evidence.sequence = sequence;
    const bool memory = make_checks(
        run, place, known->role == TB_ROLE_CLIENT ? TB_CHECK_CLIENT_TRACE : TB_CHECK_SERVER_TRACE, &evidence);
    judge_losses(job, sequence, artifact);
    return memory;
}

void tb_judge_discarded(struct run_measures *run)
{
    for (size_t i = 0; i < run->artifact_count; i++)
        judge(&run->artifacts[i], ARTIFACT_DISCARDED, "the run is discarded");
}
