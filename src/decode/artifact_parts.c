/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "artifact_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_lists.h"
#include "team_captures.h"
#include "team_traces.h"
#include "twinbed/app/work.h"
#include "twinbed/campaign/settings.h"
#include "twinbed/checkpoint/parts.h"

/* Raised whenever what is decoded, or how it is packed, changes. */
enum { PART_VERSION = 6 };

static void add(struct tb_buffer *key, const char *format, ...) TB_PRINTF(2, 3);

static void add(struct tb_buffer *key, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        key->failed = true;
    else
        tb_buffer_put(key, line, (size_t)length);
}

size_t tb_trace_sharers(const struct tb_campaign *campaign, size_t artifact, size_t *sharers, size_t room)
{
    const struct tb_run *run = &campaign->runs[campaign->artifacts[artifact].run];
    size_t count = 0;
    for (size_t i = 0; i < run->artifact_count; i++) {
        const size_t other = run->first_artifact + i;
        if (other != artifact && campaign->artifacts[other].same_as != artifact)
            continue;
        if (count < room)
            sharers[count] = other;
        count++;
    }
    return count;
}

static size_t trace_selectors(const struct decoding *decoding, size_t artifact, struct tb_process_selector *selectors)
{
    size_t sharers[TRACE_SHARERS_MAX];
    const size_t count = tb_trace_sharers(decoding->campaign, artifact, sharers, TRACE_SHARERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct tb_artifact *sharer = &decoding->campaign->artifacts[sharers[i]];
        const struct tb_process *process = tb_campaign_process(decoding->campaign, sharer->pair, sharer->role);
        selectors[i] = (struct tb_process_selector){
            .name = process->name, .pid = process->pid, .arguments = process->arguments, .cgroup = process->cgroup};
    }
    return count;
}

static enum tb_flow_rows flow_rows(const struct decoding *decoding)
{
    return flows_have_rows(&decoding->campaign->settings) ? TB_FLOW_ROWS_ALL : TB_FLOW_ROWS_NONE;
}

static void add_identity(const struct decoding *decoding, size_t index, struct tb_buffer *key)
{
    const struct tb_artifact *artifact = &decoding->campaign->artifacts[index];
    add(key, "twinbed part %d\nkind %s\npath %s\nsize %llu\nmodified %lld\n", PART_VERSION,
        tb_artifact_kind_name(artifact->kind), artifact->path, (unsigned long long)artifact->size,
        (long long)artifact->modified_ns);
}

static bool counts_thread_groups(const struct decoding *decoding)
{
    return decoding->campaign->settings.chains_of == TB_CHAINS_OF_THREAD_GROUPS;
}

static void add_selectors(const struct decoding *decoding, size_t index, struct tb_buffer *key)
{
    struct tb_process_selector selectors[TRACE_SHARERS_MAX];
    const size_t count = trace_selectors(decoding, index, selectors);
    for (size_t i = 0; i < count; i++)
        add(key, "process %s pid %lld arguments %s cgroup %s\n", selectors[i].name, (long long)selectors[i].pid,
            selectors[i].arguments, selectors[i].cgroup);
}

static void add_cuts(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                     struct tb_buffer *key)
{
    if (cuts == NULL && counts_thread_groups(decoding))
        add(key, "thread groups\n");
    if (cuts == NULL)
        return;
    add(key, "in cuts alone\n");
    for (size_t i = 0; i < cuts->window_count; i++)
        add(key, "window %llu %llu\n", (unsigned long long)cuts->windows[i].skip,
            (unsigned long long)cuts->windows[i].limit);
    const size_t sharers = tb_trace_sharers(decoding->campaign, index, NULL, 0);
    for (size_t i = 0; cuts->stretched && i < sharers; i++)
        add(key, "stretch %llu\n", (unsigned long long)cuts->stretch[i]);
}

