/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PACKET_TEST_PACKETS_H
#define TWINBED_PACKET_TEST_PACKETS_H

/* The test packets of OWAMP (RFC 4656, unauthenticated mode) that a capture
 * holds: each carries a sequence number and the time at which it was sent, so
 * that its delay from the sender to the point of capture is known up to a
 * constant, without the buckets of owping's report. */

#include "twinbed/base/archive.h"
#include "twinbed/packet/address.h"

struct tb_test_packet {
    uint32_t sequence;
    uint64_t time; /* ns since the epoch, of the capture */
    int64_t delay; /* ns, less that of the session's first packet in the file */
};

/* The packets of one sender to one receiver, by sequence number; of several
 * copies the one captured first. */
struct tb_test_session {
    struct tb_address from;
    struct tb_address to;
    struct tb_test_packet *packets; /* owned */
    size_t packet_count;
};

/* 24 bytes a packet while decoding and afterwards, at most 2^20 packets a capture. */
enum { TB_TEST_PACKETS_MAX = 1 << 20, TB_TEST_SESSIONS_MAX = 1 << 16, TB_TEST_SESSION_PACKETS_MIN = 10 };

struct tb_test_sessions {
    struct tb_test_session *items; /* owned; in order of their first packets in the file */
    size_t count;
    uint64_t left_out; /* packets that look like those of a test but did not fit the limits */
};

void tb_test_sessions_free(struct tb_test_sessions *sessions);
/* As part of what is described. */
void tb_test_sessions_describe(struct tb_archive *archive, struct tb_test_sessions *sessions);

#endif
