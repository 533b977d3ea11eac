/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_SEQUENCE_PACK_H
#define TWINBED_TRACE_SEQUENCE_PACK_H

/* Counts of sequences as bytes: those of a finished trace (trace.h), and those of a part that is to
 * be added to what was counted before it (tb_sequences_add_part).
 *
 * Each function describes a structure for an archive (base/archive.h), which writes it or reads it
 * by the same steps. Bytes that are read may be hostile: they come from another process. So each
 * index, order and count is checked, and the archive fails (archive.failed) when one is wrong; what
 * comes back whole can be used like what was counted here.
 *
 * trace_pack.c packs finished traces with the first three; speculation_pack.c packs parts with the
 * rest, tb_chosen_lives first. */

#include "sequence.h"
#include "twinbed/base/archive.h"

/* TB_DESCRIPTOR_KINDS items. */
void tb_transfers_describe(struct tb_archive *archive, struct tb_transfer *transfers);
/* TB_DESCRIPTOR_KINDS items. */
void tb_closes_describe(struct tb_archive *archive, uint64_t *closes);
/* Ports ascend. When reading, *ports is the caller's to free whatever comes back. */
void tb_ports_describe(struct tb_archive *archive, struct tb_port_total **ports, size_t *count);

/* Lives of chosen threads: only these travel. A thread's chain stands in one piece, in its order. */
struct chosen_lives {
    uint32_t *places; /* Owned; by life: its packed place, or LIFE_NONE. */
    uint32_t *order;  /* Owned; count items: the chosen lives in their packed order. */
    size_t count;
};

/* Room for all lives of sequences, none chosen. False without memory; then nothing is to be freed. */
TB_MUST_USE bool tb_chosen_lives_start(struct chosen_lives *chosen, const struct sequences *sequences);
void tb_chosen_lives_free(struct chosen_lives *chosen);
/* Chooses the chain that begins at life (LIFE_NONE: nothing), unless it is chosen already. */
void tb_chosen_lives_add_chain(struct chosen_lives *chosen, const struct sequences *sequences, uint32_t life);

/* Who lives, without what was counted: where a count may begin. chosen is NULL when reading, which
 * goes into sequences that were initialised and have no lives. */
void tb_lives_describe(struct tb_archive *archive, struct sequences *sequences, const struct chosen_lives *chosen);

/* A part without windows, which is settled. chosen: lives that were open when it began. All of its
 * own lives are written, and get their places in chosen. It is NULL when reading, which goes into
 * sequences that were initialised for the request and are to be freed whatever comes back. */
void tb_part_describe(struct tb_archive *archive, struct sequences *part, struct chosen_lives *chosen);

#endif
