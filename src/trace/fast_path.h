/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_FAST_PATH_H
#define TWINBED_TRACE_FAST_PATH_H

/* The fast path: what nearly all events take. The other is the general one (decoder_events.h). */

#include "call/call_table.h"
#include "twinbed/base/status.h"

struct decoder;

/* Events that may take it. */
enum { FAST_ENTER = 1, FAST_EXIT = 2, FAST_SWITCH = 4 };

/* One event number, as the fast path looks at it. */
struct fast_event {
    uint64_t exit;   /* all bits for exits, none for enters */
    uint16_t before; /* the enter without exit that a thread has before such an event, or PENDING_NONE */
    uint16_t after;  /* and after it */
    uint8_t way;     /* FAST_..., or 0 */
    bool more;       /* it says or does more than that a call begins or ends */
};

/* Of every event number. */
void tb_fast_path_set(struct fast_event *usual, const struct tb_event_meaning *meanings);

/* Takes the events at data that are usual, those that begin before stop and are whole before window_end. Returns where it
 * stopped; *status stays as it is without an error. The reader does not move. */
const uint8_t *tb_decoder_take_fast_path(struct decoder *decoder, const uint8_t *data, const uint8_t *stop,
                                         const uint8_t *window_end, enum tb_status *status, struct tb_error *error);

#endif
