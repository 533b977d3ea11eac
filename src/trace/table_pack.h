/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TABLE_PACK_H
#define TWINBED_TRACE_TABLE_PACK_H

/* Threads, processes and descriptors as bytes, for another process of the job that decodes the same
 * trace.
 *
 * Only chosen entries are packed. They keep their order, and their places become those among the
 * chosen. What is unpacked may be hostile: a table that comes back can be used like one that was
 * made here, whatever it says.
 *
 * Choose first (tb_chosen_start, choose, tb_chosen_number), then describe. speculation_pack.c says
 * which entries it takes, and why. */

#include "sequence.h"
#include "twinbed/base/archive.h"

/* Where entries stand among the chosen, by their place in the table; THREAD_NONE: not chosen. */
struct chosen {
    uint32_t *threads;     /* Owned. */
    uint32_t *processes;   /* Owned. */
    const uint32_t *lives; /* Borrowed; by life: its packed place (chosen_lives.places). */
};

/* Room for all entries of table, none chosen. False without memory; then nothing is to be freed. */
TB_MUST_USE bool tb_chosen_start(struct chosen *chosen, const struct process_table *table);
void tb_chosen_free(struct chosen *chosen);
/* Chooses an entry of one of the two; THREAD_NONE chooses none. Twice is once. */
static inline void choose(uint32_t *places, uint32_t place)
{
    if (place != THREAD_NONE)
        places[place] = 0;
}
/* After the last choice: gives the chosen entries their numbers, in the order of the table. */
void tb_chosen_number(struct chosen *chosen, const struct process_table *table);

/* The chosen entries that table has: all but the maps, which are made anew. chosen is NULL when
 * reading, which goes into a table that was initialised and is to be freed whatever comes back.
 * life_count: how many lives there are to refer to, when reading. */
void tb_table_describe(struct tb_archive *archive, struct process_table *table, const struct chosen *chosen,
                       size_t life_count);

#endif
