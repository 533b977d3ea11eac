/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_LATENCY_PACKET_SAMPLE_H
#define TWINBED_LATENCY_PACKET_SAMPLE_H

/* The same TCP packets found again in captures at both ends of a path.
 *
 * A packet's key is a hash of what no hop changes. A segment with payload is
 * known by its connection and the position of its first byte in the stream, as
 * offload cuts and joins segments but leaves their beginnings; any other packet
 * by its flags, numbers, window and IPv4 identification. Of each capture the
 * packets with the smallest keys are kept, so that both ends choose the same
 * ones without knowing of each other. */

#include "twinbed/base/bytes.h"
#include "twinbed/latency/load_delays.h"

/* 24 bytes a packet kept, twice as many while decoding: 3 MiB. */
enum { TB_PACKET_SAMPLE_MAX = 1 << 16 };

struct tb_sampled_packet {
    uint64_t key;
    uint64_t time; /* ns since the epoch; of the first copy */
    uint16_t from_port;
    uint16_t to_port;
    bool repeated; /* the key occurs more than once: sent again, so that copies cannot be told apart */
};

/* Zero: an empty sample. */
struct tb_packet_sample {
    struct tb_sampled_packet *items; /* owned; by key, each once */
    size_t count;
    uint64_t limit; /* every key below it that the capture holds is there; 0 without a sample */
};

void tb_packet_sample_free(struct tb_packet_sample *sample);
/* As part of what is described. */
void tb_packet_sample_describe(struct tb_archive *archive, struct tb_packet_sample *sample);

/* Of one direction, in ns; NaN where too few packets match. Delays are
 * differences of two clocks, so only their variation means anything. */
struct tb_path_delays {
    uint64_t sent;    /* sampled packets of the sender's capture that could match */
    uint64_t matched; /* found in the other capture */
    double variation; /* 95th percentile minus median */
    double deviation; /* standard deviation */
    double change;    /* median of the absolute changes from packet to packet */
};

/* Packets to and from the server's port; delays is indexed by direction. False when memory is short. */
TB_MUST_USE bool tb_path_delays_compute(const struct tb_packet_sample *at_client,
                                        const struct tb_packet_sample *at_server, uint16_t port,
                                        struct tb_path_delays delays[TB_DIRECTIONS]);

#endif
