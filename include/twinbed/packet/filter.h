/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PACKET_FILTER_H
#define TWINBED_PACKET_FILTER_H

/* Packet filters, as libpcap has them. */

#include <stddef.h>

#include "twinbed/base/status.h"

/* TB_USAGE when no kind of link has a program for the expression; NULL is no filter. */
TB_MUST_USE enum tb_status tb_capture_check_filter(const char *expression, struct tb_error *error);

/* Names and versions of the libraries behind this room, as the libraries say them: "libpcap 1.10.3". */
void tb_packet_libraries(char *text, size_t size);

#endif
