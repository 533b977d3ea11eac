/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of shards are added, rows of shards merged. By tcptrace's rules a row may still change at
 * the end of the capture (idle times of open connections), so rows are unpacked then; else they go
 * through as they are. */
#include "flow_merge.h"

#include <stdlib.h>

/* Bytes of a block that a sink gets. */
enum { BLOCK_FULL = 256 << 10 };

enum tb_status tb_flows_open_rows(struct tb_flows *const shards[], size_t count, struct tb_row_merge *merge,
                                  struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        struct tb_row_store *over = &shards[i]->over;
        tb_row_store_sort(over);
        status = tb_row_merge_add_held(merge, over, error);
        for (size_t j = 0; j < over->run_count && status == TB_OK; j++)
            status = tb_row_merge_add_run(merge, over, &over->runs[j], error);
    }
    return status;
}

static enum tb_status give_block(struct tb_flow_sink *sink, struct tb_buffer *block, size_t *rows,
                                 struct tb_error *error)
{
    const struct tb_flow_block given = {.data = block->data, .size = block->size, .rows = *rows};
    enum tb_status status = tb_buffer_check(block, "the rows of flows", error);
    if (status == TB_OK && *rows != 0)
        status = sink->take(sink->context, &given, error);
    block->size = 0;
    *rows = 0;
    return status;
}

/* Both FINs are an end also where no SYN was captured. */
static bool is_open(const struct tb_flow *flow)
{
    return flow->ended == TB_FLOW_OPEN && (flow->side[0].fin_packets == 0 || flow->side[1].fin_packets == 0);
}

/* By tcptrace's rules an open connection is idle until the capture ends, which is known only now. */
static void extend_idle_times(const struct tb_capture *capture, struct tb_flow *flow)
{
    const uint64_t end = capture->last_time - capture->last_time % 1000;
    for (unsigned side = 0; side < 2 && is_open(flow); side++) {
        struct tb_flow_detail *detail = &flow->side[side].detail;
        if (detail->last_time != 0 && end > detail->last_time && end - detail->last_time > detail->idle_max)
            detail->idle_max = end - detail->last_time;
    }
}

static enum tb_status take_flow(const struct tb_capture *capture, const struct tb_packed_row *row, struct tb_flow *flow,
                                struct tb_error *error)
{
    struct tb_bytes bytes = tb_bytes_packed(row->data, row->size);
    if (!tb_flow_unpack(flow, &bytes))
        return tb_error_unpack(error, "a row of a flow does not unpack");
    if (capture->rules == TB_FLOW_RULES_TCPTRACE)
        extend_idle_times(capture, flow);
    return TB_OK;
}

/* As it is, unless the end of the capture may change it. */
static enum tb_status put_row(const struct tb_capture *capture, const struct tb_packed_row *row,
                              struct tb_buffer *block, struct tb_error *error)
{
    struct tb_flow flow = {0};
    if (capture->rules != TB_FLOW_RULES_TCPTRACE) {
        tb_buffer_put(block, row->data, row->size);
        return TB_OK;
    }
    const enum tb_status status = take_flow(capture, row, &flow, error);
    if (status == TB_OK)
        tb_flow_pack(&flow, block);
    return status;
}

static enum tb_status give_rows(struct tb_row_merge *merge, const struct tb_capture *capture, struct tb_flow_sink *sink,
                                struct tb_error *error)
{
    struct tb_buffer block = {0};
    struct tb_packed_row row;
    size_t rows = 0;
    enum tb_status status;
    while ((status = tb_row_merge_next(merge, &row, error)) == TB_OK) {
        status = put_row(capture, &row, &block, error);
        rows++;
        if (status == TB_OK && block.size >= BLOCK_FULL)
            status = give_block(sink, &block, &rows, error);
        if (status != TB_OK)
            break;
    }
    if (status == TB_END)
        status = give_block(sink, &block, &rows, error);
    tb_buffer_free(&block);
    return status;
}

