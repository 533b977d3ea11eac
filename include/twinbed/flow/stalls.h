/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_FLOW_STALLS_H
#define TWINBED_FLOW_STALLS_H

/* Flows that stood still, as connections do behind an emulated network adapter
 * that resets itself: nothing moves for seconds though data waits to be
 * acknowledged, or is sent again though it was. Flows that stand still at the
 * same time are a cluster. */

#include "twinbed/flow/flow_summary.h"

struct tb_stall_rule {
    uint16_t port;  /* of the server; 0: every TCP flow */
    uint64_t gap;   /* ns, at least this long; not below 1 s, which is what flows remember */
    uint64_t flows; /* at least so many in one cluster make the capture stalled */
};

struct tb_stalls {
    uint64_t flows;    /* that stood still */
    uint64_t clusters; /* of these */
    uint64_t largest;  /* flows in the largest cluster */
    uint64_t longest;  /* ns */
    bool stalled;      /* by the rule */
};

void tb_stalls_find(const struct tb_flow_summary *summary, const struct tb_stall_rule *rule, struct tb_stalls *stalls);

#endif
