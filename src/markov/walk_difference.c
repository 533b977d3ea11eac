/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/markov/walk_difference.h"

#include <math.h>
#include <stdlib.h>

#include "compensated.h"

/* Sums by the call entered. */
struct entered {
    uint64_t count, reference_count;
    struct compensated bits;
};

static uint64_t total_of(const struct tb_chain *chain)
{
    uint64_t total = 0;
    for (size_t i = 0; i < chain->edge_count; i++)
        total += chain->edges[i].count;
    return total;
}

static tb_call call_entered(struct tb_key transition, unsigned order)
{
    tb_symbol symbols[TB_ORDER_MAX + 1];
    tb_key_to_symbols(transition, order + 1, symbols);
    return tb_symbol_call(symbols[order]);
}

/* Edges of both chains in the order of keys, so that each sum has one order of its terms. */
static void add_edges(const struct tb_chain *chain, const struct tb_chain *reference, struct entered *entered)
{
    const double total = (double)total_of(chain);
    const double reference_total = (double)total_of(reference);
    size_t i = 0, j = 0;
    while (i < chain->edge_count || j < reference->edge_count) {
        const int order = i == chain->edge_count ? 1
                          : j == reference->edge_count
                              ? -1
                              : tb_key_compare(chain->edges[i].transition, reference->edges[j].transition);
        const struct tb_key transition = order <= 0 ? chain->edges[i].transition : reference->edges[j].transition;
        const uint64_t count = order <= 0 ? chain->edges[i].count : 0;
        const uint64_t reference_count = order >= 0 ? reference->edges[j].count : 0;
        const double log10_weight =
            order >= 0 ? reference->logs[j].weight : tb_chain_unseen_weight(reference, transition);
        struct entered *call = &entered[call_entered(transition, chain->order)];
        call->count += count;
        call->reference_count += reference_count;
        compensated_add(&call->bits, ((double)count / total - (double)reference_count / reference_total) *
                                         (-log10_weight / log10(2.0)));
        i += order <= 0;
        j += order >= 0;
    }
}

static int compare_differences(const void *a, const void *b)
{
    const struct tb_walk_difference *const left = a, *const right = b;
    const double one = fabs(left->bits), two = fabs(right->bits);
    if (one > two || two > one)
        return one > two ? -1 : 1;
    return (left->call > right->call) - (left->call < right->call);
}

static size_t collect(const struct entered *entered, struct tb_walk_difference *calls)
{
    struct compensated sum = {0};
    size_t count = 0;
    for (size_t call = 0; call < TB_CALL_LIMIT; call++) {
        if (entered[call].count + entered[call].reference_count == 0)
            continue;
        calls[count++] = (struct tb_walk_difference){.call = (tb_call)call,
                                                     .count = entered[call].count,
                                                     .reference_count = entered[call].reference_count,
                                                     .bits = compensated_value(&entered[call].bits)};
        compensated_add(&sum, fabs(calls[count - 1].bits));
    }
    for (size_t i = 0; i < count; i++)
        calls[i].share = compensated_value(&sum) > 0 ? fabs(calls[i].bits) / compensated_value(&sum) : NAN;
    return count;
}

enum tb_status tb_walk_difference_rank(const struct tb_chain *chain, const struct tb_chain *reference,
                                       struct tb_walk_difference **calls, size_t *count, struct tb_error *error)
{
    struct entered *entered = calloc(TB_CALL_LIMIT, sizeof *entered);
    struct tb_walk_difference *found = calloc(TB_CALL_LIMIT, sizeof *found);
    if (entered == NULL || found == NULL) {
        free(entered);
        free(found);
        return tb_error_memory(error, "calls behind a walk");
    }
    *count = 0;
    if (chain->edge_count > 0 && reference->edge_count > 0) {
        add_edges(chain, reference, entered);
        *count = collect(entered, found);
        qsort(found, *count, sizeof *found, compare_differences);
    }
    free(entered);
    *calls = found;
    return TB_OK;
}
