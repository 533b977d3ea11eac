/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores a chain against a sequence: log10 of the product of weights along its transitions.
 *
 * A sequence is given as counts by transition, sorted as the chain's edges are. So one merge of
 * both lists scores it, whatever its length, and each weight's logarithm is taken once. Two sums go
 * along in one register pair: with the chain's weights, and with smoothed ones. */
#include "twinbed/markov/walk.h"

#include <math.h>

#include "compensated.h"

static void note_invalid(struct tb_walk *walk, const struct tb_count *count, bool is_start)
{
    walk->valid = false;
    if (count->first >= walk->first_invalid)
        return;
    walk->first_invalid = count->first;
    walk->first_invalid_key = count->key;
    walk->first_invalid_is_start = is_start;
}

/* A walk while it goes on. */
struct progress {
    const struct tb_chain *chain;
    size_t edge;                    /* Place in the chain: edges before it are before the transition at hand. */
    struct compensated_pair sums;   /* weights, smoothed weights */
    struct tb_transitions *invalid; /* is to hold what is invalid; NULL: nothing does */
    enum tb_status status;          /* of that */
    struct tb_error *error;
};

static void walk_starts(struct progress *progress, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    for (size_t i = 0; i < sequence->start_count; i++) {
        const struct tb_count *const start = &sequence->starts[i];
        if (tb_chain_find_state(progress->chain, start->key) >= 0)
            continue;
        walk->invalid_starts += start->count;
        note_invalid(walk, start, true);
        if (progress->invalid != NULL && progress->status == TB_OK)
            progress->status = tb_transitions_add_start_count(progress->invalid, start, progress->error);
    }
}

/* As tb_chain_unseen_weight, for the transition at hand: the state it leaves is between those of the edges around it. */
static double unseen_weight(const struct progress *progress, struct tb_key transition)
{
    const struct tb_chain *const chain = progress->chain;
    const struct tb_key source = tb_key_source(transition);
    if (chain->log10_unseen == NULL)
        return NAN;
    size_t first = progress->edge == 0 ? 0 : chain->sources[progress->edge - 1];
    size_t end = progress->edge == chain->edge_count ? chain->state_count : chain->sources[progress->edge] + (size_t)1;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        const int order = tb_key_compare(chain->states[middle], source);
        if (order == 0)
            return chain->log10_unseen[middle];
        first = order < 0 ? middle + 1 : first;
        end = order < 0 ? end : middle;
    }
    return chain->log10_stranger;
}

static void take_invalid(struct progress *progress, const struct tb_count *transition, struct tb_walk *walk)
{
    compensated_pair_add(&progress->sums, 0, (double)transition->count * unseen_weight(progress, transition->key));
    walk->invalid_transitions += transition->count;
    walk->invalid_distinct++;
    note_invalid(walk, transition, false);
    if (progress->invalid != NULL && progress->status == TB_OK)
        progress->status = tb_transitions_add_count(progress->invalid, transition, progress->error);
}

/* Keys of the orders up to 3 have nothing in their high word, so that the edges themselves need not be read. */
enum { NARROW_ORDER = 64 / TB_SYMBOL_BITS - 1 };

static inline struct tb_key key_of_edge(const struct tb_chain *chain, size_t edge, bool narrow)
{
    return (struct tb_key){.high = narrow ? 0 : chain->edges[edge].transition.high, .low = chain->low_words[edge]};
}

/* Transitions that the chain's next edges equal one by one: nearly all. Returns the first that does not. */
static inline size_t take_matches(struct progress *progress, const struct tb_transitions *sequence, size_t first,
                                  bool narrow)
{
    const struct tb_chain *const chain = progress->chain;
    const size_t left = sequence->count - first, left_of_chain = chain->edge_count - progress->edge;
    const size_t most = left < left_of_chain ? left : left_of_chain;
    const struct tb_count *const counts = sequence->counts + first;
    const size_t edge = progress->edge;
    struct compensated_pair sums = progress->sums;
    size_t i = 0;
    for (; i < most && tb_key_equal(key_of_edge(chain, edge + i, narrow), counts[i].key); i++) {
        const double count = (double)counts[i].count;
        compensated_pair_add(&sums, count * chain->logs[edge + i].weight, count * chain->logs[edge + i].smoothed);
    }
    progress->sums = sums;
    progress->edge += i;
    return first + i;
}

