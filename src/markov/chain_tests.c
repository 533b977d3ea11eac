/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether sequences could come from one chain (likelihood ratio and Pearson's statistic, state by
 * state), and which order describes one best (AIC, BIC).
 *
 * Tables and their sum are walked together, all sorted by key: each table keeps a place
 * (sample.at), and a state's edges are a row. */
#include <math.h>
#include <stdlib.h>

#include "compensated.h"
#include "twinbed/markov/chain_comparison.h"

/* Several tables beside the sum of all of them, read state by state. */
struct sample {
    const struct tb_transitions *const *tables;
    size_t count;
    size_t *at; /* owned; where each table is in its list */
    struct tb_transitions pooled;
};

/* One state of the pooled table: its edges are first .. end - 1. */
struct row {
    size_t first, end;
    uint64_t leaving;  /* in all tables */
    uint64_t visitors; /* tables that leave the state */
    double likelihood; /* G of this state */
    double pearson;
};

static size_t end_of_state(const struct tb_count *counts, size_t count, size_t first)
{
    const struct tb_key state = tb_key_source(counts[first].key);
    size_t end = first + 1;
    while (end < count && tb_key_compare(tb_key_source(counts[end].key), state) == 0)
        end++;
    return end;
}

/* Transitions of one table that leave the state of a row. */
static uint64_t leaving_in(const struct sample *sample, size_t table, const struct row *row)
{
    const struct tb_transitions *own = sample->tables[table];
    const struct tb_key state = tb_key_source(sample->pooled.counts[row->first].key);
    uint64_t leaving = 0;
    for (size_t i = sample->at[table]; i < own->count && tb_key_compare(tb_key_source(own->counts[i].key), state) == 0;
         i++)
        leaving += own->counts[i].count;
    return leaving;
}

/* Adds one table's part of a row and moves on to the table's next state. */
static void add_table(struct sample *sample, size_t table, struct row *row, struct compensated *likelihood,
                      struct compensated *pearson)
{
    const struct tb_transitions *own = sample->tables[table];
    const uint64_t leaving = leaving_in(sample, table, row);
    if (leaving == 0)
        return;
    row->visitors++;
    size_t *at = &sample->at[table];
    for (size_t edge = row->first; edge < row->end; edge++) {
        const struct tb_count *pooled = &sample->pooled.counts[edge];
        const bool here = *at < own->count && tb_key_compare(own->counts[*at].key, pooled->key) == 0;
        const double seen = here ? (double)own->counts[*at].count : 0;
        const double expected = (double)leaving * ((double)pooled->count / (double)row->leaving);
        if (here)
            compensated_add(likelihood, 2 * seen * log(seen / expected));
        compensated_add(pearson, (seen - expected) * (seen - expected) / expected);
        *at += here;
    }
}

static void read_row(struct sample *sample, struct row *row)
{
    struct compensated likelihood = {0};
    struct compensated pearson = {0};
    for (size_t edge = row->first; edge < row->end; edge++)
        row->leaving += sample->pooled.counts[edge].count;
    for (size_t table = 0; table < sample->count; table++)
        add_table(sample, table, row, &likelihood, &pearson);
    row->likelihood = compensated_value(&likelihood);
    row->pearson = compensated_value(&pearson);
}

/* Degrees of freedom are those of a table of visitors by successors, for each state. Cramer's V of
 * a state is weighted by how often the state is left. */
