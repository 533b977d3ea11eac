/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text_event.h"

void tb_text_event_begin(struct text_event *event, uint16_t type, int64_t tid, uint64_t time)
{
    event->event = (struct scap_event){.time = time,
                                       .tid = tid,
                                       .lengths = (const uint8_t *)event->lengths,
                                       .values = event->values,
                                       .type = type,
                                       .width = sizeof event->lengths[0]};
    event->used = 0;
}

void tb_text_event_put(struct text_event *event, const void *value, size_t size)
{
    const size_t room = TEXT_EVENT_VALUES - event->used;
    if (event->event.count >= TEXT_EVENT_PARAMETERS)
        return;
    if (size > room)
        size = room;
    if (size > 0)
        memcpy(event->values + event->used, value, size);
    event->used += size;
    event->lengths[event->event.count++] = (uint16_t)size;
}

void tb_text_event_skip_to(struct text_event *event, uint32_t which)
{
    while (event->event.count < which && event->event.count < TEXT_EVENT_PARAMETERS)
        event->lengths[event->event.count++] = 0;
}
