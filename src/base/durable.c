/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes, syncs and renames that are complete or fail. A new name is durable only when its
 * directory is synced, too. */
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

/* The directory that holds path, open; -1 when it cannot be. */
static int open_directory_of(const char *path, struct tb_error *error)
{
    const char *const slash = strrchr(path, '/');
    char *const directory = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (directory == NULL) {
        tb_error_memory(error, "the name of a directory");
        return -1;
    }
    const int opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0)
        tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot open to sync: %s", directory, strerror(errno));
    free(directory);
    return opened;
}

/* What can be hindered comes before the new name; if the name cannot be made durable, it goes again, with the file when there is
 * no other way: whoever was told of a failure must not find a result. */
enum tb_status tb_publish(const char *from, const char *to, struct tb_error *error)
{
    struct tb_error reason = {.status = TB_INPUT_OUTPUT};
    const int directory = open_directory_of(to, &reason);
    if (directory < 0)
        return tb_error_set(error, reason.status, "%s", reason.text);
    enum tb_status status = TB_OK;
    if (rename(from, to) != 0) {
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot rename to %s: %s", from, to, strerror(errno));
    } else {
        status = tb_sync_open_file(directory, to, error);
        if (status != TB_OK && rename(to, from) != 0)
            (void)!unlink(to);
    }
    close(directory);
    return status;
}

char *tb_join(const char *first, const char *second)
{
    char *joined;
    return asprintf(&joined, "%s%s", first, second) < 0 ? NULL : joined;
}
