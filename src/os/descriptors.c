/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descriptors.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 32, LAST_CAPACITY = 1 << 17, CONNECTING = 0x80 };

void descriptors_free(struct descriptors *descriptors, size_t *budget)
{
    free(descriptors->kinds);
    *budget += descriptors->capacity;
    *descriptors = (struct descriptors){0};
}

enum tb_descriptor_kind descriptors_get(const struct descriptors *descriptors, int64_t descriptor)
{
    if (descriptor < 0 || descriptor >= (int64_t)descriptors->capacity || descriptors->kinds[descriptor] == 0)
        return TB_DESCRIPTOR_UNKNOWN;
    return (enum tb_descriptor_kind)((descriptors->kinds[descriptor] & ~CONNECTING) - 1);
}

void descriptors_set_connecting(struct descriptors *descriptors, int64_t descriptor, bool connecting)
{
    if (descriptors_get(descriptors, descriptor) == TB_DESCRIPTOR_UNKNOWN)
        return;
    const uint8_t kind = descriptors->kinds[descriptor] & (uint8_t)~CONNECTING;
    descriptors->kinds[descriptor] = connecting ? kind | CONNECTING : kind;
}

bool descriptors_connecting(const struct descriptors *descriptors, int64_t descriptor)
{
    return descriptors_get(descriptors, descriptor) != TB_DESCRIPTOR_UNKNOWN &&
           (descriptors->kinds[descriptor] & CONNECTING) != 0;
}

static bool grow(struct descriptors *descriptors, uint32_t capacity, size_t *budget)
{
    const size_t added = capacity - descriptors->capacity;
    if (added > *budget)
        return false;
    uint8_t *const kinds = realloc(descriptors->kinds, capacity);
    if (kinds == NULL)
        return false;
    memset(kinds + descriptors->capacity, 0, added);
    descriptors->kinds = kinds;
    descriptors->capacity = capacity;
    *budget -= added;
    return true;
}

void descriptors_set(struct descriptors *descriptors, int64_t descriptor, enum tb_descriptor_kind kind, size_t *budget)
{
    if (descriptor < 0 || descriptor >= LAST_CAPACITY)
        return;
    if (descriptor >= (int64_t)descriptors->capacity) {
        if (kind == TB_DESCRIPTOR_UNKNOWN)
            return;
        uint32_t capacity = descriptors->capacity == 0 ? FIRST_CAPACITY : descriptors->capacity;
        while (capacity <= descriptor)
            capacity *= 2;
        if (!grow(descriptors, capacity, budget))
            return;
    }
    descriptors->kinds[descriptor] = kind == TB_DESCRIPTOR_UNKNOWN ? 0 : (uint8_t)(kind + 1);
}

void descriptors_clear(struct descriptors *descriptors, uint64_t first, uint64_t last)
{
    if (first >= descriptors->capacity || last < first)
        return;
    if (last >= descriptors->capacity)
        last = descriptors->capacity - 1;
    memset(descriptors->kinds + first, 0, last - first + 1);
}

void descriptors_copy(struct descriptors *into, const struct descriptors *from, size_t *budget)
{
    descriptors_free(into, budget);
    if (from->capacity == 0 || !grow(into, from->capacity, budget))
        return;
    memcpy(into->kinds, from->kinds, from->capacity);
}
