/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_NET_PACKET_WRITER_H
#define TWINBED_TESTS_NET_PACKET_WRITER_H

/* Hand-made captures: frames from hexadecimal text and header fields, files
 * from frames. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/net/capture.h"

struct frame {
    uint8_t bytes[2048];
    size_t size;
};

/* Each appends to the frame. Addresses are 10.0.0.2 to 10.0.0.1 or fd00::2 to
 * fd00::1, ports 40000 to 80; back turns them around. */
void frame_hex(struct frame *frame, const char *text);
void frame_ipv4(struct frame *frame, bool back, unsigned protocol, unsigned total_length, unsigned identification,
                unsigned fragment);
void frame_ipv6(struct frame *frame, bool back, unsigned next, unsigned payload_length);
void frame_tcp(struct frame *frame, bool back, unsigned client_port, uint32_t sequence, uint32_t acknowledgement,
               unsigned flags);
void frame_udp(struct frame *frame, bool back, unsigned payload);

#define ETHERNET "ffffffffffff 020000000001 "

struct file_writer {
    struct tb_buffer bytes;
    bool swap;
    uint32_t tick; /* pcap: ns of one unit */
    bool patched;  /* pcap: the longer record header */
    bool pcapng;   /* packets are enhanced packet blocks of interface 0, in microseconds */
};

enum { PCAP_MAGIC = (int)0xa1b2c3d4, PCAP_NS_MAGIC = (int)0xa1b23c4d, PCAP_PATCHED_MAGIC = (int)0xa1b2cd34 };

void writer_free(struct file_writer *writer);
void writer_u16(struct file_writer *writer, unsigned value);
void writer_u32(struct file_writer *writer, uint32_t value);
void writer_pcap(struct file_writer *writer, uint32_t magic, bool swap, uint32_t snap_length, uint32_t link_type);
void writer_packet(struct file_writer *writer, uint64_t time, const void *data, size_t captured, size_t original);

/* pcapng blocks; options is hexadecimal text in the order of the file. */
void writer_section(struct file_writer *writer, bool swap);
void writer_interface(struct file_writer *writer, uint32_t link_type, uint32_t snap_length, const char *options);
void writer_block(struct file_writer *writer, uint32_t kind, const void *body, size_t size);
void writer_enhanced(struct file_writer *writer, uint32_t interface, uint64_t ticks, const void *data, size_t captured,
                     size_t original);

/* A TCP segment between A = 10.0.0.2:40000 and B = 10.0.0.1:80. */
struct segment {
    uint64_t microseconds;
    char from;         /* 'A' or 'B' */
    const char *flags; /* of S A F R P U */
    uint32_t sequence;
    uint32_t length; /* payload; only headers are written to the file */
    uint32_t acknowledgement;
    unsigned identification; /* 0: one of its own */
};

/* Appends the segments as Ethernet packets; times count from the epoch below. */
void writer_segments(struct file_writer *writer, const struct segment *segments, size_t count);

/* The same with more of the header. */
struct detailed_segment {
    struct segment segment;
    int window;          /* 0: 29200 with SYN, else 229; CLOSED: 0 */
    const char *options; /* hexadecimal; NULL: those of SYN_OPTIONS with SYN, else none */
    unsigned urgent;
    unsigned congestion; /* the two bits of the IP header */
    const char *payload; /* text that begins the payload and is in the file; NULL: none */
};

enum { CLOSED = -1 };
#define SYN_OPTIONS "020405b4 01030307 0402 0101"
/* SACK blocks of one or two ranges, as hexadecimal numbers of eight digits. */
#define SACK(left, right) "01 01 05 0a " left right
#define SACK_TWO(left, right, other_left, other_right) "01 01 05 12 " left right other_left other_right

void writer_detailed(struct file_writer *writer, const struct detailed_segment *segments, size_t count);
struct tb_capture *read_written_as(const struct file_writer *writer, const struct tb_capture_request *request);
struct tb_capture *read_written_by(const struct file_writer *writer, enum tb_flow_rules rules);
struct tb_capture *read_detailed(const struct detailed_segment *segments, size_t count, enum tb_flow_rules rules);

/* One number of one side, by its column name: "rtt_mean", "probe_packets". */
double side_value(const struct tb_capture *capture, size_t flow, unsigned side, const char *name);

#define FIRST_TIME 1500000000000123000u

/* Reads what was written; fails the test on any error or on an account that does not balance. */
struct tb_capture *read_written(const struct file_writer *writer, const char *filter);
struct tb_capture *read_segments(const struct segment *segments, size_t count);
struct tb_capture *read_frame(uint32_t link_type, const struct frame *frame, size_t original);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
