/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays that double, and an index with open addressing: at most half full, never with anything
 * taken out, so a search ends at the first free slot. items holds a value + 1, so that 0 is free.
 *
 * Arrays are given by a pointer to their pointer, of any type; it is read and written by memcpy,
 * which all types allow. */
#include "twinbed/base/containers.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

bool tb_array_reserve(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    if (needed <= *capacity)
        return true;
    size_t grown = *capacity < 16 ? 16 : *capacity;
    while (grown < needed) {
        if (grown > SIZE_MAX / 2)
            return false;
        grown *= 2;
    }
    if (item_size != 0 && grown > SIZE_MAX / item_size)
        return false;
    void *old;
    memcpy(&old, items, sizeof old);
    void *moved = realloc(old, grown * item_size);
    if (moved == NULL)
        return false;
    memcpy(items, &moved, sizeof moved);
    *capacity = grown;
    return true;
}

struct tb_key tb_key_of_text(const char *text, uint64_t seed)
{
    const XXH128_hash_t hash = XXH3_128bits_withSeed(text, strlen(text), seed);
    return (struct tb_key){.high = hash.high64, .low = hash.low64};
}

void tb_index_free(struct tb_index *index)
{
    free(index->keys);
    free(index->items);
    *index = (struct tb_index){0};
}

/* The slot that holds key, or the free slot where it would go. */
static size_t find_slot(const struct tb_index *index, struct tb_key key)
{
    const size_t mask = index->capacity - 1;
    size_t slot = (size_t)XXH3_64bits(&key, sizeof key) & mask;
    while (index->items[slot] != 0 && (index->keys[slot].low != key.low || index->keys[slot].high != key.high))
        slot = (slot + 1) & mask;
    return slot;
}

int64_t tb_index_find(const struct tb_index *index, struct tb_key key)
{
    if (index->capacity == 0)
        return TB_INDEX_ABSENT;
    return (int64_t)index->items[find_slot(index, key)] - 1;
}

static bool grow(struct tb_index *index)
{
    struct tb_index larger = {.capacity = index->capacity == 0 ? 64 : index->capacity * 2, .count = index->count};
    larger.keys = malloc(larger.capacity * sizeof *larger.keys);
    larger.items = calloc(larger.capacity, sizeof *larger.items);
    if (larger.keys == NULL || larger.items == NULL) {
        tb_index_free(&larger);
        return false;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->items[i] == 0)
            continue;
        const size_t slot = find_slot(&larger, index->keys[i]);
        larger.keys[slot] = index->keys[i];
        larger.items[slot] = index->items[i];
    }
    tb_index_free(index);
    *index = larger;
    return true;
}

int64_t tb_index_add(struct tb_index *index, struct tb_key key, uint64_t candidate)
{
    if (index->count * 2 >= index->capacity && !grow(index))
        return TB_INDEX_ABSENT;
    const size_t slot = find_slot(index, key);
    if (index->items[slot] == 0) {
        index->keys[slot] = key;
        index->items[slot] = candidate + 1;
        index->count++;
    }
    return (int64_t)index->items[slot] - 1;
}
