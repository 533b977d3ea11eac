/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum tb_status tb_write_all(int file, const char *path, const void *data, size_t size, struct tb_error *error)
{
    const char *next = data;
    while (size > 0) {
        const ssize_t written = write(file, next, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
        next += written;
        size -= (size_t)written;
    }
    return TB_OK;
}

ssize_t tb_read_all(int file, uint64_t offset, void *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const ssize_t count = pread(file, (char *)data + done, size - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

/* Some file systems cannot sync a directory or a special file, and need not. */
static bool sync_is_refused(int code)
{
    return code == EINVAL || code == ENOTSUP || code == EROFS;
}

enum tb_status tb_sync_open_file(int file, const char *path, struct tb_error *error)
{
    if (fsync(file) != 0 && !sync_is_refused(errno))
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot sync to disk: %s", path, strerror(errno));
    return TB_OK;
}

enum tb_status tb_sync_file(const char *path, struct tb_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot open to sync: %s", path, strerror(errno));
    const enum tb_status status = tb_sync_open_file(file, path, error);
    close(file);
    return status;
}

static enum tb_status sync_directory_of(const char *path, struct tb_error *error)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return tb_sync_file(".", error);
    char *directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (directory == NULL)
        return tb_error_memory(error, "the name of a directory");
    const enum tb_status status = tb_sync_file(directory, error);
    free(directory);
    return status;
}

enum tb_status tb_publish(const char *from, const char *to, struct tb_error *error)
{
    if (rename(from, to) != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot rename to %s: %s", from, to, strerror(errno));
    return sync_directory_of(to, error);
}

char *tb_join(const char *first, const char *second)
{
    char *joined;
    return asprintf(&joined, "%s%s", first, second) < 0 ? NULL : joined;
}
