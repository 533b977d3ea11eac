/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_MIXED_CAPTURES_H
#define TWINBED_TESTS_MIXED_CAPTURES_H

/* Writes captures of packets of all sorts at random: for tests that cut them anywhere. */

#include "net/packet_writer.h"

/* Where the random numbers stand; the same state gives the same capture. */
extern uint32_t random_state;
uint32_t random_below(uint32_t limit);

enum style { STYLE_PCAP, STYLE_SWAPPED, STYLE_NS, STYLE_PATCHED, STYLE_PCAPNG, STYLE_PCAPNG_SWAPPED, STYLES };

/* The time of the packet written last, ns; begin_file sets it. */
extern uint64_t clock_of_writing;

struct file_writer begin_file(enum style style);
/* TCP, UDP, test packets, fragments and others, between few endpoints, and half as many copies; of pcapng from two
 * interfaces. */
void put_packets(struct file_writer *writer, size_t count, size_t snap_length);
struct file_writer write_file(enum style style, size_t packets);

/* A block of statistics of an interface: packets lost so far. */
void writer_statistics(struct file_writer *writer, uint32_t interface, uint32_t by_interface, uint32_t by_system);

/* These set random_state. */

/* Packets whose payloads are pieces of a capture. */
struct file_writer write_captures_inside_packets(enum style style);
/* Records of which each looks like many: headers that lead from one to the next, all through the packet. */
struct file_writer write_imitated_headers(enum style style);
/* Two records that are larger than all others together. */
struct file_writer write_giant_record(enum style style);
/* pcapng: sections in either order, packets without a time, blocks that are skipped, interfaces described late. */
struct file_writer write_sections(void);
/* Fragments of many datagrams in any order, so that old ones give way to others: first ones late, twice, or with
 * other ports under the same identification. */
struct file_writer write_fragments(uint32_t seed);
/* Packets of many kinds that are not read, more than are told apart; of pcapng with numbers of lost packets. */
struct file_writer write_unread(enum style style);

#endif
