/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_FLOW_FLOW_FINISH_H
#define TWINBED_SRC_FLOW_FLOW_FINISH_H

/* What becomes of a live flow that gets no more packets: a row, and part of the sums.
 *
 * Most flows whose rows nobody asks for are added up directly (tb_live_flow_has_fast_path,
 * tb_live_flow_add_up); all others become a row first (tb_live_flow_row). Both come to the same
 * sums. Nothing here frees the flow. */

#include "live_flows.h"

/* Which endpoint of the key, the lower (0) or the higher (1), a side is. */
static inline unsigned tb_live_flow_endpoint(const struct tb_live_flow *live, unsigned side)
{
    return side ^ live->first_direction;
}

/* The client's side. By tcptrace's rules whoever sends first stands as the client. */
static inline unsigned tb_live_flow_client(const struct tb_live_flow *live, enum tb_flow_rules rules)
{
    return rules == TB_FLOW_RULES_TCPTRACE ? 0 : live->client;
}

/* The reply of that side, were it the server, was seen or accounted for, to its end. False for what is not TCP. */
bool tb_live_flow_completed(const struct tb_live_flow *live, unsigned server);

/* Makes the row; all of it is set. */
void tb_live_flow_row(const struct tb_live_flow *live, enum tb_flow_rules rules, struct tb_flow *row);

/* Whether tb_live_flow_add_up will do for this flow. */
bool tb_live_flow_has_fast_path(const struct tb_live_flow *live, enum tb_flow_rules rules);

/* Adds to the sums what the row of such a flow would, without making it. False when memory is short. */
TB_MUST_USE bool tb_live_flow_add_up(const struct tb_live_flow *live, struct tb_flow_summary *summary);

#endif
