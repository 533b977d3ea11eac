/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http2.h"

#include <string.h>

#include "twinbed/base/bytes.h"

enum { FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_SETTINGS = 4, FRAME_PING = 6, FRAME_GOAWAY = 7, FRAME_WINDOW = 8 };

/* By type: the flags that are defined (RFC 9113, 6). */
static const uint8_t known_flags[TB_HTTP2_TYPES] = {0x09, 0x2d, 0, 0, 0x01, 0x0c, 0x01, 0, 0, 0x04};

uint32_t tb_http2_preface(const uint8_t *data, uint32_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    enum { LENGTH = sizeof preface - 1 };
    return size >= LENGTH && memcmp(data, preface, LENGTH) == 0 ? LENGTH : 0;
}

/* Frames of a connection have the stream number 0, those of a stream another. */
static bool is_frame(const uint8_t *data, uint32_t size)
{
    if (!tb_http2_may_begin(data, size) || (data[4] & ~known_flags[data[3]]) != 0)
        return false;
    const uint32_t type = data[3], stream = tb_load_be32(data + 5);
    const bool of_connection = type == FRAME_SETTINGS || type == FRAME_PING || type == FRAME_GOAWAY;
    return stream >> 31 == 0 && (type == FRAME_WINDOW || of_connection == (stream == 0));
}

static void note_stream(uint32_t stream, struct tb_http2_streams *streams)
{
    if (stream % 2 == 0)
        return;
    streams->first = streams->first == 0 ? stream : streams->first;
    streams->last = stream > streams->last ? stream : streams->last;
}

bool tb_http2_find_streams(const uint8_t *data, uint32_t size, struct tb_http2_streams *streams)
{
    *streams = (struct tb_http2_streams){0};
    while (is_frame(data, size)) {
        const uint32_t length = TB_HTTP2_HEAD + tb_load_be16(data + 1);
        if (data[3] == FRAME_HEADERS)
            note_stream(tb_load_be32(data + 5), streams);
        streams->cut = length > size;
        if (streams->cut)
            break;
        data += length;
        size -= length;
    }
    return streams->first != 0 || streams->cut;
}
