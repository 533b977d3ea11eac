/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_CHAIN_H
#define TWINBED_MARKOV_CHAIN_H

/* A Markov chain: the weights that follow from transition counts.
 *
 * Edge e leaves state s: weight = count(e) / sum of counts of edges leaving s.
 * Edges are in the order of their keys. Pruning is a view: it drops edges with
 * weight < threshold (an edge of exactly the threshold stays) and divides the
 * rest of each state by their sum, once; counts stay. */

#include "twinbed/markov/transitions.h"

struct tb_edge {
    struct tb_key transition;
    uint64_t count;
    double weight;        /* (0, 1] */
    double pruned_weight; /* 0 when pruned, else (0, 1] */
};

/* What a walk adds up, and no more: a walk reads these of every edge. */
struct tb_edge_logs {
    double weight;   /* log10 of the edge's weight */
    double smoothed; /* log10 of its smoothed weight; NaN before tb_chain_smooth */
};

struct tb_chain {
    unsigned order;
    struct tb_edge *edges;     /* owned; sorted by transition */
    struct tb_edge_logs *logs; /* owned; of each edge */
    uint64_t *low_words;       /* owned; of each edge's transition */
    uint32_t *sources;         /* owned; of each edge the place of the state it leaves */
    size_t edge_count;         /* at most 2^30; beyond that there is TB_MEMORY */
    struct tb_key *states;     /* owned; every state that an edge leaves or enters or a life begins with, sorted */
    uint64_t *leaving;         /* owned; one per state: transitions that leave it */
    double
        *log10_unseen; /* owned; one per state: smoothed weight of an edge that is not there; NULL before smoothing */
    double log10_stranger; /* smoothed weight of any edge that leaves a state the chain lacks */
    size_t state_count;
};

/* prune: weights below it are dropped from the pruned view, 0 <= prune < 1.
 * On TB_OK the chain is the caller's to free (tb_chain_free). TB_MEMORY. */
TB_MUST_USE enum tb_status tb_chain_build(const struct tb_transitions *transitions, double prune,
                                          struct tb_chain *chain, struct tb_error *error);
void tb_chain_free(struct tb_chain *chain);

/* Additive smoothing: an edge from state i has the weight
 *
 *      (n_ij + smoothing) / (n_i + smoothing * vocabulary)
 *
 * so that no transition is impossible. smoothing > 0; vocabulary: how many calls
 * can follow a state, at least 1 (tb_vocabulary_count). Counts stay. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_chain_smooth(struct tb_chain *chain, double smoothing, size_t vocabulary,
                                           struct tb_error *error);

/* The place of a state in the chain's states, or -1. */
int64_t tb_chain_find_state(const struct tb_chain *chain, struct tb_key state);

/* log10 of the smoothed weight of a transition that the chain lacks; NaN before tb_chain_smooth. */
double tb_chain_unseen_weight(const struct tb_chain *chain, struct tb_key transition);

/* Occurrences of all edges together. */
uint64_t tb_chain_total(const struct tb_chain *chain);

/* The edges of two chains of one order, transition by transition. Zero it to start. */
struct tb_edge_pair {
    const struct tb_edge *here; /* of the one chain; NULL: it lacks the transition */
    const struct tb_edge *there;
    size_t next_here, next_there; /* places of the edges to come */
};
/* Goes on to the next transition, in the order of keys, that either chain has; false behind the last. */
bool tb_edge_pair_next(struct tb_edge_pair *pair, const struct tb_chain *chain, const struct tb_chain *reference);

/* "open>read>close": the names of a key's count calls joined by '>'. Returns
 * the length as snprintf does. */
int tb_key_label(struct tb_key key, unsigned count, char *label, size_t size);

#endif
