/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room in huge pages: asked for by madvise, so where the system has none, or may not, it is
 * ordinary memory. What is small comes from malloc. */
#include "base/huge_pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "twinbed/base/containers.h"

void *tb_huge_pages_make(size_t size)
{
    if (size < TB_HUGE_PAGE)
        return malloc(size);
    if (size > SIZE_MAX - TB_HUGE_PAGE)
        return NULL;
    const size_t whole = (size + TB_HUGE_PAGE - 1) / TB_HUGE_PAGE * TB_HUGE_PAGE;
    void *room = aligned_alloc(TB_HUGE_PAGE, whole);
    if (room != NULL)
        (void)madvise(room, whole, MADV_HUGEPAGE);
    return room;
}

void tb_huge_pages_populate(void *room, size_t size)
{
#ifdef MADV_POPULATE_WRITE
    if (size >= TB_HUGE_PAGE)
        (void)madvise(room, size, MADV_POPULATE_WRITE);
#else
    (void)room, (void)size;
#endif
}

bool tb_huge_pages_reserve(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    const size_t size = *capacity * item_size;
    if (needed <= *capacity || size < TB_HUGE_PAGE / 2)
        return tb_array_reserve(items, capacity, needed, item_size);
    if (needed > SIZE_MAX / 2 / item_size)
        return false;
    size_t grown = *capacity;
    while (grown < needed)
        grown *= 2;
    void *const moved = tb_huge_pages_make(grown * item_size);
    void *old;
    if (moved == NULL)
        return false;
    memcpy(&old, items, sizeof old);
    memcpy(moved, old, size);
    free(old);
    memcpy(items, &moved, sizeof moved);
    *capacity = grown;
    return true;
}
