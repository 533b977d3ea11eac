/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loaded before a program (LD_PRELOAD): lets its allocations fail, so that a test can see what it says then.
 *
 * FAIL_ALLOCATION=N   the N-th allocation of the program fails, from 1; those of libraries are left alone
 * FAIL_ALL_AFTER=1    and so does every one after it
 * FAIL_RANK=R         on rank R of a job alone
 * COUNT_ALLOCATIONS=F how many there were is written to file F in the end */
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;
static long failing;
static bool all_after, ready;
static uintptr_t code_begin, code_end;

static int find_program(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *const part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0)
            continue;
        code_begin = info->dlpi_addr + part->p_vaddr;
        code_end = code_begin + part->p_memsz;
    }
    return 1; /* the program comes first */
}

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("FAIL_ALLOCATION");
    failing = number == NULL ? 0 : atol(number);
    all_after = getenv("FAIL_ALL_AFTER") != NULL;
    dl_iterate_phdr(find_program, NULL);
    const char *const rank = getenv("FAIL_RANK"), *const own = getenv("OMPI_COMM_WORLD_RANK");
    ready = rank == NULL || (own != NULL && strcmp(rank, own) == 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("COUNT_ALLOCATIONS");
    FILE *file = path == NULL || !ready ? NULL : fopen(path, "w");
    if (file == NULL)
        return;
    fprintf(file, "%ld\n", atomic_load(&allocations));
    fclose(file);
}

static bool fails(const void *caller)
{
    if (!ready || (uintptr_t)caller < code_begin || (uintptr_t)caller >= code_end)
        return false;
    const long number = atomic_fetch_add(&allocations, 1) + 1;
    const bool now = failing != 0 && (number == failing || (all_after && number > failing));
    if (now)
        errno = ENOMEM;
    return now;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}
