/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_NET_FLOW_MERGE_H
#define TWINBED_SRC_NET_FLOW_MERGE_H

/* The flows of several shards in one order, as if there had been one. */

#include "flow.h"

/* Gives the rows of finished shards, in the order of their first packets, to the sink or else to capture; and to capture
 * what all flows add up to, complete, and the sample of their packets. The shards lose theirs. */
TB_MUST_USE enum tb_status tb_flows_merge(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                                          struct tb_error *error);

#endif
