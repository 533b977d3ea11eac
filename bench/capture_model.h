/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_CAPTURE_MODEL_H
#define TWINBED_BENCH_CAPTURE_MODEL_H

/* Captures with a known answer.
 *
 * Many TCP connections at a time, each a request and a reply of some segments,
 * all on one link. Some segments of the reply are lost behind the point of
 * capture, so that they are seen twice; some come in exchanged order. With
 * `brief`, a flow is six packets: SYN, SYN/ACK, request, reply with FIN, FIN, ACK. */

#include <stdbool.h>
#include <stdint.h>

struct capture_model {
    uint64_t seed;
    uint64_t flows;
    uint32_t segments;    /* of a reply, on average: 1 .. 2 * segments - 1 */
    uint32_t segment;     /* payload bytes of each; the last may be shorter */
    uint32_t concurrency; /* flows that are open at a time */
    uint32_t clients;     /* client addresses; ports are used again when flows outnumber them */
    uint32_t lost;        /* of a million segments, sent again */
    uint32_t exchanged;   /* of a million segments, swapped with the next */
    uint32_t snap_length;
    bool brief;
};

struct capture_side {
    uint64_t packets;
    uint64_t ip_bytes;
    uint64_t payload_bytes;
    uint64_t unique_bytes;
    uint64_t data_packets;
    uint64_t retransmitted_packets;
    uint64_t retransmitted_bytes;
    uint64_t out_of_order_packets;
};

struct capture_truth {
    uint64_t bytes; /* size of the file */
    uint64_t packets;
    uint64_t cut_packets; /* longer than the snap length */
    uint64_t flows;
    struct capture_side side[2]; /* client, server */
};

struct capture_model capture_model_default(void);
/* False with errno set when the file could not be written. */
bool capture_generate(const struct capture_model *model, const char *path, struct capture_truth *truth);

#endif
