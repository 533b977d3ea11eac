/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_EDGES_H
#define TWINBED_REPORT_EDGES_H

/* The chains of one scenario, role and order, edge by edge: every edge that
 * pruning keeps in at least one testbed, with its row in each. */

#include "report/view/view.h"

struct tb_edge_union {
    int32_t *source; /* owned; state */
    int32_t *target; /* owned */
    size_t *edge;    /* owned; [count * testbeds], TB_ABSENT where the testbed has no such edge */
    bool *kept;      /* owned; [count * testbeds], the edge survives pruning there */
    bool *chosen;    /* owned; [count], the edge is in the drawings that leave rare edges out */
    size_t chosen_count;
    size_t count;
    size_t *chain; /* owned; [testbeds], TB_ABSENT where there is no chain */
    size_t testbeds_with_chain;
};

/* chains: the chain of each testbed, or TB_ABSENT. */
TB_MUST_USE enum tb_status tb_edge_union_build(struct tb_edge_union *edges, const struct tb_view *view,
                                               const size_t *chains, struct tb_error *error);
void tb_edge_union_free(struct tb_edge_union *edges);

/* The share of a testbed's transitions that go over the edge. */
double tb_edge_union_share(const struct tb_edge_union *edges, const struct tb_view *view, size_t edge, size_t testbed);

/* Testbeds in which pruning keeps the edge. */
size_t tb_edge_union_places(const struct tb_edge_union *edges, const struct tb_view *view, size_t edge);

/* What a drawing of a testbed's chain shows of it. */
struct tb_drawn_edges {
    size_t kept, drawn;                          /* edges that pruning keeps, and of these those that are drawn */
    int64_t kept_transitions, drawn_transitions; /* how often they occurred */
    size_t states;                               /* states that a drawn edge leaves ... */
    size_t short_states; /* ... of which other kept edges are not drawn: weights drawn add up to less than 1 */
};

/* all: the drawing shows rare edges as well. The testbed must have a chain. */
struct tb_drawn_edges tb_edge_union_drawn(const struct tb_edge_union *edges, const struct tb_view *view, size_t testbed,
                                          bool all);

#endif
