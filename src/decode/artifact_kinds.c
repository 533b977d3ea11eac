/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kinds, and what its rows need that no room has: functions of one shape around those
 * of the rooms. */
#include "artifact_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture_artifacts.h"
#include "number_artifacts.h"
#include "trace_artifacts.h"
#include "twinbed/app/workload_tools.h"

/* The rooms pack and unpack what they read; a row needs that with the member of a content. */
#define PACKED_BY(member, name)                                                                                        \
    static void pack_##member(const struct artifact_content *content, struct tb_buffer *buffer)                        \
    {                                                                                                                  \
        tb_##name##_pack(MEMBER(content->member), buffer);                                                             \
    }                                                                                                                  \
    static bool unpack_##member(struct artifact_content *content, struct tb_bytes *bytes)                              \
    {                                                                                                                  \
        return tb_##name##_unpack(&content->member, bytes);                                                            \
    }                                                                                                                  \
    static const struct tb_account *account_of_##member(const struct artifact_content *content)                        \
    {                                                                                                                  \
        return &(MEMBER(content->member))->account;                                                                    \
    }

#define MEMBER(pointer) (pointer)
PACKED_BY(trace, trace)
PACKED_BY(capture, capture)
PACKED_BY(latency, latency)
#undef MEMBER
#define MEMBER(value) (&(value))
PACKED_BY(ab, apachebench)
PACKED_BY(quantiles, ab_quantiles)
PACKED_BY(requests, ab_requests)
PACKED_BY(counters, counters)
PACKED_BY(capture_log, capture_log)
PACKED_BY(kernel_log, kernel_log)
#undef MEMBER

#define PACKING(member) .pack = pack_##member, .unpack = unpack_##member, .account = account_of_##member

static void free_trace(struct artifact_content *content)
{
    tb_trace_free(content->trace);
}

static void free_capture(struct artifact_content *content)
{
    tb_capture_free(content->capture);
}

static void free_latency(struct artifact_content *content)
{
    tb_latency_free(content->latency);
}

static void free_counters(struct artifact_content *content)
{
    tb_counters_free(&content->counters);
}

static void free_numbers(struct artifact_content *content)
{
    free(content->numbers.items);
}

static void free_kernel_log(struct artifact_content *content)
{
    tb_kernel_log_free(&content->kernel_log);
}

static enum tb_status read_ab(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    const enum tb_status status = tb_workload_read(reading->source, &content->ab, error);
    if (status == TB_OK && content->ab.tool == TB_TOOL_AB)
        snprintf(content->format, sizeof content->format, "ApacheBench text");
    else if (status == TB_OK)
        snprintf(content->format, sizeof content->format, "summary of %s", tb_tool_name(content->ab.tool));
    return status;
}

static enum tb_status read_quantiles(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    return tb_ab_quantiles_read(reading->source, 0, &content->quantiles, error);
}

static enum tb_status read_requests(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    return tb_ab_requests_read(reading->source, &content->requests, error);
}

static enum tb_status read_latency(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    const enum tb_status status = tb_latency_read(reading->source, &content->latency, error);
    if (status == TB_OK)
        snprintf(content->format, sizeof content->format, "owping %s", tb_latency_form_name(content->latency->form));
    return status;
}

static enum tb_status read_counters(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    return tb_counters_read(reading->artifact->path, &content->counters, error);
}

static enum tb_status read_capture_log(struct reading *reading, struct artifact_content *content,
                                       struct tb_error *error)
{
    return tb_capture_log_read(reading->source, &content->capture_log, error);
}

static enum tb_status read_kernel_log(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    return tb_kernel_log_read(reading->source, &content->kernel_log, error);
}

static void pack_work(const struct artifact_content *content, struct tb_buffer *buffer)
{
    tb_account_pack(&content->work.account, buffer);
    tb_buffer_put_u64(buffer, content->work.units);
}

static bool unpack_work(struct artifact_content *content, struct tb_bytes *bytes)
{
    return tb_account_unpack(&content->work.account, bytes) && tb_bytes_take_u64(bytes, &content->work.units);
}

