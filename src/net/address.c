/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "twinbed/net/flow.h"

const char *tb_address_text(const struct tb_address *address, char text[TB_ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    const bool six = address->version == 6;
    if (inet_ntop(six ? AF_INET6 : AF_INET, address->bytes, host, sizeof host) == NULL)
        host[0] = '\0';
    snprintf(text, TB_ADDRESS_TEXT_SIZE, six ? "[%s]:%u" : "%s:%u", host, (unsigned)address->port);
    return text;
}

const char *tb_flow_rules_name(enum tb_flow_rules rules)
{
    return rules == TB_FLOW_RULES_TCPTRACE ? "tcptrace" : "twinbed";
}

const char *tb_flow_end_name(enum tb_flow_end ended)
{
    static const char *const names[] = {
        [TB_FLOW_OPEN] = "open", [TB_FLOW_CLOSED] = "closed", [TB_FLOW_RESET] = "reset", [TB_FLOW_NOT_TCP] = "none"};
    return (unsigned)ended < sizeof names / sizeof names[0] ? names[ended] : "unknown";
}
