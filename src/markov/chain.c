/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights of a chain: of each state, the share of its transitions that each edge has.
 *
 * Edges are in the order of their keys, and a key begins with the state it leaves, so the edges of
 * a state stand together and each pass is one walk along the list. States are those that edges
 * leave, those they enter, and first states; all three come nearly sorted, so merging is faster
 * than sorting. */
#include "twinbed/markov/chain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* So that two states an edge can be numbered with 32 bits; there is no memory for as many. */
static const size_t EDGES_MAX = (size_t)1 << 30;

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

/* kept is what is left when edges below prune are taken away; the weights of those add up to 1
 * again. An edge at exactly prune is kept. */
static void weigh_state(struct tb_edge *edges, struct tb_edge_logs *logs, size_t count, double prune)
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
        logs[i] = (struct tb_edge_logs){.weight = log10(edges[i].weight), .smoothed = NAN};
    }
}

/* Merges two sorted sets into another; returns its size. */
static size_t merge_sets(const struct tb_key *a, size_t a_count, const struct tb_key *b, size_t b_count,
                         struct tb_key *merged)
{
    size_t i = 0, j = 0, count = 0;
    while (i < a_count && j < b_count) {
        const int order = tb_key_compare(a[i], b[j]);
        merged[count++] = order <= 0 ? a[i] : b[j];
        i += order <= 0;
        j += order >= 0;
    }
    while (i < a_count)
        merged[count++] = a[i++];
    while (j < b_count)
        merged[count++] = b[j++];
    return count;
}

/* The end of the sorted set that begins at first. */
static size_t end_of_set(const struct tb_key *keys, size_t first, size_t count)
{
    size_t end = first + (first < count);
    while (end < count && tb_key_compare(keys[end - 1], keys[end]) < 0)
        end++;
    return end;
}

/* Sorts keys and drops those that are there twice, by merging the sorted sets they consist of; returns how many are
 * left, in *keys. *other has the same room, and the two may change places. */
static size_t sort_set(struct tb_key **keys, struct tb_key **other, size_t count)
{
    while (end_of_set(*keys, 0, count) < count) {
        size_t merged = 0;
        for (size_t first = 0, end; first < count; first = end) {
            const size_t middle = end_of_set(*keys, first, count);
            end = end_of_set(*keys, middle, count);
            merged += merge_sets(*keys + first, middle - first, *keys + middle, end - middle, *other + merged);
        }
        struct tb_key *const sorted = *other;
        *other = *keys;
        *keys = sorted;
        count = merged;
    }
    return count;
}

/* Sources are sorted as edges are. Targets are sorted among the edges that begin with the same call, and starts are. */
static bool collect_states(struct tb_chain *chain, const struct tb_transitions *transitions)
{
    const size_t room = chain->edge_count + transitions->start_count + 1;
    struct tb_key *keys = malloc(room * sizeof *keys), *others = malloc(room * sizeof *others);
    const bool good = keys != NULL && others != NULL;
    if (good) {
        for (size_t i = 0; i < chain->edge_count; i++)
            keys[i] = tb_key_target(chain->edges[i].transition, chain->order);
        size_t count = sort_set(&keys, &others, chain->edge_count), sources = 0;
        for (size_t i = 0; i < transitions->start_count; i++)
            chain->states[i] = transitions->starts[i].key;
        count = merge_sets(keys, count, chain->states, transitions->start_count, others);
        for (size_t i = 0; i < chain->edge_count; i++) {
            keys[sources] = tb_key_source(chain->edges[i].transition);
            sources += sources == 0 || !tb_key_equal(keys[sources], keys[sources - 1]);
        }
        chain->state_count = merge_sets(keys, sources, others, count, chain->states);
    }
    free(keys);
    free(others);
    return good;
}

