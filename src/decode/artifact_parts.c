/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes an artifact and saves its part, or finds that a whole part is there.
 *
 *       key (part_keys.h) -> part there and complete? -> reused
 *                            else: open, check that it is plain or how it is compressed, read, pack, save */
#include "artifact_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "artifact_files.h"
#include "part_keys.h"
#include "trace_artifacts.h"
#include "twinbed/checkpoint/parts.h"

static const struct artifact_kind *kind_of(const struct decoding *decoding, size_t artifact)
{
    return tb_artifact_kind_at(decoding->campaign->artifacts[artifact].kind);
}

/* The key of an artifact's part; cuts may be NULL. */
static enum tb_status make_key(const struct decoding *decoding, size_t index, const struct trace_cuts *cuts,
                               struct tb_buffer *key, struct tb_error *error)
{
    const struct artifact_kind *const kind = kind_of(decoding, index);
    tb_key_begin(decoding, index, key);
    if (kind->add_key != NULL)
        kind->add_key(decoding, index, cuts, key);
    return tb_key_end(key, error);
}

static void name_compression(const struct tb_source *source, struct artifact_content *content)
{
    const size_t used = strlen(content->format);
    snprintf(content->format + used, sizeof content->format - used, ", %s",
             tb_compression_name(tb_source_compression(source)));
}

static enum tb_status read_file(const struct artifact_kind *kind, struct reading *reading,
                                struct artifact_content *content, struct tb_error *error)
{
    if (kind->directory)
        return kind->read(reading, content, error);
    enum tb_status status = tb_artifact_open(reading->artifact, &reading->source, error);
    if (status != TB_OK)
        return status;
    tb_source_read_ahead(reading->source, reading->workers->decompressors);
    status = kind->read(reading, content, error);
    if (status == TB_OK && kind->names_compression && reading->cuts == NULL)
        name_compression(reading->source, content);
    tb_source_close(reading->source);
    return status;
}

/* Fills part, which must be empty. */
static enum tb_status decode(struct reading *reading, struct tb_buffer *part, struct tb_error *error)
{
    struct artifact_content content = {.kind = reading->artifact->kind};
    const struct artifact_kind *const kind = tb_artifact_kind_at(content.kind);
    enum tb_status status = TB_NOT_FOUND;
    if (reading->cuts != NULL)
        status = tb_trace_artifact_recount(reading->decoding, reading->index, reading->cuts, &content, error);
    if (status == TB_NOT_FOUND && reading->workers != NULL)
        status = read_file(kind, reading, &content, error);
    if (status == TB_OK) {
        tb_buffer_put_text(part, kind->format == NULL ? content.format : kind->format);
        kind->pack(&content, part);
        status = tb_buffer_check(part, "a part", error);
    }
    tb_artifact_content_free(&content);
    return status;
}

/* Fills part, which must be empty, and saves it; *unsaved says whether that is what failed. */
static enum tb_status decode_and_save(const struct decoding *decoding, size_t index, const struct workers *workers,
                                      const struct trace_cuts *cuts, const char *key, struct tb_buffer *part,
                                      bool *unsaved, struct tb_error *error)
{
    struct reading reading = {.campaign = decoding->campaign,
                              .artifact = &decoding->campaign->artifacts[index],
                              .decoding = decoding,
                              .index = index,
                              .workers = workers,
                              .cuts = cuts};
    enum tb_status status = decode(&reading, part, error);
    *unsaved = reading.unsaved;
    if (status != TB_OK)
        return status;
    status = tb_part_save(decoding->parts, key, part, error);
    *unsaved = status != TB_OK;
    return status;
}

static bool part_is_complete(const struct decoding *decoding, size_t index, const char *key)
{
    const struct artifact_kind *const kind = kind_of(decoding, index);
    return tb_part_exists(decoding->parts, key) && (kind->is_complete == NULL || kind->is_complete(decoding, index));
}

static enum tb_status decode_to_part(const struct decoding *decoding, size_t index, const struct workers *workers,
                                     const struct trace_cuts *cuts, struct decode_outcome *outcome,
                                     struct tb_error *error)
{
    struct tb_buffer key = {0};
    struct tb_buffer content = {0};
    *outcome = (struct decode_outcome){0};
    enum tb_status status = make_key(decoding, index, cuts, &key, error);
    outcome->reused = status == TB_OK && part_is_complete(decoding, index, (const char *)key.data);
    if (status == TB_OK && !outcome->reused)
        status =
            decode_and_save(decoding, index, workers, cuts, (const char *)key.data, &content, &outcome->unsaved, error);
    tb_buffer_free(&content);
    tb_buffer_free(&key);
    return status;
}

enum tb_status tb_artifact_decode(const struct decoding *decoding, size_t artifact, const struct workers *workers,
                                  struct decode_outcome *outcome, struct tb_error *error)
{
    return decode_to_part(decoding, artifact, workers, NULL, outcome, error);
}

enum tb_status tb_trace_decode_cuts(const struct decoding *decoding, size_t artifact, const struct workers *workers,
                                    const struct trace_cuts *cuts, struct tb_error *error)
{
    struct decode_outcome outcome;
    return decode_to_part(decoding, artifact, workers, cuts, &outcome, error);
}

static bool unpack(struct artifact_content *content, struct tb_bytes *bytes)
{
    char *format;
    if (!tb_bytes_take_text(bytes, &format))
        return false;
    snprintf(content->format, sizeof content->format, "%s", format);
    free(format);
    return tb_artifact_kind_at(content->kind)->unpack(content, bytes);
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
    const struct workers alone = {.threads = 1};
    if (status == TB_NOT_FOUND)
        status = decode_and_save(decoding, index, &alone, cuts, (const char *)key.data, &part, &unsaved, error);
    if (status == TB_OK) {
        struct tb_bytes bytes = tb_bytes_packed(part.data, part.size);
        errno = 0;
        const bool unpacked = unpack(content, &bytes);
        if (!unpacked && errno == ENOMEM)
            status = tb_error_memory(error, "the part of a file");
        else if (!unpacked)
            status = tb_error_set(error, TB_INTERNAL, "the part of %s in %s does not unpack: remove that directory",
                                  decoding->campaign->artifacts[index].path, tb_parts_directory(decoding->parts));
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
