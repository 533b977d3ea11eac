/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SCAP_SCAP_EVENT_H
#define TWINBED_SCAP_SCAP_EVENT_H

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

/* The two kinds of block in which sysdig writes nearly all events. */
enum { SCAP_PLAIN_EVENT_BLOCK = 0x216, SCAP_FLAGGED_EVENT_BLOCK = 0x217 };

enum { SCAP_SHORT_HEADER = 22, SCAP_LONG_HEADER = 26, SCAP_FRAME_BEFORE = 8, SCAP_FRAME_AFTER = 4 };

/* The head of an event (time, tid, type, flags) and where its content lies. */
struct scap_event_frame {
    const uint8_t *header;
    size_t room;   /* bytes from header to the end of the block's body */
    size_t length; /* the event's own */
};

/* A borrowed piece of the stream. */
struct scap_text {
    const uint8_t *data;
    size_t size;
};

/* False when the block is too short for an event. */
static inline bool scap_event_open(const struct scap_block *block, bool swap, struct scap_event *event,
                                   struct scap_event_frame *frame)
{
    const size_t before = SCAP_FRAME_BEFORE + (block->meaning->flags ? 6 : 2);
    const size_t header = block->meaning->explicit_counts ? SCAP_LONG_HEADER : SCAP_SHORT_HEADER;
    if (block->length < before + header + SCAP_FRAME_AFTER)
        return false;
    const uint8_t *const data = block->data + before;
    frame->header = data;
    frame->room = block->length - before - SCAP_FRAME_AFTER;
    frame->length = tb_load_u32(data + 16, swap);
    event->time = tb_load_u64(data, swap);
    event->tid = (int64_t)tb_load_u64(data + 8, swap);
    event->type = tb_load_u16(data + 20, swap);
    event->flags = block->meaning->flags ? tb_load_u32(block->data + SCAP_FRAME_BEFORE + 2, swap) : 0;
    event->swap = swap;
    return frame->length >= header && frame->length <= frame->room;
}

static inline uint32_t scap_length_at(const uint8_t *lengths, uint32_t which, unsigned width, bool swap)
{
    return width == 2 ? tb_load_u16(lengths + (size_t)which * 2, swap) : tb_load_u32(lengths + (size_t)which * 4, swap);
}

/* The first count lengths of 16 bits in the machine's order, four at the most, in one number, the first lowest; count <=
 * 8. 8 bytes may be read. Most events have so few, for which a loop costs more than a sum of all four. */
static inline uint64_t scap_first_lengths(const uint8_t *lengths, uint32_t count)
{
    static const uint64_t all = UINT64_MAX, firsts[] = {0, all >> 48, all >> 32, all >> 16, all, all, all, all, all};
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        return tb_load_u64(lengths, false) & firsts[count];
    uint64_t four = 0;
    for (uint32_t i = 0; i < count && i < 4; i++)
        four |= (uint64_t)tb_load_u16(lengths + (size_t)i * 2, false) << (16 * i);
    return four;
}

static inline size_t scap_sum_of_four(uint64_t four)
{
    const uint64_t lanes = 0x0000ffff0000ffff, two = (four & lanes) + ((four >> 16) & lanes);
    return (size_t)((two + (two >> 32)) & UINT32_MAX);
}

/* The sum of count lengths of 16 bits in the machine's order, of which there are so many readable bytes. */
static inline size_t scap_sum_of_lengths(const uint8_t *lengths, uint32_t count, size_t readable)
{
    size_t sum = 0;
    if (count <= 4 && readable >= 8)
        return scap_sum_of_four(scap_first_lengths(lengths, count));
    if (count <= 8 && readable >= 16)
        return scap_sum_of_four(scap_first_lengths(lengths, 4)) +
               scap_sum_of_four(scap_first_lengths(lengths + 8, count - 4));
    for (uint32_t i = 0; i < count; i++)
        sum += tb_load_u16(lengths + (size_t)i * 2, false);
    return sum;
}

/* As below, for events of every style. */
bool tb_scap_event_find_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                                   struct scap_event *event);

/* Finds the parameters. False when their lengths do not add up to the event's. */
static inline bool scap_event_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                                         struct scap_event *event)
{
    if (!block->meaning->explicit_counts || block->meaning->large)
        return tb_scap_event_find_parameters(block, frame, event);
    const size_t room = frame->length - SCAP_LONG_HEADER;
    const uint32_t count = tb_load_u32(frame->header + 22, event->swap);
    event->count = count;
    event->lengths = frame->header + SCAP_LONG_HEADER;
    event->width = 2;
    if (count > room / 2)
        return false;
    size_t sum = (size_t)count * 2;
    event->values = event->lengths + sum;
    if (!event->swap)
        sum += scap_sum_of_lengths(event->lengths, count, room);
    else
        for (uint32_t i = 0; i < count; i++)
            sum += tb_load_u16(event->lengths + (size_t)i * 2, true);
    return sum == room || tb_scap_event_find_parameters(block, frame, event);
}

/* Parameter number which; size 0 when it is absent. */
static inline struct scap_text scap_parameter(const struct scap_event *event, uint32_t which)
{
    if (which >= event->count)
        return (struct scap_text){.data = event->values, .size = 0};
    const uint8_t *value = event->values;
    for (uint32_t i = 0; i < which; i++)
        value += scap_length_at(event->lengths, i, event->width, event->swap);
    return (struct scap_text){.data = value, .size = scap_length_at(event->lengths, which, event->width, event->swap)};
}

/* An integer of 1, 2, 4 or 8 bytes, not sign-extended; false for any other size. */
static inline bool scap_integer(struct scap_text text, bool swap, uint64_t *value)
{
    if (text.size == 8) { /* nearly all */
        *value = tb_load_u64(text.data, swap);
        return true;
    }
    switch (text.size) {
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

/* An integer parameter; false when it is absent or no integer. */
static inline bool scap_parameter_integer(const struct scap_event *event, uint32_t which, uint64_t *value)
{
    return scap_integer(scap_parameter(event, which), event->swap, value);
}

/* A process name, arguments and so on that end in NULs: without them. */
struct scap_text tb_scap_text_trim(struct scap_text text);

#endif
