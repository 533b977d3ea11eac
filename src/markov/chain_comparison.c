/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures of how far two chains lie from each other, over the union of their edges. Terms are
 * added in the order of keys with compensated sums, so results have the same bits on any number of
 * ranks. What has no value (no common edge, say) is NaN, never 0. */
#include "twinbed/markov/chain_comparison.h"

#include <math.h>

#include "compensated.h"

/* Sums over the union of two chains' edges, in the order of keys. */
struct sums {
    struct tb_chain_comparison *result;
    uint64_t unseen, reference_unseen; /* windows */
    struct compensated weight_differences;
    struct compensated entropy, reference_entropy; /* of log2 weights, times counts */
    struct compensated cross, smoothed;            /* the same with the reference's weights */
};

static void note_agreement(struct tb_edge_agreement *agreement, bool here, bool there)
{
    agreement->common += here && there;
    agreement->only += here && !there;
    agreement->reference_only += there && !here;
}

static double agreement_share(const struct tb_edge_agreement *agreement)
{
    const uint64_t one = agreement->only + agreement->reference_only;
    const uint64_t either = one + agreement->common;
    return either == 0 ? NAN : (double)one / (double)either;
}

/* One edge of the union; either may be NULL, not both. */
static void add_edge(struct sums *sums, const struct tb_chain *reference, const struct tb_edge *here,
                     const struct tb_edge *there)
{
    note_agreement(&sums->result->edges, here != NULL, there != NULL);
    note_agreement(&sums->result->pruned, here != NULL && here->pruned_weight > 0,
                   there != NULL && there->pruned_weight > 0);
    if (there != NULL)
        compensated_add(&sums->reference_entropy, -(double)there->count * log2(there->weight));
    if (here == NULL) {
        sums->reference_unseen += there->count;
        return;
    }
    const double count = (double)here->count;
    compensated_add(&sums->entropy, -count * log2(here->weight));
    if (there == NULL) {
        sums->unseen += here->count;
        compensated_add(&sums->smoothed, -count * tb_chain_unseen_weight(reference, here->transition));
        return;
    }
    const double difference = fabs(here->weight - there->weight);
    compensated_add(&sums->weight_differences, difference);
    sums->result->greatest_weight_difference = fmax(sums->result->greatest_weight_difference, difference);
    compensated_add(&sums->cross, -count * log2(there->weight));
    compensated_add(&sums->smoothed, -count * reference->logs[there - reference->edges].smoothed);
}

static double ratio(double amount, uint64_t of)
{
    return of == 0 ? NAN : amount / (double)of;
}

/* Half of the sum of |p - q| over the states of either chain. */
static double state_distance(const struct tb_chain *chain, uint64_t total, const struct tb_chain *reference,
                             uint64_t reference_total)
{
    struct compensated sum = {0};
    size_t i = 0, j = 0;
    while (i < chain->state_count || j < reference->state_count) {
        const int order = i == chain->state_count       ? 1
                          : j == reference->state_count ? -1
                                                        : tb_key_compare(chain->states[i], reference->states[j]);
        const double p = order <= 0 ? ratio((double)chain->leaving[i], total) : 0;
        const double q = order >= 0 ? ratio((double)reference->leaving[j], reference_total) : 0;
        compensated_add(&sum, fabs(p - q));
        i += order <= 0;
        j += order >= 0;
    }
    return total == 0 || reference_total == 0 ? NAN : compensated_value(&sum) / 2;
}

/* What one transition adds to the divergence: half of p log2(p / m) + q log2(q / m), m the mean of both. Logarithms of 2 and
 * 1 need not be computed: many transitions occur on one side alone, or as often on both. */
static double divergence_term(double p, double q)
{
    const double m = (p + q) / 2;
    if (p == q)
        return 0;
    if (p == 0 || q == 0)
        return m;
    return (p * log2(p / m) + q * log2(q / m)) / 2;
}

/* Counts by key, of a chain or of a table: one of the two pointers is set. */
struct tallies {
    const struct tb_edge *edges;
    const struct tb_count *counts;
    size_t count;
    uint64_t total;
};

static struct tb_key tally_key(const struct tallies *tallies, size_t i)
{
    return tallies->edges != NULL ? tallies->edges[i].transition : tallies->counts[i].key;
}

static double tally_share(const struct tallies *tallies, size_t i)
{
    return (double)(tallies->edges != NULL ? tallies->edges[i].count : tallies->counts[i].count) /
           (double)tallies->total;
}

/* Jensen-Shannon divergence in bits, of shares of all transitions: 0 when alike, 1 when nothing is
 * in common. */
static double divergence_of(const struct tallies *a, const struct tallies *b)
{
    struct compensated sum = {0};
    size_t i = 0, j = 0;
    if (a->total == 0 || b->total == 0)
        return NAN;
    while (i < a->count || j < b->count) {
        const int order = i == a->count ? 1 : j == b->count ? -1 : tb_key_compare(tally_key(a, i), tally_key(b, j));
        const double p = order <= 0 ? tally_share(a, i) : 0;
        const double q = order >= 0 ? tally_share(b, j) : 0;
        compensated_add(&sum, divergence_term(p, q));
        i += order <= 0;
        j += order >= 0;
    }
    /* Rounding must not leave the range. */
    return fmin(1, fmax(0, compensated_value(&sum)));
}

double tb_transitions_divergence(const struct tb_transitions *a, const struct tb_transitions *b)
{
    const struct tallies first = {.counts = a->counts, .count = a->count, .total = a->total};
    const struct tallies second = {.counts = b->counts, .count = b->count, .total = b->total};
    return divergence_of(&first, &second);
}

void tb_chain_compare(const struct tb_chain *chain, const struct tb_chain *reference,
                      struct tb_chain_comparison *comparison)
{
    *comparison = (struct tb_chain_comparison){0};
    struct sums sums = {.result = comparison};
    const uint64_t total = tb_chain_total(chain);
    const uint64_t reference_total = tb_chain_total(reference);
    const struct tallies here = {.edges = chain->edges, .count = chain->edge_count, .total = total};
    const struct tallies there = {.edges = reference->edges, .count = reference->edge_count, .total = reference_total};
    struct tb_edge_pair pair = {0};
    while (tb_edge_pair_next(&pair, chain, reference))
        add_edge(&sums, reference, pair.here, pair.there);
    comparison->edges.share = agreement_share(&comparison->edges);
    comparison->pruned.share = agreement_share(&comparison->pruned);
    comparison->mean_weight_difference = ratio(compensated_value(&sums.weight_differences), comparison->edges.common);
    if (comparison->edges.common == 0)
        comparison->greatest_weight_difference = NAN;
    comparison->divergence = divergence_of(&here, &there);
    comparison->state_distance = state_distance(chain, total, reference, reference_total);
    comparison->entropy_rate = ratio(compensated_value(&sums.entropy), total);
    comparison->reference_entropy_rate = ratio(compensated_value(&sums.reference_entropy), reference_total);
    comparison->cross_entropy = sums.unseen > 0 ? INFINITY : ratio(compensated_value(&sums.cross), total);
    comparison->smoothed_cross_entropy =
        reference->log10_unseen == NULL ? NAN : ratio(compensated_value(&sums.smoothed), total) / log10(2.0);
    comparison->divergence_rate = comparison->cross_entropy - comparison->entropy_rate;
    comparison->smoothed_divergence_rate = comparison->smoothed_cross_entropy - comparison->entropy_rate;
    comparison->unseen_share = ratio((double)sums.unseen, total);
    comparison->reference_unseen_share = ratio((double)sums.reference_unseen, reference_total);
}
