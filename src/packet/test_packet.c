/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_packet.h"

#include "twinbed/base/bytes.h"

/* A session of 2^24 packets at 10 a second takes 19 days; an error of 2^40 units is 256 s. */
enum { SIZE = 14, SEQUENCE_END = 1 << 24, SCALE_BITS = 0x3f, SCALE_MAX = 40 };

bool tb_test_packet_parse(const uint8_t *payload, uint32_t kept, uint32_t *sequence, uint64_t *sent)
{
    if (kept < SIZE || payload[0] != 0)
        return false;
    *sequence = tb_load_be32(payload);
    *sent = tb_load_be64(payload + 4);
    /* "multiplier MUST NOT be set to zero". */
    return *sequence < SEQUENCE_END && (payload[12] & SCALE_BITS) <= SCALE_MAX && payload[13] != 0;
}