/* The merge of two lists that are sorted by key reads each once, where a look-up would jump. */
static inline void take_transitions(struct progress *progress, const struct tb_transitions *sequence,
                                    struct tb_walk *walk, bool narrow)
{
    const struct tb_chain *const chain = progress->chain;
    for (size_t i = take_matches(progress, sequence, 0, narrow); i < sequence->count;
         i = take_matches(progress, sequence, i, narrow)) {
        const struct tb_count *const transition = &sequence->counts[i];
        int order = 1;
        while (progress->edge < chain->edge_count &&
               (order = tb_key_compare(key_of_edge(chain, progress->edge, narrow), transition->key)) < 0)
            progress->edge++;
        if (progress->edge < chain->edge_count && order == 0)
            continue;
        take_invalid(progress, transition, walk);
        i++;
    }
}

static void take_walk(struct progress *progress, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    const struct tb_chain *const chain = progress->chain;
    *walk = (struct tb_walk){.transitions = sequence->total, .first_invalid = UINT64_MAX, .valid = true};
    /* Starts first: where both begin at one position, the state comes before the transition. */
    walk_starts(progress, sequence, walk);
    if (chain->order <= NARROW_ORDER)
        take_transitions(progress, sequence, walk, true);
    else
        take_transitions(progress, sequence, walk, false);
    walk->log10_probability = compensated_pair_value(&progress->sums, 0);
    walk->log10_smoothed = chain->log10_unseen == NULL ? NAN : compensated_pair_value(&progress->sums, 1);
}

void tb_walk_score(const struct tb_chain *chain, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    struct progress progress = {.chain = chain};
    take_walk(&progress, sequence, walk);
}

enum tb_status tb_walk_score_listing(const struct tb_chain *chain, const struct tb_transitions *sequence,
                                     struct tb_walk *walk, struct tb_transitions *invalid, struct tb_error *error)
{
    struct tb_transitions found;
    struct progress progress = {.chain = chain, .invalid = &found, .status = TB_OK, .error = error};
    tb_transitions_init(&found, sequence->order);
    take_walk(&progress, sequence, walk);
    tb_transitions_finish(&found);
    if (progress.status == TB_OK)
        *invalid = found;
    else
        tb_transitions_free(&found);
    return progress.status;
}

/* log10 of the sum of 10^value over valid values, of which greatest is one. Values may be as low as
 * -100,000, so 10^value alone would be 0; relative to the greatest it is not. */
static double log10_of_sum(const double *values, const bool *valid, size_t count, double greatest)
{
    struct compensated sum = {0};
    for (size_t i = 0; i < count; i++)
        if (valid[i])
            compensated_add(&sum, pow(10, values[i] - greatest));
    return greatest + log10(compensated_value(&sum));
}

void tb_walk_average(const double *log10_probability, const bool *valid, size_t count, struct tb_walk_mean *mean)
{
    struct compensated logs = {0};
    double greatest = -INFINITY;
    *mean = (struct tb_walk_mean){.walks = count, .log10_mean_probability = NAN, .mean_log10_probability = NAN};
    for (size_t i = 0; i < count; i++) {
        if (!valid[i])
            continue;
        mean->valid++;
        compensated_add(&logs, log10_probability[i]);
        greatest = fmax(greatest, log10_probability[i]);
    }
    if (count > 0)
        mean->log10_mean_probability = -INFINITY;
    if (mean->valid == 0)
        return;
    mean->mean_log10_probability = compensated_value(&logs) / (double)mean->valid;
    mean->log10_mean_probability = log10_of_sum(log10_probability, valid, count, greatest) - log10((double)count);
}
