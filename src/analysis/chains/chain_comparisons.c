/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sixth stage: the combined chain of each cell is scored by order and set beside
 * that of the baseline in the same scenario. */
#include <math.h>
#include <stdlib.h>

#include "analysis/job/study.h"
#include "chains.h"
#include "summed_counts.h"
#include "twinbed/markov/chain_comparison.h"
#include "twinbed/markov/walk_difference.h"
#include "twinbed/stats/run_distances.h"

/* The values of os/edge_difference_presence. */
#define PRESENCE(NAME, word) PRESENCE_##NAME,
enum presence { TB_EDGE_PRESENCE_WORDS(PRESENCE) };

/* A cell's chain of one order and the baseline's. */
struct chain_pair {
    size_t cell;
    enum tb_role role;
    const struct tb_transitions *counts, *reference_counts;
    struct tb_chain chain, reference;
};

static double finite_or_nan(double value)
{
    return isfinite(value) ? value : NAN;
}

static void add_order_row(struct job *job, size_t cell, enum tb_role role, const struct tb_order_score *score,
                          double least_aic, double least_bic)
{
    PUT_I32(ORDER_SCORE_CELL, cell);
    PUT_I32(ORDER_SCORE_ROLE, role);
    PUT_I32(ORDER_SCORE_ORDER, score->order);
    PUT_I64(ORDER_SCORE_TRANSITIONS, score->transitions);
    PUT_I64(ORDER_SCORE_CONTEXTS, score->contexts);
    PUT_I64(ORDER_SCORE_PARAMETERS, score->parameters);
    PUT_F64(ORDER_SCORE_LOG_LIKELIHOOD, score->log_likelihood);
    PUT_F64(ORDER_SCORE_AIC, score->aic);
    PUT_F64(ORDER_SCORE_BIC, score->bic);
    PUT_I32(ORDER_SCORE_LEAST_AIC, score->aic <= least_aic);
    PUT_I32(ORDER_SCORE_LEAST_BIC, score->bic <= least_bic);
}

/* All orders up to the highest that was counted, on the transitions of that one. */
static enum tb_status add_orders(struct job *job, size_t cell, enum tb_role role, const struct tb_transitions *highest,
                                 struct tb_error *error)
{
    struct tb_order_score scores[TB_ORDER_MAX];
    double least_aic = INFINITY;
    double least_bic = INFINITY;
    for (unsigned order = 1; order <= highest->order; order++) {
        struct tb_order_score *score = &scores[order - 1];
        const enum tb_status status = tb_order_score_compute(highest, order, score, error);
        if (status != TB_OK)
            return status;
        least_aic = fmin(least_aic, score->aic);
        least_bic = fmin(least_bic, score->bic);
    }
    for (unsigned order = 1; order <= highest->order; order++)
        add_order_row(job, cell, role, &scores[order - 1], least_aic, least_bic);
    return TB_OK;
}

static void add_agreements(struct job *job, const struct tb_chain_comparison *comparison)
{
    PUT_I32(CHAIN_COMPARISON_COMMON_EDGES, comparison->edges.common);
    PUT_I32(CHAIN_COMPARISON_ONLY_EDGES, comparison->edges.only);
    PUT_I32(CHAIN_COMPARISON_BASELINE_ONLY_EDGES, comparison->edges.reference_only);
    PUT_F64(CHAIN_COMPARISON_EDGE_DISAGREEMENT, comparison->edges.share);
    PUT_I32(CHAIN_COMPARISON_PRUNED_COMMON_EDGES, comparison->pruned.common);
    PUT_I32(CHAIN_COMPARISON_PRUNED_ONLY_EDGES, comparison->pruned.only);
    PUT_I32(CHAIN_COMPARISON_PRUNED_BASELINE_ONLY_EDGES, comparison->pruned.reference_only);
    PUT_F64(CHAIN_COMPARISON_PRUNED_EDGE_DISAGREEMENT, comparison->pruned.share);
}

