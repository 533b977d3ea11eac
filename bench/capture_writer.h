/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BENCH_CAPTURE_WRITER_H
#define TWINBED_BENCH_CAPTURE_WRITER_H

/* Packets of a pcap file: Ethernet, IPv4, TCP with time stamps. */

#include "output.h"

enum { SEGMENT_FIN = 1, SEGMENT_SYN = 2, SEGMENT_PUSH = 8, SEGMENT_ACK = 16 };

struct segment {
    uint32_t source, target; /* addresses */
    uint16_t source_port, target_port;
    uint32_t sequence, acknowledgement;
    uint32_t payload;
    uint8_t flags; /* SEGMENT_ */
};

struct capture_writer {
    struct output output;
    uint32_t snap_length;
    uint64_t time; /* microseconds; goes on with each packet */
    uint16_t identification;
};

void capture_write_begin(struct capture_writer *writer);
/* Returns the IP bytes of the packet; *cut tells whether the snap length cut it. */
uint32_t capture_write_segment(struct capture_writer *writer, const struct segment *segment, bool *cut);

#endif
