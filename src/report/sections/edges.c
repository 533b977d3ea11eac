/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edges.h"

#include <stdlib.h>
#include <string.h>

enum { DRAWN_WHOLE = 36, DRAWN_FREQUENT = 26, DRAWN_DIFFERING = 8 };

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

struct rated_edge {
    double share; /* of a chain's transitions, the largest of all testbeds */
    size_t edge;
};

static int compare_rated(const void *left, const void *right)
{
    const struct rated_edge *a = left;
    const struct rated_edge *b = right;
    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    return (a->edge > b->edge) - (a->edge < b->edge);
}

double tb_edge_union_share(const struct tb_edge_union *edges, const struct tb_view *view, size_t edge, size_t testbed)
{
    size_t row = edges->edge[edge * view->testbeds + testbed];
    if (row == TB_ABSENT || view->chain_transitions[edges->chain[testbed]] <= 0)
        return 0;
    return (double)view->edge_count[row] / (double)view->chain_transitions[edges->chain[testbed]];
}

/* A state that is drawn for its loop alone would only make the drawing wide. */
static enum tb_status drop_lonely_loops(struct tb_edge_union *edges, const struct tb_view *view, struct tb_error *error)
{
    bool *joined = calloc(view->states + 1, sizeof *joined);
    if (joined == NULL)
        return tb_error_memory(error, "the report's chains");
    for (size_t i = 0; i < edges->count; i++)
        if (edges->chosen[i] && edges->source[i] != edges->target[i])
            joined[edges->source[i]] = joined[edges->target[i]] = true;
    for (size_t i = 0; i < edges->count; i++) {
        if (edges->chosen[i] && !joined[edges->source[i]] &&
            tb_edge_union_places(edges, view, i) == edges->testbeds_with_chain) {
            edges->chosen[i] = false;
            edges->chosen_count--;
        }
    }
    free(joined);
    return TB_OK;
}

/* The most frequent edges, and of those that do not exist everywhere the most frequent as well. */
static enum tb_status choose(struct tb_edge_union *edges, const struct tb_view *view, struct tb_error *error)
{
    struct rated_edge *rated = calloc(edges->count + 1, sizeof *rated);
    edges->chosen = calloc(edges->count + 1, sizeof *edges->chosen);
    if (rated == NULL || edges->chosen == NULL) {
        free(rated);
        return tb_error_memory(error, "the report's chains");
    }
    for (size_t i = 0; i < edges->count; i++) {
        rated[i].edge = i;
        for (size_t t = 0; t < view->testbeds; t++) {
            double share = tb_edge_union_share(edges, view, i, t);
            rated[i].share = share > rated[i].share ? share : rated[i].share;
        }
    }
    qsort(rated, edges->count, sizeof *rated, compare_rated);
    size_t differing = 0;
    for (size_t i = 0; i < edges->count; i++) {
        bool differs = tb_edge_union_places(edges, view, rated[i].edge) < edges->testbeds_with_chain;
        bool chosen = edges->count <= DRAWN_WHOLE || i < DRAWN_FREQUENT || (differs && differing < DRAWN_DIFFERING);
        differing += differs;
        edges->chosen[rated[i].edge] = chosen;
        edges->chosen_count += chosen;
    }
    free(rated);
    return edges->count <= DRAWN_WHOLE ? TB_OK : drop_lonely_loops(edges, view, error);
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
    enum tb_status status = choose(edges, view, error);
    if (status != TB_OK)
        tb_edge_union_free(edges);
    return status;
}

void tb_edge_union_free(struct tb_edge_union *edges)
{
    free(edges->source);
    free(edges->target);
    free(edges->edge);
    free(edges->kept);
    free(edges->chosen);
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

/* Edges are in the order of their sources, so those that leave a state stand side by side. */
struct tb_drawn_edges tb_edge_union_drawn(const struct tb_edge_union *edges, const struct tb_view *view, size_t testbed,
                                          bool all)
{
    struct tb_drawn_edges drawn = {0};
    for (size_t i = 0; i < edges->count;) {
        const int32_t source = edges->source[i];
        size_t kept_here = 0, drawn_here = 0;
        for (; i < edges->count && edges->source[i] == source; i++) {
            if (!edges->kept[i * view->testbeds + testbed])
                continue;
            const int64_t count = view->edge_count[edges->edge[i * view->testbeds + testbed]];
            const bool is_drawn = all || edges->chosen[i];
            kept_here++;
            drawn_here += is_drawn;
            drawn.kept_transitions += count;
            drawn.drawn_transitions += is_drawn ? count : 0;
        }
        drawn.kept += kept_here;
        drawn.drawn += drawn_here;
        drawn.states += drawn_here > 0;
        drawn.short_states += drawn_here > 0 && drawn_here < kept_here;
    }
    return drawn;
}
