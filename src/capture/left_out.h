/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_LEFT_OUT_H
#define TWINBED_SRC_CAPTURE_LEFT_OUT_H

/* Packets that belong to no flow, and why: counting and packing of what
 * include/twinbed/capture/left_out.h describes. Of numbers (link types, ethertypes, protocols,
 * ports) the smallest are counted each by itself, so that counts of pieces of a capture add up to
 * those of the whole. */

#include "packet/packet.h"
#include "twinbed/base/archive.h"
#include "twinbed/capture/left_out.h"

/* Counts a packet that belongs to no flow, by its kind. headers: of tb_packet_decode. */
void tb_left_out_count(struct tb_capture *counts, const struct tb_packet_record *record, const struct tb_packet *packet,
                       const struct tb_packet_headers *headers);

/* Looks whether a UDP packet with these endpoints may be of a tunnel that was not read, by its
 * ports; counts one of them. */
void tb_left_out_look_for_tunnel(struct tb_left_out *left_out, const struct tb_flow_key *key);

/* Adds what was left out of another piece of the capture. */
void tb_left_out_add(struct tb_left_out *into, const struct tb_left_out *from);
/* As part of what is described. */
void tb_left_out_describe(struct tb_archive *archive, struct tb_left_out *left_out);

#endif
