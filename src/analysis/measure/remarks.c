/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remarks.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "missing_files.h"

static void remark(struct run_artifact *artifact, bool fault, const char *format, ...) TB_PRINTF(3, 4);

/* Several remarks stand behind one another. */
static void remark(struct run_artifact *artifact, bool fault, const char *format, ...)
{
    const size_t used = strlen(artifact->remark);
    const size_t room = sizeof artifact->remark - used;
    const int joined = used == 0 ? 0 : snprintf(artifact->remark + used, room, "; ");
    va_list arguments;
    va_start(arguments, format);
    if ((size_t)joined < room)
        vsnprintf(artifact->remark + used + joined, room - (size_t)joined, format, arguments);
    va_end(arguments);
    artifact->remark_is_fault = artifact->remark_is_fault || fault;
}

/* Every capture holds a few packets of other protocols. More are said; when they are most of it, it may be the wrong one. */
static void remark_capture(const struct tb_capture *capture, struct run_artifact *artifact)
{
    const uint64_t left_out = tb_capture_left_out_packets(capture);
    const uint64_t copied = capture->summary.copied_packets;
    char text[TB_LEFT_OUT_TEXT_SIZE];
    if (copied > 0)
        remark(artifact, false, "%" PRIu64 " of %" PRIu64 " packets had been recorded before, and count once", copied,
               capture->packets);
    if (capture->backward_steps > 0)
        remark(artifact, true, "the time of its packets goes back once, by more than 1 ms");
    const uint64_t passed = capture->packets - capture->filtered;
    if (left_out <= passed / 10)
        return;
    tb_capture_left_out(capture, text, sizeof text);
    remark(artifact, left_out > passed / 2, "%s", text);
}

static void remark_missing_files(const struct tb_artifact *about, struct run_artifact *artifact)
{
    char text[MISSING_FILES_TEXT_SIZE];
    if (tb_missing_files_describe(about, text))
        remark(artifact, true, "%s", text);
}

/* Copies that cannot be told from repeats double what was sent. No network in use repeats so much. */
static void remark_repeats(const struct job *job, const struct tb_capture *capture, uint16_t port,
                           struct run_artifact *artifact)
{
    struct tb_flow_totals totals;
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, port), false, &totals);
    const uint64_t payload = totals.side[1].payload_bytes, repeated = totals.side[1].retransmitted_bytes;
    if (port != 0 && repeated > payload / 5 * 2)
        remark(artifact, !job->campaign->settings.keep_copies,
               "%" PRIu64 " of %" PRIu64
               " bytes of the server's payload repeat others; was every packet recorded twice?",
               repeated, payload);
}

/* What requests under way may explain a small second run may, too. */
static void remark_excess(const struct job *job, struct run_measures *run)
{
    const double most = 1 + job->campaign->settings.excess_limit;
    for (size_t i = 0; i < run->check_count; i++) {
        const struct made_check *made = &run->checks[i];
        const struct tb_check *check = tb_check_at(made->check);
        struct run_artifact *artifact = &run->artifacts[made->place];
        if (artifact->state == ARTIFACT_USED && !check->few_more && made->result.verdict == TB_CHECK_AGREES &&
            made->result.ratio > most && isfinite(made->result.most))
            remark(artifact, true, "it holds %.0f %s for %.0f %s: those under way when ab ended, or a second run",
                   made->result.seen, check->seen_text, made->result.expected, check->expected_text);
    }
}