/* The key of an artifact's part; cuts may be NULL. */
static enum tb_status make_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                               struct tb_buffer *key, struct tb_error *error)
{
    add_identity(decoding, index, key);
    const enum tb_artifact_kind kind = decoding->campaign->artifacts[index].kind;
    tb_settings_key(&decoding->campaign->settings, 1u << kind, key);
    if (kind == TB_ARTIFACT_TRACE) {
        add_selectors(decoding, index, key);
        add_cuts(decoding, index, cuts, key);
    }
    if (kind == TB_ARTIFACT_CAPTURE)
        add(key, "flow rows %s\nsample %d\n", flow_rows(decoding) == TB_FLOW_ROWS_ALL ? "all" : "none",
            tb_captured_at_both_ends(decoding->campaign, index));
    tb_buffer_put_u8(key, 0);
    return tb_buffer_check(key, "the key of a part", error);
}

enum tb_status tb_artifact_list_key(const struct decoding *decoding, size_t index, uint64_t block,
                                    struct tb_buffer *key, struct tb_error *error)
{
    add_identity(decoding, index, key);
    add_selectors(decoding, index, key);
    tb_settings_key(&decoding->campaign->settings, TB_DECIDES_CALL_LISTS, key);
    add(key, "calls, block %llu of %d\n", (unsigned long long)block, TB_CALL_LIST_BLOCK);
    tb_buffer_put_u8(key, 0);
    return tb_buffer_check(key, "the key of a list of calls", error);
}

/* Whether a part of its own holds rows of the artifact's flows. */
static bool has_flow_rows(const struct decoding *decoding, size_t index)
{
    return decoding->campaign->artifacts[index].kind == TB_ARTIFACT_CAPTURE && flow_rows(decoding) == TB_FLOW_ROWS_ALL;
}

/* The key of that part. */
static enum tb_status make_rows_key(const struct decoding *decoding, size_t index, struct tb_buffer *key,
                                    struct tb_error *error)
{
    add(key, "rows of flows\n");
    return make_key(decoding, index, NULL, key, error);
}

void tb_artifacts_look(struct tb_campaign *campaign)
{
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        struct tb_artifact *const artifact = &campaign->artifacts[i];
        struct tb_source *source;
        if ((artifact->kind != TB_ARTIFACT_TRACE && artifact->kind != TB_ARTIFACT_CAPTURE) || !artifact->exists ||
            artifact->same_as != TB_NO_INDEX || artifact->size < TB_PLAN_SHARED_LEAST ||
            tb_source_open(artifact->path, &source, NULL) != TB_OK)
            continue;
        artifact->plain = tb_source_compression(source) == TB_COMPRESSION_NONE;
        artifact->members = tb_source_has_members(source);
        tb_source_close(source);
    }
}

int tb_artifact_threads(const struct decoding *decoding, const struct tb_segment *segment)
{
    return tb_plan_is_shared(decoding->campaign, &decoding->plan, segment, decoding->team->threads)
               ? decoding->team->threads
               : 1;
}

/* Files that all threads share. */
static void decode_shared(const struct decoding *decoding,
                          void (*decode)(void *context, size_t artifact, const struct hands *hands), void *context)
{
    const size_t end = decoding->plan.rank_begin[decoding->team->rank + 1];
    for (size_t i = decoding->plan.rank_begin[decoding->team->rank]; i < end; i++) {
        const int threads = tb_artifact_threads(decoding, &decoding->plan.segments[i]);
        const struct hands hands = {.threads = threads, .decompressors = threads};
        if (hands.threads > 1)
            decode(context, decoding->plan.segments[i].artifact, &hands);
    }
}

/* For each of the files that are left: none where every thread has one to decode. A decoder that waits for them leaves its
 * processor, so they are not fewer for it. */
static int spare_decompressors(int threads, size_t left)
{
    return 2 * left <= (size_t)threads ? threads / (int)left : 0;
}

