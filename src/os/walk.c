/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/os/walk.h"

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

static void walk_starts(const struct tb_chain *chain, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    for (size_t i = 0; i < sequence->start_count; i++) {
        const struct tb_count *const start = &sequence->starts[i];
        if (tb_chain_find_state(chain, start->key) >= 0)
            continue;
        walk->invalid_starts += start->count;
        note_invalid(walk, start, true);
    }
}

void tb_walk_score(const struct tb_chain *chain, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    struct compensated sum = {0};
    struct compensated smoothed = {0};
    *walk = (struct tb_walk){.transitions = sequence->total, .first_invalid = UINT64_MAX, .valid = true};
    /* Starts first: where both begin at one position, the state comes before the transition. */
    walk_starts(chain, sequence, walk);
    for (size_t i = 0, at = 0; i < sequence->count; i++) {
        const struct tb_count *const transition = &sequence->counts[i];
        /* Both are sorted by key: a merge reads each once, where a look-up would jump. */
        int order = 1;
        while (at < chain->edge_count && (order = tb_key_compare(chain->edges[at].transition, transition->key)) < 0)
            at++;
        if (at < chain->edge_count && order == 0) {
            compensated_add(&sum, (double)transition->count * chain->edges[at].log10_weight);
            compensated_add(&smoothed, (double)transition->count * chain->edges[at].log10_smoothed);
            continue;
        }
        compensated_add(&smoothed, (double)transition->count * tb_chain_unseen_weight(chain, transition->key));
        walk->invalid_transitions += transition->count;
        walk->invalid_distinct++;
        note_invalid(walk, transition, false);
    }
    walk->log10_probability = compensated_value(&sum);
    walk->log10_smoothed = chain->log10_unseen == NULL ? NAN : compensated_value(&smoothed);
}

/* log10 of the sum of 10^value over valid values, of which greatest is one. */
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
