/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_FLOW_MERGE_H
#define TWINBED_SRC_CAPTURE_FLOW_MERGE_H

/* The flows of several shards in one order, as if there had been one.
 *
 * Each flow is in one shard, so sums are added and rows are merged by their first packets; neither
 * depends on how many shards there were. Rows go to the sink in blocks of some 256 KiB, so few are
 * in memory at a time. Functions are called when all shards are finished, by one thread. */

#include "flow/flow.h"
#include "flow/row_merge.h"
#include "twinbed/capture/capture.h"

/* What other processes came to with flows of the same capture. */
struct tb_team_flows {
    struct tb_capture *const *captures;  /* borrowed; for their summaries and samples */
    const struct tb_row_stream *streams; /* Borrowed; one of each, if rows are asked for; else NULL. */
    size_t count;
    uint64_t rows; /* of all streams */
};

/* Gives the rows of finished shards, in the order of their first packets, to the sink or else to capture; and to capture
 * what all flows add up to, complete, and the sample of their packets. The shards lose theirs. others may be NULL. */
TB_MUST_USE enum tb_status tb_flows_merge(struct tb_flows *const shards[], size_t count,
                                          const struct tb_team_flows *others, struct tb_capture *capture,
                                          struct tb_error *error);

/* The two halves of that, without others. Sums, distributions and the sample go to capture. */
TB_MUST_USE enum tb_status tb_flows_merge_sums(struct tb_flows *const shards[], size_t count,
                                               struct tb_capture *capture, struct tb_error *error);
/* The rows of all shards are to be taken from merge, which is zeroed and is freed in any case. */
TB_MUST_USE enum tb_status tb_flows_open_rows(struct tb_flows *const shards[], size_t count, struct tb_row_merge *merge,
                                              struct tb_error *error);

#endif
