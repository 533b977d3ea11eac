/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of thing each descriptor of a process stands for.
 *
 *       a descriptor's byte    7           6        5     4  3..0
 *                              connecting  written  read  -  kind + 1, 0: unknown
 *
 * Connecting and kind are content; written and read are marks (process_table.h). The mark of
 * reading is set only while the byte has neither: after a write what is read is the speculation's
 * own. */
#include "descriptors.h"

#include <stdlib.h>
#include <string.h>

/* A set begins with 32 bytes, as most processes have few descriptors, and doubles. Beyond 131,072 a
 * descriptor stays unknown: by default Linux gives a process 1,024, and a hostile trace could ask
 * for any number. */
enum { FIRST_CAPACITY = 32, LAST_CAPACITY = 1 << 17, CONTENT = DESCRIPTOR_KIND | DESCRIPTOR_CONNECTING };

void tb_descriptors_note_replaced(struct descriptors *descriptors)
{
    if ((descriptors->seen & DESCRIPTORS_REPLACED) == 0)
        descriptors->seen |= DESCRIPTORS_USED | DESCRIPTORS_REPLACED | DESCRIPTORS_WHOLE;
}

void tb_descriptors_free(struct descriptors *descriptors, struct descriptor_budget *budget)
{
    free(descriptors->kinds);
    budget->left += descriptors->capacity;
    tb_descriptors_note_replaced(descriptors);
    *descriptors = (struct descriptors){.seen = descriptors->seen};
}

enum tb_descriptor_kind tb_descriptors_peek(const struct descriptors *descriptors, int64_t descriptor)
{
    const bool known = descriptor >= 0 && descriptor < (int64_t)descriptors->capacity;
    const uint8_t kind = known ? descriptors->kinds[descriptor] & DESCRIPTOR_KIND : 0;
    return kind == 0 ? TB_DESCRIPTOR_UNKNOWN : (enum tb_descriptor_kind)(kind - 1);
}

bool tb_descriptors_untouched(const struct descriptors *descriptors, int64_t descriptor)
{
    if ((descriptors->seen & DESCRIPTORS_REPLACED) != 0)
        return false;
    return descriptor < 0 || descriptor >= (int64_t)descriptors->capacity ||
           (descriptors->kinds[descriptor] & DESCRIPTOR_WRITTEN) == 0;
}

/* Sets a descriptor that is within the capacity. That it was read before stays noted. */
static void put(struct descriptors *descriptors, int64_t descriptor, uint8_t content)
{
    uint8_t *const kind = &descriptors->kinds[descriptor];
    *kind = (uint8_t)((*kind & DESCRIPTOR_READ) | DESCRIPTOR_WRITTEN | content);
}

void tb_descriptors_set_connecting(struct descriptors *descriptors, int64_t descriptor, bool connecting)
{
    const uint8_t content = descriptors_look_at(descriptors, descriptor);
    if (content != 0)
        put(descriptors, descriptor, (content & DESCRIPTOR_KIND) | (connecting ? DESCRIPTOR_CONNECTING : 0));
}

bool tb_descriptors_connecting(struct descriptors *descriptors, int64_t descriptor)
{
    return (descriptors_look_at(descriptors, descriptor) & DESCRIPTOR_CONNECTING) != 0;
}

static bool resize(struct descriptors *descriptors, uint32_t capacity)
{
    uint8_t *const kinds = realloc(descriptors->kinds, capacity);
    if (kinds == NULL)
        return false;
    memset(kinds + descriptors->capacity, 0, capacity - descriptors->capacity);
    descriptors->kinds = kinds;
    descriptors->capacity = capacity;
    return true;
}

static bool grow(struct descriptors *descriptors, uint32_t capacity, struct descriptor_budget *budget)
{
    const size_t added = capacity - descriptors->capacity;
    if (added > budget->left || !resize(descriptors, capacity)) {
        budget->refused = true;
        return false;
    }
    budget->left -= added;
    budget->grown += added;
    return true;
}

void tb_descriptors_set(struct descriptors *descriptors, int64_t descriptor, enum tb_descriptor_kind kind,
                        struct descriptor_budget *budget)
{
    if (descriptor < 0 || descriptor >= LAST_CAPACITY)
        return;
    descriptors->seen |= DESCRIPTORS_USED;
    if (descriptor >= (int64_t)descriptors->capacity) {
        if (kind == TB_DESCRIPTOR_UNKNOWN)
            return;
        uint32_t capacity = descriptors->capacity == 0 ? FIRST_CAPACITY : descriptors->capacity;
        while (capacity <= descriptor)
            capacity *= 2;
        if (!grow(descriptors, capacity, budget))
            return;
    }
    put(descriptors, descriptor, kind == TB_DESCRIPTOR_UNKNOWN ? 0 : (uint8_t)(kind + 1));
}

void tb_descriptors_clear(struct descriptors *descriptors, uint64_t first, uint64_t last)
{
    descriptors->seen |= DESCRIPTORS_USED;
    for (uint64_t i = first; i <= last && i < descriptors->capacity; i++)
        put(descriptors, (int64_t)i, 0);
}

/* What was copied mattered as a whole, unless all of it is the speculation's own anyway. */
void tb_descriptors_copy(struct descriptors *into, struct descriptors *from, struct descriptor_budget *budget)
{
    tb_descriptors_free(into, budget);
    from->seen |= DESCRIPTORS_USED;
    if ((from->seen & DESCRIPTORS_REPLACED) == 0)
        from->seen |= DESCRIPTORS_WHOLE;
    if (from->capacity == 0 || !grow(into, from->capacity, budget))
        return;
    memcpy(into->kinds, from->kinds, from->capacity);
}

bool tb_descriptors_duplicate(struct descriptors *into, const struct descriptors *from)
{
    *into = (struct descriptors){0};
    if (from->capacity == 0)
        return true;
    if (!resize(into, from->capacity))
        return false;
    for (uint32_t i = 0; i < from->capacity; i++)
        into->kinds[i] = from->kinds[i] & CONTENT;
    return true;
}

/* Bytes beyond the capacity of used cannot have been looked at; with DESCRIPTORS_WHOLE all of began
 * counts. */
bool tb_descriptors_agree(const struct descriptors *used, const struct descriptors *began,
                          const struct descriptors *now)
{
    if ((used->seen & DESCRIPTORS_USED) == 0)
        return true;
    if (began->capacity != now->capacity)
        return false;
    const bool whole = (used->seen & DESCRIPTORS_WHOLE) != 0;
    for (uint32_t i = 0; i < began->capacity; i++) {
        const bool mattered = whole || (i < used->capacity && (used->kinds[i] & DESCRIPTOR_READ) != 0);
        if (mattered && ((began->kinds[i] ^ now->kinds[i]) & CONTENT) != 0)
            return false;
    }
    return true;
}

bool tb_descriptors_repeat(struct descriptors *now, const struct descriptors *used)
{
    if ((used->seen & DESCRIPTORS_REPLACED) != 0) {
        free(now->kinds);
        return tb_descriptors_duplicate(now, used);
    }
    if (used->capacity > now->capacity && !resize(now, used->capacity))
        return false;
    for (uint32_t i = 0; i < used->capacity; i++)
        if ((used->kinds[i] & DESCRIPTOR_WRITTEN) != 0)
            now->kinds[i] = used->kinds[i] & CONTENT;
    return true;
}
