/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_ARENA_H
#define TWINBED_CAMPAIGN_ARENA_H

/* Memory that is released all at once: what reading a manifest builds on the
 * way to a campaign lives exactly as long as the reading. Zero it to start.
 *
 * When memory runs out the functions return NULL and failed stays set, so that
 * code which builds many small things may check once. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/status.h"

struct arena_block;

/* Zero it to start. One thread at a time. */
struct arena {
    struct arena_block *blocks; /* owned; the newest first */
    bool failed;
};

/* Frees everything that was allocated in it; it is empty then. */
void tb_arena_free(struct arena *arena);
/* Zeroed memory for count items, suitably aligned; not NULL for count 0. */
void *tb_arena_allocate(struct arena *arena, size_t count, size_t item_size);
/* A NUL-ended copy of length bytes. */
char *tb_arena_copy(struct arena *arena, const char *text, size_t length);
/* A text as printf makes it. */
char *tb_arena_print(struct arena *arena, const char *format, ...) TB_PRINTF(2, 3);

#endif
