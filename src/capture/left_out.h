/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_LEFT_OUT_H
#define TWINBED_SRC_CAPTURE_LEFT_OUT_H

#include "packet/packet.h"
#include "twinbed/base/archive.h"
#include "twinbed/capture/left_out.h"

/* Counts a packet that belongs to no flow. */
void tb_left_out_count(struct tb_capture *counts, const struct tb_packet_record *record, const struct tb_packet *packet,
                       const struct tb_packet_headers *headers);

/* Looks whether a UDP packet with these endpoints may be of a tunnel. */
void tb_left_out_look_for_tunnel(struct tb_left_out *left_out, const struct tb_flow_key *key);

void tb_left_out_add(struct tb_left_out *into, const struct tb_left_out *from);
/* As part of what is described. */
void tb_left_out_describe(struct tb_archive *archive, struct tb_left_out *left_out);

#endif
