/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "twinbed/base/log.h"

void tb_spill_start(struct tb_spill *spill, const char *directory)
{
    *spill = (struct tb_spill){.directory = directory};
}

/* Where the file system has no files without names, one that loses its name at once. */
static int open_and_unlink(const char *directory)
{
    char *path;
    if (asprintf(&path, "%s/twinbed-spill-XXXXXX", directory) < 0)
        return -1;
    const int file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    free(path);
    return file;
}

static enum tb_status open_file(struct tb_spill *spill, struct tb_error *error)
{
    int file = open(spill->directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        file = open_and_unlink(spill->directory);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create a temporary file there: %s", spill->directory,
                            strerror(errno));
    spill->file = file + 1;
    return TB_OK;
}

static enum tb_status failed(const struct tb_spill *spill, const char *what, const char *reason, struct tb_error *error)
{
    return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot %s a temporary file there: %s", spill->directory, what,
                        reason);
}

enum tb_status tb_spill_append(struct tb_spill *spill, const void *data, size_t size, struct tb_error *error)
{
    const char *next = data;
    const enum tb_status status = spill->file != 0 ? TB_OK : open_file(spill, error);
    if (status != TB_OK)
        return status;
    while (size > 0) {
        const ssize_t written = pwrite(spill->file - 1, next, size, (off_t)spill->size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed(spill, "write", strerror(errno), error);
        next += written;
        size -= (size_t)written;
        spill->size += (uint64_t)written;
    }
    return TB_OK;
}

enum tb_status tb_spill_read(const struct tb_spill *spill, uint64_t offset, void *data, size_t size,
                             struct tb_error *error)
{
    char *next = data;
    if (offset > spill->size || size > spill->size - offset)
        return tb_error_set(error, TB_INTERNAL, "%s: bytes of a temporary file that were never written",
                            spill->directory);
    while (size > 0) {
        const ssize_t count = pread(spill->file - 1, next, size, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return failed(spill, "read", count < 0 ? strerror(errno) : "it has become shorter", error);
        next += count;
        size -= (size_t)count;
        offset += (uint64_t)count;
    }
    return TB_OK;
}

void tb_spill_release(const struct tb_spill *spill, uint64_t offset, uint64_t size)
{
    if (size > 0 &&
        fallocate(spill->file - 1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size) != 0)
        tb_log_debug("%s: a temporary file keeps its room: %s", spill->directory, strerror(errno));
}

void tb_spill_close(struct tb_spill *spill)
{
    if (spill->file != 0)
        close(spill->file - 1);
    spill->file = 0;
    spill->size = 0;
}
