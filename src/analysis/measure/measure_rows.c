/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "measure_rows.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "distribution_rows.h"
#include "flow_tables.h"
#include "twinbed/app/workload_tools.h"

/* Latency sessions of all pairs of the run, and those that have no jitter. */
static void add_session_counts(struct job *job, const struct run_measures *run)
{
    size_t sessions = 0, without = 0;
    for (size_t pair = 0; pair < run->pair_count; pair++) {
        sessions += run->pairs[pair].session_count;
        without += tb_latency_without_jitter(run->pairs[pair].sessions, run->pairs[pair].session_count);
    }
    PUT_I64(RUN_SESSIONS, sessions);
    PUT_I64(RUN_SESSIONS_WITHOUT_JITTER, without);
}

static void add_run(struct job *job, const struct run_measures *run)
{
    const struct tb_run *about = &job->campaign->runs[run->run];
    PUT_TEXT(RUN_NAME, about->name);
    PUT_I32(RUN_TESTBED, about->testbed);
    PUT_I32(RUN_SCENARIO, about->scenario);
    PUT_I32(RUN_CELL, about->cell);
    PUT_TEXT(RUN_REPETITION, about->repetition);
    PUT_I32(RUN_PAIRS, about->pair_count);
    PUT_I32(RUN_DISCARDED, run->discarded);
    PUT_TEXT(RUN_DISCARD_REASON, about->discarded ? about->discard_reason : run->discarded ? "stalled" : "");
    PUT_I32(RUN_STALLED, run->stalled);
    PUT_I64(RUN_STALLED_FLOWS, run->stalls_known ? (int64_t)run->stalls.flows : -1);
    PUT_I64(RUN_STALL_CLUSTERS, run->stalls_known ? (int64_t)run->stalls.clusters : -1);
    PUT_F64(RUN_LONGEST_STALL, run->stalls_known ? (double)run->stalls.longest * 1e-9 : NAN);
    PUT_I64(RUN_RESETS, run->resets_known ? (int64_t)run->resets : -1);
    add_session_counts(job, run);
}

static void add_account(struct job *job, const struct tb_account *account)
{
    static const struct tb_account none = {.damage = TB_DAMAGE_NONE};
    const bool known = account != NULL;
    if (!known)
        account = &none;
    PUT_I32(DAMAGE, account->damage);
    PUT_I64(DAMAGE_OFFSET, account->damage == TB_DAMAGE_NONE ? -1 : (int64_t)account->damage_offset);
    PUT_I64(STREAM_BYTES, account->stream_bytes);
    PUT_I64(DECODED_BYTES, account->decoded);
    PUT_I64(SKIPPED_BYTES, account->skipped);
    PUT_I64(DAMAGED_BYTES, account->damaged);
    PUT_I64(FILE_BYTES, account->file_bytes);
    PUT_I64(CONSUMED_BYTES, account->consumed);
    PUT_I64(LEFT_BYTES, account->left);
}

static void add_trace(struct job *job, const struct tb_trace *trace)
{
    const bool known = trace != NULL;
    PUT_I64(TRACE_DROP_MARKS, known ? (int64_t)(trace->drop_starts + trace->drop_marks) : -1);
    PUT_I64(TRACE_DROP_RATIO, known ? (int64_t)trace->drop_ratio : -1);
    PUT_F64(TRACE_DURATION, known ? (double)(int64_t)(trace->last_time - trace->first_time) * 1e-9 : NAN);
    PUT_I64(TRACE_UNKNOWN_EVENTS, known ? (int64_t)tb_unknown_events_sum(&trace->unknown_events) : -1);
}

/* ISO 8601 with all nine digits, as file systems keep it. */
static void format_time(int64_t nanoseconds, char *text, size_t size)
{
    enum { SECOND = 1000000000 };
    int64_t fraction = nanoseconds % SECOND;
    fraction += fraction < 0 ? SECOND : 0;
    const time_t seconds = (time_t)((nanoseconds - fraction) / SECOND);
    struct tm parts;
    char stamp[32] = "";
    if (gmtime_r(&seconds, &parts) != NULL)
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, size, "%s.%09lldZ", stamp, (long long)fraction);
}

