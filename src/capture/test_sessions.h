/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_TEST_SESSIONS_H
#define TWINBED_SRC_CAPTURE_TEST_SESSIONS_H

/* From packets that look like test packets to sessions that are some.
 *
 * Every pair of a sender and a receiver is a candidate. A packet fits when its
 * time of sending is as far from the session's first as its capture is, up to a
 * minute, and when higher numbers were sent later. A candidate with enough
 * packets that fit, and few that do not, is a session. Numbers that begin again
 * with later times begin another session. */

#include "flow/flow_batch.h"
#include "twinbed/base/containers.h"
#include "twinbed/packet/test_packets.h"

/* One packet that fits. */
struct tb_test_record {
    uint32_t session; /* Place of its candidate. */
    uint32_t sequence;
    uint64_t time;
    int64_t delay; /* How much longer it took than the candidate's first packet, in nanoseconds. */
};

/* Packets from one endpoint to another that may be a session. */
struct tb_test_candidate {
    struct tb_address from;
    struct tb_address to;
    uint64_t first_time; /* When the first was captured, in nanoseconds since the epoch. */
    uint64_t first_sent; /* When it says it was sent, in 2^-32 s. */
    uint64_t highest_sent;
    uint32_t highest;      /* The highest number so far; highest_sent is when that was sent. */
    uint32_t first_record; /* Place of its first packet in records. */
    uint32_t numbers;      /* packets with a number above all before */
    uint32_t odd;          /* packets that do not fit */
    uint32_t packets;      /* Packets that fit. */
};

/* Zero it to start. Packets come in the order of the file. Candidates and records are bounded; what
 * comes beyond is counted as left out. */
struct tb_test_tracker {
    struct tb_index endpoints; /* From a hash of both endpoints to the place in latest. */
    uint64_t seed;             /* of their hash; 0: none yet */
    uint32_t *latest;          /* owned; the endpoints' latest candidate */
    size_t latest_capacity;
    struct tb_test_candidate *candidates; /* owned */
    size_t candidate_count, candidate_capacity;
    struct tb_test_record *records; /* owned */
    size_t record_count, record_capacity;
    uint64_t left_out; /* Packets for which there was no room. */
};

/* A packet for which test_packet is set, with the key of its endpoints. False when memory is short. */
TB_MUST_USE bool tb_test_tracker_add(struct tb_test_tracker *tracker, const struct tb_flow_packet *queued,
                                     const struct tb_flow_key *key);

/* Fills zeroed sessions, the caller's to free, sorted as candidates came. False when memory is
 * short. The tracker is only to be freed. */
TB_MUST_USE bool tb_test_tracker_finish(struct tb_test_tracker *tracker, struct tb_test_sessions *sessions);

/* Bytes at most that a tracker and its sessions take. */
uint64_t tb_test_tracker_most(void);

void tb_test_tracker_free(struct tb_test_tracker *tracker);

#endif
