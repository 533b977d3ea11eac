/* SPDX-License-Identifier: GPL-3.0-or-later */
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

void tb_address_pack(const struct tb_address *address, struct tb_buffer *buffer)
{
    tb_buffer_put_u8(buffer, address->version);
    tb_buffer_put(buffer, address->bytes, address_size(address));
    tb_buffer_put_u16(buffer, address->port);
}

bool tb_address_unpack(struct tb_address *address, struct tb_bytes *bytes)
{
    const uint8_t *data;
    if (!tb_bytes_take_u8(bytes, &address->version) || (address->version != 4 && address->version != 6) ||
        !tb_bytes_take(bytes, address_size(address), &data))
        return false;
    memcpy(address->bytes, data, address_size(address));
    return tb_bytes_take_u16(bytes, &address->port);
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