static void remark_trace(const struct tb_trace *trace, struct run_artifact *artifact)
{
    const struct tb_unknown_events *const unknown = &trace->unknown_events;
    if (trace->unknown_sections > 0 && trace->major_version != TB_TRACE_MAJOR_VERSION)
        remark(
            artifact, true,
            "the major number of the format's version %u.%u is not known (it is %u in all that are): the file was read "
            "as if it were, and may mean something else",
            trace->major_version, trace->minor_version, TB_TRACE_MAJOR_VERSION);
    else if (trace->unknown_sections > 0)
        remark(artifact, true, "version %u.%u of the format is not known; it was read as a known one",
               trace->major_version, trace->minor_version);
    if (tb_unknown_events_sum(unknown) > 0)
        remark(artifact, true, "%" PRIu64 " events have numbers that are not known, %" PRIu64 " of them %u",
               tb_unknown_events_sum(unknown), unknown->items[0].events, unknown->items[0].number);
    if (trace->backward_lines > 0)
        remark(artifact, true,
               "%" PRIu64 " of its lines are earlier than the one before: the clock was set, or passed midnight",
               trace->backward_lines);
    if (trace->drop_starts + trace->drop_marks > 0)
        remark(artifact, true, "the tracer says %" PRIu64 " times that it dropped events",
               trace->drop_starts > trace->drop_marks ? trace->drop_starts : trace->drop_marks);
}

/* Lossy and empty sessions print no jitter; the others stand for the run. */
static void remark_latency(const struct tb_latency *latency, const struct tb_measures *measures,
                           struct run_artifact *artifact)
{
    const size_t without = tb_latency_without_jitter(latency->sessions, latency->session_count);
    if (without > 0)
        remark(artifact, true, "%zu of %zu sessions have no jitter and are left out of it", without,
               latency->session_count);
    const size_t elsewhere = tb_latency_elsewhere(measures, latency->sessions, latency->session_count);
    if (elsewhere > 0)
        remark(artifact, true, "%zu of %zu sessions are between other hosts than the server's and are left out",
               elsewhere, latency->session_count);
}

/* What came last may not have been read when the program was stopped; told to take so many packets, it reads no more. */
static void remark_capture_log(const struct job *job, const struct tb_capture_log *log, struct run_artifact *artifact)
{
    if (!log->known[TB_CAPTURE_LOG_RECEIVED] || !log->known[TB_CAPTURE_LOG_CAPTURED])
        return;
    const uint64_t received = log->packets[TB_CAPTURE_LOG_RECEIVED], captured = log->packets[TB_CAPTURE_LOG_CAPTURED];
    uint64_t dropped, missing = received > captured ? received - captured : 0;
    if (tb_capture_log_dropped(log, &dropped))
        missing -= dropped < missing ? dropped : missing;
    if ((double)missing > job->campaign->settings.loss_limit * (double)received)
        remark(artifact, true, "%" PRIu64 " packets reached the capturing program and were neither written nor dropped",
               missing);
}

/* A machine that is started for each run has no other log. */
static void remark_kernel_log(const struct tb_kernel_log *log, struct run_artifact *artifact)
{
    uint64_t events = 0;
    for (size_t i = 0; i < TB_KERNEL_EVENT_KINDS; i++)
        events += log->counts[i];
    if (log->from_start && events > 0)
        remark(artifact, false,
               "it begins when the machine was started, so its %" PRIu64 " events may be of before the run", events);
    if (log->event_count < events)
        remark(artifact, false, "of %" PRIu64 " events the first %zu are listed", events, log->event_count);
}

static void remark_counters(const struct tb_counters *counters, struct run_artifact *artifact)
{
    if (counters->unread > 0)
        remark(artifact, false, "%" PRIu64 " files in it tell nothing that is read, the first is %s", counters->unread,
               counters->first_unread);
    if (counters->left_out > 0)
        remark(artifact, false, "%" PRIu64 " counters are left out, as %d are kept", counters->left_out,
               TB_NAMED_COUNTERS_MOST);
    if (counters->backwards > 0)
        remark(artifact, false, "%" PRIu64 " counters run backwards and are left out, the first is %s",
               counters->backwards, counters->first_backwards);
}

