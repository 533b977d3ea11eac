/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_CAPTURE_CAPTURE_FLOWS_H
#define TWINBED_SRC_CAPTURE_CAPTURE_FLOWS_H

/* A capture that is read for some of its flows, and what becomes of them (capture.c,
 * capture_pack.c).
 *
 * A process that is alone reads all flows; one of a team (capture_team.c) those of its own shards.
 * Both use tb_capture_read_flows, and differ in what they do in the end. */

#include "packet_batch.h"

/* Called when all is read: gives to capture, which is complete but for its flows, what those of the
 * finished shards add up to. What it returns becomes the reader's own result. */
struct tb_capture_end {
    enum tb_status (*finish)(void *context, struct tb_flows *const shards[], uint16_t count, struct tb_capture *capture,
                             struct tb_error *error);
    void *context;
};

/* As tb_capture_read_split, with how as it is good (threads, ahead and chunk_most above 0), for the
 * flows of a range of shards, as many as there are threads; records of others are counted. On TB_OK
 * *capture is the caller's. */
TB_MUST_USE enum tb_status tb_capture_read_flows(struct tb_source *source, const struct tb_capture_request *request,
                                                 const struct tb_capture_split *how, const struct tb_shard_range *range,
                                                 const struct tb_capture_end *end, struct tb_chunk_outcome *outcome,
                                                 struct tb_capture **capture, struct tb_error *error);

/* Whether both tell the same of their file, flows aside. */
bool tb_capture_is_same_file(const struct tb_capture *capture, const struct tb_capture *other);

#endif
