/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IEEE 802.11 data frames. Addresses and numbers are of the station, so they tell the point where a
 * frame was recorded; times and retries do not. */
#include "wlan.h"

#include <xxhash.h>

/* Of the first byte of frame control: bits of the type and of the subtype of data frames. */
enum { VERSION = 0x03, TYPE = 0x0c, DATA = 0x08, WITHOUT_DATA = 0x40, QUALITY = 0x80 };
/* Of the second. */
enum { TO_SYSTEM = 0x01, FROM_SYSTEM = 0x02, ENCRYPTED = 0x40, ORDER = 0x80 };
/* Of the first byte of QoS control: several packets, each with a header of its own. */
enum { AGGREGATE = 0x80 };
/* Radiotap's flags. */
enum { PADDED = 0x20, CHECK_FAILED = 0x40 };

enum { FRAME_HEADER = 24, ADDRESSES_AT = 4, ADDRESSES = 18, FRAGMENT_AT = 22, FRAGMENT = 0x0f };

static uint32_t quality_at(const uint8_t *frame)
{
    return (frame[1] & (TO_SYSTEM | FROM_SYSTEM)) == (TO_SYSTEM | FROM_SYSTEM) ? FRAME_HEADER + 6 : FRAME_HEADER;
}

/* Of a data frame. */
static uint32_t header_size(const uint8_t *frame, bool padded)
{
    const bool quality = (frame[0] & QUALITY) != 0;
    const uint32_t size = quality_at(frame) + (quality ? 2 : 0) + (quality && (frame[1] & ORDER) != 0 ? 4 : 0);
    return padded ? (size + 3) & ~UINT32_C(3) : size;
}

/* Which stations it goes between is the same for all that passes there; its times and numbers are not. */
static void note_place(struct tb_headers *headers)
{
    headers->place = XXH3_64bits_withSeed(headers->data + ADDRESSES_AT, ADDRESSES, headers->place);
}

static enum tb_packet_kind read_frame(struct tb_headers *headers, bool padded)
{
    const uint8_t *const frame = headers->data;
    if (headers->kept < 2)
        return tb_headers_too_short(headers);
    if ((frame[0] & VERSION) != 0)
        return TB_PACKET_UNPARSED;
    if ((frame[0] & TYPE) != DATA || (frame[0] & WITHOUT_DATA) != 0)
        return TB_PACKET_OTHER_FRAME;
    if ((frame[1] & ENCRYPTED) != 0)
        return TB_PACKET_ENCRYPTED;
    const uint32_t size = header_size(frame, padded);
    if (headers->kept < size)
        return tb_headers_too_short(headers);
    if ((frame[FRAGMENT_AT] & FRAGMENT) != 0 ||
        ((frame[0] & QUALITY) != 0 && (frame[quality_at(frame)] & AGGREGATE) != 0))
        return TB_PACKET_OTHER_FRAME;
    note_place(headers);
    return tb_headers_pass(headers, size, TB_HEADER_LLC);
}

enum tb_packet_kind tb_read_wlan(struct tb_headers *headers)
{
    return read_frame(headers, false);
}

/* Further words say what else is there; behind all of them stand a time, aligned, and the flags, where the first word
 * says so. */
static uint8_t radiotap_flags(const uint8_t *data, uint32_t size)
{
    enum { FIRST_WORD = 4, TIME = 1, FLAGS = 2 };
    const uint32_t present = tb_load_u32(data + FIRST_WORD, false);
    uint32_t at = FIRST_WORD + 4;
    for (uint32_t word = present; (word & UINT32_C(0x80000000)) != 0; at += 4) {
        if (at + 4 > size)
            return 0;
        word = tb_load_u32(data + at, false);
    }
    if ((present & TIME) != 0)
        at = ((at + 7) & ~UINT32_C(7)) + 8;
    return (present & FLAGS) != 0 && at < size ? data[at] : 0;
}

enum tb_packet_kind tb_read_radiotap(struct tb_headers *headers)
{
    enum { LEAST = 8 };
    if (headers->kept < LEAST)
        return tb_headers_too_short(headers);
    const uint8_t *const data = headers->data;
    const uint32_t size = tb_load_u16(data + 2, false);
    if (data[0] != 0 || size < LEAST)
        return TB_PACKET_UNPARSED;
    if (!tb_headers_step(headers, size))
        return tb_headers_too_short(headers);
    const uint8_t flags = radiotap_flags(data, size);
    return (flags & CHECK_FAILED) != 0 ? TB_PACKET_UNPARSED : read_frame(headers, (flags & PADDED) != 0);
}
