/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_FAST_PATH_H
#define TWINBED_TRACE_FAST_PATH_H

/* The fast path: what nearly all events take. The other is the general one (decoder_events.c).
 *
 * An event may take it when its meaning says so (fast_event.way), it is a plain block in the
 * machine's byte order, and its thread is known and does what is usual. Both ways come to the same;
 * tests/trace/test_fast_path.c holds one against the other. fast_path.c tells how. */

#include "call/call_table.h"
#include "twinbed/base/status.h"

struct decoder;

/* What may take it: the ways of fast_event, any of which may be closed for a trace. */
enum { FAST_ENTER = 1, FAST_EXIT = 2, FAST_SWITCH = 4 };

/* One event number, as the fast path looks at it: masks and numbers instead of questions. */
struct fast_event {
    uint64_t exit;   /* All bits for exits, none for enters. */
    uint16_t before; /* The enter without exit that a thread must have before such an event, or PENDING_NONE. */
    uint16_t after;  /* And what it has after it. */
    uint8_t way;     /* FAST_ENTER, FAST_EXIT or FAST_SWITCH; 0 when it must go the general way. */
    /* It says or does more than that a call begins or ends: a second parameter, or a change of
     * descriptors. */
    bool more;
};

/* Fills usual, one item for each event number (EVENT_NUMBERS of them), from the meanings of the
 * same numbers. */
void tb_fast_path_set(struct fast_event *usual, const struct tb_event_meaning *meanings);

/* Takes the events at data, a block's beginning in the reader's window, that are usual: those that
 * begin before stop and are whole before window_end. Returns where it stopped, which is the
 * beginning of a block that was not taken, or window_end. *status stays as it is without an error;
 * with one, the event at the place that is returned has failed. The reader does not move, and the
 * account and the times of the trace are the caller's affair; its counts of events are not. */
const uint8_t *tb_decoder_take_fast_path(struct decoder *decoder, const uint8_t *data, const uint8_t *stop,
                                         const uint8_t *window_end, enum tb_status *status, struct tb_error *error);

#endif