void tb_artifacts_each(const struct decoding *decoding,
                       void (*decode)(void *context, size_t artifact, const struct hands *hands), void *context)
{
    const struct tb_segment *const segments = decoding->plan.segments;
    const size_t begin = decoding->plan.rank_begin[decoding->team->rank];
    const size_t end = decoding->plan.rank_begin[decoding->team->rank + 1];
    const int threads = decoding->team->threads;
    size_t left = 0;
    decode_shared(decoding, decode, context);
    for (size_t i = begin; i < end; i++)
        left += tb_artifact_threads(decoding, &segments[i]) == 1;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = begin; i < end; i++) {
        if (tb_artifact_threads(decoding, &segments[i]) > 1)
            continue;
        size_t now;
#pragma omp atomic read
        now = left;
        const struct hands hands = {.threads = 1, .decompressors = spare_decompressors(threads, now)};
        decode(context, segments[i].artifact, &hands);
#pragma omp atomic
        left--;
    }
}

/* What is asked of a trace. The selectors live as long as the question is used. */
struct question {
    struct tb_process_selector selectors[TRACE_SHARERS_MAX];
    struct tb_trace_request request;
};

/* first: not in cuts, but as a whole. cuts may be NULL. */
static void ask(const struct decoding *decoding, size_t index, bool first, const struct trace_cuts *cuts,
                struct question *question)
{
    const size_t count = trace_selectors(decoding, index, question->selectors);
    question->request =
        (struct tb_trace_request){.selectors = question->selectors,
                                  .selector_count = count,
                                  .orders = decoding->campaign->settings.orders,
                                  .order_count = decoding->campaign->settings.order_count,
                                  .window_count = cuts == NULL || count == 0 ? 0 : cuts->window_count / count,
                                  .selector_windows = cuts == NULL ? NULL : cuts->windows,
                                  .vocabulary = state_vocabulary(&decoding->campaign->settings),
                                  .thread_groups = first && counts_thread_groups(decoding),
                                  .stretch = cuts != NULL && cuts->stretched ? cuts->stretch : NULL};
}

/* A campaign may name no process for a role: its traces tell nothing, which is no reason to stop the job. */
static enum tb_status check_selectors(const struct question *question, const struct tb_source *source,
                                      struct tb_error *error)
{
    for (size_t i = 0; i < question->request.selector_count; i++)
        if (question->selectors[i].name[0] == '\0')
            return tb_error_set(error, TB_NOT_FOUND, "%s: the campaign file names no process for it",
                                tb_source_name(source));
    return TB_OK;
}

static enum tb_status read_trace(const struct hands *hands, struct tb_source *source,
                                 const struct tb_trace_request *request, struct tb_trace **trace,
                                 struct tb_error *error)
{
    if (hands->team != NULL && tb_source_compression(source) == TB_COMPRESSION_NONE)
        return tb_team_read_trace(hands->team, source, request, trace, error);
    const struct tb_split split = {.segments = (size_t)hands->threads,
                                   .segment_size =
                                       tb_trace_segment(tb_source_size(source), hands->threads, TB_SPLIT_SEGMENT)};
    return tb_trace_read_split(source, request, &split, NULL, trace, error);
}

/* What was counted in cuts is the same from a list and from its trace. */
static void pack_cuts(struct tb_trace *trace, struct tb_buffer *content)
{
    tb_buffer_put_text(content, "scap, in cuts");
    tb_trace_keep_cuts(trace);
    tb_trace_pack(trace, content);
    tb_trace_free(trace);
}

static enum tb_status recount_trace(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                                    struct tb_buffer *content, struct tb_error *error)
{
    struct call_list_place place = {.decoding = decoding, .artifact = index};
    const struct tb_call_blocks blocks = tb_call_list_reader(&place);
    struct question question;
    struct tb_trace *trace;
    ask(decoding, index, false, cuts, &question);
    const enum tb_status status = tb_trace_recount(&blocks, &question.request, &trace, error);
    if (status == TB_OK)
        pack_cuts(trace, content);
    return status;
}

static void put_trace_format(const struct tb_trace *trace, const struct tb_source *source, struct tb_buffer *content)
{
    char format[TB_FORMAT_TEXT_SIZE];
    snprintf(format, sizeof format, "scap %u.%u%s%s%s, %s", trace->major_version, trace->minor_version,
             trace->unknown_sections > 0 ? " (unknown version)" : "", trace->swapped ? " byte-swapped" : "",
             trace->exit_only ? " exit-only" : "", tb_compression_name(tb_source_compression(source)));
    tb_buffer_put_text(content, format);
}

