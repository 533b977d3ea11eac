/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_DESCRIPTORS_H
#define TWINBED_TRACE_DESCRIPTORS_H

/* What kind of thing each descriptor of a process stands for: network, file, other, or unknown.
 *
 * A set holds one byte for each descriptor number up to the highest that was seen, at most 131,072
 * of them. Sets are learnt from the lists at the head of a section and from calls that open, close
 * and duplicate; a descriptor that nobody told about is unknown, and its reads count as such.
 *
 * Each byte also has marks, by which a speculation knows what of its assumed set mattered, and what
 * it changed (process_table.h tells about marks). So looking is not const: descriptors_look_at and
 * descriptors_get mark what they see; tb_descriptors_peek does not.
 *
 * One set is used by one thread of twinbed at a time. Nothing here fails loudly: what has no room
 * stays unknown, and the budget says so. */

#include "twinbed/trace/trace.h"

/* What all sets of one table may take together. */
struct descriptor_budget {
    size_t left; /* Bytes that are still free. */
    /* Bytes that were ever taken, whatever was given back. A commit needs as much at once at most. */
    size_t grown;
    /* A set wanted more than was left, or there was no memory for it. A speculation with that is
     * not committed. */
    bool refused;
};

/* What was done to a set since its marks were wiped. */
enum {
    DESCRIPTORS_USED = 1, /* Looked at or changed in any way. */
    /* Nothing of what it was then is left: the process ended, or took another's set. */
    DESCRIPTORS_REPLACED = 2,
    DESCRIPTORS_WHOLE = 4 /* All of what it was then mattered, as for a copy. */
};

/* A descriptor's byte: kind + 1, 0 is unknown, and marks. */
enum {
    DESCRIPTOR_KIND = 0x0F,      /* Mask of the kind: enum tb_descriptor_kind + 1; 0 is unknown. */
    DESCRIPTOR_READ = 0x20,      /* What it was when the marks were wiped mattered. */
    DESCRIPTOR_WRITTEN = 0x40,   /* It was set since then. */
    DESCRIPTOR_CONNECTING = 0x80 /* No mark but content: a connection is in progress on it. */
};

/* The set of one process. Zeroed it is empty: all are unknown. */
struct descriptors {
    uint8_t *kinds; /* Owned; capacity bytes, by descriptor number. */
    uint32_t capacity;
    uint8_t seen; /* DESCRIPTORS_... marks. */
};

/* Empties the set, and gives its bytes back to the budget. Its marks say that it was replaced. */
void tb_descriptors_free(struct descriptors *descriptors, struct descriptor_budget *budget);

/* What stands for a descriptor, which the caller acts upon: its byte without marks, 0 when it is
 * unknown, negative or out of range. */
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

/* The kind of a descriptor, which the caller acts upon. */
static inline enum tb_descriptor_kind descriptors_get(struct descriptors *descriptors, int64_t descriptor)
{
    const uint8_t content = descriptors_look_at(descriptors, descriptor);
    return content == 0 ? TB_DESCRIPTOR_UNKNOWN : (enum tb_descriptor_kind)((content & DESCRIPTOR_KIND) - 1);
}

/* Sets what a descriptor stands for; TB_DESCRIPTOR_UNKNOWN forgets it. One that is out of range, or
 * that the budget has no room for, stays unknown. Not connecting any more. */
void tb_descriptors_set(struct descriptors *descriptors, int64_t descriptor, enum tb_descriptor_kind kind,
                        struct descriptor_budget *budget);
/* Forgets the descriptors from first to last, both included; beyond the capacity there is nothing
 * to forget. */
void tb_descriptors_clear(struct descriptors *descriptors, uint64_t first, uint64_t last);
/* Marks a known descriptor as connecting, or not. */
void tb_descriptors_set_connecting(struct descriptors *descriptors, int64_t descriptor, bool connecting);
/* Whether a connection is in progress; false for descriptors that are not known. */
bool tb_descriptors_connecting(struct descriptors *descriptors, int64_t descriptor);
/* As fork does: into, which is replaced, becomes like from. Both are marked. */
void tb_descriptors_copy(struct descriptors *into, struct descriptors *from, struct descriptor_budget *budget);

/* Marks the set as another one now: its process ended, or took the set of another process. Only the
 * first time does what it was matter. */
void tb_descriptors_note_replaced(struct descriptors *descriptors);
/* The kind, without a mark of the look. */
enum tb_descriptor_kind tb_descriptors_peek(const struct descriptors *descriptors, int64_t descriptor);
/* Whether nothing was done to this descriptor since the marks were wiped, so that its kind then is
 * its kind now. */
bool tb_descriptors_untouched(const struct descriptors *descriptors, int64_t descriptor);
/* A copy without marks, beside any budget; into may hold anything before, and is not freed. False
 * without memory, and into is empty. */
TB_MUST_USE bool tb_descriptors_duplicate(struct descriptors *into, const struct descriptors *from);
/* Whether what mattered in used was the same in both: in began, where used began, and in now, which
 * the decoder has. Capacities must agree as well, because a look beyond the capacity leaves no
 * mark. */
bool tb_descriptors_agree(const struct descriptors *used, const struct descriptors *began,
                          const struct descriptors *now);
/* Does to now what was done to used; they agree. Beside any budget: the caller settles that. False
 * without memory. */
TB_MUST_USE bool tb_descriptors_repeat(struct descriptors *now, const struct descriptors *used);

#endif
