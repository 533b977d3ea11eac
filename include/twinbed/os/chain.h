/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_OS_CHAIN_H
#define TWINBED_OS_CHAIN_H

/* A Markov chain: the weights that follow from transition counts.
 *
 * Edge e leaves state s: weight = count(e) / sum of counts of edges leaving s.
 * Edges are in the order of their keys. Pruning is a view: it drops edges with
 * weight < threshold (an edge of exactly the threshold stays) and divides the
 * rest of each state by their sum, once; counts stay. */

#include "twinbed/os/transitions.h"

struct tb_edge {
    struct tb_key transition;
    uint64_t count;
    double weight;        /* (0, 1] */
    double pruned_weight; /* 0 when pruned, else (0, 1] */
};

struct tb_chain {
    unsigned order;
    struct tb_edge *edges; /* owned; sorted by transition */
    size_t edge_count;
    struct tb_key *states; /* owned; every state that an edge leaves or enters or a life begins with, sorted */
    size_t state_count;
    struct tb_index edge_index;  /* transition -> edge */
    struct tb_index state_index; /* state -> place in states */
};

/* prune: weights below it are dropped from the pruned view, 0 <= prune < 1.
 * On TB_OK the chain is the caller's to free (tb_chain_free). TB_MEMORY. */
TB_MUST_USE enum tb_status tb_chain_build(const struct tb_transitions *transitions, double prune,
                                          struct tb_chain *chain, struct tb_error *error);
void tb_chain_free(struct tb_chain *chain);

/* "open>read>close": the names of a key's count calls joined by '>'. Returns
 * the length as snprintf does. */
int tb_key_label(struct tb_key key, unsigned count, char *label, size_t size);

#endif