static void read_rows(struct sample *sample, struct tb_homogeneity *result)
{
    struct compensated likelihood = {0}, pearson = {0}, weighted = {0};
    uint64_t weights = 0;
    for (size_t first = 0; first < sample->pooled.count;) {
        struct row row = {.first = first, .end = end_of_state(sample->pooled.counts, sample->pooled.count, first)};
        read_row(sample, &row);
        const uint64_t successors = row.end - row.first;
        compensated_add(&likelihood, row.likelihood);
        compensated_add(&pearson, row.pearson);
        result->degrees += (row.visitors - 1) * (successors - 1);
        if (row.visitors > 1 && successors > 1) {
            const uint64_t smaller = row.visitors < successors ? row.visitors : successors;
            const double v = sqrt(row.pearson / ((double)row.leaving * (double)(smaller - 1)));
            compensated_add(&weighted, v * (double)row.leaving);
            weights += row.leaving;
        }
        first = row.end;
    }
    result->transitions = sample->pooled.total;
    result->likelihood_ratio = fmax(0, compensated_value(&likelihood));
    result->pearson = compensated_value(&pearson);
    result->effect =
        result->transitions == 0 ? NAN : sqrt(result->likelihood_ratio / (2 * (double)result->transitions * log(2.0)));
    result->cramers_v = weights == 0 ? NAN : compensated_value(&weighted) / (double)weights;
}

enum tb_status tb_homogeneity_compute(const struct tb_transitions *const *tables, size_t count,
                                      struct tb_homogeneity *homogeneity, struct tb_error *error)
{
    struct sample sample = {.tables = tables, .count = count, .at = calloc(count + 1, sizeof *sample.at)};
    enum tb_status status = sample.at == NULL ? tb_error_memory(error, "a test of chains") : TB_OK;
    tb_transitions_init(&sample.pooled, tables[0]->order);
    for (size_t i = 0; i < count && status == TB_OK; i++)
        status = tb_transitions_merge(&sample.pooled, tables[i], error);
    *homogeneity = (struct tb_homogeneity){0};
    if (status == TB_OK)
        read_rows(&sample, homogeneity);
    tb_transitions_free(&sample.pooled);
    free(sample.at);
    return status;
}

static int compare_counts(const void *a, const void *b)
{
    const struct tb_count *const first = a, *const second = b;
    return tb_key_compare(first->key, second->key);
}

/* The transitions of a lower order that a table's transitions end with, summed and sorted. */
static struct tb_count *sum_suffixes(const struct tb_transitions *table, unsigned order, size_t *count)
{
    struct tb_count *sums = malloc((table->count + 1) * sizeof *sums);
    *count = 0;
    if (sums == NULL)
        return NULL;
    for (size_t i = 0; i < table->count; i++)
        sums[i] =
            (struct tb_count){.key = tb_key_target(table->counts[i].key, order + 1), .count = table->counts[i].count};
    if (table->count > 1)
        qsort(sums, table->count, sizeof *sums, compare_counts);
    for (size_t i = 0; i < table->count; i++) {
        if (*count > 0 && tb_key_compare(sums[*count - 1].key, sums[i].key) == 0)
            sums[*count - 1].count += sums[i].count;
        else
            sums[(*count)++] = sums[i];
    }
    return sums;
}

enum tb_status tb_order_score_compute(const struct tb_transitions *table, unsigned order, struct tb_order_score *score,
                                      struct tb_error *error)
{
    size_t count;
    struct tb_count *sums = sum_suffixes(table, order, &count);
    if (sums == NULL)
        return tb_error_memory(error, "the order of a chain");
    const struct tb_transitions without_starts = {
        .order = table->order, .counts = table->counts, .count = table->count};
    const struct tb_transitions *const tables[] = {&without_starts};
    const size_t calls = tb_vocabulary_count(tables, 1);
    struct compensated likelihood = {0};
    *score = (struct tb_order_score){.order = order, .transitions = table->total};
    for (size_t first = 0, end; first < count; first = end) {
        uint64_t leaving = 0;
        end = end_of_state(sums, count, first);
        for (size_t i = first; i < end; i++)
            leaving += sums[i].count;
        for (size_t i = first; i < end; i++)
            compensated_add(&likelihood, (double)sums[i].count * log((double)sums[i].count / (double)leaving));
        score->contexts++;
    }
    free(sums);
    score->parameters = score->contexts * (calls > 0 ? calls - 1 : 0);
    score->log_likelihood = compensated_value(&likelihood);
    score->aic = -2 * score->log_likelihood + 2 * (double)score->parameters;
    score->bic = -2 * score->log_likelihood +
                 (score->transitions == 0 ? 0 : (double)score->parameters * log((double)score->transitions));
    return TB_OK;
}
