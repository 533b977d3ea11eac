/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adds up what the plan makes a rank hold at most: for teams, of which it is in one at a time; for
 * its own captures; and for what is decompressed ahead. */
#include "memory.h"

#include "twinbed/capture/capture.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace_team.h"

static uint64_t memory_of_capture(const struct tb_campaign *campaign, bool sampled, int threads)
{
    static struct tb_flow_sink sink;
    const struct tb_capture_request request = {.rows = flows_have_rows(&campaign->settings) ? TB_FLOW_ROWS_ALL
                                                                                            : TB_FLOW_ROWS_NONE,
                                               .sink = &sink,
                                               .sample = sampled,
                                               .keep_copies = copies_are_kept(&campaign->settings)};
    const struct tb_capture_split split = tb_capture_split_for(threads);
    return tb_capture_memory(&request, &split);
}

/* The captures that need most, which any rank may take: one by all threads, or one by each thread. */
static uint64_t memory_of_captures(const struct tb_campaign *campaign, const struct tb_plan *plan, int threads)
{
    uint64_t shared = 0, alone[2] = {0};
    for (size_t i = 0; i < plan->segment_count; i++) {
        const struct tb_segment *const segment = &plan->segments[i];
        if (campaign->artifacts[segment->artifact].kind != TB_ARTIFACT_CAPTURE)
            continue;
        const bool sampled = tb_captured_at_both_ends(campaign, segment->artifact);
        const uint64_t together = memory_of_capture(campaign, sampled, threads);
        if (!tb_plan_is_shared(campaign, plan, segment, threads))
            alone[sampled]++;
        else if (together > shared)
            shared = together;
    }
    const uint64_t most = (uint64_t)threads;
    const uint64_t sampled = alone[true] < most ? alone[true] : most;
    const uint64_t others = alone[false] < most - sampled ? alone[false] : most - sampled;
    const uint64_t beside =
        sampled * memory_of_capture(campaign, true, 1) + others * memory_of_capture(campaign, false, 1);
    return shared > beside ? shared : beside;
}

/* In one team: of a trace, what the lead may get from the others; of a capture, as much as of one that it reads alone. */
static uint64_t memory_of_team(const struct tb_campaign *campaign, const struct tb_plan *plan,
                               const struct tb_plan_team *team, int rank, int threads)
{
    if (campaign->artifacts[team->artifact].kind != TB_ARTIFACT_CAPTURE)
        return plan->team_ranks[team->first] == rank ? TB_TRACE_REPLIES_MOST : 0;
    return memory_of_capture(campaign, tb_captured_at_both_ends(campaign, team->artifact), threads);
}

/* A rank is in one team at a time. */
static uint64_t memory_of_teams(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, int threads)
{
    uint64_t most = 0;
    for (size_t i = 0; i < plan->team_count; i++) {
        if (!tb_plan_takes_part(plan, &plan->teams[i], rank))
            continue;
        const uint64_t bytes = memory_of_team(campaign, plan, &plan->teams[i], rank, threads);
        most = bytes > most ? bytes : most;
    }
    return most;
}

/* What threads may have decompressed ahead of a large file's reader. */
static uint64_t memory_of_decompression(const struct tb_campaign *campaign, int threads)
{
    bool any = false;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        any |= campaign->artifacts[i].members;
    const int most = threads < TB_DECOMPRESSORS_MOST ? threads : TB_DECOMPRESSORS_MOST;
    return any && threads > 1 ? (uint64_t)most * TB_DECOMPRESSED_AHEAD : 0;
}

/* The windows of traces that are in a file for each process; a thread reads one trace at a time. */
static uint64_t memory_of_merged(const struct tb_campaign *campaign, int threads)
{
    uint64_t files = 0, traces = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *const artifact = &campaign->artifacts[i];
        if (artifact->kind != TB_ARTIFACT_TRACE || artifact->further_count == 0)
            continue;
        traces++;
        files = artifact->further_count + 1 > files ? artifact->further_count + 1 : files;
    }
    const uint64_t least = files * TB_MERGED_WINDOW;
    const uint64_t each = least > TB_MERGED_MEMORY ? least : TB_MERGED_MEMORY;
    return each * (traces < (uint64_t)threads ? traces : (uint64_t)threads);
}

uint64_t tb_decoding_memory(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, int threads)
{
    return memory_of_teams(campaign, plan, rank, threads) + memory_of_captures(campaign, plan, threads) +
           memory_of_decompression(campaign, threads) + memory_of_merged(campaign, threads);
}
