/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edges.h"

#include <stdlib.h>
#include <string.h>

struct placed_edge {
    int32_t source, target;
    size_t testbed;
    size_t edge;
};

static int compare(const void *left, const void *right)
{
    const struct placed_edge *a = left;
    const struct placed_edge *b = right;
    if (a->source != b->source)
        return a->source < b->source ? -1 : 1;
    if (a->target != b->target)
        return a->target < b->target ? -1 : 1;
    return (a->testbed > b->testbed) - (a->testbed < b->testbed);
}

static size_t edges_of(const struct tb_view *view, const size_t *chains)
{
    size_t total = 0;
    for (size_t t = 0; t < view->testbeds; t++)
        if (chains[t] != TB_ABSENT)
            total += view->chain_first_edge[chains[t] + 1] - view->chain_first_edge[chains[t]];
    return total;
}

static void collect(const struct tb_view *view, const size_t *chains, struct placed_edge *all)
{
    size_t at = 0;
    for (size_t t = 0; t < view->testbeds; t++) {
        if (chains[t] == TB_ABSENT)
            continue;
        for (size_t i = view->chain_first_edge[chains[t]]; i < view->chain_first_edge[chains[t] + 1]; i++) {
            size_t edge = view->edges_by_chain[i];
            all[at++] = (struct placed_edge){view->edge_source[edge], view->edge_target[edge], t, edge};
        }
    }
}

static bool same(const struct placed_edge *a, const struct placed_edge *b)
{
    return a->source == b->source && a->target == b->target;
}

/* Takes over one group of equal edges; false when pruning drops it everywhere. */
static bool take(struct tb_edge_union *edges, const struct tb_view *view, const struct placed_edge *group, size_t count)
{
    size_t *row = edges->edge + edges->count * view->testbeds;
    bool *kept = edges->kept + edges->count * view->testbeds;
    bool any = false;
    for (size_t t = 0; t < view->testbeds; t++) {
        row[t] = TB_ABSENT;
        kept[t] = false;
    }
    for (size_t i = 0; i < count; i++) {
        row[group[i].testbed] = group[i].edge;
        kept[group[i].testbed] = view->edge_pruned_weight[group[i].edge] > 0;
        any = any || kept[group[i].testbed];
    }
    edges->source[edges->count] = group->source;
    edges->target[edges->count] = group->target;
    return any;
}

enum tb_status tb_edge_union_build(struct tb_edge_union *edges, const struct tb_view *view, const size_t *chains,
                                   struct tb_error *error)
{
    memset(edges, 0, sizeof *edges);
    size_t total = edges_of(view, chains);
    struct placed_edge *all = calloc(total + 1, sizeof *all);
    edges->source = calloc(total + 1, sizeof *edges->source);
    edges->target = calloc(total + 1, sizeof *edges->target);
    edges->edge = calloc((total + 1) * view->testbeds, sizeof *edges->edge);
    edges->kept = calloc((total + 1) * view->testbeds, sizeof *edges->kept);
    edges->chain = calloc(view->testbeds, sizeof *edges->chain);
    if (all == NULL || edges->source == NULL || edges->target == NULL || edges->edge == NULL || edges->kept == NULL ||
        edges->chain == NULL) {
        free(all);
        tb_edge_union_free(edges);
        return tb_error_memory(error, "the report's chains");
    }
    for (size_t t = 0; t < view->testbeds; t++) {
        edges->chain[t] = chains[t];
        edges->testbeds_with_chain += chains[t] != TB_ABSENT;
    }
    collect(view, chains, all);
    qsort(all, total, sizeof *all, compare);
    for (size_t i = 0; i < total;) {
        size_t next = i + 1;
        while (next < total && same(&all[i], &all[next]))
            next++;
        edges->count += take(edges, view, &all[i], next - i);
        i = next;
    }
    free(all);
    return TB_OK;
}

void tb_edge_union_free(struct tb_edge_union *edges)
{
    free(edges->source);
    free(edges->target);
    free(edges->edge);
    free(edges->kept);
    free(edges->chain);
    memset(edges, 0, sizeof *edges);
}

size_t tb_edge_union_places(const struct tb_edge_union *edges, const struct tb_view *view, size_t edge)
{
    size_t places = 0;
    for (size_t t = 0; t < view->testbeds; t++)
        places += edges->kept[edge * view->testbeds + t];
    return places;
}
