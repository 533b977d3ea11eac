/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_LATENCY_PACKET_LOG_H
#define TWINBED_SRC_LATENCY_PACKET_LOG_H

/* The packets of one latency session, and the numbers owping makes of them: minimum, median,
 * maximum, jitter, losses, duplicates.
 *
 * Zero it, add each packet, finish. It grows with the sequence numbers that occur: one copy each.
 * One thread at a time. */

#include "twinbed/base/containers.h"
#include "twinbed/latency/latency.h"

/* A packet as a file tells it. Times are OWAMP's: seconds since 1900 in the upper half, fractions
 * in the lower (RFC 4656, 4.1.2). */
struct tb_latency_packet {
    uint32_t sequence;
    uint64_t sent;
    uint64_t received; /* 0: lost */
    bool synchronised; /* both ends claim it */
};

/* The packets of a session so far. */
struct tb_packet_log {
    struct tb_index index; /* from sequence number to first copy */
    struct tb_first_copy {
        uint64_t sent;
        int64_t delay; /* units of 2^-32 s */
        bool received;
    } * copies; /* owned; one for each sequence number */
    size_t count;
    size_t capacity;
    uint64_t received; /* packets, further copies included */
    uint64_t duplicates;
    int64_t minimum, maximum; /* Of the delays of received packets, in 2^-32 s. */
    bool unsynchronised;      /* an end of a received packet does not claim to be in step */
};

/* Adds a packet; a further copy of a number that arrived only counts. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_packet_log_add(struct tb_packet_log *log, const struct tb_latency_packet *packet,
                                             struct tb_error *error);
/* True when the log holds the sequence number with another send time: a
 * session sends each number at one time. */
bool tb_packet_log_contradicts(const struct tb_packet_log *log, const struct tb_latency_packet *packet);
/* Fills all of session but its hosts; empties the log, also when it fails. */
TB_MUST_USE enum tb_status tb_packet_log_finish(struct tb_packet_log *log, struct tb_latency_session *session,
                                                struct tb_error *error);
/* Frees what it owns; it is empty then. */
void tb_packet_log_free(struct tb_packet_log *log);

#endif
