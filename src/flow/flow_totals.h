/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_TOTALS_H
#define TWINBED_SRC_FLOW_FLOW_TOTALS_H

/* How flows that are over are added up; those of a port in flow_summary.c.
 *
 * A sum has the same counters as one flow's row (flow_counters.def), so adding goes by that list.
 * Sums are of integers and do not depend on their order; what is no integer, as sums of squares, is
 * not added up. */

#include "twinbed/flow/flow_summary.h"

/* What a TCP flow that is over tells beside what its sides counted. */
struct tb_flow_outcome {
    uint64_t first_packet;
    struct tb_address server;
    uint64_t duration;  /* ns */
    uint64_t handshake; /* ns; 0 when not seen */
    /* As in the totals: from the first request to the end of the reply; 0 without. */
    uint64_t load_begin, load_end;
    enum tb_flow_end ended;
    bool completed_reply;
};

/* Adds one flow, all but what its sides counted. */
void tb_flow_totals_add(struct tb_flow_totals *totals, const struct tb_flow_outcome *outcome);
/* Adds totals of other flows. */
void tb_flow_totals_merge(struct tb_flow_totals *into, const struct tb_flow_totals *from);

/* Adds every counter, and the counts and sums of times. */
void tb_flow_side_add(struct tb_flow_side *sum, const struct tb_flow_side *side);

/* Adds a flow to its port, all but what the sides counted; gives the totals to which that is to be
 * added, borrowed from the port. NULL when memory is short. */
struct tb_flow_totals *tb_port_flows_add(struct tb_port_flows *port, const struct tb_flow_outcome *outcome);

/* The end of the reply: 0 without one. */
static inline uint64_t tb_flow_load_end(uint64_t data_begin, uint64_t data_time)
{
    return data_begin == 0 ? 0 : data_begin + data_time;
}

#endif
