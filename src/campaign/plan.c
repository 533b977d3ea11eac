/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Largest file first, each to the rank with the fewest bytes so far; a heap of
 * ranks makes that O(files x log ranks), and O(ranks x log ranks) more a team. */
#include "twinbed/campaign/plan.h"

#include <stdlib.h>
#include <string.h>

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

/* A plan while files are dealt out. */
struct dealing {
    const struct tb_campaign *campaign;
    struct tb_plan *plan;
    struct tb_segment *segments; /* all of them, largest first */
    int *heap;
    struct tb_task task;
    uint64_t most;    /* bytes that a rank should not go beyond */
    bool all_ranks;   /* every team is of all of them */
    bool whole_files; /* there are no teams */
};

static bool is_cuttable(const struct dealing *dealing, const struct tb_segment *segment)
{
    const struct tb_artifact *const artifact = &dealing->campaign->artifacts[segment->artifact];
    return tb_artifact_kind_is_record(artifact->kind) && artifact->plain && segment->end >= TB_PLAN_SHARED_LEAST;
}

/* Of count ranks that read bytes together, what the one at which reads. */
static uint64_t team_share(uint64_t bytes, int count, int which)
{
    return tb_share_begin(bytes, count, which + 1) - tb_share_begin(bytes, count, which);
}

/* The ranks of a heap in the order in which they are to be served; what is left is one again. */
static void sort_heap(const struct dealing *dealing)
{
    const uint64_t *const bytes = dealing->plan->rank_bytes;
    /* Each top goes behind the shrinking heap, which leaves them the wrong way round. */
    for (int count = dealing->plan->ranks; count > 1; count--) {
        const int top = dealing->heap[0];
        dealing->heap[0] = dealing->heap[count - 1];
        dealing->heap[count - 1] = top;
        sink_top(dealing->heap, count - 1, bytes);
    }
    for (int i = 0, j = dealing->plan->ranks - 1; i < j; i++, j--) {
        const int moved = dealing->heap[i];
        dealing->heap[i] = dealing->heap[j];
        dealing->heap[j] = moved;
    }
}

/* As few as bring none beyond what it should read. The heap is sorted. */
static int choose_team_size(const struct dealing *dealing, uint64_t bytes)
{
    const uint64_t shares = bytes / TB_PLAN_TEAM_SHARE_LEAST;
    const int most = shares < (uint64_t)dealing->plan->ranks ? (int)shares : dealing->plan->ranks;
    for (int count = 2; count < most && !dealing->all_ranks; count++)
        if (dealing->plan->rank_bytes[dealing->heap[count - 1]] + team_share(bytes, count, 0) <= dealing->most)
            return count;
    return most;
}

static int compare_ranks(const void *a, const void *b)
{
    const int *const x = a, *const y = b;
    return (*x > *y) - (*x < *y);
}

/* False without memory. */
static bool add_team(struct tb_plan *plan, const struct tb_segment *segment, const int *ranks, int count)
{
    int *const team_ranks = realloc(plan->team_ranks, (plan->team_rank_count + (size_t)count) * sizeof *team_ranks);
    if (team_ranks == NULL)
        return false;
    plan->team_ranks = team_ranks;
    memcpy(team_ranks + plan->team_rank_count, ranks, (size_t)count * sizeof *ranks);
    qsort(team_ranks + plan->team_rank_count, (size_t)count, sizeof *ranks, compare_ranks);
    struct tb_plan_team *const teams = realloc(plan->teams, (plan->team_count + 1) * sizeof *teams);
    if (teams == NULL)
        return false;
    plan->teams = teams;
    teams[plan->team_count++] = (struct tb_plan_team){
        .artifact = segment->artifact, .bytes = segment->end, .first = plan->team_rank_count, .count = count};
    for (int i = 0; i < count; i++)
        plan->rank_bytes[team_ranks[plan->team_rank_count + (size_t)i]] += team_share(segment->end, count, i);
    plan->team_rank_count += (size_t)count;
    return true;
}

/* Ranks in any order become a heap. */
static void build_heap(const struct dealing *dealing)
{
    const int ranks = dealing->plan->ranks;
    const uint64_t *const bytes = dealing->plan->rank_bytes;
    for (int i = 1; i < ranks; i++)
        for (int at = i; at > 0 && is_before(bytes, dealing->heap[at], dealing->heap[(at - 1) / 2]);
             at = (at - 1) / 2) {
            const int moved = dealing->heap[at];
            dealing->heap[at] = dealing->heap[(at - 1) / 2];
            dealing->heap[(at - 1) / 2] = moved;
        }
}

