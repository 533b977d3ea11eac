/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_HTTP_H
#define TWINBED_SRC_NET_HTTP_H

/* HTTP/1 in the payload of one segment. A message is counted where its first
 * line begins: at the beginning of a segment, and for requests also behind the
 * end of another request's head in the same segment (pipelining). */

#include <stdbool.h>
#include <stdint.h>

bool tb_http_is_reply(const uint8_t *data, uint32_t size);

/* At most 255. */
unsigned tb_http_requests(const uint8_t *data, uint32_t size);

#endif
