/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stalls of a port that overlap in time are one cluster: intervals come in the order of their
 * beginnings, and a cluster ends where one begins behind all before it. */
#include "twinbed/flow/stalls.h"

void tb_stalls_find(const struct tb_flow_summary *summary, const struct tb_stall_rule *rule, struct tb_stalls *stalls)
{
    const struct tb_port_flows *port = tb_flow_summary_find(summary, rule->port);
    uint64_t end = 0, in_cluster = 0;
    *stalls = (struct tb_stalls){0};
    for (size_t i = 0; i < port->stall_count; i++) {
        const struct tb_stall_interval *stall = &port->stalls[i];
        const uint64_t length = stall->end - stall->begin;
        if (length < rule->gap)
            continue;
        if (stalls->flows++ == 0 || stall->begin > end) {
            stalls->clusters++;
            in_cluster = 0;
        }
        if (stall->end > end)
            end = stall->end;
        if (++in_cluster > stalls->largest)
            stalls->largest = in_cluster;
        if (length > stalls->longest)
            stalls->longest = length;
    }
    stalls->stalled = stalls->flows != 0 && stalls->largest >= rule->flows;
}
