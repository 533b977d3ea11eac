/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_DESCRIPTORS_H
#define TWINBED_OS_DESCRIPTORS_H

/* What kind of thing each descriptor of a process stands for. */

#include "twinbed/os/trace.h"

/* One byte a descriptor; the budget bounds what all sets of a trace may take together. */
struct descriptors {
    uint8_t *kinds; /* owned; kind + 1, 0 is unknown; the highest bit marks a connection in progress */
    uint32_t capacity;
};

void descriptors_free(struct descriptors *descriptors, size_t *budget);
enum tb_descriptor_kind descriptors_get(const struct descriptors *descriptors, int64_t descriptor);
/* A descriptor that is out of range, or that the budget has no room for, stays unknown. */
void descriptors_set(struct descriptors *descriptors, int64_t descriptor, enum tb_descriptor_kind kind, size_t *budget);
void descriptors_clear(struct descriptors *descriptors, uint64_t first, uint64_t last);
/* Marks a known descriptor as connecting, or not. */
void descriptors_set_connecting(struct descriptors *descriptors, int64_t descriptor, bool connecting);
/* False for descriptors that are not known. */
bool descriptors_connecting(const struct descriptors *descriptors, int64_t descriptor);
/* As fork does. into is replaced. */
void descriptors_copy(struct descriptors *into, const struct descriptors *from, size_t *budget);

#endif
