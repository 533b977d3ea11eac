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
    uint32_t *threads;     /* owned */
    uint32_t *processes;   /* owned */
    const uint32_t *lives; /* borrowed; by life: its packed place */
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

/* The chosen entries that table has. chosen is NULL when reading, which goes into a table that was initialised and is to be
 * freed whatever comes back. life_count: how many lives there are to refer to, when reading. */
void tb_table_describe(struct tb_archive *archive, struct process_table *table, const struct chosen *chosen,
                       size_t life_count);

#endif