static enum tb_status hold_rows(struct tb_row_merge *merge, uint64_t total, struct tb_capture *capture,
                                struct tb_error *error)
{
    struct tb_packed_row row;
    enum tb_status status;
    capture->flows = calloc((size_t)total + 1, sizeof capture->flows[0]);
    if (capture->flows == NULL)
        return tb_error_memory(error, "the flows of a capture");
    while ((status = tb_row_merge_next(merge, &row, error)) == TB_OK) {
        if (capture->flow_count == total)
            return tb_error_set(error, TB_INTERNAL, "more rows of flows came than were told");
        status = take_flow(capture, &row, &capture->flows[capture->flow_count++], error);
        if (status != TB_OK)
            return status;
    }
    return status == TB_END ? TB_OK : status;
}

static enum tb_status merge_rows(struct tb_flows *const shards[], size_t count, const struct tb_team_flows *others,
                                 struct tb_capture *capture, struct tb_error *error)
{
    struct tb_flow_sink *sink = shards[0]->sink;
    struct tb_row_merge merge = {0};
    uint64_t total = others->rows;
    for (size_t i = 0; i < count; i++)
        total += shards[i]->over.rows;
    enum tb_status status = tb_flows_open_rows(shards, count, &merge, error);
    for (size_t i = 0; others->streams != NULL && i < others->count && status == TB_OK; i++)
        status = tb_row_merge_add_stream(&merge, &others->streams[i], error);
    if (status == TB_OK)
        status = sink != NULL ? give_rows(&merge, capture, sink, error) : hold_rows(&merge, total, capture, error);
    if (status != TB_OK && sink != NULL)
        sink->failed = true;
    tb_row_merge_free(&merge);
    for (size_t i = 0; i < count; i++)
        tb_row_store_free(&shards[i]->over);
    return status;
}

/* Sums and distributions add up, in any order. */
static enum tb_status merge_summaries(struct tb_flows *const shards[], size_t count, const struct tb_team_flows *others,
                                      struct tb_capture *capture, struct tb_error *error)
{
    bool merged = true;
    capture->summary = shards[0]->summary;
    shards[0]->summary = (struct tb_flow_summary){0};
    for (size_t i = 1; merged && i < count; i++)
        merged = tb_flow_summary_merge(&capture->summary, &shards[i]->summary);
    for (size_t i = 0; merged && i < others->count; i++)
        merged = tb_flow_summary_merge(&capture->summary, &others->captures[i]->summary);
    return merged && tb_flow_summary_complete(&capture->summary) ? TB_OK
                                                                 : tb_error_memory(error, "the flows of a capture");
}

static bool merge_sample(struct tb_packet_sampler *sampler, const struct tb_packet_sample *sample)
{
    const struct tb_packet_sampler other = {.items = sample->items, .count = sample->count, .limit = sample->limit};
    return tb_packet_sampler_merge(sampler, &other);
}

static enum tb_status merge_samples(struct tb_flows *const shards[], size_t count, const struct tb_team_flows *others,
                                    struct tb_capture *capture, struct tb_error *error)
{
    bool merged = true;
    if (!shards[0]->sampled)
        return TB_OK;
    for (size_t i = 1; merged && i < count; i++)
        merged = tb_packet_sampler_merge(&shards[0]->sampler, &shards[i]->sampler);
    for (size_t i = 0; merged && i < others->count; i++)
        merged = merge_sample(&shards[0]->sampler, &others->captures[i]->sample);
    if (!merged)
        return tb_error_memory(error, "the sample of a capture");
    tb_packet_sampler_finish(&shards[0]->sampler, &capture->sample);
    return TB_OK;
}

static const struct tb_team_flows nobody = {.count = 0};

static enum tb_status merge_sums(struct tb_flows *const shards[], size_t count, const struct tb_team_flows *others,
                                 struct tb_capture *capture, struct tb_error *error)
{
    const enum tb_status status = merge_summaries(shards, count, others, capture, error);
    return status == TB_OK ? merge_samples(shards, count, others, capture, error) : status;
}

enum tb_status tb_flows_merge_sums(struct tb_flows *const shards[], size_t count, struct tb_capture *capture,
                                   struct tb_error *error)
{
    return merge_sums(shards, count, &nobody, capture, error);
}

enum tb_status tb_flows_merge(struct tb_flows *const shards[], size_t count, const struct tb_team_flows *others,
                              struct tb_capture *capture, struct tb_error *error)
{
    others = others == NULL ? &nobody : others;
    const enum tb_status status = merge_rows(shards, count, others, capture, error);
    return status == TB_OK ? merge_sums(shards, count, others, capture, error) : status;
}