static enum tb_status decode_trace(const struct decoding *decoding, size_t index, const struct hands *hands,
                                   const struct trace_cuts *cuts, struct tb_source *source, struct tb_buffer *content,
                                   struct tb_error *error)
{
    struct call_list_place place = {.decoding = decoding, .artifact = index};
    const struct tb_call_sink sink = tb_call_list_writer(&place);
    struct question question;
    struct tb_trace *trace;
    ask(decoding, index, cuts == NULL, cuts, &question);
    enum tb_status status = check_selectors(&question, source, error);
    if (status != TB_OK)
        return status;
    question.request.calls = tb_call_list_is_wanted(decoding, index) ? &sink : NULL;
    status = read_trace(hands, source, &question.request, &trace, error);
    if (status != TB_OK)
        return status;
    if (cuts != NULL) {
        pack_cuts(trace, content);
        return TB_OK;
    }
    put_trace_format(trace, source, content);
    tb_trace_pack(trace, content);
    tb_trace_free(trace);
    return TB_OK;
}

/* What is asked of a capture; its rows go to the sink. */
static struct tb_capture_request ask_of_capture(const struct decoding *decoding, size_t index,
                                                struct tb_flow_sink *sink)
{
    const char *filter = decoding->campaign->settings.filter;
    return (struct tb_capture_request){.filter = filter[0] == '\0' ? NULL : filter,
                                       .rules = flow_rules(&decoding->campaign->settings),
                                       .keep_copies = decoding->campaign->settings.keep_copies,
                                       .rows = flow_rows(decoding),
                                       .sink = sink,
                                       .sample = tb_captured_at_both_ends(decoding->campaign, index)};
}

static enum tb_status read_capture(const struct hands *hands, struct tb_source *source,
                                   const struct tb_capture_request *request, struct tb_capture **capture,
                                   struct tb_error *error)
{
    if (hands->team != NULL && tb_source_compression(source) == TB_COMPRESSION_NONE)
        return tb_team_read_capture(hands->team, source, request, capture, error);
    const struct tb_capture_split split = tb_capture_split_for(hands->threads);
    return tb_capture_read_split(source, request, &split, NULL, capture, error);
}

static enum tb_status pack_capture(const struct decoding *decoding, size_t index, const struct hands *hands,
                                   struct tb_source *source, struct tb_flow_sink *sink, struct tb_buffer *content,
                                   struct tb_error *error)
{
    const struct tb_capture_request request = ask_of_capture(decoding, index, sink);
    struct tb_capture *capture;
    const enum tb_status status = read_capture(hands, source, &request, &capture, error);
    if (status != TB_OK)
        return status;
    char format[TB_FORMAT_TEXT_SIZE];
    snprintf(format, sizeof format, "%s, %s", capture->format, tb_compression_name(tb_source_compression(source)));
    tb_buffer_put_text(content, format);
    tb_capture_pack(capture, content);
    tb_capture_free(capture);
    return TB_OK;
}

/* Saves the part with the rows of its flows too; *unsaved says whether that is what failed. */
static enum tb_status decode_capture(const struct decoding *decoding, size_t index, const struct hands *hands,
                                     struct tb_source *source, struct tb_buffer *content, bool *unsaved,
                                     struct tb_error *error)
{
    if (!has_flow_rows(decoding, index))
        return pack_capture(decoding, index, hands, source, NULL, content, error);
    struct tb_buffer key = {0};
    struct flow_part part;
    enum tb_status status = make_rows_key(decoding, index, &key, error);
    if (status == TB_OK) {
        tb_flow_part_start(decoding->parts, (const char *)key.data, &part);
        status = pack_capture(decoding, index, hands, source, &part.sink, content, error);
        *unsaved = part.sink.failed;
        if (status == TB_OK) {
            status = tb_flow_part_finish(&part, error);
            *unsaved = status != TB_OK;
        } else {
            tb_flow_part_abandon(&part);
        }
    }
    tb_buffer_free(&key);
    return status;
}