void tb_remarks_make(const struct job *job, struct run_measures *run)
{
    for (size_t i = 0; i < run->artifact_count; i++) {
        struct run_artifact *artifact = &run->artifacts[i];
        const struct artifact_content *content = tb_run_artifact_content(run, i);
        const struct tb_artifact *about = &job->campaign->artifacts[artifact->artifact];
        if (artifact->state != ARTIFACT_USED || content == NULL)
            continue;
        switch (about->kind) {
        case TB_ARTIFACT_CAPTURE:
            remark_capture(content->capture, artifact);
            remark_missing_files(about, artifact);
            remark_repeats(job, content->capture, run->pairs[about->pair].measures.server_port, artifact);
            break;
        case TB_ARTIFACT_CAPTURE_LOG:
            remark_capture_log(job, &content->capture_log, artifact);
            break;
        case TB_ARTIFACT_COUNTERS:
            remark_counters(&content->counters, artifact);
            break;
        case TB_ARTIFACT_KERNEL_LOG:
            remark_kernel_log(&content->kernel_log, artifact);
            break;
        case TB_ARTIFACT_TRACE:
            remark_trace(content->trace, artifact);
            break;
        case TB_ARTIFACT_LATENCY:
            remark_latency(content->latency, &run->pairs[about->pair].measures, artifact);
            break;
        default:
            break;
        }
    }
    remark_excess(job, run);
}

void tb_remark_pack(struct tb_buffer *remarks, size_t artifact, bool fault, const char *text)
{
    tb_buffer_put_u64(remarks, artifact);
    tb_buffer_put_u8(remarks, fault);
    tb_buffer_put_text(remarks, text);
}

void tb_remarks_pack(const struct run_measures *run, struct tb_buffer *remarks)
{
    for (size_t i = 0; i < run->artifact_count; i++)
        if (run->artifacts[i].remark[0] != '\0')
            tb_remark_pack(remarks, run->artifacts[i].artifact, run->artifacts[i].remark_is_fault,
                           run->artifacts[i].remark);
}

/* Joins what a list says of one artifact behind text, and passes over that of earlier ones. */
static bool join_remarks(const struct job *job, size_t artifact, struct tb_bytes *list, struct run_artifact *joined,
                         struct tb_buffer *closing)
{
    uint64_t about;
    struct tb_bytes rest = *list;
    while (rest.left > 0 && tb_bytes_take_u64(&rest, &about) && about <= artifact) {
        uint8_t fault;
        char *text;
        if (!tb_bytes_take_u8(&rest, &fault) || !tb_bytes_take_text(&rest, &text))
            return false;
        if (about == artifact) {
            remark(joined, fault != 0, "%s", text);
            tb_buffer_put_u8(closing, fault);
            tb_buffer_put_text(closing, tb_artifact_kind_name(job->campaign->artifacts[artifact].kind));
            tb_buffer_put_text(closing, text);
        }
        free(text);
        *list = rest;
    }
    return true;
}

enum tb_status tb_remarks_put(struct job *job, const struct tb_buffer lists[REMARK_LISTS], struct tb_buffer *closing,
                              struct tb_error *error)
{
    struct tb_bytes bytes[REMARK_LISTS];
    struct run_artifact *joined = malloc(sizeof *joined);
    bool whole = joined != NULL;
    size_t begin, end;
    tb_job_share(job, job->campaign->run_count, &begin, &end);
    for (size_t l = 0; l < REMARK_LISTS; l++)
        bytes[l] = tb_bytes_packed(lists[l].data, lists[l].size);
    for (size_t run = begin; run < end && whole; run++) {
        const struct tb_run *about = &job->campaign->runs[run];
        for (size_t i = about->first_artifact; i < about->first_artifact + about->artifact_count && whole; i++) {
            joined->remark[0] = '\0';
            for (size_t l = 0; l < REMARK_LISTS && whole; l++)
                whole = join_remarks(job, i, &bytes[l], joined, closing);
            PUT_TEXT(ARTIFACT_REMARK, joined->remark);
        }
    }
    free(joined);
    return whole ? TB_OK : tb_error_memory(error, "remarks");
}
