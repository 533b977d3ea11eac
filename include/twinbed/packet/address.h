/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PACKET_ADDRESS_H
#define TWINBED_PACKET_ADDRESS_H

/* An end of a flow. */

#include <stdbool.h>
#include <stdint.h>

#include "twinbed/base/archive.h"

struct tb_address {
    uint8_t version;   /* 4 or 6 */
    uint8_t bytes[16]; /* network order; IPv4 in the first four */
    uint16_t port;     /* host order; 0 for protocols without */
};

enum { TB_ADDRESS_TEXT_SIZE = 64 };
/* "10.0.0.1:80" or "[fe80::1]:80"; returns text. */
const char *tb_address_text(const struct tb_address *address, char text[TB_ADDRESS_TEXT_SIZE]);

/* The same host, whatever the ports. */
bool tb_address_same_host(const struct tb_address *one, const struct tb_address *other);

/* As part of what is described. */
void tb_address_describe(struct tb_archive *archive, struct tb_address *address);

#endif
