/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the campaign asks of a trace: selectors of its aliases, orders, vocabulary, and in the
 * second pass windows and intervals. */
#include "trace_artifacts.h"

#include <stdio.h>

#include "call_lists.h"
#include "part_keys.h"
#include "team_traces.h"

/* A scap section header is one of pcapng; the block behind it is not. */
bool tb_trace_artifact_recognise(const uint8_t *data, size_t size)
{
    if (size < 16 || tb_load_u32(data, false) != 0x0a0d0d0a)
        return tb_trace_is_text(data, size);
    const bool swap = tb_load_u32(data + 8, false) == 0x4d3c2b1a;
    if (!swap && tb_load_u32(data + 8, false) != 0x1a2b3c4d)
        return false;
    const uint32_t length = tb_load_u32(data + 4, swap);
    return length <= size - 4 && tb_load_u32(data + length, swap) >> 8 == 2;
}

static bool counts_thread_groups(const struct decoding *decoding)
{
    return decoding->campaign->settings.chains_of == TB_CHAINS_OF_THREAD_GROUPS;
}

void tb_trace_artifact_add_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                               struct tb_buffer *key)
{
    tb_key_add_selectors(decoding->campaign, index, key);
    if (cuts != NULL)
        tb_key_add_cuts(cuts, tb_trace_aliases(decoding->campaign, index, NULL, 0), key);
    else if (counts_thread_groups(decoding))
        tb_key_add(key, "thread groups\n");
}

/* What is asked of a trace. The selectors live as long as the question is used. */
struct question {
    struct tb_process_selector selectors[TRACE_ALIASES_MAX];
    struct tb_trace_request request;
};

/* first: not in cuts, but as a whole. cuts may be NULL. */
static void ask(const struct decoding *decoding, size_t index, bool first, const struct trace_cuts *cuts,
                struct question *question)
{
    const size_t count = tb_trace_selectors(decoding->campaign, index, question->selectors);
    question->request =
        (struct tb_trace_request){.selectors = question->selectors,
                                  .selector_count = count,
                                  .orders = decoding->campaign->settings.orders,
                                  .order_count = decoding->campaign->settings.order_count,
                                  .window_count = cuts == NULL || count == 0 ? 0 : cuts->window_count / count,
                                  .selector_windows = cuts == NULL ? NULL : cuts->windows,
                                  .vocabulary = state_vocabulary(&decoding->campaign->settings),
                                  .thread_groups = first && counts_thread_groups(decoding),
                                  .interval = cuts != NULL && cuts->has_intervals ? cuts->interval : NULL};
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

bool tb_trace_source_is_text(const struct tb_source *source)
{
    uint8_t data[TB_TRACE_BEGINNING];
    size_t size;
    return tb_source_look(source, data, sizeof data, &size, NULL) == TB_OK && tb_trace_is_text(data, size);
}

static enum tb_status read_trace(const struct workers *workers, struct tb_source *source,
                                 const struct tb_trace_request *request, struct tb_trace **trace,
                                 struct tb_error *error)
{
    if (tb_source_compression(source) == TB_COMPRESSION_NONE && tb_trace_source_is_text(source))
        return tb_trace_read(source, request, trace, error);
    if (workers->team != NULL && tb_source_compression(source) == TB_COMPRESSION_NONE)
        return tb_team_read_trace(workers->team, source, request, trace, error);
    const struct tb_split split = tb_split_for(workers->threads);
    return tb_trace_read_split(source, request, &split, NULL, trace, error);
}

/* What was counted in cuts is the same from a list and from its trace. */
static void finish_cuts(struct artifact_content *content)
{
    snprintf(content->format, sizeof content->format, "a trace, in cuts");
    tb_trace_keep_cuts(content->trace);
}

enum tb_status tb_trace_artifact_recount(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                                         struct artifact_content *content, struct tb_error *error)
{
    struct call_list_place place = {.decoding = decoding, .artifact = index};
    const struct tb_call_blocks blocks = tb_call_list_reader(&place);
    struct question question;
    ask(decoding, index, false, cuts, &question);
    const enum tb_status status = tb_trace_recount(&blocks, &question.request, &content->trace, error);
    if (status == TB_OK)
        finish_cuts(content);
    return status;
}

static enum tb_status decode(struct reading *reading, struct tb_trace **trace, struct tb_error *error)
{
    struct call_list_place place = {.decoding = reading->decoding, .artifact = reading->index};
    const struct tb_call_sink sink = tb_call_list_writer(&place);
    struct question question;
    ask(reading->decoding, reading->index, reading->cuts == NULL, reading->cuts, &question);
    const enum tb_status status = check_selectors(&question, reading->source, error);
    if (status != TB_OK)
        return status;
    question.request.calls = tb_call_list_is_wanted(reading->decoding, reading->index) ? &sink : NULL;
    return read_trace(reading->workers, reading->source, &question.request, trace, error);
}

static void put_format(struct artifact_content *content)
{
    const struct tb_trace *const trace = content->trace;
    static const char *const texts[TB_TRACE_FORMATS] = {
        [TB_TRACE_STRACE] = "text of strace", [TB_TRACE_PERF] = "text of perf script"};
    if (texts[trace->format] != NULL) {
        snprintf(content->format, sizeof content->format, "%s", texts[trace->format]);
        return;
    }
    snprintf(content->format, sizeof content->format, "scap %u.%u%s%s%s", trace->major_version, trace->minor_version,
             trace->unknown_sections > 0 ? " (unknown version)" : "", trace->swapped ? " byte-swapped" : "",
             trace->exit_only ? " exit-only" : "");
}

enum tb_status tb_trace_artifact_read(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    static const struct tb_trace_request nothing = {.selector_count = 0};
    const enum tb_status status = reading->decoding == NULL
                                      ? tb_trace_read(reading->source, &nothing, &content->trace, error)
                                      : decode(reading, &content->trace, error);
    if (status == TB_OK && reading->cuts != NULL)
        finish_cuts(content);
    else if (status == TB_OK)
        put_format(content);
    return status;
}

void tb_trace_artifact_follow(const struct decoding *decoding, size_t artifact, bool first, const struct tb_team *team,
                              uint64_t *begins)
{
    /* The lead's takes the calls. */
    static const struct tb_call_sink wanted = {.take = NULL};
    struct question question;
    ask(decoding, artifact, first, NULL, &question);
    question.request.calls = tb_call_list_is_wanted(decoding, artifact) ? &wanted : NULL;
    tb_team_follow_trace(team, decoding->campaign->artifacts[artifact].path, &question.request, begins);
}
