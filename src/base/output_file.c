/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that a user names: whole or not at all. What may stand there already is said in the
 * request; bytes go to PATH.partial, which is synced and renamed. "-" is standard output. */
#include "twinbed/base/output_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "twinbed/base/new_file.h"

bool tb_output_is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISREG(mode)  ? "a file"
                            : "a device";
}

static const char *find_same(const struct tb_output_request *request, const struct stat *found)
{
    for (size_t i = 0; i < request->input_count; i++) {
        struct stat input;
        if (stat(request->inputs[i], &input) == 0 && input.st_dev == found->st_dev && input.st_ino == found->st_ino)
            return request->inputs[i];
    }
    return NULL;
}

/* Something is there already. */
static enum tb_status check_replaced(const struct tb_output_request *request, const struct stat *found,
                                     struct tb_error *error)
{
    const char *same = find_same(request, found);
    if (!S_ISREG(found->st_mode))
        return tb_error_set(error, TB_CONFLICT, "%s exists and is not a file but %s: choose another name",
                            request->path, kind_of(found->st_mode));
    if (same != NULL)
        return tb_error_set(error, TB_CONFLICT, "%s is what the command reads (%s): choose another name", request->path,
                            same);
    if (!request->replace)
        return tb_error_set(error, TB_CONFLICT, "%s exists: choose another name, or replace it with --force",
                            request->path);
    return TB_OK;
}

static enum tb_status check_path(const struct tb_output_request *request, struct tb_error *error)
{
    struct stat found;
    if (tb_output_is_standard(request->path))
        return tb_error_set(error, TB_CONFLICT, "-: this file cannot go to standard output: give it a name");
    if (stat(request->path, &found) == 0)
        return check_replaced(request, &found, error);
    if (lstat(request->path, &found) == 0)
        return tb_error_set(error, TB_CONFLICT, "%s is a symbolic link that leads to nothing: choose another name",
                            request->path);
    return TB_OK; /* whatever else hinders it shows when the file is created */
}

enum tb_status tb_output_claim(const struct tb_output_request *request, char **target, struct tb_error *error)
{
    *target = NULL;
    const enum tb_status status = check_path(request, error);
    if (status != TB_OK)
        return status;
    /* What a link leads to exists. A new file has no such name yet, and needs none. */
    *target = realpath(request->path, NULL);
    if (*target == NULL)
        *target = strdup(request->path);
    return *target == NULL ? tb_error_memory(error, "a path") : TB_OK;
}

static enum tb_status open_partial(struct tb_output *output, struct tb_error *error)
{
    output->partial = tb_join(output->target, ".partial");
    if (output->partial == NULL)
        return tb_error_memory(error, "a path");
    const int file = tb_new_file(output->partial, error);
    if (file < 0)
        return TB_INPUT_OUTPUT;
    output->stream = fdopen(file, "w");
    if (output->stream != NULL)
        return TB_OK;
    close(file);
    return tb_error_memory(error, "an output file");
}

enum tb_status tb_output_open(const struct tb_output_request *request, struct tb_output *output, struct tb_error *error)
{
    *output = (struct tb_output){.stream = stdout};
    if (tb_output_is_standard(request->path))
        return TB_OK;
    output->stream = NULL;
    enum tb_status status = tb_output_claim(request, &output->target, error);
    if (status == TB_OK)
        status = open_partial(output, error);
    if (status != TB_OK)
        tb_output_abandon(output);
    return status;
}

static enum tb_status finish_stream(struct tb_output *output, struct tb_error *error)
{
    const char *name = output->target == NULL ? "standard output" : output->partial;
    enum tb_status status = TB_OK;
    if (fflush(output->stream) != 0 || ferror(output->stream))
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", name, strerror(errno));
    if (status == TB_OK && output->target != NULL)
        status = tb_sync_open_file(fileno(output->stream), name, error);
    return status;
}

enum tb_status tb_output_finish(struct tb_output *output, struct tb_error *error)
{
    enum tb_status status = finish_stream(output, error);
    if (output->target != NULL) {
        if (fclose(output->stream) != 0 && status == TB_OK)
            status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", output->partial, strerror(errno));
        output->stream = NULL;
        if (status == TB_OK)
            status = tb_publish(output->partial, output->target, error);
    }
    if (status == TB_OK) {
        free(output->partial);
        output->partial = NULL;
    }
    tb_output_abandon(output);
    return status;
}

void tb_output_abandon(struct tb_output *output)
{
    if (output->target != NULL && output->stream != NULL)
        fclose(output->stream);
    if (output->partial != NULL)
        unlink(output->partial);
    free(output->partial);
    free(output->target);
    *output = (struct tb_output){.stream = NULL};
}
