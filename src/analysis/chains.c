/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sixth stage: the chains of cells, from the summed counts of their sequences. */
#include <stdlib.h>

#include "twinbed/base/log.h"
#include "twinbed/os/chain.h"
#include "window_parts.h"

#define PUT_I32(field, value) tb_column_put_int32(&job->columns, TB_FIELD_##field, (int64_t)(value))
#define PUT_I64(field, value) tb_column_put_int64(&job->columns, TB_FIELD_##field, (int64_t)(value))
#define PUT_F64(field, value) tb_column_put_float64(&job->columns, TB_FIELD_##field, (value))
#define PUT_TEXT(field, value) tb_column_put_text(&job->columns, TB_FIELD_##field, (value))

/* A state as it is named in the file: ordered by order, then by name. */
struct state {
    uint64_t order;
    struct tb_key key;
};

struct state_list {
    struct state *items; /* owned */
    size_t count;
    size_t capacity;
};

/* What this rank's edges refer to, until all states are known. */
struct chain_rows {
    struct state_list states;  /* of this rank's chains, with repeats */
    struct state_list sources; /* of its edges, in the order of rows */
    struct state_list targets;
};

static void chain_rows_free(struct chain_rows *rows)
{
    free(rows->states.items);
    free(rows->sources.items);
    free(rows->targets.items);
}

