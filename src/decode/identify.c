/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at the beginning of a file as its reader would, to say before a job whether it is what the
 * campaign takes it for. What is cut off there only because no more was read is no damage. */
#include "twinbed/decode/identify.h"

#include <stdio.h>
#include <stdlib.h>

#include "artifact_files.h"
#include "artifact_kinds.h"
#include "recognise.h"
#include "trace_artifacts.h"

/* The first bytes of an artifact's stream. */
struct beginning {
    const struct tb_campaign *campaign;
    const struct tb_artifact *artifact;
    const struct artifact_kind *kind;
    size_t most;   /* bytes of its stream that are looked at */
    uint8_t *data; /* owned */
    size_t size;
    bool whole; /* there is no more */
    enum tb_compression compression;
    enum tb_status end; /* TB_OK, or how a broken stream ended within it */
    struct tb_error end_error;
};

/* Texts that people keep are smaller than TEXT_MOST; the lists that a trace begins with are smaller than RECORD_MOST as a
 * rule. What all records of a campaign may take is read and decoded in a fraction of a second. */
enum { TEXT_MOST = 4 << 20, RECORD_MOST = 1 << 20, RECORD_LEAST = TB_TRACE_BEGINNING, RECORDS_MOST = 64 << 20 };

size_t tb_identify_most(const struct tb_campaign *campaign)
{
    size_t records = 1;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        records += campaign->artifacts[i].exists && tb_artifact_kind_is_record(campaign->artifacts[i].kind);
    const size_t each = RECORDS_MOST / records;
    return each > RECORD_MOST ? RECORD_MOST : each < RECORD_LEAST ? RECORD_LEAST : each;
}

/* The bytes of a plain file that are there, and one more that would tell of others. */
static size_t room_for(const struct beginning *beginning, const struct tb_source *source)
{
    const uint64_t size = tb_source_size(source);
    const bool plain = beginning->compression == TB_COMPRESSION_NONE;
    return plain && size < beginning->most ? (size_t)size + 1 : beginning->most;
}

static enum tb_status read_beginning(struct beginning *beginning, struct tb_error *error)
{
    struct tb_source *source;
    const struct tb_artifact *const artifact = beginning->artifact;
    const enum tb_status status = artifact->further_count > 0
                                      ? tb_artifact_open(artifact, &source, error)
                                      : tb_source_open_beginning(artifact->path, beginning->most, &source, error);
    if (status != TB_OK)
        return status;
    beginning->compression = tb_source_compression(source);
    const size_t room = room_for(beginning, source);
    beginning->data = malloc(room);
    if (beginning->data == NULL) {
        tb_source_close(source);
        return tb_error_memory(error, "the beginning of a file");
    }
    beginning->end = tb_source_read_fully(source, beginning->data, room, &beginning->size, &beginning->end_error);
    beginning->whole = beginning->end == TB_OK && beginning->size < room;
    tb_source_close(source);
    return TB_OK;
}

/* A file that only its beginning was read of is not cut off, and a recording may have ended anywhere. */
static bool may_be_cut(const struct beginning *beginning)
{
    return !beginning->whole || tb_artifact_kind_is_record(beginning->artifact->kind) ||
           beginning->campaign->settings.truncated == TB_TRUNCATED_KEEP;
}

/* What analyze would say of the same bytes. */
static enum tb_status judge_account(const struct beginning *beginning, const struct tb_account *account,
                                    struct tb_error *error)
{
    if (account->damage == TB_DAMAGE_NONE || (account->damage == TB_DAMAGE_TRUNCATED && may_be_cut(beginning)))
        return TB_OK;
    return tb_error_set(error, account->damage == TB_DAMAGE_TRUNCATED ? TB_TRUNCATED : TB_CORRUPT, "%s",
                        account->reason);
}

/* By the reader of its kind; found is what it comes to, "" when nothing can be said. */
static enum tb_status read_as_asked(const struct beginning *beginning, struct tb_source *source,
                                    char found[TB_FORMAT_TEXT_SIZE], struct tb_error *error)
{
    const struct artifact_kind *const kind = beginning->kind;
    struct artifact_content content = {.kind = beginning->artifact->kind};
    struct reading reading = {.campaign = beginning->campaign, .artifact = beginning->artifact, .source = source};
    enum tb_status status = kind->read(&reading, &content, error);
    if (kind->describe != NULL && status == TB_OK)
        kind->describe(&content, found);
    else
        snprintf(found, TB_FORMAT_TEXT_SIZE, "%s", kind->format == NULL ? content.format : kind->format);
    if (status == TB_OK)
        status = judge_account(beginning, kind->account(&content), error);
    tb_artifact_content_free(&content);
    return status;
}

