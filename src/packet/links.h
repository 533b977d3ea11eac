/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_LINKS_H
#define TWINBED_SRC_PACKET_LINKS_H

/* Headers of links: what a capture's link type says that packets begin with. Readers as in
 * headers.h: each steps over its header and says what comes next. Sources:
 * tcpdump.org/linktypes.html for link types, IANA's list of ethertypes. */

#include "headers.h"

/* The first header of packets of a link type; TB_HEADER_NONE for one that is not read. */
enum tb_header tb_link_header(uint32_t link_type);

/* IP without a link header; the first four bits say which version. */
enum tb_packet_kind tb_read_ip(struct tb_headers *headers);
/* Two addresses and a type, or a length with IEEE 802.2 behind: 14 bytes. */
enum tb_packet_kind tb_read_ethernet(struct tb_headers *headers);
/* Linux's "cooked" capture of any interface: 16 bytes, the type in the last two. */
enum tb_packet_kind tb_read_cooked(struct tb_headers *headers);
/* Its second version: 20 bytes, the type in the first two. */
enum tb_packet_kind tb_read_cooked_2(struct tb_headers *headers);
/* BSD's loopback: an address family of 4 bytes, in the order of whatever machine captured it. */
enum tb_packet_kind tb_read_loopback(struct tb_headers *headers);
/* FDDI: 13 bytes, behind which IEEE 802.2 follows in frames that carry data. */
enum tb_packet_kind tb_read_fddi(struct tb_headers *headers);
/* IEEE 802.2 with SNAP, 8 bytes, the type in the last two. Nothing else in 802.2 carries IP. */
enum tb_packet_kind tb_read_llc(struct tb_headers *headers);
/* VLAN tags, of 4 bytes each, any number of them. */
enum tb_packet_kind tb_read_vlan(struct tb_headers *headers);
/* PPP, with or without the address and control of HDLC. */
enum tb_packet_kind tb_read_ppp(struct tb_headers *headers);
/* The same behind a byte that says which way the frame went. */
enum tb_packet_kind tb_read_directed_ppp(struct tb_headers *headers);
/* Cisco's HDLC: address, control, type, 4 bytes. */
enum tb_packet_kind tb_read_cisco_hdlc(struct tb_headers *headers);
/* The same behind a byte that says which way the frame went. */
enum tb_packet_kind tb_read_directed_hdlc(struct tb_headers *headers);
/* A serial line with PPP or Cisco's HDLC, as the first byte says. */
enum tb_packet_kind tb_read_serial(struct tb_headers *headers);

/* What an ethertype names. */
enum tb_header tb_ethertype_header(uint32_t ethertype);

/* Steps over a header of size bytes and goes on with what the ethertype names, where it can be no
 * length. */
enum tb_packet_kind tb_headers_pass_named(struct tb_headers *headers, uint32_t size, uint32_t ethertype);

#endif
