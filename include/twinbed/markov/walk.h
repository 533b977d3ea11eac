/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_WALK_H
#define TWINBED_MARKOV_WALK_H

/* A chain scored against a sequence, from counts alone:
 *
 *      log P(B | chain A) = sum over transitions e of B of n_B(e) * log w_A(e)
 *
 * A transition with n_B > 0 that the chain lacks is invalid: the walk has
 * probability zero, and goes on counting. So is a first state of a thread life
 * that the chain lacks, which is counted apart. */

#include <stdbool.h>

#include "twinbed/markov/chain.h"

struct tb_walk {
    uint64_t transitions;            /* of the sequence, valid and not */
    uint64_t invalid_transitions;    /* occurrences */
    uint64_t invalid_distinct;       /* different ones */
    uint64_t invalid_starts;         /* thread lives whose first state the chain lacks */
    uint64_t first_invalid;          /* least position of an invalid transition or start; UINT64_MAX without any */
    struct tb_key first_invalid_key; /* the transition (or state) at that position */
    bool valid;                      /* probability above zero */
    double log10_probability;        /* over the valid transitions; the walk's own only when valid */
    double log10_smoothed;           /* over all transitions, with smoothed weights; NaN for a chain without them */
    bool first_invalid_is_start;     /* first_invalid_key is a state, not a transition */
};

/* Both must have the same order. The sum runs in the order of keys with
 * compensation, so that it is the same wherever it is computed. */
void tb_walk_score(const struct tb_chain *chain, const struct tb_transitions *sequence, struct tb_walk *walk);

/* As tb_walk_score, and lists which transitions of the sequence, and which first states of its lives, the chain lacks: copies
 * of their counts, of the same order, finished; empty for a valid walk. On TB_OK *invalid is the caller's to free.
 * TB_MEMORY. */
TB_MUST_USE enum tb_status tb_walk_score_listing(const struct tb_chain *chain, const struct tb_transitions *sequence,
                                                 struct tb_walk *walk, struct tb_transitions *invalid,
                                                 struct tb_error *error);

/* Means of log10 probabilities. Values that are not valid enter as probability
 * zero: they count in the divisor of the mean of probabilities and are left out
 * of the mean of logs. */
struct tb_walk_mean {
    uint64_t walks;
    uint64_t valid;
    double log10_mean_probability; /* log10 of the mean over all walks; -INFINITY with none valid; NaN without walks */
    double mean_log10_probability; /* over valid walks; NaN with none */
};

void tb_walk_average(const double *log10_probability, const bool *valid, size_t count, struct tb_walk_mean *mean);

#endif
