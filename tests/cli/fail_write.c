/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded before a program (LD_PRELOAD): lets what it does to its results fail, so that a test can see what it says then.
 *
 * FAIL_WRITE=N        the N-th write, truncation, reservation or sync of a file whose name has FAIL_NAME fails as on a full
 *                     disk, from 1
 * FAIL_ALL_AFTER=1    and so does every one after it
 * COUNT_WRITES=F      how many there were is written to file F in the end */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long writes;
static long failing;
static bool all_after;
static const char *name;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("FAIL_WRITE");
    failing = number == NULL ? 0 : atol(number);
    all_after = getenv("FAIL_ALL_AFTER") != NULL;
    name = getenv("FAIL_NAME");
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("COUNT_WRITES");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
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

static bool fails(int descriptor)
{
    if (!is_meant(descriptor))
        return false;
    const long number = atomic_fetch_add(&writes, 1) + 1;
    const bool now = failing != 0 && (number == failing || (all_after && number > failing));
    if (now)
        errno = ENOSPC;
    return now;
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
