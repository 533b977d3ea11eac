/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recognise.h"
#include "twinbed/app/apachebench.h"
#include "twinbed/app/counters.h"
#include "twinbed/app/work.h"
#include "twinbed/capture/capture.h"
#include "twinbed/capture/capture_log.h"
#include "twinbed/decode/artifacts.h"
#include "twinbed/latency/latency.h"
#include "twinbed/trace/trace.h"

static const char *capture_format(const uint8_t *head, size_t size)
{
    static const struct {
        uint32_t magic;
        const char *name;
    } magics[] = {{0xa1b2c3d4, "pcap"}, {0xa1b23c4d, "pcap ns"}, {0xa1b2cd34, "pcap modified"}, {0x0a0d0d0a, "pcapng"}};
    if (size < 24)
        return NULL;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        for (int swap = 0; swap < 2; swap++)
            if (tb_load_u32(head, swap != 0) == magics[i].magic)
                return magics[i].name;
    return NULL;
}

/* Of pcapng or scap. */
static bool is_section(const uint8_t *head, size_t size)
{
    return size >= 4 && tb_load_u32(head, false) == 0x0a0d0d0a;
}

/* A scap section header is a pcapng one; what follows it is not. */
static bool is_call_trace(const uint8_t *head, size_t size)
{
    if (size < 16 || !is_section(head, size))
        return false;
    const bool swap = tb_load_u32(head + 8, false) == 0x4d3c2b1a;
    if (!swap && tb_load_u32(head + 8, false) != 0x1a2b3c4d)
        return false;
    const uint32_t length = tb_load_u32(head + 4, swap);
    return length <= size - 4 && tb_load_u32(head + length, swap) >> 8 == 2;
}

/* The first bytes of an artifact's stream. */
struct beginning {
    const struct tb_campaign *campaign;
    const struct tb_artifact *artifact;
    uint8_t *data; /* owned */
    size_t size;
    bool whole; /* there is no more */
    enum tb_compression compression;
    enum tb_status end; /* TB_OK, or how a broken stream ended within it */
    struct tb_error end_error;
};

static bool is_record(const struct tb_artifact *artifact)
{
    return artifact->kind == TB_ARTIFACT_TRACE || artifact->kind == TB_ARTIFACT_CAPTURE;
}

/* Texts that people keep are smaller than this; the lists that a trace begins with are smaller as a rule. */
static size_t bytes_looked_at(const struct tb_artifact *artifact)
{
    return is_record(artifact) ? (size_t)1 << 20 : (size_t)4 << 20;
}

