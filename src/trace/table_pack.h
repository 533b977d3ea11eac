/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TABLE_PACK_H
#define TWINBED_TRACE_TABLE_PACK_H

/* Threads, processes and descriptors as bytes, for another process of the job that decodes the same trace.
 *
 * Only chosen entries are packed. They keep their order, and their places become those among the chosen. What is
 * unpacked may be hostile: a table that comes back can be used like one that was made here, whatever it says. */

#include "sequence.h"
#include "twinbed/base/archive.h"

/* Where entries stand among the chosen, by their place in the table; THREAD_NONE: not chosen. */
struct chosen {
    uint32_t *threads;   /* owned */
    uint32_t *processes; /* owned */
};

/* Room for all entries of table, none chosen. False without memory. */
TB_MUST_USE bool tb_chosen_start(struct chosen *chosen, const struct process_table *table);
void tb_chosen_free(struct chosen *chosen);
static inline void choose(uint32_t *places, uint32_t place)
{
    if (place != THREAD_NONE)
        places[place] = 0;
}
/* After the last choice: numbers the entries. */
void tb_chosen_number(struct chosen *chosen, const struct process_table *table);

/* Packs the chosen entries that table has. lives[life]: the packed place of a life. */
void tb_table_pack(const struct process_table *table, const struct chosen *chosen, const uint32_t *lives,
                   struct tb_buffer *buffer);
/* Into a zeroed table, which is to be freed whatever comes back. life_count: how many lives there are to refer to. */
TB_MUST_USE bool tb_table_unpack(struct process_table *table, size_t text_words, size_t life_count,
                                 struct tb_bytes *bytes);

/* A count of items that take size bytes or more; false when the bytes cannot hold it. */
TB_MUST_USE bool tb_take_item_count(struct tb_bytes *bytes, size_t size, size_t *count);

#endif
