/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_TOTALS_H
#define TWINBED_SRC_NET_FLOW_TOTALS_H

#include "twinbed/net/flow_summary.h"

void tb_flow_totals_add(struct tb_flow_totals *totals, const struct tb_flow *flow);
void tb_flow_totals_merge(struct tb_flow_totals *into, const struct tb_flow_totals *from);

#endif