static enum tb_status read_beginning(struct beginning *beginning, struct tb_error *error)
{
    const size_t room = bytes_looked_at(beginning->artifact);
    struct tb_source *source;
    const enum tb_status status = tb_source_open(beginning->artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    beginning->compression = tb_source_compression(source);
    beginning->data = malloc(room);
    if (beginning->data == NULL) {
        tb_source_close(source);
        return tb_error_memory(error, "the beginning of a file");
    }
    size_t got = 1;
    while (beginning->end == TB_OK && beginning->size < room && got != 0) {
        got = 0;
        /* A broken stream may give its last bytes together with its error. */
        beginning->end = tb_source_read(source, beginning->data + beginning->size, room - beginning->size, &got,
                                        &beginning->end_error);
        beginning->size += got;
    }
    beginning->whole = beginning->end == TB_OK && got == 0;
    tb_source_close(source);
    return TB_OK;
}

/* What analyze would say of the same bytes. A file that only its beginning was read of is not cut off. */
static enum tb_status judge_account(const struct beginning *beginning, const struct tb_account *account,
                                    struct tb_error *error)
{
    const bool is_record =
        beginning->artifact->kind == TB_ARTIFACT_TRACE || beginning->artifact->kind == TB_ARTIFACT_CAPTURE;
    const bool may_be_cut =
        !beginning->whole || is_record || beginning->campaign->settings.truncated == TB_TRUNCATED_KEEP;
    if (account->damage == TB_DAMAGE_NONE || (account->damage == TB_DAMAGE_TRUNCATED && may_be_cut))
        return TB_OK;
    return tb_error_set(error, account->damage == TB_DAMAGE_TRUNCATED ? TB_TRUNCATED : TB_CORRUPT, "%s",
                        account->reason);
}

static enum tb_status read_capture_head(const struct beginning *beginning, struct tb_source *source, char *format,
                                        struct tb_error *error)
{
    const struct tb_capture_request request = {.rows = TB_FLOW_ROWS_NONE};
    struct tb_capture *capture;
    enum tb_status status = tb_capture_read(source, &request, &capture, error);
    if (status != TB_OK)
        return status;
    status = judge_account(beginning, &capture->account, error);
    snprintf(format, TB_FORMAT_TEXT_SIZE, "%s", capture->format);
    tb_capture_free(capture);
    return status;
}

static enum tb_status read_trace_head(const struct beginning *beginning, struct tb_source *source, char *format,
                                      struct tb_error *error)
{
    const struct tb_trace_request request = {.selector_count = 0};
    struct tb_trace *trace;
    enum tb_status status = tb_trace_read(source, &request, &trace, error);
    if (status != TB_OK)
        return status;
    status = judge_account(beginning, &trace->account, error);
    snprintf(format, TB_FORMAT_TEXT_SIZE, "scap 1.%u%s", trace->minor_version, trace->swapped ? " byte-swapped" : "");
    tb_trace_free(trace);
    return status;
}

static enum tb_status read_latency(const struct beginning *beginning, struct tb_source *source, char *format,
                                   struct tb_error *error)
{
    struct tb_latency *latency;
    enum tb_status status = tb_latency_read(source, &latency, error);
    if (status != TB_OK)
        return status;
    status = judge_account(beginning, &latency->account, error);
    snprintf(format, TB_FORMAT_TEXT_SIZE, "owping %s", tb_latency_form_name(latency->form));
    tb_latency_free(latency);
    return status;
}

static enum tb_status read_ab_file(const struct beginning *beginning, struct tb_source *source, char *format,
                                   struct tb_error *error)
{
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    const struct tb_account *account = &ab.account;
    enum tb_status status;
    if (beginning->artifact->kind == TB_ARTIFACT_AB) {
        status = tb_apachebench_read(source, &ab, error);
        snprintf(format, TB_FORMAT_TEXT_SIZE, "ApacheBench text");
    } else if (beginning->artifact->kind == TB_ARTIFACT_AB_CSV) {
        status = tb_ab_quantiles_read(source, 0, &quantiles, error);
        account = &quantiles.account;
        snprintf(format, TB_FORMAT_TEXT_SIZE, "ApacheBench CSV");
    } else {
        status = tb_ab_requests_read(source, &requests, error);
        account = &requests.account;
        snprintf(format, TB_FORMAT_TEXT_SIZE, "ApacheBench TSV");
    }
    return status == TB_OK ? judge_account(beginning, account, error) : status;
}

/* By the room's own reader, over the beginning alone. */
static enum tb_status read_capture_log(const struct beginning *beginning, struct tb_source *source, char *format,
                                       struct tb_error *error)
{
    struct tb_capture_log log;
    const enum tb_status status = tb_capture_log_read(source, &log, error);
    if (status != TB_OK)
        return status;
    snprintf(format, TB_FORMAT_TEXT_SIZE, "capture log");
    return judge_account(beginning, &log.account, error);
}

static enum tb_status read_as_asked(const struct beginning *beginning, char *format, struct tb_error *error)
{
    struct tb_source *source;
    enum tb_status status =
        tb_source_open_memory(beginning->data, beginning->size, beginning->artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    switch (beginning->artifact->kind) {
    case TB_ARTIFACT_TRACE:
        status = read_trace_head(beginning, source, format, error);
        break;
    case TB_ARTIFACT_CAPTURE:
        status = read_capture_head(beginning, source, format, error);
        break;
    case TB_ARTIFACT_LATENCY:
        status = read_latency(beginning, source, format, error);
        break;
    case TB_ARTIFACT_AB:
    case TB_ARTIFACT_AB_CSV:
    case TB_ARTIFACT_AB_TSV:
        status = read_ab_file(beginning, source, format, error);
        break;
    case TB_ARTIFACT_CAPTURE_LOG:
        status = read_capture_log(beginning, source, format, error);
        break;
    default:
        snprintf(format, TB_FORMAT_TEXT_SIZE, "not looked at");
        break;
    }
    tb_source_close(source);
    return status;
}

/* What the file is when it is something else than asked for; NULL when that is not known. */
static const struct recognised *recognise_other(const struct beginning *beginning)
{
    const struct recognised *found = tb_content_recognise(beginning->data, beginning->size);
    if (is_record(beginning->artifact) && is_section(beginning->data, beginning->size))
        return NULL;
    return found == NULL || found->kind == beginning->artifact->kind ? NULL : found;
}

/* "wrk output" is more use than "not the output of ApacheBench". */
static enum tb_status say_what_it_is(const struct tb_artifact *artifact, const struct recognised *found,
                                     struct tb_error *error)
{
    static const char *const wanted[TB_ARTIFACT_KINDS] = {
        [TB_ARTIFACT_AB] = "ApacheBench's text",
        [TB_ARTIFACT_AB_CSV] = "ApacheBench's CSV (-e)",
        [TB_ARTIFACT_AB_TSV] = "ApacheBench's TSV (-g)",
        [TB_ARTIFACT_LATENCY] = "what owping, owstats or powstream leave",
        [TB_ARTIFACT_CAPTURE] = "a packet capture (pcap or pcapng)",
        [TB_ARTIFACT_TRACE] = "a scap trace",
    };
    const char *kind = wanted[artifact->kind] == NULL ? tb_artifact_kind_name(artifact->kind) : wanted[artifact->kind];
    return tb_error_set(error, TB_UNSUPPORTED, "%s: this is %s, not %s%s%s", artifact->path, found->what, kind,
                        found->advice[0] == '\0' ? "" : "; ", found->advice);
}

/* Before the readers of traces and captures, which take each other's section header for their own. */
static enum tb_status check_section(const struct beginning *beginning, struct tb_error *error)
{
    const bool is_trace = is_call_trace(beginning->data, beginning->size);
    if (beginning->artifact->kind == TB_ARTIFACT_CAPTURE && is_trace)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: this is a scap trace, not a packet capture (pcap or pcapng)",
                            beginning->artifact->path);
    if (beginning->artifact->kind == TB_ARTIFACT_TRACE && !is_trace &&
        capture_format(beginning->data, beginning->size) != NULL)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: this is a packet capture, not a scap trace",
                            beginning->artifact->path);
    return TB_OK;
}

