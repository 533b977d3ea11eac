/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fifth stage: the chains of cells, from the summed counts of their sequences; on request also those of runs and of
 * thread groups. */
#include "chains.h"
#include "analysis/job/study.h"
#include "decode/window_parts.h"
#include "summed_counts.h"
#include "twinbed/markov/chain.h"

/* Whose chain it is. */
struct chain_owner {
    size_t cell;
    enum tb_role role;
    int64_t run; /* -1: all of the cell */
    int64_t pair;
    int64_t thread_group; /* 0: all of the sequence */
    size_t sequences;     /* whose counts were added up */
};

/* What edges refer to, until all states are known. */
struct chain_rows {
    struct state_list states;  /* of chains, with repeats */
    struct state_list sources; /* of its edges, in the order of rows */
    struct state_list targets;
};

static void chain_rows_free(struct chain_rows *rows)
{
    tb_state_list_free(&rows->states);
    tb_state_list_free(&rows->sources);
    tb_state_list_free(&rows->targets);
}

static void add_chain_row(struct job *job, const struct chain_owner *owner, const struct tb_transitions *transitions,
                          const struct tb_chain *chain)
{
    size_t pruned_edges = 0;
    for (size_t i = 0; i < chain->edge_count; i++)
        pruned_edges += chain->edges[i].pruned_weight > 0;
    PUT_I32(CHAIN_CELL, owner->cell);
    PUT_I32(CHAIN_ROLE, owner->role);
    PUT_I32(CHAIN_RUN, owner->run);
    PUT_I32(CHAIN_PAIR, owner->pair);
    PUT_I64(CHAIN_THREAD_GROUP, owner->thread_group);
    PUT_I32(CHAIN_ORDER, chain->order);
    PUT_I32(CHAIN_SEQUENCES, owner->sequences);
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
        status = tb_state_list_add(&rows->states, chain->order, chain->states[i], error);
    for (size_t i = 0; i < chain->edge_count && status == TB_OK; i++) {
        const struct tb_edge *edge = &chain->edges[i];
        PUT_I32(EDGE_CHAIN, row);
        PUT_I64(EDGE_COUNT, edge->count);
        PUT_F64(EDGE_WEIGHT, edge->weight);
        PUT_F64(EDGE_PRUNED_WEIGHT, edge->pruned_weight);
        status = tb_state_list_add(&rows->sources, chain->order, tb_key_source(edge->transition), error);
        if (status == TB_OK)
            status =
                tb_state_list_add(&rows->targets, chain->order, tb_key_target(edge->transition, chain->order), error);
    }
    return status;
}

static enum tb_status add_chains(struct job *job, const struct chain_owner *owner, const struct tb_transitions *sums,
                                 struct chain_rows *rows, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < job->campaign->settings.order_count && status == TB_OK; i++) {
        struct tb_chain chain;
        status = tb_chain_build(&sums[i], job->campaign->settings.prune, &chain, error);
        if (status != TB_OK)
            break;
        add_chain_row(job, owner, &sums[i], &chain);
        status = add_edges(job, &chain, rows, error);
        tb_chain_free(&chain);
    }
    return status;
}

static enum tb_status chain_cell(struct job *job, size_t cell, enum tb_role role, struct chain_rows *rows,
                                 struct tb_error *error)
{
    struct summed_counts counts;
    enum tb_status status = tb_summed_counts_of_cell(job, cell, role, &counts, error);
    const struct chain_owner owner = {.cell = cell, .role = role, .run = -1, .pair = -1, .sequences = counts.sequences};
    if (status == TB_OK && counts.sequences > 0)
        status = add_chains(job, &owner, counts.tables, rows, error);
    tb_summed_counts_free(job, &counts);
    return status;
}

static enum tb_status chain_sequence(struct job *job, size_t cell, const struct sequence_entry *entry,
                                     struct chain_rows *rows, struct tb_error *error)
{
    struct chain_owner owner = {
        .cell = cell, .role = entry->role, .run = (int64_t)entry->run, .pair = (int64_t)entry->pair, .sequences = 1};
    struct tb_trace *trace;
    struct tb_sequence *sequence;
    enum tb_status status = tb_sequence_open(&job->decoding, entry, &trace, &sequence, error);
    if (status != TB_OK)
        return status;
    status = add_chains(job, &owner, sequence->transitions, rows, error);
    for (size_t i = 0; status == TB_OK && i < sequence->thread_group_count; i++) {
        owner.thread_group = sequence->thread_groups[i].id;
        status = add_chains(job, &owner, sequence->thread_groups[i].transitions, rows, error);
    }
    tb_trace_free(trace);
    return status;
}

/* The chains of each run of a cell, and of the thread groups that its sequences were counted by. */
static enum tb_status chain_runs(struct job *job, size_t cell, enum tb_role role, struct chain_rows *rows,
                                 struct tb_error *error)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < about->run_count * job->decoding.pairs && status == TB_OK; i++) {
        const struct sequence_entry *entry = tb_decoding_sequence(
            &job->decoding, about->first_run + i / job->decoding.pairs, i % job->decoding.pairs, role);
        if (entry != NULL && entry->usable)
            status = chain_sequence(job, cell, entry, rows, error);
    }
    return status;
}

/* Items are cells and roles. Beside the rows: their states. */
static enum tb_status chain_role(struct job *job, size_t item, struct tb_buffer *beside, struct tb_error *error)
{
    const size_t cell = tb_item_cell(item);
    struct chain_rows rows = {0};
    enum tb_status status = chain_cell(job, cell, tb_item_role(item), &rows, error);
    if (status == TB_OK && job->campaign->settings.chains_of != TB_CHAINS_OF_CELLS)
        status = chain_runs(job, cell, tb_item_role(item), &rows, error);
    tb_state_list_sort(&rows.states);
    tb_state_list_pack(&rows.states, beside);
    tb_state_list_pack(&rows.sources, beside);
    tb_state_list_pack(&rows.targets, beside);
    chain_rows_free(&rows);
    return status;
}

static enum tb_status take_rows(void *context, struct tb_bytes beside, struct tb_error *error)
{
    struct chain_rows *const rows = context;
    enum tb_status status = tb_state_list_take(&rows->states, &beside, error);
    if (status == TB_OK)
        status = tb_state_list_take(&rows->sources, &beside, error);
    return status == TB_OK ? tb_state_list_take(&rows->targets, &beside, error) : status;
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
        PUT_I32(EDGE_SOURCE, tb_state_list_find(all, (unsigned)source->order, source->key));
        PUT_I32(EDGE_TARGET, tb_state_list_find(all, (unsigned)target->order, target->key));
    }
    return tb_job_place_rows(job, TB_FIELD_CHAIN_CELL, error);
}

enum tb_status tb_job_chains(struct job *job, struct tb_error *error)
{
    struct chain_rows rows = {0};
    const struct study study = {.name = "chains",
                                .items = "chains",
                                .count = 2 * job->campaign->cell_count,
                                .cost = tb_item_cell_cost,
                                .item = chain_role,
                                .take = take_rows,
                                .context = &rows};
    enum tb_status status = tb_job_study(job, &study, error);
    tb_state_list_sort(&rows.states);
    status = tb_state_list_share(job->team, &rows.states, status, &job->states, error);
    if (status == TB_OK)
        status = place_rows(job, &rows, &job->states, error);
    chain_rows_free(&rows);
    return status;
}
