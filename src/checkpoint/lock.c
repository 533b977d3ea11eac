/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job at a time writes an output. Its lock is a file beside that, which says who holds it and,
 * on one machine, is locked by the kernel as well.
 *
 * A job that was killed leaves the file. It is taken over only when its holder is certain to be
 * gone (is_gone): on this machine by the kernel's lock, its boot or its process; elsewhere only
 * when Slurm started the same job anew. */
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

#include "base/durable.h"
#include "twinbed/base/log.h"
#include "twinbed/checkpoint/parts.h"

#define LOCK_SUFFIX ".lock"

/* Who holds an output: one line "HOST PID JOB RESTART BOOT BEGAN", with "-" for what is not there. Earlier versions wrote the
 * first four.
 *
 * While a job runs it also keeps the file open under flock, which the kernel lets go when the process ends, whatever way it
 * ends. So on one machine (BOOT is the kernel's) nothing else needs to be asked: not a process id that another process has
 * by now, nor one of another container, nor a zombie's. */
struct holder {
    char host[256];
    long process;
    char job[64];
    long restart; /* how often Slurm started the job again */
    char boot[64];
    unsigned long long began; /* clock ticks after boot; 0: not known */
};

enum { LINE_SIZE = 600 };

/* The lock file while this process owns an output; a program has one output. */
static int held = -1;

/* The first word of a small file of the kernel, or "-". */
static void read_word(const char *path, char *word, size_t size)
{
    FILE *file = fopen(path, "re");
    snprintf(word, size, "-");
    if (file == NULL)
        return;
    if (fgets(word, (int)size, file) == NULL)
        snprintf(word, size, "-");
    word[strcspn(word, " \n")] = '\0';
    fclose(file);
}

/* State and start of a process (proc(5), stat: fields 3 and 22); false when there is none. The name, in parentheses, may hold
 * anything. */
static bool read_process(long process, char *state, unsigned long long *began)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    const size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[size] = '\0';
    const char *behind = strrchr(line, ')');
    return behind != NULL &&
           sscanf(behind + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", state,
                  began) == 2;
}

static struct holder own_holder(void)
{
    struct holder own = {.process = (long)getpid()};
    char state;
    gethostname(own.host, sizeof own.host - 1);
    const char *job = getenv("SLURM_JOB_ID");
    const char *restart = getenv("SLURM_RESTART_COUNT");
    snprintf(own.job, sizeof own.job, "%s", job == NULL || *job == '\0' ? "-" : job);
    own.restart = restart == NULL ? 0 : strtol(restart, NULL, 10);
    read_word("/proc/sys/kernel/random/boot_id", own.boot, sizeof own.boot);
    if (!read_process(own.process, &state, &own.began))
        own.began = 0;
    return own;
}

static bool parse_holder(const char *line, struct holder *holder)
{
    *holder = (struct holder){.boot = "-"};
    return sscanf(line, "%255s %ld %63s %ld %63s %llu", holder->host, &holder->process, holder->job, &holder->restart,
                  holder->boot, &holder->began) >= 4 &&
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
    const int length = snprintf(line, sizeof line, "%s %ld %s %ld %s %llu\n", own.host, own.process, own.job,
                                own.restart, own.boot, own.began);
    enum tb_status status = tb_write_all(file, path, line, (size_t)length, error);
    return status == TB_OK ? tb_sync_open_file(file, path, error) : status;
}

/* Where the kernel's lock says nothing. A zombie runs no more; a process that began at another time is another one. */
static bool is_process_gone(const struct holder *holder)
{
    char state;
    unsigned long long began;
    if (!read_process(holder->process, &state, &began))
        return kill((pid_t)holder->process, 0) != 0 && errno == ESRCH;
    return state == 'Z' || state == 'X' || (holder->began != 0 && holder->began != began);
}

/* True when the holder is certain to be gone. unlocked: the kernel says that nobody on this machine has the file locked. */
static bool is_gone(const struct holder *holder, bool unlocked)
{
    const struct holder own = own_holder();
    const bool known = strcmp(holder->boot, "-") != 0 && strcmp(own.boot, "-") != 0;
    const bool same_boot = known && strcmp(holder->boot, own.boot) == 0;
    if (same_boot && unlocked)
        return true;
    /* Process ids are those of a container, and each has a host's name of its own. */
    if (strcmp(holder->host, own.host) == 0 && ((known && !same_boot) || is_process_gone(holder)))
        return true; /* another boot: this machine was started anew since */
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
 * other reads again and finds a live one. On TB_OK the file is held. */
static enum tb_status take_over_open(int file, const char *path, struct tb_error *error)
{
    struct holder holder;
    const bool unlocked = flock(file, LOCK_EX | LOCK_NB) == 0;
    const bool lockable = unlocked || errno == EWOULDBLOCK;
    const bool known = read_holder(file, &holder);
    if (!known || !still_named(file, path) || (lockable && !unlocked) || !is_gone(&holder, unlocked))
        return tell_holder(path, &holder, known, error);
    if (ftruncate(file, 0) != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot take over: %s", path, strerror(errno));
    tb_log_info("%s: taken over from process %ld on %s, which is gone", path, holder.process, holder.host);
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
    if (status == TB_OK)
        held = file;
    else
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
    flock(file, LOCK_EX); /* who looks at the file has it for a moment; where there are no locks, the process tells */
    const enum tb_status status = write_holder(file, path, error);
    if (status == TB_OK) {
        held = file;
        return TB_OK;
    }
    unlink(path);
    close(file);
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

void tb_output_unlock(const char *output)
{
    char *path = tb_join(output, LOCK_SUFFIX);
    if (path == NULL)
        return;
    /* Only what this process holds; a file of that name may be another job's by now. */
    if (held >= 0 && still_named(held, path))
        unlink(path);
    free(path);
    if (held >= 0)
        close(held);
    held = -1;
}
