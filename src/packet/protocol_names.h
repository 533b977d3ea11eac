/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_PROTOCOL_NAMES_H
#define TWINBED_SRC_PACKET_PROTOCOL_NAMES_H

/* What numbers in headers are called, for those that captures are likely to hold. Static text; NULL for others. */

#include <stdint.h>

/* Of link types, read or not. */
const char *tb_link_type_name(uint32_t link_type);
/* Of ethertypes other than IP. */
const char *tb_ethertype_name(uint32_t ethertype);
/* Of IP protocols other than TCP and UDP. */
const char *tb_ip_protocol_name(uint32_t protocol);
/* Of tunnels by their UDP port. */
const char *tb_tunnel_name(uint32_t port);

#endif
