/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_PACKET_PACK_H
#define TWINBED_SRC_CAPTURE_PACKET_PACK_H

/* Packets that travel to another process, as bytes. Most take the first of these sizes; with IPv6, fragments and clocks
 * that went back, both. */

#include "packet_batch.h"
#include "twinbed/base/bytes.h"

enum { TB_PACKET_PACKED = 72, TB_PACKET_PACKED_REST = 48 };

/* A packet of a flow; its number must be below 2^32. */
void tb_packet_pack(const struct tb_parsed_packet *parsed, struct tb_buffer *buffer);

/* False, with packet and key in any state, for bytes that are no such packet. */
TB_MUST_USE bool tb_packet_unpack(struct tb_flow_packet *queued, struct tb_flow_key *key, struct tb_bytes *bytes);

/* The number of the next packet; UINT64_MAX when there is none. */
uint64_t tb_packet_packed_number(const struct tb_bytes *bytes);

/* Whether the bytes are such packets and nothing else, with numbers that grow and are below limit. */
bool tb_packets_are_packed(struct tb_bytes bytes, uint64_t limit);

#endif
