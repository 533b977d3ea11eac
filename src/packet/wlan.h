/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_WLAN_H
#define TWINBED_SRC_PACKET_WLAN_H

/* Frames of IEEE 802.11, alone and behind a radiotap header (radiotap.org). Data frames that carry
 * one packet lead to IEEE 802.2; others are TB_PACKET_OTHER_FRAME, encrypted ones
 * TB_PACKET_ENCRYPTED. Readers as in headers.h. */

#include "headers.h"

/* What a capturing station adds before a frame (version, length, which fields follow, their flags),
 * and then the frame. */
enum tb_packet_kind tb_read_radiotap(struct tb_headers *headers);
/* A frame without that. */
enum tb_packet_kind tb_read_wlan(struct tb_headers *headers);

#endif