static void add_divergences(struct job *job, const struct tb_chain_comparison *comparison)
{
    PUT_F64(CHAIN_COMPARISON_MEAN_WEIGHT_DIFFERENCE, comparison->mean_weight_difference);
    PUT_F64(CHAIN_COMPARISON_GREATEST_WEIGHT_DIFFERENCE, comparison->greatest_weight_difference);
    PUT_F64(CHAIN_COMPARISON_DIVERGENCE, comparison->divergence);
    PUT_F64(CHAIN_COMPARISON_STATE_DISTANCE, comparison->state_distance);
    PUT_F64(CHAIN_COMPARISON_ENTROPY_RATE, comparison->entropy_rate);
    PUT_F64(CHAIN_COMPARISON_BASELINE_ENTROPY_RATE, comparison->reference_entropy_rate);
    PUT_F64(CHAIN_COMPARISON_CROSS_ENTROPY, finite_or_nan(comparison->cross_entropy));
    PUT_F64(CHAIN_COMPARISON_SMOOTHED_CROSS_ENTROPY, comparison->smoothed_cross_entropy);
    PUT_F64(CHAIN_COMPARISON_DIVERGENCE_RATE, finite_or_nan(comparison->divergence_rate));
    PUT_F64(CHAIN_COMPARISON_SMOOTHED_DIVERGENCE_RATE, comparison->smoothed_divergence_rate);
    PUT_F64(CHAIN_COMPARISON_UNSEEN_SHARE, comparison->unseen_share);
    PUT_F64(CHAIN_COMPARISON_BASELINE_UNSEEN_SHARE, comparison->reference_unseen_share);
}

static void add_homogeneity(struct job *job, const struct tb_homogeneity *test)
{
    PUT_F64(CHAIN_COMPARISON_G, test->likelihood_ratio);
    PUT_F64(CHAIN_COMPARISON_PEARSON, test->pearson);
    PUT_I64(CHAIN_COMPARISON_DEGREES, test->degrees);
    PUT_F64(CHAIN_COMPARISON_G_P, tb_chi_squared_p(test->likelihood_ratio, (double)test->degrees));
    PUT_F64(CHAIN_COMPARISON_PEARSON_P, tb_chi_squared_p(test->pearson, (double)test->degrees));
    PUT_F64(CHAIN_COMPARISON_EFFECT, test->effect);
    PUT_F64(CHAIN_COMPARISON_CRAMERS_V, test->cramers_v);
}

/* One edge of the union; either side may be NULL, not both. */
static void add_edge(struct job *job, unsigned order, const struct tb_edge *here, const struct tb_edge *there)
{
    const struct tb_key transition = here != NULL ? here->transition : there->transition;
    PUT_I32(EDGE_DIFFERENCE_COMPARISON, tb_column_length(&job->columns, TB_FIELD_CHAIN_COMPARISON_ORDER) - 1);
    PUT_I32(EDGE_DIFFERENCE_SOURCE, tb_state_list_find(&job->states, order, tb_key_source(transition)));
    PUT_I32(EDGE_DIFFERENCE_TARGET, tb_state_list_find(&job->states, order, tb_key_target(transition, order)));
    PUT_I32(EDGE_DIFFERENCE_PRESENCE, there == NULL  ? PRESENCE_TESTBED_ONLY
                                      : here == NULL ? PRESENCE_BASELINE_ONLY
                                                     : PRESENCE_BOTH);
    PUT_I64(EDGE_DIFFERENCE_COUNT, here == NULL ? 0 : here->count);
    PUT_I64(EDGE_DIFFERENCE_BASELINE_COUNT, there == NULL ? 0 : there->count);
    PUT_F64(EDGE_DIFFERENCE_WEIGHT, here == NULL ? 0 : here->weight);
    PUT_F64(EDGE_DIFFERENCE_BASELINE_WEIGHT, there == NULL ? 0 : there->weight);
    PUT_F64(EDGE_DIFFERENCE_PRUNED_WEIGHT, here == NULL ? 0 : here->pruned_weight);
    PUT_F64(EDGE_DIFFERENCE_BASELINE_PRUNED_WEIGHT, there == NULL ? 0 : there->pruned_weight);
}

/* The calls behind the difference of a walk, of the comparison added last. */
static enum tb_status add_walk_differences(struct job *job, const struct chain_pair *pair, struct tb_error *error)
{
    struct tb_walk_difference *calls;
    size_t count;
    const enum tb_status status = tb_walk_difference_rank(&pair->chain, &pair->reference, &calls, &count, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        PUT_I32(WALK_DIFFERENCE_COMPARISON, tb_column_length(&job->columns, TB_FIELD_CHAIN_COMPARISON_ORDER) - 1);
        PUT_I32(WALK_DIFFERENCE_RANK, i + 1);
        PUT_I32(WALK_DIFFERENCE_CALL, job->call_places[calls[i].call]);
        PUT_I64(WALK_DIFFERENCE_COUNT, calls[i].count);
        PUT_I64(WALK_DIFFERENCE_BASELINE_COUNT, calls[i].reference_count);
        PUT_F64(WALK_DIFFERENCE_BITS, calls[i].bits);
        PUT_F64(WALK_DIFFERENCE_SHARE, calls[i].share);
    }
    free(calls);
    return TB_OK;
}