static const struct tb_account *account_of_work(const struct artifact_content *content)
{
    return &content->work.account;
}

static const struct tb_account *account_of_numbers(const struct artifact_content *content)
{
    return &content->numbers.account;
}

static void describe_work(const struct artifact_content *content, char text[TB_FORMAT_TEXT_SIZE])
{
    snprintf(text, TB_FORMAT_TEXT_SIZE, "%" PRIu64 " completed units", content->work.units);
}

static const struct artifact_kind kinds[TB_ARTIFACT_KINDS] = {
    [TB_ARTIFACT_AB] = {.is = "ApacheBench's text", .read = read_ab, PACKING(ab)},
    [TB_ARTIFACT_AB_CSV] = {.is = "ApacheBench's CSV (-e)",
                            .format = "ApacheBench CSV",
                            .read = read_quantiles,
                            PACKING(quantiles)},
    [TB_ARTIFACT_AB_TSV] = {.is = "ApacheBench's TSV (-g)",
                            .format = "ApacheBench TSV",
                            .read = read_requests,
                            PACKING(requests)},
    [TB_ARTIFACT_LATENCY] = {.is = "what owping, owstats or powstream leave",
                             .names_compression = true,
                             .read = read_latency,
                             PACKING(latency),
                             .free = free_latency},
    [TB_ARTIFACT_CAPTURE] = {.is = "a packet capture (pcap or pcapng)",
                             .names_compression = true,
                             .recognise = tb_capture_artifact_recognise,
                             .add_key = tb_capture_artifact_add_key,
                             .read = tb_capture_artifact_read,
                             PACKING(capture),
                             .free = free_capture,
                             .is_complete = tb_capture_artifact_is_complete,
                             .follow = tb_capture_artifact_follow},
    [TB_ARTIFACT_TRACE] = {.is = "a system-call trace",
                           .names_compression = true,
                           .recognise = tb_trace_artifact_recognise,
                           .add_key = tb_trace_artifact_add_key,
                           .read = tb_trace_artifact_read,
                           PACKING(trace),
                           .free = free_trace,
                           .follow = tb_trace_artifact_follow},
    [TB_ARTIFACT_COUNTERS] = {.is = "counters of a machine",
                              .format = "counters of a machine",
                              .directory = true,
                              .read = read_counters,
                              PACKING(counters),
                              .free = free_counters},
    [TB_ARTIFACT_WORK] = {.is = "a file of completed units",
                          .format = "completed units",
                          .whole = true,
                          .add_key = tb_work_artifact_add_key,
                          .read = tb_work_artifact_read,
                          PACKING(work),
                          .describe = describe_work},
    [TB_ARTIFACT_CAPTURE_LOG] = {.is = "the log of a capture",
                                 .format = "log of a capture",
                                 .read = read_capture_log,
                                 PACKING(capture_log)},
    [TB_ARTIFACT_NUMBERS] = {.is = "a file of numbers",
                             .format = "numbers",
                             .whole = true,
                             .add_key = tb_number_artifact_add_key,
                             .read = tb_number_artifact_read,
                             .pack = tb_number_artifact_pack,
                             .unpack = tb_number_artifact_unpack,
                             .account = account_of_numbers,
                             .free = free_numbers,
                             .describe = tb_number_artifact_describe},
    [TB_ARTIFACT_KERNEL_LOG] = {.is = "a kernel's log (dmesg, journalctl -k)",
                                .format = "kernel log",
                                .recognise = tb_kernel_log_recognise,
                                .read = read_kernel_log,
                                PACKING(kernel_log),
                                .free = free_kernel_log},
};

const struct artifact_kind *tb_artifact_kind_at(enum tb_artifact_kind kind)
{
    return &kinds[kind];
}

void tb_artifact_content_free(struct artifact_content *content)
{
    const struct artifact_kind *const kind = tb_artifact_kind_at(content->kind);
    if (kind->free != NULL)
        kind->free(content);
    *content = (struct artifact_content){.kind = content->kind};
}

const struct tb_account *tb_artifact_account(const struct artifact_content *content)
{
    return tb_artifact_kind_at(content->kind)->account(content);
}