/* Both lists are sorted, so that the state of an edge is never before that of the edge before it. */
static bool count_leaving(struct tb_chain *chain)
{
    chain->leaving = calloc(chain->state_count + 1, sizeof *chain->leaving);
    if (chain->leaving == NULL)
        return false;
    for (size_t edge = 0, state = 0; edge < chain->edge_count; edge++) {
        const struct tb_key source = tb_key_source(chain->edges[edge].transition);
        while (!tb_key_equal(chain->states[state], source))
            state++;
        chain->sources[edge] = (uint32_t)state;
        chain->leaving[state] += chain->edges[edge].count;
    }
    return true;
}

/* Additive smoothing: each of vocabulary calls counts smoothing more after every state. A state
 * that the chain does not have gives each call the same weight. */
enum tb_status tb_chain_smooth(struct tb_chain *chain, double smoothing, size_t vocabulary, struct tb_error *error)
{
    const double width = smoothing * (double)vocabulary;
    if (chain->log10_unseen == NULL)
        chain->log10_unseen = malloc((chain->state_count + 1) * sizeof *chain->log10_unseen);
    if (chain->log10_unseen == NULL)
        return tb_error_memory(error, "a chain");
    for (size_t i = 0; i < chain->state_count; i++)
        chain->log10_unseen[i] = log10(smoothing / ((double)chain->leaving[i] + width));
    for (size_t edge = 0; edge < chain->edge_count; edge++)
        chain->logs[edge].smoothed = log10(((double)chain->edges[edge].count + smoothing) /
                                           ((double)chain->leaving[chain->sources[edge]] + width));
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
    built.logs = malloc((transitions->count + 1) * sizeof *built.logs);
    built.low_words = malloc((transitions->count + 1) * sizeof *built.low_words);
    built.sources = malloc((transitions->count + 1) * sizeof *built.sources);
    built.states = malloc((2 * transitions->count + transitions->start_count + 1) * sizeof *built.states);
    if (transitions->count > EDGES_MAX || built.edges == NULL || built.logs == NULL || built.low_words == NULL ||
        built.sources == NULL || built.states == NULL) {
        tb_chain_free(&built);
        return tb_error_memory(error, "a chain");
    }
    for (size_t i = 0; i < transitions->count; i++) {
        built.edges[i] =
            (struct tb_edge){.transition = transitions->counts[i].key, .count = transitions->counts[i].count};
        built.low_words[i] = transitions->counts[i].key.low;
    }
    for (size_t first = 0, count; first < built.edge_count; first += count) {
        count = edges_of_state(&built, first);
        weigh_state(built.edges + first, built.logs + first, count, prune);
    }
    if (!collect_states(&built, transitions) || !count_leaving(&built)) {
        tb_chain_free(&built);
        return tb_error_memory(error, "a chain");
    }
    *chain = built;
    return TB_OK;
}

void tb_chain_free(struct tb_chain *chain)
{
    free(chain->edges);
    free(chain->logs);
    free(chain->low_words);
    free(chain->sources);
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

uint64_t tb_chain_total(const struct tb_chain *chain)
{
    uint64_t total = 0;
    for (size_t i = 0; i < chain->edge_count; i++)
        total += chain->edges[i].count;
    return total;
}

bool tb_edge_pair_next(struct tb_edge_pair *pair, const struct tb_chain *chain, const struct tb_chain *reference)
{
    const struct tb_edge *const here = pair->next_here < chain->edge_count ? &chain->edges[pair->next_here] : NULL;
    const struct tb_edge *const there =
        pair->next_there < reference->edge_count ? &reference->edges[pair->next_there] : NULL;
    const int order = here == NULL ? 1 : there == NULL ? -1 : tb_key_compare(here->transition, there->transition);
    pair->here = order <= 0 ? here : NULL;
    pair->there = order >= 0 ? there : NULL;
    pair->next_here += pair->here != NULL;
    pair->next_there += pair->there != NULL;
    return pair->here != NULL || pair->there != NULL;
}
