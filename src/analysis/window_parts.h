/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_ANALYSIS_WINDOW_PARTS_H
#define TWINBED_SRC_ANALYSIS_WINDOW_PARTS_H

#include "artifact_parts.h"

/* A sequence of so many calls has a walk in the window. */
bool window_is_reached(const struct tb_window *window, uint64_t calls);
/* The window holds the whole of such a sequence. */
bool window_is_whole(const struct tb_window *window, uint64_t calls);

/* Windows of the sequences of a trace: [sharer * settings + setting], with room
 * for TRACE_SHARERS_MAX * settings; (0, 0) where none is needed. *cut: some
 * window cuts its sequence, so that the trace has a part of its own for it.
 * Returns how many. */
size_t artifact_windows(const struct job *job, size_t artifact, struct tb_window *windows, bool *cut);

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
TB_MUST_USE enum tb_status window_counts_load(const struct job *job, const struct resolved_window *window,
                                              struct sequence_counts **counts, size_t *count, struct tb_error *error);
void window_counts_free(const struct job *job, struct sequence_counts *counts, size_t count);

/* Loads the whole counts of one usable sequence; whole has order_count items. */
TB_MUST_USE enum tb_status sequence_load(const struct job *job, const struct sequence_entry *entry,
                                         struct tb_transitions *whole, struct tb_error *error);

#endif