static void add_input(struct job *job, size_t index)
{
    const struct tb_artifact *artifact = &job->campaign->artifacts[index];
    char modified[64] = "";
    if (artifact->exists)
        format_time(artifact->modified_ns, modified, sizeof modified);
    PUT_I64(INPUT_BYTES, artifact->exists ? (int64_t)artifact->size : -1);
    PUT_TEXT(INPUT_MODIFIED, modified);
    PUT_TEXT(INPUT_DIGEST, job->decoding.decoded[tb_decoded_artifact(job->campaign, index)].digest);
}

static void add_artifact(struct job *job, const struct run_measures *run, size_t place)
{
    const struct run_artifact *artifact = &run->artifacts[place];
    const struct tb_artifact *known = &job->campaign->artifacts[artifact->artifact];
    const struct artifact_content *content = tb_run_artifact_content(run, place);
    PUT_I32(ARTIFACT_RUN, run->run);
    PUT_I32(ARTIFACT_PAIR, known->pair);
    PUT_TEXT(ARTIFACT_KIND, tb_artifact_kind_name(known->kind));
    PUT_TEXT(ARTIFACT_ROLE, tb_role_name(known->role));
    PUT_TEXT(ARTIFACT_POINT, tb_point_name(known->point));
    PUT_TEXT(ARTIFACT_PATH, tb_artifact_relative_path(job->campaign, artifact->artifact));
    add_input(job, artifact->artifact);
    PUT_I32(ARTIFACT_STATE, artifact->state);
    PUT_TEXT(ARTIFACT_REASON, artifact->reason);
    PUT_TEXT(FORMAT, content == NULL ? "" : content->format);
    PUT_F64(COVERAGE, artifact->coverage);
    add_trace(job, content == NULL ? NULL : content->trace);
    add_account(job, content == NULL ? NULL : tb_artifact_account(content));
}

static void add_check(struct job *job, const struct run_measures *run, const struct made_check *made)
{
    const size_t artifact = run->artifacts[made->place].artifact;
    PUT_I32(CHECK_RUN, run->run);
    PUT_I32(CHECK_PAIR, job->campaign->artifacts[artifact].pair);
    PUT_I32(CHECK_ARTIFACT, artifact);
    PUT_I32(CHECK_RULE, made->check);
    PUT_F64(CHECK_SEEN, made->result.seen);
    PUT_F64(CHECK_EXPECTED, made->result.expected);
    PUT_F64(CHECK_RATIO, made->result.ratio);
    PUT_F64(CHECK_LEAST, made->result.least);
    PUT_F64(CHECK_MOST, made->result.most);
    PUT_I32(CHECK_VERDICT, made->result.verdict);
    PUT_TEXT(CHECK_WHY, made->result.why);
}

