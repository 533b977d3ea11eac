/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fifth stage: the chains of cells, from the summed counts of their sequences. */
#include "summed_counts.h"
#include "twinbed/os/chain.h"

/* What this rank's edges refer to, until all states are known. */
struct chain_rows {
    struct state_list states;  /* of this rank's chains, with repeats */
    struct state_list sources; /* of its edges, in the order of rows */
    struct state_list targets;
};

static void chain_rows_free(struct chain_rows *rows)
{
    state_list_free(&rows->states);
    state_list_free(&rows->sources);
    state_list_free(&rows->targets);
}

static void add_chain_row(struct job *job, size_t cell, enum tb_role role, size_t sequences,
                          const struct tb_transitions *transitions, const struct tb_chain *chain)
{
    size_t pruned_edges = 0;
    for (size_t i = 0; i < chain->edge_count; i++)
        pruned_edges += chain->edges[i].pruned_weight > 0;
    PUT_I32(CHAIN_CELL, cell);
    PUT_I32(CHAIN_ROLE, role);
    PUT_I32(CHAIN_ORDER, chain->order);
    PUT_I32(CHAIN_SEQUENCES, sequences);
    PUT_I64(CHAIN_TRANSITIONS, transitions->total);
    PUT_I32(CHAIN_STATES, chain->state_count);
    PUT_I32(CHAIN_EDGES, chain->edge_count);
    PUT_I32(CHAIN_PRUNED_EDGES, pruned_edges);
}

static enum tb_status add_edges(struct job *job, const struct tb_chain *chain, struct chain_rows *rows,
                                struct tb_error *error)
{
    const uint64_t row = tb_column_length(&job->columns, TB_FIELD_CHAIN_CELL) - 1;
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < chain->state_count && status == TB_OK; i++)
        status = state_list_add(&rows->states, chain->order, chain->states[i], error);
    for (size_t i = 0; i < chain->edge_count && status == TB_OK; i++) {
        const struct tb_edge *edge = &chain->edges[i];
        PUT_I32(EDGE_CHAIN, row);
        PUT_I64(EDGE_COUNT, edge->count);
        PUT_F64(EDGE_WEIGHT, edge->weight);
        PUT_F64(EDGE_PRUNED_WEIGHT, edge->pruned_weight);
        status = state_list_add(&rows->sources, chain->order, tb_key_source(edge->transition), error);
        if (status == TB_OK)
            status = state_list_add(&rows->targets, chain->order, tb_key_target(edge->transition, chain->order), error);
    }
    return status;
}

static enum tb_status add_chains(struct job *job, size_t cell, enum tb_role role, size_t sequences,
                                 const struct tb_transitions *sums, struct chain_rows *rows, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < job->campaign->settings.order_count && status == TB_OK; i++) {
        struct tb_chain chain;
        status = tb_chain_build(&sums[i], job->campaign->settings.prune, &chain, error);
        if (status != TB_OK)
            break;
        add_chain_row(job, cell, role, sequences, &sums[i], &chain);
        status = add_edges(job, &chain, rows, error);
        tb_chain_free(&chain);
    }
    return status;
}

static enum tb_status chain_cell(struct job *job, size_t cell, enum tb_role role, struct chain_rows *rows,
                                 struct tb_error *error)
{
    struct summed_counts counts;
    enum tb_status status = summed_counts_of_cell(job, cell, role, &counts, error);
    if (status == TB_OK && counts.sequences > 0)
        status = add_chains(job, cell, role, counts.sequences, counts.tables, rows, error);
    summed_counts_free(job, &counts);
    return status;
}

static enum tb_status chain_share(struct job *job, struct chain_rows *rows, struct tb_error *error)
{
    size_t begin, end;
    job_share(job, job->campaign->cell_count, &begin, &end);
    enum tb_status status = TB_OK;
    for (size_t cell = begin; cell < end && status == TB_OK; cell++) {
        status = chain_cell(job, cell, TB_ROLE_CLIENT, rows, error);
        if (status == TB_OK)
            status = chain_cell(job, cell, TB_ROLE_SERVER, rows, error);
    }
    state_list_settle(&rows->states);
    return status;
}

static void add_state_rows(struct job *job, const struct state_list *all)
{
    enum { LABEL_SIZE = TB_ORDER_MAX * (TB_SYMBOL_NAME_SIZE + 1) };
    for (size_t i = 0; i < all->count && job->team->rank == 0; i++) {
        char label[LABEL_SIZE];
        tb_key_label(all->items[i].key, (unsigned)all->items[i].order, label, sizeof label);
        PUT_TEXT(STATE_LABEL, label);
        PUT_I32(STATE_ORDER, all->items[i].order);
    }
}

static enum tb_status place_rows(struct job *job, const struct chain_rows *rows, const struct state_list *all,
                                 struct tb_error *error)
{
    add_state_rows(job, all);
    for (size_t i = 0; i < rows->sources.count; i++) {
        const struct state *source = &rows->sources.items[i];
        const struct state *target = &rows->targets.items[i];
        PUT_I32(EDGE_SOURCE, state_list_find(all, (unsigned)source->order, source->key));
        PUT_I32(EDGE_TARGET, state_list_find(all, (unsigned)target->order, target->key));
    }
    uint64_t before;
    const uint64_t chains = tb_column_length(&job->columns, TB_FIELD_CHAIN_CELL);
    const enum tb_status status = tb_team_prefix(job->team, chains, &before, NULL, error);
    if (status == TB_OK)
        tb_column_shift(&job->columns, TB_FIELD_EDGE_CHAIN, (int64_t)before);
    return status;
}

enum tb_status job_chains(struct job *job, struct tb_error *error)
{
    struct chain_rows rows = {0};
    enum tb_status status = chain_share(job, &rows, error);
    status = state_list_share(job->team, &rows.states, status, &job->states, error);
    if (status == TB_OK)
        status = place_rows(job, &rows, &job->states, error);
    chain_rows_free(&rows);
    return status;
}
