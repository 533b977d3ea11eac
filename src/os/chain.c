/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/os/chain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int compare_keys(const void *a, const void *b)
{
    const struct tb_key *const first = a, *const second = b;
    return tb_key_compare(*first, *second);
}

/* Edges of one state stand together, since keys begin with the state. */
static size_t edges_of_state(const struct tb_chain *chain, size_t first)
{
    const struct tb_key state = tb_key_source(chain->edges[first].transition);
    size_t end = first + 1;
    while (end < chain->edge_count && tb_key_compare(tb_key_source(chain->edges[end].transition), state) == 0)
        end++;
    return end - first;
}

static void weigh_state(struct tb_edge *edges, size_t count, double prune)
{
    uint64_t total = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        total += edges[i].count;
    for (size_t i = 0; i < count; i++) {
        edges[i].weight = (double)edges[i].count / (double)total;
        if (!(edges[i].weight < prune))
            kept += edges[i].count;
    }
    for (size_t i = 0; i < count; i++) {
        edges[i].pruned_weight = edges[i].weight < prune ? 0 : (double)edges[i].count / (double)kept;
        edges[i].log10_weight = log10(edges[i].weight);
        edges[i].log10_smoothed = NAN;
    }
}

static void collect_states(struct tb_chain *chain, const struct tb_transitions *transitions)
{
    size_t count = 0;
    for (size_t i = 0; i < chain->edge_count; i++) {
        chain->states[count++] = tb_key_source(chain->edges[i].transition);
        chain->states[count++] = tb_key_target(chain->edges[i].transition, chain->order);
    }
    for (size_t i = 0; i < transitions->start_count; i++)
        chain->states[count++] = transitions->starts[i].key;
    if (count > 1)
        qsort(chain->states, count, sizeof *chain->states, compare_keys);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || tb_key_compare(chain->states[i], chain->states[chain->state_count - 1]) != 0)
            chain->states[chain->state_count++] = chain->states[i];
}

/* Both lists are sorted, so that the state of an edge is never before that of the edge before it. */
static bool count_leaving(struct tb_chain *chain)
{
    chain->leaving = calloc(chain->state_count + 1, sizeof *chain->leaving);
    if (chain->leaving == NULL)
        return false;
    for (size_t edge = 0, state = 0; edge < chain->edge_count; edge++) {
        const struct tb_key source = tb_key_source(chain->edges[edge].transition);
        while (tb_key_compare(chain->states[state], source) != 0)
            state++;
        chain->leaving[state] += chain->edges[edge].count;
    }
    return true;
}

enum tb_status tb_chain_smooth(struct tb_chain *chain, double smoothing, size_t vocabulary, struct tb_error *error)
{
    const double width = smoothing * (double)vocabulary;
    if (chain->log10_unseen == NULL)
        chain->log10_unseen = malloc((chain->state_count + 1) * sizeof *chain->log10_unseen);
    if (chain->log10_unseen == NULL)
        return tb_error_memory(error, "a chain");
    for (size_t i = 0; i < chain->state_count; i++)
        chain->log10_unseen[i] = log10(smoothing / ((double)chain->leaving[i] + width));
    for (size_t edge = 0, state = 0; edge < chain->edge_count; edge++) {
        const struct tb_key source = tb_key_source(chain->edges[edge].transition);
        while (tb_key_compare(chain->states[state], source) != 0)
            state++;
        chain->edges[edge].log10_smoothed =
            log10(((double)chain->edges[edge].count + smoothing) / ((double)chain->leaving[state] + width));
    }
    chain->log10_stranger = -log10((double)vocabulary);
    return TB_OK;
}

int64_t tb_chain_find_state(const struct tb_chain *chain, struct tb_key state)
{
    const struct tb_key *found = chain->state_count == 0 ? NULL
                                                         : bsearch(&state, chain->states, chain->state_count,
                                                                   sizeof *chain->states, compare_keys);
    return found == NULL ? -1 : found - chain->states;
}

double tb_chain_unseen_weight(const struct tb_chain *chain, struct tb_key transition)
{
    if (chain->log10_unseen == NULL)
        return NAN;
    const int64_t state = tb_chain_find_state(chain, tb_key_source(transition));
    return state < 0 ? chain->log10_stranger : chain->log10_unseen[state];
}

enum tb_status tb_chain_build(const struct tb_transitions *transitions, double prune, struct tb_chain *chain,
                              struct tb_error *error)
{
    struct tb_chain built = {.order = transitions->order, .edge_count = transitions->count};
    built.edges = calloc(transitions->count + 1, sizeof *built.edges);
    built.states = calloc(2 * transitions->count + transitions->start_count + 1, sizeof *built.states);
    if (built.edges == NULL || built.states == NULL) {
        tb_chain_free(&built);
        return tb_error_memory(error, "a chain");
    }
    for (size_t i = 0; i < transitions->count; i++)
        built.edges[i] =
            (struct tb_edge){.transition = transitions->counts[i].key, .count = transitions->counts[i].count};
    for (size_t first = 0, count; first < built.edge_count; first += count) {
        count = edges_of_state(&built, first);
        weigh_state(built.edges + first, count, prune);
    }
    collect_states(&built, transitions);
    if (!count_leaving(&built)) {
        tb_chain_free(&built);
        return tb_error_memory(error, "a chain");
    }
    *chain = built;
    return TB_OK;
}

void tb_chain_free(struct tb_chain *chain)
{
    free(chain->edges);
    free(chain->states);
    free(chain->leaving);
    free(chain->log10_unseen);
    *chain = (struct tb_chain){0};
}

int tb_key_label(struct tb_key key, unsigned count, char *label, size_t size)
{
    tb_symbol symbols[TB_ORDER_MAX + 1];
    int length = 0;
    if (size > 0)
        label[0] = '\0';
    tb_key_to_symbols(key, count, symbols);
    for (unsigned i = 0; i < count; i++) {
        char name[TB_SYMBOL_NAME_SIZE];
        const size_t used = (size_t)length < size ? (size_t)length : size;
        length += snprintf(label + used, size - used, "%s%s", i == 0 ? "" : ">", tb_symbol_name(symbols[i], name));
    }
    return length;
}
