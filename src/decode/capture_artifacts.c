/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the campaign asks of a capture, as a request and as a part of its key; and rows of flows as
 * parts beside. */
#include "capture_artifacts.h"

#include <stdio.h>

#include "artifact_files.h"
#include "part_keys.h"
#include "team_captures.h"
#include "trace_artifacts.h"
#include "twinbed/checkpoint/parts.h"

/* A trace begins with a section header, too; what is behind it tells. */
bool tb_capture_artifact_recognise(const uint8_t *data, size_t size)
{
    enum { SECTION_HEADER = 0x0a0d0d0a };
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, SECTION_HEADER};
    for (size_t i = 0; size >= 24 && i < sizeof magics / sizeof magics[0]; i++)
        if (tb_load_u32(data, false) == magics[i] || tb_load_u32(data, true) == magics[i])
            return magics[i] != SECTION_HEADER || !tb_trace_artifact_recognise(data, size);
    return false;
}

static enum tb_flow_rows flow_rows(const struct decoding *decoding)
{
    return flows_have_rows(&decoding->campaign->settings) ? TB_FLOW_ROWS_ALL : TB_FLOW_ROWS_NONE;
}

void tb_capture_artifact_add_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                                 struct tb_buffer *key)
{
    (void)cuts;
    tb_key_add(key, "sample %d\n", tb_captured_at_both_ends(decoding->campaign, index));
}

/* What is asked of a capture; its rows go to the sink. */
static struct tb_capture_request ask_of_capture(const struct decoding *decoding, size_t index,
                                                struct tb_flow_sink *sink)
{
    const char *filter = decoding->campaign->settings.filter;
    return (struct tb_capture_request){.filter = filter[0] == '\0' ? NULL : filter,
                                       .rules = flow_rules(&decoding->campaign->settings),
                                       .outer_only = decoding->campaign->settings.outer_only,
                                       .keep_copies = decoding->campaign->settings.keep_copies,
                                       .rows = flow_rows(decoding),
                                       .sink = sink,
                                       .sample = tb_captured_at_both_ends(decoding->campaign, index)};
}

static enum tb_status decode(const struct reading *reading, struct tb_flow_sink *sink, struct tb_capture **capture,
                             struct tb_error *error)
{
    const struct workers *const workers = reading->workers;
    const struct tb_capture_request request = ask_of_capture(reading->decoding, reading->index, sink);
    if (workers->team != NULL && tb_source_compression(reading->source) == TB_COMPRESSION_NONE)
        return tb_team_read_capture(workers->team, reading->source, &request, capture, error);
    const struct tb_capture_split split = tb_capture_split_for(workers->threads);
    return tb_capture_read_split(reading->source, &request, &split, NULL, capture, error);
}

/* The key of the part with the rows of its flows. That of the capture itself does not tell whether there are rows. */
static enum tb_status make_rows_key(const struct decoding *decoding, size_t index, struct tb_buffer *key,
                                    struct tb_error *error)
{
    tb_key_add(key, "rows of flows\n");
    tb_key_begin(decoding, index, key);
    tb_capture_artifact_add_key(decoding, index, NULL, key);
    return tb_key_end(key, error);
}

bool tb_capture_artifact_is_complete(const struct decoding *decoding, size_t artifact)
{
    struct tb_buffer key = {0};
    const bool exist =
        flow_rows(decoding) == TB_FLOW_ROWS_NONE || (make_rows_key(decoding, artifact, &key, NULL) == TB_OK &&
                                                     tb_flow_part_exists(decoding->parts, (const char *)key.data));
    tb_buffer_free(&key);
    return exist;
}

enum tb_status tb_capture_open_rows(const struct decoding *decoding, size_t artifact, struct flow_reader *reader,
                                    struct tb_error *error)
{
    struct tb_buffer key = {0};
    enum tb_status status = make_rows_key(decoding, tb_decoded_artifact(decoding->campaign, artifact), &key, error);
    if (status == TB_OK)
        status = tb_flow_reader_open(decoding->parts, (const char *)key.data, reader, error);
    tb_buffer_free(&key);
    return status;
}

/* Saves the part with the rows of its flows, too. */
static enum tb_status read_with_rows(struct reading *reading, struct tb_capture **capture, struct tb_error *error)
{
    struct tb_buffer key = {0};
    struct flow_part part;
    enum tb_status status = make_rows_key(reading->decoding, reading->index, &key, error);
    if (status == TB_OK) {
        tb_flow_part_start(reading->decoding->parts, (const char *)key.data, &part);
        status = decode(reading, &part.sink, capture, error);
        reading->unsaved = part.sink.failed;
        if (status == TB_OK) {
            status = tb_flow_part_finish(&part, error);
            reading->unsaved = status != TB_OK;
        }
        tb_flow_part_free(&part);
    }
    tb_buffer_free(&key);
    return status;
}

enum tb_status tb_capture_artifact_read(struct reading *reading, struct artifact_content *content,
                                        struct tb_error *error)
{
    enum tb_status status;
    if (reading->decoding == NULL)
        status = tb_capture_look(reading->source, &content->capture, error);
    else if (flow_rows(reading->decoding) == TB_FLOW_ROWS_NONE)
        status = decode(reading, NULL, &content->capture, error);
    else
        status = read_with_rows(reading, &content->capture, error);
    if (status == TB_OK)
        snprintf(content->format, sizeof content->format, "%s", content->capture->format);
    return status;
}

void tb_capture_artifact_follow(const struct decoding *decoding, size_t artifact, bool first,
                                const struct tb_team *team, uint64_t *begins)
{
    struct tb_flow_sink sink = {.directory = tb_parts_directory(decoding->parts)}; /* the lead takes the rows */
    const struct tb_capture_request request =
        ask_of_capture(decoding, artifact, flow_rows(decoding) == TB_FLOW_ROWS_NONE ? NULL : &sink);
    (void)first;
    tb_team_follow_capture(team, &decoding->campaign->artifacts[artifact], &request, begins);
}

enum tb_status tb_capture_artifact_trail(const struct decoding *decoding, size_t artifact,
                                         const struct tb_stalled_flow *flow, struct tb_packet_trail *trail,
                                         struct tb_error *error)
{
    const struct tb_capture_request request = ask_of_capture(decoding, artifact, NULL);
    struct tb_source *source;
    enum tb_status status = tb_artifact_open(&decoding->campaign->artifacts[artifact], &source, error);
    if (status != TB_OK)
        return status;
    status = tb_packet_trail_read(source, &request, flow, trail, error);
    tb_source_close(source);
    return status;
}
