/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the comparison: which calls make the difference of calls per request of
 * each contrast. On rank 0, from the totals of all ranks. */
#include <math.h>
#include <stdlib.h>

#include "compare.h"

/* Call totals of all sequences: column for column, rows in the order of the file. */
struct totals {
    struct tb_buffer sequences, calls, counts; /* of this rank, or of all */
    size_t *first;                             /* owned; first row of each sequence, and the end */
    struct tb_buffer cells, references;        /* of all contrasts */
};

/* One call on both sides of a contrast. */
struct call_difference {
    size_t call;
    uint64_t count[2];
    double per_request[2];
    double difference;
};

static void totals_free(struct totals *totals)
{
    tb_buffer_free(&totals->sequences);
    tb_buffer_free(&totals->calls);
    tb_buffer_free(&totals->counts);
    tb_buffer_free(&totals->cells);
    tb_buffer_free(&totals->references);
    free(totals->first);
}

static const int32_t *int32_column(const struct tb_buffer *buffer)
{
    return (const int32_t *)(const void *)buffer->data;
}

static enum tb_status gather_column(const struct job *job, enum tb_field field, struct tb_buffer *all,
                                    struct tb_error *error)
{
    uint64_t *begins = calloc((size_t)job->team->size + 1, sizeof *begins);
    enum tb_status status =
        tb_team_agree(job->team, begins == NULL ? tb_error_memory(error, "call totals") : TB_OK, error);
    if (status == TB_OK)
        status = tb_team_gather(job->team, &job->columns.column[field], false, all, begins, error);
    free(begins);
    return status;
}

/* Rows of a sequence stand together, in the order of sequences. */
static enum tb_status index_rows(const struct job *job, struct totals *totals, struct tb_error *error)
{
    const size_t rows = totals->sequences.size / sizeof(int32_t);
    totals->first = calloc(job->decoding.sequence_count + 2, sizeof *totals->first);
    if (totals->first == NULL)
        return tb_error_memory(error, "call totals");
    for (size_t i = 0, row = 0; i <= job->decoding.sequence_count; i++) {
        while (row < rows && (size_t)int32_column(&totals->sequences)[row] < i)
            row++;
        totals->first[i] = row;
    }
    return TB_OK;
}

/* Adds the calls of one run to a side. False when the run has no value: no
 * known work, or a pair without a usable sequence. */
static bool add_run(const struct job *job, const struct totals *totals, size_t run, enum tb_role role, int side,
                    uint64_t *counts, struct call_difference *calls)
{
    double work = 0;
    for (size_t pair = 0; pair < job->campaign->runs[run].pair_count; pair++) {
        const struct sequence_entry *entry = tb_decoding_sequence(&job->decoding, run, pair, role);
        if (entry == NULL || !entry->usable)
            return false;
        work += job->weights[run * job->decoding.pairs + pair];
    }
    if (!(work > 0))
        return false;
    for (size_t call = 0; call < job->call_names; call++)
        counts[call] = 0;
    for (size_t pair = 0; pair < job->campaign->runs[run].pair_count; pair++) {
        const size_t sequence =
            (size_t)(tb_decoding_sequence(&job->decoding, run, pair, role) - job->decoding.sequences);
        for (size_t row = totals->first[sequence]; row < totals->first[sequence + 1]; row++)
            counts[int32_column(&totals->calls)[row]] +=
                (uint64_t)((const int64_t *)(const void *)totals->counts.data)[row];
    }
    for (size_t call = 0; call < job->call_names; call++) {
        calls[call].count[side] += counts[call];
        calls[call].per_request[side] += (double)counts[call] / work;
    }
    return true;
}

/* The means of one cell's runs; false without any. */
static bool add_cell(const struct job *job, const struct totals *totals, size_t cell, enum tb_role role, int side,
                     uint64_t *counts, struct call_difference *calls)
{
    const struct tb_cell *about = &job->campaign->cells[cell];
    size_t runs = 0;
    for (size_t i = 0; i < about->run_count; i++)
        runs += add_run(job, totals, about->first_run + i, role, side, counts, calls);
    for (size_t call = 0; call < job->call_names && runs > 0; call++)
        calls[call].per_request[side] /= (double)runs;
    return runs > 0;
}