static enum tb_status decode_latency(struct tb_source *source, struct tb_buffer *content, struct tb_error *error)
{
    struct tb_latency *latency;
    const enum tb_status status = tb_latency_read(source, &latency, error);
    if (status != TB_OK)
        return status;
    char format[TB_FORMAT_TEXT_SIZE];
    snprintf(format, sizeof format, "owping %s, %s", tb_latency_form_name(latency->form),
             tb_compression_name(tb_source_compression(source)));
    tb_buffer_put_text(content, format);
    tb_latency_pack(latency, content);
    tb_latency_free(latency);
    return TB_OK;
}

static enum tb_status decode_capture_log(struct tb_source *source, struct tb_buffer *content, struct tb_error *error)
{
    struct tb_capture_log log;
    const enum tb_status status = tb_capture_log_read(source, &log, error);
    if (status != TB_OK)
        return status;
    tb_buffer_put_text(content, "log of a capture");
    tb_capture_log_pack(&log, content);
    return TB_OK;
}

static enum tb_status decode_ab(enum tb_artifact_kind kind, struct tb_source *source, struct tb_buffer *content,
                                struct tb_error *error)
{
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    enum tb_status status;
    if (kind == TB_ARTIFACT_AB) {
        status = tb_apachebench_read(source, &ab, error);
        tb_buffer_put_text(content, "ApacheBench text");
        if (status == TB_OK)
            tb_apachebench_pack(&ab, content);
    } else if (kind == TB_ARTIFACT_AB_CSV) {
        status = tb_ab_quantiles_read(source, 0, &quantiles, error);
        tb_buffer_put_text(content, "ApacheBench CSV");
        if (status == TB_OK)
            tb_ab_quantiles_pack(&quantiles, content);
    } else {
        status = tb_ab_requests_read(source, &requests, error);
        tb_buffer_put_text(content, "ApacheBench TSV");
        if (status == TB_OK)
            tb_ab_requests_pack(&requests, content);
    }
    return status;
}

static enum tb_status decode_work(const struct decoding *decoding, struct tb_source *source, struct tb_buffer *content,
                                  struct tb_error *error)
{
    uint64_t units;
    const enum tb_status status = tb_work_read(source, decoding->campaign->settings.work_selector, &units, error);
    if (status != TB_OK)
        return status;
    struct tb_account account = {0};
    tb_source_account(source, &account);
    account.stream_bytes = account.decoded = account.file_bytes;
    tb_buffer_put_text(content, "completed units");
    tb_account_pack(&account, content);
    tb_buffer_put_u64(content, units);
    return TB_OK;
}

static enum tb_status decode_counters(const struct tb_artifact *artifact, struct tb_buffer *content,
                                      struct tb_error *error)
{
    struct tb_counters counters;
    const enum tb_status status = tb_counters_read(artifact->path, &counters, error);
    if (status != TB_OK)
        return status;
    tb_buffer_put_text(content, "/proc snapshots");
    tb_counters_pack(&counters, content);
    return TB_OK;
}

