/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of 64 KiB, larger ones for what is larger; all are freed together. */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char data[];
};

void tb_arena_free(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (struct arena){0};
}

static bool add_block(struct arena *arena, size_t needed)
{
    const size_t size = needed > BLOCK_SIZE ? needed : BLOCK_SIZE;
    struct arena_block *block = size > SIZE_MAX - sizeof *block ? NULL : calloc(1, sizeof *block + size);
    if (block == NULL) {
        arena->failed = true;
        return false;
    }
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return true;
}

void *tb_arena_allocate(struct arena *arena, size_t count, size_t item_size)
{
    if (item_size != 0 && count > (SIZE_MAX - ALIGNMENT) / item_size) {
        arena->failed = true;
        return NULL;
    }
    const size_t size = (count * item_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if ((arena->blocks == NULL || arena->blocks->size - arena->blocks->used < size) && !add_block(arena, size))
        return NULL;
    void *memory = arena->blocks->data + arena->blocks->used;
    arena->blocks->used += size;
    return memory;
}

char *tb_arena_copy(struct arena *arena, const char *text, size_t length)
{
    char *copy = length == SIZE_MAX ? NULL : tb_arena_allocate(arena, length + 1, 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *tb_arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : tb_arena_allocate(arena, (size_t)length + 1, 1);
    if (text == NULL) {
        arena->failed = true;
        return NULL;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
