/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_TRACE_CUTS_H
#define TWINBED_SRC_DECODE_TRACE_CUTS_H

/* Where the windows and intervals of a campaign cut the sequences of a trace. */

#include "trace_aliases.h"

/* What of a trace can be counted only once the lengths of sequences are known. Zeroed it is no cut. */
struct trace_cuts {
    struct tb_window *windows;            /* owned; [alias * settings + setting]; (0, 0) where none is needed */
    size_t window_count;                  /* of all aliases; 0 when none cuts its sequence */
    uint64_t interval[TRACE_ALIASES_MAX]; /* calls of an interval of each alias's sequence; 0: none */
    bool has_intervals;                   /* some alias's sequence has intervals */
};

/* A sequence of so many calls has a walk in the window. */
bool tb_window_is_reached(const struct tb_window *window, uint64_t calls);
/* The window holds the whole of such a sequence. */
bool tb_window_is_whole(const struct tb_window *window, uint64_t calls);

/* The cuts of a trace; free with tb_trace_cuts_free. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_trace_cuts_make(const struct decoding *decoding, size_t artifact, struct trace_cuts *cuts,
                                              struct tb_error *error);
/* Frees the windows; zeroed ones may be freed. */
void tb_trace_cuts_free(struct trace_cuts *cuts);
/* Whether the trace has a part of its own for them. */
bool tb_trace_is_cut(const struct trace_cuts *cuts);

/* What decides the counts inside cuts, as a part of a key. */
void tb_key_add_cuts(const struct trace_cuts *cuts, size_t aliases, struct tb_buffer *key);

#endif
