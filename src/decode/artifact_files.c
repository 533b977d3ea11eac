/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An artifact's files as one stream. Captures know how they go on in another file, and traces how
 * they are told in a file for each process; other kinds have one. */
#include "artifact_files.h"

#include <stdlib.h>

#include "twinbed/base/bytes.h"
#include "twinbed/capture/capture_files.h"
#include "twinbed/trace/trace_files.h"

/* The first of them among them. */
static const char *path_of(const struct tb_artifact *artifact, size_t i)
{
    return i == 0 ? artifact->path : artifact->further[i - 1].path;
}

enum tb_status tb_artifact_open(const struct tb_artifact *artifact, struct tb_source **source, struct tb_error *error)
{
    if (artifact->further_count == 0)
        return tb_source_open(artifact->path, source, error);
    const size_t count = 1 + artifact->further_count;
    const char **const paths = calloc(count, sizeof *paths);
    if (paths == NULL)
        return tb_error_memory(error, "the files of an artifact");
    for (size_t i = 0; i < count; i++)
        paths[i] = path_of(artifact, i);
    const enum tb_status status = artifact->kind == TB_ARTIFACT_TRACE
                                      ? tb_trace_open_files(paths, count, source, error)
                                      : tb_capture_open_files(paths, count, source, error);
    free(paths);
    return status;
}

/* Why a file cannot be read says its decoder. */
static bool put_digest(const char *path, char digest[TB_DIGEST_TEXT_SIZE], struct tb_buffer *bytes)
{
    const bool done = tb_file_digest(path, digest, NULL) == TB_OK;
    if (done)
        tb_buffer_put(bytes, digest, TB_DIGEST_TEXT_SIZE);
    else
        digest[0] = '\0';
    return done;
}

void tb_artifact_digest(const struct tb_artifact *artifact, char digest[TB_DIGEST_TEXT_SIZE])
{
    struct tb_buffer bytes = {0};
    bool done = put_digest(artifact->path, digest, &bytes);
    for (size_t i = 0; i < artifact->further_count && done; i++)
        done = put_digest(artifact->further[i].path, digest, &bytes);
    if (done && artifact->further_count > 0)
        tb_digest_of_bytes(bytes.data, bytes.failed ? 0 : bytes.size, digest);
    tb_buffer_free(&bytes);
}
