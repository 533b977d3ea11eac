/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_CHAIN_COMPARISON_H
#define TWINBED_MARKOV_CHAIN_COMPARISON_H

/* How two chains of one order differ. Sums run in the order of keys with
 * compensation. Tests of homogeneity and order are in chain_tests.c. Formulas and sources: docs/method.md. */

#include "twinbed/markov/chain.h"

/* Which edges exist where. */
struct tb_edge_agreement {
    uint64_t common;
    uint64_t only;           /* in the chain, not in the reference */
    uint64_t reference_only; /* in the reference, not in the chain */
    double share;            /* of edges in one only over those in either; NaN without edges */
};

struct tb_chain_comparison {
    struct tb_edge_agreement edges;
    struct tb_edge_agreement pruned; /* of edges that pruning keeps */
    double mean_weight_difference;   /* mean of |w - w'| over common edges; NaN without any */
    double greatest_weight_difference;
    double divergence;     /* Jensen-Shannon divergence of joint transition frequencies, bits, 0 .. 1 */
    double state_distance; /* total variation of the frequencies of states left, 0 .. 1 */
    double entropy_rate;   /* bits per transition of the chain itself */
    double reference_entropy_rate;
    double cross_entropy;          /* bits per transition on the reference's weights; INFINITY with unseen ones */
    double smoothed_cross_entropy; /* the same on smoothed weights; NaN when the reference has none */
    double divergence_rate;        /* cross_entropy - entropy_rate */
    double smoothed_divergence_rate;
    double unseen_share;           /* of the chain's windows of N + 1 calls, those that the reference lacks */
    double reference_unseen_share; /* of the reference's windows, those that the chain lacks */
};

/* Values that need transitions are NaN when a side has none. */
void tb_chain_compare(const struct tb_chain *chain, const struct tb_chain *reference,
                      struct tb_chain_comparison *comparison);

/* Jensen-Shannon divergence of the joint transition frequencies of two finished
 * tables of one order, bits; exactly 0 for equal counts; NaN when one is empty. */
double tb_transitions_divergence(const struct tb_transitions *a, const struct tb_transitions *b);

/* Do all sequences come from one chain? */
struct tb_homogeneity {
    uint64_t transitions;    /* of all tables */
    uint64_t degrees;        /* of freedom: sum over states of (tables that leave it - 1)(successors - 1) */
    double likelihood_ratio; /* G */
    double pearson;          /* X^2 */
    double effect;           /* sqrt(G / (2 n ln 2)); NaN without transitions */
    double cramers_v;        /* per state, averaged with its transitions as weight; NaN without degrees of freedom */
};

/* Finished tables of one order; count at least 1. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_homogeneity_compute(const struct tb_transitions *const *tables, size_t count,
                                                  struct tb_homogeneity *homogeneity, struct tb_error *error);

/* How well a chain of some order describes the transitions of a table. */
struct tb_order_score {
    unsigned order;
    uint64_t transitions;  /* n: those of the table, the same for every order */
    uint64_t contexts;     /* states of this order that occur */
    uint64_t parameters;   /* contexts * (calls that occur - 1) */
    double log_likelihood; /* natural logarithm */
    double aic;            /* -2 L + 2 parameters */
    double bic;            /* -2 L + parameters ln n */
};

/* Scores order 1 .. table's order on the table's own transitions: the counts of
 * lower orders are its sums, so that likelihoods can be compared. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_order_score_compute(const struct tb_transitions *table, unsigned order,
                                                  struct tb_order_score *score, struct tb_error *error);

#endif
