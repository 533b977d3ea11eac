/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_TEST_PACKET_H
#define TWINBED_SRC_PACKET_TEST_PACKET_H

/* One UDP payload as a test packet of OWAMP in unauthenticated mode (RFC 4656,
 * 4.1.2): sequence number, time of sending, estimate of its error, padding. */

#include <stdbool.h>
#include <stdint.h>

/* False for a payload that cannot be one, or is not kept far enough. True says
 * little of a single packet: about one in four hundred random payloads looks
 * like one. sent is in OWAMP's units, 2^-32 s. */
bool tb_test_packet_parse(const uint8_t *payload, uint32_t kept, uint32_t *sequence, uint64_t *sent);

#endif
