/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/net/stalls.h"

#include <stdlib.h>

#include "packet.h"
#include "twinbed/base/containers.h"

struct interval {
    uint64_t begin;
    uint64_t end;
};

static int compare_intervals(const void *one, const void *other)
{
    const struct interval *a = one, *b = other;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* The longer stall of the two sides. */
static struct interval longest_stall(const struct tb_flow *flow)
{
    const struct tb_flow_detail *detail = &flow->side[0].detail;
    if (flow->side[1].detail.stall_longest > detail->stall_longest)
        detail = &flow->side[1].detail;
    return (struct interval){detail->stall_begin, detail->stall_begin + detail->stall_longest};
}

static void find_clusters(const struct interval *intervals, size_t count, struct tb_stalls *stalls)
{
    uint64_t end = 0, flows = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || intervals[i].begin > end) {
            stalls->clusters++;
            flows = 0;
        }
        if (intervals[i].end > end)
            end = intervals[i].end;
        if (++flows > stalls->largest)
            stalls->largest = flows;
    }
}

bool tb_stalls_find(const struct tb_flow *flows, size_t count, const struct tb_stall_rule *rule,
                    struct tb_stalls *stalls)
{
    struct interval *intervals = NULL;
    size_t capacity = 0, found = 0;
    *stalls = (struct tb_stalls){0};
    for (size_t i = 0; i < count; i++) {
        const struct tb_flow *flow = &flows[i];
        if (flow->protocol != TB_PROTOCOL_TCP || (rule->port != 0 && flow->server.port != rule->port))
            continue;
        const struct interval stall = longest_stall(flow);
        const uint64_t length = stall.end - stall.begin;
        if (length == 0 || length < rule->gap)
            continue;
        if (!tb_array_reserve(&intervals, &capacity, found + 1, sizeof *intervals)) {
            free(intervals);
            return false;
        }
        intervals[found++] = stall;
        if (length > stalls->longest)
            stalls->longest = length;
    }
    if (found != 0)
        qsort(intervals, found, sizeof *intervals, compare_intervals);
    find_clusters(intervals, found, stalls);
    free(intervals);
    stalls->flows = found;
    stalls->stalled = found != 0 && stalls->largest >= rule->flows;
    return true;
}
