/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First stage of decoding: every artifact that exists becomes a part. What went wrong with a file is its outcome; only
 * what stops the job itself (disk, memory) is an error. */
#include "decode.h"

#include <stdlib.h>
#include <string.h>

#include "artifact_files.h"
#include "artifact_parts.h"
#include "shares.h"
#include "twinbed/base/archive.h"

static bool stops_the_job(enum tb_status status)
{
    return status == TB_MEMORY || status == TB_INTERNAL || status == TB_USAGE || status == TB_STOPPED;
}

static bool is_discarded(const void *context, size_t artifact)
{
    const struct decoding *const decoding = context;
    return decoding->campaign->runs[decoding->campaign->artifacts[artifact].run].discarded;
}

static enum tb_status decode_one(void *context, size_t index, const struct workers *workers, struct tb_error *error)
{
    struct decoding *const decoding = context;
    struct decoded *const decoded = &decoding->decoded[index];
    struct decode_outcome outcome;
    decoded->here = true;
    tb_artifact_digest(&decoding->campaign->artifacts[index], decoded->digest);
    decoded->status = tb_artifact_decode(decoding, index, workers, &outcome, error);
    decoded->reused = outcome.reused;
    if (decoded->status == TB_MEMORY)
        tb_error_name(error, decoding->campaign->artifacts[index].path);
    if (stops_the_job(decoded->status) || outcome.unsaved)
        return decoded->status;
    if (decoded->status != TB_OK)
        decoded->message = strdup(error->text);
    return TB_OK;
}

static void describe_outcome(struct tb_archive *archive, size_t *artifact, struct decoded *decoded)
{
    unsigned status = decoded->status;
    tb_archive_size(archive, artifact);
    tb_archive_enum(archive, &status, TB_INTERNAL + 1);
    tb_archive_bool(archive, &decoded->reused);
    tb_archive_bytes(archive, decoded->digest, sizeof decoded->digest);
    tb_archive_text(archive, &decoded->message);
    if (tb_archive_reads(archive))
        decoded->status = (enum tb_status)status;
}

static void pack_outcome(const struct decoding *decoding, size_t artifact, struct tb_archive *archive)
{
    describe_outcome(archive, &artifact, &decoding->decoded[artifact]);
}

/* Of the files that this rank took, and of the teams that it led. */
static void pack_outcomes(const struct decoding *decoding, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    for (size_t i = 0; i < decoding->campaign->artifact_count; i++)
        if (decoding->decoded[i].here)
            pack_outcome(decoding, i, &archive);
}

static enum tb_status take_outcomes(void *context, struct tb_bytes all, struct tb_error *error)
{
    struct decoding *const decoding = context;
    struct tb_archive archive = tb_archive_reader(&all);
    while (archive.in.left > 0) {
        size_t artifact = 0;
        struct decoded read = {0};
        describe_outcome(&archive, &artifact, &read);
        if (archive.failed || artifact >= decoding->campaign->artifact_count) {
            free(read.message);
            return tb_error_unpack(error, "outcomes do not unpack");
        }
        free(decoding->decoded[artifact].message);
        decoding->decoded[artifact] = read;
    }
    return TB_OK;
}

/* Every rank learns the outcome of every artifact. */
static enum tb_status share_outcomes(struct decoding *decoding, struct tb_error *error)
{
    struct tb_buffer local = {0};
    pack_outcomes(decoding, &local);
    const enum tb_status status =
        tb_team_collect(decoding->team, TB_OK, &local, "outcomes", true, take_outcomes, decoding, error);
    tb_buffer_free(&local);
    return status;
}

enum tb_status tb_artifacts_decode(struct decoding *decoding, struct tb_error *error)
{
    const struct share_work work = {
        .name = "decode", .in_bytes = true, .skip = is_discarded, .decode = decode_one, .context = decoding};
    enum tb_status status = tb_shares_decode(decoding, &work, error);
    if (status == TB_OK)
        status = share_outcomes(decoding, error);
    return status == TB_OK ? tb_decoding_share_parts(decoding, error) : status;
}
