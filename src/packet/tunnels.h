/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_TUNNELS_H
#define TWINBED_SRC_PACKET_TUNNELS_H

/* Headers of tunnels, which carry packets of another network. Readers as in headers.h; each says in
 * tunnels.c which RFC or specification it goes by. */

#include "headers.h"

/* What an IP packet of that protocol carries; TB_HEADER_NONE: no packet that is read. */
enum tb_header tb_tunnel_in_ip(uint8_t protocol);

/* What a datagram to that port carries, behind the UDP header: a tunnel's header only where it
 * looks like one, as anybody may use the port. kept bytes are at payload; length: of all of it on
 * the wire. */
enum tb_header tb_tunnel_in_udp(uint16_t port, const uint8_t *payload, uint32_t kept, uint32_t length);

/* MPLS labels, 4 bytes each, up to the one that says it is the last; what they carry is guessed, as
 * nothing names it. */
enum tb_packet_kind tb_read_mpls(struct tb_headers *headers);
/* PPP over Ethernet: 6 bytes; only data of a session carries packets. */
enum tb_packet_kind tb_read_pppoe(struct tb_headers *headers);
/* GRE, of the usual kind or PPTP's, and what it names; ERSPAN among that. */
enum tb_packet_kind tb_read_gre(struct tb_headers *headers);
/* Mirrored frames behind ERSPAN's header: of 8 bytes, or in the next function of 12 or 20. */
enum tb_packet_kind tb_read_erspan_2(struct tb_headers *headers);
enum tb_packet_kind tb_read_erspan_3(struct tb_headers *headers);
/* Three tunnels in UDP whose headers tb_tunnel_in_udp has looked at: at least 8 bytes of each were
 * kept. */
enum tb_packet_kind tb_read_vxlan(struct tb_headers *headers);
enum tb_packet_kind tb_read_geneve(struct tb_headers *headers);
enum tb_packet_kind tb_read_gtp(struct tb_headers *headers);

#endif
