/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "call_counts.h"

#include <stdio.h>
#include <stdlib.h>

#include "twinbed/campaign/campaign.h"

/* Columns of the tables of sequences and of their calls; borrowed. */
struct call_columns {
    const char *const *call;
    const int32_t *run, *role, *of_sequence, *of_call;
    const int64_t *count;
    size_t calls, sequences, totals;
};

static enum tb_status load(const struct side *side, struct call_columns *columns, struct tb_error *error)
{
    struct tb_results *const results = side->results;
    *columns = (struct call_columns){.calls = (size_t)tb_results_size(results, TB_DIMENSION_CALL),
                                     .sequences = (size_t)tb_results_size(results, TB_DIMENSION_SEQUENCE),
                                     .totals = (size_t)tb_results_size(results, TB_DIMENSION_CALL_TOTAL)};
    if ((columns->call = tb_results_text(results, TB_FIELD_CALL_NAME, error)) == NULL ||
        (columns->run = tb_results_int32(results, TB_FIELD_SEQUENCE_RUN, error)) == NULL ||
        (columns->role = tb_results_int32(results, TB_FIELD_SEQUENCE_ROLE, error)) == NULL ||
        (columns->of_sequence = tb_results_int32(results, TB_FIELD_CALL_TOTAL_SEQUENCE, error)) == NULL ||
        (columns->of_call = tb_results_int32(results, TB_FIELD_CALL_TOTAL_CALL, error)) == NULL ||
        (columns->count = tb_results_int64(results, TB_FIELD_CALL_TOTAL_COUNT, error)) == NULL)
        return error->status;
    return TB_OK;
}

static bool make_names(const struct call_columns *columns, struct call_counts *counts)
{
    counts->name = calloc(counts->names + 1, sizeof(char *));
    for (size_t i = 0; counts->name != NULL && i < counts->names; i++) {
        const char *role = i < columns->calls ? "client" : "server";
        if (asprintf(&counts->name[i], "%s_calls:%s", role, columns->call[i % columns->calls]) < 0)
            return false;
    }
    return counts->name != NULL;
}

static bool is_inside(const struct call_columns *columns, const struct call_counts *counts, size_t total)
{
    const int32_t sequence = columns->of_sequence[total], call = columns->of_call[total];
    return sequence >= 0 && (size_t)sequence < columns->sequences && call >= 0 && (size_t)call < columns->calls &&
           columns->run[sequence] >= 0 && (size_t)columns->run[sequence] < counts->run_count;
}

static void add_up(const struct call_columns *columns, struct call_counts *counts)
{
    for (size_t i = 0; i < columns->totals; i++) {
        if (!is_inside(columns, counts, i))
            continue;
        const size_t sequence = (size_t)columns->of_sequence[i];
        const size_t server = columns->role[sequence] == TB_ROLE_SERVER ? columns->calls : 0;
        const size_t name = (size_t)columns->of_call[i] + server;
        counts->count[name * counts->run_count + (size_t)columns->run[sequence]] += (double)columns->count[i];
    }
}

enum tb_status call_counts_read(const struct side *side, struct call_counts *counts, struct tb_error *error)
{
    struct call_columns columns;
    const enum tb_status status = load(side, &columns, error);
    *counts = (struct call_counts){.names = 0};
    if (status != TB_OK)
        return status;
    *counts = (struct call_counts){.names = 2 * columns.calls, .run_count = side->runs};
    counts->count = calloc(counts->names * counts->run_count + 1, sizeof *counts->count);
    if (counts->count == NULL || !make_names(&columns, counts))
        return tb_error_memory(error, "counts of calls");
    add_up(&columns, counts);
    return TB_OK;
}

void call_counts_free(struct call_counts *counts)
{
    for (size_t i = 0; counts->name != NULL && i < counts->names; i++)
        free(counts->name[i]);
    free(counts->name);
    free(counts->count);
    *counts = (struct call_counts){.names = 0};
}

size_t call_counts_of_cell(const struct call_counts *counts, const struct side *side, size_t cell, size_t name,
                           double *values)
{
    const size_t count = side_run_count(side, cell);
    for (size_t i = 0; i < count; i++)
        values[i] = counts->count[name * counts->run_count + side->runs_by_cell[side->first_run[cell] + i]];
    return count;
}
