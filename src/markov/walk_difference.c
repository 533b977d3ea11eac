/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which calls make one chain's walk over another longer or shorter: differences of shares, times
 * the bits that the reference gives them, by the call that is entered. */
#include "twinbed/markov/walk_difference.h"

#include <math.h>
#include <stdlib.h>

#include "compensated.h"

/* Sums by the call entered. */
struct entered {
    uint64_t count, reference_count;
    struct compensated bits;
};

static tb_call call_entered(struct tb_key transition, unsigned order)
{
    tb_symbol symbols[TB_ORDER_MAX + 1];
    tb_key_to_symbols(transition, order + 1, symbols);
    return tb_symbol_call(symbols[order]);
}

/* Edges of both chains in the order of keys, so that each sum has one order of its terms. */
static void add_edges(const struct tb_chain *chain, const struct tb_chain *reference, struct entered *entered)
{
    const double total = (double)tb_chain_total(chain);
    const double reference_total = (double)tb_chain_total(reference);
    struct tb_edge_pair pair = {0};
    while (tb_edge_pair_next(&pair, chain, reference)) {
        const struct tb_key transition = pair.here != NULL ? pair.here->transition : pair.there->transition;
        const uint64_t count = pair.here != NULL ? pair.here->count : 0;
        const uint64_t reference_count = pair.there != NULL ? pair.there->count : 0;
        const double log10_weight = pair.there != NULL ? reference->logs[pair.there - reference->edges].weight
                                                       : tb_chain_unseen_weight(reference, transition);
        struct entered *call = &entered[call_entered(transition, chain->order)];
        call->count += count;
        call->reference_count += reference_count;
        compensated_add(&call->bits, ((double)count / total - (double)reference_count / reference_total) *
                                         (-log10_weight / log10(2.0)));
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