#define PUT_TRANSFER(NAME, KIND, transfers)                                                                            \
    do {                                                                                                               \
        PUT_I64(SEQUENCE_##NAME##_CALLS_##KIND, (transfers)[TB_DESCRIPTOR_##KIND].calls);                              \
        PUT_I64(SEQUENCE_##NAME##_BYTES_##KIND, (transfers)[TB_DESCRIPTOR_##KIND].bytes);                              \
    } while (0)

static void add_transfers(struct job *job, const struct tb_sequence *sequence)
{
    PUT_TRANSFER(READ, NETWORK, sequence->reads);
    PUT_TRANSFER(READ, FILE, sequence->reads);
    PUT_TRANSFER(READ, OTHER, sequence->reads);
    PUT_TRANSFER(READ, UNKNOWN, sequence->reads);
    PUT_TRANSFER(WRITE, NETWORK, sequence->writes);
    PUT_TRANSFER(WRITE, FILE, sequence->writes);
    PUT_TRANSFER(WRITE, OTHER, sequence->writes);
    PUT_TRANSFER(WRITE, UNKNOWN, sequence->writes);
}

/* Local numbers, which tb_measure_rows_place and take_calls turn into those of the file. */
static void add_sequence_details(struct job *job, const struct tb_sequence *sequence)
{
    const uint64_t row = tb_column_length(&job->columns, TB_FIELD_SEQUENCE_RUN) - 1;
    for (size_t i = 0; i < sequence->call_total_count; i++) {
        PUT_I32(CALL_TOTAL_SEQUENCE, row);
        PUT_I32(CALL_TOTAL_CALL, sequence->call_totals[i].call);
        PUT_I64(CALL_TOTAL_COUNT, sequence->call_totals[i].count);
        PUT_I64(CALL_TOTAL_ERRORS, sequence->call_totals[i].errors);
        PUT_I64(CALL_TOTAL_BYTES, sequence->call_totals[i].bytes);
    }
    for (size_t i = 0; i < sequence->thread_count; i++) {
        PUT_I32(THREAD_SEQUENCE, row);
        PUT_I64(THREAD_TID, sequence->threads[i].tid);
        PUT_I64(THREAD_PID, sequence->threads[i].pid);
        PUT_I64(THREAD_CALLS, sequence->threads[i].calls);
        PUT_I64(THREAD_CONTEXT_SWITCHES, sequence->threads[i].context_switches);
    }
}

static void add_sequence(struct job *job, const struct run_measures *run, size_t place)
{
    const struct run_artifact *artifact = &run->artifacts[place];
    const struct tb_artifact *known = &job->campaign->artifacts[artifact->artifact];
    const struct tb_sequence *sequence = tb_run_artifact_sequence(run, place);
    const uint16_t port = run->pairs[known->pair].measures.server_port;
    PUT_I32(SEQUENCE_RUN, run->run);
    PUT_I32(SEQUENCE_PAIR, known->pair);
    PUT_I32(SEQUENCE_ROLE, known->role);
    PUT_I32(SEQUENCE_ARTIFACT, artifact->artifact);
    PUT_I32(SEQUENCE_USABLE, artifact->state == ARTIFACT_USED && !run->discarded);
    PUT_I64(SEQUENCE_CALLS, sequence->calls);
    PUT_I64(SEQUENCE_EVENTS, sequence->events);
    PUT_I64(SEQUENCE_ENTERS, sequence->enters);
    PUT_I32(SEQUENCE_LOSSES_KNOWN, sequence->losses_known);
    PUT_I64(SEQUENCE_CONTEXT_SWITCHES, sequence->context_switches);
    PUT_I64(SEQUENCE_EXITS_WITHOUT_ENTER, sequence->exits_without_enter);
    PUT_I64(SEQUENCE_ENTERS_WITHOUT_EXIT, sequence->enters_without_exit);
    PUT_I64(SEQUENCE_CONNECTS, tb_port_count(sequence->connects, sequence->connect_count, port));
    PUT_I64(SEQUENCE_ACCEPTS, tb_port_count(sequence->accepts, sequence->accept_count, port));
    PUT_I64(SEQUENCE_NETWORK_CLOSES, sequence->closes[TB_DESCRIPTOR_NETWORK]);
    PUT_I64(SEQUENCE_UNKNOWN_CLOSES, sequence->closes[TB_DESCRIPTOR_UNKNOWN]);
    PUT_I64(SEQUENCE_THREAD_LIVES, sequence->thread_count);
    add_transfers(job, sequence);
    add_sequence_details(job, sequence);
}

static void add_test_session(struct job *job, size_t artifact, const struct tb_test_session *session,
                             const struct tb_flow_totals *totals)
{
    char from[TB_ADDRESS_TEXT_SIZE], to[TB_ADDRESS_TEXT_SIZE];
    struct tb_delay_spread all = {0}, load = {0};
    const uint64_t load_begin = totals->load_begin == 0 ? UINT64_MAX : totals->load_begin;
    /* A column that ran out of memory says so when it is written. */
    if (!tb_test_session_spread(session, 0, UINT64_MAX, &all) ||
        !tb_test_session_spread(session, load_begin, totals->load_end, &load))
        job->columns.column[TB_FIELD_TEST_SESSION_JITTER].failed = true;
    PUT_I32(TEST_SESSION_ARTIFACT, artifact);
    PUT_TEXT(TEST_SESSION_FROM, tb_address_text(&session->from, from));
    PUT_TEXT(TEST_SESSION_TO, tb_address_text(&session->to, to));
    PUT_I64(TEST_SESSION_PACKETS, session->packet_count);
    PUT_F64(TEST_SESSION_JITTER, all.jitter * 1e-6);
    PUT_F64(TEST_SESSION_DELAY_CHANGE, all.change * 1e-6);
    PUT_I64(TEST_SESSION_LOAD_PACKETS, load.count);
    PUT_F64(TEST_SESSION_LOAD_JITTER, load.jitter * 1e-6);
    PUT_F64(TEST_SESSION_LOAD_DELAY_CHANGE, load.change * 1e-6);
}

static int64_t log_count(const struct tb_capture_log *log, enum tb_capture_log_count count)
{
    return log != NULL && log->known[count] ? (int64_t)log->packets[count] : -1;
}

/* Packets that the capturing program lost, by the file and by its log. */
static void add_losses(struct job *job, const struct tb_capture *capture, const struct tb_capture_log *log)
{
    PUT_I64(CAPTURE_DROPPED_PACKETS, capture->dropped_known ? (int64_t)capture->dropped_packets : -1);
    PUT_I64(CAPTURE_LOG_CAPTURED, log_count(log, TB_CAPTURE_LOG_CAPTURED));
    PUT_I64(CAPTURE_LOG_RECEIVED, log_count(log, TB_CAPTURE_LOG_RECEIVED));
    PUT_I64(CAPTURE_LOG_DROPPED_BY_KERNEL, log_count(log, TB_CAPTURE_LOG_DROPPED_BY_KERNEL));
    PUT_I64(CAPTURE_LOG_DROPPED_BY_INTERFACE, log_count(log, TB_CAPTURE_LOG_DROPPED_BY_INTERFACE));
}

static void add_capture(struct job *job, const struct run_measures *run, size_t place)
{
    const struct tb_capture *capture = tb_run_artifact_content(run, place)->capture;
    const size_t artifact = run->artifacts[place].artifact;
    const uint16_t port = run->pairs[job->campaign->artifacts[artifact].pair].measures.server_port;
    const struct tb_port_flows *flows = tb_flow_summary_find(&capture->summary, port);
    struct tb_flow_totals totals;
    tb_port_flows_totals(flows, false, &totals);
    PUT_I32(CAPTURE_ARTIFACT, artifact);
    PUT_I64(CAPTURE_PACKETS, capture->packets);
    PUT_I64(CAPTURE_FILTERED, capture->filtered);
    PUT_I64(CAPTURE_NOT_IP, capture->not_ip);
    PUT_I64(CAPTURE_OTHER_PROTOCOL, capture->other_protocol);
    PUT_I64(CAPTURE_UNPARSED, capture->unparsed);
    PUT_I64(CAPTURE_LATER_FRAGMENTS, capture->later_fragments);
    PUT_I64(CAPTURE_CUT_PACKETS, capture->cut_packets);
    PUT_I64(CAPTURE_BACKWARD_STEPS, capture->backward_steps);
    PUT_I64(CAPTURE_CUT_HEADERS, capture->left_out.cut);
    PUT_I64(CAPTURE_LINK_NOT_READ, tb_numbered_packets_sum(&capture->left_out.link_types));
#define PUT_ENCAPSULATION(NAME, name, title, sentence)                                                                 \
    PUT_I64(CAPTURE_##NAME, capture->encapsulated[TB_ENCAPSULATION_##NAME]);
    TB_ENCAPSULATION_ROWS(PUT_ENCAPSULATION)
#undef PUT_ENCAPSULATION
    const size_t log = tb_run_capture_log(job, run, place);
    add_losses(job, capture, log == TB_NO_INDEX ? NULL : &tb_run_artifact_content(run, log)->capture_log);
    PUT_I64(CAPTURE_FLOWS, capture->summary.flows);
    PUT_I64(CAPTURE_SERVER_FLOWS, flows->unfinished.flows + flows->completed.flows);
    PUT_I64(CAPTURE_COMPLETED_FLOWS, flows->completed.flows);
    tb_distribution_rows_add(job, artifact, capture->first_time, flows, &totals);
    PUT_I64(CAPTURE_LATE_PACKETS, capture->summary.late_packets);
    PUT_I64(CAPTURE_COPIED_PACKETS, capture->summary.copied_packets);
    PUT_F64(CAPTURE_COPIED_SHARE, (double)capture->summary.copied_packets / (double)capture->packets);
    PUT_F64(CAPTURE_DURATION, (double)(int64_t)(capture->last_time - capture->first_time) * 1e-9);
    PUT_I64(CAPTURE_TEST_PACKETS_LEFT_OUT, capture->tests.left_out);
    for (size_t i = 0; i < capture->tests.count; i++)
        add_test_session(job, artifact, &capture->tests.items[i], &totals);
    if (flows_have_rows(&job->campaign->settings))
        tb_flow_tables_note(job, artifact, capture->summary.flows, port);
}

/* Of all numbers but the smallest the number is not known. A trace that several roles share is listed once. */
static void add_unknown_events(struct job *job, const struct run_measures *run, size_t place)
{
    const struct tb_unknown_events *const unknown = &run->artifacts[place].content.trace->unknown_events;
    for (size_t i = 0; i < unknown->count; i++) {
        PUT_I32(UNKNOWN_EVENT_ARTIFACT, run->artifacts[place].artifact);
        PUT_I32(UNKNOWN_EVENT_NUMBER, unknown->items[i].number);
        PUT_I64(UNKNOWN_EVENT_COUNT, unknown->items[i].events);
    }
    if (unknown->others > 0) {
        PUT_I32(UNKNOWN_EVENT_ARTIFACT, run->artifacts[place].artifact);
        PUT_I32(UNKNOWN_EVENT_NUMBER, -1);
        PUT_I64(UNKNOWN_EVENT_COUNT, unknown->others);
    }
}

static void add_counters(struct job *job, const struct run_measures *run, size_t place)
{
    const struct tb_counters *const counters = &run->artifacts[place].content.counters;
    for (size_t i = 0; i < counters->named_count; i++) {
        const struct tb_named_counter *const named = &counters->named[i];
        PUT_I32(COUNTER_ARTIFACT, run->artifacts[place].artifact);
        PUT_TEXT(COUNTER_FILE, named->file);
        PUT_TEXT(COUNTER_NAME, named->name);
        PUT_TEXT(COUNTER_UNIT, named->unit);
        PUT_F64(COUNTER_VALUE, named->value);
    }
}

/* A file that is the log of several pairs or roles is listed once. */
static void add_kernel_events(struct job *job, const struct run_measures *run, size_t place)
{
    const struct tb_kernel_log *const log = &run->artifacts[place].content.kernel_log;
    for (size_t i = 0; i < log->event_count; i++) {
        const struct tb_kernel_event *const event = &log->events[i];
        PUT_I32(KERNEL_EVENT_ARTIFACT, run->artifacts[place].artifact);
        PUT_TEXT(KERNEL_EVENT_KIND, tb_kernel_event_name((enum tb_kernel_event_kind)event->kind));
        PUT_TEXT(KERNEL_EVENT_TIME, event->time);
        PUT_TEXT(KERNEL_EVENT_TEXT, event->text);
    }
}

static void add_sessions(struct job *job, const struct run_measures *run, size_t place)
{
    const struct tb_latency *latency = tb_run_artifact_content(run, place)->latency;
    for (size_t i = 0; i < latency->session_count; i++) {
        const struct tb_latency_session *session = &latency->sessions[i];
        PUT_I32(SESSION_ARTIFACT, run->artifacts[place].artifact);
        PUT_TEXT(SESSION_FROM, session->from);
        PUT_TEXT(SESSION_TO, session->to);
        PUT_I64(SESSION_SENT, session->sent);
        PUT_I64(SESSION_LOST, session->lost);
        PUT_I64(SESSION_DUPLICATES, session->duplicates);
        PUT_F64(SESSION_MINIMUM, session->minimum_ms);
        PUT_F64(SESSION_MEDIAN, session->median_ms);
        PUT_F64(SESSION_MAXIMUM, session->maximum_ms);
        PUT_F64(SESSION_JITTER, session->jitter_ms);
        PUT_F64(SESSION_EXACT_MEDIAN, session->exact_median_ms);
        PUT_F64(SESSION_EXACT_JITTER, session->exact_jitter_ms);
    }
}

static void add_ab(struct job *job, const struct run_measures *run, size_t place)
{
    const struct run_artifact *artifact = &run->artifacts[place];
    const struct tb_apachebench *ab = &tb_run_artifact_content(run, place)->ab;
    PUT_I32(AB_RUN, run->run);
    PUT_I32(AB_PAIR, job->campaign->artifacts[artifact->artifact].pair);
    PUT_I32(AB_ARTIFACT, artifact->artifact);
    PUT_TEXT(AB_TOOL, tb_tool_name(ab->tool));
    PUT_F64(AB_TIME_TAKEN, ab->time_taken_s);
    PUT_I64(AB_CONCURRENCY, tb_ab_count(ab, TB_AB_CONCURRENCY));
    PUT_I64(AB_COMPLETE, tb_ab_count(ab, TB_AB_COMPLETE));
    PUT_I64(AB_FAILED, tb_ab_count(ab, TB_AB_FAILED));
    PUT_I64(AB_FAILED_CONNECT, tb_ab_count(ab, TB_AB_FAILED_CONNECT));
    PUT_I64(AB_FAILED_RECEIVE, tb_ab_count(ab, TB_AB_FAILED_RECEIVE));
    PUT_I64(AB_FAILED_LENGTH, tb_ab_count(ab, TB_AB_FAILED_LENGTH));
    PUT_I64(AB_FAILED_EXCEPTIONS, tb_ab_count(ab, TB_AB_FAILED_EXCEPTIONS));
    PUT_I64(AB_WRITE_ERRORS, tb_ab_count(ab, TB_AB_WRITE_ERRORS));
    PUT_I64(AB_NON_2XX, tb_ab_count(ab, TB_AB_NON_2XX));
    PUT_I64(AB_KEEPALIVE, tb_ab_count(ab, TB_AB_KEEPALIVE));
    PUT_I64(AB_TOTAL_BYTES, tb_ab_count(ab, TB_AB_TOTAL_BYTES));
    PUT_I64(AB_HTML_BYTES, tb_ab_count(ab, TB_AB_HTML_BYTES));
    PUT_I64(AB_BODY_SENT_BYTES, tb_ab_count(ab, TB_AB_BODY_SENT_BYTES));
    PUT_I64(AB_FAILED_REQUESTS, tb_ab_failed_requests(ab));
}

/* The distribution that a table of ab -e or -g gives. */
static void add_request_times(struct job *job, const struct run_measures *run, size_t place,
                              const double milliseconds[TB_AB_CSV_ROWS])
{
    const struct run_artifact *artifact = &run->artifacts[place];
    for (size_t percent = 0; percent < TB_AB_CSV_ROWS; percent++) {
        PUT_I32(REQUEST_TIME_RUN, run->run);
        PUT_I32(REQUEST_TIME_PAIR, job->campaign->artifacts[artifact->artifact].pair);
        PUT_I32(REQUEST_TIME_ARTIFACT, artifact->artifact);
        PUT_I32(REQUEST_TIME_PERCENT, percent);
        PUT_F64(REQUEST_TIME_MILLISECONDS, milliseconds[percent]);
    }
}

static void add_ab_outputs(struct job *job, const struct run_measures *run, size_t place)
{
    const struct artifact_content *content = tb_run_artifact_content(run, place);
    if (content->kind == TB_ARTIFACT_AB)
        add_ab(job, run, place);
    if (content->kind == TB_ARTIFACT_AB_CSV)
        add_request_times(job, run, place, content->quantiles.milliseconds);
    if (content->kind == TB_ARTIFACT_AB_TSV)
        add_request_times(job, run, place, content->requests.milliseconds);
}

void tb_measure_rows_add(struct job *job, const struct run_measures *run)
{
    add_run(job, run);
    for (size_t i = 0; i < run->artifact_count; i++) {
        const struct artifact_content *content = tb_run_artifact_content(run, i);
        add_artifact(job, run, i);
        if (tb_run_artifact_sequence(run, i) != NULL)
            add_sequence(job, run, i);
        if (content != NULL && content->capture != NULL)
            add_capture(job, run, i);
        if (content != NULL && content->latency != NULL)
            add_sessions(job, run, i);
        if (run->artifacts[i].loaded && content->kind == TB_ARTIFACT_KERNEL_LOG)
            add_kernel_events(job, run, i);
        if (run->artifacts[i].loaded && content->trace != NULL)
            add_unknown_events(job, run, i);
        if (run->artifacts[i].loaded && content->kind == TB_ARTIFACT_COUNTERS)
            add_counters(job, run, i);
        if (content != NULL)
            add_ab_outputs(job, run, i);
    }
    for (size_t i = 0; i < run->check_count; i++)
        add_check(job, run, &run->checks[i]);
}

enum tb_status tb_measure_rows_place(struct job *job, struct tb_error *error)
{
    return tb_job_place_rows(job, TB_FIELD_SEQUENCE_RUN, error);
}

void tb_measure_rows_windows(struct job *job)
{
    for (size_t i = 0; i < job->decoding.window_count && job->team->rank == 0; i++) {
        const struct resolved_window *resolved = &job->decoding.windows[i];
        PUT_I32(WINDOW_SCENARIO, resolved->scenario);
        PUT_I32(WINDOW_ROLE, resolved->role);
        PUT_I32(WINDOW_SETTING, resolved->setting);
        PUT_I64(WINDOW_SKIP, resolved->window.skip);
        PUT_I64(WINDOW_LIMIT, resolved->window.limit == TB_WINDOW_WHOLE ? -1 : (int64_t)resolved->window.limit);
        PUT_I32(WINDOW_SEQUENCES, resolved->sequences);
        PUT_I32(WINDOW_SHORT, resolved->short_sequences);
    }
}
