/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow/flow_batch.h"
#include "flow/live_flows.h"
#include "flow/packet_copies.h"
#include "flow/packet_sampler.h"
#include "flow/row_store.h"
#include "test_sessions.h"
#include "twinbed/capture/capture.h"

/* What was found in a chunk takes at most so many times its size. */
enum { CHUNK_TIMES = 8 };

uint64_t tb_capture_memory(const struct tb_capture_request *request, const struct tb_capture_split *how)
{
    const uint64_t shards = how->threads < 1 ? 1 : how->threads;
    uint64_t most = tb_test_tracker_most() + shards * (tb_flow_batch_bytes() + tb_live_flows_ahead());
    if (!request->keep_copies)
        most += shards * tb_packet_copies_most();
    if (shards > 1)
        most += CHUNK_TIMES * (how->ahead + how->threads) * how->chunk_most + how->threads * TB_READER_BLOCK_SIZE;
    if (request->sample)
        most += shards * tb_packet_sampler_most();
    if (request->rows == TB_FLOW_ROWS_ALL && request->sink != NULL)
        most += shards * tb_row_store_most();
    return most;
}
