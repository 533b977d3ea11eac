/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded before a program (LD_PRELOAD): lets what it does to its results fail, so that a test can see what it says then.
 *
 * FAIL_WRITE=N        the N-th write, truncation, reservation or sync of a file whose name has FAIL_NAME fails as on a full
 *                     disk, from 1
 * FAIL_OPENS=1        so does opening a file of such a name, making a directory, and giving a file another name; they are
 *                     counted with the others
 * FAIL_HERE=1         relative names are meant, whatever they are
 * FAIL_ALL_AFTER=1    and so does every one after it
 * FAIL_RANK=R         on rank R of a job alone
 * COUNT_WRITES=F      how many there were is written to file F in the end */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long writes;
static long failing;
static bool all_after, opens, meant;
static const char *name;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("FAIL_WRITE");
    failing = number == NULL ? 0 : atol(number);
    all_after = getenv("FAIL_ALL_AFTER") != NULL;
    name = getenv("FAIL_NAME");
    opens = getenv("FAIL_OPENS") != NULL;
    const char *const rank = getenv("FAIL_RANK"), *const own = getenv("OMPI_COMM_WORLD_RANK");
    meant = rank == NULL || (own != NULL && strcmp(rank, own) == 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("COUNT_WRITES");
    name = NULL;
    FILE *file = path == NULL || !meant ? NULL : fopen(path, "w");
    if (file == NULL)
        return;
    fprintf(file, "%ld\n", atomic_load(&writes));
    fclose(file);
}

static bool is_meant(int descriptor)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (name == NULL || length < 0)
        return false;
    path[length] = '\0';
    return strstr(path, name) != NULL;
}

static bool counted_fails(void)
{
    const long number = atomic_fetch_add(&writes, 1) + 1;
    const bool now = failing != 0 && (number == failing || (all_after && number > failing));
    if (now)
        errno = ENOSPC;
    return now;
}

static bool fails(int descriptor)
{
    return meant && is_meant(descriptor) && counted_fails();
}

/* Of a name that may be relative; "/x" also means x here. */
static bool path_fails(const char *path)
{
    if (!opens || !meant || name == NULL)
        return false;
    const bool here = name[0] == '/' && strncmp(path, name + 1, strlen(name + 1)) == 0;
    const bool below = path[0] != '/' && getenv("FAIL_HERE") != NULL;
    return (here || below || strstr(path, name) != NULL) && counted_fails();
}

#define MAY_FAIL(type, function, parameters, arguments)                                                                \
    type function parameters                                                                                           \
    {                                                                                                                  \
        static type(*real) parameters;                                                                                 \
        if (real == NULL)                                                                                              \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #function);                                                    \
        return fails(descriptor) ? -1 : real arguments;                                                                \
    }

MAY_FAIL(ssize_t, write, (int descriptor, const void *data, size_t size), (descriptor, data, size))
MAY_FAIL(ssize_t, pwrite, (int descriptor, const void *data, size_t size, off_t at), (descriptor, data, size, at))
MAY_FAIL(ssize_t, pwrite64, (int descriptor, const void *data, size_t size, off64_t at), (descriptor, data, size, at))
MAY_FAIL(ssize_t, writev, (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
MAY_FAIL(ssize_t, pwritev, (int descriptor, const struct iovec *parts, int count, off_t at),
         (descriptor, parts, count, at))
MAY_FAIL(int, ftruncate, (int descriptor, off_t size), (descriptor, size))
MAY_FAIL(int, ftruncate64, (int descriptor, off64_t size), (descriptor, size))
MAY_FAIL(int, fsync, (int descriptor), (descriptor))
MAY_FAIL(int, fallocate, (int descriptor, int mode, off_t at, off_t size), (descriptor, mode, at, size))
MAY_FAIL(int, fallocate64, (int descriptor, int mode, off64_t at, off64_t size), (descriptor, mode, at, size))

#define OPEN_MAY_FAIL(function)                                                                                        \
    int function(const char *path, int flags, ...)                                                                     \
    {                                                                                                                  \
        static int (*real)(const char *, int, ...);                                                                    \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;                           \
        va_end(more);                                                                                                  \
        if (real == NULL)                                                                                              \
            real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #function);                                       \
        return path_fails(path) ? -1 : real(path, flags, mode);                                                        \
    }

#define STREAM_MAY_FAIL(function)                                                                                      \
    FILE *function(const char *path, const char *how)                                                                  \
    {                                                                                                                  \
        static FILE *(*real)(const char *, const char *);                                                              \
        if (real == NULL)                                                                                              \
            real = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, #function);                               \
        return path_fails(path) ? NULL : real(path, how);                                                              \
    }

OPEN_MAY_FAIL(open)
OPEN_MAY_FAIL(open64)
STREAM_MAY_FAIL(fopen)
STREAM_MAY_FAIL(fopen64)

int mkdir(const char *path, mode_t mode)
{
    static int (*real)(const char *, mode_t);
    if (real == NULL)
        real = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
    return path_fails(path) ? -1 : real(path, mode);
}

int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    if (real == NULL)
        real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return path_fails(to) ? -1 : real(from, to);
}
