/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_SCAP_EVENT_H
#define TWINBED_OS_SCAP_EVENT_H

/* One event of a scap stream, and its parameters. */

#include "scap_blocks.h"
#include "twinbed/base/bytes.h"

struct scap_event {
    uint64_t time;
    int64_t tid;
    const uint8_t *lengths; /* borrowed: one length a parameter */
    const uint8_t *values;  /* borrowed: the parameters' bytes, back to back */
    uint32_t count;         /* of parameters */
    uint32_t flags;
    uint16_t type;
    uint8_t width; /* bytes of one length: 2 or 4 */
    bool swap;
};

enum { SCAP_STATE_ONLY = 1 };

/* The head of an event (time, tid, type, flags) and where its content lies. */
struct scap_event_frame {
    const uint8_t *header;
    size_t room;   /* bytes from header to the end of the block's body */
    size_t length; /* the event's own */
};

/* False when the block is too short for an event. */
bool scap_event_open(const struct scap_block *block, bool swap, struct scap_event *event,
                     struct scap_event_frame *frame);
/* Finds the parameters. False when their lengths do not add up to the event's. */
bool scap_event_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                           struct scap_event *event);

/* A borrowed piece of the stream. */
struct scap_text {
    const uint8_t *data;
    size_t size;
};

/* Parameter number which; size 0 when it is absent. */
struct scap_text scap_parameter(const struct scap_event *event, uint32_t which);
/* An integer parameter of 1, 2, 4 or 8 bytes; false when it is absent or no integer. 4 bytes and fewer are not
 * sign-extended. */
bool scap_parameter_integer(const struct scap_event *event, uint32_t which, uint64_t *value);
bool scap_integer(struct scap_text text, bool swap, uint64_t *value);

/* A process name, arguments and so on that end in NULs: without them. */
struct scap_text scap_text_trim(struct scap_text text);

#endif
