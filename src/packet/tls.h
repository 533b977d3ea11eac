/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_TLS_H
#define TWINBED_SRC_PACKET_TLS_H

/* The last words of TLS: an alert record that is all of a segment's payload. Its type (21) stands in the head (RFC 5246,
 * 6.2.1); TLS 1.3 hides it among application data (23), where nothing else is as short: 2 bytes, their type, and the 16
 * of the tag (RFC 8446, 5.2). */

#include <stdbool.h>
#include <stdint.h>

enum { TB_TLS_HEAD = 5, TB_TLS_ALERT = 21, TB_TLS_DATA = 23, TB_TLS_HIDDEN_ALERT = TB_TLS_HEAD + 19 };

/* False for a payload that tb_tls_closes would be false for, by what costs nothing to look at. */
static inline bool tb_tls_may_close(uint8_t first, uint32_t payload)
{
    return first == TB_TLS_ALERT || (first == TB_TLS_DATA && payload == TB_TLS_HIDDEN_ALERT);
}

/* data: the payload as far as it was kept. */
static inline bool tb_tls_closes(const uint8_t *data, uint32_t kept, uint32_t payload)
{
    return kept >= TB_TLS_HEAD && tb_tls_may_close(data[0], payload) && data[1] == 3 &&
           payload == TB_TLS_HEAD + ((uint32_t)data[3] << 8) + data[4];
}

#endif
