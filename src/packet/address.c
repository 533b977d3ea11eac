/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as text and as bytes. An address of IPv4 takes the first 4 of its 16 bytes. */
#include <arpa/inet.h>
#include <stdio.h>

#include "twinbed/packet/address.h"

static size_t address_size(const struct tb_address *address)
{
    return address->version == 4 ? 4 : 16;
}

bool tb_address_same_host(const struct tb_address *one, const struct tb_address *other)
{
    return one->version == other->version && memcmp(one->bytes, other->bytes, address_size(one)) == 0;
}

void tb_address_describe(struct tb_archive *archive, struct tb_address *address)
{
    tb_archive_u8(archive, &address->version);
    tb_archive_require(archive, address->version == 4 || address->version == 6);
    tb_archive_bytes(archive, address->bytes, address_size(address));
    tb_archive_u16(archive, &address->port);
}

const char *tb_address_text(const struct tb_address *address, char text[TB_ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    const bool six = address->version == 6;
    if (inet_ntop(six ? AF_INET6 : AF_INET, address->bytes, host, sizeof host) == NULL)
        host[0] = '\0';
    snprintf(text, TB_ADDRESS_TEXT_SIZE, six ? "[%s]:%u" : "%s:%u", host, (unsigned)address->port);
    return text;
}
