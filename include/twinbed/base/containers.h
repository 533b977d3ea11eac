/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_CONTAINERS_H
#define TWINBED_BASE_CONTAINERS_H

/* Growing arrays and a hash index, for code that cannot know sizes ahead. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"

/* Makes room for needed items of item_size bytes in the array at *items, which
 * holds *capacity of them, doubling it. Added room is not initialised. False
 * when memory is short or the size overflows; the array is then as it was.
 * items points to a pointer of any object type. */
TB_MUST_USE bool tb_array_reserve(void *items, size_t *capacity, size_t needed, size_t item_size);

/* A 128-bit key and the index of the caller's item it stands for. Keys are
 * compared whole; the order of insertion does not influence look-ups. */
struct tb_key {
    uint64_t high;
    uint64_t low;
};

/* The key of a text (XXH3, 128 bits); texts with other seeds have other keys. */
struct tb_key tb_key_of_text(const char *text, uint64_t seed);

/* Open addressing, at most half full; 24 bytes a slot. Zero it to start. */
struct tb_index {
    struct tb_key *keys; /* owned */
    uint64_t *items;     /* owned; item + 1, 0 marks a free slot */
    size_t capacity;     /* power of two, or 0 */
    size_t count;
};

enum { TB_INDEX_ABSENT = -1 };

void tb_index_free(struct tb_index *index);

/* The item stored for key, or TB_INDEX_ABSENT. */
int64_t tb_index_find(const struct tb_index *index, struct tb_key key);

/* The item stored for key. When there is none, stores candidate and returns
 * it. TB_INDEX_ABSENT when memory is short. */
TB_MUST_USE int64_t tb_index_add(struct tb_index *index, struct tb_key key, uint64_t candidate);

#endif
