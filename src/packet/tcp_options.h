/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_TCP_OPTIONS_H
#define TWINBED_SRC_PACKET_TCP_OPTIONS_H

/* The options of a TCP header (RFC 9293, 7323 for scale and time stamps, 2018 and 2883 for
 * selective acknowledgements). */

#include <stdint.h>

#include "packet.h"

/* Reads the options behind the 20 fixed bytes of a TCP header, of which size bytes were kept.
 * Options that do not fit end the reading; what was read before them holds. *options is zeroed by
 * the caller. *stamp becomes the sender's time stamp, or 0. */
void tb_tcp_options_parse(const uint8_t *header, uint32_t size, struct tb_tcp_options *options, uint32_t *stamp);

#endif