static enum tb_status decode_file(const struct decoding *decoding, size_t index, const struct hands *hands,
                                  const struct trace_cuts *cuts, struct tb_buffer *content, bool *unsaved,
                                  struct tb_error *error)
{
    const struct tb_artifact *artifact = &decoding->campaign->artifacts[index];
    if (artifact->kind == TB_ARTIFACT_COUNTERS)
        return decode_counters(artifact, content, error);
    struct tb_source *source;
    enum tb_status status = tb_source_open(artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    tb_source_decompress_beside(source, hands->decompressors);
    switch (artifact->kind) {
    case TB_ARTIFACT_TRACE:
        status = decode_trace(decoding, index, hands, cuts, source, content, error);
        break;
    case TB_ARTIFACT_CAPTURE:
        status = decode_capture(decoding, index, hands, source, content, unsaved, error);
        break;
    case TB_ARTIFACT_LATENCY:
        status = decode_latency(source, content, error);
        break;
    case TB_ARTIFACT_CAPTURE_LOG:
        status = decode_capture_log(source, content, error);
        break;
    case TB_ARTIFACT_WORK:
        status = decode_work(decoding, source, content, error);
        break;
    default:
        status = decode_ab(artifact->kind, source, content, error);
    }
    tb_source_close(source);
    return status;
}

/* Fills content, which must be empty, and saves it; *unsaved says whether that is what failed. */
static enum tb_status decode_and_save(const struct decoding *decoding, size_t index, const struct hands *hands,
                                      const struct trace_cuts *cuts, const char *key, struct tb_buffer *content,
                                      bool *unsaved, struct tb_error *error)
{
    *unsaved = false;
    enum tb_status status = cuts == NULL ? TB_NOT_FOUND : recount_trace(decoding, index, cuts, content, error);
    if (status == TB_NOT_FOUND)
        status = decode_file(decoding, index, hands, cuts, content, unsaved, error);
    if (status == TB_OK)
        status = tb_buffer_check(content, "a part", error);
    if (status != TB_OK)
        return status;
    status = tb_part_save(decoding->parts, key, content, error);
    *unsaved = status != TB_OK;
    return status;
}

static bool flow_rows_exist(const struct decoding *decoding, size_t index)
{
    struct tb_buffer key = {0};
    const bool exist =
        make_rows_key(decoding, index, &key, NULL) == TB_OK && tb_part_exists(decoding->parts, (const char *)key.data);
    tb_buffer_free(&key);
    return exist;
}

static enum tb_status decode_to_part(const struct decoding *decoding, size_t index, const struct hands *hands,
                                     const struct trace_cuts *cuts, struct decode_course *course,
                                     struct tb_error *error)
{
    struct tb_buffer key = {0};
    struct tb_buffer content = {0};
    *course = (struct decode_course){0};
    enum tb_status status = make_key(decoding, index, cuts, &key, error);
    course->reused = status == TB_OK && tb_part_exists(decoding->parts, (const char *)key.data) &&
                     (!has_flow_rows(decoding, index) || flow_rows_exist(decoding, index));
    if (status == TB_OK && !course->reused)
        status =
            decode_and_save(decoding, index, hands, cuts, (const char *)key.data, &content, &course->unsaved, error);
    tb_buffer_free(&content);
    tb_buffer_free(&key);
    return status;
}

enum tb_status tb_artifact_decode(const struct decoding *decoding, size_t artifact, const struct hands *hands,
                                  struct decode_course *course, struct tb_error *error)
{
    return decode_to_part(decoding, artifact, hands, NULL, course, error);
}

enum tb_status tb_trace_decode_cuts(const struct decoding *decoding, size_t artifact, const struct hands *hands,
                                    const struct trace_cuts *cuts, struct tb_error *error)
{
    struct decode_course course;
    return decode_to_part(decoding, artifact, hands, cuts, &course, error);
}

void tb_artifact_follow(const struct decoding *decoding, size_t artifact, bool first, const struct tb_team *team,
                        uint64_t *begins)
{
    const char *const path = decoding->campaign->artifacts[artifact].path;
    if (decoding->campaign->artifacts[artifact].kind == TB_ARTIFACT_CAPTURE) {
        struct tb_flow_sink sink = {.directory = decoding->parts}; /* the lead takes the rows */
        const struct tb_capture_request request =
            ask_of_capture(decoding, artifact, has_flow_rows(decoding, artifact) ? &sink : NULL);
        tb_team_follow_capture(team, path, &request, begins);
        return;
    }
    struct question question;
    ask(decoding, artifact, first, NULL, &question);
    tb_team_follow_trace(team, path, &question.request, begins);
}

static bool unpack_content(struct artifact_content *content, struct tb_bytes *bytes)
{
    if (!tb_bytes_take_text(bytes, &content->format))
        return false;
    switch (content->kind) {
    case TB_ARTIFACT_TRACE:
        return tb_trace_unpack(&content->trace, bytes);
    case TB_ARTIFACT_CAPTURE:
        return tb_capture_unpack(&content->capture, bytes);
    case TB_ARTIFACT_LATENCY:
        return tb_latency_unpack(&content->latency, bytes);
    case TB_ARTIFACT_AB:
        return tb_apachebench_unpack(&content->ab, bytes);
    case TB_ARTIFACT_AB_CSV:
        return tb_ab_quantiles_unpack(&content->quantiles, bytes);
    case TB_ARTIFACT_AB_TSV:
        return tb_ab_requests_unpack(&content->requests, bytes);
    case TB_ARTIFACT_COUNTERS:
        return tb_counters_unpack(&content->counters, bytes);
    case TB_ARTIFACT_CAPTURE_LOG:
        return tb_capture_log_unpack(&content->capture_log, bytes);
    case TB_ARTIFACT_WORK:
        return tb_account_unpack(&content->work_account, bytes) && tb_bytes_take_u64(bytes, &content->work_units);
    case TB_ARTIFACT_KINDS:
        break;
    }
    return false;
}

static enum tb_status load_part(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                                struct artifact_content *content, struct tb_error *error)
{
    *content = (struct artifact_content){.kind = decoding->campaign->artifacts[index].kind};
    struct tb_buffer key = {0};
    struct tb_buffer part = {0};
    enum tb_status status = make_key(decoding, index, cuts, &key, error);
    if (status == TB_OK)
        status = tb_part_load(decoding->parts, (const char *)key.data, &part, error);
    /* It was there, so the disk has lost some of it since. */
    bool unsaved;
    const struct hands alone = {.threads = 1};
    if (status == TB_NOT_FOUND)
        status = decode_and_save(decoding, index, &alone, cuts, (const char *)key.data, &part, &unsaved, error);
    if (status == TB_OK) {
        struct tb_bytes bytes = tb_bytes_packed(part.data, part.size);
        if (!unpack_content(content, &bytes))
            status = tb_error_set(error, TB_INTERNAL, "the part of %s in %s does not unpack: remove that directory",
                                  decoding->campaign->artifacts[index].path, decoding->parts);
    }
    if (status != TB_OK)
        tb_artifact_content_free(content);
    tb_buffer_free(&part);
    tb_buffer_free(&key);
    return status;
}

enum tb_status tb_artifact_load(const struct decoding *decoding, size_t artifact, struct artifact_content *content,
                                struct tb_error *error)
{
    return load_part(decoding, artifact, NULL, content, error);
}

enum tb_status tb_artifact_open_flow_rows(const struct decoding *decoding, size_t artifact,
                                          struct tb_part_reader **reader, struct tb_error *error)
{
    struct tb_buffer key = {0};
    enum tb_status status = make_rows_key(decoding, tb_decoded_artifact(decoding->campaign, artifact), &key, error);
    if (status == TB_OK)
        status = tb_part_open(decoding->parts, (const char *)key.data, reader, error);
    tb_buffer_free(&key);
    return status;
}

enum tb_status tb_trace_load_cuts(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                                  struct tb_trace **trace, struct tb_error *error)
{
    struct artifact_content content;
    const enum tb_status status = load_part(decoding, artifact, cuts, &content, error);
    if (status != TB_OK)
        return status;
    *trace = content.trace;
    content.trace = NULL;
    tb_artifact_content_free(&content);
    return TB_OK;
}

void tb_artifact_content_free(struct artifact_content *content)
{
    free(content->format);
    tb_trace_free(content->trace);
    tb_capture_free(content->capture);
    tb_latency_free(content->latency);
    *content = (struct artifact_content){.kind = content->kind};
}

const struct tb_account *tb_artifact_account(const struct artifact_content *content)
{
    switch (content->kind) {
    case TB_ARTIFACT_TRACE:
        return &content->trace->account;
    case TB_ARTIFACT_CAPTURE:
        return &content->capture->account;
    case TB_ARTIFACT_LATENCY:
        return &content->latency->account;
    case TB_ARTIFACT_AB:
        return &content->ab.account;
    case TB_ARTIFACT_AB_CSV:
        return &content->quantiles.account;
    case TB_ARTIFACT_AB_TSV:
        return &content->requests.account;
    case TB_ARTIFACT_COUNTERS:
        return &content->counters.account;
    case TB_ARTIFACT_CAPTURE_LOG:
        return &content->capture_log.account;
    default:
        return &content->work_account;
    }
}
