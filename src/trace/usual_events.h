/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_USUAL_EVENTS_H
#define TWINBED_TRACE_USUAL_EVENTS_H

/* The short way for nearly all events. */

#include "call/call_table.h"
#include "twinbed/base/status.h"

struct decoder;

/* Events that may go the short way. */
enum { USUAL_ENTER = 1, USUAL_EXIT = 2, USUAL_SWITCH = 4 };

/* One event number, as the short way looks at it. */
struct usual_meaning {
    uint64_t exit;   /* all bits for exits, none for enters */
    uint16_t before; /* the enter without exit that a thread has before such an event, or PENDING_NONE */
    uint16_t after;  /* and after it */
    uint8_t way;     /* USUAL_..., or 0 */
    bool more;       /* it says or does more than that a call begins or ends */
};

/* Of every event number. */
void tb_usual_events_set(struct usual_meaning *usual, const struct tb_event_meaning *meanings);

/* Takes the events at data that are usual, those that begin before stop and are whole before window_end. Returns where it
 * stopped; *status stays as it is without an error. The reader does not move. */
const uint8_t *tb_decoder_take_usual_events(struct decoder *decoder, const uint8_t *data, const uint8_t *stop,
                                            const uint8_t *window_end, enum tb_status *status, struct tb_error *error);

#endif
