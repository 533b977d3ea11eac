/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_TLS_H
#define TWINBED_SRC_PACKET_TLS_H

/* Records of TLS in the payload of one segment: from its beginning on, one behind the other as far as they end in it. Of
 * a record that a segment before began nothing is known, nor of those behind it. The heads are in clear (RFC 5246, 6.2.1);
 * TLS 1.3 hides what is no application data among it (RFC 8446, 5.2): alerts, which nothing else is as short as, the end of
 * the handshake, and tickets. */

#include <stdbool.h>
#include <stdint.h>

enum {
    TB_TLS_HEAD = 5,
    TB_TLS_CIPHER_CHANGE = 20,
    TB_TLS_ALERT = 21,
    TB_TLS_HANDSHAKE = 22,
    TB_TLS_DATA = 23,
    TB_TLS_HIDDEN_ALERT = 19 /* length: 2 bytes, their type, and 16 of the tag */
};

/* False for the first byte of a payload in which no record begins. */
static inline bool tb_tls_may_begin(uint8_t first)
{
    return first >= TB_TLS_CIPHER_CHANGE && first <= TB_TLS_DATA;
}

/* The last words: an alert record that is all of a segment's payload. data: the payload as far as it was kept. */
static inline bool tb_tls_closes(const uint8_t *data, uint32_t kept, uint32_t payload)
{
    return kept >= TB_TLS_HEAD &&
           (data[0] == TB_TLS_ALERT ||
            (data[0] == TB_TLS_DATA && payload == TB_TLS_HEAD + (uint32_t)TB_TLS_HIDDEN_ALERT)) &&
           data[1] == 3 && payload == TB_TLS_HEAD + ((uint32_t)data[3] << 8) + data[4];
}

/* Bits of enum tb_message (packet.h). */
unsigned tb_tls_messages(const uint8_t *data, uint32_t size);

#endif
