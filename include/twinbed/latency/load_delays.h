/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_LATENCY_LOAD_DELAYS_H
#define TWINBED_LATENCY_LOAD_DELAYS_H

/* How much the one-way delays of test packets vary while the workload runs. */

#include "twinbed/latency/delays.h"
#include "twinbed/packet/test_packets.h"

enum tb_direction { TB_TO_CLIENT, TB_TO_SERVER, TB_DIRECTIONS };

/* Which sessions, and which of their packets. */
struct tb_load {
    struct tb_address server; /* sessions with this host at one end */
    uint64_t begin, end;      /* packets captured from begin to end, both included; ns since the epoch */
};

/* Means over the sessions of one direction with at least TB_LOAD_PACKETS_MIN
 * packets under load; in ns, NaN without such a session. See tb_delay_spread. */
struct tb_load_delays {
    uint64_t packets; /* of these sessions, under load */
    double jitter;
    double change;
};

/* Below this a 95th percentile is the longest delay. */
enum { TB_LOAD_PACKETS_MIN = 20 };

/* The spread of the session's delays, of packets captured from begin to end.
 * False when memory is short. */
TB_MUST_USE bool tb_test_session_spread(const struct tb_test_session *session, uint64_t begin, uint64_t end,
                                        struct tb_delay_spread *spread);

/* delays is indexed by direction. False when memory is short. */
TB_MUST_USE bool tb_load_delays_compute(const struct tb_test_sessions *sessions, const struct tb_load *load,
                                        struct tb_load_delays delays[TB_DIRECTIONS]);

#endif
