/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scap_event.h"

enum { SHORT_HEADER = 22, LONG_HEADER = 26, FRAME_BEFORE = 8, FRAME_AFTER = 4 };

bool scap_event_open(const struct scap_block *block, bool swap, struct scap_event *event,
                     struct scap_event_frame *frame)
{
    const size_t before = FRAME_BEFORE + (block->meaning.flags ? 6 : 2);
    const size_t header = block->meaning.explicit_counts ? LONG_HEADER : SHORT_HEADER;
    if (block->length < before + header + FRAME_AFTER)
        return false;
    const uint8_t *const data = block->data + before;
    frame->header = data;
    frame->room = block->length - before - FRAME_AFTER;
    frame->length = tb_load_u32(data + 16, swap);
    event->time = tb_load_u64(data, swap);
    event->tid = (int64_t)tb_load_u64(data + 8, swap);
    event->type = tb_load_u16(data + 20, swap);
    event->flags = block->meaning.flags ? tb_load_u32(block->data + FRAME_BEFORE + 2, swap) : 0;
    event->swap = swap;
    return frame->length >= header && frame->length <= frame->room;
}

static uint32_t length_at(const uint8_t *lengths, uint32_t which, unsigned width, bool swap)
{
    return width == 2 ? tb_load_u16(lengths + (size_t)which * 2, swap) : tb_load_u32(lengths + (size_t)which * 4, swap);
}

static bool lengths_add_up(const uint8_t *lengths, uint32_t count, unsigned width, bool swap, size_t room)
{
    if (count > room / width)
        return false;
    uint64_t sum = (uint64_t)count * width;
    for (uint32_t i = 0; i < count; i++)
        sum += length_at(lengths, i, width, swap);
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

bool scap_event_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                           struct scap_event *event)
{
    if (!block->meaning.explicit_counts) {
        event->width = 2;
        event->lengths = frame->header + SHORT_HEADER;
        if (!derive_count(event->lengths, frame->length - SHORT_HEADER, event->swap, &event->count))
            return false;
    } else {
        const unsigned width = block->meaning.large ? 4 : 2;
        const size_t room = frame->length - LONG_HEADER;
        event->count = tb_load_u32(frame->header + 22, event->swap);
        event->lengths = frame->header + LONG_HEADER;
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

struct scap_text scap_parameter(const struct scap_event *event, uint32_t which)
{
    if (which >= event->count)
        return (struct scap_text){.data = event->values, .size = 0};
    const uint8_t *value = event->values;
    for (uint32_t i = 0; i < which; i++)
        value += length_at(event->lengths, i, event->width, event->swap);
    return (struct scap_text){.data = value, .size = length_at(event->lengths, which, event->width, event->swap)};
}

bool scap_integer(struct scap_text text, bool swap, uint64_t *value)
{
    switch (text.size) {
    case 8:
        *value = tb_load_u64(text.data, swap);
        return true;
    case 4:
        *value = tb_load_u32(text.data, swap);
        return true;
    case 2:
        *value = tb_load_u16(text.data, swap);
        return true;
    case 1:
        *value = text.data[0];
        return true;
    default:
        return false;
    }
}

bool scap_parameter_integer(const struct scap_event *event, uint32_t which, uint64_t *value)
{
    return scap_integer(scap_parameter(event, which), event->swap, value);
}

struct scap_text scap_text_trim(struct scap_text text)
{
    while (text.size > 0 && text.data[text.size - 1] == '\0')
        text.size--;
    return text;
}
