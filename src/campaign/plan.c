/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Largest file first, each to the rank with the fewest bytes so far; a heap of
 * ranks makes that O(files x log ranks). */
#include "twinbed/campaign/plan.h"

#include <stdlib.h>

static int compare_segments(const void *a, const void *b)
{
    const struct tb_segment *x = a;
    const struct tb_segment *y = b;
    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return x->artifact < y->artifact ? -1 : x->artifact > y->artifact ? 1 : 0;
}

/* Whether rank a is to be served before rank b. */
static bool is_before(const uint64_t *bytes, int a, int b)
{
    return bytes[a] != bytes[b] ? bytes[a] < bytes[b] : a < b;
}

/* Moves the rank at the top of the heap to where it belongs. */
static void sink_top(int *heap, int count, const uint64_t *bytes)
{
    int at = 0;
    for (;;) {
        int next = at;
        for (int child = 2 * at + 1; child <= 2 * at + 2 && child > 0 && child < count; child++)
            if (is_before(bytes, heap[child], heap[next]))
                next = child;
        if (next == at)
            return;
        const int moved = heap[at];
        heap[at] = heap[next];
        heap[next] = moved;
        at = next;
    }
}

static size_t list_segments(const struct tb_campaign *campaign, struct tb_segment *segments)
{
    size_t count = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->exists && artifact->same_as == TB_NO_INDEX)
            segments[count++] = (struct tb_segment){.artifact = i, .end = artifact->size > 0 ? artifact->size : 1};
    }
    return count;
}

static void deal(struct tb_plan *plan, struct tb_segment *segments, int *heap)
{
    /* Equal loads in the order of ranks are a heap already. */
    for (int rank = 0; rank < plan->ranks; rank++)
        heap[rank] = rank;
    for (size_t i = 0; i < plan->segment_count; i++) {
        const uint64_t bytes = segments[i].end - segments[i].begin;
        const int rank = heap[0];
        segments[i].rank = rank;
        plan->rank_bytes[rank] += bytes;
        plan->rank_begin[rank + 1]++;
        plan->total_bytes += bytes;
        sink_top(heap, plan->ranks, plan->rank_bytes);
    }
}

/* Groups the segments by rank and keeps their order within each. */
static void group_by_rank(struct tb_plan *plan, const struct tb_segment *segments)
{
    for (int rank = 0; rank < plan->ranks; rank++)
        plan->rank_begin[rank + 1] += plan->rank_begin[rank];
    for (size_t i = 0; i < plan->segment_count; i++)
        plan->segments[plan->rank_begin[segments[i].rank]++] = segments[i];
    /* Each beginning has moved to the next one's place. */
    for (int rank = plan->ranks; rank > 0; rank--)
        plan->rank_begin[rank] = plan->rank_begin[rank - 1];
    plan->rank_begin[0] = 0;
}

enum tb_status tb_plan_make(const struct tb_campaign *campaign, int ranks, struct tb_plan *plan, struct tb_error *error)
{
    if (ranks < 1)
        return tb_error_set(error, TB_USAGE, "a plan needs at least one rank, not %d", ranks);
    struct tb_plan made = {.ranks = ranks};
    struct tb_segment *segments = calloc(campaign->artifact_count + 1, sizeof *segments);
    int *heap = calloc((size_t)ranks, sizeof *heap);
    made.segments = calloc(campaign->artifact_count + 1, sizeof *made.segments);
    made.rank_begin = calloc((size_t)ranks + 1, sizeof *made.rank_begin);
    made.rank_bytes = calloc((size_t)ranks, sizeof *made.rank_bytes);
    enum tb_status status = TB_OK;
    if (segments == NULL || heap == NULL || made.segments == NULL || made.rank_begin == NULL ||
        made.rank_bytes == NULL) {
        tb_plan_free(&made);
        status = tb_error_memory(error, "the plan");
    } else {
        made.segment_count = list_segments(campaign, segments);
        if (made.segment_count > 1)
            qsort(segments, made.segment_count, sizeof *segments, compare_segments);
        deal(&made, segments, heap);
        group_by_rank(&made, segments);
        *plan = made;
    }
    free(segments);
    free(heap);
    return status;
}

void tb_plan_free(struct tb_plan *plan)
{
    free(plan->segments);
    free(plan->rank_begin);
    free(plan->rank_bytes);
    *plan = (struct tb_plan){0};
}

bool tb_plan_is_shared(const struct tb_campaign *campaign, const struct tb_plan *plan, const struct tb_segment *segment,
                       long long threads)
{
    const uint64_t bytes = segment->end - segment->begin;
    const enum tb_artifact_kind kind = campaign->artifacts[segment->artifact].kind;
    return threads > 1 && (kind == TB_ARTIFACT_TRACE || kind == TB_ARTIFACT_CAPTURE) && bytes >= TB_PLAN_SHARED_LEAST &&
           bytes > plan->rank_bytes[segment->rank] / (uint64_t)threads;
}

uint64_t tb_share_begin(uint64_t count, int ranks, int rank)
{
    const uint64_t each = count / (uint64_t)ranks;
    const uint64_t extra = count % (uint64_t)ranks;
    const uint64_t before = (uint64_t)rank;
    return each * before + (before < extra ? before : extra);
}