static enum tb_status add_comparison(struct job *job, struct chain_pair *pair, struct tb_error *error)
{
    const struct tb_transitions *const tables[] = {pair->counts, pair->reference_counts};
    struct tb_homogeneity test;
    enum tb_status status =
        tb_chain_smooth(&pair->reference, job->campaign->settings.smoothing, tb_vocabulary_count(tables, 2), error);
    if (status == TB_OK)
        status = tb_homogeneity_compute(tables, 2, &test, error);
    if (status != TB_OK)
        return status;
    struct tb_chain_comparison comparison;
    tb_chain_compare(&pair->chain, &pair->reference, &comparison);
    PUT_I32(CHAIN_COMPARISON_SCENARIO, job->campaign->cells[pair->cell].scenario);
    PUT_I32(CHAIN_COMPARISON_TESTBED, job->campaign->cells[pair->cell].testbed);
    PUT_I32(CHAIN_COMPARISON_ROLE, pair->role);
    PUT_I32(CHAIN_COMPARISON_ORDER, pair->chain.order);
    add_agreements(job, &comparison);
    add_divergences(job, &comparison);
    add_homogeneity(job, &test);
    struct tb_edge_pair edges = {0};
    while (tb_edge_pair_next(&edges, &pair->chain, &pair->reference))
        add_edge(job, pair->chain.order, edges.here, edges.there);
    if (pair->chain.order != job->campaign->settings.orders[0])
        return TB_OK;
    return add_walk_differences(job, pair, error);
}

static enum tb_status compare_order(struct job *job, struct chain_pair *pair, struct tb_error *error)
{
    const double prune = job->campaign->settings.prune;
    enum tb_status status = tb_chain_build(pair->counts, prune, &pair->chain, error);
    if (status != TB_OK)
        return status;
    status = tb_chain_build(pair->reference_counts, prune, &pair->reference, error);
    if (status == TB_OK) {
        status = add_comparison(job, pair, error);
        tb_chain_free(&pair->reference);
    }
    tb_chain_free(&pair->chain);
    return status;
}

/* Beside the baseline's cell of the same scenario, when there is one with sequences. */
static enum tb_status compare_cell(struct job *job, size_t cell, enum tb_role role, const struct summed_counts *counts,
                                   struct tb_error *error)
{
    const size_t baseline = tb_campaign_cell(job->campaign, 0, job->campaign->cells[cell].scenario);
    if (baseline == TB_NO_INDEX || baseline == cell)
        return TB_OK;
    struct summed_counts reference;
    enum tb_status status = tb_summed_counts_of_cell(job, baseline, role, &reference, error);
    for (size_t i = 0; i < job->campaign->settings.order_count && status == TB_OK && reference.sequences > 0; i++) {
        struct chain_pair pair = {
            .cell = cell, .role = role, .counts = &counts->tables[i], .reference_counts = &reference.tables[i]};
        status = compare_order(job, &pair, error);
    }
    tb_summed_counts_free(job, &reference);
    return status;
}

/* Items are cells and roles: first the client's of a cell, then the server's. */
static enum tb_status study_role(struct job *job, size_t item, struct tb_buffer *beside, struct tb_error *error)
{
    (void)beside;
    const size_t cell = tb_item_cell(item);
    const enum tb_role role = tb_item_role(item);
    struct summed_counts counts;
    enum tb_status status = tb_summed_counts_of_cell(job, cell, role, &counts, error);
    if (status == TB_OK && counts.sequences > 0) {
        status = add_orders(job, cell, role, &counts.tables[job->campaign->settings.order_count - 1], error);
        if (status == TB_OK)
            status = compare_cell(job, cell, role, &counts, error);
    }
    tb_summed_counts_free(job, &counts);
    return status;
}

enum tb_status tb_job_compare_chains(struct job *job, struct tb_error *error)
{
    const struct study study = {.name = "pairs",
                                .items = "chains",
                                .count = 2 * job->campaign->cell_count,
                                .cost = tb_item_cell_cost,
                                .item = study_role};
    const enum tb_status status = tb_job_study(job, &study, error);
    return status == TB_OK ? tb_job_place_rows(job, TB_FIELD_CHAIN_COMPARISON_ORDER, error) : status;
}