static bool deal_to_team(struct dealing *dealing, const struct tb_segment *segment)
{
    sort_heap(dealing);
    const bool good = add_team(dealing->plan, segment, dealing->heap, choose_team_size(dealing, segment->end));
    build_heap(dealing);
    return good;
}

static void deal_to_rank(struct dealing *dealing, const struct tb_segment *segment)
{
    struct tb_plan *const plan = dealing->plan;
    const int rank = dealing->heap[0];
    dealing->segments[plan->segment_count] = *segment;
    dealing->segments[plan->segment_count++].rank = rank;
    plan->rank_bytes[rank] += segment->end;
    plan->rank_begin[rank + 1]++;
    sink_top(dealing->heap, plan->ranks, plan->rank_bytes);
}

/* Those of teams are taken out of the list of segments. */
static bool deal(struct dealing *dealing, size_t count)
{
    struct tb_plan *const plan = dealing->plan;
    bool good = true;
    /* Equal loads in the order of ranks are a heap already. */
    for (int rank = 0; rank < plan->ranks; rank++)
        dealing->heap[rank] = rank;
    for (size_t i = 0; i < count; i++)
        plan->total_bytes += dealing->segments[i].end;
    const uint64_t share = plan->total_bytes / (uint64_t)plan->ranks + 1;
    dealing->most = share + share / 8;
    for (size_t i = 0; good && i < count; i++) {
        const struct tb_segment segment = dealing->segments[i];
        const bool fits = plan->rank_bytes[dealing->heap[0]] + segment.end <= dealing->most;
        if (fits || plan->ranks == 1 || dealing->whole_files || !is_cuttable(dealing, &segment))
            deal_to_rank(dealing, &segment);
        else
            good = deal_to_team(dealing, &segment);
    }
    return good;
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

/* Of the ranks, the one that reads most. */
static uint64_t heaviest(const struct tb_plan *plan)
{
    uint64_t most = 0;
    for (int rank = 0; rank < plan->ranks; rank++)
        most = plan->rank_bytes[rank] > most ? plan->rank_bytes[rank] : most;
    return most;
}

/* An empty plan with room for everything. */
static bool allocate(struct tb_plan *plan, const struct tb_campaign *campaign, int ranks)
{
    *plan = (struct tb_plan){.ranks = ranks};
    plan->segments = calloc(campaign->artifact_count + 1, sizeof *plan->segments);
    plan->rank_begin = calloc((size_t)ranks + 1, sizeof *plan->rank_begin);
    plan->rank_bytes = calloc((size_t)ranks, sizeof *plan->rank_bytes);
    return plan->segments != NULL && plan->rank_begin != NULL && plan->rank_bytes != NULL;
}

static size_t list_largest_first(const struct dealing *dealing)
{
    const size_t count = list_segments(dealing->campaign, dealing->segments);
    if (count > 1)
        qsort(dealing->segments, count, sizeof *dealing->segments, compare_segments);
    return count;
}

/* Leaves the segments of the task, in their order; *count becomes theirs. */
static bool choose_task(struct dealing *dealing, size_t *count)
{
    struct tb_plan plan = {0};
    struct dealing tasks = *dealing;
    tasks.plan = &plan;
    tasks.whole_files = true;
    tasks.heap = calloc((size_t)dealing->task.count, sizeof *tasks.heap);
    const bool good =
        tasks.heap != NULL && allocate(&plan, dealing->campaign, dealing->task.count) && deal(&tasks, *count);
    size_t left = 0;
    for (size_t i = 0; i < *count && good; i++)
        if (dealing->segments[i].rank == dealing->task.number)
            dealing->segments[left++] = dealing->segments[i];
    *count = left;
    tb_plan_free(&plan);
    free(tasks.heap);
    return good;
}

static bool make(struct dealing *dealing, int ranks)
{
    size_t count = list_largest_first(dealing);
    if (dealing->task.count > 1 && !choose_task(dealing, &count))
        return false;
    return allocate(dealing->plan, dealing->campaign, ranks) && deal(dealing, count);
}

/* Bytes of the largest file that one rank must read: no team can take any of that off it. */
static uint64_t largest_whole(const struct dealing *dealing)
{
    uint64_t most = 0;
    for (size_t i = 0; i < dealing->plan->segment_count; i++)
        if (!is_cuttable(dealing, &dealing->segments[i]) && dealing->segments[i].end > most)
            most = dealing->segments[i].end;
    return most;
}

/* Small teams leave some ranks with more than others when sizes do not add up; then each is of all ranks. */
static bool make_balanced(struct dealing *dealing, int ranks)
{
    if (!make(dealing, ranks))
        return false;
    const uint64_t busiest = heaviest(dealing->plan);
    if (dealing->plan->team_count == 0 || busiest <= dealing->most || busiest <= largest_whole(dealing))
        return true;
    tb_plan_free(dealing->plan);
    dealing->all_ranks = true;
    return make(dealing, ranks);
}

enum tb_status tb_plan_make(const struct tb_campaign *campaign, int ranks, struct tb_plan *plan, struct tb_error *error)
{
    return tb_plan_make_for_task(campaign, (struct tb_task){.count = 1}, ranks, plan, error);
}

enum tb_status tb_plan_make_for_task(const struct tb_campaign *campaign, struct tb_task task, int ranks,
                                     struct tb_plan *plan, struct tb_error *error)
{
    if (ranks < 1)
        return tb_error_set(error, TB_USAGE, "a plan needs at least one rank, not %d", ranks);
    if (task.number < 0 || task.number >= task.count)
        return tb_error_set(error, TB_USAGE, "there is no task %d of %d", task.number + 1, task.count);
    struct tb_plan made = {0};
    struct dealing dealing = {.campaign = campaign,
                              .task = task,
                              .plan = &made,
                              .segments = calloc(campaign->artifact_count + 1, sizeof *dealing.segments),
                              .heap = calloc((size_t)ranks, sizeof *dealing.heap)};
    const bool good = dealing.segments != NULL && dealing.heap != NULL && make_balanced(&dealing, ranks);
    if (good) {
        group_by_rank(&made, dealing.segments);
        *plan = made;
    } else {
        tb_plan_free(&made);
    }
    free(dealing.segments);
    free(dealing.heap);
    return good ? TB_OK : tb_error_memory(error, "the plan");
}

void tb_plan_free(struct tb_plan *plan)
{
    free(plan->segments);
    free(plan->rank_begin);
    free(plan->rank_bytes);
    free(plan->teams);
    free(plan->team_ranks);
    *plan = (struct tb_plan){0};
}

bool tb_plan_is_shared(const struct tb_campaign *campaign, const struct tb_plan *plan, const struct tb_segment *segment,
                       long long threads)
{
    const uint64_t bytes = segment->end;
    const struct tb_artifact *const artifact = &campaign->artifacts[segment->artifact];
    return threads > 1 && tb_artifact_kind_is_record(artifact->kind) && (artifact->plain || artifact->members) &&
           bytes >= TB_PLAN_SHARED_LEAST && bytes > plan->total_bytes / ((uint64_t)plan->ranks * (uint64_t)threads);
}

/* Bytes a second: docs/performance.md. Small files were not looked at, so it is not known whether they are compressed. */
uint64_t tb_plan_cost(const struct tb_artifact *artifact)
{
    static const double trace = 1.5e9, capture = 4e8, compressed = 1e8;
    const bool plain = artifact->plain || artifact->size < TB_PLAN_SHARED_LEAST;
    const double rate = !plain ? compressed : artifact->kind == TB_ARTIFACT_CAPTURE ? capture : trace;
    return (uint64_t)((double)artifact->size / rate * 1e9);
}

bool tb_plan_takes_part(const struct tb_plan *plan, const struct tb_plan_team *team, int rank)
{
    for (int i = 0; i < team->count; i++)
        if (plan->team_ranks[team->first + (size_t)i] == rank)
            return true;
    return false;
}

uint64_t tb_share_begin(uint64_t count, int ranks, int rank)
{
    const uint64_t each = count / (uint64_t)ranks;
    const uint64_t extra = count % (uint64_t)ranks;
    const uint64_t before = (uint64_t)rank;
    return each * before + (before < extra ? before : extra);
}