static enum tb_status append(struct state_list *list, unsigned order, struct tb_key key, struct tb_error *error)
{
    if (!tb_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return tb_error_memory(error, "states of chains");
    list->items[list->count++] = (struct state){order, key};
    return TB_OK;
}

static int compare_states(const void *a, const void *b)
{
    const struct state *left = a;
    const struct state *right = b;
    if (left->order != right->order)
        return left->order < right->order ? -1 : 1;
    return tb_key_compare(left->key, right->key);
}

static void sort_unique(struct state_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_states);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (compare_states(&list->items[i], &list->items[kept - 1]) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
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
        status = append(&rows->states, chain->order, chain->states[i], error);
    for (size_t i = 0; i < chain->edge_count && status == TB_OK; i++) {
        const struct tb_edge *edge = &chain->edges[i];
        PUT_I32(EDGE_CHAIN, row);
        PUT_I64(EDGE_COUNT, edge->count);
        PUT_F64(EDGE_WEIGHT, edge->weight);
        PUT_F64(EDGE_PRUNED_WEIGHT, edge->pruned_weight);
        status = append(&rows->sources, chain->order, tb_key_source(edge->transition), error);
        if (status == TB_OK)
            status = append(&rows->targets, chain->order, tb_key_target(edge->transition, chain->order), error);
    }
    return status;
}

/* Adds the counts of one sequence to the sums of every order. */
static enum tb_status sum_sequence(const struct job *job, const struct sequence_entry *entry,
                                   struct tb_transitions *sums, struct tb_error *error)
{
    const size_t orders = job->campaign->settings.order_count;
    struct tb_transitions *whole = calloc(orders, sizeof *whole);
    if (whole == NULL)
        return tb_error_memory(error, "transition counts");
    enum tb_status status = sequence_load(job, entry, whole, error);
    for (size_t i = 0; i < orders && status == TB_OK; i++)
        status = tb_transitions_merge(&sums[i], &whole[i], error);
    for (size_t i = 0; i < orders; i++)
        tb_transitions_free(&whole[i]);
    free(whole);
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
    const size_t orders = job->campaign->settings.order_count;
    struct tb_transitions *sums = calloc(orders, sizeof *sums);
    if (sums == NULL)
        return tb_error_memory(error, "transition counts");
    for (size_t i = 0; i < orders; i++) {
        tb_transitions_init(&sums[i], job->campaign->settings.orders[i]);
        tb_transitions_finish(&sums[i]);
    }
    const struct tb_cell *about = &job->campaign->cells[cell];
    size_t sequences = 0;
    enum tb_status status = TB_OK;
    for (size_t run = about->first_run; run < about->first_run + about->run_count; run++)
        for (size_t pair = 0; pair < job->pairs && status == TB_OK; pair++) {
            const struct sequence_entry *entry = job_sequence(job, run, pair, role);
            if (entry == NULL || !entry->usable)
                continue;
            status = sum_sequence(job, entry, sums, error);
            sequences++;
        }
    if (status == TB_OK && sequences > 0)
        status = add_chains(job, cell, role, sequences, sums, rows, error);
    for (size_t i = 0; i < orders; i++)
        tb_transitions_free(&sums[i]);
    free(sums);
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
    sort_unique(&rows->states);
    return status;
}

static void pack_states(const struct state_list *list, struct tb_buffer *buffer)
{
    for (size_t i = 0; i < list->count; i++) {
        tb_buffer_put_u64(buffer, list->items[i].order);
        tb_buffer_put_u64(buffer, list->items[i].key.high);
        tb_buffer_put_u64(buffer, list->items[i].key.low);
    }
}

static enum tb_status unpack_states(const struct tb_buffer *buffer, struct state_list *list, struct tb_error *error)
{
    struct tb_bytes bytes = tb_bytes_packed(buffer->data, buffer->size);
    while (bytes.left > 0) {
        uint64_t order;
        struct tb_key key;
        if (!tb_bytes_take_u64(&bytes, &order) || !tb_bytes_take_u64(&bytes, &key.high) ||
            !tb_bytes_take_u64(&bytes, &key.low))
            return tb_error_set(error, TB_INTERNAL, "states of chains do not unpack");
        const enum tb_status status = append(list, (unsigned)order, key, error);
        if (status != TB_OK)
            return status;
    }
    sort_unique(list);
    return TB_OK;
}

static void add_state_rows(struct job *job, const struct state_list *all)
{
    enum { LABEL_SIZE = TB_ORDER_MAX * (TB_CALL_NAME_SIZE + 1) };
    for (size_t i = 0; i < all->count && job->team->rank == 0; i++) {
        char label[LABEL_SIZE];
        tb_key_label(all->items[i].key, (unsigned)all->items[i].order, label, sizeof label);
        PUT_TEXT(STATE_LABEL, label);
        PUT_I32(STATE_ORDER, all->items[i].order);
    }
}

static size_t find_state(const struct state_list *all, const struct state *state)
{
    const struct state *found = bsearch(state, all->items, all->count, sizeof *state, compare_states);
    return (size_t)(found - all->items);
}

static enum tb_status place_rows(struct job *job, const struct chain_rows *rows, const struct state_list *all,
                                 struct tb_error *error)
{
    add_state_rows(job, all);
    for (size_t i = 0; i < rows->sources.count; i++) {
        PUT_I32(EDGE_SOURCE, find_state(all, &rows->sources.items[i]));
        PUT_I32(EDGE_TARGET, find_state(all, &rows->targets.items[i]));
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
    struct state_list all_states = {0};
    struct tb_buffer local = {0};
    struct tb_buffer all = {0};
    uint64_t *begins = calloc((size_t)job->team->size + 1, sizeof *begins);
    enum tb_status status = begins == NULL ? tb_error_memory(error, "chains") : chain_share(job, &rows, error);
    pack_states(&rows.states, &local);
    if (status == TB_OK)
        status = tb_buffer_check(&local, "states of chains", error);
    status = tb_team_agree(job->team, status, error);
    if (status == TB_OK)
        status = tb_team_gather(job->team, &local, true, &all, begins, error);
    if (status == TB_OK)
        status = tb_team_agree(job->team, unpack_states(&all, &all_states, error), error);
    if (status == TB_OK)
        status = place_rows(job, &rows, &all_states, error);
    free(begins);
    free(all_states.items);
    tb_buffer_free(&local);
    tb_buffer_free(&all);
    chain_rows_free(&rows);
    return status;
}
