/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_MARKOV_WALK_DIFFERENCE_H
#define TWINBED_MARKOV_WALK_DIFFERENCE_H

/* Which calls make the difference between two walks on one chain: that of the
 * chain's own sequence and that of another sequence. Definition: docs/method.md. */

#include "twinbed/markov/chain.h"

/* The transitions that enter one call. */
struct tb_walk_difference {
    tb_call call;
    uint64_t count; /* occurrences, in the sequence and in the reference's */
    uint64_t reference_count;
    double bits;  /* sum of (frequency - reference's frequency) * -log2 of the reference's weight */
    double share; /* |bits| over the sum of all |bits|; NaN when nothing differs */
};

/* Both chains have the same order; the reference is smoothed (tb_chain_smooth).
 * Every call that a transition of either enters, greatest |bits| first, ties by
 * name; none when either chain is empty. On TB_OK *calls is the caller's to
 * free. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_walk_difference_rank(const struct tb_chain *chain, const struct tb_chain *reference,
                                                   struct tb_walk_difference **calls, size_t *count,
                                                   struct tb_error *error);

#endif
