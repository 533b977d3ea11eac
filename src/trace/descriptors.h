/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_DESCRIPTORS_H
#define TWINBED_TRACE_DESCRIPTORS_H

/* What kind of thing each descriptor of a process stands for. */

#include "twinbed/trace/trace.h"

/* What all sets of a trace may take together. */
struct descriptor_budget {
    size_t left;
    size_t grown; /* all that was ever taken */
    bool refused; /* a set wanted more than was left */
};

/* What was done to a set since its marks were wiped. */
enum {
    DESCRIPTORS_USED = 1,     /* looked at or changed in any way */
    DESCRIPTORS_REPLACED = 2, /* nothing of what it was then is left */
    DESCRIPTORS_WHOLE = 4     /* all of what it was then mattered */
};

/* A descriptor's byte: kind + 1, 0 is unknown, and marks. */
enum {
    DESCRIPTOR_KIND = 0x0F,
    DESCRIPTOR_READ = 0x20, /* what it was when the marks were wiped mattered */
    DESCRIPTOR_WRITTEN = 0x40,
    DESCRIPTOR_CONNECTING = 0x80 /* a connection in progress */
};

struct descriptors {
    uint8_t *kinds; /* owned; one byte a descriptor */
    uint32_t capacity;
    uint8_t seen;
};

void tb_descriptors_free(struct descriptors *descriptors, struct descriptor_budget *budget);

/* What stands for a descriptor, which the caller acts upon: its byte without marks. */
static inline uint8_t descriptors_look_at(struct descriptors *descriptors, int64_t descriptor)
{
    descriptors->seen |= DESCRIPTORS_USED;
    if (descriptor < 0 || descriptor >= (int64_t)descriptors->capacity)
        return 0;
    uint8_t *const kind = &descriptors->kinds[descriptor];
    if ((*kind & (DESCRIPTOR_WRITTEN | DESCRIPTOR_READ)) == 0)
        *kind |= DESCRIPTOR_READ;
    return *kind & (DESCRIPTOR_KIND | DESCRIPTOR_CONNECTING);
}

static inline enum tb_descriptor_kind descriptors_get(struct descriptors *descriptors, int64_t descriptor)
{
    const uint8_t content = descriptors_look_at(descriptors, descriptor);
    return content == 0 ? TB_DESCRIPTOR_UNKNOWN : (enum tb_descriptor_kind)((content & DESCRIPTOR_KIND) - 1);
}

/* A descriptor that is out of range, or that the budget has no room for, stays unknown. */
void tb_descriptors_set(struct descriptors *descriptors, int64_t descriptor, enum tb_descriptor_kind kind,
                        struct descriptor_budget *budget);
void tb_descriptors_clear(struct descriptors *descriptors, uint64_t first, uint64_t last);
/* Marks a known descriptor as connecting, or not. */
void tb_descriptors_set_connecting(struct descriptors *descriptors, int64_t descriptor, bool connecting);
/* False for descriptors that are not known. */
bool tb_descriptors_connecting(struct descriptors *descriptors, int64_t descriptor);
/* As fork does. into is replaced. */
void tb_descriptors_copy(struct descriptors *into, struct descriptors *from, struct descriptor_budget *budget);

/* The set is another one now: its process ended, or took the set of another process. */
void tb_descriptors_note_replaced(struct descriptors *descriptors);
/* The kind, without a trace of the look. */
enum tb_descriptor_kind tb_descriptors_peek(const struct descriptors *descriptors, int64_t descriptor);
/* Nothing was done to this descriptor since the marks were wiped. */
bool tb_descriptors_untouched(const struct descriptors *descriptors, int64_t descriptor);
/* A copy without marks, beside any budget. False without memory. */
TB_MUST_USE bool tb_descriptors_duplicate(struct descriptors *into, const struct descriptors *from);
/* Whether what mattered in used was the same in both: where used began, and in now. */
bool tb_descriptors_agree(const struct descriptors *used, const struct descriptors *began,
                          const struct descriptors *now);
/* Does to now what was done to used; they agree. Beside any budget. False without memory. */
TB_MUST_USE bool tb_descriptors_repeat(struct descriptors *now, const struct descriptors *used);

#endif
