/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TEXT_EVENT_H
#define TWINBED_TRACER_TEXT_EVENT_H

/* An event that a text tells of, put together as it would stand in a scap file. */

#include <string.h>

#include "scap/scap_event.h"

enum { TEXT_EVENT_PARAMETERS = 16, TEXT_EVENT_VALUES = 8 << 10 };

/* Places of parameters in the exits of execve and clone, flags of clone, the command of fcntl that duplicates, and numbers
 * of events, as the scap format has them. */
enum {
    TEXT_EXECUTABLE = 1,
    TEXT_PID = 4,
    TEXT_PARENT = 5,
    TEXT_NAME = 13,
    TEXT_FLAGS = 15,
    TEXT_FLAG_THREAD = 1 << 13,
    TEXT_FLAG_IN_NAMESPACE = 1 << 29, /* the child tells itself who it is */
    TEXT_DUPLICATE = 1,
    TEXT_SWITCH_EVENT = 152,
    TEXT_LEAVE_EVENT = 186,
    TEXT_CLOSE_RANGE_EVENT = 451
};

/* Texts tell the results of generic calls, which scap files do not: behind the two numbers of such an exit. */
enum { TEXT_GENERIC_RESULT = 2 };

struct text_event {
    struct scap_event event;
    uint16_t lengths[TEXT_EVENT_PARAMETERS];
    uint8_t values[TEXT_EVENT_VALUES];
    size_t used; /* of values */
};

/* Begins an event without parameters. What is put is the next one. */
void tb_text_event_begin(struct text_event *event, uint16_t type, int64_t tid, uint64_t time);

/* Bytes; those that have no room are left out. */
void tb_text_event_put(struct text_event *event, const void *value, size_t size);

static inline void text_event_put_number(struct text_event *event, int64_t value)
{
    tb_text_event_put(event, &value, sizeof value);
}

/* Parameters of which nothing is known, up to number which. */
void tb_text_event_skip_to(struct text_event *event, uint32_t which);

#endif
