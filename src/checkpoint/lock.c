/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable.h"
#include "twinbed/checkpoint/parts.h"

#define LOCK_SUFFIX ".lock"

/* Who holds an output: one line "HOST PID JOB RESTART", with "-" for a job or a count that is not there. */
struct holder {
    char host[256];
    long process;
    char job[64];
    long restart; /* how often Slurm started the job again */
};

enum { LINE_SIZE = 512 };

static struct holder own_holder(void)
{
    struct holder own = {.process = (long)getpid()};
    gethostname(own.host, sizeof own.host - 1);
    const char *job = getenv("SLURM_JOB_ID");
    const char *restart = getenv("SLURM_RESTART_COUNT");
    snprintf(own.job, sizeof own.job, "%s", job == NULL || *job == '\0' ? "-" : job);
    own.restart = restart == NULL ? 0 : strtol(restart, NULL, 10);
    return own;
}

static bool parse_holder(const char *line, struct holder *holder)
{
    *holder = (struct holder){0};
    return sscanf(line, "%255s %ld %63s %ld", holder->host, &holder->process, holder->job, &holder->restart) == 4 &&
           holder->process > 0;
}

static bool read_holder(int file, struct holder *holder)
{
    char line[LINE_SIZE];
    const ssize_t size = tb_read_all(file, 0, line, sizeof line - 1);
    if (size < 0)
        return false;
    line[size] = '\0';
    return parse_holder(line, holder);
}

static enum tb_status write_holder(int file, const char *path, struct tb_error *error)
{
    const struct holder own = own_holder();
    char line[LINE_SIZE];
    const int length = snprintf(line, sizeof line, "%s %ld %s %ld\n", own.host, own.process, own.job, own.restart);
    enum tb_status status = tb_write_all(file, path, line, (size_t)length, error);
    return status == TB_OK ? tb_sync_open_file(file, path, error) : status;
}

/* True when the holder is certain to be gone: a process of this host that no
 * longer runs, or an earlier start of the very job that is starting again. */
static bool is_gone(const struct holder *holder)
{
    const struct holder own = own_holder();
    if (strcmp(holder->host, own.host) == 0 && kill((pid_t)holder->process, 0) != 0 && errno == ESRCH)
        return true;
    return strcmp(own.job, "-") != 0 && strcmp(own.job, holder->job) == 0 && own.restart > holder->restart;
}

static enum tb_status tell_holder(const char *path, const struct holder *holder, bool known, struct tb_error *error)
{
    if (!known)
        return tb_error_set(error, TB_CONFLICT,
                            "%s: another job is starting on this output, or one was killed while it did; remove the "
                            "file when no job runs",
                            path);
    const bool has_job = strcmp(holder->job, "-") != 0;
    return tb_error_set(error, TB_CONFLICT,
                        "%s: process %ld on %s%s%s works on this output; wait for it, or remove the file when it no "
                        "longer runs",
                        path, holder->process, holder->host, has_job ? ", Slurm job " : "", has_job ? holder->job : "");
}

/* True when path still names the open file. */
static bool still_named(int file, const char *path)
{
    struct stat opened, named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Under flock, so that of two jobs that see the same dead holder one wins: the
 * other reads again and finds a live one. */
static enum tb_status take_over_open(int file, const char *path, struct tb_error *error)
{
    struct holder holder;
    if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return tell_holder(path, NULL, false, error);
    const bool known = read_holder(file, &holder);
    if (!known || !still_named(file, path) || !is_gone(&holder))
        return tell_holder(path, &holder, known, error);
    if (ftruncate(file, 0) != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot take over: %s", path, strerror(errno));
    return write_holder(file, path, error);
}

static enum tb_status take_over(const char *path, struct tb_error *error)
{
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    /* Somebody else's: it can be read at least. */
    if (file < 0 && errno == EACCES)
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return tb_error_set(error, TB_CONFLICT, "%s: exists, and cannot be read: %s", path, strerror(errno));
    const enum tb_status status = take_over_open(file, path, error);
    close(file);
    return status;
}

static enum tb_status lock_path(const char *path, struct tb_error *error)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST)
        return take_over(path, error);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
    enum tb_status status = write_holder(file, path, error);
    if (close(file) != 0 && status == TB_OK)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    if (status != TB_OK)
        unlink(path);
    return status;
}

enum tb_status tb_output_lock(const char *output, struct tb_error *error)
{
    char *path = tb_join(output, LOCK_SUFFIX);
    if (path == NULL)
        return tb_error_memory(error, "the path of a lock");
    const enum tb_status status = lock_path(path, error);
    free(path);
    return status;
}

/* Only if this process holds it. */
static void unlock_path(const char *path)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return;
    struct holder holder;
    const struct holder own = own_holder();
    if (read_holder(file, &holder) && holder.process == own.process && strcmp(holder.host, own.host) == 0)
        unlink(path);
    close(file);
}

void tb_output_unlock(const char *output)
{
    char *path = tb_join(output, LOCK_SUFFIX);
    if (path == NULL)
        return;
    unlock_path(path);
    free(path);
}
