/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_HTTP_H
#define TWINBED_SRC_PACKET_HTTP_H

/* HTTP/1 in the payload of one segment. A message is counted where its first
 * line begins: at the beginning of a segment, and for requests also behind the
 * end of another request's head in the same segment (pipelining). */

#include <stdbool.h>
#include <stdint.h>

/* Of a payload that is longer, so many bytes tell whether a message begins there. */
enum { TB_HTTP_BEGINNING = 8 };

/* False for the first byte of a payload that neither of the two below would find anything in. */
static inline bool tb_http_may_begin(uint8_t first)
{
    return first >= 'C' && first <= 'T';
}

bool tb_http_is_reply(const uint8_t *data, uint32_t size);

/* At most 255. */
unsigned tb_http_requests(const uint8_t *data, uint32_t size);

#endif
