/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_PLAN_H
#define TWINBED_CAMPAIGN_PLAN_H

/* Who reads what: pure functions from (sizes, ranks) to byte ranges.
 *
 * A segment is the byte range of one artifact that one thread decodes. Whole
 * files go to ranks largest first, each to the rank with the fewest bytes so
 * far (the lowest such rank); the result depends on nothing else. That is what
 * each rank gets when all are equally fast. In the job, ranks take whole files
 * from a queue (parallel/queue.h), and this only tells which files are too
 * large for that, and how much there is.
 *
 * A large plain trace or capture that would give that rank more than an eighth
 * beyond its share of all bytes is decoded by a team instead: by as few of the
 * ranks with the fewest bytes as bring each of them to no more than that, or by
 * all. */

#include <stddef.h>
#include <stdint.h>

#include "twinbed/campaign/campaign.h"

struct tb_segment {
    size_t artifact; /* index in the campaign */
    uint64_t begin;  /* byte offset in the file */
    uint64_t end;    /* behind the last byte */
    int rank;
};

/* Ranks that decode one trace or capture together. */
struct tb_plan_team {
    size_t artifact;
    uint64_t bytes;
    size_t first; /* its ranks are team_ranks[first .. first + count), ascending; the first of them leads */
    int count;    /* 2 or more */
};

struct tb_plan {
    int ranks;
    struct tb_segment *segments; /* owned; by rank, then in the order they are to be decoded: largest first */
    size_t segment_count;
    size_t *rank_begin;   /* owned; ranks + 1 items: segments of rank r are [rank_begin[r], rank_begin[r + 1]) */
    uint64_t *rank_bytes; /* owned; ranks items; of its segments, and its shares of what teams read */
    uint64_t total_bytes;
    struct tb_plan_team *teams; /* owned; in the order in which every rank takes part: before its segments */
    size_t team_count;
    int *team_ranks; /* owned */
    size_t team_rank_count;
};

/* One of count programs that share a campaign without knowing of each other: number counts from 0. */
struct tb_task {
    int number;
    int count;
};

/* Plans every artifact that exists and is decoded itself (same_as unset).
 * Directories and files of size 0 count as one byte. ranks >= 1. */
TB_MUST_USE enum tb_status tb_plan_make(const struct tb_campaign *campaign, int ranks, struct tb_plan *plan,
                                        struct tb_error *error);
/* The same for one task alone. Whole files go to tasks as they go to ranks: largest first, each to the task with the fewest
 * bytes so far; every file is of one task. TB_USAGE when there is no such task. */
TB_MUST_USE enum tb_status tb_plan_make_for_task(const struct tb_campaign *campaign, struct tb_task task, int ranks,
                                                 struct tb_plan *plan, struct tb_error *error);
void tb_plan_free(struct tb_plan *plan);

/* Whether a rank belongs to a team. */
bool tb_plan_takes_part(const struct tb_plan *plan, const struct tb_plan_team *team, int rank);

/* Nanoseconds that one thread decodes, about: by kind, compression and size. Storage may be slower. */
uint64_t tb_plan_cost(const struct tb_artifact *artifact);

/* Whether all threads of a rank are to decode a file together, one such file after another, rather than one of them
 * alone: a trace or capture, plain or compressed in several members, that is large, and more than the share of one of all
 * threads. The same for whichever rank takes it. */
bool tb_plan_is_shared(const struct tb_campaign *campaign, const struct tb_plan *plan, const struct tb_segment *segment,
                       long long threads);

/* Bytes: of a trace or capture that is decoded by several threads or ranks, and of a rank's share of it. */
enum { TB_PLAN_SHARED_LEAST = 16 << 20, TB_PLAN_TEAM_SHARE_LEAST = 4 << 20 };

/* First item of the share of rank, when count items are dealt out in
 * contiguous shares that differ by at most one; the share ends where that of
 * rank + 1 begins. Integer arithmetic only. */
uint64_t tb_share_begin(uint64_t count, int ranks, int rank);

#endif