/* Largest difference first; those that tie by name. */
static int compare_differences(const void *a, const void *b)
{
    const struct call_difference *left = a;
    const struct call_difference *right = b;
    const double one = fabs(left->difference), two = fabs(right->difference);
    if (one > two || two > one)
        return one > two ? -1 : 1;
    return (left->call > right->call) - (left->call < right->call);
}

static void add_rows(struct job *job, size_t contrast, enum tb_role role, const struct call_difference *calls)
{
    double sum = 0;
    for (size_t i = 0; i < job->call_names; i++)
        sum += fabs(calls[i].difference);
    for (size_t i = 0, rank = 0; i < job->call_names; i++) {
        if (calls[i].count[0] + calls[i].count[1] == 0)
            continue;
        PUT_I32(CALL_DIFFERENCE_CONTRAST, contrast);
        PUT_I32(CALL_DIFFERENCE_ROLE, role);
        PUT_I32(CALL_DIFFERENCE_RANK, ++rank);
        PUT_I32(CALL_DIFFERENCE_CALL, calls[i].call);
        PUT_I64(CALL_DIFFERENCE_COUNT, calls[i].count[0]);
        PUT_I64(CALL_DIFFERENCE_REFERENCE_COUNT, calls[i].count[1]);
        PUT_F64(CALL_DIFFERENCE_PER_REQUEST, calls[i].per_request[0]);
        PUT_F64(CALL_DIFFERENCE_REFERENCE_PER_REQUEST, calls[i].per_request[1]);
        PUT_F64(CALL_DIFFERENCE_DIFFERENCE, calls[i].difference);
        PUT_F64(CALL_DIFFERENCE_SHARE, sum > 0 ? fabs(calls[i].difference) / sum : NAN);
    }
}

static enum tb_status add_contrast(struct job *job, const struct totals *totals, size_t contrast, enum tb_role role,
                                   struct tb_error *error)
{
    const int32_t cells[2] = {int32_column(&totals->cells)[contrast], int32_column(&totals->references)[contrast]};
    uint64_t *counts = calloc(job->call_names + 1, sizeof *counts);
    struct call_difference *calls = calloc(job->call_names + 1, sizeof *calls);
    if (counts == NULL || calls == NULL) {
        free(counts);
        free(calls);
        return tb_error_memory(error, "differences of calls");
    }
    for (size_t call = 0; call < job->call_names; call++)
        calls[call].call = call;
    if (add_cell(job, totals, (size_t)cells[0], role, 0, counts, calls) &&
        add_cell(job, totals, (size_t)cells[1], role, 1, counts, calls)) {
        for (size_t call = 0; call < job->call_names; call++)
            calls[call].difference = calls[call].per_request[0] - calls[call].per_request[1];
        qsort(calls, job->call_names, sizeof *calls, compare_differences);
        add_rows(job, contrast, role, calls);
    }
    free(counts);
    free(calls);
    return TB_OK;
}

static enum tb_status add_contrasts(struct job *job, struct totals *totals, struct tb_error *error)
{
    const size_t contrasts = totals->cells.size / sizeof(int32_t);
    enum tb_status status = index_rows(job, totals, error);
    for (size_t contrast = 0; contrast < contrasts && status == TB_OK; contrast++) {
        if (tb_stop_requested())
            return tb_job_stopped(job, error);
        status = add_contrast(job, totals, contrast, TB_ROLE_CLIENT, error);
        if (status == TB_OK)
            status = add_contrast(job, totals, contrast, TB_ROLE_SERVER, error);
    }
    return status;
}

enum tb_status tb_job_call_differences(struct job *job, struct tb_error *error)
{
    struct totals totals = {0};
    enum tb_status status = gather_column(job, TB_FIELD_CALL_TOTAL_SEQUENCE, &totals.sequences, error);
    if (status == TB_OK)
        status = gather_column(job, TB_FIELD_CALL_TOTAL_CALL, &totals.calls, error);
    if (status == TB_OK)
        status = gather_column(job, TB_FIELD_CALL_TOTAL_COUNT, &totals.counts, error);
    if (status == TB_OK)
        status = gather_column(job, TB_FIELD_COMPARISON_CONTRAST_CELL, &totals.cells, error);
    if (status == TB_OK)
        status = gather_column(job, TB_FIELD_COMPARISON_CONTRAST_REFERENCE, &totals.references, error);
    if (status == TB_OK)
        status = tb_team_agree(job->team, job->team->rank == 0 ? add_contrasts(job, &totals, error) : TB_OK, error);
    totals_free(&totals);
    return status;
}