static enum tb_status read_beginning_as_asked(const struct beginning *beginning, char found[TB_FORMAT_TEXT_SIZE],
                                              struct tb_error *error)
{
    struct tb_source *source;
    enum tb_status status =
        tb_source_open_memory(beginning->data, beginning->size, beginning->artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    status = read_as_asked(beginning, source, found, error);
    tb_source_close(source);
    return status;
}

/* What the file is when it is something else than asked for; NULL when that is not known. A section header that is cut off
 * may be of a trace or of a capture. */
static const struct recognised *recognise_other(const struct beginning *beginning)
{
    const struct recognised *found = tb_content_recognise(beginning->data, beginning->size);
    if (tb_artifact_kind_is_record(beginning->artifact->kind) && beginning->size >= 4 &&
        tb_load_u32(beginning->data, false) == 0x0a0d0d0a)
        return NULL;
    return found == NULL || found->kind == beginning->artifact->kind ? NULL : found;
}

/* "wrk output" is more use than "not the output of ApacheBench". */
static enum tb_status say_what_it_is(const struct beginning *beginning, const char *what, const char *advice,
                                     struct tb_error *error)
{
    return tb_error_set(error, TB_UNSUPPORTED, "%s: this is %s, not %s%s%s", beginning->artifact->path, what,
                        beginning->kind->is, advice[0] == '\0' ? "" : "; ", advice);
}

/* Before the readers of traces and captures, which take each other's section header for their own: whether the file is of
 * another of the kinds that know their beginnings. */
static enum tb_status check_kind(const struct beginning *beginning, struct tb_error *error)
{
    const struct artifact_kind *const asked = beginning->kind;
    if (asked->recognise == NULL || asked->recognise(beginning->data, beginning->size))
        return TB_OK;
    for (int i = 0; i < TB_ARTIFACT_KINDS; i++) {
        const struct artifact_kind *const other = tb_artifact_kind_at((enum tb_artifact_kind)i);
        if (other->recognise != NULL && other->recognise(beginning->data, beginning->size))
            return say_what_it_is(beginning, other->is, "", error);
    }
    return TB_OK;
}

static enum tb_status judge_beginning(const struct beginning *beginning, char *format, struct tb_error *error)
{
    const struct tb_artifact *artifact = beginning->artifact;
    if (beginning->end != TB_OK && !(beginning->end == TB_TRUNCATED && may_be_cut(beginning) && beginning->size > 0))
        return tb_error_set(error, beginning->end, "%s", beginning->end_error.text);
    if (beginning->size == 0)
        return tb_error_set(error, TB_TRUNCATED, "%s: the file is empty", artifact->path);
    enum tb_status status = check_kind(beginning, error);
    if (status != TB_OK)
        return status;
    char found[TB_FORMAT_TEXT_SIZE] = "";
    status = read_beginning_as_asked(beginning, found, error);
    const bool is_doubtful = status == TB_UNSUPPORTED || status == TB_TRUNCATED;
    const struct recognised *other = is_doubtful ? recognise_other(beginning) : NULL;
    if (other != NULL)
        return say_what_it_is(beginning, other->what, other->advice, error);
    if (status != TB_OK && (status != TB_TRUNCATED || beginning->whole))
        return status;
    snprintf(format, TB_FORMAT_TEXT_SIZE, "%.40s, %s", found, tb_compression_name(beginning->compression));
    return TB_OK;
}

static enum tb_status identify_whole(const struct beginning *beginning, char *format, struct tb_error *error)
{
    struct tb_source *source;
    if (beginning->kind->directory)
        return read_as_asked(beginning, NULL, format, error);
    enum tb_status status = tb_source_open(beginning->artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    char found[TB_FORMAT_TEXT_SIZE] = "";
    status = read_as_asked(beginning, source, found, error);
    if (status == TB_OK)
        snprintf(format, TB_FORMAT_TEXT_SIZE, "%.40s, %s", found, tb_compression_name(tb_source_compression(source)));
    tb_source_close(source);
    return status;
}

enum tb_status tb_artifact_identify(const struct tb_campaign *campaign, const struct tb_artifact *artifact,
                                    size_t record_most, char format[TB_FORMAT_TEXT_SIZE], struct tb_error *error)
{
    struct beginning beginning = {.campaign = campaign,
                                  .artifact = artifact,
                                  .kind = tb_artifact_kind_at(artifact->kind),
                                  .most = tb_artifact_kind_is_record(artifact->kind) ? record_most : TEXT_MOST,
                                  .whole = true};
    if (beginning.kind->directory || beginning.kind->whole)
        return identify_whole(&beginning, format, error);
    enum tb_status status = read_beginning(&beginning, error);
    if (status == TB_OK)
        status = judge_beginning(&beginning, format, error);
    free(beginning.data);
    return status;
}

static bool is_to_be_looked_at(const struct tb_artifact *artifact)
{
    return tb_artifact_kind_is_record(artifact->kind) && artifact->exists && artifact->same_as == TB_NO_INDEX &&
           artifact->size >= TB_PLAN_SHARED_LEAST;
}

void tb_artifacts_look(struct tb_campaign *campaign, size_t share, size_t shares)
{
    size_t seen = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        struct tb_artifact *const artifact = &campaign->artifacts[i];
        struct tb_source *source;
        if (!is_to_be_looked_at(artifact) || seen++ % shares != share ||
            tb_source_open(artifact->path, &source, NULL) != TB_OK)
            continue;
        /* Ranks do not share several files. */
        artifact->plain = artifact->further_count == 0 && tb_source_compression(source) == TB_COMPRESSION_NONE &&
                          !(artifact->kind == TB_ARTIFACT_TRACE && tb_trace_source_is_text(source));
        artifact->members = tb_source_has_members(source);
        tb_source_close(source);
    }
}
