/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters of events of the older styles, and of large ones. */
#include "scap_event.h"

static bool lengths_add_up(const uint8_t *lengths, uint32_t count, unsigned width, bool swap, size_t room)
{
    if (count > room / width)
        return false;
    uint64_t sum = (uint64_t)count * width;
    for (uint32_t i = 0; i < count; i++)
        sum += scap_length_at(lengths, i, width, swap);
    return sum == room;
}

/* Old events do not say how many parameters they have: it is the only number
 * of 16-bit lengths that fills the event. */
static bool derive_count(const uint8_t *lengths, size_t room, bool swap, uint32_t *count)
{
    uint32_t number = 0;
    uint64_t sum = 0;
    while (sum < room) {
        if (room < ((size_t)number + 1) * 2)
            return false;
        sum += 2 + (uint64_t)tb_load_u16(lengths + (size_t)number * 2, swap);
        number++;
    }
    *count = number;
    return sum == room;
}

/* Some writers used the other width than the block's type says; so when lengths of one width do not
 * add up, those of the other may (2 and 4 are 6). */
bool tb_scap_event_find_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                                   struct scap_event *event)
{
    if (!block->meaning->explicit_counts) {
        event->width = 2;
        event->lengths = frame->header + SCAP_SHORT_HEADER;
        if (!derive_count(event->lengths, frame->length - SCAP_SHORT_HEADER, event->swap, &event->count))
            return false;
    } else {
        const unsigned width = block->meaning->large ? 4 : 2;
        const size_t room = frame->length - SCAP_LONG_HEADER;
        event->count = tb_load_u32(frame->header + 22, event->swap);
        event->lengths = frame->header + SCAP_LONG_HEADER;
        event->width = (uint8_t)width;
        if (!lengths_add_up(event->lengths, event->count, width, event->swap, room)) {
            event->width = (uint8_t)(6 - width);
            if (!lengths_add_up(event->lengths, event->count, event->width, event->swap, room))
                return false;
        }
    }
    event->values = event->lengths + (size_t)event->count * event->width;
    return true;
}

struct scap_text tb_scap_text_trim(struct scap_text text)
{
    while (text.size > 0 && text.data[text.size - 1] == '\0')
        text.size--;
    return text;
}