static enum tb_status judge_beginning(const struct beginning *beginning, char *format, struct tb_error *error)
{
    const struct tb_artifact *artifact = beginning->artifact;
    const bool may_be_cut = is_record(artifact) || beginning->campaign->settings.truncated == TB_TRUNCATED_KEEP;
    if (beginning->end != TB_OK && !(beginning->end == TB_TRUNCATED && may_be_cut && beginning->size > 0))
        return tb_error_set(error, beginning->end, "%s", beginning->end_error.text);
    if (beginning->size == 0)
        return tb_error_set(error, TB_TRUNCATED, "%s: the file is empty", artifact->path);
    enum tb_status status = check_section(beginning, error);
    if (status != TB_OK)
        return status;
    char found[TB_FORMAT_TEXT_SIZE] = "";
    status = read_as_asked(beginning, found, error);
    const bool is_doubtful = status == TB_UNSUPPORTED || status == TB_TRUNCATED;
    const struct recognised *other = is_doubtful ? recognise_other(beginning) : NULL;
    if (other != NULL)
        return say_what_it_is(artifact, other, error);
    if (status != TB_OK && (status != TB_TRUNCATED || beginning->whole))
        return status;
    snprintf(format, TB_FORMAT_TEXT_SIZE, "%.40s, %s", found, tb_compression_name(beginning->compression));
    return TB_OK;
}

static enum tb_status identify_counters(const struct beginning *beginning, char *format, struct tb_error *error)
{
    struct tb_counters counters;
    const enum tb_status status = tb_counters_read(beginning->artifact->path, &counters, error);
    if (status != TB_OK)
        return status;
    snprintf(format, TB_FORMAT_TEXT_SIZE, "/proc snapshots");
    return judge_account(beginning, &counters.account, error);
}

static enum tb_status identify_work(const struct beginning *beginning, char *format, struct tb_error *error)
{
    struct tb_source *source;
    uint64_t units;
    enum tb_status status = tb_source_open(beginning->artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    status = tb_work_read(source, beginning->campaign->settings.work_selector, &units, error);
    if (status == TB_OK)
        snprintf(format, TB_FORMAT_TEXT_SIZE, "%" PRIu64 " completed units, %s", units,
                 tb_compression_name(tb_source_compression(source)));
    tb_source_close(source);
    return status;
}

enum tb_status tb_artifact_identify(const struct tb_campaign *campaign, const struct tb_artifact *artifact,
                                    char format[TB_FORMAT_TEXT_SIZE], struct tb_error *error)
{
    struct beginning beginning = {.campaign = campaign, .artifact = artifact, .whole = true};
    if (artifact->kind == TB_ARTIFACT_COUNTERS)
        return identify_counters(&beginning, format, error);
    if (artifact->kind == TB_ARTIFACT_WORK)
        return identify_work(&beginning, format, error);
    enum tb_status status = read_beginning(&beginning, error);
    if (status == TB_OK)
        status = judge_beginning(&beginning, format, error);
    free(beginning.data);
    return status;
}
