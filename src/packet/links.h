/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_LINKS_H
#define TWINBED_SRC_PACKET_LINKS_H

/* Headers of links: what a capture's link type says that packets begin with. Readers as in
 * headers.h: each steps over its header and says what comes next. Sources:
 * tcpdump.org/linktypes.html for link types, IANA's list of ethertypes. */

#include "headers.h"

/* The first header of packets of a link type; TB_HEADER_NONE for one that is not read. */
enum tb_header tb_link_header(uint32_t link_type);

enum tb_packet_kind tb_read_ip(struct tb_headers *headers);
enum tb_packet_kind tb_read_ethernet(struct tb_headers *headers);
enum tb_packet_kind tb_read_cooked(struct tb_headers *headers);
enum tb_packet_kind tb_read_cooked_2(struct tb_headers *headers);
enum tb_packet_kind tb_read_loopback(struct tb_headers *headers);
enum tb_packet_kind tb_read_fddi(struct tb_headers *headers);
enum tb_packet_kind tb_read_llc(struct tb_headers *headers);
enum tb_packet_kind tb_read_vlan(struct tb_headers *headers);
enum tb_packet_kind tb_read_ppp(struct tb_headers *headers);
enum tb_packet_kind tb_read_directed_ppp(struct tb_headers *headers);
enum tb_packet_kind tb_read_cisco_hdlc(struct tb_headers *headers);
enum tb_packet_kind tb_read_directed_hdlc(struct tb_headers *headers);
enum tb_packet_kind tb_read_serial(struct tb_headers *headers);

/* What an ethertype names. */
enum tb_header tb_ethertype_header(uint32_t ethertype);

/* Steps over a header of size bytes and goes on with what the ethertype names, where it can be no
 * length. */
enum tb_packet_kind tb_headers_pass_named(struct tb_headers *headers, uint32_t size, uint32_t ethertype);

#endif
