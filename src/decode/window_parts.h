/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_WINDOW_PARTS_H
#define TWINBED_SRC_DECODE_WINDOW_PARTS_H

/* Counts of sequences as chains need them: whole, and inside windows, loaded from parts when they
 * are needed and freed soon, as those of all sequences would not fit in memory. */

#include "artifact_parts.h"
#include "trace_cuts.h"

/* Transition counts of one usable sequence, whole and inside one window. */
struct sequence_counts {
    const struct sequence_entry *entry;
    size_t testbed;
    bool reached;                  /* has a walk in the window */
    struct tb_transitions *whole;  /* owned; one per order */
    struct tb_transitions *inside; /* owned; one per order; order 0 when not reached */
};

/* Loads the counts of every usable sequence of the window's scenario and role,
 * in the order of runs and pairs. Not collective. The caller frees. */
TB_MUST_USE enum tb_status tb_window_counts_load(const struct decoding *decoding, const struct resolved_window *window,
                                                 struct sequence_counts **counts, size_t *count,
                                                 struct tb_error *error);
/* Frees counts that were loaded; NULL is accepted with a count of 0. */
void tb_window_counts_free(const struct decoding *decoding, struct sequence_counts *counts, size_t count);

/* How many different symbols the sequences make, at least 1: what may follow a state, for smoothing. */
TB_MUST_USE enum tb_status tb_window_vocabulary(const struct sequence_counts *counts, size_t count, size_t order_index,
                                                size_t *vocabulary, struct tb_error *error);

/* Loads the part of a usable sequence's trace: what the first pass counted, or what was counted in its cuts.
 * *sequence is borrowed from *trace, which is the caller's to free. */
TB_MUST_USE enum tb_status tb_sequence_open(const struct decoding *decoding, const struct sequence_entry *entry,
                                            struct tb_trace **trace, struct tb_sequence **sequence,
                                            struct tb_error *error);
TB_MUST_USE enum tb_status tb_sequence_open_cuts(const struct decoding *decoding, const struct sequence_entry *entry,
                                                 struct tb_trace **trace, struct tb_sequence **sequence,
                                                 struct tb_error *error);

/* Loads the whole counts of one usable sequence; whole has order_count items. */
TB_MUST_USE enum tb_status tb_sequence_load(const struct decoding *decoding, const struct sequence_entry *entry,
                                            struct tb_transitions *whole, struct tb_error *error);

#endif
