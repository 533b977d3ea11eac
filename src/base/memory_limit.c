/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much memory a process may take: nine tenths of what the machine has free, or of what its
 * cgroups allow if that is less, shared by the processes on it. A limit is set on its data
 * (RLIMIT_DATA), with room for stacks and for what the kernel counts though nobody touched it. */
#include "twinbed/base/memory_limit.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t limited_to;

/* --- what there is --- */

static uint64_t lesser(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* The number in a file of one line; UINT64_MAX where there is no such file, or it says "max". */
static uint64_t read_number(const char *path)
{
    uint64_t number = UINT64_MAX;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return number;
    if (fscanf(file, "%" SCNu64, &number) != 1)
        number = UINT64_MAX;
    fclose(file);
    return number;
}

static uint64_t machine_has(void)
{
    char line[256];
    uint64_t kib, bytes = UINT64_MAX;
    FILE *file = fopen("/proc/meminfo", "re");
    if (file == NULL)
        return bytes;
    while (bytes == UINT64_MAX && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &kib) == 1)
            bytes = kib * 1024;
    fclose(file);
    return bytes;
}

/* The least limit of a cgroup and all above it. group: its path, which is shortened; in a container it may be one of the
 * machine, and only the topmost can be seen. */
static uint64_t groups_have(const char *mount, char *group, const char *name)
{
    char path[PATH_MAX];
    uint64_t least = UINT64_MAX;
    for (bool more = true; more;) {
        const int length = snprintf(path, sizeof path, "%s%s/%s", mount, group, name);
        if (length > 0 && (size_t)length < sizeof path)
            least = lesser(least, read_number(path));
        char *last = strrchr(group, '/');
        more = last != NULL;
        if (more)
            *last = '\0';
    }
    return least;
}

/* Lines of /proc/self/cgroup are "NUMBER:CONTROLLERS:PATH"; version 2 has number 0 and no controllers. */
static uint64_t cgroup_has(void)
{
    char line[PATH_MAX];
    uint64_t least = UINT64_MAX;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL)
        return least;
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *const controllers = strchr(line, ':');
        char *const group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL)
            continue;
        if (strncmp(controllers, "::", 2) == 0)
            least = lesser(least, groups_have("/sys/fs/cgroup", group + 1, "memory.max"));
        else if (strncmp(controllers, ":memory:", 8) == 0)
            least = lesser(least, groups_have("/sys/fs/cgroup/memory", group + 1, "memory.limit_in_bytes"));
    }
    fclose(file);
    return least;
}

uint64_t tb_memory_share(unsigned processes)
{
    const uint64_t all = lesser(machine_has(), cgroup_has());
    return all == UINT64_MAX ? 0 : all / 10 * 9 / processes;
}

/* --- what may be taken --- */

/* Address space that the kernel counts, of which nothing was used yet. */
static uint64_t untouched(void)
{
    uint64_t resident, shared, data;
    uint64_t bytes = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return bytes;
    if (fscanf(file, "%*s %" SCNu64 " %" SCNu64 " %*s %*s %" SCNu64, &resident, &shared, &data) == 3 &&
        data > resident - shared)
        bytes = (data - (resident - shared)) * (uint64_t)sysconf(_SC_PAGESIZE);
    fclose(file);
    return bytes;
}

/* Threads of OpenMP, and as many that read, decompress or take messages beside them. */
static uint64_t stacks(unsigned threads)
{
    enum { BESIDE = 4, USUAL = 8 << 20 };
    struct rlimit stack;
    const bool known = getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY;
    return (2 * (uint64_t)threads + BESIDE) * (known ? (uint64_t)stack.rlim_cur : USUAL);
}

void tb_memory_limit(uint64_t bytes, unsigned threads)
{
    static rlim_t before; /* 0: not asked yet */
    struct rlimit now;
    if (getrlimit(RLIMIT_DATA, &now) != 0)
        return;
    if (before == 0)
        before = now.rlim_cur;
    const uint64_t wanted = bytes == 0 ? UINT64_MAX : bytes + untouched() + stacks(threads);
    now.rlim_cur = (rlim_t)lesser((uint64_t)before, wanted);
    limited_to = setrlimit(RLIMIT_DATA, &now) == 0 ? bytes : 0;
}

uint64_t tb_memory_limited_to(void)
{
    return limited_to;
}
