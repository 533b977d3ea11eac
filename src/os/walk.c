/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/os/walk.h"

#include <math.h>

/* A sum that carries along what rounding took from it (Neumaier). */
struct compensated {
    double sum;
    double lost;
};

static void add(struct compensated *total, double value)
{
    const double sum = total->sum + value;
    if (fabs(total->sum) >= fabs(value))
        total->lost += (total->sum - sum) + value;
    else
        total->lost += (value - sum) + total->sum;
    total->sum = sum;
}

static void note_invalid(struct tb_walk *walk, const struct tb_count *count)
{
    walk->valid = false;
    if (count->first >= walk->first_invalid)
        return;
    walk->first_invalid = count->first;
    walk->first_invalid_key = count->key;
}

void tb_walk_score(const struct tb_chain *chain, const struct tb_transitions *sequence, struct tb_walk *walk)
{
    struct compensated log10_sum = {0};
    *walk = (struct tb_walk){.transitions = sequence->total, .first_invalid = UINT64_MAX, .valid = true};
    /* Starts first: where both begin at one position, the state comes before the transition. */
    for (size_t i = 0; i < sequence->start_count; i++) {
        const struct tb_count *const start = &sequence->starts[i];
        if (tb_index_find(&chain->state_index, start->key) != TB_INDEX_ABSENT)
            continue;
        walk->invalid_starts += start->count;
        note_invalid(walk, start);
    }
    for (size_t i = 0; i < sequence->count; i++) {
        const struct tb_count *const transition = &sequence->counts[i];
        const int64_t edge = tb_index_find(&chain->edge_index, transition->key);
        if (edge != TB_INDEX_ABSENT) {
            add(&log10_sum, (double)transition->count * log10(chain->edges[edge].weight));
            continue;
        }
        walk->invalid_transitions += transition->count;
        walk->invalid_distinct++;
        note_invalid(walk, transition);
    }
    walk->log10_probability = log10_sum.sum + log10_sum.lost;
}

/* log10 of the sum of 10^value over valid values, of which greatest is one. */
static double log10_of_sum(const double *values, const bool *valid, size_t count, double greatest)
{
    struct compensated sum = {0};
    for (size_t i = 0; i < count; i++)
        if (valid[i])
            add(&sum, pow(10, values[i] - greatest));
    return greatest + log10(sum.sum + sum.lost);
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
        add(&logs, log10_probability[i]);
        greatest = fmax(greatest, log10_probability[i]);
    }
    if (count > 0)
        mean->log10_mean_probability = -INFINITY;
    if (mean->valid == 0)
        return;
    mean->mean_log10_probability = (logs.sum + logs.lost) / (double)mean->valid;
    mean->log10_mean_probability = log10_of_sum(log10_probability, valid, count, greatest) - log10((double)count);
}
