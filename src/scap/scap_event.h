/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SCAP_SCAP_EVENT_H
#define TWINBED_SCAP_SCAP_EVENT_H

/* One event of a scap stream, and its parameters.
 *
 * The body of an event block, all numbers in the byte order of the section:
 *
 *       number of the processor  16 bits
 *       flags                    32 bits, in flagged blocks only
 *       time                     64 bits, nanoseconds since the epoch     <- scap_event_frame.header
 *       thread id                64 bits
 *       length                   32 bits, of the event from its time on
 *       number                   16 bits: what happened (call/call_table.h)
 *       count of parameters      32 bits, in files of minor version 2
 *       length of each           16 bits, or 32 in large blocks
 *       bytes of each, back to back
 *
 * Order: scap_event_open reads the head, scap_event_parameters finds the parameters and checks that
 * their lengths add up; only then may parameters be asked for. Nothing is copied: pointers are into
 * the block, and good until it is passed. All functions are pure. */

#include "scap_blocks.h"
#include "twinbed/base/bytes.h"

/* An event whose head, and then whose parameters, were read. */
struct scap_event {
    uint64_t time; /* Nanoseconds since the epoch. */
    int64_t tid;
    const uint8_t *lengths; /* Borrowed: count lengths of width bytes each, not aligned. */
    const uint8_t *values;  /* Borrowed: the parameters' bytes, back to back. */
    uint32_t count;         /* of parameters */
    uint32_t flags;         /* 0 in blocks without. */
    uint16_t type;          /* The event's number; even for what begins, odd for what ends. */
    uint8_t width;          /* Bytes of one length: 2 or 4. */
    bool swap;              /* Of the section: numbers are in the other byte order. */
};

/* Bit 0 of the flags: the event was filtered out, and kept only because later ones need what it
 * says. */
enum { SCAP_STATE_ONLY = 1 };

/* The two kinds of block in which sysdig from version 0.23 on writes nearly all events: without and
 * with flags. */
enum { SCAP_PLAIN_EVENT_BLOCK = 0x216, SCAP_FLAGGED_EVENT_BLOCK = 0x217 };

/* Bytes of an event's head without and with a count of parameters; bytes of the block before its
 * body and behind it. */
enum { SCAP_SHORT_HEADER = 22, SCAP_LONG_HEADER = 26, SCAP_FRAME_BEFORE = 8, SCAP_FRAME_AFTER = 4 };

/* Where the head of an event lies, and its content. */
struct scap_event_frame {
    const uint8_t *header; /* Borrowed; at the event's time. */
    size_t room;           /* Bytes from header to the end of the block's body, padding included. */
    size_t length;         /* The event's own, as it says; at most room. */
};

/* A borrowed piece of the stream. It may hold any bytes, and need not end in a NUL. */
struct scap_text {
    const uint8_t *data;
    size_t size;
};

/* Reads the head of an event block that is held (data is not NULL). False when the block is too
 * short, or the event says that it is longer than its block; event and frame may have been set
 * then. */
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

/* Length number which, of width bytes. */
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

/* The sum of four numbers of 16 bits that stand in one of 64. */
static inline size_t scap_sum_of_four(uint64_t four)
{
    const uint64_t lanes = 0x0000ffff0000ffff, two = (four & lanes) + ((four >> 16) & lanes);
    return (size_t)((two + (two >> 32)) & UINT32_MAX);
}

/* The sum of count lengths of 16 bits in the machine's order, of which there are so many readable
 * bytes; 2 * count at least. */
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

/* As scap_event_parameters, for events of every style: without a count, or with lengths of 32 bits. */
bool tb_scap_event_find_parameters(const struct scap_block *block, const struct scap_event_frame *frame,
                                   struct scap_event *event);

/* Finds the parameters of an event that was opened. False when their lengths do not add up to the
 * event's: then none may be asked for. */
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

/* Parameter number which, from 0; size 0 when it is absent, as in events of older tracers. */
static inline struct scap_text scap_parameter(const struct scap_event *event, uint32_t which)
{
    if (which >= event->count)
        return (struct scap_text){.data = event->values, .size = 0};
    const uint8_t *value = event->values;
    for (uint32_t i = 0; i < which; i++)
        value += scap_length_at(event->lengths, i, event->width, event->swap);
    return (struct scap_text){.data = value, .size = scap_length_at(event->lengths, which, event->width, event->swap)};
}

/* An integer of 1, 2, 4 or 8 bytes, not sign-extended; false for any other size, and *value as it
 * was. */
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

/* An integer parameter; false when it is absent or no integer, and *value as it was. */
static inline bool scap_parameter_integer(const struct scap_event *event, uint32_t which, uint64_t *value)
{
    return scap_integer(scap_parameter(event, which), event->swap, value);
}

/* A process name, arguments and so on that end in NULs: without them. */
struct scap_text tb_scap_text_trim(struct scap_text text);

#endif
